"""Network captures as UDP payloads: pcap and pcapng, either byte order, plain, .gz or .xz; read as a stream.

A capture that breaks off in the middle gives what is whole; `Tally.truncated` tells.
"""

import io
import lzma
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from tradesim.kernel.errors import Refused

SUFFIXES = (".pcap", ".pcapng")
BROKEN = (EOFError, OSError, lzma.LZMAError, zlib.error)

PCAP_ORDERS = {
    b"\xa1\xb2\xc3\xd4": ">",
    b"\xa1\xb2\x3c\x4d": ">",
    b"\xd4\xc3\xb2\xa1": "<",
    b"\x4d\x3c\xb2\xa1": "<",
}
PCAPNG_MAGIC = b"\x0a\x0d\x0d\x0a"
NG_ORDERS = {b"\x1a\x2b\x3c\x4d": ">", b"\x4d\x3c\x2b\x1a": "<"}
SECTION, INTERFACE, OLD_PACKET, SIMPLE_PACKET, ENHANCED_PACKET = 0x0A0D0D0A, 1, 2, 3, 6
LARGEST_PACKET = 1 << 20
BUFFER, CHUNK, GZIP = 1 << 20, 1 << 18, 31

ETHERNET, RAW_IP, RAW_IPS, LINUX_COOKED = 1, 101, (12, 14, 228, 229), 113
IPV4, IPV6, VLANS = 0x0800, 0x86DD, (0x8100, 0x88A8)
UDP = 17


@dataclass(slots=True)
class Tally:
    """What a capture held: whole packets, packets cut short, packets that carry no UDP payload."""

    packets: int = 0
    truncated: int = 0
    without_udp: int = 0
    links: dict[int, int] = field(default_factory=dict)


def is_capture(path: Path) -> bool:
    """By its name alone."""
    name = path.name.lower()
    return name.removesuffix(".gz").removesuffix(".xz").endswith(SUFFIXES)


def payloads(path: Path, tally: Tally) -> Iterator[bytes]:
    """UDP payloads in the order of the file. Raises Refused when it is no capture at all."""
    if not path.is_file():
        raise Refused(f"there is no file {path}")
    with opened(path) as file:
        for link, packet in _packets(path, file, tally):
            payload = udp_payload(link, packet)
            if payload is None:
                tally.without_udp += 1
            else:
                yield payload


def opened(path: Path) -> IO[bytes]:
    match path.suffix.lower():
        case ".gz":
            return io.BufferedReader(Unzipped(path.open("rb")), CHUNK)
        case ".xz":
            return io.BufferedReader(lzma.open(path), BUFFER)
    return path.open("rb", BUFFER)


class Unzipped(io.RawIOBase):
    """A gzip file, in any number of members; one that breaks off ends there, with all that came before."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self._member = file, zlib.decompressobj(GZIP)
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._ready:
            packed = self._member.unused_data or self._file.read(CHUNK)
            if not packed and self._member.eof:
                return 0
            if not packed:
                raise EOFError("the packed file ends before its end mark")
            if self._member.eof:
                self._member = zlib.decompressobj(GZIP)
            self._ready = self._member.decompress(packed)
        size = min(len(buffer), len(self._ready))
        buffer[:size], self._ready = self._ready[:size], self._ready[size:]
        return size

    def close(self) -> None:
        self._file.close()
        super().close()


def _packets(path: Path, file: IO[bytes], tally: Tally) -> Iterator[tuple[int, bytes]]:
    try:
        magic = file.read(4)
        if magic in PCAP_ORDERS:
            yield from _pcap(file, PCAP_ORDERS[magic], tally)
        elif magic == PCAPNG_MAGIC:
            yield from _pcapng(file, tally)
        else:
            raise Refused(f"{path.name} begins with {magic.hex() or 'nothing'}, wanted a pcap or pcapng capture")
    except BROKEN:
        if not tally.packets:
            raise Refused(f"{path.name} cannot be unpacked: it is damaged or cut short") from None
        tally.truncated += 1


def _pcap(file: IO[bytes], order: str, tally: Tally) -> Iterator[tuple[int, bytes]]:
    header = file.read(20)
    if len(header) < 20:
        tally.truncated += 1
        return
    link = struct.unpack(order + "I", header[16:])[0] & 0xFFFF
    record = struct.Struct(order + "IIII")
    while head := file.read(16):
        captured = record.unpack(head)[2] if len(head) == 16 else LARGEST_PACKET
        packet = file.read(captured) if captured < LARGEST_PACKET else b""
        if len(packet) < captured:
            tally.truncated += 1
            return
        tally.packets += 1
        tally.links[link] = tally.links.get(link, 0) + 1
        yield link, packet


def _pcapng(file: IO[bytes], tally: Tally) -> Iterator[tuple[int, bytes]]:
    order, links = "<", [ETHERNET]
    head = PCAPNG_MAGIC + file.read(4)
    while len(head) == 8:
        if head[:4] == PCAPNG_MAGIC:
            mark = file.read(4)
            order, links = NG_ORDERS.get(mark, order), []
        else:
            mark = b""
        kind, length = struct.unpack(order + "II", head)
        body = mark + file.read(max(0, length - 8 - len(mark))) if length < LARGEST_PACKET else b""
        if length % 4 or len(body) < length - 8:
            tally.truncated += 1
            return
        if kind == INTERFACE:
            links.append(struct.unpack_from(order + "H", body)[0])
        elif kind in (OLD_PACKET, SIMPLE_PACKET, ENHANCED_PACKET):
            link, packet = _block_packet(kind, body, order, links)
            tally.packets += 1
            tally.links[link] = tally.links.get(link, 0) + 1
            yield link, packet
        head = file.read(8)
    if head:
        tally.truncated += 1


def _block_packet(kind: int, body: bytes, order: str, links: list[int]) -> tuple[int, bytes]:
    """Link type and bytes of one packet block; the block's trailing length is not part of it."""
    if kind == SIMPLE_PACKET:
        original = struct.unpack_from(order + "I", body)[0]
        return links[0] if links else ETHERNET, body[4 : min(4 + original, len(body) - 4)]
    interface = struct.unpack_from(order + ("I" if kind == ENHANCED_PACKET else "H"), body)[0]
    captured = struct.unpack_from(order + "I", body, 12)[0]
    return links[interface] if interface < len(links) else ETHERNET, body[20 : 20 + captured]


def udp_payload(link: int, packet: bytes) -> bytes | None:
    """What a frame carries by UDP; None for anything else, fragments included."""
    try:
        return _of_ip(*_ip(link, packet))
    except (struct.error, IndexError):
        return None


def _ip(link: int, packet: bytes) -> tuple[int, bytes]:
    """The IP version as an ethernet type, and the IP packet."""
    if link == RAW_IP or link in RAW_IPS:
        return (IPV6 if packet[0] >> 4 == 6 else IPV4), packet
    start = 16 if link == LINUX_COOKED else 14
    kind = struct.unpack_from(">H", packet, start - 2)[0]
    while kind in VLANS:
        kind = struct.unpack_from(">H", packet, start + 2)[0]
        start += 4
    return kind, packet[start:]


def _of_ip(kind: int, packet: bytes) -> bytes | None:
    if kind == IPV4:
        fragment = struct.unpack_from(">H", packet, 6)[0] & 0x3FFF
        if packet[9] != UDP or fragment:
            return None
        start = (packet[0] & 0x0F) * 4
    elif kind == IPV6 and packet[6] == UDP:
        start = 40
    else:
        return None
    length = struct.unpack_from(">H", packet, start + 4)[0]
    return packet[start + 8 : start + length]
