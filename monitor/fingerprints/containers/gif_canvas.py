"""How large browsers make a GIF's canvas: its header may say less than its first picture needs, even nothing.

FFmpeg crops every picture to what the header says, and refuses a canvas without pixels: four bytes would hide an
animation that every browser shows.
"""

import struct

_SCREEN = struct.Struct("<HH")
_SCREEN_AT = 6
_COLOURS_AT, _BLOCKS_AT = 10, 13
_EXTENSION, _PICTURE = 0x21, 0x2C
_PLACE = struct.Struct("<HHHH")
"""Left, top, width and height of a picture."""


def with_canvas(data: bytes) -> bytes:
    """The GIF with a header that holds its first picture; `data` itself where that is so already, or there is none."""
    if (place := _first_picture(data)) is None:
        return data
    left, top, width, height = place
    said = _SCREEN.unpack_from(data, _SCREEN_AT)
    needed = (max(said[0], left + width), max(said[1], top + height))
    if needed == said or max(needed) > 0xFFFF:
        return data
    return data[:_SCREEN_AT] + _SCREEN.pack(*needed) + data[_SCREEN_AT + _SCREEN.size :]


def _first_picture(data: bytes) -> tuple[int, ...] | None:
    if len(data) < _BLOCKS_AT:
        return None
    at = _BLOCKS_AT + _colours(data[_COLOURS_AT])
    while at + 1 + _PLACE.size <= len(data):
        if data[at] == _PICTURE:
            return _PLACE.unpack_from(data, at + 1)
        if data[at] != _EXTENSION:
            return None
        at = _after_parts(data, at + 2)
    return None


def _colours(flags: int) -> int:
    """Bytes of the colour table behind the header."""
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _after_parts(data: bytes, at: int) -> int:
    """Where the parts of an extension end: each begins with its length, the last is empty."""
    end = len(data)
    while at < end and data[at]:
        at += 1 + data[at]
    return at + 1
