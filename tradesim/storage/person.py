"""The token by which a person shows to the control API that no program asks: one file of the data folder."""

import os
import secrets
from pathlib import Path

from tradesim.kernel.errors import Refused

TOKEN_FILE = "person.token"
OWNER_ONLY = 0o600
TOKEN_BYTES = 32


def person_token(folder: Path) -> str:
    """The folder's token, made where there is none yet; read by its owner alone. Raises Refused."""
    path = folder / TOKEN_FILE
    try:
        return kept(path) or made(path)
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{path} must hold the token of a person: {type(error).__name__}; mend or remove it") from None


def kept(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return ""


def made(path: Path) -> str:
    """Whole or not at all, and readable by nobody else from its first moment."""
    token, beside = secrets.token_urlsafe(TOKEN_BYTES), path.with_suffix(f".{os.getpid()}")
    beside.unlink(missing_ok=True)
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "w") as file:
        file.write(token + "\n")
    beside.replace(path)
    return token
