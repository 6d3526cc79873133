"""What the panel shows of providers, as plain data for assets/providers.js. Times in ms; no key is ever in it."""

from collections.abc import Container, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tradesim.desk.providers import Providers
from tradesim.desk.views import FeedView, RecorderView, SwitchView, VendorView, WordView
from tradesim.kernel.clock import NS_PER_MS
from tradesim.model.feed import Listing, ProviderHealth
from tradesim.model.market import SourceKind
from tradesim.model.orders import Rejection

LONGEST_TEXT, MOST_NAMES = 60, 50
Wish = Mapping[str, Any]


def asked_data(providers: Providers, wish: Wish, now: int) -> dict[str, Any]:
    """Who could be opened, when that was asked; otherwise how they are. `now` (UTC ns) is what ages are counted to."""
    if wish.get("what") == "market":
        return {"n": wish.get("n"), **market_data(providers)}
    return {"n": wish.get("n"), "now": ms(now), **state_data(providers, str(wish.get("symbol") or ""))}


def market_data(providers: Providers) -> dict[str, Any]:
    vendors = providers.vendors()
    titles = {vendor.id: vendor.title for vendor in vendors}
    return {"vendors": [vendor_row(vendor, titles) for vendor in vendors], "keys": key_rows(vendors)}


def vendor_row(vendor: VendorView, titles: Mapping[str, str]) -> dict[str, Any]:
    return {
        "id": vendor.id,
        "title": vendor.title,
        "note": vendor.note,
        "symbols": list(vendor.symbols),
        "backups": [{"id": each, "title": titles[each]} for each in vendor.backups],
        "is_open": vendor.is_open,
        "is_first": vendor.is_first,
        "is_keyed": bool(vendor.keys),
        "needs_key": any(not key.held for key in vendor.keys),
        "refusal": vendor.refusal,
        "kind": vendor.kind,
        "stands_in": vendor.stands_in,
    }


def key_rows(vendors: Sequence[VendorView]) -> list[dict[str, str]]:
    """Every key once, though two providers may share it."""
    keys = {key.name: key for vendor in vendors for key in vendor.keys}
    return [{"name": key.name, "title": key.title, "held": key.held} for key in keys.values()]


def state_data(providers: Providers, symbol: str) -> dict[str, Any]:
    healths = providers.health()
    titles = {health.provider: health.title for health in healths}
    is_open = {vendor.id for vendor in providers.vendors() if vendor.is_open}
    feeds, recorders = providers.feeds(), providers.recorders()
    return {
        "providers": [
            health_row(health, role_of(health.provider, is_open, feeds.get(symbol)))
            | {"recording": recording_row(recorders.get(health.provider))}
            for health in healths
        ],
        "switches": [switch_row(switch, titles) for switch in providers.switches()],
        "symbol": symbol,
        "words": [word_row(word, titles) for word in providers.words(symbol)] if symbol else [],
    }


def role_of(provider: str, is_open: Container[str], feed: FeedView | None) -> str:
    """What it is in the open market: `serves` the chosen symbol or `served last`, `stands by`, or nothing."""
    if provider not in is_open:
        return ""
    if feed is not None and provider not in (feed.shown_id, feed.told_id):
        return "stands by"
    return "served last" if feed is not None and feed.freshness is SourceKind.STALE else "serves"


def health_row(health: ProviderHealth, role: str) -> dict[str, Any]:
    return {
        "id": health.provider,
        "title": health.title,
        "state": health.state.value,
        "is_open": bool(role),
        "role": role,
        "can": [kind.value for kind, said in health.capabilities.items() if said == "yes"],
        "cannot": {kind.value: said for kind, said in health.capabilities.items() if said != "yes"},
        "heard": ms(health.last_heard),
        "latency": None if health.latency_ns is None else health.latency_ns / NS_PER_MS,
        "retry": ms(health.retry_at),
        "attempt": health.attempt,
        "budget": health.budget_left,
        "error": sentence(health.error, health.provider, health.title) if health.error else None,
        "errors": health.errors,
        "requests": health.requests,
    }


def recording_row(view: RecorderView | None) -> dict[str, Any] | None:
    if view is None:
        return None
    return {
        "name": view.name,
        "is_on": view.is_on,
        "seconds": view.seconds,
        "bytes": view.bytes,
        "frames": view.frames,
        "answers": view.answers,
        "fault": view.fault,
    }


def switch_row(switch: SwitchView, titles: Mapping[str, str]) -> dict[str, Any]:
    named = {"former": switch.former, "chosen": switch.chosen}
    return {
        "at": ms(switch.at),
        "kind": switch.kind,
        "why": reason(switch, titles),
        **{which: titles.get(name, name) if name else None for which, name in named.items()},
    }


def word_row(word: WordView, titles: Mapping[str, str]) -> dict[str, Any]:
    return {
        "provider": titles.get(word.provider, word.provider),
        "bid": None if word.bid is None else f"{word.bid:,f}",
        "ask": None if word.ask is None else f"{word.ask:,f}",
        "last": None if word.last is None else f"{word.last:,f}",
        "said": ms(word.said_at),
    }


def sentence(text: str, provider: str, title: str) -> str:
    """A provider's error as a person reads it: its name as the vendor writes it, a capital, a full stop."""
    opening = f"{provider}: "
    if text.lower().startswith(opening):
        text = f"{title}: {text[len(opening) :]}"
    return finished(text)


def reason(switch: SwitchView, titles: Mapping[str, str]) -> str:
    """Without the name of the one that it is about, which the line has already said."""
    about = switch.former or ""
    for opening in (f"{about}: ", f"{titles.get(about, about)}: "):
        if about and switch.why.lower().startswith(opening.lower()):
            return switch.why[len(opening) :]
    return switch.why


def finished(text: str) -> str:
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "!", "?", "…")) else ".")


def ms(at: int | None) -> int | None:
    return None if at is None else at // NS_PER_MS


def tested_data(providers: Providers, wish: Wish) -> dict[str, Any]:
    provider = str(wish.get("provider"))
    said = providers.probe(provider)
    if isinstance(said, Rejection):
        return {"provider": provider, "ok": False, "message": said.message}
    return {"provider": provider, "ok": True, "message": said}


def recorded_data(providers: Providers, wish: Wish) -> dict[str, Any]:
    """Begin or end a recording. How it goes on is in the state's rows."""
    provider = str(wish.get("provider"))
    said = providers.record(provider) if wish.get("on") else providers.stop_recording(provider)
    if isinstance(said, Rejection):
        return {"provider": provider, "ok": False, "message": said.message}
    message = "" if said is None else f"{said.name} is kept with the recordings: Replay a recording… plays it."
    return {"provider": provider, "ok": True, "message": message}


def searched(providers: Providers, text: str, provider: str) -> Sequence[Listing] | Rejection:
    """What the provider lists; where it cannot be searched or does not answer, what others of its kind list."""
    found = providers.search(text, provider)
    if not isinstance(found, Rejection):
        return found
    kind = next((vendor.kind for vendor in providers.vendors() if vendor.id == provider), "")
    others = providers.search(text) if kind else found
    if isinstance(others, Rejection):
        return found
    alike = [each for each in others if each.asset_class == kind]
    return alike or found


def reached_data(providers: Providers) -> dict[str, Any]:
    """Whether those who need no key can be reached from here; all are asked at once."""
    free = [vendor for vendor in providers.vendors() if vendor.symbols and not vendor.keys and vendor.refusal is None]
    if not free:
        return {"reached": []}
    with ThreadPoolExecutor(len(free), thread_name_prefix="reach") as pool:
        said = list(pool.map(lambda vendor: tested_data(providers, {"provider": vendor.id}), free))
    return {"reached": [{**each, "title": vendor.title} for each, vendor in zip(said, free, strict=True)]}


def found_data(providers: Providers, wish: Wish) -> dict[str, Any]:
    text, provider = str(wish.get("text") or "").strip()[:LONGEST_TEXT], str(wish.get("provider") or "")
    found = searched(providers, text, provider) if text else []
    if isinstance(found, Rejection):
        return {"n": wish.get("n"), "found": [], "message": found.message}
    first = {each.symbol: each for each in reversed(found)}
    rows = [{"symbol": each.symbol, "name": each.name, "exchange": each.exchange} for each in reversed(first.values())]
    return {"n": wish.get("n"), "found": rows, "message": "" if rows else f"Nothing is called “{text}” there."}


def ordered_data(providers: Providers, wish: Wish) -> dict[str, Any]:
    order, stand_ins = (names_in(wish.get(key)) for key in ("order", "stand_ins"))
    refused = providers.prefer(order, stand_ins)
    return {"ok": refused is None, "message": refused.message if refused else "Kept."}


def names_in(found: Any) -> list[str]:
    return [str(each) for each in found][:MOST_NAMES] if isinstance(found, list) else []


def kept_data(providers: Providers, wish: Wish) -> dict[str, Any]:
    name, key = str(wish.get("name")), str(wish.get("key") or "")
    refused = providers.keep_key(name, key)
    if refused:
        return {"name": name, "ok": False, "message": refused.message}
    return {"name": name, "ok": True, "message": "Kept, and never shown again." if key.strip() else "Forgotten."}
