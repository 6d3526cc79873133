"""IEX HIST: captures of our own making in every form, and IEX's own sample, message by message."""

import gzip
import struct
from decimal import Decimal
from pathlib import Path

import pytest

from tests.unit.providers.recorded import DATA, NOW, needs
from tradesim.kernel.errors import Refused
from tradesim.model.feed import FeedBook, FeedCorrection, FeedHalt, FeedQuote, FeedTrade, TradeFlag
from tradesim.model.market import Level, Side, Trade
from tradesim.providers.iex import hist
from tradesim.providers.iex.capture import Tally, payloads
from tradesim.providers.iex.hist import HistFile
from tradesim.providers.replay.recordings import HIST, recordings
from tradesim.providers.replay.source import ReplaySource

SAMPLE = DATA / "market" / "iex" / "TOPS16.pcapng.gz"
T0 = 1_499_700_000_000_000_000


def name(symbol: str) -> bytes:
    return symbol.encode().ljust(8)


def quote(at: int, bid_size: int, bid: int, ask: int, ask_size: int, symbol: str = "ZIEXT") -> bytes:
    return struct.pack("<cBq8sIqqI", b"Q", 0x40, T0 + at, name(symbol), bid_size, bid, ask, ask_size)


def trade(
    at: int, size: int, price: int, number: int, flags: int = 0, symbol: str = "ZIEXT", kind: bytes = b"T"
) -> bytes:
    return struct.pack("<cBq8sIqq", kind, flags, T0 + at, name(symbol), size, price, number)


def level(at: int, side: str, price: int, size: int, complete: bool = True, symbol: str = "ZIEXT") -> bytes:
    return struct.pack("<cBq8sIq", b"8" if side == "buy" else b"5", complete, T0 + at, name(symbol), size, price)


def status(at: int, code: bytes, symbol: str = "ZIEXT") -> bytes:
    return struct.pack("<ccq8s4s", b"H", code, T0 + at, name(symbol), b"T1  ")


def start_of_messages(at: int) -> bytes:
    return struct.pack("<ccq", b"S", b"O", T0 + at)


def segment(first: int, bodies: list[bytes], protocol: int = hist.TOPS_16, session: int = 7) -> bytes:
    body = b"".join(struct.pack("<H", len(each)) + each for each in bodies)
    head = struct.pack("<BBHIIHHqqq", 1, 0, protocol, 1, session, len(body), len(bodies), 0, first, T0)
    return head + body


def udp(payload: bytes) -> bytes:
    return struct.pack(">HHHH", 5000, 10378, 8 + len(payload), 0) + payload


def ipv4(payload: bytes, protocol: int = 17, fragment: int = 0) -> bytes:
    inner = udp(payload)
    return (
        struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(inner), 0, fragment, 64, protocol, 0, b"\x17" * 4, b"\xe9" * 4)
        + inner
    )


def ethernet(payload: bytes, vlan: bool = False) -> bytes:
    return b"\x01" * 12 + (b"\x81\x00\x00\x64" if vlan else b"") + b"\x08\x00" + ipv4(payload)


def pcap(packets: list[bytes], order: str = "<", magic: int = 0xA1B2C3D4, link: int = 1) -> bytes:
    head = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, link)
    return head + b"".join(struct.pack(order + "IIII", 1, 2, len(each), len(each)) + each for each in packets)


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    body += b"\0" * (-len(body) % 4)
    length = struct.pack(order + "I", 12 + len(body))
    return struct.pack(order + "I", kind) + length + body + length


def pcapng(packets: list[bytes], order: str = "<") -> bytes:
    section = block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)
    interface = block(1, struct.pack(order + "HHI", 1, 0, 65535), order)
    names = block(4, b"\0" * 8, order)
    enhanced = [
        block(6, struct.pack(order + "IIIII", 0, 0, 1, len(each), len(each)) + each, order) for each in packets[:-1]
    ]
    simple = block(3, struct.pack(order + "I", len(packets[-1])) + packets[-1], order)
    return section + interface + names + b"".join(enhanced) + simple


MESSAGES = [quote(0, 100, 99_900, 100_100, 200), trade(1, 100, 100_100, 11), quote(2, 100, 99_900, 100_200, 300)]
PACKETS = [ethernet(segment(1, MESSAGES[:2])), ethernet(segment(3, MESSAGES[2:]), vlan=True)]

FORMS = {
    "little.pcap": pcap(PACKETS),
    "big.pcap": pcap(PACKETS, ">"),
    "nanoseconds.pcap": pcap(PACKETS, magic=0xA1B23C4D),
    "little.pcapng": pcapng(PACKETS),
    "big.pcapng": pcapng(PACKETS, ">"),
    "packed.pcap.gz": gzip.compress(pcap(PACKETS)),
    "raw_ip.pcap": pcap([each[each.index(b"\x45\x00") :] for each in PACKETS], link=101),
    "a_pcap_named_otherwise.pcapng.gz": gzip.compress(pcap(PACKETS)),
}


def written(folder: Path, content: bytes, called: str = "x.pcap") -> Path:
    path = folder / called
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("called", FORMS)
def test_every_form_of_capture_gives_the_same_messages(tmp_path: Path, called: str):
    file = HistFile(written(tmp_path, FORMS[called], called))
    assert list(file.messages()) == [hist.decode(each) for each in MESSAGES]
    assert (file.counts.capture.packets, file.counts.capture.truncated, file.counts.messages) == (2, 0, 3)
    assert (file.counts.undecoded, file.counts.missed, file.counts.repeated) == (0, 0, 0)


@pytest.mark.parametrize("called", ["little.pcap", "little.pcapng", "packed.pcap.gz"])
def test_a_capture_cut_short_gives_what_is_whole(tmp_path: Path, called: str):
    file = HistFile(written(tmp_path, FORMS[called][:-9], called))
    assert len(list(file.messages())) >= 2
    assert file.counts.capture.truncated == 1


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a....", gzip.compress(b"no capture")], ids=["nothing", "a picture", "packed words"]
)
def test_what_is_no_capture_is_refused(tmp_path: Path, content: bytes):
    called = "x.pcap.gz" if content[:2] == b"\x1f\x8b" else "x.pcap"
    with pytest.raises(Refused, match=r"x\.pcap"):
        list(HistFile(written(tmp_path, content, called)).messages())


def test_a_capture_of_something_else_is_refused(tmp_path: Path):
    with pytest.raises(Refused, match="no TOPS or DEEP"):
        list(HistFile(written(tmp_path, pcap([ethernet(b"hello" * 20)]))).messages())


def test_fragments_and_other_protocols_carry_nothing(tmp_path: Path):
    body = segment(1, MESSAGES)
    frames = [b"\0" * 12 + b"\x08\x00" + ipv4(body, 6), b"\0" * 12 + b"\x08\x00" + ipv4(body, 17, 0x2000), b"short"]
    tally = Tally()
    assert list(payloads(written(tmp_path, pcap(frames)), tally)) == []
    assert (tally.packets, tally.without_udp) == (3, 3)


def test_segments_told_twice_are_heard_once_and_gaps_are_counted(tmp_path: Path):
    told = [segment(1, MESSAGES[:2]), segment(1, MESSAGES[:2]), segment(2, MESSAGES[1:]), segment(10, MESSAGES[:1])]
    file = HistFile(written(tmp_path, pcap([ethernet(each) for each in told])))
    assert len(list(file.messages())) == 4
    assert (file.counts.repeated, file.counts.missed) == (3, 6)


EVERY_KIND = [
    (start_of_messages(0), hist.SystemEvent),
    (struct.pack("<cBq8sIqB", b"D", 0x80, T0, name("A"), 100, 99_000, 1), hist.SecurityDirectory),
    (status(0, b"H"), hist.TradingStatus),
    (struct.pack("<ccq8s", b"I", b"A", T0, name("A")), hist.RetailInterest),
    (struct.pack("<ccq8s", b"O", b"N", T0, name("A")), hist.OperationalHalt),
    (struct.pack("<cBq8sc", b"P", 1, T0, name("A"), b"A"), hist.ShortSaleTest),
    (struct.pack("<ccq8s", b"E", b"O", T0, name("A")), hist.SecurityEvent),
    (quote(0, 1, 2, 3, 4), hist.QuoteUpdate),
    (level(0, "buy", 5, 6), hist.LevelUpdate),
    (level(0, "sell", 5, 6), hist.LevelUpdate),
    (trade(0, 1, 2, 3), hist.TradeReport),
    (trade(0, 1, 2, 3, kind=b"B"), hist.TradeBreak),
    (struct.pack("<ccq8sq", b"X", b"Q", T0, name("A"), 5), hist.OfficialPrice),
    (
        struct.pack("<ccq8sIqqIcBIqqqq", b"A", b"O", T0, name("A"), 1, 2, 3, 4, b"B", 0, 5, 6, 7, 8, 9),
        hist.AuctionInformation,
    ),
]
LENGTHS = [10, 31, 22, 18, 18, 19, 18, 42, 30, 30, 38, 38, 26, 80]


@pytest.mark.parametrize(("place", "body", "kind"), [(place, *each) for place, each in enumerate(EVERY_KIND)])
def test_every_kind_of_message_is_decoded_grown_or_not_and_never_cut(place: int, body: bytes, kind: type):
    assert len(body) == LENGTHS[place]
    assert type(hist.decode(body)) is kind
    assert hist.decode(body + b"more") == hist.decode(body)
    assert hist.decode(body[:-1]) is None
    assert hist.decode(b"") is hist.decode(b"?") is None


def test_messages_in_normal_form():
    made = [hist.event_of(hist.decode(each), NOW) for each, _ in EVERY_KIND]
    kinds = [type(each) for each in made if each is not None]
    assert kinds == [FeedHalt, FeedHalt, FeedQuote, FeedBook, FeedBook, FeedTrade, FeedCorrection]
    told = hist.event_of(hist.decode(quote(0, 0, 0, 123_450, 7)), NOW)
    assert (told.bid, told.bid_qty, told.ask, told.ask_qty) == (None, None, Decimal("12.345"), Decimal(7))
    odd = hist.event_of(hist.decode(trade(0, 3, 10_000, 1, 0x60)), NOW)
    assert odd.flags == {TradeFlag.NOT_LAST, TradeFlag.NOT_HIGH_LOW, TradeFlag.ODD_LOT, TradeFlag.EXTENDED}


def deep(folder: Path, bodies: list[bytes], called: str = "deep.pcap") -> ReplaySource:
    packet = ethernet(segment(1, bodies, hist.DEEP_10))
    return ReplaySource([written(folder, pcap([packet]), called)])


DEEP_DAY = [
    start_of_messages(0),
    level(1, "buy", 99_900, 300),
    level(2, "buy", 99_800, 500),
    level(3, "sell", 100_100, 200),
    level(4, "sell", 100_200, 400),
    trade(10, 200, 100_100, 1),
    level(10, "sell", 100_100, 0, complete=False),
    trade(10, 100, 100_200, 2),
    level(10, "sell", 100_200, 300),
    status(20, b"H"),
    status(30, b"T"),
    trade(40, 100, 100_200, 2, kind=b"B"),
]


def test_a_deep_capture_has_real_depth_and_who_took(tmp_path: Path):
    source = deep(tmp_path, DEEP_DAY)
    source.advance(T0 + 4)
    assert source.venue.top("ZIEXT", 5).bids == (Level(999, 300), Level(998, 500))
    source.advance(T0 + 10)
    assert source.venue.top("ZIEXT", 5).asks == (Level(1002, 300),)
    assert source.venue.last_price("ZIEXT") == 1002
    (feed,) = source._feeds.values()
    assert [AGGRESSOR[int(each)] for each in feed.tape.aggressor] == [Side.BUY, Side.BUY]
    source.advance(T0 + 20)
    assert source.venue.is_halted("ZIEXT")
    source.advance(T0 + 30)
    assert not source.venue.is_halted("ZIEXT")


AGGRESSOR = {1: Side.BUY, -1: Side.SELL, 0: None}


def test_a_seek_shows_what_playing_would_have_shown(tmp_path: Path):
    for moment in (1, 3, 4, 10, 20, 30, 40):
        played, sought = (deep(tmp_path, DEEP_DAY, f"{each}.pcap") for each in "ab")
        played.advance(T0 + moment)
        sought.seek(T0 + moment)
        assert played.venue.top("ZIEXT", 9) == sought.venue.top("ZIEXT", 9)
        assert played.venue.is_halted("ZIEXT") == sought.venue.is_halted("ZIEXT")


def test_a_broken_trade_is_in_no_history_after_it(tmp_path: Path):
    source = deep(tmp_path, DEEP_DAY)
    source.seek(T0 + 30)
    assert source.history("ZIEXT").days.volume.tolist() == [300]
    source.seek(T0 + 40)
    assert source.history("ZIEXT").days.volume.tolist() == [200]


def test_one_symbol_can_be_chosen_and_an_absent_one_is_refused(tmp_path: Path):
    packet = ethernet(segment(1, [*MESSAGES, quote(5, 1, 10_000, 20_000, 1, "AAA")]))
    path = written(tmp_path, pcap([packet]))
    assert list(ReplaySource([path]).instruments) == ["AAA", "ZIEXT"]
    assert list(ReplaySource([path], [("symbol", "aaa")]).instruments) == ["AAA"]
    with pytest.raises(Refused, match="NOPE"):
        ReplaySource([path], [("symbol", "NOPE")])


def test_captures_are_found_among_recordings(tmp_path: Path):
    written(tmp_path, gzip.compress(pcap(PACKETS)), "data_feeds_20170710_TOPS1.6.pcap.gz")
    (found,) = recordings(tmp_path)
    assert (found.kind, found.title) == (HIST, "data_feeds_20170710_TOPS1.6")


def test_every_message_of_the_exchanges_own_sample_is_decoded():
    file = HistFile(needs(SAMPLE))
    told = sum(1 for _ in file.messages())
    counts = file.counts
    assert (told, counts.messages, counts.undecoded) == (57_674, 57_674, 0)
    assert (counts.capture.packets, counts.capture.without_udp, counts.foreign_packets) == (13_022, 0, 0)
    assert (counts.missed, counts.repeated, counts.damaged_packets) == (0, 0, 0)
    assert dict(counts.kinds) == {
        "Q": 27_217,
        "H": 7_803,
        "P": 7_802,
        "O": 7_801,
        "T": 6_390,
        "A": 642,
        "D": 10,
        "S": 6,
        "B": 3,
    }


def test_the_exchanges_own_sample_is_played_and_sought():
    played, sought = ReplaySource([needs(SAMPLE)]), ReplaySource([SAMPLE])
    assert len(played.instruments) == 12
    middle = (played.start + played.end) // 2
    played.advance(middle)
    sought.seek(middle)
    for symbol in played.instruments:
        assert played.venue.top(symbol, 3) == sought.venue.top(symbol, 3)
    played.advance(played.end)
    played.venue.check()


def test_a_print_between_two_cents_is_at_neither(tmp_path: Path):
    bodies = [quote(1, 300, 1_000_000, 1_000_100, 200)] + [
        trade(10 + at, 100, price, at) for at, price in enumerate((1_000_050, 999_950, 1_000_150, 1_000_000))
    ]
    packet = ethernet(segment(1, bodies, hist.TOPS_16))
    source = ReplaySource([written(tmp_path, pcap([packet]))])
    (feed,) = source._feeds.values()
    assert [AGGRESSOR[int(each)] for each in feed.tape.aggressor] == [None, Side.SELL, Side.BUY, Side.SELL]
    source.advance(T0 + 20)
    told = [each for each in source.venue.drain().items if isinstance(each, Trade)]
    assert [(each.price, each.is_between) for each in told] == [
        (10_000, True),
        (9_999, True),
        (10_001, True),
        (10_000, False),
    ]
