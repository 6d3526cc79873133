"""One request to a vendor: bounded in time and size, counted against its budget, no key in any message.

What comes back is an `Answer`, or one of kernel.errors sorted by what the caller should do. A vendor's own rules
(throttle texts in a 200, codes in bodies) are its `judge`, asked before the usual reading of the status.
"""

import http.client
import socket
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import requests
import urllib3
from msgspec import Struct
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from tradesim.kernel.clock import Clock
from tradesim.kernel.errors import (
    BadPayload,
    ProviderError,
    RateLimited,
    RetryLater,
)
from tradesim.providers.background import is_background
from tradesim.providers.budget import Budget
from tradesim.providers.hooks import NO_HOOKS, Exchange, Hooks
from tradesim.providers.judging import Answer, Judge, judge_page, judge_status
from tradesim.providers.redaction import Redactor

MAX_BODY_BYTES = 10 * 2**20
PATIENCE_S = 8.0
CHUNK_BYTES = 8 * 2**10
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
BROKEN = (requests.RequestException, urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, ValueError)

Params = Mapping[str, str | int]


class Timeouts(Struct, frozen=True):
    """Seconds. `total_s` bounds the whole request, however slowly its bytes drip."""

    connect_s: float = 5.0
    read_s: float = 10.0
    total_s: float = 20.0


class Traffic(Struct, frozen=True):
    """Counted since the start, for the panel. `latency_ns` is the last answer's."""

    requests: int = 0
    errors: int = 0
    last_heard: int | None = None
    latency_ns: int | None = None
    error: str | None = None


class HttpClient:
    """Requests to one vendor. `secrets` are cut out of every text; `headers` (with keys) go with each request."""

    def __init__(
        self,
        provider: str,
        base_url: str,
        clock: Clock,
        budget: Budget | None = None,
        secrets: Sequence[str] = (),
        headers: Mapping[str, str] | None = None,
        timeouts: Timeouts | None = None,
        max_bytes: int = MAX_BODY_BYTES,
        judge: Judge | None = None,
        patience_s: float | None = None,
        wait: Callable[[float], object] | None = None,
        hooks: Hooks = NO_HOOKS,
    ) -> None:
        """`patience_s` is how long a request may wait for its turn in the budget before it is refused."""
        self._provider, self._base_url, self._clock = provider, base_url.rstrip("/") + "/", clock
        self.budget = budget
        self.redact = Redactor(secrets)
        self.redact.guard("urllib3.connectionpool", "urllib3.connection", "requests")
        self._headers = {"Accept": "application/json", **(headers or {})}
        self._timeouts, self._max_bytes = timeouts or Timeouts(), max_bytes
        self._closed = threading.Event()
        self._judge, self._wait, self._hooks = judge, wait or self._closed.wait, hooks
        self._patience_s = PATIENCE_S if patience_s is None else patience_s
        self._lock = threading.Lock()
        self._traffic = Traffic()
        self._session = session_for(base_url)

    @property
    def base_url(self) -> str:
        return self._base_url

    @property
    def traffic(self) -> Traffic:
        return self._traffic

    def get(
        self,
        path: str,
        params: Params | None = None,
        *,
        weight: int = 1,
        background: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """The answer to a GET of `path` (relative to the base, or an address on the same host).

        Raises RateLimited (budget or 429), RetryLater, BadPayload, BadKey, NotEntitled, UnknownSymbol, or the judge's.
        """
        url = self._address(path)
        if self._hooks.recorded is None:
            self._spend(weight, background or is_background.get())
        started = self._clock.now()
        try:
            answer = self._heard(url, params, headers, started)
            self._check(answer)
        except ProviderError as error:
            self._count(error, None)
            raise
        self._count(None, answer)
        return answer

    def get_json(
        self,
        path: str,
        params: Params | None = None,
        *,
        weight: int = 1,
        background: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """`get`, as strict JSON with Decimal numbers."""
        answer = self.get(path, params, weight=weight, background=background, headers=headers)
        try:
            return answer.json()
        except BadPayload as bad:
            self._count(bad, None, asked=0)
            raise

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Around a question and the reading of its answer: one of a wrong form is a failure too, counted once."""
        try:
            yield
        except BadPayload as bad:
            if self._traffic.error is None:
                self._count(bad, None, asked=0)
            raise

    def close(self) -> None:
        """What waits for its turn is not asked any more."""
        self._closed.set()
        self._session.close()

    def _spend(self, weight: int, background: bool) -> None:
        """Wait for a turn that comes soon. Raises RateLimited when it does not, RetryLater once it was closed."""
        patience = self._patience_s
        while self.budget is not None:
            if self._closed.is_set():
                raise RetryLater(f"{self._provider}: it was closed, nothing is asked any more", 0.0)
            try:
                return self.budget.spend(weight, background)
            except RateLimited as limited:
                if limited.after_s > patience:
                    raise
                pause = max(limited.after_s, 0.01)
                patience -= pause
                self._wait(pause)
        return None

    def _address(self, path: str) -> str:
        """Raises BadPayload for an address on another host: a key is not sent to strangers."""
        url = path if "://" in path else urljoin(self._base_url, path.lstrip("/"))
        if urlsplit(url)[:2] != urlsplit(self._base_url)[:2]:
            wanted = urlsplit(self._base_url).netloc
            raise BadPayload(f"{self._provider}: wanted an address on {wanted}, found {urlsplit(url).netloc}")
        return url

    def _heard(self, url: str, params: Params | None, headers: Mapping[str, str] | None, started: int) -> Answer:
        """The answer of the vendor, or of a recording."""
        hooks = self._hooks
        place, query = place_of(url, self._base_url, params)
        if hooks.recorded is not None:
            said = hooks.recorded(place, query)
            if said.failed:
                raise RetryLater(said.failed, 0.0)
            return Answer(
                said.status, said.body, said.headers or {}, said.received, said.took_ns, self._provider, self.redact
            )
        try:
            answer = self._answer(url, params, headers, started)
        except ProviderError as error:
            if hooks.overhear is not None:
                hooks.overhear(Exchange(place, query, received=self._clock.now(), failed=str(error)))
            raise
        if hooks.overhear is not None:
            hooks.overhear(
                Exchange(place, query, answer.status, answer.headers, answer.body, answer.received, answer.took_ns)
            )
        return answer

    def _answer(self, url: str, params: Params | None, headers: Mapping[str, str] | None, started: int) -> Answer:
        limits = self._timeouts
        with Watch(limits.total_s) as watch:
            try:
                response = self._session.get(
                    url,
                    params={key: str(value) for key, value in (params or {}).items()},
                    headers={**self._headers, **(headers or {})},
                    timeout=(min(limits.connect_s, limits.total_s), min(limits.read_s, limits.total_s)),
                    allow_redirects=False,
                    stream=True,
                )
                with response:
                    body = self._body(response)
            except RetryLater:
                if watch.is_over:
                    raise RetryLater(f"{self._provider}: no whole answer within {limits.total_s:g} s", 0.0) from None
                raise
            except BROKEN as error:
                if watch.is_over:
                    raise RetryLater(f"{self._provider}: no whole answer within {limits.total_s:g} s", 0.0) from None
                raise self._broken(error) from None
        if watch.is_over:
            raise RetryLater(f"{self._provider}: no whole answer within {limits.total_s:g} s", 0.0)
        now = self._clock.now()
        found = dict(response.headers)
        return Answer(response.status_code, body, found, now, now - started, self._provider, self.redact)

    def _body(self, response: requests.Response) -> bytes:
        told = response.headers.get("Content-Length", "")
        if told.isdigit() and int(told) > self._max_bytes:
            raise BadPayload(f"{self._provider}: wanted at most {self._max_bytes} bytes, found {told}")
        chunks, size = [], 0
        for chunk in response.raw.stream(CHUNK_BYTES, decode_content=True):
            size += len(chunk)
            if size > self._max_bytes:
                raise BadPayload(f"{self._provider}: wanted at most {self._max_bytes} bytes, found more")
            chunks.append(chunk)
        if told.isdigit() and not response.headers.get("Content-Encoding") and size < int(told):
            raise RetryLater(f"{self._provider}: wanted {told} bytes, found {size}: the answer was cut off", 0.0)
        return b"".join(chunks)

    def _broken(self, error: Exception) -> RetryLater:
        words = {
            requests.exceptions.ConnectTimeout: "no connection in time",
            requests.exceptions.ReadTimeout: "no answer in time",
            requests.exceptions.SSLError: "the encrypted line could not be trusted",
        }
        said = next((text for kind, text in words.items() if isinstance(error, kind)), None)
        return RetryLater(self.redact(f"{self._provider}: {said or error_words(error)}"), 0.0)

    def _check(self, answer: Answer) -> None:
        try:
            judge_page(answer)
            if self._judge is not None:
                self._judge(answer)
            judge_status(answer)
        except RateLimited as limited:
            if self.budget is not None:
                self.budget.close_for(limited.after_s, self.redact(limited))
            raise

    def _count(self, error: ProviderError | None, answer: Answer | None, asked: int = 1) -> None:
        with self._lock:
            was = self._traffic
            self._traffic = Traffic(
                requests=was.requests + asked,
                errors=was.errors + (error is not None),
                last_heard=answer.received if answer else was.last_heard,
                latency_ns=answer.took_ns if answer else was.latency_ns,
                error=self.redact(error) if error else None,
            )


def place_of(url: str, base_url: str, params: Params | None) -> tuple[str, dict[str, str]]:
    """What was asked for, whatever the host: the path below the base, and every parameter."""
    split = urlsplit(url)
    query = {**dict(parse_qsl(split.query)), **{key: str(value) for key, value in (params or {}).items()}}
    return split.path.removeprefix(urlsplit(base_url).path).lstrip("/"), query


def error_words(error: Exception) -> str:
    """What broke, in words; the innermost reason says most."""
    text, reasons = str(error), reasons_of(error)
    if any(isinstance(reason, socket.gaierror) for reason in reasons):
        return "its address could not be found (DNS)"
    if isinstance(error, TimeoutError) or "timed out" in text:
        return "no answer in time"
    if "refused" in text:
        return "the connection was refused"
    if "reset" in text or "aborted" in text or "BrokenPipe" in text:
        return "the connection was reset"
    if "IncompleteRead" in text:
        return "the answer was cut off"
    return f"{type(error).__name__}: {text[:200]}"


def reasons_of(error: BaseException | None) -> list[BaseException]:
    """An error and all that led to it."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        inner = next((each for each in error.args if isinstance(each, BaseException)), None)
        error = error.__cause__ or error.__context__ or inner or getattr(error, "reason", None)
    return found


# --- the watch that ends a request whose bytes only drip


class Watched(threading.local):
    """The watch of the request that this thread is making."""

    watch: "Watch | None" = None


watched = Watched()


class Watch:
    """Shuts the request's socket after `total_s`, wherever its thread waits."""

    def __init__(self, total_s: float) -> None:
        self._timer = threading.Timer(total_s, self._end)
        self._timer.daemon = True
        self._socket: socket.socket | None = None
        self.is_over = False

    def __enter__(self) -> "Watch":
        watched.watch = self
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        watched.watch = None

    def over(self, line: socket.socket | None) -> None:
        self._socket = line
        if self.is_over:
            self._end()

    def _end(self) -> None:
        self.is_over = True
        if self._socket is not None:
            with suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


class WatchedHTTP(HTTPConnection):  # type: ignore[misc]
    def send(self, data: Any) -> None:
        super().send(data)
        if watched.watch is not None:
            watched.watch.over(self.sock)


class WatchedHTTPS(HTTPSConnection):  # type: ignore[misc]
    def send(self, data: Any) -> None:
        super().send(data)
        if watched.watch is not None:
            watched.watch.over(self.sock)


class WatchedHTTPPool(HTTPConnectionPool):  # type: ignore[misc]
    ConnectionCls = WatchedHTTP


class WatchedHTTPSPool(HTTPSConnectionPool):  # type: ignore[misc]
    ConnectionCls = WatchedHTTPS


class WatchedAdapter(HTTPAdapter):
    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        super().init_poolmanager(*args, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": WatchedHTTPPool, "https": WatchedHTTPSPool}


def session_for(base_url: str) -> requests.Session:
    """No cookies, no retries of its own, no passwords from a .netrc; no proxy to this machine itself."""
    session = requests.Session()
    session.trust_env = urlsplit(base_url).hostname not in LOOPBACK
    session.auth = no_password
    for scheme in ("http://", "https://"):
        session.mount(scheme, WatchedAdapter(max_retries=0, pool_maxsize=4))
    return session


def no_password(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
