"""WebSocket frames as a server sends them (RFC 6455, section 5.2): one fragment, unmasked, never compressed."""

from struct import pack

MOST_CONTROL_BYTES = 125


def text_frame(payload: bytes) -> bytes:
    """`payload` is UTF-8; the same bytes may be written to any number of sockets."""
    return frame(0x1, payload)


def ping_frame(payload: bytes = b"") -> bytes:
    return frame(0x9, payload[:MOST_CONTROL_BYTES])


def pong_frame(payload: bytes) -> bytes:
    return frame(0xA, payload[:MOST_CONTROL_BYTES])


def close_frame(code: int, reason: str = "") -> bytes:
    """`reason` is cut, at a character, to what a control frame can carry."""
    text = reason.encode()[: MOST_CONTROL_BYTES - 2].decode(errors="ignore").encode()
    return frame(0x8, pack("!H", code) + text)


def frame(opcode: int, payload: bytes) -> bytes:
    size = len(payload)
    if size < 126:
        return pack("!BB", 0x80 | opcode, size) + payload
    if size < 65_536:
        return pack("!BBH", 0x80 | opcode, 126, size) + payload
    return pack("!BBQ", 0x80 | opcode, 127, size) + payload
