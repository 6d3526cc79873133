"""How programs of ours find the desk: whether it answers, and whether they may trust who answers."""

import ssl
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from urllib.parse import urlsplit

from tradesim.kernel.errors import Refused

LONGEST_WAIT_S = 2.0


def is_there(url: str, trusted: Path | None = None) -> bool:
    """Whether a desk answers at `url`, healthy or not; over TLS one that `trusted` vouches for."""
    try:
        return asked(url, trusted) in (200, 503)
    except (OSError, HTTPException, ValueError):
        return False


def trusted_url(url: str, trusted: Path | None = None) -> str:
    """The same address. Raises Refused when who answers there shows a certificate that programs cannot accept."""
    if not url.startswith("https:"):
        return url
    try:
        asked(url, trusted)
    except ssl.SSLCertVerificationError as error:
        raise Refused(
            f"the certificate of the desk cannot be trusted at {url}: {error.verify_message.rstrip('.')}; "
            "set TRADESIM_URL to the address that it is for, such as https://desk.example.com:8050"
        ) from None
    except (OSError, HTTPException, ValueError):
        pass
    return url


def asked(url: str, trusted: Path | None) -> int:
    """The status of the desk's answer."""
    parts = urlsplit(url)
    connection = connection_to(parts.scheme, parts.hostname or "", parts.port, trusted)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status
    finally:
        connection.close()


def connection_to(scheme: str, host: str, port: int | None, trusted: Path | None) -> HTTPConnection:
    if scheme != "https":
        return HTTPConnection(host, port, timeout=LONGEST_WAIT_S)
    context = ssl.create_default_context(cafile=trusted)
    return HTTPSConnection(host, port, timeout=LONGEST_WAIT_S, context=context)
