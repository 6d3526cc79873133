"""The command line: `tradesim --help` explains every verb."""

import argparse
import logging
import os
import shlex
import sys
import textwrap
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from tradesim import __version__
from tradesim.kernel.errors import Refused
from tradesim.ops import leaving
from tradesim.providers.vendors import ROWS
from tradesim.settings import Settings
from tradesim.storage.datafolder import data_folder
from tradesim.storage.lock import InstanceLock

if TYPE_CHECKING:
    from tradesim.storage.apikeys import ApiKeys

HELP_WIDTH = 96
PROVIDERS = tuple(row.id for row in ROWS if not row.is_discontinued)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb; what a person can mend is told in one sentence on stderr. Returns the exit code."""
    options = parser().parse_args(argv)
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
    return options.run is run_desk or (options.run is run_bot_or_desk and not options.bot)


def parser() -> argparse.ArgumentParser:
    root = argparse.ArgumentParser(
        prog="tradesim",
        description=folded(
            "A trading desk in the browser on top of a real exchange simulator. Without a verb it starts."
        ),
        epilog=f"{examples(START)}\n\n{where()}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    root.add_argument("--version", action="version", version=f"tradesim {__version__}")
    root.add_argument(
        "--allow-bot",
        dest="may_start",
        action="append",
        default=[],
        metavar="FILE",
        help="a bot that the page may start",
    )
    root.set_defaults(run=run_desk, files=[], map=[], symbol=None, zone=None, provider=None)
    verbs = root.add_subparsers(title="verbs", metavar="VERB")
    add_run(verbs)
    add_replay(verbs)
    add_live(verbs)
    add_record(verbs)
    add_doctor(verbs)
    add_session(verbs)
    add_keys(verbs)
    add_person(verbs)
    add_certs(verbs)
    add_score(verbs)
    add_book(verbs)
    return root


Verbs: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
MAPPED = (
    "a column (date, time, open, high, low, close, volume) or a value (symbol, class, zone, tick, lot, timeframe, "
    "order); docs/replay.md says more"
)
STARTING = frozenset({"run", "replay", "live"})
START = (
    "tradesim                                     the simulated market, no key and no network needed",
    "tradesim live kraken BTC/USD ETH/USD         a live market, on paper",
    "tradesim run my_bot.py                       a bot against the desk that runs",
)


def folded(text: str) -> str:
    return textwrap.fill(text, HELP_WIDTH)


def examples(lines: Sequence[str]) -> str:
    return "\n".join([f"example{'' if len(lines) == 1 else 's'}:", *(f"  {line}" for line in lines)])


def where() -> str:
    """Where the desk will be, as the environment has it now."""
    try:
        address = Settings.from_env(os.environ).url
    except Refused as refused:
        return f"The desk cannot start yet: {refused}."
    ways = "HOST and PORT, or TRADESIM_URL"
    return f"The desk is at {address} ({ways}). All settings are environment variables: see README.md."


def verb_of(verbs: Verbs, name: str, summary: str, description: str, *lines: str) -> argparse.ArgumentParser:
    """A verb with its examples, whose lines stay as they are; one that starts the desk says where that is."""
    address = f"\n\n{where()}" if name in STARTING else ""
    return verbs.add_parser(
        name,
        help=summary,
        description=folded(description),
        epilog=examples(lines) + address,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def add_run(verbs: Verbs) -> None:
    verb = verb_of(
        verbs,
        "run",
        "start the desk (the default), or a bot against the desk that runs",
        "With a BOT: start it unmodified, as a process of its own whose Alpaca is this desk. Its exit code "
        "is passed on; 124 means that its time was up.",
        "tradesim run                                 the desk",
        "tradesim run my_bot.py AAPL 100              a bot with its arguments, in the account Paper",
        "tradesim run --account Maker --time-limit 600 my_bot.py",
    )
    verb.add_argument("bot", nargs="?", metavar="BOT.py", help="a program written for Alpaca")
    verb.add_argument("arguments", nargs=argparse.REMAINDER, metavar="ARG", help="what the bot is given")
    verb.add_argument("--account", default="", metavar="NAME", help="whose money it trades with (default: Paper)")
    verb.add_argument("--time-limit", type=seconds, metavar="SECONDS", help="end it after so long")
    verb.add_argument("--memory", type=int, default=2_048, metavar="MB", help="most memory, 0: no limit (default 2048)")
    verb.add_argument("--python", default="", metavar="PATH", help="the Python that it needs (default: this one)")
    verb.add_argument("--url", default="", help="where the desk is (default: TRADESIM_URL, or by HOST and PORT)")
    verb.set_defaults(run=run_bot_or_desk, files=[], map=[])


def add_replay(verbs: Verbs) -> None:
    verb = verb_of(
        verbs,
        "replay",
        "start the desk on recorded days",
        "Play recordings on a clock that can be paused, sped up and moved; orders work all the while. "
        "Knows LOBSTER zips or message/orderbook pairs, IEX captures, traffic written by `tradesim record`, and bars "
        "in CSV, Parquet or Feather.",
        "tradesim replay day.traffic.gz",
        "tradesim replay AAPL_message.csv AAPL_orderbook.csv",
        "tradesim replay bars.csv --map close=LAST",
    )
    verb.add_argument("files", nargs="+", metavar="FILE", help="a recording; a LOBSTER pair is two files")
    verb.add_argument("--map", action="append", default=[], metavar="NAME=COLUMN", help=MAPPED)
    verb.set_defaults(run=run_desk)


def add_live(verbs: Verbs) -> None:
    verb = verb_of(
        verbs,
        "live",
        "start the desk on a provider's live market",
        "Paper orders on live prices. Keys come from the environment or from the page. When the provider "
        "cannot be reached the desk starts with the simulated market and says so on the page.",
        "tradesim live kraken BTC/USD ETH/USD --backup coinbase",
        "tradesim live alpaca AAPL MSFT",
    )
    verb.add_argument("provider", metavar="PROVIDER", help=f"one of {', '.join(PROVIDERS)}")
    verb.add_argument("symbols", nargs="+", metavar="SYMBOL", help="such as BTC/USD, or AAPL")
    verb.add_argument(
        "--backup",
        action="append",
        metavar="PROVIDER",
        help="stands in when the provider fails; more than one in order (default: your choice on the page)",
    )
    verb.set_defaults(run=run_desk, files=[], map=[])


def add_record(verbs: Verbs) -> None:
    verb = verb_of(
        verbs,
        "record",
        "write down what a live provider says, to replay it",
        "Writes every answer and every frame as it comes, keys taken out, until Ctrl-C or for a while. "
        "A file that is there is gone on with. `tradesim replay FILE` plays it through the same adapter.",
        "tradesim record kraken BTC/USD --out btc.traffic.gz --for 10m",
    )
    verb.add_argument("provider", metavar="PROVIDER", help="kraken, coinbase, binance, alpaca, finnhub, polygon, …")
    verb.add_argument("symbols", nargs="*", metavar="SYMBOL", help="what to listen to (the provider's usual ones)")
    verb.add_argument("--out", type=Path, required=True, metavar="FILE", help="such as btc.traffic.gz")
    verb.add_argument("--for", dest="seconds", type=span, metavar="TIME", help="30s, 10m or 2h (until Ctrl-C)")
    verb.set_defaults(run=run_record)


def add_doctor(verbs: Verbs) -> None:
    verb = verb_of(
        verbs,
        "doctor",
        "look over the house and every provider, with a remedy for what is wrong",
        "Keys, reach, clock, what the plan has, what is left of it; the data folder and the port. Each "
        "provider is asked a few small questions. Exit codes: 0 nothing failed, 1 the desk itself cannot work, 3 the "
        "desk works but a live provider, or the network, failed.",
        "tradesim doctor",
        "tradesim doctor kraken --json",
    )
    verb.add_argument("providers", nargs="*", metavar="PROVIDER", help="these alone (all)")
    verb.add_argument("--json", action="store_true", help="for programs")
    verb.set_defaults(run=run_doctor)


def span(text: str) -> float:
    """Seconds in `90`, `30s`, `10m`, `2h`."""
    units = {"s": 1, "m": 60, "h": 3_600}
    unit = units.get(text[-1:], 0)
    try:
        return seconds(text[:-1] if unit else text) * (unit or 1)
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(f"wanted a time such as 30s, 10m or 2h, was {text!r}") from None


def add_session(verbs: Verbs) -> None:
    verb = verb_of(
        verbs,
        "session",
        "run the simulated market without a screen and write down every fact",
        "The same seed and the same commands give the same bytes.",
        "tradesim session --seconds 60 --log facts.jsonl",
        "tradesim session --commands orders.jsonl --log facts.jsonl",
    )
    verb.add_argument("--seed", type=int, default=42, help="seed of the market (default 42)")
    verb.add_argument("--seconds", type=seconds, default=60, help="market time to run (default 60)")
    verb.add_argument("--commands", type=Path, help='JSON lines: {"at_ms": 1500, "do": "submit", "symbol": "AAPL", …}')
    verb.add_argument("--log", type=Path, required=True, help="where the facts go, one JSON line each")
    verb.set_defaults(run=run_session)


def add_keys(verbs: Verbs) -> None:
    verb = verb_of(
        verbs,
        "keys",
        "make, list and revoke the keys by which programs trade",
        "Works while the desk runs, and before it ever ran. The secret of a new key is shown once.",
        "tradesim keys create --account Robots --label laptop",
        "tradesim keys list",
        "tradesim keys revoke PKXXXXXXXXXXXXXXXXXX",
    )
    acts = verb.add_subparsers(title="what to do", metavar="ACT", required=True)
    create = acts.add_parser("create", help="make a key; its secret is shown this once")
    create.add_argument("--account", default="", metavar="NAME", help="whose account it opens (default: Paper)")
    create.add_argument("--label", default="", metavar="TEXT", help="what it is for, to tell it from others")
    create.add_argument("--plain", action="store_true", help="print `KEY SECRET` on one line, for scripts")
    create.set_defaults(run=create_key)
    acts.add_parser("list", help="show the keys, never their secrets").set_defaults(run=list_keys)
    revoke = acts.add_parser("revoke", help="from now on the key opens nothing")
    revoke.add_argument("key", metavar="KEY", help="the key's id, as `list` shows it")
    revoke.set_defaults(run=revoke_key)


def add_person(verbs: Verbs) -> None:
    verb = verb_of(
        verbs,
        "person",
        "show the token by which a person is known to the control API",
        "Sent as X-TradeSim-Person to /sim/v1 it may raise limits, let trading go on, start bots, open "
        "markets and make faults. Give it to no program that trades.",
        'curl -X POST -H "X-TradeSim-Person: $(tradesim person)" http://127.0.0.1:8050/sim/v1/pause',
    )
    verb.set_defaults(run=show_person)


def add_certs(verbs: Verbs) -> None:
    verb = verb_of(
        verbs,
        "certs",
        "make a certificate for this machine, to serve the desk over TLS",
        "For clients that insist on https and wss. The certificate and what clients must trust are kept in "
        "the data folder; the authority that signed it has no key any more, so it can sign nothing else. Run again, it "
        "makes new ones.",
        "tradesim certs                               for localhost, 127.0.0.1 and ::1",
        "tradesim certs desk.lan 192.168.1.7          and for further names or addresses",
    )
    verb.add_argument("names", nargs="*", metavar="NAME", help="further names or addresses of this desk")
    verb.set_defaults(run=make_certificate)


def seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value <= 7 * 86_400:
        raise argparse.ArgumentTypeError(f"wanted seconds from above 0 to 604,800, was {text!r}")
    return value


def add_score(verbs: Verbs) -> None:
    verb = verb_of(
        verbs,
        "score",
        "hold the simulated market against the stylised facts of real ones",
        "Spread, depth, returns and order flow of a simulated hour, each beside what is known of real markets. The "
        "exit code is 1 when a fact that must hold does not.",
        "tradesim score META --seconds 3600",
    )
    verb.add_argument("symbol", nargs="?", default="META", help="instrument to score (default META)")
    verb.add_argument("--seconds", type=int, default=3_600, help="market time to simulate (default 3,600)")
    verb.add_argument("--seed", type=int, default=42, help="seed of the market (default 42)")
    verb.set_defaults(run=run_score)


def add_book(verbs: Verbs) -> None:
    from tradesim.providers.replay import command

    command.add_parser(verbs)


def run_desk(options: argparse.Namespace) -> int:
    """What can fail is looked at here; the house is built in the process that serves: threads do not survive a fork."""
    from tradesim.ops import server

    settings = Settings.from_env(os.environ)
    files = tuple(str(Path(file).resolve()) for file in options.files)
    mapping = mapping_of(options.map)
    bots = tuple(str(Path(bot).resolve()) for bot in options.may_start)
    live = live_of(options)
    for file in files:
        require_file(file, "a recording")
    for bot in bots:
        require_file(bot, "a bot")
    InstanceLock(data_folder(settings.data)).probe()

    def build() -> Any:
        from tradesim import bootstrap

        plan = bootstrap.Plan(files, mapping, bots=bots, live=live and bootstrap.LivePlan(*live))
        return bootstrap.open_house(settings, plan)

    def welcome(app: Any) -> str:
        from tradesim import bootstrap

        market, folder = bootstrap.market_of(app), data_folder(settings.data)
        return f"TradeSim is ready at {settings.url} · {market} · data in {folder} · Ctrl-C ends it"

    tls = (settings.certificate, settings.certificate_key)
    return server.serve(build, settings.host, settings.port, settings.threads, *tls, welcome=welcome)


def require_file(name: str, wanted: str) -> None:
    """Raises Refused."""
    path = Path(name)
    if not path.is_file():
        raise Refused(f"{name}: wanted {wanted}, found {'a folder' if path.is_dir() else 'no such file'}")


def run_bot_or_desk(options: argparse.Namespace) -> int:
    return run_bot(options) if options.bot else run_desk(options)


def run_bot(options: argparse.Namespace) -> int:
    from tradesim.ops import solo
    from tradesim.ops.bots import Plan

    settings = Settings.from_env(os.environ)
    path, url = Path(options.bot).resolve(), options.url or settings.url
    plan = Plan(path, tuple(options.arguments), options.account, options.time_limit, options.memory, options.python)
    about = f"{path.name} trades in the account {options.account or 'Paper'} of {url}"
    welcome = f"tradesim: {about}; watch it at {url}/#bots, Ctrl-C ends it"
    return solo.run(plan, url, api_keys(), data_folder(settings.data), settings.trusted, welcome)


def live_of(options: argparse.Namespace) -> tuple[str, tuple[str, ...], tuple[str, ...] | None] | None:
    """Provider, symbols and stand-ins. A name that does not exist is refused before anything starts."""
    if options.provider is None:
        return None
    backups = None if options.backup is None else tuple(options.backup)
    must_be_providers(options.provider, *(backups or ()))
    return options.provider, tuple(options.symbols), backups


def must_be_providers(*names: str) -> None:
    """Said at once, before the rooms that take long to be read."""
    for name in names:
        if name not in PROVIDERS:
            raise Refused(f"wanted one of the providers {', '.join(PROVIDERS)}, was {name[:40]!r}")


def run_record(options: argparse.Namespace) -> int:
    must_be_providers(options.provider)
    import signal

    from tradesim import bootstrap

    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    settings = Settings.from_env(os.environ)
    ends = f"for {options.seconds:g} s" if options.seconds else "until Ctrl-C"
    print(f"Recording {options.provider} into {options.out} {ends}.", file=sys.stderr, flush=True)
    print(bootstrap.recorded(settings, options.provider, options.symbols, options.out, options.seconds, stopping))
    print(f"Next: tradesim replay {shlex.quote(str(options.out))}", file=sys.stderr)
    return 0


def run_doctor(options: argparse.Namespace) -> int:
    must_be_providers(*options.providers)
    from tradesim import bootstrap
    from tradesim.ops import doctor

    logging.basicConfig(level=logging.CRITICAL)
    is_seen = sys.stdout.isatty()
    if is_seen and not options.json:
        print("Looking; providers may take up to 45 s to answer.", file=sys.stderr, flush=True)
    findings = doctor.gathered(bootstrap.examined(Settings.from_env(os.environ), options.providers))
    has_color = is_seen and "NO_COLOR" not in os.environ
    print(doctor.as_json(findings) if options.json else doctor.as_text(findings, has_color))
    return doctor.exit_code(findings)


def run_session(options: argparse.Namespace) -> int:
    from tradesim import bootstrap

    try:
        text = options.commands.read_text(encoding="utf-8") if options.commands else ""
        with options.log.open("wb") as log:
            written = bootstrap.scripted(options.seed, text, str(options.commands), int(options.seconds * 1_000), log)
    except UnicodeDecodeError:
        raise Refused(f"{options.commands}: wanted commands as JSON lines in UTF-8, found other bytes") from None
    except OSError as error:
        wanted = "commands to read" if error.filename == str(options.commands) else "a file to write facts to"
        raise Refused(f"{error.filename}: wanted {wanted}: {error.strerror}") from None
    print(f"{written:,} facts written to {options.log}")
    print("Next: one JSON object a line; the same seed and commands write the same bytes again.", file=sys.stderr)
    return 0


def api_keys() -> "ApiKeys":
    from tradesim.kernel.clock import WallClock
    from tradesim.storage.apikeys import ApiKeys

    settings = Settings.from_env(os.environ)
    return ApiKeys(data_folder(settings.data), WallClock().now)


def create_key(options: argparse.Namespace) -> int:
    made = api_keys().create(options.account, options.label)
    if options.plain:
        print(f"{made.key.id} {made.secret}")
        return 0
    print(f"key     {made.key.id}\nsecret  {made.secret}\naccount {made.key.account or 'Paper'}")
    print(f"desk    the one whose data are in {data_folder(Settings.from_env(os.environ).data)}")
    print("The secret is not kept: this is the only time that it is shown.")
    url = Settings.from_env(os.environ).url
    print(f"Next, while the desk runs:\n  curl -u {made.key.id}:{made.secret} {url}/v2/account", file=sys.stderr)
    print(f"  lines for other clients: {url}/#keys; a bot needs no key: tradesim run my_bot.py", file=sys.stderr)
    return 0


def list_keys(_options: argparse.Namespace) -> int:
    keys = api_keys().list()
    if not keys:
        print("There are no keys. Next: tradesim keys create --account Robots --label laptop", file=sys.stderr)
    for key in keys:
        made = datetime.fromtimestamp(key.created_at // 1_000_000_000, UTC)
        label = f"  {key.note}" if key.note else ""
        print(f"{key.id}  {key.account or 'Paper'}  made {made:%Y-%m-%d %H:%M} UTC{label}")
    return 0


def revoke_key(options: argparse.Namespace) -> int:
    api_keys().revoke(options.key)
    print(f"{options.key} opens nothing any more")
    return 0


def show_person(_options: argparse.Namespace) -> int:
    from tradesim.storage.person import person_token

    print(person_token(data_folder(Settings.from_env(os.environ).data)))
    return 0


def make_certificate(options: argparse.Namespace) -> int:
    from tradesim.kernel.clock import WallClock
    from tradesim.storage.certificates import made_certificate

    folder = data_folder(Settings.from_env(os.environ).data)
    made = made_certificate(folder, options.names, WallClock().now())
    print(f"certificate and key  {made.server}\nclients must trust   {made.authority}\n")
    print(f'export TRADESIM_CERT="{made.server}"          # for the desk, `tradesim run` and `doctor`')
    print(f'export NODE_EXTRA_CA_CERTS="{made.authority}"     # for JavaScript')
    print(f'export SSL_CERT_FILE="{made.trusted}" REQUESTS_CA_BUNDLE="{made.trusted}"     # for Python')
    return 0


def run_score(options: argparse.Namespace) -> int:
    from tradesim.providers.simulated.scoring import scorecard

    rows = scorecard(options.symbol, options.seconds, options.seed)
    for row in rows:
        print(row)
    return 0 if all(row.ok or not row.must or not row.is_known for row in rows) else 1


def mapping_of(pairs: Sequence[str]) -> tuple[tuple[str, str], ...]:
    for pair in pairs:
        if "=" not in pair:
            raise Refused(f"--map must be NAME=COLUMN, such as close=LAST, was {pair!r}")
    return tuple((name, column) for name, _, column in (pair.partition("=") for pair in pairs))


if __name__ == "__main__":
    sys.exit(main())
