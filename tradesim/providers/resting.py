"""What to do after a line ended: by the error, the close code, or the status of a refused handshake."""

from enum import StrEnum

from msgspec import Struct


class RestKind(StrEnum):
    """What to do after a line ended."""

    BACKOFF = "backoff"
    QUICK = "quick"
    LONG = "long"
    UNTIL_MENDED = "until_mended"
    NONE = "none"
    """It was left on purpose."""


class Rest(Struct, frozen=True):
    kind: RestKind
    why: str
    least_s: float = 0.0


REST_BY_CLOSE_CODE = {
    1000: RestKind.BACKOFF,
    1001: RestKind.BACKOFF,
    1002: RestKind.LONG,
    1003: RestKind.LONG,
    1006: RestKind.BACKOFF,
    1007: RestKind.BACKOFF,
    1008: RestKind.LONG,
    1009: RestKind.BACKOFF,
    1010: RestKind.LONG,
    1011: RestKind.BACKOFF,
    1012: RestKind.QUICK,
    1013: RestKind.LONG,
    1014: RestKind.BACKOFF,
}
"""RFC 6455 and the IANA registry. Codes not named here, vendors' own (4000-4999) included, are backed off from."""

CLOSE_WORDS = {
    1000: "closed normally",
    1001: "the server is going away",
    1006: "the line broke",
    1008: "refused by the provider's policy",
    1009: "a message was too big",
    1011: "the server failed, or did not answer pings",
    1012: "the server restarts",
    1013: "the server is overloaded",
}


def rest_after_status(status: int, retry_after: str | None = None, is_mendable: bool = True) -> Rest:
    """What a refused handshake asks for, by its HTTP status. Where there is no key, or it is a proxy's page that
    refuses, there is nothing to mend: it may pass.
    """
    why = f"the handshake was answered with status {status}"
    if status in (401, 403, 451) and is_mendable:
        return Rest(RestKind.UNTIL_MENDED, why)
    if status == 429:
        asked = float(retry_after) if retry_after and retry_after.isdigit() else 30.0
        return Rest(RestKind.BACKOFF, f"{why} (too many attempts)", asked)
    return Rest(RestKind.BACKOFF if status >= 500 else RestKind.LONG, why)
