"""A GIF's canvas as browsers draw it: as large as its first picture needs, whatever its header says, and see-through.

FFmpeg crops every picture to what the header says, and refuses a canvas without pixels: four bytes would hide an
animation that every browser shows. It also paints the canvas with the header's background colour, which browsers
ignore. So a header that would mislead it is written anew; nothing is decoded here.
"""

import re
import struct

_SCREEN = struct.Struct("<HH")
_SCREEN_AT = 6
_FLAGS_AT, _BACKGROUND_AT, _BLOCKS_AT = 10, 11, 13
_TABLE, _SIZE = 0x80, 0x07
"""Of flags: whether a colour table follows, and the power of two of its size, less one."""
_KEPT = 0x60
"""Of a picture's flags: what does not concern its colours."""
_EXTENSION, _PICTURE, _CONTROL = 0x21, 0x2C, 0xF9
_SEEN_THROUGH = 0x01
"""Of a control's flags: a colour of the picture after it is transparent."""
_PLACE = struct.Struct("<HHHH")
"""Left, top, width and height of a picture."""
_ANY_COLOUR = 256
_MOST = 64 * 2**20
"""Bytes by which a file may grow; one of more pictures than that allows keeps its background."""
_TO_BACKGROUND = re.compile(rb"\x21\xf9\x04[\x08\x0a\x28\x2a\x48\x4a\x68\x6a\x88\x8a\xa8\xaa\xc8\xca\xe8\xea]")
"""A control after whose picture its place is cleared, without a transparent colour. May also stand within pixels."""


def as_browsers_draw(data: bytes) -> bytes:
    """The GIF with a header by which FFmpeg draws what browsers draw; `data` itself where it does so already."""
    first = _first_picture(data)
    if first is None:
        return data
    (left, top, width, height), seen_through = first
    said = _SCREEN.unpack_from(data, _SCREEN_AT)
    canvas = (max(said[0], left + width), max(said[1], top + height))
    if max(canvas) > 0xFFFF:
        return data
    if canvas != said:
        data = data[:_SCREEN_AT] + _SCREEN.pack(*canvas) + data[_SCREEN_AT + _SCREEN.size :]
    covered = (left, top, width, height) == (0, 0, *canvas)
    if (covered or seen_through) and not _TO_BACKGROUND.search(data):
        return data
    return _without_background(data)


def _without_background(data: bytes) -> bytes:
    flags = data[_FLAGS_AT]
    if not flags & _TABLE:
        return data
    if _colours(flags) < _ANY_COLOUR:
        # A number beyond the table names no colour.
        return data[:_BACKGROUND_AT] + b"\xff" + data[_BACKGROUND_AT + 1 :]
    return _with_own_colours(data)


def _with_own_colours(data: bytes) -> bytes:
    """Every picture brings the header's colours itself: without a table of its own a header names no background."""
    flags = data[_FLAGS_AT]
    at = _BLOCKS_AT + 3 * _colours(flags)
    table = data[_BLOCKS_AT:at]
    parts = [data[:_FLAGS_AT], bytes([flags & ~_TABLE & 0xFF]), data[_BACKGROUND_AT:_BLOCKS_AT]]
    begun, end = at, len(data)
    while at + 2 + _PLACE.size < end:
        if data[at] == _EXTENSION:
            at = _after_parts(data, at + 2)
            continue
        if data[at] != _PICTURE:
            break
        flags_at = at + 1 + _PLACE.size
        own = data[flags_at]
        if own & _TABLE:
            at = flags_at + 1 + 3 * _colours(own)
        else:
            parts += [data[begun:flags_at], bytes([own & _KEPT | _TABLE | flags & _SIZE]), table]
            if len(parts) // 3 * len(table) > _MOST:
                return data
            at = begun = flags_at + 1
        at = _after_parts(data, at + 1)
    return b"".join((*parts, data[begun:]))


def _first_picture(data: bytes) -> tuple[tuple[int, int, int, int], bool] | None:
    """Its place, and whether a colour of it is transparent."""
    if len(data) < _BLOCKS_AT:
        return None
    flags, seen_through = data[_FLAGS_AT], False
    at = _BLOCKS_AT + (3 * _colours(flags) if flags & _TABLE else 0)
    while at + 1 + _PLACE.size <= len(data):
        if data[at] == _PICTURE:
            left, top, width, height = _PLACE.unpack_from(data, at + 1)
            return (left, top, width, height), seen_through
        if data[at] != _EXTENSION:
            return None
        if data[at + 1] == _CONTROL:
            seen_through = bool(data[at + 3] & _SEEN_THROUGH)
        at = _after_parts(data, at + 2)
    return None


def _colours(flags: int) -> int:
    return 2 << (flags & _SIZE)


def _after_parts(data: bytes, at: int) -> int:
    """Where the parts of an extension or a picture end: each begins with its length, the last is empty."""
    end = len(data)
    while at < end and data[at]:
        at += 1 + data[at]
    return at + 1
