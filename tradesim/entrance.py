"""Where the command `tradesim` and `python app.py` begin: ready to be ended before anything else is read."""

from tradesim.ops import leaving


def main() -> int:
    leaving.arm()
    from tradesim import cli

    return cli.main()
