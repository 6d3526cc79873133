import pytest

from tradesim.kernel.errors import Refused
from tradesim.storage.preferences import PREFERENCES_FILE, ProviderOrder


def test_what_is_kept_is_there_after_a_restart(tmp_path) -> None:
    ProviderOrder(tmp_path).keep(["coinbase", "kraken"], ["kraken"])
    again = ProviderOrder(tmp_path)
    assert (again.order, again.stand_ins) == (("coinbase", "kraken"), ("kraken",))


def test_without_a_folder_it_lasts_as_long_as_the_process() -> None:
    kept = ProviderOrder(None)
    kept.keep(["kraken"], [])
    assert kept.order == ("kraken",)


@pytest.mark.parametrize("content", ["", "{", "[]", "7", '{"order": 7}', '{"order": [1, null]}', '{"order": null}'])
def test_a_file_that_cannot_be_read_is_as_good_as_none(tmp_path, content: str) -> None:
    (tmp_path / PREFERENCES_FILE).write_text(content)
    assert ProviderOrder(tmp_path).order == ()


def test_a_folder_that_cannot_be_written_is_told(tmp_path) -> None:
    kept = ProviderOrder(tmp_path)
    (tmp_path / PREFERENCES_FILE).mkdir()
    with pytest.raises(Refused, match="could not be kept"):
        kept.keep(["kraken"], [])
    assert kept.order == ()
