"""LOBSTER files read, and refused by name and line."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.unit.replay.samples import HALT_DAY, Day, random_day
from tradesim.kernel.errors import Refused
from tradesim.providers.replay.lobster import Kind, is_lobster, partner, read_day


def test_a_pair_a_packed_pair_and_a_zip_say_the_same(tmp_path: Path):
    day = random_day(1)
    found = [read_day([day.write_zip(tmp_path)])]
    for packing in ("", ".gz", ".xz"):
        folder = tmp_path / f"as{packing}"
        folder.mkdir()
        messages, books = day.write_pair(folder, packing=packing)
        found += [read_day([messages, books]), read_day([books, messages])]
    for each in found:
        assert each.symbol == "ACME"
        assert str(each.day) == "2012-06-21"
        assert each.tick_size == Decimal("0.01")
        assert each.book is not None
        assert each.book.levels == 3
        assert each.messages.time.tolist() == found[0].messages.time.tolist()
        assert each.book.row(100) == found[0].book.row(100)


def test_columns_are_what_the_lines_say(tmp_path: Path):
    day = read_day([HALT_DAY.write_zip(tmp_path)])
    messages = day.messages
    assert messages.time[2] == 36_002_500_000_000
    assert messages.kind.tolist() == [1, 1, 4, 4, 5, 7, 7, 7, 2, 3]
    assert messages.price.tolist() == [10000, 9998, 10000, 10000, 9999, -1, 0, 1, 9998, 9998]
    assert day.book is not None
    assert day.book.row(0) == ([], [(10000, 100)])
    assert day.book.row(1) == ([(9998, 200)], [(10000, 100)])


def test_hidden_midpoints_lie_between_two_ticks_and_do_not_make_them_finer(tmp_path: Path):
    day = read_day([HALT_DAY.write_zip(tmp_path)])
    assert Kind(int(day.messages.kind[4])) is Kind.EXECUTE_HIDDEN
    assert day.messages.price[4] == 9999
    assert day.messages.is_between.tolist() == [row == 4 for row in range(10)]
    assert day.tick_size == Decimal("0.01")


def test_displayed_prices_finer_than_a_cent_make_finer_ticks(tmp_path: Path):
    day = Day(["36000.0,1,1,100,8155,-1"], ["8155,100,8150,10"], 1)
    found = read_day([day.write_zip(tmp_path)])
    assert found.tick_size == Decimal("0.0001")
    assert found.messages.price.tolist() == [8155]


@pytest.mark.parametrize(
    ("line", "text", "words"),
    [
        (7, "34201.0,1,5,100", "wanted 6 columns, found 4"),
        (7, "34201.0,1,5,100,1000000,1,0", "wanted 6 columns, found 7"),
        (7, "34201.0,1,five,100,1000000,1", "wanted a whole number as order id, found five"),
        (7, "noon,1,5,100,1000000,1", "wanted a number as time, found noon"),
        (7, "34201.0,9,5,100,1000000,1", "wanted a type of 1 to 7, found 9"),
        (7, "34201.0,1,5,0,1000000,1", "wanted a size of 1 to"),
        (7, "34201.0,1,5,100,0,1", "wanted a price x 10,000 above 0, found 0"),
        (7, "34201.0,1,5,100,1000000,0", "wanted a direction of 1 or -1, found 0"),
        (7, "34199.0,1,5,100,1000000,1", "time must not run backwards"),
        (7, "134199.0,1,5,100,1000000,1", "seconds after midnight"),
        (7, ",1,5,100,1000000,1", "wanted a number as time, found nothing"),
    ],
)
def test_a_bad_message_is_refused_by_its_line(tmp_path: Path, line: int, text: str, words: str):
    day = random_day(2)
    day.messages[line - 1] = text
    messages, books = day.write_pair(tmp_path)
    with pytest.raises(Refused) as refusal:
        read_day([messages, books])
    assert f"line {line} of {messages.name}" in str(refusal.value)
    assert words in str(refusal.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1,2,3,4", "wanted 12 columns, found 4"),
        ("1000100,10,999900,-5,1000200,10,999800,5,1000300,10,999700,5", "wanted bid sizes of 0 or more"),
        ("1000200,10,999900,5,1000100,10,999800,5,1000300,10,999700,5", "ask prices that get worse"),
        ("1000100,10,999700,5,1000200,10,999800,5,1000300,10,999600,5", "bid prices that get worse"),
        ("a,b,c,d,e,f,g,h,i,j,k,l", "wanted a whole number as ask price 1, found a"),
    ],
)
def test_a_bad_book_row_is_refused_by_its_line(tmp_path: Path, text: str, words: str):
    day = random_day(3)
    day.books[41] = text
    messages, books = day.write_pair(tmp_path)
    with pytest.raises(Refused) as refusal:
        read_day([messages, books])
    assert f"line 42 of {books.name}" in str(refusal.value)
    assert words in str(refusal.value)


def test_blank_lines_do_not_shift_the_line_that_is_named(tmp_path: Path):
    day = random_day(4)
    day.messages[10] = "\n\n34100.0,1,5,100,1000000,1"
    messages, books = day.write_pair(tmp_path)
    with pytest.raises(Refused, match=f"line 13 of {messages.name}"):
        read_day([messages, books])


def test_a_file_cut_short_between_lines_is_noticed_by_its_other_half(tmp_path: Path):
    day = random_day(5)
    day.books = day.books[:-7]
    with pytest.raises(Refused, match=r"300 messages and .* 293 rows"):
        read_day(list(day.write_pair(tmp_path)))


@pytest.mark.parametrize("packing", [".gz", ".xz"])
def test_a_packed_file_cut_short_is_refused_by_name(tmp_path: Path, packing: str):
    messages, books = random_day(6).write_pair(tmp_path, packing=packing)
    books.write_bytes(books.read_bytes()[:-20])
    with pytest.raises(Refused, match=f"{books.name} cannot be read to its end"):
        read_day([messages, books])


def test_a_zip_cut_short_is_refused_by_name(tmp_path: Path):
    path = random_day(7).write_zip(tmp_path)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(Refused, match=r"LOBSTER_ACME\.zip is not a whole zip"):
        read_day([path])


def test_a_zip_with_a_flipped_byte_is_refused_by_name(tmp_path: Path):
    path = random_day(7).write_zip(tmp_path)
    data = bytearray(path.read_bytes())
    data[200] ^= 0xFF
    path.write_bytes(bytes(data))
    with pytest.raises(Refused, match=r"in LOBSTER_ACME\.zip cannot be read"):
        read_day([path])


def test_files_that_are_not_there_empty_or_foreign_are_refused_in_words(tmp_path: Path):
    with pytest.raises(Refused, match="there is no file"):
        read_day([tmp_path / "none_message_1.csv"])
    empty = tmp_path / "empty_message_1.csv"
    empty.write_text("\n")
    with pytest.raises(Refused, match=r"empty_message_1\.csv is empty"):
        read_day([empty])
    picture = tmp_path / "picture_message_1.csv"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9)
    with pytest.raises(Refused, match=r"line 1 of picture_message_1\.csv: wanted 6 columns, found 1"):
        read_day([picture])


def test_books_given_for_messages_are_refused(tmp_path: Path):
    messages, books = random_day(8).write_pair(tmp_path)
    swapped = tmp_path / "odd_message.csv"
    swapped.write_bytes(books.read_bytes())
    with pytest.raises(Refused, match="wanted 6 columns, found 12"):
        read_day([swapped])
    with pytest.raises(Refused, match=r"wanted 20 columns \(5 levels\), found 12"):
        read_day([messages, books], levels=5)


def test_files_are_known_by_name(tmp_path: Path):
    messages, books = random_day(9).write_pair(tmp_path, packing=".gz")
    assert partner(messages) == books
    assert partner(books) == messages
    assert is_lobster(messages)
    assert not is_lobster(tmp_path / "GOOG_daily.csv")
    assert is_lobster(random_day(9).write_zip(tmp_path))
