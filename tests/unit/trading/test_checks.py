from decimal import Decimal

import pytest
from msgspec.structs import replace

from tests.fakes import INSTRUMENTS, a_fill, an_account, an_order, dec
from tradesim.model.commands import ReplaceOrder, SubmitOrder
from tradesim.model.events import AccountOpened, OrderAccepted, OrderCanceled, OrderFilled
from tradesim.model.market import EMPTY_BOOK, BookTop, Level, Side
from tradesim.model.orders import ExitLeg, OrderClass, OrderType, TimeInForce
from tradesim.model.risk import RiskLimits
from tradesim.model.venue import HaltedBy
from tradesim.trading.checks import (
    cancel_refusal,
    context_for,
    refusal,
    replace_refusal,
    replacement,
)
from tradesim.trading.state import TradingState
from tradesim.trading.valuation import NO_TOUCH, touch_of

TOP = BookTop((Level(9990, 500),), (Level(10010, 100), Level(10020, 5000)))
BUY, SELL = Side.BUY, Side.SELL


def a_state(held=0, symbol="AAPL", price=100, **account):
    state = TradingState()
    state.apply(AccountOpened(an_account(**account), 0))
    if held:
        order = an_order("held", BUY if held > 0 else SELL, abs(held), price, symbol=symbol)
        state.apply(OrderAccepted(order, 1))
        state.apply(OrderFilled(a_fill(order, abs(held), price), 1))
    return state


def asked(side=BUY, symbol="AAPL", **fields):
    numbers = {name: dec(fields[name]) for name in ("qty", "notional", "limit_price") if name in fields}
    type_ = OrderType.LIMIT if "limit_price" in fields else OrderType.MARKET
    size = {} if "qty" in fields or "notional" in fields else {"qty": dec(10)}
    return SubmitOrder("paper", symbol, side, **{"type": type_, **size, **fields, **numbers})


def answer(order, state=None, top=TOP, limits=None, **known):
    state = state or a_state()
    instrument = INSTRUMENTS.get(order.symbol)
    last = known.pop("last", 10_000 if top is TOP else None)
    touch = touch_of(instrument, top, last) if instrument else NO_TOUCH
    context = context_for(
        order, state.portfolio("paper"), INSTRUMENTS, {order.symbol: touch}, top, limits or RiskLimits(), **known
    )
    no = refusal(order, context)
    return no and (no.code, no.message, no.field)


def test_a_sound_order_is_not_refused():
    assert answer(asked()) is None
    assert answer(asked(limit_price="99.95", post_only=True, client_order_id="mine")) is None
    assert answer(asked(notional=1_001)) is None


def test_the_band_is_measured_from_where_the_venue_measures_it():
    """Not from the last trade, which the venue follows every half minute: one sentence, not two."""
    assert answer(asked(limit_price=121), band_reference=Decimal(102)) is None
    told = answer(asked(limit_price=81), band_reference=Decimal(102))
    assert told and told[1] == "limit price must be within 20 % of 102.00 (81.60 to 122.40), was 81.00"


SENTENCES = {
    "symbol": (asked(symbol="ACME"), "unknown_symbol", "ACME is not traded here", "symbol"),
    "no size": (
        replace(asked(), qty=None),
        "size",
        "give either a quantity or a notional: neither was given",
        "qty",
    ),
    "two sizes": (asked(qty=1, notional=1), "size", "give either a quantity or a notional: both were given", "qty"),
    "lot": (asked(qty="0.5"), "qty", "quantity must be a multiple of 1, was 0.5", "qty"),
    "zero": (asked(qty=0), "qty", "quantity must be above 0 and at most 1,000,000,000,000, was 0", "qty"),
    "negative": (asked(qty=-5), "qty", "quantity must be above 0 and at most 1,000,000,000,000, was -5", "qty"),
    "not a number": (asked(qty="NaN"), "qty", "quantity must be above 0 and at most 1,000,000,000,000, was NaN", "qty"),
    "absurd": (
        asked(qty="1e999999"),
        "qty",
        "quantity must be above 0 and at most 1,000,000,000,000, was 1E+999999",
        "qty",
    ),
    "minute": (asked(qty="1e-999999"), "qty", "quantity must be a multiple of 1, was 1E-999999", "qty"),
    "notional": (
        asked(notional="Infinity"),
        "notional",
        "notional must be above 0 and at most 1,000,000,000,000, was Infinity",
        "notional",
    ),
    "small notional": (
        asked(notional=100),
        "notional",
        "notional must buy at least 1 AAPL (100.10), was 100.00",
        "notional",
    ),
    "no limit": (
        asked(type=OrderType.LIMIT),
        "limit_price",
        "a limit order needs a limit price, none was given",
        "limit_price",
    ),
    "limit at market": (
        asked(type=OrderType.MARKET, limit_price=99),
        "limit_price",
        "a market order has no limit price, was 99",
        "limit_price",
    ),
    "tick": (
        asked(limit_price="99.995"),
        "limit_price",
        "limit price must be a multiple of 0.01, was 99.995",
        "limit_price",
    ),
    "post-only market": (
        asked(post_only=True),
        "post_only",
        "a post-only order must be a limit order, was market",
        "post_only",
    ),
    "post-only ioc": (
        asked(limit_price=99, post_only=True, time_in_force=TimeInForce.IOC),
        "post_only",
        "a post-only order must be day or gtc, was ioc",
        "post_only",
    ),
    "band": (
        asked(limit_price=130),
        "price_band",
        "limit price must be within 20 % of 100.00 (80.00 to 120.00), was 130.00",
        "limit_price",
    ),
    "client id": (
        asked(client_order_id=""),
        "client_order_id",
        "client_order_id must have 1 to 128 characters, had 0",
        "client_order_id",
    ),
    "too many units": (
        asked(qty=20_000_000),
        "too_large",
        "an order may be for at most 10,000,000 AAPL, was 20,000,000",
        "qty",
    ),
    "too much money": (
        asked(qty=200_000, limit_price=100),
        "too_large",
        "an order may be worth at most 10,000,000.00, was 20,000,000.00",
        "qty",
    ),
    "buying power": (
        asked(qty=3_000, limit_price=99),
        "buying_power",
        "buying power 200,000.00 is less than 297,000.00",
        "qty",
    ),
    "buying power for notional": (
        asked(notional=250_000),
        "buying_power",
        "buying power 200,000.00 is less than 250,189.40",
        "notional",
    ),
    "short": (
        asked(SELL, symbol="MSFT"),
        "short",
        "MSFT cannot be sold short: 0 MSFT is free to sell, 10 was asked",
        "qty",
    ),
    "short crypto": (
        asked(SELL, symbol="BTC/USD"),
        "short",
        "BTC/USD cannot be sold short: 0 BTC/USD is free to sell, 10 was asked",
        "qty",
    ),
}


@pytest.mark.parametrize("case", SENTENCES.values(), ids=SENTENCES)
def test_each_refusal_says_what_was_wanted_and_what_was_found(case):
    order, *expected = case
    assert answer(order) == tuple(expected)


def test_a_market_order_needs_a_quote():
    sentence = "a market order needs a quote: AAPL has no asks now"
    assert answer(asked(), top=EMPTY_BOOK) == ("no_quote", sentence, "type")
    assert answer(asked(limit_price=99), top=EMPTY_BOOK) is None


def test_where_nothing_but_a_last_trade_is_shown_a_market_order_is_measured_by_it():
    assert answer(asked(qty=2_000), top=EMPTY_BOOK, last=10_000) is None
    sentence = "buying power 200,000.00 is less than 200,100.00"
    assert answer(asked(qty=2_001), top=EMPTY_BOOK, last=10_000) == ("buying_power", sentence, "qty")
    assert answer(asked(notional=250_000), top=EMPTY_BOOK, last=10_000)[0] == "buying_power"
    assert answer(asked(notional=150_000), top=EMPTY_BOOK, last=10_000) is None
    assert "must buy at least 1 AAPL (100.00)" in answer(asked(notional=99), top=EMPTY_BOOK, last=10_000)[1]


def test_where_one_side_is_shown_the_last_trade_does_not_stand_in_for_the_other():
    bids_alone = BookTop(TOP.bids, ())
    sentence = "a market order needs a quote: AAPL has no asks now"
    assert answer(asked(), top=bids_alone, last=10_000) == ("no_quote", sentence, "type")
    assert answer(asked(SELL), top=bids_alone, last=10_000) is None


def test_a_market_order_is_measured_by_what_the_book_would_take():
    assert answer(asked(qty=1_996)) is None
    assert answer(asked(qty=1_997))[1] == "buying power 200,000.00 is less than 200,089.40"


def test_a_halt_refuses_orders():
    halted = answer(asked(), halted_by=(HaltedBy.DESK, HaltedBy.MARKET))
    assert halted == ("halted", "trading in AAPL is halted by the desk and by its market", "symbol")


def test_an_account_may_have_so_many_open_orders():
    state = a_state()
    state.apply(OrderAccepted(an_order("a"), 1))
    found = answer(asked(), state, limits=RiskLimits(max_open_orders=1))
    assert found == ("too_many_orders", "at most 1 order may be open, 1 is", None)


def test_a_bracket_needs_room_for_its_exits_too():
    bracket = asked(
        order_class=OrderClass.BRACKET, take_profit=ExitLeg(limit_price=dec(110)), stop_loss=ExitLeg(stop_price=dec(90))
    )
    sentence = "at most 2 orders may be open, 0 are and this would be 3 more"
    assert answer(bracket, limits=RiskLimits(max_open_orders=2)) == ("too_many_orders", sentence, None)
    assert answer(bracket, limits=RiskLimits(max_open_orders=3)) is None


def test_what_closes_a_position_is_never_too_large():
    limits = RiskLimits(max_order_qty=dec(30), max_order_value=dec(2_000))
    assert answer(asked(SELL, qty=40), a_state(held=40), limits=limits) is None
    assert answer(asked(SELL, qty=71), a_state(held=40), limits=limits)[0] == "too_large"


def test_a_client_order_id_is_used_once():
    state = a_state()
    state.apply(OrderAccepted(an_order("a", client_order_id="mine"), 1))
    sentence = "client_order_id must be unique, mine was used before"
    assert answer(asked(client_order_id="mine"), state) == ("client_order_id", sentence, "client_order_id")


def test_closing_is_free_of_buying_power():
    state = a_state(held=1_990, price="100.10")
    assert answer(asked(SELL, qty=1_990, limit_price=100), state) is None
    assert answer(asked(BUY, qty=100), state)[0] == "buying_power"
    assert answer(asked(SELL, qty=1_990 + 100, limit_price=100), state)[0] == "buying_power"


def test_an_order_may_flip_only_where_the_other_side_may_be_opened():
    assert answer(asked(SELL, qty=30), a_state(held=10)) is None
    careful = a_state(held=10, shorting_enabled=False)
    assert answer(asked(SELL, qty=10), careful) is None
    sentence = "this account may not sell short: 10 AAPL is free to sell, 30 was asked"
    assert answer(asked(SELL, qty=30), careful) == ("short", sentence, "qty")


def test_what_open_orders_already_sell_is_not_free_to_sell():
    state = a_state(held=10, symbol="MSFT")
    state.apply(OrderAccepted(an_order("s", SELL, 8, 101, symbol="MSFT"), 2))
    assert answer(asked(SELL, symbol="MSFT", qty=2), state) is None
    assert "2 MSFT is free to sell, 3 was asked" in answer(asked(SELL, symbol="MSFT", qty=3), state)[1]


def test_crypto_is_bought_with_cash_alone():
    top = BookTop((Level(4_999_000, 10_000),), (Level(5_000_000, 100_000),))
    assert answer(asked(symbol="BTC/USD", qty=2), top=top) is None
    found = answer(asked(symbol="BTC/USD", qty="2.0001"), top=top)
    assert found == ("buying_power", "buying power 100,000.00 is less than 100,005.00", "qty")


def replaced(state, order_id, **change):
    command = ReplaceOrder("paper", order_id, **{name: dec(value) for name, value in change.items()})
    order = state.order(order_id)
    asked_ = replacement(command, order) if order else asked()
    touches = {"AAPL": touch_of(INSTRUMENTS["AAPL"], TOP, 10_000)}
    context = context_for(asked_, state.portfolio("paper"), INSTRUMENTS, touches, TOP, without=order_id)
    no = replace_refusal(command, order, context)
    return no and no.message


def test_a_replacement_may_use_what_the_order_itself_reserved():
    state = a_state()
    state.apply(OrderAccepted(an_order("a", qty=1_900, limit=100), 1))
    assert replaced(state, "a", qty=2_000) is None
    assert replaced(state, "a", qty=2_001) == "buying power 200,000.00 is less than 200,100.00"
    assert replaced(state, "a", limit_price="100.5") is None


def test_a_replacement_leaves_something_open():
    state = a_state()
    state.apply(OrderAccepted(an_order("a", qty=10), 1))
    state.apply(OrderFilled(a_fill(an_order("a"), 4, 100), 2))
    assert replaced(state, "a", qty=4) == "quantity must be above 4, which is filled already, was 4"
    assert replaced(state, "a", qty="4.5") == "quantity must be a multiple of 1, was 4.5"
    assert replaced(state, "a", qty=5) is None
    assert replaced(state, "a", qty=10) == "give a new quantity or a new limit price: both are as they were"
    assert replaced(state, "a", limit_price=150).startswith("limit price must be within 20 %")


def test_only_an_open_order_is_replaced_or_cancelled():
    state = a_state()
    state.apply(OrderAccepted(an_order("a"), 1))
    assert cancel_refusal("a", state.order("a")) is None
    state.apply(OrderCanceled("paper", "a", "client", "by hand", 2))
    assert replaced(state, "a", qty=5) == "order a is already canceled"
    assert cancel_refusal("a", state.order("a")).message == "order a is already canceled"
    assert cancel_refusal("x", state.order("x")).message == "there is no order x"


def test_a_long_tail_of_digits_is_no_lot():
    assert answer(asked(qty=Decimal("1." + "0" * 40 + "1")))[0] == "qty"
