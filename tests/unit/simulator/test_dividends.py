"""The simulated companies' dividends: a calendar from the seed, and shares that fall on the ex-day."""

import itertools
from datetime import UTC, date, datetime, timedelta

from tradesim.desk.ports import CorporateCalendar
from tradesim.providers.simulated.source import SimulatedSource
from tradesim.simulator.dividends import QUARTER_DAYS, Dividends
from tradesim.simulator.hours import moment, time
from tradesim.simulator.universe import UNIVERSE

YEAR = (date(2025, 12, 31), date(2026, 12, 31))


def test_the_same_seed_pays_the_same():
    assert Dividends(42, UNIVERSE).between(*YEAR) == Dividends(42, UNIVERSE).between(*YEAR)
    assert Dividends(42, UNIVERSE).between(*YEAR) != Dividends(43, UNIVERSE).between(*YEAR)


def test_a_few_companies_pay_once_a_quarter_on_a_weekday_and_coins_never():
    paid = Dividends(42, UNIVERSE).between(*YEAR)
    assert paid == sorted(paid, key=lambda each: each.day)
    assert 5 <= len({each.symbol for each in paid}) <= 12
    assert not any("/" in each.symbol for each in paid)
    for each in paid:
        profile = UNIVERSE[each.symbol]
        assert each.day.weekday() < 5
        assert 0 < each.amount <= profile.instrument.price(profile.price) / 200
    days = [each.day for each in paid if each.symbol == paid[0].symbol]
    assert {later - sooner for sooner, later in itertools.pairwise(days)} == {timedelta(days=QUARTER_DAYS)}


def test_the_calendar_has_no_gap_and_no_overlap():
    calendar = Dividends(7, UNIVERSE)
    whole, day, parts = calendar.between(*YEAR), YEAR[0], []
    while day < YEAR[1]:
        until = min(day + timedelta(days=10), YEAR[1])
        parts += calendar.between(day, until)
        day = until
    assert parts == whole
    assert calendar.between(whole[0].day, whole[0].day) == []


def test_the_share_falls_when_the_ex_day_begins():
    paid = Dividends(42, UNIVERSE).between(*YEAR)[0]
    midnight = moment(paid.day, time())
    source = SimulatedSource(42, midnight - 2 * 10**9, profiles={paid.symbol: UNIVERSE[paid.symbol]})
    assert isinstance(source, CorporateCalendar)
    floor = source._simulator.floors[paid.symbol]
    heard = []
    was_heard = floor.hear
    floor.hear = lambda move, is_public, now: (heard.append((move, is_public, now)), was_heard(move, is_public, now))
    source.advance(midnight)
    ticks = float(paid.amount / UNIVERSE[paid.symbol].instrument.tick_size)
    assert (-ticks, True, midnight) in heard
    today = datetime.fromtimestamp(midnight // 10**9, UTC).date()
    assert paid in source.corporate_actions(today - timedelta(days=2), today)
