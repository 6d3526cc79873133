"""Looking a provider over: keys, reach, clock, what the plan has, what is left of it. Bounded in time.

The kinds of data are asked for once each, with one small question, except where a plan has so few questions a day that
only one is spent.
"""

import re
import socket
import ssl
import urllib.request
from collections.abc import Callable, Sequence
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from tradesim.kernel.clock import NS_PER_MS, NS_PER_SECOND, Clock
from tradesim.kernel.counting import counted
from tradesim.kernel.errors import (
    BadKey,
    NoData,
    NotEntitled,
    NotOffered,
    ProviderError,
    RateLimited,
    UnknownSymbol,
)
from tradesim.model.feed import Capability
from tradesim.model.findings import Finding, Grade
from tradesim.model.market import Timeframe
from tradesim.providers.contract import YES, Provider
from tradesim.providers.hooks import Exchange, Hooks
from tradesim.providers.http import LOOPBACK, HttpClient
from tradesim.providers.live.listing import short
from tradesim.providers.live.opening import started, told_by
from tradesim.providers.vendors import Row, Vendors

CHECK_S = 10.0
"""One check's limit."""
PROVIDER_S = 45.0
"""All checks of one provider."""
SKEW_WARN_S, SKEW_FAIL_S = 2.0, 30.0
FEW_QUESTIONS = 100
"""A plan with fewer questions a day is asked one alone."""
DAY_NS = 86_400 * NS_PER_SECOND
PLAUSIBLE = {
    "FINNHUB_API_KEY": (re.compile(r"[a-z0-9]{20,40}"), "20 to 40 small letters and digits"),
    "POLYGON_API_KEY": (re.compile(r"[A-Za-z0-9_]{32}"), "32 letters, digits and _"),
    "ALPHAVANTAGE_API_KEY": (re.compile(r"[A-Z0-9]{16}"), "16 capital letters and digits"),
    "ALPACA_API_KEY_ID": (re.compile(r"[A-Z]{2}[A-Z0-9]{18,24}"), "20 to 26 capital letters and digits, such as PK..."),
    "ALPACA_API_SECRET_KEY": (re.compile(r"[A-Za-z0-9/+]{40,44}"), "40 to 44 letters and digits"),
}


def checked(vendors: Vendors, clock: Clock, names: Sequence[str] = (), limit_s: float = PROVIDER_S) -> list[Finding]:
    """Every provider beside each other; none takes longer than `limit_s`."""
    rows = [row for row in vendors.rows if not row.is_discontinued and (not names or row.id in names)]
    answers = []
    for row in rows:
        told: list[Finding] = []
        answers.append((row, told, started(lambda row=row, told=told: Checkup(vendors, row, clock, told).run())))  # type: ignore[misc]
    found: list[Finding] = []
    ends = clock.now() + int(limit_s * NS_PER_SECOND)
    for row, told, answer in answers:
        try:
            answer(max(0.0, (ends - clock.now()) / NS_PER_SECOND))
            found += told
        except TimeoutError:
            late = f"the checks did not end within {limit_s:g} s"
            found += [*told, Finding(row.id, "time", Grade.FAIL, late, "try again; look at the line before this one")]
    return found


class Checkup:
    """One provider's. Findings go to `told` as they are made, so that a hung check loses none before it."""

    def __init__(self, vendors: Vendors, row: Row, clock: Clock, told: list[Finding]) -> None:
        self._vendors, self._row, self._clock, self._told = vendors, row, clock, told
        self._exchanges: list[Exchange] = []

    def run(self) -> None:
        if not self._keys():
            return
        hooks = Hooks(overhear=self._exchanges.append)
        provider = self._vendors.build(self._row.id, hooks)
        try:
            if self._reach(provider):
                self._entitlements(provider)
            self._skew()
            self._limits(provider)
        finally:
            provider.close()

    # -- keys

    def _keys(self) -> bool:
        """Whether the provider can be asked at all."""
        row = self._row
        if not row.keys:
            self._tell("keys", Grade.OK, "no key is needed")
            return True
        missing = self._vendors.missing_keys(row.id)
        if missing:
            verb, them = ("is", "it") if len(missing) == 1 else ("are", "them")
            remedy = f"enter {' and '.join(missing)} under Market data, Keys, or set {them} in the environment"
            self._tell(
                "keys", Grade.WARN, f"{' and '.join(missing)} {verb} not set, so {row.title} is not used", remedy
            )
            return False
        held = ", ".join(f"{name} in the {self._vendors.held(name)}" for name in row.keys)
        odd = [
            said
            for name, key in zip(row.keys, self._vendors.keys_of(row.id), strict=True)
            if (said := odd_key(name, key))
        ]
        if odd:
            self._tell("keys", Grade.WARN, f"{held}; {'; '.join(odd)}", "copy the key again from the vendor's own page")
        else:
            self._tell("keys", Grade.OK, held)
        return True

    # -- reach

    def _reach(self, provider: Provider) -> bool:
        """Whether there is somebody to ask."""
        http: HttpClient = provider.http  # type: ignore[attr-defined]
        for name, url in (("REST", http.base_url), ("stream", stream_url_of(provider))):
            if url:
                self._timed(f"reach of {name}", lambda url=url: reached(url))  # type: ignore[misc]
        return all(each.grade is Grade.OK for each in self._told if each.check == "reach of REST")

    def _timed(self, check: str, act: Callable[[], str]) -> None:
        try:
            self._tell(check, Grade.OK, started(act)(CHECK_S))
        except Unreached as unreached:
            self._tell(check, Grade.FAIL, str(unreached), unreached.remedy)
        except TimeoutError:
            self._tell(check, Grade.FAIL, f"no answer within {CHECK_S:g} s", FIREWALL)

    # -- what the plan has

    def _entitlements(self, provider: Provider) -> None:
        symbol, now = self._row.symbols[0], self._clock.now()
        questions: list[tuple[Capability, Callable[[], object]]] = [
            (Capability.QUOTE, lambda: provider.quote(symbol)),
            (Capability.BARS_DAILY, lambda: provider.bars(symbol, Timeframe.D1, now - 10 * DAY_NS, now)),
            (Capability.BARS_INTRADAY, lambda: provider.bars(symbol, Timeframe.M1, now - DAY_NS, now)),
        ]
        if "/" in symbol and provider.capabilities().get(Capability.BOOK) == YES:
            questions.append((Capability.BOOK, lambda: provider.book(symbol)))
        for kind, question in questions[: 1 if self._is_scarce(provider) else None]:
            if provider.capabilities().get(kind) == YES:
                self._ask(provider, kind, question, symbol)
        if refused := self._withheld(provider):
            said = "; ".join(f"{', '.join(kinds)}: {why}" for why, kinds in refused.items())
            self._tell("entitlements", Grade.OK, f"not to be had: {said}")

    def _withheld(self, provider: Provider) -> dict[str, list[str]]:
        """Kinds by the reason why they are not given, but for a reason that was told already."""
        told = [each.found for each in self._told]
        found: dict[str, list[str]] = {}
        for kind, why in provider.capabilities().items():
            if why != YES and not any(why in each for each in told):
                found.setdefault(why, []).append(kind.replace("_", " "))
        return found

    def _ask(self, provider: Provider, kind: Capability, question: Callable[[], object], symbol: str) -> None:
        began = self._clock.now()
        try:
            started(question)(CHECK_S)
        except TimeoutError:
            self._tell(kind, Grade.FAIL, f"no answer within {CHECK_S:g} s", FIREWALL)
        except (NoData, UnknownSymbol) as fact:
            self._tell(kind, Grade.OK, f"answered: {fact}")
        except BadKey as error:
            self._tell(kind, Grade.FAIL, told_by(provider, error), "enter the key again under Market data, Keys")
        except RateLimited as error:
            wait = f"wait {error.after_s:.0f} s, or ask for less"
            self._tell(kind, Grade.WARN, told_by(provider, error), wait)
        except (NotEntitled, NotOffered) as error:
            self._tell(
                kind,
                Grade.WARN,
                told_by(provider, error),
                "it needs another plan of this vendor; others serve meanwhile",
            )
        except ProviderError as error:
            self._tell(kind, Grade.FAIL, told_by(provider, error), "try again later; look at the vendor's status page")
        else:
            took = (self._clock.now() - began) // NS_PER_MS
            self._tell(kind, Grade.OK, f"{symbol} in {took:,} ms")

    def _is_scarce(self, provider: Provider) -> bool:
        left = budget_of(provider)
        return "day" in left and left["day"] < FEW_QUESTIONS

    # -- clock and budget

    def _skew(self) -> None:
        skews = [skew for each in self._exchanges if (skew := skew_s(each)) is not None]
        if not skews:
            return
        skew = min(skews, key=abs)
        title = short(self._row.title)
        said = f"this machine's clock is {abs(skew):.1f} s {'ahead of' if skew > 0 else 'behind'} {title}'s"
        if abs(skew) <= SKEW_WARN_S:
            self._tell("clock", Grade.OK, f"this machine's clock and {title}'s agree within {SKEW_WARN_S:g} s")
            return
        remedy = (
            "let this machine set its clock by the network (NTP); when all other providers agree, the error is theirs"
        )
        self._tell("clock", Grade.FAIL if abs(skew) > SKEW_FAIL_S else Grade.WARN, said, remedy)

    def _limits(self, provider: Provider) -> None:
        left = budget_of(provider)
        said = ", ".join(f"{counted(count, 'request')} left this {name}" for name, count in left.items())
        low = [name for name, count in left.items() if count <= 0 and name != "second"]
        if low:
            remedy = f"wait until the {low[0]} is over: nothing is asked before"
            self._tell("limits", Grade.WARN, said, remedy)
        elif said:
            self._tell("limits", Grade.OK, said)

    def _tell(self, check: str, grade: Grade, found: str, remedy: str = "") -> None:
        self._told.append(Finding(self._row.id, str(check), grade, found, remedy))


FIREWALL = "look whether a firewall or proxy stands between (HTTPS_PROXY), or try again later"


class Unreached(Exception):
    def __init__(self, found: str, remedy: str) -> None:
        super().__init__(found)
        self.remedy = remedy


def reached(url: str) -> str:
    """DNS, TCP and TLS, one after the other. Raises Unreached at the first that fails."""
    split = urlsplit(url)
    host, is_secure = split.hostname or "", split.scheme in ("https", "wss")
    port = split.port or (443 if is_secure else 80)
    proxies = urllib.request.getproxies()
    proxy = proxies.get("https" if is_secure else "http") or proxies.get("all")
    if proxy and host not in LOOPBACK and not urllib.request.proxy_bypass(host):
        return f"through the proxy {urlsplit(proxy).hostname}, so only the questions below tell"
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreached(f"the address of {host} could not be found (DNS)", "look at the network and its DNS") from None
    try:
        with socket.create_connection((host, port), CHECK_S / 2) as line:
            if is_secure:
                with ssl.create_default_context().wrap_socket(line, server_hostname=host) as secured:
                    return f"{host}:{port} ({found[0][4][0]}), {secured.version()}"
    except ssl.SSLError as error:
        remedy = "look whether something reads along (a company's proxy), and whether this machine's date is right"
        raise Unreached(f"the encrypted line to {host} could not be trusted: {error.reason}", remedy) from None
    except OSError as error:
        raise Unreached(f"no connection to {host}:{port}: {error.strerror or error}", FIREWALL) from None
    return f"{host}:{port} ({found[0][4][0]})"


def stream_url_of(provider: Provider) -> str:
    """The stream's host alone: keys may stand in the address."""
    connection = getattr(provider, "connection", None)
    if connection is None:
        return ""
    split = urlsplit(connection.url)
    return f"{split.scheme}://{split.netloc}"


def budget_of(provider: Provider) -> dict[str, int]:
    budget = getattr(provider, "http").budget  # noqa: B009 - not every provider has one
    return dict(budget.left()) if budget is not None else {}


def skew_s(exchange: Exchange) -> float | None:
    """Seconds that our clock is ahead of the vendor's, by the Date of an answer (whole seconds) and half its way."""
    headers = {name.lower(): value for name, value in (exchange.headers or {}).items()}
    try:
        theirs = parsedate_to_datetime(headers["date"]).timestamp() + 0.5
    except (KeyError, TypeError, ValueError):
        return None
    return (exchange.received - exchange.took_ns / 2) / NS_PER_SECOND - theirs


def odd_key(name: str, key: str) -> str:
    """What is strange about a key's form, without the key."""
    form = PLAUSIBLE.get(name)
    if form is None or form[0].fullmatch(key):
        return ""
    return f"{name} is usually {form[1]}, this one has {len(key)} characters"
