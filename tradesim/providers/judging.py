"""What an answer means: data, or one of kernel.errors sorted by what the caller should do.

Between a vendor and us are proxies, guards and log-in pages of networks. What they say is no word of the vendor's about
a symbol, a key or a plan: it is an outage.
"""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.kernel.errors import BadKey, BadPayload, NotEntitled, RateLimited, RetryLater, UnknownSymbol
from tradesim.providers.decoding import SHOWN, decoded, described

DEFAULT_RETRY_S = 30.0
LONGEST_RETRY_S = 7 * 86_400.0
LONGEST_NOTICE = 2_000
NOTICES = ("message", "error", "msg", "Note", "Information")
THROTTLED = re.compile(r"(?i)rate limit|too many requests|too much request|exceeded the maximum|limit reached")
THROTTLES = frozenset({418, 429})
REFUSALS = frozenset({401, 402, 403, 404, 407, 451})
"""Statuses that speak of a key, a plan or a symbol where it is the vendor who speaks."""
TITLE = re.compile(r"(?is)<title[^>]*>(.*?)</title>")
MARK = re.compile(r"(?s)<[^>]*>")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the vendor said. `received` is when it had arrived (UTC ns), `took_ns` the whole round trip."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    received: int
    took_ns: int
    provider: str = ""
    redact: Callable[[object], str] = field(default=str, compare=False, repr=False)

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def json(self, number: Callable[[str], Any] = Decimal, whole: Callable[[str], Any] = int) -> Any:
        """Strict JSON; numbers by their digits. Raises BadPayload."""
        try:
            return decoded(self.body, number, whole)
        except BadPayload as bad:
            raise BadPayload(self.redact(f"{self.provider}: {bad}")) from None


Judge = Callable[[Answer], None]
"""Raises what the vendor's own words mean; returns where the usual reading of the status will do."""


IsOwn = Callable[[bytes], bool]
"""Whether the body of a refusal is the vendor's."""


def by_reason(*names: str, plainly: str = "") -> IsOwn:
    """The vendor gives its reason in an object, under one of `names`, or in a bare text with the words `plainly`."""

    def is_own(body: bytes) -> bool:
        try:
            told = decoded(body)
        except BadPayload:
            return bool(plainly) and re.search(plainly, body.decode("utf-8", "replace").lower()) is not None
        return isinstance(told, dict) and any(name in told for name in names)

    return is_own


def is_json(body: bytes) -> bool:
    return body.lstrip()[:1] in (b"{", b"[")


def is_page(body: bytes) -> bool:
    return body.lstrip()[:1] == b"<"


def must_be_own(answer: Answer, is_own: IsOwn) -> None:
    """Raises RetryLater for a refusal by somebody else."""
    if answer.status in REFUSALS and not is_own(answer.body):
        raise stranger(answer)


def judge_page(answer: Answer) -> None:
    """No vendor answers with a web page, or sends to another address. Raises RetryLater."""
    if (is_page(answer.body) and answer.status not in THROTTLES) or 300 <= answer.status < 400:
        raise stranger(answer)


def stranger(answer: Answer) -> RetryLater:
    of_key = "; if it stays so, look at the key" if answer.status == 401 else ""
    what = f"{words_of(answer)} came instead of its answer (status {answer.status})"
    said = f"{answer.provider}: {what}: a proxy, this network's log-in page, or an outage there{of_key}"
    return RetryLater(answer.redact(said), retry_after_s(answer.headers.get("Retry-After"), answer.received, 0.0))


def words_of(answer: Answer) -> str:
    """What came, as a person would call it."""
    if 300 <= answer.status < 400:
        host = urlsplit(answer.headers.get("Location", "")).hostname
        return f"a way to {host}" if host else "a way to another address"
    if not is_page(answer.body):
        said = described(answer.body)
        return said if said == "nothing" else f"the text {said}"
    title = TITLE.search(answer.text)
    words = " ".join((title[1] if title else MARK.sub(" ", answer.text)).split())[:SHOWN]
    return f"a web page ({words!r})" if words else "a web page"


def judge_status(answer: Answer) -> None:
    """The usual reading of a status. Raises what it means."""
    status = answer.status
    if 200 <= status < 300:
        return judge_throttle(answer)
    must_be_own(answer, is_json)
    found = answer.redact(f"{answer.provider}: status {status}, {described(answer.body)}")
    if status in (429, 418):
        raise RateLimited(found, retry_after_s(answer.headers.get("Retry-After"), answer.received))
    if status == 401:
        raise BadKey(found)
    if status in (402, 403, 451):
        raise NotEntitled(found)
    if status == 404:
        raise UnknownSymbol(found)
    if status >= 500 or status in (408, 413, 425, 499):
        raise RetryLater(found, retry_after_s(answer.headers.get("Retry-After"), answer.received, 0.0))
    raise BadPayload(found)


def judge_throttle(answer: Answer) -> None:
    """A short object that has nothing but words, and these speak of a limit, is a refusal, whatever its status says.

    Raises RateLimited.
    """
    if len(answer.body) > LONGEST_NOTICE or not answer.body.lstrip().startswith(b"{"):
        return
    try:
        told = answer.json()
    except BadPayload:
        return
    said = next((told[name] for name in NOTICES if isinstance(told.get(name), str)), "")
    if said and not any(isinstance(value, dict | list) and value for value in told.values()) and THROTTLED.search(said):
        wait_s = retry_after_s(answer.headers.get("Retry-After"), answer.received)
        raise RateLimited(answer.redact(f"{answer.provider}: {said}"), wait_s)


def retry_after_s(header: str | None, now: int, otherwise: float = DEFAULT_RETRY_S) -> float:
    """Seconds or an HTTP date, never negative and at most a week."""
    if not header:
        return otherwise
    with suppress(ValueError):
        seconds = float(header)
        return min(LONGEST_RETRY_S, max(0.0, seconds)) if seconds == seconds else otherwise
    with suppress(ValueError, TypeError):
        return min(LONGEST_RETRY_S, max(0.0, parsedate_to_datetime(header).timestamp() - now / NS_PER_SECOND))
    return otherwise
