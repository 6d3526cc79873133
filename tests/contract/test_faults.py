"""The fault table: every adapter against every fault, with what a person sees, held to docs/faults.md word by word.

`python -m tests.contract.test_faults` writes the document anew from what the code says.
"""

import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.contract.fault_market import PATIENT, Market, Touching, alive
from tests.contract.faults import (
    AFTER_WELCOME,
    ANSWER_FAULTS,
    AT_TIMES,
    BOOK_FAULTS,
    LATER,
    LINE_FAULTS,
    LINE_FAULTS_WITHOUT_A_KEY,
    MESSAGE_FAULTS,
    TOUCH_FAULTS,
)
from tests.contract.stands import BACKOFF_S, BID, GOOD_PRICES, KEY, MOST_BYTES, SECRET, STANDS, Stand
from tests.fault_server import Do, FaultServer, Mute, Reply, Send
from tests.waiting import eventually
from tradesim.kernel.errors import ProviderError, RateLimited
from tradesim.marketdata import screening
from tradesim.model.feed import FeedQuote, LinkState
from tradesim.model.market import Timeframe
from tradesim.providers.hooks import NO_HOOKS
from tradesim.providers.http import Timeouts
from tradesim.ui.panels.providers.rows import sentence

DOCUMENT = Path(__file__).parents[2] / "docs" / "faults.md"
SHORT = {"time-out": Timeouts(60.0, 0.3, 60.0), "slow drip": Timeouts(60.0, 60.0, 0.6)}
"""For answers that are waited for until patience ends."""
AT_ONCE = 9
"""So many adapters meet a fault at the same time: they mostly wait."""
NO_SENTENCE = {
    "a print twice": "nothing: it is counted once",
    "two prints in the wrong order": "nothing: both are true, and count",
}
COUNTED_TWICE = "nothing: its prints have no numbers, so it is counted twice"
STREAMING = [name for name, stand in STANDS.items() if stand.welcome]
WITHOUT_A_KEY = ["kraken", "coinbase", "binance"]
TOUCHING = [name for name, stand in STANDS.items() if stand.touch]


# --- what a person sees


def plain(sentence: str) -> str:
    """Without what differs from run to run: ports, moments, waits."""
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1", sentence)
    text = re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z?", "TIME", text)
    text = re.sub(r'"20\d\d-\d\d[\d-]*', '"TIME', text)
    text = re.sub(r"\b\d[\d,]*(\.\d+)? s\b", "N s", text)
    text = re.sub(r"\b\d{6,}\b", "N", text)
    text = re.sub(r"^\d+ of", "N of", text)
    text = re.sub(r"0x[0-9a-f]+", "0x", text)
    return " ".join(text.split())[:200].strip().replace("|", "/")


def rows() -> dict[tuple[str, str, str], str]:
    """(part, fault, adapter) -> sentence, as docs/faults.md has it."""
    found: dict[tuple[str, str, str], str] = {}
    part = ""
    for line in DOCUMENT.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            part = line[3:]
        elif line.startswith("| ") and not line.startswith(("| fault", "| ---")):
            fault, adapter, sentence = (cell.strip() for cell in line.strip("|").split("|", 2))
            found[part, fault, adapter] = sentence
    return found


FOLLOWED_BY = {
    **dict.fromkeys(("coinbase", "alpaca_crypto"), "A message that could not be read."),
    "binance": "Changes of BTC/USDT were to go on after 19, went on at 21.",
}
"""What is left to be seen of a message when its book began anew before anybody looked."""


def is_documented(part: str, fault: str, adapter: str, sentence: str) -> None:
    wanted = (rows().get((part, fault, adapter)), FOLLOWED_BY.get(adapter))
    assert plain(sentence) in wanted, (
        f"docs/faults.md: run python -m tests.contract.test_faults; saw {plain(sentence)!r}"
    )


# --- answers by REST

ANSWERS, LINES, MESSAGES = "Answers", "Lines", "Messages of trades"
TOUCHES, BOOKS, TIMES = "Messages of books and quotes", "Books", "Times of books and quotes"
DNS = "DNS failure"


def asked(stand: Stand, provider: Any) -> FeedQuote | ProviderError:
    """Within a while, whatever comes."""
    outcome: list[Any] = []

    def ask() -> None:
        try:
            outcome.append(provider.quote(stand.symbol))
        except ProviderError as error:
            outcome.append(error)

    thread = threading.Thread(target=ask, daemon=True)
    thread.start()
    thread.join(60.0)
    assert outcome, "the question hangs"
    return outcome[0]  # type: ignore[no-any-return]


def prices_of(quote: FeedQuote) -> set[Any]:
    return {price for price in (quote.bid, quote.ask, quote.last) if price is not None}


def answer_at_fault(name: str, fault: str) -> str:
    stand = STANDS[name]
    with FaultServer() as server:
        server.answers("*", ANSWER_FAULTS[fault](stand))
        provider = stand.make(server, NO_HOOKS)
        provider.http._timeouts = SHORT.get(fault, PATIENT)
        provider.http._max_bytes = MOST_BYTES
        provider.http._patience_s = 1.5
        said = asked(stand, provider)
        assert isinstance(said, ProviderError), f"took {said} for an answer"
        requests = len(server.seen)
        server.answers("*", Reply(stand.quote))
        provider.http._timeouts = PATIENT
        again = asked(stand, provider)
        if isinstance(said, RateLimited):
            assert isinstance(again, RateLimited) and len(server.seen) == requests, "it asked on"
        else:
            assert isinstance(again, FeedQuote), f"it did not recover: {again}"
            assert prices_of(again) and prices_of(again) <= GOOD_PRICES
        provider.close()
    return sentence(str(said), name, provider.title)


@pytest.mark.parametrize("fault", ANSWER_FAULTS)
@pytest.mark.parametrize("name", STANDS)
def test_an_answer_at_fault_is_an_error_with_its_sentence_and_the_next_one_is_taken(name: str, fault: str):
    is_documented(ANSWERS, fault, name, seen(ANSWERS, fault, name))


class NoHost:
    """Where nobody is."""

    http_url, ws_url = "http://no-such-host.invalid", "ws://no-such-host.invalid"


def no_address(name: str) -> str:
    stand = STANDS[name]
    provider = stand.make(NoHost(), NO_HOOKS)  # type: ignore[arg-type]
    said = asked(stand, provider)
    assert isinstance(said, ProviderError)
    stream = provider.stream()
    if stream is not None:
        stream.want([stand.symbol])
        began = time.monotonic()
        stream.start(lambda events: None)
        eventually(lambda: stream.link().errors >= 3)
        link = stream.link()
        assert link.state in (LinkState.WAITING, LinkState.CONNECTING)
        assert link.errors <= (time.monotonic() - began) / BACKOFF_S + 1
    provider.close()
    return sentence(str(said), name, provider.title)


@pytest.mark.parametrize("name", STANDS)
def test_an_address_that_is_not_found_is_told(name: str):
    is_documented(ANSWERS, DNS, name, seen(ANSWERS, DNS, name))


# --- lines and messages of a live market


def line_at_fault(server: FaultServer, name: str, fault: str) -> str:
    stand = STANDS[name]
    assert stand.welcome is not None
    before = stand.welcome(server) if fault in AFTER_WELCOME else []
    steps = stand.crowded if fault == CROWDED else {**LINE_FAULTS, **LINE_FAULTS_WITHOUT_A_KEY}[fault](stand)
    server.plays(*before, *steps)
    server.plays(*stand.welcome(server), alive(stand))
    market = Market(stand, server, *LIMITS_S.get(fault, (60.0, 60.0)))
    try:
        if fault == CROWDED and name == "polygon":
            market.until(lambda: market.errors)
            assert market.provider.connection.link().retry_at - time.time_ns() > 20 * 10**9, "it waits for long"
        else:
            market.until(lambda: len(server.connected_at) >= 2 and market.is_live and market.prints)
        market.connected_no_faster_than_its_backoff()
    finally:
        market.source.close()
    assert market.errors, "a person sees nothing of it"
    return market.errors[0]


CROWDED = "connection limit after log-in"
LIMITS_S = {"mute socket": (1.0, 60.0), "slow drip of a frame": (1.0, 4.0)}
"""Faults that are found by the time that they take: after how much silence, and after how long without an answer."""


@pytest.mark.parametrize("fault", LINE_FAULTS)
@pytest.mark.parametrize("name", STREAMING)
def test_a_line_at_fault_is_told_and_replaced_in_its_time(name: str, fault: str):
    is_documented(LINES, fault, name, seen(LINES, fault, name))


@pytest.mark.parametrize("fault", LINE_FAULTS_WITHOUT_A_KEY)
@pytest.mark.parametrize("name", WITHOUT_A_KEY)
def test_a_refusal_without_a_key_may_pass(name: str, fault: str):
    is_documented(LINES, fault, name, seen(LINES, fault, name))


@pytest.mark.parametrize("name", [name for name, stand in STANDS.items() if stand.crowded])
def test_a_connection_limit_after_the_log_in_is_waited_for(name: str):
    is_documented(LINES, CROWDED, name, seen(LINES, CROWDED, name))


def message_at_fault(server: FaultServer, name: str, fault: str) -> str:
    stand = STANDS[name]
    assert stand.welcome is not None and stand.trade is not None
    if fault == HOLE:
        return hole_at_fault(server, stand)
    texts = MESSAGE_FAULTS[fault](stand.trade)
    if fault.startswith("clock"):
        return clock_at_fault(server, stand, texts)
    good = [stand.trade("100.0", number, 0.0) for number in (1, 2)]
    server.plays(*stand.welcome(server), *map(Send, [*good, *texts]), alive(stand, "99.0"))
    market = Market(stand, server)
    market.until(lambda: market.prints and market.prints[-1] == 99)
    market.look()
    market.source.close()
    assert len(server.connected_at) == 1, "one message must not cost the line"
    if fault == "a print twice":
        assert market.prints.count(100) == (2 if stand.numbered else 4)
        return NO_SENTENCE[fault] if stand.numbered else COUNTED_TWICE
    if fault in NO_SENTENCE:
        return NO_SENTENCE[fault]
    found = [*market.errors[:1], *market.faults[:1]]
    assert found, "a person sees nothing of it"
    return found[0]


HOLE, TOLD_LATE = "a print that is missing", "nothing: it is asked for by REST and told late"


def hole_at_fault(server: FaultServer, stand: Stand) -> str:
    """The third print never comes; it alone is at 101."""
    assert stand.welcome is not None and stand.trade is not None and stand.past is not None
    told = [stand.trade("100.0", number, 0.0) for number in (1, 2, 4)]
    server.plays(*stand.welcome(server), *map(Send, told), alive(stand, "99.0", first=4))
    market = Market(stand, server)
    path, answer = stand.past(3)
    server.answers(path, Reply(answer))
    market.until(lambda: 101 in market.prints)
    market.source.close()
    assert len(server.connected_at) == 1 and market.prints.count(101) == 1
    return TOLD_LATE


def clock_at_fault(server: FaultServer, stand: Stand, texts: list[str]) -> str:
    """Nothing is from the future in the market's own books, and its prints are taken.

    The welcome of those with a key ends with a word that is on time.
    """
    welcome = stand.welcome(server)[: None if stand.name in WITHOUT_A_KEY else -1]  # type: ignore[misc]
    server.plays(*welcome, *map(Send, texts), Mute())
    market = Market(stand, server)
    market.until(lambda: any("clock" in fault for fault in market.faults) and len(market.prints) >= 15)
    forming = market.source.bars.forming(stand.symbol, Timeframe.S1)
    assert forming is not None and forming.start <= market.clock.now()
    market.source.close()
    return next(fault for fault in market.faults if "clock" in fault)


@pytest.fixture(autouse=True, scope="module")
def late_at_once() -> Iterator[None]:
    """A clock that is behind is told without waiting five seconds."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(screening, "LATE_SPAN_NS", 0)
        yield


@pytest.mark.parametrize("fault", MESSAGE_FAULTS)
@pytest.mark.parametrize("name", STREAMING)
def test_a_message_at_fault_moves_no_price_and_the_line_goes_on(name: str, fault: str):
    is_documented(MESSAGES, fault, name, seen(MESSAGES, fault, name))


@pytest.mark.parametrize("name", [name for name, stand in STANDS.items() if stand.past])
def test_a_print_that_is_missing_is_asked_for_and_told_late(name: str):
    is_documented(MESSAGES, HOLE, name, seen(MESSAGES, HOLE, name))


def book_at_fault(server: FaultServer, name: str, fault: str) -> str:
    stand = STANDS[name]
    assert stand.welcome is not None
    server.plays(*stand.welcome(server), Send(stand.trade("100.0", 1, 0.0)), BOOK_FAULTS[name][fault], alive(stand))  # type: ignore[misc]
    market = Market(stand, server)
    market.until(lambda: market.errors and market.prints)
    market.look()
    fault_told = market.source.order_fault(stand.symbol, market.clock.now())
    market.source.close()
    assert fault_told, "orders would be taken on a book that is not known"
    return market.errors[0]


@pytest.mark.parametrize(("name", "fault"), [(name, fault) for name, found in BOOK_FAULTS.items() for fault in found])
def test_a_book_at_fault_is_void_and_takes_no_orders(name: str, fault: str):
    is_documented(BOOKS, fault, name, seen(BOOKS, fault, name))


# --- times of books and quotes


def times_at_fault(server: FaultServer, name: str, fault: str) -> str:
    """What is at fault is set aside and told, and then what is shown is whole and live again, on the same line."""
    stand = STANDS[name]
    assert stand.welcome is not None and stand.touch is not None
    ahead_s = AT_TIMES[fault]
    touching = Touching(stand, lambda number: [stand.touch(BID, number, ahead_s(number))], ahead_s)  # type: ignore[misc]
    server.plays(*stand.welcome(server), Do(touching.act))
    server.answers("/api/v3/depth", touching.depth)
    market = Market(stand, server)
    told = "clock" if fault.startswith("clock") else "set aside"
    market.until(lambda: any(told in each for each in market.faults))
    market.until(lambda: market.is_live and market.is_whole)
    market.source.close()
    assert len(server.connected_at) == 1, "one message must not cost the line"
    return next(each for each in market.faults if told in each)


@pytest.mark.parametrize("fault", AT_TIMES)
@pytest.mark.parametrize("name", TOUCHING)
def test_a_time_at_fault_is_set_aside_and_the_book_or_quote_is_back(name: str, fault: str):
    is_documented(TIMES, fault, name, seen(TIMES, fault, name))


# --- changes of books and quotes

HARMLESS = {
    "a bid twice": "nothing: it is the same twice",
    "two bids in the wrong order": "nothing: both are true, and soon another stands",
}
HARMLESS_IN_QUOTES = dict.fromkeys(("null for a bid", "a bid of zero"), "nothing: it says that there is no bid")


def touch_at_fault(server: FaultServer, name: str, fault: str) -> str:
    """It moves no price, and what is shown is whole and live soon after, on the same line."""
    stand = STANDS[name]
    assert stand.welcome is not None and stand.touch is not None
    touch = stand.touch
    harmless = {**HARMLESS, **(HARMLESS_IN_QUOTES if stand.whole is None else {})}
    touching = Touching(
        stand, lambda number: TOUCH_FAULTS[fault](touch, number) if number == LATER else [touch(BID, number, 0.0)]
    )
    server.plays(*stand.welcome(server), Do(touching.act))
    server.answers("/api/v3/depth", touching.depth)
    market = Market(stand, server)
    market.until(lambda: touching.number > LATER + 10 and (market.errors or market.faults or fault in harmless))
    market.until(lambda: market.is_live and market.is_whole)
    market.source.close()
    assert len(server.connected_at) == 1, "one message must not cost the line"
    return next(iter([*market.errors, *market.faults]), harmless.get(fault, ""))


@pytest.mark.parametrize("fault", TOUCH_FAULTS)
@pytest.mark.parametrize("name", TOUCHING)
def test_a_change_at_fault_moves_no_price_and_the_book_or_quote_is_back(name: str, fault: str):
    is_documented(TOUCHES, fault, name, seen(TOUCHES, fault, name))


# --- the document

INTRODUCTION = """# Faults

Every adapter against every fault, and what a person sees of it under *Market data* and in the header. Brought about by
a server on this machine (`tests/contract/faults.py`). `tests/contract/test_faults.py` holds each line to the code, and
proves that the market goes on, that no wrong price is shown, and that nobody is called again faster than the backoff
allows. Written by `python -m tests.contract.test_faults`. N and TIME stand for what differs from run to run.

An adapter that is not listed cannot meet the fault: Alpha Vantage has no socket, Finnhub's has trades alone, and a
handshake that is refused with 403 or 451, by no web page, is for a person to mend where there is a key. Books of Kraken
alone carry a checksum and those of Binance alone numbers; Coinbase and Alpaca crypto have neither, so their books begin
anew after a message that could not be read, and Coinbase's are held against crossing and its ticker. Kraken, Coinbase,
Binance and Finnhub have no log-in that could succeed before a limit; they close the line. Prints that are missing in
the numbers of Kraken, Coinbase and Binance are asked for by REST and told late. Numbers of Polygon, Alpaca and Finnhub
have holes by nature; what was missed there is fetched as minute bars when the line is back.
"""


def test_the_document_has_every_fault_and_nothing_else():
    wanted = {(part, fault, name) for (part, fault), names in table().items() for name in names}
    assert set(rows()) == wanted


def test_no_key_is_in_the_document():
    assert KEY not in DOCUMENT.read_text() and SECRET not in DOCUMENT.read_text()


def table() -> dict[tuple[str, str], list[str]]:
    """Part and fault, with the adapters that meet it, in the order of the document."""
    crowded = [name for name, stand in STANDS.items() if stand.crowded]
    books = dict.fromkeys(fault for found in BOOK_FAULTS.values() for fault in found)
    return {
        **{(ANSWERS, fault): list(STANDS) for fault in [*ANSWER_FAULTS, DNS]},
        **{(LINES, fault): STREAMING for fault in LINE_FAULTS},
        **{(LINES, fault): WITHOUT_A_KEY for fault in LINE_FAULTS_WITHOUT_A_KEY},
        (LINES, CROWDED): crowded,
        **{(MESSAGES, fault): STREAMING for fault in MESSAGE_FAULTS},
        (MESSAGES, HOLE): [name for name, stand in STANDS.items() if stand.past],
        **{(TOUCHES, fault): TOUCHING for fault in TOUCH_FAULTS},
        **{(BOOKS, fault): [name for name, found in BOOK_FAULTS.items() if fault in found] for fault in books},
        **{(TIMES, fault): TOUCHING for fault in AT_TIMES},
    }


def seen(part: str, fault: str, name: str) -> str:
    """What a person sees. All adapters meet a fault together, when the first of them is asked for."""
    return met(part, fault)[name].result()


@cache
def met(part: str, fault: str) -> dict[str, "Future[str]"]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return {name: pool.submit(meets, part, fault, name) for name in table()[part, fault]}


def meets(part: str, fault: str, name: str) -> str:
    if part == ANSWERS:
        return no_address(name) if fault == DNS else answer_at_fault(name, fault)
    with FaultServer() as server:
        return MET_BY[part](server, name, fault)


MET_BY = {
    LINES: line_at_fault,
    MESSAGES: message_at_fault,
    TOUCHES: touch_at_fault,
    BOOKS: book_at_fault,
    TIMES: times_at_fault,
}


def observed() -> Iterator[tuple[str, str, str, str]]:
    for (part, fault), names in table().items():
        for name in names:
            yield part, fault, name, seen(part, fault, name)


def write() -> None:
    screening.LATE_SPAN_NS = 0
    lines, part = [INTRODUCTION], ""
    for each, fault, name, said in observed():
        if each != part:
            part = each
            lines += ["", f"## {part}", "", "| fault | adapter | what a person sees |", "| --- | --- | --- |"]
        lines.append(f"| {fault} | {name} | {plain(said)} |")
    DOCUMENT.write_text("\n".join(lines).replace("\n\n\n", "\n\n") + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
