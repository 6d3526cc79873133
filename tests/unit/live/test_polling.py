"""Whose turn it is to be asked for a quote, and for which symbol."""

from tests.fakes import ManualClock
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.providers.live.polling import Questions, Turns

S = NS_PER_SECOND
ORDER = ("alpha", "beta")


def test_the_first_candidate_is_asked_and_the_next_one_waits():
    questions = Questions(ManualClock(0))
    assert questions.is_turn_of("alpha", "AAPL", ORDER, 0)
    assert not questions.is_turn_of("beta", "AAPL", ORDER, 0)


def test_a_question_that_hangs_for_two_seconds_lets_the_next_one_go():
    clock = ManualClock(0)
    questions = Questions(clock)
    with questions.asking("alpha", "AAPL"):
        assert not questions.is_turn_of("alpha", "AAPL", ORDER, 0)
        assert not questions.is_turn_of("beta", "AAPL", ORDER, 1 * S)
        assert questions.is_turn_of("beta", "AAPL", ORDER, 2 * S)
        assert not questions.is_turn_of("beta", "MSFT", ORDER, 2 * S)


def test_a_question_that_failed_lets_the_next_one_go_until_one_is_answered():
    questions = Questions(ManualClock(0))
    with questions.asking("alpha", "AAPL"):
        pass
    assert questions.is_turn_of("beta", "AAPL", ORDER, 0) and questions.is_turn_of("alpha", "AAPL", ORDER, 0)
    with questions.asking("alpha", "AAPL"):
        questions.answered("alpha", "AAPL")
    assert not questions.is_turn_of("beta", "AAPL", ORDER, 0)


def test_one_who_is_no_candidate_is_never_asked():
    assert not Questions(ManualClock(0)).is_turn_of("gamma", "AAPL", ORDER, 0)


def test_symbols_take_turns_at_the_pace_of_the_plan():
    turns = Turns(every_s=5.0)
    assert turns.take(["AAPL", "MSFT"], (), 100 * S) == "AAPL"
    assert turns.take(["AAPL", "MSFT"], (), 104 * S) is None
    assert [turns.take(["AAPL", "MSFT"], (), at * S) for at in (105, 110, 115)] == ["MSFT", "AAPL", "MSFT"]


def test_symbols_on_a_screen_come_first_and_the_others_are_not_forgotten():
    turns = Turns(every_s=1.0)
    symbols = ["A", "B", "C", "D"]
    asked = [turns.take(symbols, {"D"}, (1_000 + n) * S) for n in range(40)]
    assert asked[0] == "D"
    assert asked.count("D") > 2 * asked.count("A") and asked.count("A") >= 4


def test_nothing_wanted_spends_no_turn():
    turns = Turns(every_s=5.0)
    assert turns.take([], (), 1 * S) is None
    assert turns.take(["AAPL"], (), 1 * S) == "AAPL"
