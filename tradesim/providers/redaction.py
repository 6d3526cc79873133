"""Keys never leave this room: not in messages, addresses, logs or the texts of vendors that echo them."""

import logging
import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

MASK = "***"
SHORTEST = 4
IN_ADDRESS = re.compile(r"(?i)\b(api_?key|token|key|secret|signature|access_token)=[^&\s\"'<>]+")
IN_HEADER = re.compile(
    r"(?i)(authorization|x-finnhub-token|apca-api-[a-z-]+)(['\"]?\s*[:=]\s*['\"]?)(bearer )?[^\s'\",}]+"
)


class Redactor:
    """Knows the keys of one provider and takes them out of any text. Short words are not taken for keys."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        found = {form for secret in secrets if len(secret) >= SHORTEST for form in spellings(secret)}
        self._secrets = sorted(found, key=lambda form: (-len(form), form))

    def __call__(self, text: object) -> str:
        clean = self.without_keys(str(text))
        return IN_HEADER.sub(rf"\1\2{MASK}", IN_ADDRESS.sub(rf"\1={MASK}", clean))

    def without_keys(self, text: str) -> str:
        """The text as it is but for the keys that are known: for what must stay readable to a machine."""
        for secret in self._secrets:
            text = text.replace(secret, MASK)
        return text

    def guard(self, *loggers: str) -> None:
        """Take the keys out of what these loggers (of libraries, by name) write."""
        for name in loggers:
            logging.getLogger(name).addFilter(RedactingFilter(self))


class RedactingFilter(logging.Filter):
    def __init__(self, redact: Redactor) -> None:
        super().__init__()
        self._redact = redact

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self._redact(record.getMessage()), ()
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = self._redact(logging.Formatter().formatException(record.exc_info))
        return True


def spellings(secret: str) -> set[str]:
    """A key as it stands, and as addresses write it."""
    return {secret, quote(secret, safe=""), quote_plus(secret)}
