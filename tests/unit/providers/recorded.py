"""Recorded answers of vendors, read as text so that the digits stay those of the wire."""

import json
import os
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

DATA = Path(os.environ.get("TRADESIM_TEST_DATA", Path(__file__).parents[4] / "shared" / "data"))
PROVIDERS = DATA / "providers"
NOW = 1_795_000_000_000_000_000
"""2026-11-18, after everything that was recorded."""


def data(text: str | bytes) -> Any:
    return json.loads(text, parse_float=Decimal)


def needs(path: Path) -> Path:
    if not path.exists():
        pytest.skip(f"needs {path.name} in TRADESIM_TEST_DATA")
    return path


def document(vendor: str, name: str) -> Any:
    return data(needs(PROVIDERS / vendor / name).read_text())


def lines(vendor: str, name: str) -> list[Any]:
    return [data(line) for line in needs(PROVIDERS / vendor / name).read_text().splitlines() if line.strip()]


def texts(vendor: str, name: str, key: str = "frame") -> list[str]:
    """The `key` of each line as JSON text again, digits as they were."""
    return [as_text(line[key]) for line in lines(vendor, name) if key in line]


def as_text(value: Any) -> str:
    return json.dumps(value, default=float)


def names(vendor: str) -> list[str]:
    folder = PROVIDERS / vendor
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
