"""How the stream does: what was sent, how long it took, who did not keep up."""

from dataclasses import dataclass

from msgspec import Struct

PASS_WEIGHT = 0.1


class Figures(Struct, frozen=True):
    """How the stream does, over the last second."""

    clients: int = 0
    """Pages connected now."""
    apart: int = 0
    """Of them, those that are behind and are told alone."""
    frames_per_s: float = 0.0
    """Passes in which something was said."""
    messages_per_s: float = 0.0
    """Frames written, over all sockets."""
    bytes_per_s: float = 0.0
    last_pass_ms: float = 0.0
    worst_pass_ms: float = 0.0
    topics: int = 0
    closed_slow: int = 0
    """Since the start: closed because they did not keep up."""
    closed_bad: int = 0
    """Since the start: closed for what they sent."""


@dataclass(slots=True)
class Tally:
    """What happened since the figures were last drawn up."""

    since: float
    frames: int = 0
    messages: int = 0
    bytes: int = 0
    last_pass_s: float = 0.0
    worst_pass_s: float = 0.0
    pass_s: float = 0.0
    """Processor time of one pass, as of late."""
    closed_slow: int = 0
    """Since the start, as the next."""
    closed_bad: int = 0

    def count_pass(self, took_s: float, spent_s: float) -> None:
        self.pass_s += PASS_WEIGHT * (spent_s - self.pass_s)
        self.last_pass_s = took_s
        self.worst_pass_s = max(self.worst_pass_s, took_s)

    def draw_up(self, now: float, clients: int, apart: int, topics: int) -> Figures:
        """The figures since the last time, and a new beginning."""
        span = max(now - self.since, 1e-3)
        figures = Figures(
            clients=clients,
            apart=apart,
            frames_per_s=self.frames / span,
            messages_per_s=self.messages / span,
            bytes_per_s=self.bytes / span,
            last_pass_ms=self.last_pass_s * 1e3,
            worst_pass_ms=self.worst_pass_s * 1e3,
            topics=topics,
            closed_slow=self.closed_slow,
            closed_bad=self.closed_bad,
        )
        self.since, self.frames, self.messages, self.bytes, self.worst_pass_s = now, 0, 0, 0, 0.0
        return figures
