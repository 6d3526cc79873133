"""The token by which a person shows to the control API that no program asks: one file of the data folder."""

import secrets
from pathlib import Path

from tradesim.kernel.errors import Refused
from tradesim.storage.whole import of_this_process, write_whole

TOKEN_FILE = "person.token"
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
    token = secrets.token_urlsafe(TOKEN_BYTES)
    write_whole(path, f"{token}\n".encode(), beside=of_this_process())
    return token
