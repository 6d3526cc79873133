"""`aria-*` and `data-*` attributes of a component, written as Python keywords."""

from typing import Any


def attributes(**named: str) -> dict[str, Any]:
    """{"aria-label": …} from `aria_label=…`; to be spread into a component."""
    return {name.replace("_", "-"): text for name, text in named.items()}
