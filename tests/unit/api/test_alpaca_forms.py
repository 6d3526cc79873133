"""How Alpaca writes and reads: addresses, numbers, moments, pages of a query."""

from decimal import Decimal

import pytest

from tradesim.api.alpaca.errors import Denied
from tradesim.api.alpaca.forms import account_number, moment, number
from tradesim.api.alpaca.front import straightened
from tradesim.api.alpaca.quota import Quota
from tradesim.api.alpaca.reading import Query, amount, body_of, moment_of
from tradesim.api.alpaca.updates import ulid


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/v2/orders/", "/v2/orders"),
        ("//v2//orders", "/v2/orders"),
        ("/v2/v2/orders", "/v2/orders"),
        ("/v2/v2/v2/orders", "/v2/orders"),
        ("/v2/v1beta3/crypto/us/bars", "/v1beta3/crypto/us/bars"),
        ("/v2/stream/", "/stream"),
        ("/stream/", "/stream"),
        ("/v2/stocks/v2/bars", "/v2/stocks/v2/bars"),
        ("/sim/v1/orders/", "/sim/v1/orders/"),
        ("//", "//"),
        ("/", "/"),
        ("/vendor//x", "/vendor//x"),
        ("/streams/", "/streams/"),
    ],
)
def test_addresses_are_put_straight_and_others_left_alone(path, meant):
    assert straightened(path) == meant


@pytest.mark.parametrize(
    ("value", "text"),
    [("3.0", "3"), ("3.10", "3.1"), ("0", "0"), ("-0.00", "0"), ("1E+3", "1000"), ("0.1234567894", "0.123456789")],
)
def test_numbers_are_plain(value, text):
    assert number(Decimal(value)) == text


def test_moments_have_nine_digits():
    assert moment(1_767_625_200_000_000_001) == "2026-01-05T15:00:00.000000001Z"


@pytest.mark.parametrize(
    ("text", "ns"),
    [
        ("2026-01-05T15:00:00Z", 1_767_625_200_000_000_000),
        ("2026-01-05T15:00:00.000000001Z", 1_767_625_200_000_000_001),
        ("2026-01-05T10:00:00-05:00", 1_767_625_200_000_000_000),
        ("2026-01-05T10:00:00.5-05:00", 1_767_625_200_500_000_000),
        ("2026-01-05T17:00:00 02:00", 1_767_625_200_000_000_000),
        ("2026-01-05 15:00:00", 1_767_625_200_000_000_000),
        ("2026-01-05", 1_767_571_200_000_000_000),
        ("1767625200", 1_767_625_200_000_000_000),
    ],
)
def test_moments_are_read_however_they_are_written(text, ns):
    assert moment_of(text, "after") == ns


@pytest.mark.parametrize("text", ["yesterday", "2026-13-01", "2026-01-05T99:00:00Z", "²"])
def test_moments_that_are_none_are_refused(text):
    with pytest.raises(Denied, match="invalid after"):
        moment_of(text, "after")


@pytest.mark.parametrize("given", [3, "3", "3.0", Decimal(3), " 3 "])
def test_amounts_may_be_numbers_or_text(given):
    assert amount({"qty": given}, "qty") == 3


@pytest.mark.parametrize("given", ["x", "NaN", "inf", "1e999", True, [], {}, "1" * 100])
def test_amounts_that_are_none_are_refused(given):
    with pytest.raises(Denied, match="invalid qty"):
        amount({"qty": given}, "qty")


def test_nothing_is_nothing():
    assert amount({"qty": None}, "qty") is None and amount({"qty": ""}, "qty") is None and amount({}, "qty") is None
    assert body_of(b"") == {} and body_of(b'{"x": 0.1}') == {"x": Decimal("0.1")}


def test_flags_of_every_language():
    for text in ("True", "true", "1"):
        assert Query({"nested": text}).flag("nested")
    assert not Query({"nested": "False"}).flag("nested") and not Query({}).flag("nested")
    with pytest.raises(Denied):
        Query({"nested": "perhaps"}).flag("nested")


def test_a_quota_is_for_one_account_and_one_minute():
    now = [60.0]
    quota = Quota(2, lambda: now[0])
    assert [quota.spend("a").is_over for _ in range(3)] == [False, False, True]
    assert not quota.spend("b").is_over
    now[0] = 120.0
    assert quota.spend("a").headers["X-RateLimit-Remaining"] == "1"


def test_event_ids_sort_as_they_happened():
    ids = [ulid(1_767_625_200_000, count) for count in (1, 2, 31, 32, 1_000)] + [ulid(1_767_625_200_001, 3)]
    assert ids == sorted(ids) and all(len(each) == 26 for each in ids)


def test_account_numbers_are_stable():
    assert account_number("paper") == account_number("paper") != account_number("other")
    assert account_number("paper").startswith("PA") and len(account_number("paper")) == 12


@pytest.mark.parametrize(
    "given", ["1e30", "1000000000000.01", "-1e13", "9" * 40, "1." + "3" * 40, "1e999", "1e-99", 1e30]
)
def test_no_number_is_taken_that_nothing_could_be_divided_by(given):
    with pytest.raises(Denied, match="invalid qty"):
        amount({"qty": given}, "qty")


@pytest.mark.parametrize("given", ["1e12", "-5", "0.000000001", "0", "1e-20"])
def test_numbers_of_every_usable_size_are_taken(given):
    assert amount({"qty": given}, "qty") == Decimal(given)


def test_a_number_that_no_decimal_holds_is_a_wrong_body():
    with pytest.raises(Denied, match="request body format is invalid"):
        body_of(b'{"qty": 1e9999999999999999999}')


@pytest.mark.parametrize("text", ["0001-01-01", "0001-01-01T00:00:00Z", "1969-12-31"])
def test_what_was_before_1970_is_1970(text):
    assert moment_of(text, "start") == 0
