"""From a provider's name and some symbols to a live market, or the sentence that says why there is none."""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from tradesim.kernel.clock import NS_PER_MS, Clock
from tradesim.kernel.errors import (
    BadKey,
    BadPayload,
    NoData,
    NotEntitled,
    ProviderError,
    Refused,
    RetryLater,
    UnknownSymbol,
)
from tradesim.model.feed import Capability, Listing
from tradesim.model.instrument import AssetClass, Instrument
from tradesim.providers.contract import YES, AssetRecords, Mendable, Provider
from tradesim.providers.hooks import Hooks
from tradesim.providers.live.answers import AnswerStore
from tradesim.providers.live.listing import instrument_of, with_steps
from tradesim.providers.live.source import LiveRules, LiveSource
from tradesim.providers.vendors import Vendors, shares_key

logger = logging.getLogger(__name__)

T = TypeVar("T")
MOST_SYMBOLS, MOST_LISTED = 30, 100
MOST_FOUND = 60
PATIENCE_S = 12.0
ASKING_S, STAND_INS_S = 15.0, 5.0
"""How long who is preferred is waited for, and once it has answered how long after the beginning the others are."""
PRICED = frozenset(Capability) - {Capability.SEARCH, Capability.QUOTE}
"""What a market can be shown of without quotes."""


class Wanted(Struct, frozen=True):
    """`provider` is preferred, `backups` stand in for it, in order."""

    provider: str
    symbols: tuple[str, ...]
    backups: tuple[str, ...] = ()


class Told(Struct, frozen=True):
    """What a provider said of the symbols that are wanted: how it lists them, and why not, by symbol.

    `fault` is the sentence of why it cannot be asked now; `is_passing` whether that may be otherwise later, and
    `is_mendable` whether a person can do something about it.
    """

    name: str
    listings: Mapping[str, Listing] = field(default_factory=dict)
    unknown: Mapping[str, str] = field(default_factory=dict)
    fault: str = ""
    is_passing: bool = False
    is_mendable: bool = False
    after_s: float = 0.0


def open_live(
    vendors: Vendors,
    wanted: Wanted,
    clock: Clock,
    rules: LiveRules | None = None,
    store: AnswerStore | None = None,
    hooks_of: Callable[[str], Hooks | None] = lambda _: None,
) -> LiveSource:
    """Asks all at once which of the symbols they trade; one that cannot be asked now joins later, the first included.

    Raises Refused with what the preferred one said when it refuses, or when nobody can be asked; nothing is left open.
    """
    symbols = sound_symbols(wanted.symbols)
    must_be_ready(vendors, wanted.provider)
    first, *others = asked_at_once(vendors, [wanted.provider, *able_backups(vendors, wanted)], symbols)
    instruments, absent = agreed(vendors, first, others, symbols)
    routes = routes_of(instruments, (first, *others))
    serving = {name for route in routes.values() for name in route}
    names = [each.name for each in (first, *others) if each.name in serving]
    providers = {name: vendors.build(name, hooks_of(name)) for name in names}
    return LiveSource(providers, instruments, clock, routes, rules, store, absent)


def enlist(vendors: Vendors, source: LiveSource, symbols: Sequence[str]) -> tuple[str, ...]:
    """Ask the providers of an open market for more symbols, and have it learn of them. Raises as `open_live`."""
    wanted = sound_symbols(symbols)
    count = len({*source.instruments, *wanted})
    if count > MOST_LISTED:
        raise Refused(f"wanted at most {MOST_LISTED} symbols in a market, found {count}")
    fresh = [symbol for symbol in wanted if symbol not in source.instruments]
    if fresh:
        first, *others = asked_at_once(vendors, source.order, fresh)
        instruments, _ = agreed(vendors, first, others, fresh)
        if len(instruments) < len(fresh):
            raise Refused(first.fault)
        doubted = [each.name for each in (first, *others) if may_join(each) and each.name not in source.absent]
        source.enlist(instruments, routes_of(instruments, (first, *others)), doubted)
    return wanted


def routes_of(symbols: Iterable[str], asked: Sequence[Told]) -> dict[str, tuple[str, ...]]:
    return {symbol: tuple(each.name for each in asked if may_serve(each, symbol)) for symbol in symbols}


def agreed(
    vendors: Vendors, first: Told, others: Sequence[Told], symbols: Sequence[str]
) -> tuple[dict[str, Instrument], dict[str, str]]:
    """The instruments to open, each as the most preferred one that answers has it, in steps that carry the prices of
    all that answer, and who joins later, and why.
    """
    refusal = first.fault or next(iter(first.unknown.values()), "")
    if refusal and not first.is_passing:
        raise Refused(refusal)
    instruments: dict[str, Instrument] = {}
    for symbol in symbols:
        listings = [each.listings[symbol] for each in (first, *others) if symbol in each.listings]
        if listings:
            instruments[symbol] = instrument_of(*listings)
    if not instruments:
        raise Refused(refusal)
    for each in others:
        if each.fault:
            logger.warning("%s cannot stand in%s: %s", each.name, " yet" if may_join(each) else "", each.fault)
    missing = [symbol for symbol in symbols if symbol not in instruments]
    absent = {each.name: each.fault for each in (first, *others) if may_join(each)}
    if missing:
        absent[first.name] += f"; {', '.join(missing)} cannot be opened without it"
    return instruments, absent


def may_join(told: Told) -> bool:
    """It serves nothing now; it is asked again, which costs nothing while its key or plan is known to refuse."""
    return told.is_passing or told.is_mendable


def may_serve(told: Told, symbol: str) -> bool:
    return may_join(told) or symbol in told.listings


def asked_at_once(vendors: Vendors, names: Sequence[str], symbols: Sequence[str]) -> list[Told]:
    """In the order of `names`; who takes longer than is waited for cannot be asked now."""
    began, patience_s = time.monotonic(), ASKING_S
    told: list[Told] = []
    answers = [started(lambda name=name: told_of(vendors, name, symbols)) for name in names]  # type: ignore[misc]
    for name, answer in zip(names, answers, strict=True):
        told.append(told_within(vendors, name, answer, patience_s, began))
        if len(told[0].listings) == len(symbols):
            patience_s = min(patience_s, STAND_INS_S)
    return told


def told_within(vendors: Vendors, name: str, answer: Callable[[float], Told], patience_s: float, began: float) -> Told:
    try:
        return answer(max(0.0, began + patience_s - time.monotonic()))
    except TimeoutError:
        return Told(name, fault=f"{vendors.row(name).title}: no answer within {patience_s:g} s", is_passing=True)


def told_of(vendors: Vendors, name: str, symbols: Sequence[str]) -> Told:
    """Asks for each symbol."""
    refusal = vendors.refusal(name)
    if refusal:
        return Told(name, fault=refusal)
    provider, kind = vendors.asked(name), vendors.row(name).asset_class
    found: dict[str, Listing] = {}
    unknown: dict[str, str] = {}
    try:
        for symbol in symbols:
            if fault := vendors.symbol_fault(name, symbol):
                unknown[symbol] = fault
                continue
            try:
                found[symbol] = listing_of(provider, symbol, kind)
            except UnknownSymbol as error:
                unknown[symbol] = told_by(provider, error)
    except (RetryLater, BadPayload) as error:
        after_s = error.after_s if isinstance(error, RetryLater) else 0.0
        return Told(name, fault=told_by(provider, error), is_passing=True, after_s=after_s)
    except (BadKey, NotEntitled) as error:
        return Told(name, fault=told_by(provider, error), is_mendable=True)
    except (ProviderError, Refused) as error:
        return Told(name, fault=told_by(provider, error))
    return Told(name, found, unknown)


def able_backups(vendors: Vendors, wanted: Wanted) -> list[str]:
    """Each once, without those that would need a second socket with a key that is in use."""
    chosen = [wanted.provider]
    for name in wanted.backups:
        if name in chosen:
            continue
        rival = next((each for each in chosen if shares_key(vendors.row(name), vendors.row(each))), None)
        if rival is None:
            chosen.append(name)
        else:
            logger.warning("%s cannot stand in beside %s: one key has one socket", name, rival)
    return chosen[1:]


def sound_symbols(symbols: Sequence[str]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(symbol.strip().upper() for symbol in symbols if symbol.strip()))
    if not 1 <= len(found) <= MOST_SYMBOLS:
        raise Refused(f"wanted from 1 to {MOST_SYMBOLS} symbols for a live market, found {len(found)}")
    return found


def must_be_ready(vendors: Vendors, name: str) -> None:
    refusal = vendors.refusal(name)
    if refusal:
        raise Refused(refusal)


def listing_of(provider: Provider, symbol: str, kind: AssetClass) -> Listing:
    """Where a provider has no list, its quote says whether it knows the symbol, and in which steps.

    Raises ProviderError, or Refused for steps that are not above zero.
    """
    listing: Callable[[str], Listing] | None = getattr(provider, "listing", None)
    if listing is not None:
        found = listing(symbol)
        instrument_of(found)
        return found
    prices = prices_now(provider, symbol)
    asset = provider.asset(symbol) if isinstance(provider, AssetRecords) else None
    if asset is not None and kind is AssetClass.CRYPTO:
        asset = replace(asset, tick_size=None)  # It binds orders; quotes are finer.
    return with_steps(asset or Listing(symbol, symbol, kind, provider.id), prices)


def prices_now(provider: Provider, symbol: str) -> tuple[Decimal | None, ...]:
    """None at all where its plan has no quotes, or nobody quotes it now.

    Raises ProviderError; NotEntitled where nothing else is in the plan, or quotes of this symbol alone are not.
    """
    if provider.capabilities().get(Capability.QUOTE) != YES:
        return ()
    try:
        quote = provider.quote(symbol)
    except NoData:
        logger.info("%s has no quote of %s now", provider.title, symbol)
        return ()
    except NotEntitled as error:
        able = {kind for kind, said in provider.capabilities().items() if said == YES}
        if Capability.QUOTE in able or able.isdisjoint(PRICED):
            raise
        logger.info("quotes are not in the plan: %s", error)
        return ()
    return quote.bid, quote.ask, quote.last


def probed(provider: Provider, symbol: str, clock: Clock) -> str:
    """Ask one thing, a book where there is one; the sentence of what came. Raises Refused, also after a while."""
    if isinstance(provider, Mendable):
        provider.try_again()
    began = clock.now()
    try:
        said = within(PATIENCE_S, lambda: asked_once(provider, symbol))
    except ProviderError as error:
        raise Refused(told_by(provider, error)) from None
    except TimeoutError:
        raise Refused(f"{provider.title}: no answer within {PATIENCE_S:g} s") from None
    return f"{provider.title} answered in {(clock.now() - began) // NS_PER_MS:,} ms: {said}"


def asked_once(provider: Provider, symbol: str) -> str:
    if provider.capabilities().get(Capability.BOOK) == YES and "/" in symbol:
        book = provider.book(symbol)
        bid, ask = (f"{side[0][0]:,f}" if side else "none" for side in (book.bids, book.asks))
        return f"{symbol} bid {bid}, ask {ask}"
    quote = provider.quote(symbol)
    named = (("bid", quote.bid), ("ask", quote.ask), ("last", quote.last))
    prices = ", ".join(f"{name} {price:,f}" for name, price in named if price is not None)
    return f"{symbol} {prices or 'has no price now'}"


def found_by(vendors: Vendors, text: str, provider: str = "") -> list[Listing]:
    """Raises Refused when nobody answered."""
    names = [provider] if provider else [row.id for row in vendors.rows if vendors.refusal(row.id) is None]
    for name in names:
        must_be_ready(vendors, name)
    able = [each for each in map(vendors.asked, names) if each.capabilities().get(Capability.SEARCH) == YES]
    if not able:
        raise Refused(f"{vendors.row(names[0]).title} has no search: type the symbol" if names else "nobody to ask")
    answers = [started(lambda each=each: each.search(text)) for each in able]  # type: ignore[misc]
    found: list[Listing] = []
    errors: list[str] = []
    for each, answer in zip(able, answers, strict=True):
        try:
            found.extend(answer(PATIENCE_S))
        except ProviderError as error:
            errors.append(told_by(each, error))
        except TimeoutError:
            errors.append(f"{each.title}: no answer within {PATIENCE_S:g} s")
    if errors and len(errors) == len(able):
        raise Refused("; ".join(errors))
    return found[:MOST_FOUND]


def told_by(provider: Provider, error: Exception) -> str:
    """The vendor's own sentence, by its name once."""
    said = str(error)
    opening = f"{provider.id}: "
    if said.lower().startswith(opening):
        said = said[len(opening) :]
    return said if said.startswith(provider.title) else f"{provider.title}: {said}"


def opened_within(seconds: float, open_source: Callable[[], LiveSource]) -> LiveSource:
    """Raises Refused when it takes longer; what is opened after that is closed again."""
    lock, is_late = threading.Lock(), False

    def run() -> LiveSource:
        source = open_source()
        with lock:
            if is_late:
                source.close()
        return source

    try:
        return within(seconds, run)
    except TimeoutError:
        with lock:
            is_late = True
        raise Refused(f"it took longer than {seconds:g} s to open") from None


def within(seconds: float, ask: Callable[[], T]) -> T:
    """Raises TimeoutError; the question goes on alone and its answer is dropped."""
    return started(ask)(seconds)


def started(ask: Callable[[], T]) -> Callable[[float], T]:
    """Asks on a thread of its own; the answer is waited for by calling what is returned."""
    outcome: list[Any] = []

    def run() -> None:
        try:
            outcome.append((ask(), None))
        except Exception as error:  # noqa: BLE001 - raised again where it is waited for
            outcome.append((None, error))

    thread = threading.Thread(target=run, name="question", daemon=True)
    thread.start()

    def wait(seconds: float) -> T:
        thread.join(seconds)
        if not outcome:
            raise TimeoutError
        value, error = outcome[0]
        if error is not None:
            raise error
        return value  # type: ignore[no-any-return]

    return wait
