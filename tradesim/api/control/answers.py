"""How the control API answers: JSON, a refusal with the status that its code stands for."""

import logging
from collections.abc import Callable
from typing import Any

import msgspec
from flask import Response, request

from tradesim.api.control import bodies
from tradesim.model.orders import Rejection, Throttled

logger = logging.getLogger(__name__)

STATUS_BY_CODE = {
    "unknown_route": 404,
    "fault": 500,
    "unknown_order": 404,
    "unknown_symbol": 404,
    "no_position": 404,
    "bad_request": 400,
    "too_large": 413,
    "unknown_account": 404,
    "unknown_trip": 404,
    "person_needed": 403,
    "throttled": 429,
    "order_rate": 429,
    "busy": 503,
    "timeout": 504,
    "journal_unavailable": 503,
}


def asked(kind: type, act: Callable[[Any], Any], created: int = 200) -> Response:
    """Read the body as `kind`; when it is that, act on it."""
    if (request.content_length or 0) > bodies.LARGEST:
        return answer(bodies.too_large(request.content_length or 0))
    body = bodies.read(request.get_data(cache=False), kind)
    return answer(body if isinstance(body, Rejection) else act(body), created)


def answer(value: Any, status: int = 200) -> Response:
    if isinstance(value, Rejection):
        status = STATUS_BY_CODE.get(value.code, 422)
        logger.info("refused %s %s: %s", request.method, request.path, value.message)
    headers = {"Retry-After": str(value.retry_after_s)} if isinstance(value, Throttled) else None
    return Response(msgspec.json.encode(bodies.plain(value)), status, headers, mimetype="application/json")
