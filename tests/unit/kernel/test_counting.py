from tradesim.kernel.counting import counted


def test_one_is_said_in_the_singular_and_all_else_in_the_plural() -> None:
    assert [counted(each, "order") for each in (0, 1, 2, 1_200)] == ["0 orders", "1 order", "2 orders", "1,200 orders"]
    assert [counted(each, "entry", "entries") for each in (1, 2)] == ["1 entry", "2 entries"]
