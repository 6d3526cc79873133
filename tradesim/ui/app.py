"""The Dash app: one page over a desk, everything served from this process."""

from pathlib import Path
from typing import Any

import flask_bootstrap
from dash import Dash
from flask import Blueprint, Flask, Response, jsonify, request

from tradesim.desk.desk import Desk
from tradesim.ui import accounts, bundle, callbacks, intents
from tradesim.ui.boundary import on_callback_error
from tradesim.ui.document import FIRST_PAINT, STYLES_PATH, index, script_hash, security_policy
from tradesim.ui.layout import FOR_PROGRAMS, PANELS, desk_layout
from tradesim.ui.packing import pack
from tradesim.ui.programs import Programs
from tradesim.ui.skeleton import named_in_callbacks, still

BOOTSTRAP = Path(flask_bootstrap.__file__).parent / "static" / "bootstrap5"
CALLBACKS = "/_dash-update-component"
DESCRIPTION = "A trading desk in the browser on top of a real exchange simulator."


def create_app(server: Flask, desk: Desk, assets_folder: str, programs: Programs | None = None) -> Dash:
    """The page at `/` of `server`; other routes stay the server's own. `assets_folder` is an absolute path.

    Without `programs` its views of keys and bots stay empty.
    """
    first_paint = (Path(assets_folder) / FIRST_PAINT).read_text(encoding="utf-8")
    bundler = bundle.Bundler(Path(assets_folder), without=frozenset({FIRST_PAINT}))
    server.register_blueprint(styles())
    server.register_blueprint(bundle.routes(bundler))
    pack(server)
    app = Dash(
        "tradesim",
        server=server,
        assets_folder=assets_folder,
        external_stylesheets=[f"{STYLES_PATH}/css/font/bootstrap-icons.min.css", bundle.STYLES],
        external_scripts=[bundle.SCRIPTS],
        index_string=index(first_paint),
        assets_ignore=r"\.(css|js)$",
        title="TradeSim",
        update_title=None,
        description=DESCRIPTION,
        meta_tags=[
            {"name": "viewport", "content": "width=device-width, initial-scale=1, viewport-fit=cover"},
            {"name": "description", "content": DESCRIPTION},
            {"name": "color-scheme", "content": "dark light"},
        ],
        serve_locally=True,
        suppress_callback_exceptions=True,
        on_error=on_callback_error,
        enable_mcp=False,
    )
    app.layout = lambda: still(desk_layout(desk), named_in_callbacks(app))
    callbacks.register(app, desk)
    intents.register(server, desk)
    accounts.register(server, desk)
    for panel in PANELS:
        if panel not in FOR_PROGRAMS:
            panel.register(app, desk)
        elif programs is not None:
            panel.register(app, desk, programs)
    refuse_strays(server, app)
    protect(server, app, first_paint)
    return app


def styles() -> Blueprint:
    """Bootstrap's stylesheet and icons, from the installed Bootstrap-Flask."""
    return Blueprint("styles", __name__, static_folder=str(BOOTSTRAP), static_url_path=STYLES_PATH)


def refuse_strays(server: Flask, app: Dash) -> None:
    """What asks for no callback of the page is refused before Dash stumbles over it."""

    @server.before_request
    def on_callback() -> tuple[Response, int] | None:
        if request.path != CALLBACKS or asks_a_callback(app):
            return None
        return jsonify({"code": "bad_request", "message": "wanted a callback of the page, with its inputs"}), 400


def asks_a_callback(app: Dash) -> bool:
    """Dash finds the body read already."""
    try:
        body = request.get_json(silent=True)
    except RecursionError:
        return False
    if not isinstance(body, dict) or not isinstance(body.get("output"), str):
        return False
    given = [*listed(body, "inputs"), *listed(body, "state")]
    return body["output"] in app.callback_map and all(isinstance(each, dict | list) for each in given)


def listed(body: dict[str, Any], name: str) -> list[Any]:
    found = body.get(name, [])
    return found if isinstance(found, list) else [None]


def protect(server: Flask, app: Dash, first_paint: str) -> None:
    """Every page says what it may load; the hashes are known once all callbacks are registered."""
    policy: list[str] = []

    @server.after_request
    def name_what_may_load(response: Response) -> Response:
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        if response.mimetype == "text/html":
            if not policy:
                policy.append(security_policy([script_hash(first_paint), *app.csp_hashes()]))
            response.headers.setdefault("Content-Security-Policy", policy[0])
        return response
