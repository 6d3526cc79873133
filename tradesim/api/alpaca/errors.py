"""What is refused, as Alpaca words it: a status, a number, and a sentence that programs compare letter by letter."""

from typing import Any

from msgspec import Struct, field

from tradesim.model.orders import Rejection

UNAUTHORIZED = 40110000
BAD_BODY = 40010000
BAD_INPUT = 40010001
FORBIDDEN = 40310000
DAY_TRADE = 40310100
NOT_FOUND = 40410000
UNPROCESSABLE = 42210000
TOO_MANY = 42910000
BROKEN = 50010000
UNAVAILABLE = 50310000


class Problem(Struct, frozen=True):
    """The body is `code`, `message` and whatever is in `extras`."""

    status: int
    code: int
    message: str
    extras: dict[str, Any] = field(default_factory=dict)

    @property
    def body(self) -> dict[str, Any]:
        return {"code": self.code, "message": self.message, **self.extras}


class Denied(Exception):
    """Ends a request with `problem`."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


def malformed(message: str = "request body format is invalid") -> Denied:
    return Denied(Problem(400, BAD_BODY, message))


def wrong_input(message: str, **extras: Any) -> Denied:
    """What the form of a request lacks."""
    return Denied(Problem(422, BAD_INPUT, message, extras))


def unprocessable(message: str, **extras: Any) -> Denied:
    """What the rules of trading do not have."""
    return Denied(Problem(422, UNPROCESSABLE, message, extras))


def forbidden(message: str, **extras: Any) -> Denied:
    return Denied(Problem(403, FORBIDDEN, message, extras))


def not_found(message: str) -> Denied:
    return Denied(Problem(404, NOT_FOUND, message))


def order_not_found(id_: str) -> Denied:
    return not_found(f"order not found for {id_}")


def no_position() -> Denied:
    return not_found("position does not exist")


UNAUTHORIZED_PROBLEM = Problem(401, UNAUTHORIZED, "request is not authorized.")
RATE_PROBLEM = Problem(429, TOO_MANY, "rate limit exceeded")

STATUS_BY_CODE = {
    "busy": 503,
    "timeout": 504,
    "journal_unavailable": 503,
    "catching_up": 503,
    "fault": 500,
    "unknown_order": 404,
    "no_position": 404,
    "client_order_id": 422,
}
REFUSED_BY_RISK = frozenset(
    {
        "short",
        "buying_power",
        "too_large",
        "too_many_orders",
        "halted",
        "price_band",
        "untrusted_quote",
        "no_quote",
        "currency",
        "suspended",
        "reducing",
        "wash_trade",
        "opposite_side",
        "insufficient_qty",
        "reduce_only",
        "risk",
        "risk_halted",
        "restricted",
        "order_rate",
        "runaway",
        "duplicate",
        "collar",
        "position_size",
        "unknown_account",
        "archived",
    }
)


def problem_of(rejection: Rejection) -> Problem:
    """What the desk refused, where Alpaca has no words of its own for it: the desk's sentence under Alpaca's number."""
    status = STATUS_BY_CODE.get(rejection.code) or (403 if rejection.code in REFUSED_BY_RISK else 422)
    code = {403: FORBIDDEN, 404: NOT_FOUND, 500: BROKEN, 503: UNAVAILABLE, 504: 50410000}.get(status, UNPROCESSABLE)
    return Problem(status, code, rejection.message)
