"""What trades in the simulated market, and how each instrument behaves.

Prices, daily movement and spread regimes are those of late 2024; touch sizes and rates are scaled to a tape that
a person can read. Sizes are lots: shares for equities, 0.0001 BTC, 0.001 ETH.
"""

from decimal import Decimal
from statistics import NormalDist

from msgspec import Struct

from tradesim.model.instrument import AssetClass, Instrument
from tradesim.simulator.curves import CRYPTO_DAY, EQUITY_DAY, DayShape

Lots = tuple[int, ...]


class Placement(Struct, frozen=True):
    """Where a new limit order goes: chances of inside the spread, at the best, and near behind it; the rest is far.

    `near` and `far` are mean distances from the best, ticks.
    """

    inside: float
    best: float
    behind: float
    near: float
    far: float


class Profile(Struct, frozen=True):
    """How one instrument behaves. Rates are per second of an ordinary moment (activity 1), prices in ticks.

    `daily_vol` is the standard deviation of a day's return; `beta_share` the share of it that the whole
    market has in common. `spread` is what makers ask for, `grid` the distance of their deeper levels.
    `impact` is how far one typical aggressive order moves what makers believe. `whole_touch` is the chance
    that an aggressive order takes all that is shown at the best price, up to `touch_cap` lots. `flow` is how much
    more is traded than by the ordinary takers alone, `sliced` the share of large orders worked in pieces.
    `print_share` is the size of one print in mean sizes of an aggressive order, which may meet several that rest.
    """

    instrument: Instrument
    price: int
    daily_vol: float
    day: DayShape
    market: str
    beta_share: float
    spread: float
    grid: int
    trade_rate: float
    order_rate: float
    news_rate: float
    impact: float
    order_lots: Lots
    trade_lots: Lots
    maker_lots: int
    round_lot: int
    life_s: float
    life_sigma: float
    placement: Placement
    whole_touch: float
    touch_cap: int
    flow: float
    sliced: float
    print_share: float

    @property
    def symbol(self) -> str:
        return self.instrument.symbol

    @property
    def volume_rate(self) -> float:
        """Lots traded a second of an ordinary moment, about; what history is drawn with."""
        return self.trade_rate * self.flow * sum(self.trade_lots) / len(self.trade_lots)

    @property
    def print_lots(self) -> float:
        """Lots of one print, on average."""
        return self.print_share * sum(self.trade_lots) / len(self.trade_lots)

    @property
    def is_large_tick(self) -> bool:
        """One tick is most of what a maker asks for: the spread is pinned and queues are long."""
        return self.spread <= 1.0


TABLE_SIZE = 400


def lognormal_lots(median: float, sigma: float, round_lot: int = 1, count: int = TABLE_SIZE) -> list[int]:
    """Sizes at evenly spaced chances, in whole round lots, at least one."""
    normal = NormalDist()
    drawn = (median * pow(2.718281828459045, sigma * normal.inv_cdf((n + 0.5) / count)) for n in range(count))
    return [max(round_lot, round(size / round_lot) * round_lot) for size in drawn]


def share_lots(hundreds: float, odd: float, median: float, sigma: float) -> Lots:
    """Shares: `hundreds` of the orders are for exactly 100, `odd` for fewer, the others for round lots."""
    exact = round(TABLE_SIZE * hundreds)
    fewer = round(TABLE_SIZE * odd)
    odd_lots = [1 + (n * 97) // max(1, fewer) for n in range(fewer)]
    round_lots = lognormal_lots(median, sigma, 100, TABLE_SIZE - exact - fewer)
    return tuple([100] * exact + odd_lots + round_lots)


def share(symbol: str, name: str) -> Instrument:
    return Instrument(symbol, name, fractionable=True)


def small_tick(
    symbol: str, name: str, price: str, daily_vol: float, spread: float, trade_rate: float, lots: int, beta_share: float
) -> Profile:
    """A spread of many ticks and thin levels, as META or the large names of 2012."""
    return Profile(
        instrument=share(symbol, name),
        price=int(Decimal(price) * 100),
        daily_vol=daily_vol,
        day=EQUITY_DAY,
        market="equity",
        beta_share=beta_share,
        spread=spread,
        grid=max(1, round(spread / 5)),
        trade_rate=trade_rate,
        order_rate=trade_rate * 9.5,
        news_rate=0.25,
        impact=spread * 0.1,
        order_lots=share_lots(0.5, 0.38, 2.0 * lots, 0.7),
        trade_lots=share_lots(0.33, 0.33, 2.0 * lots, 0.7),
        maker_lots=lots,
        round_lot=100,
        life_s=0.6,
        life_sigma=2.6,
        placement=Placement(0.12, 0.2, 0.36, spread * 0.3, spread * 2.0),
        whole_touch=0.3,
        touch_cap=5 * lots,
        flow=1.6,
        sliced=0.2,
        print_share=0.67,
    )


def mid_tick(
    symbol: str, name: str, price: str, daily_vol: float, spread: float, trade_rate: float, lots: int, beta_share: float
) -> Profile:
    """One to a few ticks of spread, a few round lots at each level."""
    return Profile(
        instrument=share(symbol, name),
        price=int(Decimal(price) * 100),
        daily_vol=daily_vol,
        day=EQUITY_DAY,
        market="equity",
        beta_share=beta_share,
        spread=spread,
        grid=1,
        trade_rate=trade_rate,
        order_rate=trade_rate * 13,
        news_rate=0.25,
        impact=spread * 0.12,
        order_lots=share_lots(0.48, 0.22, 2.6 * lots, 0.9),
        trade_lots=share_lots(0.35, 0.35, 1.6 * lots, 0.8),
        maker_lots=3 * lots,
        round_lot=100,
        life_s=1.0,
        life_sigma=2.5,
        placement=Placement(0.12, 0.3, 0.36, 2.0, 12.0),
        whole_touch=0.25,
        touch_cap=8 * lots,
        flow=2.6,
        sliced=0.28,
        print_share=1.03,
    )


def large_tick(
    symbol: str, name: str, price: str, daily_vol: float, trade_rate: float, lots: int, beta_share: float
) -> Profile:
    """One tick of spread and long queues, as BAC and F."""
    return Profile(
        instrument=share(symbol, name),
        price=int(Decimal(price) * 100),
        daily_vol=daily_vol,
        day=EQUITY_DAY,
        market="equity",
        beta_share=beta_share,
        spread=1.0,
        grid=1,
        trade_rate=trade_rate,
        order_rate=trade_rate * 14.5,
        news_rate=0.2,
        impact=0.05,
        order_lots=share_lots(0.36, 0.15, 0.7 * lots, 0.9),
        trade_lots=share_lots(0.3, 0.24, 0.6 * lots, 1.1),
        maker_lots=2 * lots,
        round_lot=100,
        life_s=9.0,
        life_sigma=2.0,
        placement=Placement(0.0, 0.5, 0.35, 3.0, 12.0),
        whole_touch=0.0,
        touch_cap=0,
        flow=1.3,
        sliced=0.42,
        print_share=0.75,
    )


def coin(
    instrument: Instrument, price: str, daily_vol: float, spread: float, trade_rate: float, median: float, maker: int
) -> Profile:
    """Open day and night, sizes spread over four orders of magnitude."""
    return Profile(
        instrument=instrument,
        price=instrument.ticks(Decimal(price)),
        daily_vol=daily_vol,
        day=CRYPTO_DAY,
        market="crypto",
        beta_share=0.6,
        spread=spread,
        grid=max(1, round(spread / 3)),
        trade_rate=trade_rate,
        order_rate=trade_rate * 9.5,
        news_rate=0.5,
        impact=spread * 0.2,
        order_lots=tuple(lognormal_lots(6 * median, 1.6)),
        trade_lots=tuple(lognormal_lots(median, 1.8)),
        maker_lots=maker,
        round_lot=1,
        life_s=0.8,
        life_sigma=2.5,
        placement=Placement(0.15, 0.25, 0.35, spread * 0.4, spread * 4.0),
        whole_touch=0.3,
        touch_cap=2 * maker,
        flow=12.0,
        sliced=0.28,
        print_share=2.5,
    )


BTC = Instrument("BTC/USD", "Bitcoin", AssetClass.CRYPTO, Decimal("0.5"), Decimal("0.0001"), shortable=False)
ETH = Instrument("ETH/USD", "Ethereum", AssetClass.CRYPTO, Decimal("0.05"), Decimal("0.001"), shortable=False)

PROFILES: tuple[Profile, ...] = (
    mid_tick("AAPL", "Apple Inc.", "229.80", 0.0145, 2.4, 0.8, 150, 0.4),
    small_tick("MSFT", "Microsoft Corporation", "421.00", 0.0135, 6.0, 0.55, 100, 0.4),
    mid_tick("NVDA", "NVIDIA Corporation", "141.00", 0.0260, 1.6, 0.9, 250, 0.4),
    mid_tick("AMZN", "Amazon.com, Inc.", "208.00", 0.0175, 2.6, 0.65, 130, 0.4),
    mid_tick("SPY", "SPDR S&P 500 ETF Trust", "591.00", 0.0080, 1.8, 1.0, 400, 0.8),
    small_tick("TSLA", "Tesla, Inc.", "339.00", 0.0330, 9.0, 0.9, 100, 0.3),
    small_tick("META", "Meta Platforms, Inc.", "574.00", 0.0165, 12.0, 0.6, 100, 0.4),
    mid_tick("GOOGL", "Alphabet Inc. Class A", "176.00", 0.0160, 2.0, 0.55, 130, 0.4),
    mid_tick("AMD", "Advanced Micro Devices, Inc.", "139.00", 0.0260, 2.0, 0.65, 130, 0.4),
    large_tick("BAC", "Bank of America Corporation", "46.90", 0.0130, 0.6, 400, 0.35),
    large_tick("F", "Ford Motor Company", "10.90", 0.0180, 0.5, 700, 0.3),
    small_tick("JPM", "JPMorgan Chase & Co.", "245.00", 0.0125, 5.0, 0.5, 100, 0.4),
    coin(BTC, "97000", 0.0230, 8.0, 0.5, 40, 2500),
    coin(ETH, "3380", 0.0300, 5.0, 0.45, 150, 6000),
)

UNIVERSE: dict[str, Profile] = {profile.symbol: profile for profile in PROFILES}
