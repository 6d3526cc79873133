"""Requests against a server that misbehaves in every way: each fault is its error, in time, with no key."""

import logging
import threading
from collections.abc import Iterator
from decimal import Decimal

import pytest

from tests.budgets import spend_from_one
from tests.fault_server import (
    CutOff,
    Drip,
    Endless,
    FaultServer,
    HalfJson,
    HardReset,
    Html,
    NoAnswer,
    NotANumber,
    Reply,
    Status,
)
from tradesim.kernel.clock import ManualClock, WallClock
from tradesim.kernel.errors import (
    BadKey,
    BadPayload,
    NotEntitled,
    ProviderError,
    RateLimited,
    RetryLater,
    UnknownSymbol,
)
from tradesim.providers.budget import Budget, Forgetful, Quota
from tradesim.providers.http import HttpClient, Timeouts
from tradesim.providers.judging import Answer, retry_after_s

KEY = "SECRETKEY123456"
FAST = Timeouts(connect_s=0.5, read_s=0.4, total_s=0.8)
PATIENT = Timeouts(connect_s=60.0, read_s=60.0, total_s=60.0)
NEVER_WHOLE = ("no answer", "slow drip of the body", "slow drip of the head")
"""Faults that are found by the time that they take."""


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer() as running:
        yield running


def client_for(server: FaultServer, timeouts: Timeouts = PATIENT, **changes: object) -> HttpClient:
    return HttpClient("acme", server.http_url, WallClock(), secrets=[KEY], timeouts=timeouts, **changes)  # type: ignore[arg-type]


def test_numbers_keep_the_digits_of_the_wire(server: FaultServer) -> None:
    server.answers("/q", Reply('{"price": 0.10000000000000000001, "n": 7}'))
    assert client_for(server).get_json("/q") == {"price": Decimal("0.10000000000000000001"), "n": 7}


FAULTS = {
    "no answer": (NoAnswer(), RetryLater),
    "reset": (HardReset(), RetryLater),
    "cut off": (CutOff({"price": 1, "more": "x" * 1000}), RetryLater),
    "slow drip of the body": (Drip("{" + " " * 500 + "}", 0.02), RetryLater),
    "slow drip of the head": (Drip("{}" * 100, 0.03, headers=True), RetryLater),
    "half JSON": (HalfJson({"price": 1, "qty": 2}), BadPayload),
    "HTML in a 200": (Html(), RetryLater),
    "NaN": (NotANumber(), BadPayload),
    "nothing": (Reply(b""), BadPayload),
    "not UTF-8": (Reply(b"\xff\xfe\x00"), BadPayload),
    "nested beyond reason": (Reply("[" * 200_000), BadPayload),
    "11 MB": (Endless(11 * 2**20), BadPayload),
    "11 MB promised": (Status(200, b"{}", Content_Length=str(11 * 2**20)), BadPayload),
    "gzip bomb in disguise": (Status(200, b"not gzip", Content_Encoding="gzip"), RetryLater),
    "redirect to a stranger": (Status(302, b"", Location="http://127.0.0.2:1/"), RetryLater),
    "500": (Html(500), RetryLater),
    "503": (Status(503, "", Retry_After="9"), RetryLater),
    "401": (Status(401, {"error": KEY}), BadKey),
    "403": (Status(403, {"error": "plan"}), NotEntitled),
    "403 of a proxy": (Html(403), RetryLater),
    "404 of a proxy": (Html(404), RetryLater),
    "403 in plain text": (Status(403, "Access denied"), RetryLater),
    "404 in plain text": (Status(404, "404 page not found"), RetryLater),
    "401 without a word": (Status(401, ""), RetryLater),
    "407 of a proxy": (Status(407, "Proxy Authentication Required"), RetryLater),
    "400 in plain text": (Status(400, "what?"), BadPayload),
    "404": (Status(404, {"error": "?"}), UnknownSymbol),
    "429": (Status(429, "", Retry_After="7"), RateLimited),
    "418": (Status(418, ""), RateLimited),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_its_error_in_time_and_without_the_key(server: FaultServer, fault: str) -> None:
    answer, error = FAULTS[fault]
    server.answers("/q", answer)
    client = client_for(server, FAST if fault in NEVER_WHOLE else PATIENT, max_bytes=10 * 2**20)
    with pytest.raises(error) as raised:
        client.get_json("/q", {"apikey": KEY})
    assert type(raised.value) is error
    assert KEY not in str(raised.value) and str(raised.value).startswith("acme")
    assert client.traffic.requests == 1 and client.traffic.errors == 1
    assert KEY not in (client.traffic.error or "")


def test_the_client_works_again_after_every_fault(server: FaultServer) -> None:
    server.answers("/q", *(answer for answer, _ in FAULTS.values()), Reply({"ok": True}))
    client = client_for(server)
    for fault in FAULTS:
        client._timeouts = FAST if fault in NEVER_WHOLE else PATIENT
        with pytest.raises(ProviderError):
            client.get_json("/q")
    assert client.get_json("/q") == {"ok": True}


def test_nobody_at_home_and_no_such_name_are_retry_later() -> None:
    for url, words in (("http://127.0.0.1:9", "refused"), ("http://nowhere.invalid", "DNS")):
        with pytest.raises(RetryLater, match=words):
            HttpClient("acme", url, WallClock(), timeouts=FAST).get("/q", {"token": KEY})


def test_retry_after_is_read_as_seconds_and_as_a_date(server: FaultServer) -> None:
    server.answers("/q", Status(429, "", Retry_After="7"))
    with pytest.raises(RateLimited) as raised:
        client_for(server).get("/q")
    assert raised.value.after_s == 7
    assert retry_after_s("Thu, 01 Jan 1970 00:01:00 GMT", 10_000_000_000) == 50
    assert retry_after_s("soon", 0) == 30 and retry_after_s("-5", 0) == 0 and retry_after_s("nan", 0) == 30


def test_a_vendors_own_words_in_a_200_are_judged_and_close_the_budget(server: FaultServer) -> None:
    def judge(answer: Answer) -> None:
        if "per day" in answer.text:
            raise RateLimited(f"acme: {answer.text}", 3_600)

    clock = ManualClock(10**18)
    budget = Budget("acme", [Quota("day", 25, 86_400)], clock)
    server.answers("/q", Reply({"Information": f"key {KEY}: 25 requests per day"}))
    client = client_for(server, budget=budget, judge=judge)
    for _ in range(3):
        with pytest.raises(RateLimited) as raised:
            client.get("/q")
        assert KEY not in str(raised.value) or len(server.seen) == 1
    assert len(server.seen) == 1 and budget.left() == {"day": 0}


def test_an_address_on_another_host_gets_no_key(server: FaultServer) -> None:
    with pytest.raises(BadPayload, match="wanted an address on"):
        client_for(server).get("https://evil.example/next?cursor=1")
    assert not server.seen


def test_no_log_of_the_library_shows_the_key(server: FaultServer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.answers("/q", Reply({}))
    client_for(server, headers={"X-Finnhub-Token": KEY}).get("/q", {"apikey": KEY})
    assert any("GET /q" in line for line in caplog.messages)
    assert KEY not in caplog.text


def test_a_budget_outlives_a_restart() -> None:
    clock, store = ManualClock(10**18), Forgetful()
    quotas = [Quota("second", 1, 1.2), Quota("day", 23, 86_400)]
    first = Budget("av", quotas, clock, store)
    for _ in range(20):
        first.spend()
        clock.advance(2 * 10**9)
    again = Budget("av", quotas, clock, store)
    assert again.left() == {"second": 1, "day": 3}
    again.spend()
    with pytest.raises(RateLimited) as raised:
        again.spend()
    assert raised.value.after_s == pytest.approx(1.2, abs=0.01)


def test_two_processes_with_one_store_spend_from_one_budget() -> None:
    store = Forgetful()
    spend_from_one(lambda clock: Budget("av", [Quota("day", 23, 86_400)], clock, store))


def test_background_work_leaves_a_fifth_to_the_person() -> None:
    budget = Budget("acme", [Quota("minute", 10, 60)], ManualClock(10**18))
    for _ in range(8):
        budget.spend(background=True)
    with pytest.raises(RateLimited):
        budget.spend(background=True)
    budget.spend()
    budget.spend()
    with pytest.raises(RateLimited) as raised:
        budget.spend()
    assert raised.value.after_s == pytest.approx(60, abs=0.1)


def test_a_refused_background_request_costs_nothing() -> None:
    clock = ManualClock(10**18)
    budget = Budget("acme", [Quota("minute", 10, 60)], clock)
    for _ in range(10):
        budget.spend()
    for _ in range(50):
        with pytest.raises(RateLimited):
            budget.spend(background=True)
    clock.advance(61 * 10**9)
    for _ in range(8):
        budget.spend(background=True)


def test_a_request_waits_for_its_turn_when_that_comes_soon(server: FaultServer) -> None:
    clock, waited = ManualClock(10**18), list[float]()

    def wait(seconds: float) -> None:
        waited.append(seconds)
        clock.advance(int(seconds * 10**9) + 1)

    server.answers("/q", Reply({}))
    budget = Budget("acme", [Quota("second", 1, 1.0), Quota("minute", 3, 60.0)], clock)
    client = HttpClient("acme", server.http_url, clock, budget, wait=wait)
    for _ in range(3):
        client.get("/q")
    assert sum(waited) == pytest.approx(2.0, abs=0.05)
    with pytest.raises(RateLimited):
        client.get("/q")
    assert len(server.seen) == 3


def test_what_waits_for_its_turn_is_not_asked_any_more_once_it_is_closed(server: FaultServer) -> None:
    server.answers("/q", Reply({}))
    budget = Budget("acme", [Quota("hour", 1, 3_600.0)], ManualClock(10**18))
    client = HttpClient("acme", server.http_url, ManualClock(10**18), budget, patience_s=7_200.0)
    client.get("/q")
    said: list[Exception] = []

    def ask() -> None:
        try:
            client.get("/q")
        except RetryLater as error:
            said.append(error)

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    client.close()
    asking.join(60.0)
    assert "it was closed" in str(said) and len(server.seen) == 1


def test_a_store_full_of_nonsense_is_a_fresh_budget() -> None:
    store = Forgetful()
    store.values["budget/1/acme"] = {"all": [["x", 1], [1], 5, [10**30, 1]], "background": None, "closed_until": "soon"}
    assert Budget("acme", [Quota("minute", 10, 60)], ManualClock(10**18), store).left() == {"minute": 10}
