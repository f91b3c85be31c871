"""As much of DER as a time-stamp needs, written by hand: no library at hand makes tokens of RFC 3161."""

from collections.abc import Iterable
from datetime import UTC, datetime


def tlv(tag: int, content: bytes) -> bytes:
    """One value with its tag and length."""
    if len(content) < 128:
        return bytes([tag, len(content)]) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(length)]) + length + content


def sequence(*parts: bytes) -> bytes:
    """SEQUENCE."""
    return tlv(0x30, b"".join(parts))


def set_of(parts: Iterable[bytes]) -> bytes:
    """SET OF, in DER's order."""
    return tlv(0x31, b"".join(sorted(parts)))


def explicit(number: int, content: bytes) -> bytes:
    """[number] EXPLICIT."""
    return tlv(0xA0 | number, content)


def integer(value: int) -> bytes:
    """INTEGER, not negative."""
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def octets(value: bytes) -> bytes:
    """OCTET STRING."""
    return tlv(0x04, value)


def oid(dotted: str) -> bytes:
    """OBJECT IDENTIFIER."""
    first, second, *rest = (int(part) for part in dotted.split("."))
    body = bytearray()
    for number in (40 * first + second, *rest):
        group = [number & 0x7F]
        while number := number >> 7:
            group.append(0x80 | (number & 0x7F))
        body += bytes(reversed(group))
    return tlv(0x06, bytes(body))


def generalized_time(at: datetime) -> bytes:
    """GeneralizedTime, whole seconds, in UTC."""
    return tlv(0x18, at.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode())


def children(data: bytes) -> list[tuple[int, bytes]]:
    """The (tag, content) of the values inside one value's content. Raises IndexError for what is cut off."""
    found, place = [], 0
    while place < len(data):
        tag, length, place = data[place], data[place + 1], place + 2
        if length & 0x80:
            size = length & 0x7F
            length, place = int.from_bytes(data[place : place + size], "big"), place + size
        found.append((tag, data[place : place + length]))
        place += length
    return found
