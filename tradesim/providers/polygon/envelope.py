"""What is around every answer of Polygon: its status, its results, its next page, and what a refusal means."""

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from tradesim.kernel.errors import (
    BadKey,
    BadPayload,
    NotEntitled,
    ProviderError,
    RateLimited,
    RetryLater,
    UnknownSymbol,
)
from tradesim.model.feed import (
    Feed,
)
from tradesim.providers.decoding import decoded
from tradesim.providers.fields import (
    members,
    text,
)
from tradesim.providers.standing import NotThisTime

MINUTE_S, OUTAGE_S = 60.0, 5.0
RETRIED = (408, 413, 425, 499)
SHOWN = 200
PARTICULAR = ("timeframe", "before end of day")
HOSTS = ("api.massive.com", "api.polygon.io")


def judge(status: int, said: str, after_s: float | None = None) -> None:
    """Raises what an answer other than 200 means. `said` is its text without keys; it may be empty or HTML."""
    if status == 200:
        return
    words = _message(said)
    if status == 403 or "NOT_AUTHORIZED" in said:
        raise refusal(words)
    if status == 401:
        raise BadKey(f"Polygon does not know the key: {words}")
    if status == 429:
        raise RateLimited(f"Polygon: too many requests: {words}", after_s or MINUTE_S)
    if status == 404:
        raise UnknownSymbol(f"Polygon has nothing of that name: {words}")
    if status >= 500 or status in RETRIED:
        raise RetryLater(f"Polygon has trouble of its own (HTTP {status}): {words}", after_s or OUTAGE_S)
    raise BadPayload(f"Polygon would not take the request (HTTP {status}): {words}")


def refusal(words: str) -> ProviderError:
    """Three wordings: the plan, its period of history, today before the day has ended. Only the first is final."""
    said = f"Polygon does not give this on the key's plan: {words}"
    return NotThisTime(said) if any(each in words.lower() for each in PARTICULAR) else NotEntitled(said)


def _message(said: str) -> str:
    try:
        found = decoded(said)
    except BadPayload:
        return said.strip()[:SHOWN] or "nothing"
    if not isinstance(found, dict):
        return str(found)[:SHOWN]
    return str(found.get("message") or found.get("error") or found.get("status"))[:SHOWN]


def results(found: Any, what: str) -> Any:
    """`results` of an answer whose `status` is sound; None when there are none. DELAYED is data too."""
    body = members(found, what)
    status = str(body.get("status", "OK")).upper()
    if status == "NOT_AUTHORIZED":
        raise refusal(str(body.get("message", "no reason given")))
    if status == "NOT_FOUND":
        raise UnknownSymbol(f"Polygon has no {what}: {str(body.get('message', 'not found'))[:SHOWN]}")
    if status not in ("OK", "DELAYED", "SUCCESS"):
        raise BadPayload(f"status of {what} must be OK or DELAYED, was {status[:40]}")
    return body.get("results")


def feed_of(found: Any, symbol: str = "") -> Feed:
    if "/" in symbol:
        return Feed.CRYPTO
    is_delayed = isinstance(found, dict) and str(found.get("status", "")).upper() == "DELAYED"
    return Feed.DELAYED if is_delayed else Feed.SIP


def next_page(found: Any, base_url: str) -> str | None:
    """The address of the next page on `base_url`, which has no key in it. The vendor writes either of its names.

    Raises BadPayload when it is on a stranger's host.
    """
    url = members(found, "a page").get("next_url")
    if not url:
        return None
    wanted, told = urlsplit(base_url), urlsplit(text(url, "next_url"))
    if told.netloc not in (wanted.netloc, *HOSTS) or told.scheme not in (wanted.scheme, "https"):
        raise BadPayload(f"next_url must be on {wanted.netloc}, was on {told.scheme}://{told.netloc}")
    return urlunsplit((wanted.scheme, wanted.netloc, told.path, told.query, ""))
