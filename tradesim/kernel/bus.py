"""Who wants to hear of what happened. Called on the publisher's thread: listeners must be quick."""

import logging
from collections.abc import Callable, Sequence
from typing import Any

logger = logging.getLogger(__name__)

Listener = Callable[[Sequence[Any]], None]


class Bus:
    """Delivers batches of events, in order, to every listener. One that throws is logged and kept."""

    def __init__(self) -> None:
        self._listeners: tuple[Listener, ...] = ()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Returns the function that ends the subscription."""
        self._listeners = (*self._listeners, listener)

        def unsubscribe() -> None:
            self._listeners = tuple(each for each in self._listeners if each is not listener)

        return unsubscribe

    def publish(self, events: Sequence[Any]) -> None:
        for listener in self._listeners:
            try:
                listener(events)
            except Exception:
                logger.exception("listener %r failed on %d events", listener, len(events))
