"""Ports for servers of our own: below those that systems lend to connections, so that nobody is lent ours meanwhile."""

import random
import socket

LOWEST, HIGHEST = 10_240, 32_000


def free_port() -> int:
    """One of 127.0.0.1 that nobody listens on."""
    dice = random.SystemRandom()
    while True:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                port = dice.randint(LOWEST, HIGHEST)
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue
