"""What Dash draws once and never changes: plain elements, without the bookkeeping that it keeps for every component.

Dash asks each component of the page at each change of anything whether it is concerned. Of some 800 elements of the
desk two thirds are concerned by nothing that Dash does: the browser's scripts fill them. They go to the page as one
Skeleton for each whole piece, which assets/skeleton.js draws.
"""

from collections.abc import Collection, Iterator
from typing import Any, ClassVar

from dash import Dash
from dash.development.base_component import Component

PLAIN = "dash_html_components"
NOT_FOR_ELEMENTS = frozenset({"children", "n_clicks", "n_clicks_timestamp", "disable_n_clicks"})


class Skeleton(Component):  # type: ignore[misc]
    """`tree` is the piece: `{type, props, children}` down to text. Drawn once; no callback may name anything in it."""

    _namespace = "tradesim"
    _type = "Skeleton"
    _prop_names: ClassVar[list[str]] = ["tree"]
    _valid_wildcard_attributes: ClassVar[list[str]] = []
    available_properties: ClassVar[list[str]] = _prop_names
    available_wildcard_properties: ClassVar[list[str]] = []

    def __init__(self, tree: dict[str, Any]) -> None:
        super().__init__(tree=tree)


def still(layout: Component, named: Collection[str]) -> Component:
    """`layout` with a Skeleton for every largest piece of plain elements of which none is `named` in a callback."""
    children = getattr(layout, "children", None)
    if isinstance(children, Component):
        layout.children = stilled(children, named)
    elif isinstance(children, list | tuple):
        layout.children = [stilled(each, named) for each in children]
    return layout


def stilled(child: Any, named: Collection[str]) -> Any:
    if not isinstance(child, Component):
        return child
    if is_still(child, named):
        return Skeleton(tree_of(child))
    return still(child, named)


def is_still(component: Component, named: Collection[str]) -> bool:
    if component._namespace != PLAIN or getattr(component, "id", None) in named:
        return False
    return all(is_still(each, named) for each in within(component) if isinstance(each, Component))


def within(component: Component) -> Iterator[Any]:
    children = getattr(component, "children", None)
    yield from children if isinstance(children, list | tuple) else (children,)


def tree_of(component: Component) -> dict[str, Any]:
    attributes = component.to_plotly_json()["props"]
    return {
        "type": component._type.lower(),
        "props": {name: value for name, value in attributes.items() if name not in NOT_FOR_ELEMENTS},
        "children": [tree_of(each) if isinstance(each, Component) else each for each in within(component)],
    }


def named_in_callbacks(app: Dash) -> frozenset[str]:
    """Every id that a callback reads or writes."""
    named: set[str] = set()
    for outputs, callback in app.callback_map.items():
        named |= {each.rpartition(".")[0] for each in outputs.strip(".").split("...")}
        named |= {str(each["id"]) for each in (*callback["inputs"], *callback["state"])}
    return frozenset(named)
