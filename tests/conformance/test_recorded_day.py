"""A recorded day, traded through the API by a bot on the market's own clock: every record of it tells the same."""

import os
from pathlib import Path

import msgspec
import pytest

from tests.conformance.house import recorded_house
from tests.conformance.reckoning import require_agreement
from tests.conformance.test_updates import following
from tests.conformance.trader import Trader
from tests.unit.replay.samples import random_day

DATA = Path(os.environ.get("TRADESIM_TEST_DATA", Path(__file__).parents[3] / "shared" / "data")) / "market" / "lobster"
AMZN = DATA / "LOBSTER_SampleFile_AMZN_2012-06-21_5.zip"


def traded(paths, symbol, steps, step_ms, begin_ms=0, **keys):
    """The facts that the desk wrote down, and the fills; after every step the records agree at the end."""
    with recorded_house(paths, **keys) as house:
        facts = []
        house.desk.subscribe(facts.extend)
        if begin_ms:
            house.pass_ms(begin_ms)
        bot = Trader(house, symbol)
        with following(house, raw=True) as updates:
            for _ in range(steps):
                bot.trade()
                house.pass_ms(step_ms)
            bot.stop_trading(lambda: house.pass_ms(1_000))
            fills = require_agreement(house, bot.client, updates)
            assert len(bot.refused) < steps / 4, bot.refused
    return b"\n".join(msgspec.json.encode([type(fact).__name__, fact], order="sorted") for fact in facts), fills


def test_a_small_recording_of_our_own_adds_up_and_repeats_to_the_byte(tmp_path):
    day = random_day(3, levels=5, rows=1_500).write_zip(tmp_path)
    keys = tmp_path / "keys"
    facts, fills = traded([day], "ACME", 80, 3_000, keys=keys)
    assert len(fills) > 20
    assert traded([day], "ACME", 80, 3_000, keys=keys) == (facts, fills)


@pytest.mark.skipif(not AMZN.exists(), reason=f"needs {AMZN.name} in TRADESIM_TEST_DATA")
def test_amazon_on_21_june_2012_adds_up_to_the_cent():
    """Five minutes of the recording, an order or so every second and a half."""
    _, fills = traded([AMZN], "AMZN", 200, 1_500, begin_ms=60_000)
    assert len(fills) > 80
    assert len({row["order_id"] for row in fills}) > 50
