"""Numbers are read strictly: nobody's 1,5 becomes 15."""

from decimal import Decimal

import pytest

from tradesim.kernel.decimals import decimal_of, typed_decimal


@pytest.mark.parametrize("text", ["5", " 5 ", "+5", "-5", "5.", ".5", "1.50", "1e3", "1E-9"])
def test_a_number_is_what_it_says(text):
    assert decimal_of(text) == typed_decimal(text) == Decimal(text)


@pytest.mark.parametrize("text", ["", ".", "e3", "1_000", "0x10", "nan", "Infinity", "１", "٣", "5 6", "--5"])
def test_what_is_no_number_is_none(text):
    assert decimal_of(text) is None and typed_decimal(text) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [("1,000", "1000"), ("12,345,678.9", "12345678.9"), ("-1,000", "-1000"), ("97,000.5", "97000.5")],
)
def test_thousands_may_be_separated_where_a_person_types(text, number):
    assert typed_decimal(text) == Decimal(number)
    assert decimal_of(text) is None


@pytest.mark.parametrize("text", ["1,5", "0,01", "0,001", "229,80", "1,0000", "1,000,5", "1000,000", ",5", "1.5,000"])
def test_a_comma_that_may_be_meant_as_a_point_is_no_number(text):
    assert typed_decimal(text) is None
