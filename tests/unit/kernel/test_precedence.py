import threading

from tradesim.kernel.precedence import Precedence


def test_nobody_waits_where_nobody_is_in_a_hurry():
    Precedence().give_way(threading.TIMEOUT_MAX)


def test_who_gives_way_goes_on_when_the_last_one_is_done():
    precedence, went_on = Precedence(), threading.Event()

    def follow():
        precedence.give_way(60.0)
        went_on.set()

    with precedence:
        with precedence:
            threading.Thread(target=follow, daemon=True).start()
        assert precedence.is_claimed
        assert not went_on.wait(0.05)
    assert went_on.wait(60.0)
    assert not precedence.is_claimed


def test_who_gives_way_does_not_wait_for_ever():
    precedence = Precedence()
    with precedence:
        precedence.give_way(0.02)
        assert precedence.is_claimed


def test_a_fault_ends_the_claim():
    precedence = Precedence()
    try:
        with precedence:
            raise ValueError
    except ValueError:
        pass
    assert not precedence.is_claimed
