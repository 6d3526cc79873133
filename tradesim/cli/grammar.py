"""What can be said on the command line, and how each verb explains itself."""

import argparse
import os
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

from tradesim import __version__
from tradesim.cli import tasks
from tradesim.cli.tasks import PROVIDERS
from tradesim.kernel.errors import Refused
from tradesim.settings import Settings

HELP_WIDTH = 96


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
    root.set_defaults(run=tasks.run_desk, files=[], map=[], symbol=None, zone=None, provider=None)
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
    "a column (date, time, open, high, low, close, volume, dividends, splits) or a value (symbol, class, zone, tick, "
    "lot, timeframe, order); docs/replay.md says more"
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
    verb.set_defaults(run=tasks.run_bot_or_desk, files=[], map=[])


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
    verb.set_defaults(run=tasks.run_desk)


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
    verb.set_defaults(run=tasks.run_desk, files=[], map=[])


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
    verb.set_defaults(run=tasks.run_record)


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
    verb.set_defaults(run=tasks.run_doctor)


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
    verb.set_defaults(run=tasks.run_session)


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
    create.set_defaults(run=tasks.create_key)
    acts.add_parser("list", help="show the keys, never their secrets").set_defaults(run=tasks.list_keys)
    revoke = acts.add_parser("revoke", help="from now on the key opens nothing")
    revoke.add_argument("key", metavar="KEY", help="the key's id, as `list` shows it")
    revoke.set_defaults(run=tasks.revoke_key)


def add_person(verbs: Verbs) -> None:
    verb = verb_of(
        verbs,
        "person",
        "show the token by which a person is known to the control API",
        "Sent as X-TradeSim-Person to /sim/v1 it may raise limits, let trading go on, start bots, open "
        "markets and make faults. Give it to no program that trades.",
        'curl -X POST -H "X-TradeSim-Person: $(tradesim person)" http://127.0.0.1:8050/sim/v1/pause',
    )
    verb.set_defaults(run=tasks.show_person)


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
    verb.set_defaults(run=tasks.make_certificate)


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
    verb.set_defaults(run=tasks.run_score)


def add_book(verbs: Verbs) -> None:
    from tradesim.providers.replay import command

    command.add_parser(verbs)
