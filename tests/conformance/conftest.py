"""The real clients of Alpaca against a served desk. Skipped, by name, where a client is not installed."""

import pytest

pytest.importorskip("alpaca", reason="alpaca-py is not installed")
