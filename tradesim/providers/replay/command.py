"""`tradesim book`: a recorded book rebuilt from its messages, compared row by row."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tradesim.kernel.errors import Refused
from tradesim.providers.replay.rebuild import run

REFUSED = 1


def add_parser(subparsers: "argparse._SubParsersAction[Any]") -> None:
    """Hang the verb into the program's parser; `arguments.run(arguments)` is the exit code, or raises Refused."""
    parser = subparsers.add_parser(
        "book",
        help="rebuild a LOBSTER day from its messages and compare it with the recorded book",
        description=(
            "Rebuild the order book of a LOBSTER day and compare it with the recorded one, row by row. "
            "The last line printed is `matched N of M rows (P %)`."
        ),
        epilog="example: tradesim book AAPL_message.csv AAPL_orderbook.csv",
    )
    parser.add_argument(
        "messages", type=Path, metavar="MESSAGES", help="message file (.csv, .gz, .xz), or a zip with both files"
    )
    parser.add_argument(
        "orderbook", type=Path, nargs="?", metavar="ORDERBOOK", help="orderbook file, or the zip that holds it"
    )
    parser.add_argument("--levels", type=int, metavar="N", help="levels a side that ORDERBOOK must have")
    parser.add_argument(
        "--messages-only",
        action="store_true",
        help="start from the seed book, apply messages alone, never correct; compare the touch",
    )
    parser.add_argument(
        "--seed-book", type=Path, metavar="FILE", help="orderbook file whose first row is the book after message 1"
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    """0 when every row was compared, whatever matched. Raises Refused."""
    paths = [path for path in (arguments.messages, arguments.orderbook) if path is not None]
    if arguments.messages == arguments.orderbook:
        del paths[1:]
    for line in run(paths, arguments.levels, arguments.messages_only, arguments.seed_book):
        sys.stdout.write(line + "\n")
    return 0


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="tradesim")
    add_parser(parser.add_subparsers(required=True, metavar="VERB"))
    parsed = parser.parse_args(arguments)
    try:
        return int(parsed.run(parsed))
    except Refused as refusal:
        sys.stderr.write(f"tradesim: {refusal}\n")
        return REFUSED


if __name__ == "__main__":
    sys.exit(main())
