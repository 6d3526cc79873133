"""The journal's tables, and whether a database is one of ours. The same Core tables on SQLite and PostgreSQL."""

import uuid
from pathlib import Path
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    create_engine,
    event,
    inspect,
    select,
)
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool

from tradesim.kernel.errors import Refused

SCHEMA = 1
APPLICATION_ID = 0x54534A31
"""`TSJ1`, in the header of every SQLite journal."""
SQLITE_MAGIC = b"SQLite format 3\x00"
BUSY_TIMEOUT_MS = 5_000
CONNECT_TIMEOUT_S = 5
POSTGRESQL = "postgresql+psycopg"
DRIVERS = {"postgresql": POSTGRESQL, "postgres": POSTGRESQL, POSTGRESQL: POSTGRESQL, "sqlite": "sqlite"}
"""By the beginning of an address."""

Count = BigInteger().with_variant(Integer, "sqlite")

tables = MetaData()
meta = Table("meta", tables, Column("key", String, primary_key=True), Column("value", String, nullable=False))
events = Table(
    "events",
    tables,
    Column("seq", Count, primary_key=True, autoincrement=False),
    Column("ts_event", BigInteger, nullable=False),
    Column("account_id", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("body", Text, nullable=False),
)
entries = Table(
    "entries",
    tables,
    Column("seq", Count, primary_key=True, autoincrement=False),
    Column("ts_event", BigInteger, nullable=False),
    Column("kind", String, nullable=False),
    Column("cause", String, nullable=False),
    Column("memo", String, nullable=False),
)
postings = Table(
    "postings",
    tables,
    Column("entry_seq", BigInteger, nullable=False),
    Column("leg", Integer, nullable=False),
    Column("account_id", String, nullable=False),
    Column("book", String, nullable=False),
    Column("unit", String, nullable=False),
    Column("amount", String, nullable=False),
    PrimaryKeyConstraint("entry_seq", "leg"),
    sqlite_with_rowid=False,
)


def sqlite_engine(path: Path) -> Engine:
    """SQLite in a file. Raises Refused when the file is of another kind."""
    require_sqlite_file(path)
    address = URL.create("sqlite", database=str(path))
    return create_engine(address, poolclass=NullPool, connect_args={"check_same_thread": False})


def database_engine(url: str) -> Engine:
    """PostgreSQL or SQLite by URL. Raises Refused, also when the driver is not installed."""
    scheme, is_address, rest = url.partition("://")
    if not is_address or scheme not in DRIVERS:
        found = f"{scheme[:20]}://…" if is_address else "none"
        raise Refused(f"DATABASE_URL must be an address such as postgresql://user@host/name, was {found}")
    is_server = DRIVERS[scheme] != "sqlite"
    arguments = {"connect_timeout": CONNECT_TIMEOUT_S, "client_encoding": "utf8"} if is_server else {}
    try:
        engine = create_engine(f"{DRIVERS[scheme]}://{rest}", poolclass=NullPool, connect_args=arguments)
    except ImportError as error:
        raise Refused(f"DATABASE_URL needs {error.name}: pip install 'tradesim[postgres]' brings it") from error
    except (ArgumentError, ValueError):
        raise Refused("DATABASE_URL must be an address such as postgresql://user@host/name, was not one") from None
    if is_server:
        event.listen(engine, "connect", make_durable_on_server)
    return engine


def make_durable(connection: Any, _record: Any) -> None:
    """For each new connection to SQLite: every commit reaches the disk before it returns."""
    for pragma in (
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "fullfsync = ON",
        "checkpoint_fullfsync = ON",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def make_durable_on_server(connection: Any, _record: Any) -> None:
    """For each new connection to PostgreSQL: a commit is on its disk before it returns, whatever its habit.

    And a desk whose machine is gone gives up its turn within half a minute.
    """
    with connection.cursor() as cursor:
        for setting in (
            "synchronous_commit = on",
            "tcp_keepalives_idle = 15",
            "tcp_keepalives_interval = 5",
            "tcp_keepalives_count = 3",
        ):
            cursor.execute(f"SET {setting}")
    connection.commit()


def require_sqlite_file(path: Path) -> None:
    if not path.exists() or path.stat().st_size == 0:
        return
    with path.open("rb") as file:
        head = file.read(len(SQLITE_MAGIC))
    if head != SQLITE_MAGIC:
        raise Refused(f"{path} is not a TradeSim journal: wanted a SQLite database, found a file beginning {head!r}")


def prepare(engine: Engine, name: str) -> None:
    """Create the tables in an empty database, or make sure that they are ours and sound. Raises Refused.

    A database of another program is looked at, never written to.
    """
    try:
        with engine.connect() as connection:
            found = sorted(inspect(connection).get_table_names())
            if found:
                require_ours(connection, name, found)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", make_durable)
        with engine.connect() as connection:
            if not found:
                create(connection)
            require_schema(connection, name)
            require_sound(connection, name)
    except DBAPIError as error:
        raise Refused(f"{name} cannot be used as the journal: {in_one_line(error)}") from error


def in_one_line(error: DBAPIError) -> str:
    return " ".join(str(error.orig).split())


def create(connection: Connection) -> None:
    """All in one transaction: a kill half-way leaves an empty database, which is begun again."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION_ID}")
    tables.create_all(connection)
    named = {"schema": str(SCHEMA), "journal": str(uuid.uuid4())}
    connection.execute(meta.insert(), [{"key": key, "value": value} for key, value in named.items()])
    connection.commit()


def require_ours(connection: Connection, name: str, found: list[str]) -> None:
    ours = set(tables.tables) <= set(found)
    if connection.dialect.name == "sqlite":
        ours = ours and connection.exec_driver_sql("PRAGMA application_id").scalar() == APPLICATION_ID
    if not ours:
        wanted = ", ".join(sorted(tables.tables))
        raise Refused(f"{name} is not a TradeSim journal: wanted the tables {wanted}, found {', '.join(found)}")


def require_schema(connection: Connection, name: str) -> None:
    version = connection.execute(select(meta.c.value).where(meta.c.key == "schema")).scalar()
    if version != str(SCHEMA):
        raise Refused(f"{name} was written by another version of TradeSim: wanted schema {SCHEMA}, found {version}")


def journal_id(engine: Engine) -> str:
    """The name that this journal was given when it was begun."""
    with engine.connect() as connection:
        return str(connection.execute(select(meta.c.value).where(meta.c.key == "journal")).scalar_one())


def require_sound(connection: Connection, name: str) -> None:
    if connection.dialect.name == "sqlite":
        verdict = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar()
        if verdict != "ok":
            raise Refused(f"{name} is damaged ({verdict}): put a sound copy in its place, or move it away")
    for table in (events, entries):
        require_no_gap(connection, name, table)


def require_no_gap(connection: Connection, name: str, table: Table) -> None:
    rows, last = connection.exec_driver_sql(f"SELECT COUNT(*), COALESCE(MAX(seq), 0) FROM {table.name}").one()
    if rows != last:
        raise Refused(f"{name} has lost rows of {table.name}: wanted 1 to {last:,}, found {rows:,} of them")
