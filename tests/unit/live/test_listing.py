"""In which steps a live market trades: what is told is carried, or held back, and never made another price."""

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace

from tests.fakes import ManualClock
from tests.live_house import NOON, SYMBOL, FakeProvider, House
from tradesim.kernel.errors import NotEntitled, Refused, RetryLater
from tradesim.marketdata.forms import steps_fault
from tradesim.model.feed import Capability, FeedQuote, Listing
from tradesim.model.instrument import AssetClass
from tradesim.providers.alpaca.assets import FRESH_NS, Assets
from tradesim.providers.alpaca.limits import BASE_URL, PAPER_URL, TRADING_URL
from tradesim.providers.alpaca.rest import trading_url
from tradesim.providers.budget import Forgetful
from tradesim.providers.contract import YES
from tradesim.providers.decoding import decoded
from tradesim.providers.live.listing import instrument_of, with_steps
from tradesim.providers.live.opening import listing_of

D = Decimal
COIN, SHARE = AssetClass.CRYPTO, AssetClass.US_EQUITY


def listed(kind: AssetClass, tick: str | None = None, lot: str | None = None) -> Listing:
    return Listing("X", "X", kind, "alpha", "", D(tick) if tick else None, D(lot) if lot else None)


@pytest.mark.parametrize(
    ("kind", "tick", "told", "wanted"),
    [
        (SHARE, None, ["0.504", "0.506"], "0.0001"),
        (SHARE, None, ["1", "1.01"], "0.01"),
        (SHARE, None, ["271.865", None], "0.01"),
        (SHARE, None, [], "0.01"),
        (COIN, None, ["0.1234", "0.1236"], "0.00000001"),
        (COIN, None, ["0.0000070012"], "0.0000000001"),
        (COIN, "1", ["67890.12"], "0.01"),
        (COIN, "0.000000001", ["0.00001234"], "0.000000001"),
    ],
)
def test_the_step_carries_what_was_told(kind, tick, told, wanted) -> None:
    found = instrument_of(with_steps(listed(kind, tick), [price and D(price) for price in told]))
    assert found.tick_size == D(wanted)
    assert kind is SHARE or all(found.is_on_tick(D(price)) for price in told)


def test_noise_in_the_digits_makes_no_steps_that_cannot_be_counted() -> None:
    found = instrument_of(with_steps(listed(COIN), [D("67890.123456789012345678")]))
    assert found.ticks(D(67890)) < 2**53


def test_a_market_has_the_steps_of_all_that_serve_it() -> None:
    found = instrument_of(listed(COIN, "0.25", "0.001"), listed(COIN, "0.1"), listed(COIN, None, "0.0001"))
    assert (found.tick_size, found.lot_size) == (D("0.05"), D("0.0001"))


@pytest.mark.parametrize("step", ["0", "-0.01"])
def test_steps_that_are_not_above_zero_are_refused(step: str) -> None:
    with pytest.raises(Refused, match="above zero"):
        instrument_of(Listing("X", "X", COIN, "alpha", tick_size=D(step)))


def test_what_the_steps_would_make_another_price_is_held_back_with_a_sentence() -> None:
    house = House("alpha", "beta").open()
    alpha, tick = house["alpha"], house.source.instruments[SYMBOL].tick_size
    for event in (
        alpha.quote_of(tick * D("0.4"), tick * D("0.6")),
        alpha.trade(tick * D("50.4")),
        alpha.book_of([(tick * D("40.5"), 1)], [(tick * 42, 1)]),
    ):
        house.say(event)
        assert house.top() == ([], [])
        assert f"in steps of {tick}, found" in house.source.screen.quarantine[-1].why


def test_a_quote_between_two_steps_is_shown_further_apart_and_never_better() -> None:
    house = House("alpha").open()
    tick = house.source.instruments[SYMBOL].tick_size
    house.say(house["alpha"].quote_of(tick * D("10000.5"), tick * D("10001.5")))
    bids, asks = house.top()
    assert (bids[0][0], asks[0][0]) == (10_000, 10_002)


def test_a_stand_in_with_finer_steps_serves_in_those_of_the_market() -> None:
    house = House("alpha", "beta").open()
    alpha, beta, tick = house["alpha"], house["beta"], house.source.instruments[SYMBOL].tick_size
    house.say(alpha.book_of([(tick * 10_000, 1)], [(tick * 10_001, 1)]))
    house.say(beta.book_of([(tick * D("9999.7"), 1), (tick * D("9999.2"), 2)], [(tick * D("10000.3"), 1)]))
    house.say(alpha.lost())
    house.wait(2)
    lots = house.source.instruments[SYMBOL].lots
    assert house.top() == ([(9_999, lots(D(3)))], [(10_001, lots(D(1)))])
    assert house.source.title == "Beta live" and not house.source.screen.quarantine and not beta.asked_again


def test_a_bar_of_cents_is_not_made_of_less() -> None:
    bar = FakeProvider("alpha", ManualClock(NOON)).bar(NOON, "0.404")
    assert steps_fault(bar, D("0.01")) is not None and steps_fault(bar, D("0.0001")) is None


# --- Alpaca's assets

ASSET = (
    b'{"id":"a","class":"crypto","exchange":"CRYPTO","symbol":"SHIB/USD","name":"Shiba Inu / US Dollar",'
    b'"min_order_size":"1000","min_trade_increment":"0.1","price_increment":"0.000000001"}'
)


class Trading:
    """Alpaca's trading side: a body to answer with, or the error."""

    redact = staticmethod(str)

    def __init__(self, clock: ManualClock, says: Any) -> None:
        self.clock, self.says, self.asked = clock, says, list[str]()

    def get(self, path: str) -> Any:
        self.asked.append(path)
        if isinstance(self.says, Exception):
            raise self.says
        text = self.says.decode()
        return SimpleNamespace(json=lambda: decoded(text), text=text, received=self.clock.now())


def test_an_asset_is_asked_for_once_a_day_and_an_old_one_stands_in() -> None:
    clock, store = ManualClock(NOON), Forgetful()
    trading: Any = Trading(clock, ASSET)
    found = Assets(trading, clock, store).of("SHIB/USD", "alpaca_crypto")
    assert found == Listing(
        "SHIB/USD", "Shiba Inu / US Dollar", COIN, "alpaca_crypto", "CRYPTO", D("0.000000001"), D("0.1")
    )
    assert Assets(trading, clock, store).of("SHIB/USD", "alpaca_crypto") == found
    assert trading.asked == ["v2/assets/SHIB%2FUSD"]
    clock.advance(FRESH_NS)
    trading.says = RetryLater("it is down", 0.0)
    assert Assets(trading, clock, store).of("SHIB/USD", "alpaca_crypto") == found and len(trading.asked) == 2


@pytest.mark.parametrize("says", [RetryLater("down", 0.0), b"{}", b"<html>", ASSET.replace(b'"0.1"', b'"-1"')])
def test_what_alpaca_does_not_tell_is_done_without(says) -> None:
    clock = ManualClock(NOON)
    trading: Any = Trading(clock, says)
    assert Assets(trading, clock).of("SHIB/USD", "alpaca_crypto") is None


def test_its_prices_and_its_asset_make_the_listing_together() -> None:
    class Keyed(FakeProvider):
        def asset(self, symbol: str) -> Listing:
            return Listing(symbol, "Shiba", COIN, self.id, tick_size=D("0.01"), lot_size=D("0.1"))

    provider = Keyed("alpha", ManualClock(NOON))
    provider.answer_quote = replace(provider.quote_of("0.00001234", "0.00001235"), symbol="SHIB/USD")
    found = listing_of(provider, "SHIB/USD", COIN)
    assert (found.name, found.tick_size, found.lot_size) == ("Shiba", D("0.00000001"), D("0.1"))


def test_a_plan_without_quotes_is_no_refusal_of_what_else_is_in_it() -> None:
    class Frugal(FakeProvider):
        def quote(self, symbol: str) -> FeedQuote:
            self.able[Capability.QUOTE] = "not in the plan"
            raise NotEntitled("quotes are not in the plan")

    provider = Frugal("alpha", ManualClock(NOON))
    assert listing_of(provider, "AAPL", SHARE).symbol == "AAPL"
    poor = Frugal("alpha", ManualClock(NOON), {Capability.QUOTE: YES, Capability.SEARCH: YES})
    with pytest.raises(NotEntitled):
        listing_of(poor, "AAPL", SHARE)


def test_a_symbol_that_a_plan_leaves_out_is_refused() -> None:
    provider = FakeProvider("alpha", ManualClock(NOON))
    provider.answer_quote = NotEntitled("of this symbol nothing is in the plan")
    with pytest.raises(NotEntitled):
        listing_of(provider, "AAPL", SHARE)


@pytest.mark.parametrize(
    ("base", "key", "wanted"),
    [
        (BASE_URL, "PK1", PAPER_URL),
        (BASE_URL, "AK1", TRADING_URL),
        ("http://127.0.0.1:1", "AK1", "http://127.0.0.1:1"),
    ],
)
def test_the_trading_side_is_that_of_the_key(base: str, key: str, wanted: str) -> None:
    assert trading_url(base, key) == wanted
