"""Which clients are here to be tested with."""

import pytest


def test_alpaca_py_is_installed():
    pytest.importorskip("alpaca", reason="alpaca-py is not installed: the tests with it are skipped")
