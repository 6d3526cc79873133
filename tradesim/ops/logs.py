"""What is logged, and how it looks."""

import logging

FORMAT = "%(asctime)s %(levelname)-7s %(name)s: %(message)s"
NOISY = ("werkzeug", "apscheduler", "urllib3")


def configure(level: str) -> None:
    logging.basicConfig(level=level, format=FORMAT)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
