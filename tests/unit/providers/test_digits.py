from decimal import Decimal

import pytest

from tradesim.kernel.errors import BadPayload
from tradesim.providers.digits import decimal_of, digits_of, moment_of, moment_of_seconds


def test_digits_stay_as_they_were_sent():
    assert [digits_of(value) for value in ("62807.0", "0.00000000", 62807, "1e-08")] == [
        "62807.0",
        "0.00000000",
        "62807",
        "0.00000001",
    ]


@pytest.mark.parametrize("value", [None, True, 1.5, [], "x", "NaN", "Infinity", ""])
def test_what_is_no_number_is_refused(value):
    with pytest.raises(BadPayload):
        decimal_of(value)


def test_moments_keep_their_nanoseconds():
    assert moment_of("2026-08-16T23:37:09.399268Z") % 10**9 == 399268000
    assert moment_of("1970-01-01T00:00:01Z") == 10**9
    assert moment_of("1970-01-01T00:00:01.123456789Z") == 1123456789
    assert moment_of_seconds("1762795433.9717445") == 1762795433971744500
    assert decimal_of("0.1") == Decimal("0.1")


@pytest.mark.parametrize("text", [None, "", "now", "2026-08-16", "2026-08-16T23:37:09", "2026-08-16T23:37:09.xZ", 5])
def test_what_is_no_moment_is_refused(text):
    with pytest.raises(BadPayload):
        moment_of(text)
