"""What moved most, and what this market has none of: news. And what the letters mean."""

from collections.abc import Iterator

from flask import Blueprint, Flask, Response, request

from tradesim.api.alpaca.data import shapes
from tradesim.api.alpaca.data.asking import SORTS, Query, Refused, answered, shortened
from tradesim.api.alpaca.data.columns import NS_PER_MINUTE, UNKNOWN, columns, day_start, minutes
from tradesim.api.alpaca.data.doors import CATALOGUE, REFUSALS, Doors, guarded
from tradesim.api.alpaca.data.showing import LONGEST_BAR_NS, Showing
from tradesim.api.alpaca.data.times import DAY_FRAME, stamp
from tradesim.api.alpaca.listings import is_coin
from tradesim.api.operations import Parameter, query, required
from tradesim.desk.views import MarketView

MOST_ACTIVES, MOST_MOVERS, STANDARD_TOP = 100, 50, 10
MOST_NEWS, STANDARD_NEWS = 50, 10
EXCHANGES = {"N": "New York Stock Exchange", "P": "NYSE Arca", "Q": "NASDAQ", "V": "IEX"}
CONDITIONS = {
    "trade": {"@": "Regular Sale", "I": "Odd Lot Trade", "O": "Opening Prints", "6": "Closing Prints"},
    "quote": {"R": "Regular Market Maker Open"},
}
TAPES = ("A", "B", "C", "O")


def register(server: Flask, doors: Doors) -> None:
    api = Blueprint("lists", __name__)
    guarded(api, doors.keys)
    meta(api)
    screener(api, doors)
    nothing(api)
    server.register_blueprint(api)


def meta(api: Blueprint) -> None:
    ticks = Parameter("ticktype", {"type": "string", "enum": list(CONDITIONS)}, "", "path")
    tape = required("tape", "Which part of the consolidated tape.", enum=list(TAPES))

    @CATALOGUE.serves(
        api, "GET", "/v2/stocks/meta/exchanges", "What the letters of exchanges mean.", dict[str, str],
        tag="stocks", refusals=REFUSALS,
    )  # fmt: skip
    def on_exchanges() -> Response:
        return answered(EXCHANGES)

    @CATALOGUE.serves(
        api, "GET", "/v2/stocks/meta/conditions/{ticktype}", "What the letters of conditions mean.", dict[str, str],
        tag="stocks", parameters=(ticks, tape), refusals=REFUSALS,
    )  # fmt: skip
    def on_conditions(ticktype: str) -> Response:
        if ticktype not in CONDITIONS:
            raise Refused(f"invalid tick type: {shortened(ticktype)}")
        Query(request.args).one_of("tape", TAPES, "")
        return answered(CONDITIONS[ticktype])


def screener(api: Blueprint, doors: Doors) -> None:
    top = Parameter("top", {"type": "integer", "minimum": 1, "maximum": MOST_MOVERS, "default": STANDARD_TOP}, "")
    more = Parameter("top", {"type": "integer", "minimum": 1, "maximum": MOST_ACTIVES, "default": STANDARD_TOP}, "")
    by = query("by", "", enum=["volume", "trades"])
    market = Parameter("market_type", {"type": "string", "enum": ["stocks", "crypto"]}, "", "path")

    @CATALOGUE.serves(
        api, "GET", "/v1beta1/screener/stocks/most-actives", "Shares that trade most today.", shapes.MostActives,
        tag="market", parameters=(by, more), refusals=REFUSALS,
    )  # fmt: skip
    def on_most_actives() -> Response:
        asked, showing = Query(request.args), doors.showing
        by_trades = asked.one_of("by", ("volume", "trades"), "volume") == "trades"
        actives = [active(showing, view) for view in views(doors, "stocks")]
        actives.sort(key=lambda each: (-(each.trade_count if by_trades else each.volume), each.symbol))
        count = asked.whole("top", STANDARD_TOP, MOST_ACTIVES)
        return answered(shapes.MostActives(actives[:count], stamp(showing.now)))

    @CATALOGUE.serves(
        api, "GET", "/v1beta1/screener/{market_type}/movers", "What rose and fell most today.", shapes.Movers,
        tag="market", parameters=(market, top), refusals=REFUSALS,
    )  # fmt: skip
    def on_movers(market_type: str) -> Response:
        if market_type not in ("stocks", "crypto"):
            raise Refused(f"invalid market type: {shortened(market_type)}")
        count, showing = Query(request.args).whole("top", STANDARD_TOP, MOST_MOVERS), doors.showing
        found = [each for view in views(doors, market_type) for each in moved(showing, view)]
        up = sorted((each for each in found if each.change > 0), key=lambda each: -each.percent_change)
        down = sorted((each for each in found if each.change < 0), key=lambda each: each.percent_change)
        return answered(shapes.Movers(up[:count], down[:count], market_type, stamp(showing.now)))


def views(doors: Doors, market_type: str) -> Iterator[MarketView]:
    instruments = doors.desk.instruments
    for symbol, view in sorted(doors.desk.markets().items()):
        if symbol in instruments and is_coin(instruments[symbol]) == (market_type == "crypto"):
            yield view


def active(showing: Showing, view: MarketView) -> shapes.ActiveStock:
    """Trades are counted where they are known: since the desk listens, or in a past that was drawn."""
    listing, now = showing.listing(view.symbol), showing.now
    closed = minutes(showing.desk, view.symbol, day_start(now, showing.zone(view.symbol)), now, now).trades
    ticks = showing.desk.ticks(view.symbol)
    made = ticks.minutes() if ticks else None
    forming = int(made.trades[int(made.start.searchsorted(now - now % NS_PER_MINUTE)) :].sum()) if made else 0
    count = int(closed[closed > UNKNOWN].sum()) + forming
    return shapes.ActiveStock(view.symbol, listing.qty(view.volume) if listing else 0, count)


def moved(showing: Showing, view: MarketView) -> Iterator[shapes.Mover]:
    listing, before = showing.listing(view.symbol), view.prev_close or close_before(showing, view)
    if listing is None or not before or view.last is None:
        return
    percent = round(100 * (view.last - before) / before, 2)
    change = round(listing.price(view.last) - listing.price(before), 9)
    yield shapes.Mover(view.symbol, percent, change, listing.price(view.last))


def close_before(showing: Showing, view: MarketView) -> int | None:
    now = showing.now
    today = day_start(now, showing.zone(view.symbol))
    found = columns(showing.desk, view.symbol, DAY_FRAME, today - LONGEST_BAR_NS, today - 1, now)
    return int(found.bars.close[-1]) if len(found) else None


def nothing(api: Blueprint) -> None:
    """A list that is honestly empty."""
    symbols = query("symbols", "Comma-separated.")
    span = (query("start", "RFC 3339 or a date."), query("end", "RFC 3339 or a date."))
    sort = query("sort", "", enum=list(SORTS))
    news_limit = Parameter("limit", {"type": "integer", "minimum": 1, "maximum": MOST_NEWS}, "")

    @CATALOGUE.serves(
        api, "GET", "/v1beta1/news", "News: there is none in this market.", shapes.NewsPage,
        tag="market", parameters=(symbols, *span, sort, news_limit), refusals=REFUSALS,
    )  # fmt: skip
    def on_news() -> Response:
        read(MOST_NEWS, STANDARD_NEWS)
        return answered(shapes.NewsPage([], None))


def read(most: int, standard: int) -> None:
    """What is asked is read as strictly as where there is something to give."""
    asked = Query(request.args)
    asked.whole("limit", standard, most)
    asked.one_of("sort", SORTS, "desc")
    for name in ("start", "end"):
        asked.moment(name, 0, "UTC")
    if asked.text("symbols"):
        asked.symbols()
