"""`/v2/clock`, `/v3/clock`, `/v2/calendar`, `/v3/calendar/{market}`: the market's own time and hours."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from flask import Blueprint, Flask, Response, request

from tradesim.api.alpaca.data import shapes
from tradesim.api.alpaca.data.asking import Query, Refused, answered, shortened
from tradesim.api.alpaca.data.doors import CATALOGUE, REFUSALS, Doors, guarded
from tradesim.api.alpaca.data.hours import Day, Hours
from tradesim.api.alpaca.data.times import NEW_YORK, local
from tradesim.api.operations import Parameter, query
from tradesim.desk.desk import Desk
from tradesim.desk.zones import Holidays
from tradesim.model.market import SessionState

FIRST, LAST = date(2015, 1, 1), date(2039, 12, 31)
DEFAULT_AHEAD = timedelta(days=366)
MARKETS = {
    each.acronym: each
    for each in (
        shapes.Market("NYSE", "New York Stock Exchange", NEW_YORK, "XNYS", "NYSEUS33"),
        shapes.Market("NASDAQ", "Nasdaq", NEW_YORK, "XNAS", ""),
        shapes.Market("ARCA", "NYSE Arca", NEW_YORK, "ARCX", ""),
        shapes.Market("AMEX", "NYSE American", NEW_YORK, "XASE", ""),
        shapes.Market("BATS", "Cboe BZX", NEW_YORK, "BATS", ""),
        shapes.Market("IEX", "Investors Exchange", NEW_YORK, "IEXG", ""),
        shapes.Market("OTC", "OTC Markets", NEW_YORK, "OTCM", ""),
    )
}
DATES = (
    query("start", "The first date, included.", format="date"),
    query("end", "The last date, included.", format="date"),
)


def register(server: Flask, doors: Doors, holidays: Callable[[], Holidays]) -> None:
    api = Blueprint("calendars", __name__)
    guarded(api, doors.keys)
    clocks(api, doors.desk, holidays)
    calendars(api, doors.desk, holidays)
    server.register_blueprint(api)


def clocks(api: Blueprint, desk: Desk, holidays: Callable[[], Holidays]) -> None:
    @CATALOGUE.serves(
        api, "GET", "/v2/clock", "The market's time, and when it opens and closes.", shapes.Clock, **about()
    )
    def on_clock() -> Response:
        hours, now = hours_of(desk, holidays), local(desk.status().now)
        return answered(
            shapes.Clock(now.isoformat(), hours.is_open(now), text(hours.next_open(now)), text(hours.next_close(now)))
        )

    markets = query("markets", "Comma-separated; all, where it is not given.")

    @CATALOGUE.serves(api, "GET", "/v3/clock", "The clocks of several markets.", shapes.MarketClocks, **about(markets))
    def on_clocks() -> Response:
        hours, now = hours_of(desk, holidays), local(desk.status().now)
        wanted = [each.strip().upper() for each in Query(request.args).text("markets").split(",") if each.strip()]
        return answered(shapes.MarketClocks([clock(market_called(name), hours, now) for name in wanted or MARKETS]))


def calendars(api: Blueprint, desk: Desk, holidays: Callable[[], Holidays]) -> None:
    kind = query("date_type", "By which date days are chosen.", enum=["TRADING", "SETTLEMENT"])

    @CATALOGUE.serves(api, "GET", "/v2/calendar", "Days of trading.", list[shapes.CalendarDay], **about(*DATES, kind))
    def on_calendar() -> Response:
        hours, asked = hours_of(desk, holidays), Query(request.args)
        by_settlement = asked.text("date_type").upper() == "SETTLEMENT"
        first, last = dates(asked, local(desk.status().now).date())
        if not by_settlement:
            return answered([calendar_day(day, hours) for day in hours.days(first, last)])
        early = max(FIRST, first - timedelta(days=10)) if first > FIRST else first
        found = [calendar_day(day, hours) for day in hours.days(early, last)]
        return answered([each for each in found if first.isoformat() <= each.settlement_date <= last.isoformat()])

    market = Parameter("market", {"type": "string", "enum": list(MARKETS)}, "", "path")

    @CATALOGUE.serves(
        api, "GET", "/v3/calendar/{market}", "Days of trading of one market.", shapes.MarketCalendar,
        **about(market, *DATES),
    )  # fmt: skip
    def on_market_calendar(market: str) -> Response:
        hours, found = hours_of(desk, holidays), market_called(market.upper())
        first, last = dates(Query(request.args), local(desk.status().now).date())
        return answered(shapes.MarketCalendar(found, [market_day(day, hours) for day in hours.days(first, last)]))


def about(*parameters: Parameter) -> dict[str, Any]:
    return {"tag": "market", "parameters": parameters, "refusals": REFUSALS}


def hours_of(desk: Desk, holidays: Callable[[], Holidays]) -> Hours:
    """By what the shares of the open market do; a market of coins alone never closes."""
    sessions = {
        view.session for symbol, view in desk.markets().items() if desk.instruments[symbol].asset_class == "us_equity"
    }
    return Hours(sessions <= {SessionState.ALWAYS}, holidays)


def market_called(name: str) -> shapes.Market:
    if name not in MARKETS:
        raise Refused(f"invalid market: {shortened(name)}; it must be one of {', '.join(MARKETS)}")
    return MARKETS[name]


def dates(asked: Query, today: date) -> tuple[date, date]:
    """All that is known, up to a year from now, where nothing is said."""
    first, last = date_in(asked, "start", FIRST), date_in(asked, "end", min(LAST, today + DEFAULT_AHEAD))
    if first > last:
        raise Refused("end should not be before start")
    return max(first, FIRST), min(last, LAST)


def date_in(asked: Query, name: str, default: date) -> date:
    text = asked.text(name)[:10]
    try:
        return date.fromisoformat(text) if text else default
    except ValueError:
        raise Refused(f"invalid {name}: {shortened(text)}; it must be a date as 2026-01-05") from None


def clock(market: shapes.Market, hours: Hours, now: datetime) -> shapes.MarketClock:
    phase = hours.phase(now)
    return shapes.MarketClock(
        market,
        now.isoformat(),
        hours.day(now.date()) is not None,
        text(hours.next_open(now)),
        text(hours.next_close(now)),
        phase.name,
        text(phase.until),
    )


def calendar_day(day: Day, hours: Hours) -> shapes.CalendarDay:
    return shapes.CalendarDay(
        day.date.isoformat(),
        day.opens.strftime("%H:%M"),
        day.closes.strftime("%H:%M"),
        day.pre_opens.strftime("%H%M"),
        day.post_closes.strftime("%H%M"),
        hours.settlement(day.date).isoformat(),
    )


def market_day(day: Day, hours: Hours) -> shapes.MarketDay:
    has_edges = day.pre_opens < day.opens

    def at(clock_time: object) -> str:
        return text(datetime.combine(day.date, clock_time, day.open.tzinfo))  # type: ignore[arg-type]

    return shapes.MarketDay(
        date=day.date.isoformat(),
        core_start=text(day.open),
        core_end=text(day.close),
        pre_start=at(day.pre_opens) if has_edges else None,
        pre_end=text(day.open) if has_edges else None,
        post_start=text(day.close) if has_edges else None,
        post_end=at(day.post_closes) if has_edges else None,
        lunch_start=None,
        lunch_end=None,
        settlement_date=hours.settlement(day.date).isoformat(),
    )


def text(moment: datetime) -> str:
    return moment.isoformat()
