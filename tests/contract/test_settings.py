"""Every setting is in the README's table, with its default and its meaning; a wrong value is named."""

from dataclasses import fields
from pathlib import Path

import pytest

from tradesim.bootstrap import addresses_of, plans_of
from tradesim.kernel.errors import Refused
from tradesim.settings import Settings

ORIGINS = "addresses such as https://desk.example.com without a path, comma-separated"
README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("field", fields(Settings), ids=lambda field: field.metadata["variable"])
def test_a_setting_has_its_row_in_the_readme(field) -> None:
    default = "" if field.default in (None, ()) else str(field.default)
    row = f"| `{field.metadata['variable']}` | {default} | {field.metadata['meaning']} |"
    assert row in README, f"the README lacks: {row}"


def test_nothing_set_gives_the_defaults() -> None:
    assert Settings.from_env({}) == Settings()
    assert Settings.from_env({"PORT": " "}).port == 8050


@pytest.mark.parametrize(
    ("variable", "value", "wanted"),
    [
        ("PORT", "eighty", "a whole number from 0 to 65,535"),
        ("PORT", "70000", "a whole number from 0 to 65,535"),
        ("PORT", "--5", "a whole number from 0 to 65,535"),
        ("PORT", "²", "a whole number from 0 to 65,535"),
        ("TRADESIM_HOSTS", "https://desk.example", "names such as desk.example.com, comma-separated"),
        ("TRADESIM_HOSTS", "desk.example, two words", "names such as desk.example.com, comma-separated"),
        (
            "TRADESIM_ORIGINS",
            "desk.example",
            ORIGINS,
        ),
        (
            "TRADESIM_ORIGINS",
            "https://desk.example/page",
            ORIGINS,
        ),
        ("TRADESIM_HOURS", "sometimes", "one of always, exchange"),
        ("TRADESIM_CASH", "NaN", "a number from 1 to 1000000000"),
        ("TRADESIM_MARGIN", "9", "a number from 1 to 4"),
        ("TRADESIM_LOG", "LOUD", "one of DEBUG, INFO, WARNING, ERROR"),
        ("TRADESIM_URL", "desk.example", "an address such as https://desk.example.com:8050"),
        ("TRADESIM_URL", "https://desk.example/desk", "an address such as https://desk.example.com:8050"),
        ("TRADESIM_URL", "https://me@desk.example", "an address such as https://desk.example.com:8050"),
        ("TRADESIM_URL", "https://desk.example:99999", "an address such as https://desk.example.com:8050"),
    ],
)
def test_a_value_that_cannot_be_used_is_named(variable: str, value: str, wanted: str) -> None:
    with pytest.raises(Refused, match=f"{variable} must be {wanted}, was '{value}'"):
        Settings.from_env({variable: value})


def test_names_and_origins_are_kept_as_browsers_tell_them() -> None:
    named = {
        "TRADESIM_HOSTS": "desk.example, Desk.Lan:8050, 192.168.1.7, [::1]:8050, ::1, desk.",
        "TRADESIM_ORIGINS": "HTTPS://Desk.Example/, http://localhost:3000",
    }
    settings = Settings.from_env(named)
    assert settings.hosts == ("desk.example", "Desk.Lan:8050", "192.168.1.7", "[::1]:8050", "::1", "desk.")
    assert settings.origins == ("https://desk.example", "http://localhost:3000")


def test_an_address_of_a_provider_that_does_not_exist_is_refused() -> None:
    with pytest.raises(Refused, match=r"TRADESIM_PROVIDER_URLS must begin with one of kraken, .*, was 'krakken'"):
        addresses_of(Settings.from_env({"TRADESIM_PROVIDER_URLS": "krakken=http://127.0.0.1:9"}))


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("polygon", "must be PROVIDER=QUESTIONS/second"),
        ("polygon=0/minute", "must be PROVIDER=QUESTIONS/second"),
        ("polygon=10/week", "must be PROVIDER=QUESTIONS/second"),
        ("kraken=10/second", "must begin with one of alpaca, .*, was 'kraken'"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(told: str, said: str) -> None:
    with pytest.raises(Refused, match=f"TRADESIM_PROVIDER_PLANS.*{said}"):
        plans_of(Settings.from_env({"TRADESIM_PROVIDER_PLANS": told}))


def test_programs_find_the_desk_where_its_owner_says() -> None:
    settings = Settings.from_env({"TRADESIM_URL": "HTTPS://Desk.Example:8443/", "PORT": "9000"})
    assert (settings.url, settings.own_name) == ("https://desk.example:8443", "desk.example:8443")
    assert Settings().own_name == ""
