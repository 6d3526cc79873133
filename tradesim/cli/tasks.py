"""What each verb does. The rooms it needs are read when it is said: most of them take long."""

import argparse
import logging
import os
import shlex
import sys
import threading
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tradesim.kernel.errors import Refused
from tradesim.providers.vendors import ROWS
from tradesim.settings import Settings
from tradesim.storage.datafolder import data_folder
from tradesim.storage.lock import InstanceLock

if TYPE_CHECKING:
    from tradesim.storage.apikeys import ApiKeys

PROVIDERS = tuple(row.id for row in ROWS if not row.is_discontinued)


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
