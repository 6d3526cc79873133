"""A certificate for this machine, for clients that insist on TLS: made once, kept in the data folder.

It is signed by an authority whose key is thrown away, so that whoever trusts the authority trusts this desk alone.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from msgspec import Struct

from tradesim.kernel.clock import NS_PER_SECOND
from tradesim.kernel.errors import Refused
from tradesim.storage.datafolder import make_private
from tradesim.storage.whole import READABLE, of_this_process, write_whole

TLS_FOLDER = "tls"
THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
LASTS = timedelta(days=825)
"""The longest that every browser takes."""


class Certificate(Struct, frozen=True):
    """`server` holds certificate and key; `authority` is what clients must trust, `trusted` that and the usual ones."""

    server: Path
    authority: Path
    trusted: Path

    @classmethod
    def beside(cls, server: Path) -> "Certificate":
        return cls(server, server.with_name("ca.pem"), server.with_name("trusted.pem"))


def certificate_in(folder: Path) -> Certificate:
    return Certificate.beside(folder / TLS_FOLDER / "desk.pem")


def made_certificate(folder: Path, names: Sequence[str], now_ns: int) -> Certificate:
    """A new one for this machine and `names`, in place of the one before; the key is written last. Raises Refused."""
    found = certificate_in(folder)
    begins = datetime.fromtimestamp(now_ns // NS_PER_SECOND, UTC) - timedelta(days=1)
    authority = authority_of_ours()
    try:
        issued = authority.issue_cert(
            *dict.fromkeys((*THIS_MACHINE, *names)), not_before=begins, not_after=begins + LASTS
        )
    except ValueError as error:
        raise Refused(f"wanted names or addresses for the certificate: {error}") from None
    own = authority.cert_pem.bytes()
    server = b"".join((issued.private_key_pem.bytes(), *(each.bytes() for each in issued.cert_chain_pems), own))
    try:
        prepare(found.server.parent)
        beside = of_this_process()
        write_whole(found.authority, own, READABLE, beside)
        write_whole(found.trusted, usual_authorities() + b"\n" + own, READABLE, beside)
        write_whole(found.server, server, beside=beside)
    except OSError as error:
        raise Refused(f"the certificate could not be kept in {found.server.parent}: {error.strerror}") from None
    return found


def authority_of_ours() -> Any:
    try:
        from trustme import CA
    except ImportError:
        raise Refused("a certificate is made by trustme, which is not installed: pip install trustme") from None
    return CA(organization_name="TradeSim", organization_unit_name="this desk alone")


def usual_authorities() -> bytes:
    import certifi

    return Path(certifi.where()).read_bytes()


def prepare(folder: Path) -> None:
    """It is its owner's alone, also if it was there; what a run that was killed left half done goes."""
    folder.mkdir(mode=0o700, exist_ok=True)
    make_private(folder)
    for path in folder.iterdir():
        if path.suffix.removeprefix(".").isdecimal():
            path.unlink(missing_ok=True)
