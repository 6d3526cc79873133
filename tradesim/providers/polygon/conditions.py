"""Polygon's sale conditions: what a print may change is told by their `update_rules`."""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct, field

from tradesim.model.feed import (
    TradeFlag,
)
from tradesim.providers.fields import (
    members,
    rows,
    whole,
)
from tradesim.providers.polygon.envelope import results

NO_FLAGS: frozenset[TradeFlag] = frozenset()
FORM_T, ODD_LOT = 12, 37
NEVER_WAS = (7, 8, 10, 11)
"""`correction` of a print that was an error or cancelled, or is the notice of one (CTA and UTP codes)."""
UNDONE = frozenset({TradeFlag.NOT_LAST, TradeFlag.NOT_HIGH_LOW, TradeFlag.NOT_VOLUME})
VOLUME_ONLY = frozenset({TradeFlag.NOT_LAST, TradeFlag.NOT_HIGH_LOW})
NOT_LAST = frozenset({TradeFlag.NOT_LAST})
EXTRA = {FORM_T: frozenset({TradeFlag.EXTENDED}), ODD_LOT: frozenset({TradeFlag.ODD_LOT})}
USUAL = {2: VOLUME_ONLY, 5: NOT_LAST, 7: VOLUME_ONLY, 10: NOT_LAST, FORM_T: VOLUME_ONLY, ODD_LOT: VOLUME_ONLY}


class Conditions(Struct, frozen=True):
    """What each sale condition keeps a print from changing; the usual ones until the vendor's list was fetched."""

    flags: Mapping[int, frozenset[TradeFlag]] = field(default_factory=lambda: with_extras(USUAL))

    def of(self, codes: Sequence[Any]) -> frozenset[TradeFlag]:
        found = NO_FLAGS
        for code in codes:
            found |= self.flags.get(code, NO_FLAGS)
        return found


def with_extras(flags: Mapping[int, frozenset[TradeFlag]]) -> dict[int, frozenset[TradeFlag]]:
    return {code: flags.get(code, NO_FLAGS) | EXTRA.get(code, NO_FLAGS) for code in {*flags, *EXTRA}}


def conditions(found: Any) -> Conditions:
    """`/v3/reference/conditions`: the vendor's rules over the usual ones."""
    told: dict[int, frozenset[TradeFlag]] = {}
    for row in rows(results(found, "conditions"), "conditions"):
        rules = members(row, "a condition").get("update_rules")
        if isinstance(rules, dict):
            told[whole(row.get("id"), "id")] = _flags(members(rules.get("consolidated"), "consolidated"))
    return Conditions(with_extras({**USUAL, **told}))


def _flags(rules: Mapping[str, Any]) -> frozenset[TradeFlag]:
    told = (
        ("updates_open_close", TradeFlag.NOT_LAST),
        ("updates_high_low", TradeFlag.NOT_HIGH_LOW),
        ("updates_volume", TradeFlag.NOT_VOLUME),
    )
    return frozenset(flag for rule, flag in told if rules.get(rule) is False)
