"""The registry of vendors, opening a live market with them, and what the page is told of them."""

import logging
import subprocess
import sys
import threading
from decimal import Decimal

import pytest
from msgspec.structs import replace

from tests.kraken_house import KrakenHouse
from tradesim.bootstrap import LivePlan, Markets, Plan, first_source, plans_of
from tradesim.kernel.clock import ManualClock
from tradesim.kernel.errors import Refused
from tradesim.marketdata.sessions import NO_HOLIDAYS
from tradesim.model.feed import Capability
from tradesim.model.market import SourceKind
from tradesim.providers.budget import Forgetful
from tradesim.providers.contract import Provider
from tradesim.providers.live.opening import Wanted, able_backups, open_live
from tradesim.providers.live.source import LiveSource
from tradesim.providers.traffic.recorder import record
from tradesim.providers.vendors import ROWS, Vendors
from tradesim.settings import Settings, plans
from tradesim.storage.keys import KeyRing

SECRET = "s3cret-key-0123456789"
DEAD = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def house():
    with KrakenHouse() as house:
        yield house


@pytest.fixture
def markets(house, tmp_path):
    urls = (("kraken", house.http_url, house.ws_url), ("coinbase", DEAD, "ws://127.0.0.1:9"))
    markets = Markets(Settings(provider_urls=urls), tmp_path)
    yield markets
    markets.close_providers()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_every_row_builds_its_provider_with_and_without_keys(row) -> None:
    for key in ("", SECRET):
        vendors = Vendors(ManualClock(), KeyRing(None, dict.fromkeys(row.keys, key)))
        provider: Provider = vendors.build(row.id)
        assert (provider.id, provider.is_discontinued) == (row.id, row.is_discontinued)
        assert set(provider.capabilities()) == set(Capability)
        assert SECRET not in f"{provider!r} {provider.health()!r}"
        assert (vendors.refusal(row.id) is None) == bool(key or not row.keys) or provider.is_discontinued
        provider.close()


def test_a_market_and_the_questions_outside_of_it_spend_from_one_budget() -> None:
    keys = dict.fromkeys((name for row in ROWS for name in row.keys), SECRET)
    vendors = Vendors(ManualClock(), KeyRing(None, keys))
    for name, relatives in {"alphavantage": (), "kraken": (), "alpaca": ("iex_alpaca", "alpaca_crypto")}.items():
        asked = [vendors.asked(each) for each in (name, *relatives)]
        budgets = [each.http.budget for each in (vendors.build(name), vendors.build(name), *asked)]
        before = budgets[0].left()
        budgets[0].spend()
        assert all(budget.left() == budgets[0].left() != before for budget in budgets)
    vendors.close()


def test_a_new_key_begins_with_a_budget_of_its_own_and_the_former_one_stays_spent(tmp_path) -> None:
    keys, store = KeyRing(tmp_path, {"ALPHAVANTAGE_API_KEY": ""}), Forgetful()
    vendors = Vendors(ManualClock(10**18), keys, budgets=store)
    left = []
    for key in (SECRET, "another-key-0123456789", SECRET):
        keys.keep("ALPHAVANTAGE_API_KEY", key)
        vendors.forget("ALPHAVANTAGE_API_KEY")
        budget = vendors.asked("alphavantage").http.budget
        left.append(budget.left()["day"])
        budget.close_for(3_600, "25 a day are used up")
    assert left == [23, 23, 0]
    assert SECRET not in repr(store.values)
    vendors.close()


def test_a_paid_plan_is_the_budget_of_all_that_share_its_key_and_sets_the_pace() -> None:
    keys = dict.fromkeys((name for row in ROWS for name in row.keys), SECRET)
    paid = plans_of(Settings(provider_plans=plans("polygon=100/second, alpaca=1000/minute 90/second")))
    vendors = Vendors(ManualClock(10**18), KeyRing(None, keys), plans=paid)
    assert vendors.asked("polygon").http.budget.left() == {"second": 100}
    for name in ("iex_alpaca", "alpaca_crypto", "alpaca"):
        assert vendors.asked(name).http.budget.left() == {"second": 90, "minute": 1_000}
    assert [vendors.row(name).poll_s for name in ("polygon", "finnhub", "alphavantage")] == [1.0, 2.0, 3_600.0]
    slower = Vendors(ManualClock(), KeyRing(None, keys), plans={"polygon": (("minute", 10, 60.0),)})
    assert slower.row("polygon").poll_s == 7.5, "background work has four fifths"
    vendors.close()


def test_a_pair_of_a_provider_of_shares_is_refused_with_who_has_it(tmp_path) -> None:
    clock, keys = ManualClock(), dict.fromkeys((name for row in ROWS for name in row.keys), SECRET)
    vendors = Vendors(clock, KeyRing(None, keys))
    with pytest.raises(Refused) as told:
        open_live(vendors, Wanted("polygon", ("BTC/USD",)), clock)
    assert str(told.value) == (
        "Polygon (Massive) is asked for US shares here, and BTC/USD is a pair (its crypto socket is not listened to: "
        "no session of it was ever recorded): Kraken, Coinbase and Binance have pairs with no key, Alpaca crypto with "
        "Alpaca's"
    )
    with pytest.raises(Refused, match="Finnhub is asked for US shares here, and BTC/USD is a pair: Kraken"):
        record(vendors, "finnhub", ["BTC/USD"], tmp_path / "f.traffic.gz", clock, threading.Event())
    assert not any(tmp_path.iterdir())
    vendors.close()


def test_a_missing_key_is_told_by_its_name() -> None:
    vendors = Vendors(ManualClock(), KeyRing(None, Settings().keys))
    assert vendors.refusal("alpaca") == (
        "Alpaca needs ALPACA_API_KEY_ID and ALPACA_API_SECRET_KEY: "
        "enter them under Keys, or set them in the environment"
    )
    assert vendors.stand_ins("kraken") == ("coinbase", "binance")
    assert vendors.stand_ins("alpaca") == ()


def test_kraken_opens_as_a_market_with_its_own_steps(markets) -> None:
    source = markets.live("kraken", [" btc/usd", "ETH/USD", "BTC/USD"])
    try:
        assert list(source.instruments) == ["BTC/USD", "ETH/USD"]
        assert source.instruments["BTC/USD"].tick_size == Decimal("0.1")
        assert source.kind in {SourceKind.LIVE, SourceKind.STALE}
        assert [vendor.id for vendor in markets.vendors(source) if vendor.is_open] == ["kraken"]
        assert len(source.history("BTC/USD").minutes) > 100
    finally:
        source.close()


def test_a_backup_that_cannot_be_asked_is_no_reason_not_to_open(markets) -> None:
    source = markets.live("kraken", ["SOL/USD"], ["coinbase"])
    source.close()
    assert list(source.providers) == ["kraken"]


@pytest.mark.parametrize(
    ("provider", "symbols", "said"),
    [
        ("kraken", ["NOPE/USD"], "Kraken: NOPE/USD is not listed there"),
        ("kraken", [], "wanted from 1 to 30 symbols for a live market, found 0"),
        ("kraken", [f"A{n}/USD" for n in range(31)], "wanted from 1 to 30 symbols for a live market, found 31"),
        ("mtgox", ["BTC/USD"], "wanted one of the providers kraken"),
        ("finnhub", ["AAPL"], "Finnhub needs FINNHUB_API_KEY"),
        ("iexcloud", ["AAPL"], "IEX Cloud: it is gone for good"),
    ],
)
def test_what_cannot_be_opened_is_refused_in_a_sentence(markets, provider, symbols, said) -> None:
    with pytest.raises(Refused) as refused:
        markets.live(provider, symbols)
    assert str(refused.value).startswith(said)


def test_without_a_network_the_provider_says_so(markets) -> None:
    with pytest.raises(Refused, match=r"^Coinbase: "):
        markets.live("coinbase", ["BTC/USD"])
    with pytest.raises(Refused, match=r"^Coinbase: "):
        markets.probe("coinbase", markets.simulated(0))


def test_a_test_asks_one_thing(markets, still) -> None:
    assert markets.probe("kraken", still).startswith("Kraken answered in ")
    assert markets.probe("kraken", still).endswith("ask 97,000.1")


def test_search_asks_who_was_named_and_everybody_else_when_nobody_was(markets) -> None:
    assert [each.symbol for each in markets.search("eth", "kraken")] == ["ETH/USD"]
    assert [each.symbol for each in markets.search("eth")] == ["ETH/USD"]
    with pytest.raises(Refused, match="needs FINNHUB_API_KEY"):
        markets.search("apple", "finnhub")


def test_a_key_that_is_kept_is_used_and_nowhere_seen(markets, still, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    markets.keep_key("FINNHUB_API_KEY", SECRET)
    views = markets.vendors(still)
    finnhub = next(view for view in views if view.id == "finnhub")
    assert (finnhub.refusal, finnhub.keys[0].held) == (None, "file")
    told = f"{views!r} {markets.providers(still)!r} {caplog.text} {Settings(finnhub_key=SECRET)!r}"
    assert SECRET not in told
    markets.keep_key("FINNHUB_API_KEY", "")
    assert markets.vendors(still)[5].refusal.startswith("Finnhub needs")


@pytest.fixture(scope="module")
def still():
    from tests.stage import StillMarket

    return StillMarket()


def test_the_desk_starts_without_the_libraries_of_the_network() -> None:
    """They are imported when a provider is first asked; choosing among providers asks none."""
    script = (
        "import sys, tradesim.bootstrap as house\n"
        "from tradesim.settings import Settings\n"
        "markets = house.Markets(Settings())\n"
        "assert len(markets.vendors(markets.simulated(0))) == 10\n"
        "print(sorted({'requests', 'websockets', 'pyrate_limiter', 'urllib3'} & set(sys.modules)))\n"
    )
    told = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert told.stdout.strip() == "[]"


def test_two_rows_with_one_key_do_not_stand_in_for_each_other():
    keys = {"ALPACA_API_KEY_ID": "a" * 20, "ALPACA_API_SECRET_KEY": "b" * 40, "FINNHUB_API_KEY": "c" * 20}
    vendors = Vendors(ManualClock(0), KeyRing(None, keys))
    assert vendors.stand_ins("alpaca") == ("finnhub",)
    assert vendors.stand_ins("finnhub") == ("alpaca", "iex_alpaca")
    assert able_backups(vendors, Wanted("finnhub", ("AAPL",), ("alpaca", "iex_alpaca", "alpaca"))) == ["alpaca"]


def test_shares_know_the_exchange_s_holidays_and_coins_have_none():
    asked = []

    def holidays():
        asked.append(1)
        return NO_HOLIDAYS

    built = []
    row = replace(ROWS[3], build=lambda given: built.append(given.wiring) or given)
    coin = replace(ROWS[0], build=lambda given: built.append(given.wiring) or given)
    vendors = Vendors(ManualClock(0), KeyRing(None, {}), rows=[row, coin], holidays=holidays)
    vendors.build(row.id)
    vendors.build(coin.id)
    assert asked == [], "a calendar is slow to build, so it is asked when it matters"
    assert built[0].holidays is holidays and built[1].holidays is not holidays


def test_the_persons_order_is_kept_and_says_who_stands_in(markets, house, tmp_path) -> None:
    now = markets.simulated(0)
    assert [vendor.id for vendor in markets.vendors(now)][:3] == ["kraken", "coinbase", "binance"]
    markets.prefer(["binance", "coinbase", "kraken"], ["coinbase", "binance"])
    told = {vendor.id: vendor for vendor in markets.vendors(now)}
    assert list(told)[:3] == ["binance", "coinbase", "kraken"] and list(told)[3] == "alpaca"
    assert told["kraken"].backups == ("binance", "coinbase")
    assert [name for name, vendor in told.items() if vendor.stands_in] == ["binance", "coinbase"]
    again = Markets(Settings(), tmp_path)
    assert again.stand_ins("kraken") == ("binance", "coinbase")
    with pytest.raises(Refused, match="wanted one of the providers"):
        markets.prefer(["mtgox"], [])


def test_a_live_market_that_cannot_be_had_at_the_start_is_the_simulated_one_and_says_why(markets) -> None:
    source, note = first_source(markets, Plan(live=LivePlan("coinbase", ("BTC/USD",))), 0)
    assert source.kind is SourceKind.SIMULATED
    assert note.startswith("Coinbase: ") and "So this is the simulated market" in note


def test_a_live_market_is_opened_at_the_start_with_the_stand_ins_of_choice(markets) -> None:
    markets.prefer([], ["coinbase"])
    source, note = first_source(markets, Plan(live=LivePlan("kraken", ("BTC/USD",), ())), 0)
    source.close()
    assert isinstance(source, LiveSource) and note == "" and list(source.providers) == ["kraken"]
