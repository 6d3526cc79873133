import pytest

from tradesim.model.instrument import AssetClass
from tradesim.simulator.universe import PROFILES, UNIVERSE, lognormal_lots, share_lots


def test_the_universe_holds_what_the_desk_shows():
    assert set(UNIVERSE) >= {"AAPL", "MSFT", "NVDA", "AMZN", "SPY", "TSLA", "META", "GOOGL", "AMD", "JPM"}
    assert set(UNIVERSE) >= {"BAC", "F", "BTC/USD", "ETH/USD"}


@pytest.mark.parametrize("profile", PROFILES, ids=[profile.symbol for profile in PROFILES])
def test_a_profile_makes_sense(profile):
    assert profile.price > 500
    assert 0.005 < profile.daily_vol < 0.05
    assert min(profile.order_lots) > 0 and min(profile.trade_lots) > 0
    assert profile.grid >= 1 and profile.round_lot >= 1
    assert profile.is_large_tick == (profile.symbol in ("BAC", "F"))
    assert (profile.market == "crypto") == (profile.instrument.asset_class is AssetClass.CRYPTO)


def test_shares_come_in_hundreds_odd_lots_and_round_lots():
    sizes = share_lots(0.5, 0.3, 300, 0.8)
    assert sizes.count(100) >= 200
    assert sum(size < 100 for size in sizes) == pytest.approx(120, abs=5)
    assert all(size % 100 == 0 for size in sizes if size > 100)


def test_sizes_of_coins_have_their_median():
    sizes = sorted(lognormal_lots(40, 1.8))
    assert sizes[len(sizes) // 2] == pytest.approx(40, abs=2)
    assert sizes[-1] > 1_000
