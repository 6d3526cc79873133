"""The newest snapshot of the desk's state, written beside the journal by a thread of its own.

It only shortens a start: the journal holds everything. So the market thread hands it over and goes on, what
cannot be written is logged, and one that does not fit the journal is thrown away.
"""

import logging
import shutil
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import msgspec
from sqlalchemy import BigInteger, Column, Connection, Engine, MetaData, String, Table, Text, delete, insert, select
from sqlalchemy.exc import DBAPIError

from tradesim.desk.ports import Snapshot
from tradesim.kernel.errors import Refused
from tradesim.storage.schema import sqlite_engine

logger = logging.getLogger(__name__)

SPARE_BYTES = 32 * 1024 * 1024
"""The journal needs the last of a disk more than we do."""

tables = MetaData()
snapshots = Table(
    "snapshots",
    tables,
    Column("journal", String, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
)

T = TypeVar("T")


class Snapshots:
    """At most one snapshot of the journal named `journal_id`. Call it from one thread."""

    def __init__(self, engine: Engine, journal_id: str, folder: Path | None = None) -> None:
        self._engine = engine
        self._journal_id = journal_id
        self._folder = folder
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="snapshot")
        self._pending: Future[None] | None = None
        self._careful(lambda connection: tables.create_all(connection), None)

    def save(self, snapshot: Snapshot) -> None:
        """Hand over for writing. While one is still being written the next is passed over."""
        if self._pending is None or self._pending.done():
            self._pending = self._writer.submit(self._write, snapshot)

    def newest(self, last_seq: int) -> Snapshot | None:
        """What was saved, its state as JSON bytes; None, and forgotten, when it is ahead of the journal."""
        query = select(snapshots.c.seq, snapshots.c.body).where(snapshots.c.journal == self._journal_id)
        row = self._careful(lambda connection: connection.execute(query).one_or_none(), None)
        if row is None:
            return None
        if row.seq > last_seq:
            self._careful(self._forget, None)
            return None
        return Snapshot(row.seq, row.body.encode())

    def close(self) -> None:
        """Wait for the one being written."""
        self._writer.shutdown(wait=True)
        self._engine.dispose()

    def _write(self, snapshot: Snapshot) -> None:
        body = msgspec.json.encode(snapshot.state).decode()
        if self._folder is not None and shutil.disk_usage(self._folder).free < SPARE_BYTES + 4 * len(body):
            logger.warning("no snapshot at row %d: the disk is nearly full", snapshot.seq)
            return
        row = {"journal": self._journal_id, "seq": snapshot.seq, "body": body}

        def replace(connection: Connection) -> None:
            self._forget(connection)
            connection.execute(insert(snapshots), row)

        self._careful(replace, None)

    def _forget(self, connection: Connection) -> None:
        everything = delete(snapshots)
        mine = everything.where(snapshots.c.journal == self._journal_id)
        connection.execute(everything if self._folder is not None else mine)

    def _careful(self, act: Callable[[Connection], T], otherwise: T) -> T:
        try:
            with self._engine.begin() as connection:
                return act(connection)
        except DBAPIError as error:
            logger.warning("the snapshot could not be used: %s", error.orig)
            return otherwise


def snapshots_beside(path: Path, journal_id: str) -> Snapshots:
    """In a SQLite file of its own; a damaged one is begun again."""
    try:
        engine = sqlite_engine(path)
        with engine.connect() as connection:
            sound = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() == "ok"
    except (DBAPIError, Refused) as error:
        logger.warning("%s is begun again: %s", path, error)
        sound = False
    if not sound:
        path.unlink(missing_ok=True)
    return Snapshots(sqlite_engine(path), journal_id, path.parent)
