"""A number that two sides compare to know that they see the same book: CRC-32 of the best ten levels of each side."""

from zlib import crc32

from tradesim.model.market import BookTop

CHECKED_LEVELS = 10


def book_checksum(top: BookTop) -> int:
    """Unsigned CRC-32 (IEEE 802.3) of `price:qty|…`, ten bids best first, then ten asks best first."""
    levels = top.bids[:CHECKED_LEVELS] + top.asks[:CHECKED_LEVELS]
    return crc32("|".join(f"{level.price}:{level.qty}" for level in levels).encode())
