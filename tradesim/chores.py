"""The house's own jobs: who is polled and followed, what is kept for the next start, what is thrown away."""

import logging
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from tradesim.desk.desk import Desk
from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.ops.following import Follower
from tradesim.ops.scheduler import Housekeeper, Job
from tradesim.providers.simulated.source import Saved
from tradesim.storage.apikeys import ApiKeys
from tradesim.storage.cache import MarketCache
from tradesim.storage.shelf import tidied
from tradesim.stream.hub import Hub

logger = logging.getLogger(__name__)

SAVE_EVERY_S, POLL_EVERY_S, POLL_LIMIT_S = 30, 2, 25
FOLLOW_EVERY_S, RESTORE_EVERY_S, RESTORE_LIMIT_S = 1, 5, 600.0
DAY_S, TIDY_AFTER_S = 86_400, 60
KEY_USES = "key uses/1"


def housekeeper(
    desk: Desk,
    cache: MarketCache,
    hub: Hub,
    keys: ApiKeys,
    shelf: Path,
    providers: Sequence[str],
    follower: Follower,
) -> Housekeeper:
    """A line of its own for each provider: one that hangs delays no other."""
    polls = [
        Job(f"poll {name}", POLL_EVERY_S, partial(poll, desk, hub, name), POLL_LIMIT_S, line=name) for name in providers
    ]
    return Housekeeper(
        [
            Job("follow", FOLLOW_EVERY_S, follower.follow, line="follow"),
            Job("restore symbols", RESTORE_EVERY_S, follower.restore, RESTORE_LIMIT_S, line="restore symbols"),
            Job("save market", SAVE_EVERY_S, lambda: save_market(desk, cache)),
            Job("save key uses", SAVE_EVERY_S, lambda: save_uses(keys, cache)),
            Job("tidy up", DAY_S, partial(tidy_up, cache, shelf), limit_s=600.0, first_s=TIDY_AFTER_S),
            *polls,
        ]
    )


def on_screen(hub: Hub) -> set[str]:
    """The symbols of which a page shows a book, a tape or a chart."""
    return {symbol for name in hub.topics for symbol in name.split(":")[1:2]}


def poll(desk: Desk, hub: Hub, provider: str) -> None:
    """What is on a screen comes first."""
    desk.providers.poll(provider, on_screen(hub))


def tidy_up(cache: MarketCache, shelf: Path) -> None:
    """Once a day: the cache to its size, recorded traffic to its age and size; what people handed in is kept."""
    cache.trim()
    for sentence in tidied(shelf):
        logger.info("%s", sentence)


def save_market(desk: Desk, cache: MarketCache) -> None:
    """Keep what the simulated market needs to go on after a restart. May be lost."""
    cache.save_market(desk.simulated_past())


def save_uses(keys: ApiKeys, cache: MarketCache) -> None:
    """Keep when the keys were used last, and how often today. May be lost."""
    cache.set(KEY_USES, keys.uses.saved())


def saved_market(cache: MarketCache) -> dict[str, Saved]:
    """What `save_market` kept; nothing on a first start."""
    return {
        symbol: Saved(int(history.seconds.close[-1]), int(history.seconds.start[-1]) + NS_PER_SECOND, history)
        for symbol, history in cache.saved_market().items()
        if len(history.seconds)
    }
