"""The command line: `tradesim --help` explains every verb."""

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tradesim import __version__
from tradesim.kernel.errors import Refused
from tradesim.settings import Settings
from tradesim.storage.datafolder import data_folder
from tradesim.storage.lock import InstanceLock

if TYPE_CHECKING:
    from tradesim.storage.apikeys import ApiKeys


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; what a person can mend is told in one sentence on stderr. Returns the exit code."""
    options = parser().parse_args(argv)
    try:
        return int(options.run(options) or 0)
    except Refused as refused:
        print(f"tradesim: {refused}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(
        prog="tradesim",
        description="A trading desk in the browser on top of a real exchange simulator.",
        epilog="Settings are environment variables; see the table in README.md.",
    )
    root.add_argument("--version", action="version", version=f"tradesim {__version__}")
    root.set_defaults(run=run_desk, files=[], map=[], symbol=None, zone=None)
    verbs = root.add_subparsers(title="verbs", metavar="VERB")
    add_run(verbs)
    add_replay(verbs)
    add_session(verbs)
    add_keys(verbs)
    add_score(verbs)
    add_book(verbs)
    return root


def add_run(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    verb = verbs.add_parser("run", help="start the desk on the simulated market (the default)")
    verb.set_defaults(run=run_desk, files=[], map=[])


def add_replay(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    verb = verbs.add_parser(
        "replay",
        help="start the desk on recorded days",
        description="Play recordings on a clock that can be paused, sped up and moved; orders work all the while. "
        "Knows LOBSTER zips or message/orderbook pairs, and bars in CSV, Parquet or Feather.",
    )
    verb.add_argument("files", nargs="+", metavar="FILE", help="a recording; a LOBSTER pair is two files")
    verb.add_argument("--map", action="append", default=[], metavar="NAME=COLUMN", help="which column is which")
    verb.set_defaults(run=run_desk)


def add_session(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    verb = verbs.add_parser(
        "session",
        help="run the simulated market without a screen and write down every fact",
        description="The same seed and the same commands give the same bytes.",
    )
    verb.add_argument("--seed", type=int, default=42, help="seed of the market (default 42)")
    verb.add_argument("--seconds", type=seconds, default=60, help="market time to run (default 60)")
    verb.add_argument("--commands", type=Path, help='JSON lines: {"at_ms": 1500, "do": "submit", "symbol": "AAPL", …}')
    verb.add_argument("--log", type=Path, required=True, help="where the facts go, one JSON line each")
    verb.set_defaults(run=run_session)


def add_keys(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    verb = verbs.add_parser(
        "keys",
        help="make, list and revoke the keys by which programs trade",
        description="Works while the desk runs, and before it ever ran.",
    )
    acts = verb.add_subparsers(title="what to do", metavar="ACT", required=True)
    create = acts.add_parser("create", help="make a key; its secret is shown this once")
    create.add_argument("--account", default="", metavar="NAME", help="whose account it opens (default: Paper)")
    create.add_argument("--plain", action="store_true", help="print `KEY SECRET` on one line, for scripts")
    create.set_defaults(run=create_key)
    acts.add_parser("list", help="show the keys, never their secrets").set_defaults(run=list_keys)
    revoke = acts.add_parser("revoke", help="from now on the key opens nothing")
    revoke.add_argument("key", metavar="KEY", help="the key's id, as `list` shows it")
    revoke.set_defaults(run=revoke_key)


def seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value <= 7 * 86_400:
        raise argparse.ArgumentTypeError(f"wanted seconds from above 0 to 604,800, was {text!r}")
    return value


def add_score(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    verb = verbs.add_parser("score", help="hold the simulated market against the stylised facts of real ones")
    verb.add_argument("symbol", nargs="?", default="META", help="instrument to score (default META)")
    verb.add_argument("--seconds", type=int, default=3_600, help="market time to simulate (default 3,600)")
    verb.add_argument("--seed", type=int, default=42, help="seed of the market (default 42)")
    verb.set_defaults(run=run_score)


def add_book(verbs: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    from tradesim.providers.replay import command

    command.add_parser(verbs)


def run_desk(options: argparse.Namespace) -> int:
    """What can fail is looked at here; the house is built in the process that serves: threads do not survive a fork."""
    from tradesim.ops import server

    settings = Settings.from_env(os.environ)
    files = tuple(str(Path(file).resolve()) for file in options.files)
    mapping = mapping_of(options.map)
    InstanceLock(data_folder(settings.data)).probe()
    for file in files:
        if not Path(file).is_file():
            raise Refused(f"{file}: wanted a recording, found no such file")

    def build() -> Any:
        from tradesim import bootstrap

        house = bootstrap.open_house(settings, bootstrap.Plan(files, mapping))
        print(f"TradeSim is at http://{settings.host}:{settings.port} (Ctrl-C ends it)", flush=True)
        return house

    return server.serve(build, settings.host, settings.port, settings.threads)


def run_session(options: argparse.Namespace) -> int:
    from tradesim import bootstrap

    try:
        text = options.commands.read_text(encoding="utf-8") if options.commands else ""
        with options.log.open("wb") as log:
            written = bootstrap.scripted(options.seed, text, str(options.commands), int(options.seconds * 1_000), log)
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"wanted a file of commands and a file to write facts to: {error}") from None
    print(f"{written:,} facts written to {options.log}")
    return 0


def api_keys() -> "ApiKeys":
    from tradesim.kernel.clock import WallClock
    from tradesim.storage.apikeys import ApiKeys

    settings = Settings.from_env(os.environ)
    return ApiKeys(data_folder(settings.data), WallClock().now)


def create_key(options: argparse.Namespace) -> int:
    made = api_keys().create(options.account)
    if options.plain:
        print(f"{made.key.id} {made.secret}")
        return 0
    print(f"key     {made.key.id}\nsecret  {made.secret}\naccount {made.key.account or 'Paper'}")
    print("The secret is not kept: this is the only time that it is shown.")
    return 0


def list_keys(_options: argparse.Namespace) -> int:
    for key in api_keys().list():
        made = datetime.fromtimestamp(key.created_at // 1_000_000_000, UTC)
        print(f"{key.id}  {key.account or 'Paper'}  made {made:%Y-%m-%d %H:%M} UTC")
    return 0


def revoke_key(options: argparse.Namespace) -> int:
    api_keys().revoke(options.key)
    print(f"{options.key} opens nothing any more")
    return 0


def run_score(options: argparse.Namespace) -> int:
    from tradesim.providers.simulated.scoring import scorecard

    rows = scorecard(options.symbol, options.seconds, options.seed)
    for row in rows:
        print(row)
    return 0 if all(row.ok or not row.must for row in rows) else 1


def mapping_of(pairs: Sequence[str]) -> tuple[tuple[str, str], ...]:
    for pair in pairs:
        if "=" not in pair:
            raise Refused(f"--map must be NAME=COLUMN, such as close=LAST, was {pair!r}")
    return tuple((name, column) for name, _, column in (pair.partition("=") for pair in pairs))


if __name__ == "__main__":
    sys.exit(main())
