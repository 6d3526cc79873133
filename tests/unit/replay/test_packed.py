"""Packed files are read to their end, up to what the memory may hold, and only when they are files at all."""

import gzip
import lzma
import os
import zipfile
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.unit.replay.samples import BARS
from tradesim.kernel.errors import Refused
from tradesim.providers.replay import packed, table
from tradesim.providers.replay.bars_file import read_bars
from tradesim.providers.replay.packed import document, member


def written(folder: Path, suffix: str, data: bytes) -> Path:
    path = folder / f"ACME.csv{suffix}"
    if suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("ACME.csv", data)
    else:
        path.write_bytes({"": bytes, ".gz": gzip.compress, ".xz": lzma.compress}[suffix](data))
    return path


def read(path: Path) -> bytes:
    return (member(path, "ACME.csv") if path.suffix == ".zip" else document(path)).data


@pytest.mark.parametrize("suffix", ["", ".gz", ".xz", ".zip"])
def test_a_small_file_that_unpacks_to_too_much_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
):
    monkeypatch.setattr(packed, "LARGEST_BYTES", 3_000_000)
    fits, bomb = written(tmp_path, suffix, b"1" * 3_000_000), tmp_path / "other"
    assert len(read(fits)) == 3_000_000
    bomb.mkdir()
    with pytest.raises(Refused, match=r"wanted at most 3,000,000 bytes unpacked, .*ACME\.csv.* has more"):
        read(written(bomb, suffix, b"1" * 3_000_001))


def test_what_a_zip_says_of_its_size_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(packed, "LARGEST_BYTES", 1_000)
    path = written(tmp_path, ".zip", b"1" * 5_000)
    path.write_bytes(path.read_bytes().replace((5_000).to_bytes(4, "little"), (900).to_bytes(4, "little")))
    with pytest.raises(Refused):
        read(path)


def test_packed_files_are_read_in_all_their_parts(tmp_path: Path):
    for suffix, pack in ((".gz", gzip.compress), (".xz", lzma.compress)):
        path = tmp_path / f"ACME.csv{suffix}"
        path.write_bytes(pack(b"first,") + pack(b"second"))
        assert document(path).data == b"first,second"


def test_a_parquet_file_of_endless_runs_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(table, "LARGEST_BYTES", 8_000)
    parquet.write_table(pa.table({"open": [1.0] * 1_001}), tmp_path / "ACME.parquet")
    with pytest.raises(Refused, match=r"wanted at most 8,000 bytes unpacked, ACME\.parquet has 8,008"):
        read_bars(tmp_path / "ACME.parquet")


@pytest.mark.parametrize("name", ["ACME.csv", "ACME.csv.gz", "ACME.zip", "ACME.parquet"])
def test_a_pipe_or_a_device_is_no_recording(tmp_path: Path, name: str):
    pipe, device = tmp_path / name, tmp_path / f"device_{name}"
    os.mkfifo(pipe)
    device.symlink_to("/dev/zero")
    for path in (pipe, device):
        with pytest.raises(Refused, match=f"wanted a regular file, .*{name} is a device or a pipe"):
            read_bars(path)


def test_a_packed_bars_file_is_read_as_a_plain_one(tmp_path: Path):
    found = [read_bars(written(tmp_path, suffix, BARS.encode())) for suffix in ("", ".gz", ".xz", ".zip")]
    assert all((each.bars.close == found[0].bars.close).all() for each in found)
