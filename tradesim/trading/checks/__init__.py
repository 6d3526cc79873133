"""May this order be sent? One function a question; each answers with the sentence that the trader reads.

`form` asks whether the order makes sense at all, `legs` the same of the exits of a group, `risk` whether this account
may send it now, `changes` whether an open order may become another; `strict` are Alpaca's narrower rules, asked for
by its facade alone. An order may cross from long to short, or from short to long, only as far as opening the other
side is allowed: a sale beyond what is free to sell needs an account and an instrument that may be short.
"""

from tradesim.model.commands import SubmitOrder
from tradesim.model.orders import Rejection
from tradesim.trading.checks.changes import cancel_refusal, group_refusal, open_part, replace_refusal, replacement
from tradesim.trading.checks.context import Check, Context, context_for, first_refusal, quantity_of
from tradesim.trading.checks.form import FORM_CHECKS
from tradesim.trading.checks.legs import LEG_CHECKS
from tradesim.trading.checks.risk import CLOSING_CHECKS, NEW_ORDER_CHECKS, RISK_CHECKS, may_only_close, opened_by
from tradesim.trading.checks.strict import STRICT_CHECKS

__all__ = [
    "Check",
    "Context",
    "cancel_refusal",
    "context_for",
    "group_refusal",
    "may_only_close",
    "open_part",
    "opened_by",
    "quantity_of",
    "refusal",
    "replace_refusal",
    "replacement",
]


def refusal(order: SubmitOrder, context: Context) -> Rejection | None:
    """The first reason not to send the order, or None."""
    strict = STRICT_CHECKS if order.is_strict else ()
    risk = CLOSING_CHECKS if order.reduce_only else RISK_CHECKS
    return first_refusal(order, context, (*strict, *FORM_CHECKS, *LEG_CHECKS, *NEW_ORDER_CHECKS, *risk))
