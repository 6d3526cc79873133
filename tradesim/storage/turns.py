"""Who may write to a journal on a server: one desk at a time, for as long as its connection lasts.

A file needs none of this: the data folder's lock holds it.
"""

import logging
from collections.abc import Callable

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from tradesim.kernel.errors import Refused
from tradesim.storage.schema import in_one_line

logger = logging.getLogger(__name__)

TURN = 0x54534A31
"""The number of the advisory lock, `TSJ1`. PostgreSQL keeps one of each number for each database."""
LOOK_EVERY_S = 0.25


def is_ours(connection: Connection) -> bool:
    """Take the turn if nobody has it. True where there are no turns."""
    if connection.dialect.name != "postgresql":
        return True
    return bool(connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({TURN})").scalar())


def awaited(engine: Engine, name: str, patience_s: float, sleep: Callable[[float], None]) -> Connection | None:
    """A connection that has the turn; None where there are no turns.

    The desk before us may still be on its way out, or killed a moment ago. Raises Refused when `patience_s` is over.
    """
    if engine.dialect.name != "postgresql":
        return None
    waited_s = 0.0
    while (connection := taken(engine, name)) is None:
        if waited_s >= patience_s:
            raise Refused(taken_already(name))
        if not waited_s:
            logger.warning("%s: waiting up to %g s for it to end", taken_already(name), patience_s)
        sleep(LOOK_EVERY_S)
        waited_s += LOOK_EVERY_S
    return connection


def taken_already(name: str) -> str:
    return f"another TradeSim already writes to {name}"


def taken(engine: Engine, name: str) -> Connection | None:
    try:
        connection = engine.connect()
        with connection.begin():
            has_turn = is_ours(connection)
    except DBAPIError as error:
        raise Refused(f"{name} cannot be used as the journal: {in_one_line(error)}") from error
    if has_turn:
        return connection
    connection.close()
    return None
