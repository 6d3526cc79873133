"""A panel that fails on the server's side fails alone: its callback is answered, its place shows why."""

import json
import logging
import traceback
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, Protocol

from dash import ctx, html, no_update, set_props
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from tradesim.desk.desk import Desk
from tradesim.ui.ids import Page

logger = logging.getLogger(__name__)

P = ParamSpec("P")


class Panel(Protocol):
    __name__: str

    def layout(self, desk: Desk, /) -> Component: ...


def guarded(panel: str) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """For a callback of `panel`: what it throws is logged and shown in that panel; its outputs stay as they are."""

    def decorate(callback: Callable[P, Any]) -> Callable[P, Any]:
        @wraps(callback)
        def run(*args: P.args, **kwargs: P.kwargs) -> Any:
            try:
                return callback(*args, **kwargs)
            except PreventUpdate:
                raise
            except Exception as error:
                logger.exception("callback %s of panel %s failed", callback.__name__, panel)
                set_props(Page.FAULT, {"data": fault(panel, error)})
                return unchanged()

        return run

    return decorate


def on_callback_error(error: Exception) -> None:
    """For every callback without a panel of its own: logged, and a sentence on the page instead of a traceback."""
    logger.error("a callback failed", exc_info=error)
    set_props(Page.NOTICE, {"data": {"kind": "bad", "text": f"The page could not do that: {reason(error)}."}})


def unchanged() -> Any:
    """No update; None for a callback that has no outputs, as Dash wants it."""
    return no_update if ctx.outputs_list else None


def placed(panel: Panel, desk: Desk) -> Component:
    """The panel's layout, or, when that throws, its place with the reason."""
    try:
        return panel.layout(desk)
    except Exception as error:
        name = panel.__name__.rsplit(".", 1)[-1]
        logger.exception("layout of panel %s failed", name)
        return failed_panel(name, error)


def failed_panel(name: str, error: Exception) -> html.Div:
    details = json.dumps(fault(name, error), indent=2)
    actions = [
        html.Button("Reload", className="quiet-button", **{"data-do": "reload"}),
        html.Button("Copy details", className="quiet-button", **{"data-do": "copy", "data-details": details}),
    ]
    box = [
        html.P(f"{name.capitalize()} could not be built: {reason(error)}."),
        html.Div(actions, className="panel-fault-actions"),
    ]
    return html.Div(
        html.Div(box, className="panel-fault", role="alert", **{"data-by": "server"}),
        id=name,
        className="panel is-failed",
        **{"aria-label": name.capitalize()},
    )


def fault(panel: str, error: Exception) -> dict[str, str]:
    """`stack` names the code's own lines, not this machine's folders."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [f"{frame.name} ({frame.filename.rsplit('/', 1)[-1]}:{frame.lineno})" for frame in frames]
    return {"panel": panel, "message": reason(error), "stack": "\n".join(lines)}


def reason(error: Exception) -> str:
    return str(error).strip().rstrip(".") or type(error).__name__
