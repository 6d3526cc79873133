"""gunicorn's log, without the lines that say again in its words what a sentence of ours has just said."""

from typing import Any

from gunicorn.glogging import Logger

SAID_ALREADY = ("exited with code 4.", "Shutting down: Master", "Reason: App failed to load.")


class QuietLogger(Logger):  # type: ignore[misc]
    def error(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        text = str(msg) % args if args else str(msg)
        if not text.endswith(SAID_ALREADY):
            super().error(msg, *args, **kwargs)
