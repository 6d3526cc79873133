"""Bars in other people's files: recognised, counted, refused by name and line."""

import gzip
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import feather, parquet

from tests.unit.replay.samples import BARS
from tradesim.kernel.errors import Refused
from tradesim.model.instrument import AssetClass
from tradesim.providers.replay.bars_file import RecordedBars, read_bars

NS = 1_000_000_000


def write(folder: Path, text: str, name: str = "ACME_1m.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def first_row(recorded: RecordedBars) -> tuple[int, ...]:
    return tuple(int(column[0]) for column in recorded.bars.columns())


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * NS


def test_a_plain_file_is_read_whole(tmp_path: Path):
    recorded = read_bars(write(tmp_path, BARS))
    assert recorded.instrument.symbol == "ACME"
    assert recorded.instrument.asset_class is AssetClass.US_EQUITY
    assert (recorded.instrument.tick_size, recorded.instrument.lot_size) == (Decimal("0.01"), Decimal(1))
    assert recorded.length == 60 * NS
    assert first_row(recorded) == (at("2024-03-08T14:30:00"), 10000, 10150, 9975, 10100, 1003)
    assert len(recorded.bars) == 6


@pytest.mark.parametrize(
    "headings",
    [
        "ts,o,h,l,c,v",
        "Datetime,OPEN,HIGH,LOW,LAST,VOL",
        "timestamp,1. open,2. high,3. low,4. close,5. volume",
        ",Open,High,Low,Close,Qty",
    ],
)
def test_many_spellings_are_recognised(tmp_path: Path, headings: str):
    body = BARS.split("\n", 1)[1]
    assert first_row(read_bars(write(tmp_path, f"{headings}\n{body}")))[1:] == (10000, 10150, 9975, 10100, 1003)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("1709908200", "1709908260"),
        ("1709908200.0", "1709908260.0"),
        ("1709908200000", "1709908260000"),
        ("1709908200000000", "1709908260000000"),
        ("1709908200000000000", "1709908260000000000"),
        ("2024-03-08T14:30:00Z", "2024-03-08T14:31:00Z"),
        ("2024-03-08 09:30:00-05:00", "2024-03-08 09:31:00-05:00"),
        ("2024-03-08 09:30", "2024-03-08 09:31"),
        ("3/8/2024 9:30", "3/8/2024 9:31"),
        ("2024.03.08 09:30", "2024.03.08 09:31"),
        ("08.03.2024 14:30:00.000 GMT+0000", "08.03.2024 14:31:00.000 GMT+0000"),
        ("20240308 093000", "20240308 093100"),
    ],
)
def test_times_are_understood_in_their_usual_forms(tmp_path: Path, first: str, second: str):
    text = f"time,open,high,low,close\n{first},1,1,1,1\n{second},1,1,1,1\n"
    assert read_bars(write(tmp_path, text)).bars.start.tolist() == [
        at("2024-03-08T14:30:00"),
        at("2024-03-08T14:31:00"),
    ]


def test_day_and_month_are_told_apart_by_a_day_that_is_no_month(tmp_path: Path):
    text = "Date,Open,High,Low,Close\n08/03/2024,1,1,1,1\n13/03/2024,1,1,1,1\n"
    assert read_bars(write(tmp_path, text)).bars.start.tolist() == [
        at("2024-03-08T05:00:00"),
        at("2024-03-13T04:00:00"),
    ]


def test_a_day_and_a_time_in_two_columns_are_joined(tmp_path: Path):
    headings = "<DATE>\t<TIME>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\n"
    rows = "2024.03.08\t14:30\t1.1\t1.2\t1.0\t1.15\t77\n2024.03.08\t14:35\t1.15\t1.2\t1.1\t1.2\t5\n"
    recorded = read_bars(write(tmp_path, headings + rows, "EURUSD_M5.csv"))
    assert first_row(recorded) == (at("2024-03-08T14:30:00"), 110, 120, 100, 115, 77)
    assert (recorded.instrument.symbol, recorded.instrument.asset_class) == ("EUR/USD", AssetClass.FOREX)
    assert recorded.length == 300 * NS


def test_columns_zone_symbol_and_steps_can_be_mapped(tmp_path: Path):
    text = "when,first_px,top,bottom,end\n2024-03-08 14:30,10,12,9,11\n2024-03-08 14:31,11,12,9,11\n"
    mapping = {
        "time": "when", "open": "first_px", "high": "TOP", "low": "bottom", "close": "end", "zone": "UTC",
        "symbol": "xyz", "class": "crypto", "tick": "0.5", "lot": "0.001",
    }  # fmt: skip
    recorded = read_bars(write(tmp_path, text), mapping)
    assert first_row(recorded) == (at("2024-03-08T14:30:00"), 20, 24, 18, 22, 0)
    assert recorded.instrument.symbol == "XYZ"
    assert recorded.instrument.lot_size == Decimal("0.001")


def test_semicolons_and_decimal_commas_are_read(tmp_path: Path):
    text = "Time;Open;High;Low;Close\n2024-03-08 14:30;1,25;1,50;1,00;1,25\n2024-03-08 14:31;1,25;1,50;1,00;1,25\n"
    assert first_row(read_bars(write(tmp_path, text)))[1:5] == (125, 150, 100, 125)


@pytest.mark.parametrize(
    ("delimiter", "price", "volume"),
    [(";", "1.100,5", "1.003"), (";", "1,100.5", "1,003"), ("\t", "1100,50", "1003"), ("|", "1100.5", "1,003")],
)
def test_the_mark_before_decimals_is_told_by_the_numbers(tmp_path: Path, delimiter: str, price: str, volume: str):
    rows = [[f"0{day}.01.2024", *[price] * 4, volume] for day in range(1, 4)]
    text = "\n".join(delimiter.join(row) for row in [["Date", "Open", "High", "Low", "Close", "Volume"], *rows])
    recorded = read_bars(write(tmp_path, text))
    assert first_row(recorded)[1:] == (110050, 110050, 110050, 110050, 1003)
    assert recorded.instrument.lot_size == 1


def test_a_number_that_may_be_either_keeps_its_point(tmp_path: Path):
    text = "Date;Open;High;Low;Close\n" + "".join(f"2024-01-0{day};1.085;1.085;1.085;1.085\n" for day in range(1, 4))
    assert read_bars(write(tmp_path, text)).instrument.tick_size == Decimal("0.001")


def test_times_that_run_back_once_are_no_file_that_begins_with_the_newest(tmp_path: Path):
    lines = BARS.strip().split("\n")
    with pytest.raises(Refused, match=r"time must run forward: wanted a time after [^;]*$"):
        read_bars(write(tmp_path, "\n".join([*lines[:3], lines[2], *lines[3:]])))


def test_missing_volume_is_zero(tmp_path: Path):
    text = "time,o,h,l,c,v\n2024-03-08 14:30,1,1,1,1,\n2024-03-08 14:31,1,1,1,1,N/A\n2024-03-08 14:32,1,1,1,1,7\n"
    assert read_bars(write(tmp_path, text)).bars.volume.tolist() == [0, 0, 7]


def test_digits_tell_tick_and_lot(tmp_path: Path):
    text = "time,o,h,l,c,v\n2024-03-08,0.001413,0.0014161,0.0014,0.001415,12.5\n2024-03-09,0.1,0.2,0.1,0.2,3\n"
    recorded = read_bars(write(tmp_path, text, "XRP_ETH.csv"))
    assert recorded.instrument.tick_size == Decimal("0.0000001")
    assert recorded.instrument.lot_size == Decimal("0.1")
    assert recorded.bars.high.tolist() == [14161, 2_000_000]


def test_daily_bars_stamped_at_midnight_utc_begin_at_the_zones_midnight(tmp_path: Path):
    text = "time,o,h,l,c\n" + "".join(f"2024-03-{day:02}T00:00:00Z,1,1,1,1\n" for day in (8, 11, 12))
    assert read_bars(write(tmp_path, text)).bars.start.tolist()[:2] == [
        at("2024-03-08T05:00:00"),
        at("2024-03-11T04:00:00"),
    ]


def test_newest_first_is_refused_with_the_way_out_and_read_when_told(tmp_path: Path):
    lines = BARS.strip().split("\n")
    path = write(tmp_path, "\n".join([lines[0], *reversed(lines[1:])]))
    with pytest.raises(Refused, match=r"line 3 of ACME_1m.csv: time must run forward.*--map order=newest_first"):
        read_bars(path)
    assert first_row(read_bars(path, {"order": "newest_first"}))[1] == 10000


@pytest.mark.parametrize(
    ("prices", "words"),
    [
        ("101.00,much,98.50,98.75,0", "wanted a number as High, found much"),
        (",101.25,98.50,98.75,0", "wanted a number as Open, found nothing"),
        ("101.00,inf,98.50,98.75,0", "wanted a number as High, found inf"),
        ("101.00,101.25,98.50,98.75", "wanted 6 columns, found 5"),
        ("101.00,98.25,98.50,98.75,0", "wanted a high of 98.50"),
        ("103.00,101.25,98.50,98.75,0", "wanted the open between low and high"),
        ("101.00,101.25,98.50,98.75,-4", "wanted a volume of 0 or more"),
        ("101.00,101.25,98.50,98.75,lots", "wanted a number as Volume, found lots"),
        ("101.00,101.25,0,98.75,0", "wanted prices above zero"),
        ("101.00,1e17,98.50,98.75,0", "wanted less than 9,007,199,254,740,992 steps of 0.01 as High, found 1e+17"),
        ("101.00,101.25,98.50,98.75,1e18", "wanted less than 9,007,199,254,740,992 steps of 1 as Volume, found 1e+18"),
    ],
)
def test_prices_that_cannot_be_are_refused_by_name_and_line(tmp_path: Path, prices: str, words: str):
    with pytest.raises(Refused) as refusal:
        read_bars(write(tmp_path, BARS.replace("101.00,101.25,98.50,98.75,0", prices)))
    assert str(refusal.value).startswith(f"line 3 of ACME_1m.csv: {words}")


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        ("2024-03-08 09:29:00", "time must run forward"),
        ("2024-03-08 09:30:00", "time must run forward: wanted a time after 2024-03-08 14:30:00 UTC"),
        ("after lunch", "wanted a time as Date, found after lunch"),
        ("2300-01-01 09:31:00", "wanted a time as Date, found 2300-01-01 09:31:00; times go from 1678 to 2261"),
        ("0001-01-01 00:00:00", "wanted a time as Date, found 0001-01-01 00:00:00; times go from 1678 to 2261"),
    ],
)
def test_times_that_cannot_be_are_refused_by_name_and_line(tmp_path: Path, moment: str, words: str):
    with pytest.raises(Refused) as refusal:
        read_bars(write(tmp_path, BARS.replace("2024-03-08 09:31:00", moment)))
    assert str(refusal.value).startswith(f"line 3 of ACME_1m.csv: {words}")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            BARS.replace("High,Low", "Top,Foot"),
            "line 1 of ACME_1m.csv: wanted columns for high, low, found Date, Open, Top",
        ),
        ("", "ACME_1m.csv is empty"),
        ("Date,Open,High,Low,Close\n", "ACME_1m.csv has column names but no bars"),
        ("1,2,3,4,5\n2,3,4,5,6\n", "line 1 of ACME_1m.csv: wanted the names of the columns, found 1, 2, 3, 4, 5"),
        ("Date,Open,High,Low,Close\n2024-03-08,1,1,1,1\n", "ACME_1m.csv has 1 bar, wanted at least 2"),
    ],
    ids=["columns missing", "empty", "no bars", "no names", "one bar"],
)
def test_files_that_are_no_bars_are_refused_by_name(tmp_path: Path, text: str, words: str):
    with pytest.raises(Refused) as refusal:
        read_bars(write(tmp_path, text))
    assert str(refusal.value).startswith(words)


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ({"open": "Opening"}, "wanted the column Opening for open"),
        ({"zone": "Mars/Olympus"}, "--map zone wants a zone"),
        ({"class": "tulips"}, "--map class wants one of"),
        ({"tick": "-1"}, "--map tick wants a number above zero"),
        ({"tick": "7"}, "in steps of 7 (--map tick), found "),
        ({"lot": "999"}, "in steps of 999 (--map lot), found "),
        ({"timeframe": "2m"}, "--map timeframe wants one of"),
        ({"order": "random"}, "--map order wants oldest_first or newest_first"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(tmp_path: Path, mapping: dict[str, str], words: str):
    with pytest.raises(Refused) as refusal:
        read_bars(write(tmp_path, BARS), mapping)
    assert words in str(refusal.value)


def test_foreign_bytes_are_refused(tmp_path: Path):
    path = tmp_path / "ACME.csv"
    path.write_bytes(b"Date,Open\n\xff\xfe\x00\x01")
    with pytest.raises(Refused, match=r"line 2 of ACME\.csv is not text"):
        read_bars(path)
    path = tmp_path / "ACME.csv.gz"
    path.write_bytes(gzip.compress(BARS.encode())[:-9])
    with pytest.raises(Refused, match=r"ACME.csv.gz cannot be read to its end"):
        read_bars(path)
    path = tmp_path / "ACME.parquet"
    path.write_bytes(b"PAR1 or so")
    with pytest.raises(Refused, match=r"ACME\.parquet is not a whole parquet file"):
        read_bars(path)


@pytest.mark.parametrize("suffix", [".parquet", ".feather"])
@pytest.mark.parametrize("kind", ["zoned", "naive", "counts", "text"])
def test_parquet_and_feather_are_read_alike(tmp_path: Path, suffix: str, kind: str):
    ms = [1709908200000, 1709908260000]
    naive = [stamp - 5 * 3_600_000 for stamp in ms]
    column = {
        "zoned": pa.array(ms, pa.timestamp("ms", "UTC")),
        "naive": pa.array(naive, pa.timestamp("ms")),
        "counts": pa.array(ms, pa.int64()),
        "text": pa.array(["2024-03-08 09:30", "2024-03-08 09:31"]),
    }[kind]
    prices = pa.array([10.05, 10.1], pa.float32())
    table = pa.table(
        {"date": column, "open": prices, "high": prices, "low": prices, "close": prices, "volume": [1.0, None]}
    )
    path = tmp_path / f"ACME{suffix}"
    if suffix == ".parquet":
        parquet.write_table(table, path)
    else:
        feather.write_feather(table, str(path))
    recorded = read_bars(path)
    assert recorded.bars.start.tolist() == [at("2024-03-08T14:30:00"), at("2024-03-08T14:31:00")]
    assert recorded.bars.open.tolist() == [1005, 1010]
    assert recorded.bars.volume.tolist() == [1, 0]


def test_a_missing_price_in_parquet_is_refused_by_row(tmp_path: Path):
    table = pa.table({"t": [1709908200, 1709908260], **{name: [1.0, None] for name in "ohlc"}})
    parquet.write_table(table, tmp_path / "ACME.parquet")
    with pytest.raises(Refused, match=r"row 2 of ACME\.parquet: wanted a number as o"):
        read_bars(tmp_path / "ACME.parquet")


@pytest.mark.parametrize(
    ("times", "words"),
    [
        (pa.array([0, None, 120], pa.timestamp("s")), "row 2 of ACME.parquet: wanted a time as time, found nothing"),
        (
            pa.array([0, None, 120], pa.timestamp("s", "UTC")),
            "row 2 of ACME.parquet: wanted a time as time, found nothing",
        ),
        (pa.array([1, None, 3], pa.date32()), "row 2 of ACME.parquet: wanted a time as time, found nothing"),
        (pa.array([1704205800, None, 1704205920]), "row 2 of ACME.parquet: wanted a time as time, found nothing"),
        (
            pa.array([10**12] * 3, pa.timestamp("s")),
            "row 1 of ACME.parquet: wanted a time as time, found 1000000000000",
        ),
        (
            pa.array([2**63 + 5] * 3, pa.uint64()),
            "row 1 of ACME.parquet: wanted a time as time, found 9223372036854775813",
        ),
    ],
)
def test_a_missing_or_impossible_time_in_parquet_is_refused_by_row(tmp_path: Path, times: pa.Array, words: str):
    path = tmp_path / "ACME.parquet"
    parquet.write_table(
        pa.table({"time": times, **{name: [1.0] * 3 for name in ("open", "high", "low", "close")}}), path
    )
    with pytest.raises(Refused) as refusal:
        read_bars(path)
    assert str(refusal.value).startswith(words)
