"""The page's colours for figures made in Python: read from assets/tokens.css, so that they are written once."""

import re
from collections.abc import Mapping
from typing import NamedTuple

RULE = re.compile(r"(?P<selector>[^{}]+)\{(?P<body>[^{}]*)\}")
COLOUR = re.compile(r"--(?P<name>[\w-]+):\s*(?P<value>#[0-9a-fA-F]{6})\s*;")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


class Look(NamedTuple):
    """`theme` is dark or light, `palette` usual or colourblind."""

    theme: str
    palette: str


SELECTORS = {
    ":root": (Look("dark", "usual"), Look("dark", "colourblind"), Look("light", "usual"), Look("light", "colourblind")),
    '[data-theme="light"]': (Look("light", "usual"), Look("light", "colourblind")),
    '[data-palette="colourblind"]': (Look("dark", "colourblind"), Look("light", "colourblind")),
    '[data-theme="light"][data-palette="colourblind"]': (Look("light", "colourblind"),),
}


def colours(css: str) -> Mapping[Look, Mapping[str, str]]:
    """{look: {token name without dashes: #rrggbb}} of a tokens stylesheet, later rules over earlier ones."""
    found: dict[Look, dict[str, str]] = {look: {} for look in SELECTORS[":root"]}
    for rule in RULE.finditer(COMMENT.sub("", css)):
        values = {match["name"]: match["value"].lower() for match in COLOUR.finditer(rule["body"])}
        for look in SELECTORS.get(rule["selector"].strip(), ()):
            found[look].update(values)
    return found


def look_of(said: object) -> Look:
    """What the page says of itself (`{theme, palette}`); the usual dark one when it says nothing that there is."""
    found = said if isinstance(said, Mapping) else {}
    look = Look(str(found.get("theme")), str(found.get("palette")))
    return look if look in SELECTORS[":root"] else Look("dark", "usual")
