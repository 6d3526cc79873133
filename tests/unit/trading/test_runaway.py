"""The guard against programs that loop: who trips it, how soon, and who never does."""

import random

import pytest

from tradesim.kernel.clock import NS_PER_MS, NS_PER_SECOND
from tradesim.trading.risk.runaway import GuardRules, Measure, RunawayGuard

USUAL = 20


class Bot:
    """Sends as fast as it is told; `taken` and `refused` say what came of it."""

    def __init__(self, guard=None, source="bot", account="paper"):
        self.guard = guard or RunawayGuard()
        self.source, self.account = source, account
        self.now, self.taken, self.refused, self.halt, self.first = 0, 0, 0, None, None

    def send(self, signature, accepted=True, usual=USUAL):
        if self.halt:
            return False
        verdict = self.guard.verdict(self.account, self.source, self.now, usual)
        if verdict:
            self.first = self.first or verdict
            self.refused += 1
            self.halt = verdict if verdict.is_halt else None
            return False
        if accepted:
            self.guard.sent(self.account, self.source, signature, self.now)
        else:
            self.guard.refused(self.account, self.source, self.now)
        self.taken += 1
        return True

    def wait(self, seconds):
        self.now += round(seconds * NS_PER_SECOND)


@pytest.mark.parametrize("pause_s", [0, 0.001, 0.01, 0.03], ids=str)
def test_a_program_that_repeats_one_order_is_stopped_within_a_few_hundred(pause_s):
    bot = Bot()
    for _ in range(10_000):
        bot.send("AAPL buy 100")
        bot.wait(pause_s)
    assert bot.first.measure is Measure.REPEATS
    assert bot.halt.is_halt
    assert bot.taken <= 200
    assert "sent the same orders again" in bot.halt.message
    assert "went on although it was refused" in bot.halt.message


def test_a_program_that_sends_ever_new_orders_is_stopped_too():
    bot = Bot()
    for number in range(10_000):
        bot.send(f"AAPL buy {number}")
        bot.wait(0.005)
    assert bot.first.measure is Measure.ORDERS
    assert bot.halt is not None
    assert bot.taken <= 300


def test_a_buy_and_sell_loop_counts_as_repeating():
    bot = Bot()
    for number in range(1_000):
        bot.send("AAPL buy 100" if number % 2 else "AAPL sell 100")
        bot.wait(0.01)
    assert bot.first.measure is Measure.REPEATS
    assert bot.halt


def test_a_program_that_sends_and_cancels_is_stopped():
    bot = Bot()
    for number in range(1_000):
        if bot.send(f"AAPL buy {number}"):
            bot.guard.canceled(bot.account, bot.source, bot.now, bot.now + NS_PER_MS)
        bot.wait(0.02)
    assert bot.first.measure is Measure.QUICK_CANCELS
    assert bot.halt
    assert bot.taken <= 200


def test_a_program_that_does_not_listen_to_refusals_is_stopped():
    bot = Bot()
    for number in range(1_000):
        bot.send(f"AAPL buy {number}", accepted=False)
        bot.wait(0.01)
    assert bot.first.measure is Measure.REFUSALS
    assert bot.halt
    assert bot.taken <= 200


def test_who_waits_as_long_as_it_was_told_may_go_on():
    bot = Bot()
    while bot.first is None:
        bot.send("AAPL buy 100")
    bot.wait(bot.first.retry_after_s)
    assert bot.send("AAPL buy 100")
    assert bot.halt is None


def test_a_person_who_clicks_fast_is_left_alone():
    """Eight clicks a second for half a minute, the same button again and again, every third cancelled at once."""
    bot, rng = Bot(source="ladder"), random.Random(1)
    for number in range(240):
        assert bot.send("AAPL buy 100")
        if number % 3 == 0:
            bot.guard.canceled("paper", "ladder", bot.now, bot.now + 300 * NS_PER_MS)
        bot.wait(rng.uniform(0.105, 0.145))


def test_a_person_who_is_refused_on_every_click_is_left_alone():
    bot, rng = Bot(source="ticket"), random.Random(2)
    for _ in range(100):
        assert bot.send("AAPL buy 100", accepted=False)
        bot.wait(rng.uniform(0.12, 0.5))


def quoting(bot, rng, seconds, is_counted=True):
    """A market maker: 300 orders a second on few prices in a still market, nearly all cancelled within a second."""
    for _ in range(seconds * 300):
        signature = f"AAPL {rng.choice(('buy', 'sell'))} 100 {rng.randint(22_990, 23_010)}"
        if is_counted:
            assert bot.send(signature), bot.first
        else:
            bot.guard.sent(bot.account, bot.source, signature, bot.now)
        bot.guard.canceled(bot.account, bot.source, bot.now, bot.now + 400 * NS_PER_MS)
        bot.wait(rng.expovariate(300))


def test_a_market_maker_with_a_history_is_left_alone():
    bot, rng = Bot(), random.Random(3)
    quoting(bot, rng, 600, is_counted=False)
    quoting(bot, rng, 120)


def test_a_habit_outlives_a_restart():
    former, rng = Bot(), random.Random(4)
    quoting(former, rng, 600, is_counted=False)
    guard = RunawayGuard()
    guard.load(former.guard.dump())
    assert guard.dump() == former.guard.dump()
    bot = Bot(guard)
    bot.now = former.now
    quoting(bot, rng, 30)


def test_a_market_maker_without_a_history_is_slowed_until_a_person_says_what_is_usual():
    bot = Bot()
    for number in range(600):
        bot.send(f"AAPL buy {number}")
        bot.wait(1 / 300)
    assert bot.halt
    bot = Bot()
    for number in range(6_000):
        assert bot.send(f"AAPL buy {number}", usual=300)
        bot.wait(1 / 300)


def test_a_bot_may_grow_its_habit_by_listening():
    """It sends as much as it is let, waits when told, and is never halted; after a while it may send more."""
    bot, number, by_minute = Bot(), 0, []
    for minute in range(20):
        taken = bot.taken
        while bot.now < (minute + 1) * 60 * NS_PER_SECOND:
            number += 1
            verdict = bot.guard.verdict("paper", "bot", bot.now, USUAL)
            if verdict:
                bot.wait(verdict.retry_after_s)
                assert not verdict.is_halt
            else:
                bot.guard.sent("paper", "bot", f"AAPL buy {number}", bot.now)
                bot.taken += 1
                bot.wait(1 / 100)
        by_minute.append(bot.taken - taken)
    assert by_minute[0] <= 26 * 60
    assert by_minute[-1] > 2 * by_minute[0]


def test_changing_names_does_not_help():
    guard, taken, verdict = RunawayGuard(), 0, None
    for number in range(5_000):
        verdict = guard.verdict("paper", f"bot{number}", number * NS_PER_MS, USUAL)
        if verdict and verdict.is_halt:
            break
        if verdict is None:
            guard.sent("paper", f"bot{number}", "AAPL buy 100", number * NS_PER_MS)
            taken += 1
    assert verdict.is_halt
    assert taken <= 600
    assert len(guard.dump()) <= 65


def test_one_account_does_not_pay_for_another():
    guard = RunawayGuard()
    loop, calm = Bot(guard, account="loop"), Bot(guard, account="calm")
    for _ in range(1_000):
        loop.send("AAPL buy 100")
    assert loop.halt
    assert calm.send("AAPL buy 100")


def test_a_pardon_forgets_what_was_counted():
    bot = Bot()
    for _ in range(1_000):
        bot.send("AAPL buy 100")
    bot.guard.pardon("paper")
    bot.halt = None
    assert bot.send("AAPL buy 100")


def test_without_a_usual_rate_there_is_no_guard():
    bot = Bot()
    assert all(bot.send("AAPL buy 100", usual=0) for _ in range(10_000))


def test_the_same_calls_give_the_same_verdicts():
    def verdicts():
        bot, rng, heard = Bot(), random.Random(5), []
        for _ in range(3_000):
            heard.append((bot.send(f"AAPL {rng.randint(0, 9)}"), bot.halt))
            bot.wait(rng.expovariate(25))
        return heard

    assert verdicts() == verdicts()


def test_what_the_guard_sees_of_each_source_can_be_read():
    bot = Bot()
    assert bot.guard.seen("paper", bot.now, USUAL) == ()
    for number in range(50):
        bot.send(f"AAPL buy {number}")
        bot.wait(0.1)
    whole, own = bot.guard.seen("paper", bot.now, USUAL)
    assert (whole.source, own.source, own.per_second, own.message) == ("", "bot", 5.0, "")
    orders = own.paces[0]
    assert (orders.measure, orders.count, orders.allowed) == (Measure.ORDERS, 50, 250)
    assert 0 < own.usual < 1
    for _ in range(150):
        bot.send("AAPL buy 1")
    _, own = bot.guard.seen("paper", bot.now, USUAL)
    assert own.message.startswith("bot sent the same orders again 100 times")
    assert own.wait_s >= 1 and 0 < own.refused <= own.patience
    assert bot.guard.seen("other", bot.now, USUAL) == ()


def test_a_new_program_has_a_habit_of_its_own_however_many_there_were():
    guard, rules = RunawayGuard(), GuardRules()
    for number in range(100):
        guard.sent("paper", f"alpaca:PK{number}", "AAPL buy 1", number * NS_PER_SECOND)
    names = [each.source for each in guard.dump()]
    assert len(names) == rules.most_sources and names[-2:] == ["alpaca:PK99", ""]
    again = RunawayGuard()
    again.load(guard.dump())
    for each in (guard, again):
        each.sent("paper", "alpaca:PK50", "AAPL buy 1", 100 * NS_PER_SECOND)
        each.sent("paper", "new", "AAPL buy 1", 101 * NS_PER_SECOND)
    assert again.dump() == guard.dump()
    assert [each.source for each in guard.dump()][-3:] == ["alpaca:PK50", "new", ""]


def test_a_bots_habit_goes_with_its_name_not_with_the_key_of_one_run():
    former, rng = Bot(source="alpaca:PKFIRST/maker.py"), random.Random(3)
    quoting(former, rng, 600, is_counted=False)
    again = Bot(former.guard, "alpaca:PKSECOND/maker.py")
    again.now = former.now
    quoting(again, rng, 30)
