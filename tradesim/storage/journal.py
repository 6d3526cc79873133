"""The journal: every event and ledger entry, durable before anyone is told. Implements desk.ports.Journal.

One writer on one connection. `append` is one transaction however many events it carries: group commit.
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Select, Table, delete, func, insert, select
from sqlalchemy.exc import DBAPIError

from tradesim.desk.ports import Snapshot
from tradesim.kernel.errors import JournalUnavailable, Refused
from tradesim.model.accounts import LedgerEntry
from tradesim.model.events import DeskEvent
from tradesim.storage import schema, turns
from tradesim.storage.ballast import BALLAST_BYTES, Ballast
from tradesim.storage.datafolder import JOURNAL_FILE
from tradesim.storage.rows import entry_of, entry_row, event_of, event_row, posting_rows
from tradesim.storage.snapshots import Snapshots, snapshots_beside

logger = logging.getLogger(__name__)

PAGE = 2_000
LAST_ROWS = 20_000
PROBE_EVERY_S = 1.0
OK = "ok"


class SqlJournal:
    """`last_seq` is the number of the last event that is durable. Begin with `SqlJournal.open`."""

    @classmethod
    def open(
        cls,
        where: Path | str,
        ballast_bytes: int = BALLAST_BYTES,
        patience_s: float = 0.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> "SqlJournal":
        """Open or begin the journal: a file in the data folder, or a database server by its URL.

        For `patience_s` it waits for another desk to let go of a server's journal. Raises Refused when what is there
        is foreign, damaged, another's, or cannot be reached.
        """
        if isinstance(where, str):
            return cls._on_server(schema.database_engine(where), patience_s, sleep)
        path = where / JOURNAL_FILE
        ballast = Ballast(path.with_name(path.name + ".ballast"), ballast_bytes)
        return cls(schema.sqlite_engine(path), str(path), path, ballast)

    @classmethod
    def _on_server(cls, engine: Engine, patience_s: float, sleep: Callable[[float], None]) -> "SqlJournal":
        name = engine.url.render_as_string(hide_password=True)
        connection = turns.awaited(engine, name, patience_s, sleep)
        try:
            return cls(engine, name, connection=connection)
        except BaseException:
            if connection is not None:
                connection.close()
            raise

    def __init__(
        self,
        engine: Engine,
        name: str,
        path: Path | None = None,
        ballast: Ballast | None = None,
        connection: Connection | None = None,
    ) -> None:
        """`connection` is one that has the turn to write already."""
        schema.prepare(engine, name)
        self._engine = engine
        self._name = name
        self._ballast = ballast
        self._fault: str | None = None
        self._probed_at = float("-inf")
        self._insert = {
            table.name: inserter(engine, table) for table in (schema.events, schema.entries, schema.postings)
        }
        self._connection = connection
        self._in_doubt = 0
        self.last_seq, self._last_entry = self._read_last()
        self._snapshots = self._snapshots_for(schema.journal_id(engine), path)
        self._require_writer()
        if ballast is not None and not ballast.restore():
            self._fault = self._full()

    def append(self, events: Sequence[DeskEvent], entries: Sequence[LedgerEntry]) -> int:
        """All or nothing; the last event's number. Raises JournalUnavailable with the reason in words.

        When the disk is full the ballast makes room for this batch, and `health` says so from then on.
        """
        if not events and not entries:
            return self.last_seq
        rows = [event_row(seq, event) for seq, event in enumerate(events, self.last_seq + 1)]
        self._in_doubt = len(rows)
        self._durably(lambda connection: self._write(connection, rows, entries))
        self.last_seq += len(rows)
        self._last_entry = entries[-1].seq if entries else self._last_entry
        return self.last_seq

    def replay(self, after: int = 0) -> Iterator[tuple[int, DeskEvent]]:
        """Every event after row `after`, in order. Raises Refused at a damaged row."""
        table = schema.events
        for seq, kind, body in self._pages(select(table.c.seq, table.c.kind, table.c.body), table, after):
            yield seq, event_of(seq, kind, body)

    def history(self, account_id: str, kinds: Sequence[type], after: int = 0) -> Iterator[tuple[int, DeskEvent]]:
        """Reads on a connection of its own, so any thread may ask. Raises Refused at a damaged row."""
        table = schema.events
        query = (
            select(table.c.seq, table.c.kind, table.c.body)
            .where(table.c.account_id == account_id)
            .where(table.c.kind.in_([kind.__name__ for kind in kinds]))
        )
        for seq, kind, body in self._pages(query, table, after):
            yield seq, event_of(seq, kind, body)

    def last_moment(self, world: str) -> int:
        """The latest time (UTC ns) of what was written last of the accounts of `world`; 0 when nothing was.

        However much was written of other worlds since.
        """
        seq, account_id = schema.events.c.seq, schema.events.c.account_id
        is_own = account_id.startswith(world, autoescape=True)
        newest = self._read(select(seq).where(is_own).order_by(seq.desc()).limit(1))
        if not newest:
            return 0
        latest = select(func.max(schema.events.c.ts_event)).where(is_own, seq > newest[0][0] - LAST_ROWS)
        return int(self._read(latest)[0][0])

    def entries(self, after: int = 0) -> Iterator[LedgerEntry]:
        """Every ledger entry after number `after`, in order."""
        for rows in self._entry_pages(after):
            legs = self._read(
                select(schema.postings)
                .where(schema.postings.c.entry_seq.between(rows[0][0], rows[-1][0]))
                .order_by(schema.postings.c.entry_seq, schema.postings.c.leg)
            )
            legs_by_entry = {seq: list(each) for seq, each in groupby(legs, key=lambda leg: leg[0])}
            yield from (entry_of(row, legs_by_entry.get(row[0], ())) for row in rows)

    def snapshot(self) -> Snapshot | None:
        """The newest snapshot, its state as JSON bytes; None without one that fits this journal."""
        return self._snapshots.newest(self.last_seq)

    def save_snapshot(self, snapshot: Snapshot) -> None:
        """Replaces the one before, in the background. Its state must not change any more."""
        self._snapshots.save(snapshot)

    def health(self) -> str:
        """`ok`, or the sentence that says why orders must be refused. Looks again at most once a second."""
        if self._fault is not None and time.monotonic() - self._probed_at >= PROBE_EVERY_S:
            self._probed_at = time.monotonic()
            self._probe()
        return self._fault or OK

    def close(self) -> None:
        self._snapshots.close()
        self._disconnect()
        self._engine.dispose()

    def _durably(self, write: Callable[[Connection], None]) -> None:
        try:
            self._commit(write)
        except DBAPIError as error:
            if not self._make_room(error):
                raise self._unavailable(self._reason(error)) from error
            self._commit_with_room(write)

    def _commit_with_room(self, write: Callable[[Connection], None]) -> None:
        try:
            self._commit(write)
        except DBAPIError as error:
            raise self._unavailable(self._reason(error)) from error
        self._fault = self._full()

    def _commit(self, write: Callable[[Connection], None]) -> None:
        try:
            connection = self._connected()
            with connection.begin():
                write(connection)
        except BaseException:
            self._disconnect()
            raise

    def _connected(self) -> Connection:
        """The writer's connection. Raises JournalUnavailable when somebody else writes."""
        if self._connection is None:
            self._connection = self._engine.connect()
            with self._connection.begin():
                if not turns.is_ours(self._connection):
                    raise self._unavailable(turns.taken_already(self._name))
                self._take_back(self._connection)
        return self._connection

    def _take_back(self, connection: Connection) -> None:
        """Drop what a commit whose answer was lost may have left: its caller was told that it failed."""
        found = connection.execute(select(func.coalesce(func.max(schema.events.c.seq), 0))).scalar_one()
        if not self.last_seq <= found <= self.last_seq + self._in_doubt:
            raise self._unavailable(f"{self._name} must end at row {self.last_seq}, was written to row {found}")
        connection.execute(delete(schema.events).where(schema.events.c.seq > self.last_seq))
        connection.execute(delete(schema.entries).where(schema.entries.c.seq > self._last_entry))
        connection.execute(delete(schema.postings).where(schema.postings.c.entry_seq > self._last_entry))

    def _unavailable(self, why: str) -> JournalUnavailable:
        self._fault = why
        return JournalUnavailable(why)

    def _require_writer(self) -> None:
        try:
            self._commit(lambda connection: None)
        except (DBAPIError, JournalUnavailable) as error:
            raise Refused(str(error)) from error

    def _disconnect(self) -> None:
        if self._connection is not None:
            try:
                self._connection.close()
            except DBAPIError as error:
                logger.warning("%s did not close: %s", self._name, error)
            self._connection = None

    def _write(self, connection: Connection, rows: list[Any], entries: Sequence[LedgerEntry]) -> None:
        """At the driver's own cursor: what Core does around a statement took longer than the statement."""
        cursor = connection.connection.cursor()
        try:
            self._insert["events"](cursor, rows)
            if entries:
                self._insert["entries"](cursor, [entry_row(entry) for entry in entries])
                self._insert["postings"](cursor, [row for entry in entries for row in posting_rows(entry)])
        except self._engine.dialect.loaded_dbapi.Error as error:
            raise DBAPIError(None, None, error) from error
        finally:
            cursor.close()

    def _read_last(self) -> tuple[int, int]:
        with self._engine.connect() as connection:
            return (
                connection.execute(select(func.coalesce(func.max(schema.events.c.seq), 0))).scalar_one(),
                connection.execute(select(func.coalesce(func.max(schema.entries.c.seq), 0))).scalar_one(),
            )

    def _snapshots_for(self, journal_id: str, path: Path | None) -> Snapshots:
        if path is None:
            return Snapshots(self._engine, journal_id)
        return snapshots_beside(path.with_name("snapshot.db"), journal_id)

    def _pages(self, query: Select[Any], table: Table, after: int) -> Iterator[Any]:
        for page in self._paged(query, table, after):
            yield from page

    def _entry_pages(self, after: int) -> Iterator[Sequence[Any]]:
        return self._paged(select(schema.entries), schema.entries, after)

    def _paged(self, query: Select[Any], table: Table, after: int) -> Iterator[Sequence[Any]]:
        while page := self._read(query.where(table.c.seq > after).order_by(table.c.seq).limit(PAGE)):
            yield page
            after = page[-1][0]

    def _read(self, query: Select[Any]) -> Sequence[Any]:
        try:
            with self._engine.connect() as connection:
                return connection.execute(query).all()
        except DBAPIError as error:
            raise Refused(f"{self._name} cannot be read: {error.orig}") from error

    def _probe(self) -> None:
        """Healthy again means: the ballast is back, and a real write has reached the disk."""
        if self._ballast is not None and not self._ballast.restore():
            return
        try:
            self._commit(write_probe)
        except DBAPIError as error:
            self._fault = self._reason(error)
        except JournalUnavailable as error:
            self._fault = str(error)
        else:
            self._fault = None

    def _make_room(self, error: DBAPIError) -> bool:
        return self._ballast is not None and is_about_room(error) and self._ballast.release()

    def _reason(self, error: DBAPIError) -> str:
        if is_about_room(error):
            return self._full()
        return f"the journal cannot be written: {error.orig}"

    def _full(self) -> str:
        return self._ballast.shortage() if self._ballast else "the journal's disk is full"


def inserter(engine: Engine, table: Table) -> Callable[[Any, Sequence[Sequence[Any]]], None]:
    """Writes rows (values in the order of the columns) at a driver's cursor, with a statement compiled once."""
    compiled = insert(table).compile(dialect=engine.dialect)
    sql, names = str(compiled), [column.name for column in table.columns]
    is_positional = bool(compiled.positional)

    def write(cursor: Any, rows: Sequence[Sequence[Any]]) -> None:
        cursor.executemany(sql, rows if is_positional else [dict(zip(names, row, strict=True)) for row in rows])

    return write


def write_probe(connection: Connection) -> None:
    connection.execute(delete(schema.meta).where(schema.meta.c.key == "probe"))
    connection.execute(insert(schema.meta), {"key": "probe", "value": "written"})


def is_about_room(error: DBAPIError) -> bool:
    """A full disk, as SQLite and PostgreSQL say it; SQLite calls a file-size limit an I/O error."""
    found = str(error.orig).lower()
    return any(words in found for words in ("is full", "disk i/o error", "no space left", "disk full"))
