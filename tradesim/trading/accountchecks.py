"""May this account send this order? Plugged into `trading.checks`; each answers with a sentence for the trader."""

from tradesim.model.accounts import Account
from tradesim.model.orders import Rejection


def account_refusal(account: Account, world: str) -> Rejection | None:
    """Why nothing may be ordered for the account in the market of `world`."""
    if account.is_archived:
        return Rejection("archived", f"account {account.name} is archived: nobody trades in it any more", "account_id")
    if account.home != world:
        found = "which is not open now"
        return Rejection(
            "other_world", f"account {account.name} trades in the {account.home} market, {found}", "account_id"
        )
    if account.rules.is_suspended:
        return Rejection("suspended", f"trading is suspended in account {account.name} by its owner", "account_id")
    return None
