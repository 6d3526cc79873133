"""The command line: `tradesim --help` explains every verb."""

import argparse
import sys
from collections.abc import Sequence

from tradesim.cli import grammar, tasks
from tradesim.kernel.errors import Refused
from tradesim.ops import leaving


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; what a person can mend is told in one sentence on stderr. Returns the exit code."""
    options = grammar.parser().parse_args(argv)
    if not is_desk(options):
        leaving.disarm()
    try:
        return int(options.run(options) or 0)
    except Refused as refused:
        print(f"tradesim: {refused}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def is_desk(options: argparse.Namespace) -> bool:
    """Whether a desk is to be served; other verbs are ended in their own ways."""
    return options.run is tasks.run_desk or (options.run is tasks.run_bot_or_desk and not options.bot)
