"""One turn of the market: time passes, commands are answered, the journal remembers, then everybody is told.

Decide, journal (durable), answer, show. Nothing that a crash could forget leaves this module: events, answers and
views wait for the commit. When the journal cannot be written the market stands still with its last batch
in hand and tries again; meanwhile every command is refused with the reason.
"""

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from tradesim.desk.days import is_boundary, next_minute
from tradesim.desk.market import Market
from tradesim.desk.opening import Opening
from tradesim.desk.orders import Decisions, OrderDesk
from tradesim.desk.ports import Journal
from tradesim.kernel.clock import NS_PER_MS
from tradesim.kernel.errors import IllegalTransition, JournalUnavailable, Unbalanced
from tradesim.kernel.inbox import Letter
from tradesim.model.market import Trade
from tradesim.model.orders import Order, Rejection
from tradesim.model.venue import PrintVoided

logger = logging.getLogger(__name__)

TURN_BUDGET_S = 0.02
SLICE_NS = 250 * NS_PER_MS
STRIDES = 500
RETRY_S = 0.25


@dataclass(slots=True)
class Batch:
    """What one turn decided, and who waits to hear of it."""

    decided: Decisions
    answers: list[tuple["Future[Any]", Any]] = field(default_factory=list)


Handle = Callable[[Any], Any]
Publish = Callable[[Decisions], None]


class Turns:
    """Runs on the market thread, or in a test by calling `turn`."""

    def __init__(
        self,
        opening: Opening,
        orders: OrderDesk,
        journal: Journal,
        handle: Handle,
        publish: Publish,
        stand_back: Callable[[], None],
        show: Callable[[], None],
    ) -> None:
        """`publish` is told of what was decided before anybody is answered, `show` makes the views after.

        Between them, `stand_back` leaves the interpreter to those who were answered.
        """
        self._opening = opening
        self._orders = orders
        self._journal = journal
        self._handle = handle
        self._publish = publish
        self._stand_back = stand_back
        self._show = show
        self._held: Batch | None = None
        self._retry_at = 0.0
        self.fault: str | None = None
        self.last_seq = 0

    def turn(self, letters: Sequence[Letter]) -> None:
        if not self._retry():
            self._refuse(letters)
            return
        self._pass_time(self._opening.market)
        answers = [(letter.reply, self._answer(letter)) for letter in letters]
        self._let_arrive(self._opening.market)
        decided = self._orders.take_decisions()
        self._settle(Batch(decided, [(reply, self._latest(answer)) for reply, answer in answers]))

    def record(self) -> None:
        """Make durable what was decided before the first turn."""
        self._collect(self._opening.market)
        self._settle(Batch(self._orders.take_decisions()))

    def _pass_time(self, market: Market) -> None:
        """Let the market come up to its clock, in slices, as far as the budget of one turn goes."""
        market.skip_pause()
        deadline, to = time.monotonic() + TURN_BUDGET_S, market.now
        stride = max(SLICE_NS, (to - market.reached) // STRIDES)
        while market.reached < to or market.has_arrival:
            minute, look = next_minute(market.reached), self._orders.gate.next_look(market)
            stop = min(minute, look, self._next_step(market, to))
            market.advance(max(market.reached, min(to, market.reached + stride, stop)))
            self._collect(market)
            self._orders.gate.look(market)
            if market.reached == minute:
                self._pass_minute(market)
            if time.monotonic() > deadline:
                market.hold_back()
                return

    def _next_step(self, market: Market, to: int) -> int:
        """Where an order waits for a price the market is looked at after each thing that happens in it."""
        due = market.source.next_due() if self._orders.watches else None
        return to if due is None or due <= market.reached else due

    def _pass_minute(self, market: Market) -> None:
        """First what an auction did, then what its end means for the orders."""
        if is_boundary(market.reached):
            self._orders.on_boundary(market)
            self._collect(market)
        self._opening.pass_minute(market)
        self._collect(market)

    def _let_arrive(self, market: Market) -> None:
        """What takes no time arrives in the same turn."""
        self._collect(market)
        while market.has_arrival:
            market.advance(market.reached)
            self._collect(market)
        self._orders.gate.look(market)

    def _answer(self, letter: Letter) -> Any:
        try:
            return self._handle(letter.command)
        except (IllegalTransition, Unbalanced):
            raise
        except Exception as error:
            logger.exception("command failed: %r", letter.command)
            return error

    def _latest(self, answer: Any) -> Any:
        """An order as it is at the end of the turn, so that an answer already shows what filled at once."""
        if isinstance(answer, Order):
            return self._orders.state.order(answer.id) or answer
        if isinstance(answer, list):
            return [self._latest(each) for each in answer]
        return answer

    def _collect(self, market: Market) -> None:
        """Hear what the venue did, until our answers to it cause nothing more."""
        while self._hear(market):
            pass

    def _hear(self, market: Market) -> bool:
        """Whether anything was about our own orders, so that we may have answered."""
        happenings = market.source.venue.drain()
        market.board.touch(happenings.touched)
        is_ours = False
        for item in happenings.items:
            if isinstance(item, Trade):
                market.board.print(item)
                self._orders.on_trade(item, market)
            elif isinstance(item, PrintVoided):
                market.board.void(item)
            else:
                self._orders.report(item, market)
                is_ours = True
        self._orders.on_touched(happenings.touched, market)
        return is_ours

    def _settle(self, batch: Batch) -> None:
        try:
            if batch.decided.events:
                self.last_seq = self._journal.append(batch.decided.events, batch.decided.entries)
        except JournalUnavailable as error:
            self._hold(batch, str(error))
            return
        self._tell(batch)

    def _tell(self, batch: Batch) -> None:
        if batch.answers or batch.decided.events:
            self._publish(batch.decided)
        for reply, answer in batch.answers:
            if reply.set_running_or_notify_cancel():
                if isinstance(answer, Exception):
                    reply.set_exception(answer)
                else:
                    reply.set_result(answer)
        if batch.answers:
            self._stand_back()
        self._show()

    def _hold(self, batch: Batch, why: str) -> None:
        if self.fault is None:
            logger.error("the journal cannot be written, the market stands still: %s", why)
        self._held, self.fault = batch, why

    def _retry(self) -> bool:
        """Whether nothing is held any more."""
        held = self._held
        if held is None or time.monotonic() < self._retry_at:
            return held is None
        self._retry_at = time.monotonic() + RETRY_S
        try:
            self.last_seq = self._journal.append(held.decided.events, held.decided.entries)
        except JournalUnavailable as error:
            self.fault = str(error)
            return False
        logger.warning("the journal can be written again; %d events were held and are safe", len(held.decided.events))
        self._held, self.fault = None, None
        self._tell(held)
        return True

    def _refuse(self, letters: Sequence[Letter]) -> None:
        """Nobody is told anything that rests on what is not durable: neither commands nor questions."""
        why = f"orders are refused: {self.fault}; nothing was lost"
        for letter in letters:
            if not letter.reply.set_running_or_notify_cancel():
                continue
            if callable(letter.command):
                letter.reply.set_exception(JournalUnavailable(why))
            else:
                letter.reply.set_result(Rejection("journal_unavailable", why))
