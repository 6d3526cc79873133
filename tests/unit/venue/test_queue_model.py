import pytest

from tradesim.venue.queue_model import ConservativeQueue, PowerQueue, ShadowPlace, split_cancel


def place(front, own_ahead=0):
    return ShadowPlace(1, own_ahead, front, is_sighted=True)


def test_the_power_split_is_even_in_the_middle_of_the_queue():
    assert PowerQueue(3).share_behind(50, 50) == 0.5


@pytest.mark.parametrize(("front", "back", "share"), [(0, 10, 1.0), (10, 0, 0.0), (20, 10, 1 / 9), (10, 20, 8 / 9)])
def test_the_longer_part_of_the_queue_loses_more(front, back, share):
    assert PowerQueue(3).share_behind(front, back) == pytest.approx(share)


def test_fractions_of_a_lot_are_carried_so_that_single_cancels_add_up():
    ours = place(50)
    for _ in range(10):
        split_cancel(PowerQueue(3), [ours], 2 * ours.front, 1)
    assert ours.front == 45


def test_what_cannot_have_been_behind_was_before_us():
    ours = place(50)
    split_cancel(ConservativeQueue(), [ours], 60, 25)
    assert (ours.front, ours.ahead, ours.ahead_canceled) == (35, 35, 15)


def test_an_older_own_order_never_falls_behind_a_younger_one():
    older, younger = place(10), ShadowPlace(2, 5, 11, is_sighted=True)
    for _ in range(20):
        split_cancel(PowerQueue(3), [older, younger], 20, 1)
        assert older.front <= younger.front


def test_sighting_a_price_counts_what_is_there_as_ahead_from_the_start():
    blind = ShadowPlace(1, 0, 0, is_sighted=False)
    blind.sight(40)
    blind.sight(90)
    assert (blind.front, blind.ahead, blind.ahead_at_entry) == (40, 40, 40)
    blind.check()
