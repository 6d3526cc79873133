"""The scorecard of the simulated market on the real matching venue."""

from tradesim.kernel.errors import Refused
from tradesim.simulator import score
from tradesim.simulator.universe import UNIVERSE
from tradesim.venue.matching import MatchingVenue


def scorecard(symbol: str, seconds: int, seed: int) -> list[score.Row]:
    """Stylised facts of `seconds` of a Wednesday from 09:30 New York, held against those of real markets.

    Raises Refused for an unknown symbol or a run that is too short to say anything.
    """
    profile = UNIVERSE.get(symbol)
    if profile is None:
        raise Refused(f"symbol must be one of {', '.join(UNIVERSE)}, was {symbol}")
    if seconds < score.SHORTEST_S:
        raise Refused(f"a run must have at least {score.SHORTEST_S} seconds, had {seconds}")
    instruments = {symbol: profile.instrument}
    return score.scorecard(profile, seconds, seed, lambda: MatchingVenue(instruments, {symbol: profile.price}))
