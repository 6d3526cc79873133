"""A provider's market on the desk: opening it, orders in it, and what becomes of those that wait elsewhere."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from tests.fakes import ManualClock
from tests.live_house import FakeProvider
from tests.stage import START, Stage, StillMarket, StillMarkets
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.kernel.errors import Refused
from tradesim.model.commands import CancelOrder, OpenLive, OpenSimulated, ReplaceOrder, SubmitOrder
from tradesim.model.feed import Capability
from tradesim.model.instrument import AssetClass, Instrument
from tradesim.model.market import Side, SourceKind
from tradesim.model.orders import OrderStatus, OrderType, Rejection, TimeInForce
from tradesim.providers.live.source import LiveRules, LiveSource

BITCOIN = Instrument("BTC/USD", "Bitcoin", AssetClass.CRYPTO, Decimal("0.1"), Decimal("0.00000001"), shortable=False)
LIVE = OpenLive("kraken", ("BTC/USD",))
REST = SubmitOrder(
    "paper", "AAPL", Side.BUY, OrderType.LIMIT, TimeInForce.GTC, Decimal(50), limit_price=Decimal("229.90")
)
BUY = SubmitOrder("live", "BTC/USD", Side.BUY, qty=Decimal("0.5"))


class LiveOpener(StillMarkets):
    """Opens one provider that says what a test tells it to."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.provider = FakeProvider("kraken", clock)
        self.bitcoin = BITCOIN

    def live(self, provider, symbols, backups=()):
        if provider != "kraken":
            raise Refused(f"{provider}: there is no network here")
        self.provider = FakeProvider("kraken", self.clock)
        rules = LiveRules(history_wait_s=0.5)
        return LiveSource({"kraken": self.provider}, {"BTC/USD": self.bitcoin}, self.clock, rules=rules)

    def bars(self, source):
        return source.bars if isinstance(source, LiveSource) else super().bars(source)


class LiveStage(Stage):
    def __init__(self) -> None:
        clock = ManualClock(START)
        self.opener = LiveOpener(clock)
        super().__init__(clock=clock, markets=self.opener)

    def open(self) -> None:
        assert self.ask(LIVE) is None
        self.says([(96_999, 1), (96_998, 2)], [(97_000, "0.3"), (97_001, 5)])

    def says(self, bids, asks) -> None:
        provider = self.opener.provider
        provider.hear([provider.book_of(bids, asks)])
        self.pass_ms(10)


@pytest.fixture
def stage() -> LiveStage:
    return LiveStage()


def test_a_live_market_trades_in_an_account_of_its_own_at_displayed_depth(stage) -> None:
    stage.open()
    status = stage.desk.status()
    assert (status.source, status.account_id, status.faults) == (SourceKind.LIVE, "live", ())
    stage.ask(BUY)
    stage.pass_ms(10)
    fills = stage.desk.account().fills
    assert [(fill.price, fill.qty) for fill in fills] == [
        (Decimal("97001.0"), Decimal("0.2")),
        (Decimal("97000.0"), Decimal("0.3")),
    ]


def test_its_time_is_the_clock_s_own_however_long_it_took_to_open(stage) -> None:
    stage.open()
    assert stage.desk.status().now == stage.clock.now()


def test_a_provider_that_refuses_leaves_the_desk_where_it_was(stage) -> None:
    answer = stage.ask(OpenLive("coinbase", ("BTC/USD",)))
    assert answer == Rejection("refused", "coinbase: there is no network here")
    assert stage.desk.status().source is SourceKind.SIMULATED


def test_orders_are_refused_when_the_quote_is_old(stage) -> None:
    stage.open()
    stage.clock.advance(60 * NS_PER_SECOND)
    while stage.desk.is_behind:
        stage.desk.turn()
    answer = stage.ask(BUY)
    assert answer.code == "untrusted_quote"
    assert answer.message.startswith("the quote of BTC/USD is 60 s old")
    assert stage.desk.estimate(BUY).refusal == answer.message
    status = stage.desk.status()
    assert status.source is SourceKind.STALE
    assert "the quote of BTC/USD is 60 s old" in status.faults[0]


def test_an_order_whose_symbol_is_not_traded_waits_until_it_is(stage) -> None:
    order = stage.ask(REST)
    stage.open()
    assert stage.desk.order(order.id, "paper").status is OrderStatus.NEW
    assert stage.desk.account("paper").queue == {}
    stage.ask(OpenSimulated())
    stage.desk.turn()
    assert order.id in stage.desk.account().queue


def test_an_order_that_waits_elsewhere_can_be_cancelled_but_not_changed(stage) -> None:
    order = stage.ask(REST)
    stage.open()
    changed = stage.ask(ReplaceOrder("paper", order.id, limit_price=Decimal("229.80")))
    assert changed.message == "account Paper trades in the paper market, which is not open now"
    assert stage.ask(CancelOrder("paper", order.id)).status is OrderStatus.CANCELED


def test_an_order_in_steps_that_the_next_live_market_does_not_have_waits_too(stage) -> None:
    stage.opener.bitcoin = replace(BITCOIN, tick_size=Decimal("0.01"))
    stage.open()
    limit = SubmitOrder("live", "BTC/USD", Side.BUY, OrderType.LIMIT, TimeInForce.GTC, Decimal("0.01"))
    fine = stage.ask(replace(limit, limit_price=Decimal("96990.05")))
    round_ = stage.ask(replace(limit, limit_price=Decimal("96990.00")))
    stage.ask(OpenSimulated())
    stage.opener.bitcoin = BITCOIN
    stage.open()
    assert set(stage.desk.account().queue) == {round_.id}
    assert stage.desk.order(fine.id).is_open


def test_two_markets_with_the_same_symbol_never_share_a_position(stage) -> None:
    stage.ask(SubmitOrder("paper", "BTC/USD", Side.BUY, qty=Decimal("0.25")))
    stage.open()
    stage.ask(BUY)
    stage.pass_ms(10)
    assert [held.position.qty for held in stage.desk.account().positions] == [Decimal("0.5")]
    assert [held.position.qty for held in stage.desk.account("paper").positions] == [Decimal("0.25")]
    assert stage.desk.account("paper").positions[0].mark == Decimal("97000.00")


def test_nothing_is_ordered_for_an_account_of_another_world(stage) -> None:
    stage.open()
    no = stage.ask(SubmitOrder("paper", "BTC/USD", Side.BUY, qty=Decimal("0.5")))
    assert (no.code, no.message) == (
        "other_world",
        "account Paper trades in the paper market, which is not open now",
    )


def test_what_is_held_elsewhere_stays_worth_what_it_last_was(stage) -> None:
    stage.ask(SubmitOrder("paper", "AAPL", Side.BUY, qty=Decimal(100)))
    stage.pass_ms(10)
    equity = stage.desk.account().equity
    stage.open()
    stage.pass_ms(10)
    assert stage.desk.account("paper").equity == equity
    assert stage.desk.account("paper").positions[0].mark == Decimal("229.99")
    stage.ask(OpenSimulated())
    assert stage.desk.account().equity == equity


def test_day_orders_that_wait_elsewhere_survive_a_boundary_of_the_day(stage) -> None:
    order = stage.ask(REST)
    stage.open()
    stage.clock.advance(24 * 3_600 * NS_PER_SECOND)
    stage.desk.turn()
    while stage.desk.is_behind:
        stage.desk.turn()
    assert stage.desk.order(order.id, "paper").is_open


def test_leaving_closes_the_provider(stage) -> None:
    stage.open()
    stage.ask(OpenSimulated())
    assert stage.opener.provider.is_closed
    assert isinstance(stage.desk._opening.market.source, StillMarket)


def test_what_arrives_wakes_a_market_that_rests(stage) -> None:
    stage.open()
    stage.desk.turn()
    provider = stage.opener.provider
    provider.hear([provider.book_of([(96_000, 1)], [(96_001, 1)])])
    stage.clock.advance(NS_PER_SECOND // 100)
    stage.desk.turn(timeout_s=5)
    assert stage.desk.market("BTC/USD").bid.price == 960_000


def test_beyond_a_quote_the_estimate_says_what_the_rule_makes_of_it_and_the_fill_agrees(stage) -> None:
    stage.open()
    provider = stage.opener.provider
    provider.able = {kind: said for kind, said in provider.able.items() if kind is not Capability.BOOK}
    provider.hear([provider.reset(), provider.quote_of(96_999, 97_000, "0.1")])
    stage.pass_ms(1_500)
    provider.hear([provider.quote_of(96_999, 97_000, "0.1")])
    stage.pass_ms(10)
    estimate = stage.desk.estimate(BUY)
    assert estimate.rule is not None
    assert "lots beyond what is displayed trade by the impact rule" in estimate.rule
    order = stage.ask(BUY)
    stage.pass_ms(10)
    filled = stage.desk.order(order.id)
    assert (filled.filled_avg_price, filled.status) == (estimate.avg_price, OrderStatus.FILLED)
    assert estimate.slippage_ticks > 0 and estimate.fills_now == 50_000_000
    small = stage.desk.estimate(replace(BUY, side=Side.SELL, qty=Decimal("0.1")))
    assert small.rule is None and small.slippage_ticks == 0
