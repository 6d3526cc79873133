"""Every operation of both OpenAPI documents, asked with made-up and with wrong values: no 500, no answer off schema."""

import atexit
import os
import re
import shutil
import tempfile
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings

schemathesis = pytest.importorskip("schemathesis", reason="schemathesis is not installed")

from schemathesis.checks import not_a_server_error  # noqa: E402
from schemathesis.specs.openapi.checks import (  # noqa: E402
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.alpaca_stage import HEADERS, HOLIDAYS, Floor, OneKey  # noqa: E402
from tradesim.api import guard, pages  # noqa: E402
from tradesim.api.alpaca import facade  # noqa: E402
from tradesim.api.alpaca.data import routes as data  # noqa: E402
from tradesim.api.alpaca.door import Door  # noqa: E402
from tradesim.api.alpaca.front import is_ours  # noqa: E402
from tradesim.api.control import bot_routes, routes  # noqa: E402
from tradesim.api.control.callers import HEADER, Callers  # noqa: E402
from tradesim.ops.bots import BOTS_FOLDER, Bots  # noqa: E402
from tradesim.storage.apikeys import ApiKeys  # noqa: E402

pytestmark = pytest.mark.slow
EXAMPLES = int(os.environ.get("TRADESIM_OPENAPI_EXAMPLES", "8"))
BOUNDED = settings(
    max_examples=EXAMPLES,
    deadline=timedelta(seconds=20),
    derandomize=True,
    database=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


class Drawer:
    """Keeps nothing for longer than the test."""

    def __init__(self):
        self._kept = {}

    def get(self, owner, name, default=None):
        return self._kept.get((owner, name), default)

    def put(self, owner, name, value):
        self._kept[owner, name] = value


def a_house_of_bots(desk):
    """One bot lies there; nobody knows its name."""
    folder = Path(tempfile.mkdtemp(prefix="bots-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    bots = Bots(folder, lambda: "http://127.0.0.1:9", ApiKeys(folder, lambda: 1_000), desk)
    (folder / BOTS_FOLDER / "nobody_knows_this_one.py").write_text("print(1)")
    return bots


PERSON = Callers("token")


def whole_server():
    """A desk with some past, and every API over it."""
    floor = Floor()
    for n in range(80):
        floor.deal(23_000 + n % 2, 5 + n, after_ms=2_000)
    floor.clock.advance(1)
    server = Flask("whole")
    guard.register(server, guard.Doorkeeper("127.0.0.1", has_own_keys=is_ours))
    routes.register(server, floor.desk, lambda: {"status": "ok"}, callers=PERSON)
    facade.register(server, floor.desk, Door(OneKey()), Drawer())
    data.register(server, floor.desk, OneKey(), lambda: HOLIDAYS)
    bot_routes.register(server, a_house_of_bots(floor.desk), PERSON)
    pages.register(server)
    floor.desk.start()
    return server


SERVER = whole_server()
CONTROL = schemathesis.openapi.from_wsgi("/sim/v1/openapi.json", SERVER)
EVENTS = "/v2/events/trades"
"""Has no end, so it is not asked with made-up values here."""
ALPACA = schemathesis.openapi.from_wsgi("/alpaca/openapi.json", SERVER).exclude(path=EVENTS)


def checked(case, headers):
    answer = case.call(headers=headers)
    case.validate_response(
        answer,
        checks=[
            not_a_server_error,
            status_code_conformance,
            content_type_conformance,
            response_schema_conformance,
        ],
    )
    if answer.status_code >= 400 and case.method != "HEAD":
        assert {"code", "message"} <= answer.json().keys()


@CONTROL.parametrize()
@BOUNDED
def test_the_control_api_is_as_its_document_says(case):
    checked(case, {HEADER: "token"})


@ALPACA.parametrize()
@BOUNDED
def test_the_facade_is_as_its_document_says(case):
    checked(case, HEADERS)


def test_every_route_is_in_a_document():
    """But for those that answer what is not there, and for sockets, which are no operations."""
    told = {
        (method.upper(), re.sub(r"{\w+}", "*", path))
        for document in ("/sim/v1/openapi.json", "/alpaca/openapi.json")
        for path, methods in SERVER.test_client().get(document).get_json()["paths"].items()
        for method in methods
    }
    served = {
        (method, re.sub(r"<.*?>", "*", rule.rule))
        for rule in SERVER.url_map.iter_rules()
        for method in rule.methods - {"HEAD", "OPTIONS"}
        if SERVER.view_functions[rule.endpoint].__name__ != "on_unknown" and not rule.websocket
    }
    pages = ("/static/*", "/docs/api", "/alpaca/openapi.json", "/sim/v1/openapi.json", "/healthz")
    assert served - told - {("GET", page) for page in pages} == set()


def test_no_thread_of_the_market_died():
    assert any(thread.name == "market" and thread.is_alive() for thread in threading.enumerate())
