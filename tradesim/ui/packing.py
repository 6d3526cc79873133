"""Scripts and styles go out packed, each packed once: Plotly alone is 4.8 MB, a second and more on a slow line.

Not to this machine, where the line costs nothing, nor to a proxy on it, which can pack by itself. Answers of the API
are left as they are.
"""

from functools import partial
from ipaddress import ip_address

from cachelib import SimpleCache
from flask import Flask, Response, g, request
from flask_compress import Compress

PACKED = ("text/css", "text/javascript", "application/javascript")
MOST_KEPT, FOR_EVER = 100, 0


def pack(server: Flask) -> None:
    """Known by their content: whatever a path claims, the same text is packed once."""
    server.config.update(
        COMPRESS_REGISTER=False,
        COMPRESS_MIMETYPES=PACKED,
        COMPRESS_ALGORITHM=("br", "zstd", "gzip"),
        COMPRESS_STREAMS=False,
        COMPRESS_CACHE_BACKEND=partial(SimpleCache, threshold=MOST_KEPT, default_timeout=FOR_EVER),
        COMPRESS_CACHE_KEY=lambda _asked: g.packed_tag,
    )
    compress = Compress(server)

    @server.after_request
    def pack_what_is_large(response: Response) -> Response:
        if response.mimetype not in PACKED or is_this_machine(request.remote_addr):
            return response
        response.direct_passthrough = False
        response.get_data()
        response.add_etag()
        g.packed_tag, _ = response.get_etag()
        return compress.after_request(response)


def is_this_machine(address: str | None) -> bool:
    try:
        return address is None or ip_address(address).is_loopback
    except ValueError:
        return True
