"""Ids of the header."""

from enum import StrEnum


class Header(StrEnum):
    PANEL = "header"
    LINE = "header-line"
    SEARCH = "header-search"
    MATCHES = "header-matches"
    SOURCE = "header-source"
    TITLE = "header-title"
    AGE = "header-age"
    AGE_WORD = "header-age-word"
    CLOCK = "header-clock"
    CONNECTION = "header-connection"
    ACCOUNT = "header-account"
    ACCOUNT_NAME = "header-account-name"
    EQUITY = "header-equity"
    DAY_PL = "header-day-pl"
    BUYING_POWER = "header-buying-power"
    STOP = "header-stop"
    DISPLAY = "header-display"
    HELP = "header-help"
    BANNER = "header-banner"
    STANDING = "header-standing"
