"""Every adapter against every fault: how each is brought about. What a person sees of it is in docs/faults.md."""

import json
from collections.abc import Callable, Sequence
from typing import Any

from tests.contract.stands import BID, Stand, Trade
from tests.fault_server import (
    BigFrame,
    Close,
    CutOff,
    Drip,
    DripFrame,
    Drop,
    Endless,
    HalfFrame,
    HalfJson,
    HardReset,
    Html,
    Mute,
    NoAnswer,
    NotANumber,
    Nulls,
    RefuseHandshake,
    Reply,
    Send,
    Status,
    Step,
    WrongTypes,
)

# --- faults of an answer by REST

ANSWER_FAULTS: dict[str, Callable[[Stand], Any]] = {
    "time-out": lambda _: NoAnswer(),
    "reset": lambda _: HardReset(),
    "half an answer": lambda stand: CutOff(stand.quote),
    "slow drip": lambda stand: Drip(json.dumps(stand.quote), 0.05),
    "10 MB answer": lambda _: Endless(10 * 2**20),
    "200 with a throttle text": lambda stand: Reply(stand.throttle),
    "HTML instead of JSON": lambda _: Html(),
    "truncated JSON": lambda stand: HalfJson(stand.quote),
    "NaN": lambda _: NotANumber(),
    "nulls": lambda stand: Nulls(stand.quote),
    "wrong types": lambda stand: WrongTypes(stand.quote),
    "status 429": lambda stand: Status(429, stand.throttle, Retry_After="30"),
    "status 503": lambda _: Status(503, "<html>Service Unavailable</html>"),
}

# --- faults of the line: the first connection has the fault, the second is well

LINE_FAULTS: dict[str, Callable[[Stand], Sequence[Step]]] = {
    "reset": lambda _: [Drop()],
    "half a frame": lambda _: [HalfFrame()],
    "10 MB frame": lambda _: [BigFrame(10 * 2**20), Mute()],
    "slow drip of a frame": lambda stand: [DripFrame("x" * 400, 0.05)],
    "mute socket": lambda _: [Mute()],
    "close 1008": lambda _: [Close(1008, "policy")],
    "close 1009": lambda _: [Close(1009)],
    "close 1011": lambda _: [Close(1011)],
    "close 1012": lambda _: [Close(1012)],
    "handshake refused (503)": lambda _: [RefuseHandshake(503)],
    "handshake refused by a web page (403)": lambda _: [RefuseHandshake(403, body=b"<html>Attention Required!</html>")],
    "too many attempts (429)": lambda _: [RefuseHandshake(429, {"Retry-After": "1"})],
}
LINE_FAULTS_WITHOUT_A_KEY: dict[str, Callable[[Stand], Sequence[Step]]] = {
    "handshake refused (403)": lambda _: [RefuseHandshake(403)],
    "handshake refused (451)": lambda _: [RefuseHandshake(451)],
}
"""With a key these are for its owner to mend, and nothing is tried until then."""
AFTER_WELCOME = {"reset", "half a frame", "mute socket", "close 1008", "close 1009", "close 1011", "close 1012"}
"""Faults of a line that was well before; the others come instead of the welcome."""


# --- faults of a message: good prints around it, all on one line

MESSAGE_FAULTS: dict[str, Callable[[Trade], list[str]]] = {
    "HTML in a frame": lambda trade: ["<html>502 Bad Gateway</html>"],
    "truncated JSON in a frame": lambda trade: [trade("55.0", 3)[:-12]],
    "NaN for a price": lambda trade: [trade("NaN", 3)],
    "null for a price": lambda trade: [trade("null", 3)],
    "a list for a price": lambda trade: [trade('[{"unexpected":true}]', 3)],
    "a price of zero": lambda trade: [trade("0", 3)],
    "a price below zero": lambda trade: [trade("-55.0", 3)],
    "a print twice": lambda trade: [trade("100.0", 2)],
    "two prints in the wrong order": lambda trade: [trade("101.0", 4, -0.1), trade("99.0", 3, -0.2)],
    "a print of an hour ago": lambda trade: [trade("55.0", 3, -3_600)],
    "a print of the far future": lambda trade: [trade("55.0", 3, 86_400)],
    "clock 30 s ahead": lambda trade: [trade("100.0", n, 30) for n in range(3, 63)],
    "clock 30 s behind": lambda trade: [trade("100.0", n, -30) for n in range(3, 63)],
}

# --- faults of the times of books and quotes: how far ahead the changes are, one of them or all

AT_TIMES: dict[str, Callable[[int], float]] = {
    "a change of 8 s ago": lambda number: -8 if number == LATER else 0,
    "a change of the far future": lambda number: 86_400 if number == LATER else 0,
    "clock of books and quotes 30 s ahead": lambda _: 30,
}
LATER = 20

# --- faults of a change of a book or a quote, by its number: good changes around it, all on one line

TOUCH_FAULTS: dict[str, Callable[[Trade, int], list[str]]] = {
    "truncated JSON of a bid": lambda touch, number: [touch(BID, number)[:-12]],
    "NaN for a bid": lambda touch, number: [touch("NaN", number)],
    "null for a bid": lambda touch, number: [touch("null", number)],
    "a list for a bid": lambda touch, number: [touch('[{"unexpected":true}]', number)],
    "a bid of zero": lambda touch, number: [touch("0", number)],
    "a bid below zero": lambda touch, number: [touch("-55.0", number)],
    "a bid twice": lambda touch, number: [touch(BID, number)] * 2,
    "two bids in the wrong order": lambda touch, number: [touch(BID, number + 1, -0.1), touch(BID, number, -0.2)],
}

# --- faults of a book: it is void until it is fetched again

BOOK_FAULTS: dict[str, dict[str, Step]] = {
    "kraken": {
        "checksum mismatch": Send(
            '{"channel":"book","type":"update","data":[{"symbol":"BTC/USD","bids":[{"price":99.0,"qty":2.0}],'
            '"asks":[],"checksum":1,"timestamp":"2026-08-16T23:37:09.399268Z"}]}'
        ),
    },
    "binance": {
        "gap in sequence": Send(
            {
                "stream": "btcusdt@depth@100ms",
                "data": {"e": "depthUpdate", "E": 1, "s": "BTCUSDT", "U": 15, "u": 16, "b": [["99", "2"]], "a": []},
            }
        ),
    },
    "coinbase": {
        "a crossed book": Send(
            {
                "type": "l2update",
                "product_id": "BTC-USD",
                "changes": [["buy", "101", "1"]],
                "time": "2026-08-16T23:37:09.399268Z",
            }
        ),
    },
}
