"""Inspections packed for keeping: hashes and plain facts in a few hundred bytes. The caller seals them.

Layout, big-endian, a text being one byte of length and its ASCII:
layout (1 byte), version (text), width and height (4 each), format (text), SHA-256 (32), pHash (8), the still, length in
milliseconds (4), partial (1), number of frames (2), and each frame as its milliseconds (4) and its still; then the
bytes of the file (8), which the layout before this one lacks.
A still is its number of views (2), each as part, orientation and quality (1 each) and code (32), then its number of
query regions (2), each as a record of monitor.fingerprints.regions.queries.QUERY_REGION.

Only the whole picture, its orientations, trims and rectangles are kept, and of a video's frames the upright and the
mirrored whole: the other views of a picture serve the comparing at the time when it is seen.

The one module outside the hashing itself that knows what an HashedMedium is made of.
"""

import struct
from collections.abc import Sequence
from io import BytesIO

import numpy as np

from monitor.fingerprints.hashes.values import (
    CODE_BYTES,
    FINGERPRINT_VERSION,
    FrameViews,
    Hash,
    HashedMedium,
    PictureView,
    ViewName,
    believable,
)
from monitor.fingerprints.regions.queries import QUERY_REGION, Part, unpack_queries

_LAYOUT, _WITHOUT_SIZE = 3, 2
_PARTS: tuple[ViewName, ...] = ("whole", "trimmed")
"""The kept parts; a part's number is its place. Append only."""
_FACTS = struct.Struct(">II")
_COUNT = struct.Struct(">H")
_MOVING, _TIME, _SIZE = struct.Struct(">I?H"), struct.Struct(">I"), struct.Struct(">Q")
_KEPT_QUERIES = (Part.WHOLE, Part.RECTANGLE)
_VIEW = struct.Struct(f">BBB{CODE_BYTES}s")
_SHA256_BYTES, _PHASH_BYTES = 32, 8


class OtherVersion(ValueError):
    """Kept by another version of the fingerprint: its bits mean something else, so it is not compared."""


def keep(hashed: HashedMedium) -> bytes:
    """Pack an inspection of FINGERPRINT_VERSION."""
    views = [view for view in hashed.views if view.name in _PARTS]
    return b"".join(
        (
            bytes([_LAYOUT]),
            _text(FINGERPRINT_VERSION),
            _FACTS.pack(hashed.width, hashed.height),
            _text(hashed.format),
            bytes.fromhex(hashed.sha256),
            hashed.phash,
            _still(views, hashed.queries),
            _MOVING.pack(_milliseconds(hashed.seconds), hashed.partial, len(hashed.frames)),
            *(_TIME.pack(_milliseconds(frame.at)) + _still(_both_ways(frame.views), b"") for frame in hashed.frames),
            _SIZE.pack(hashed.size),
        )
    )


def _milliseconds(seconds: float) -> int:
    return round(believable(seconds) * 1000)


def _both_ways(views: Sequence[PictureView]) -> list[PictureView]:
    return [view for view in views if view.name == "whole" and view.orientation in (0, 1)]


def _still(views: Sequence[PictureView], queries: bytes) -> bytes:
    every = unpack_queries(queries)
    kept_looks = every[np.isin(every["part"], _KEPT_QUERIES)]
    packed = (_VIEW.pack(_PARTS.index(v.name), v.orientation, v.hash.quality, v.hash.code) for v in views)
    return b"".join((_COUNT.pack(len(views)), *packed, _COUNT.pack(len(kept_looks)), kept_looks.tobytes()))


def kept(data: bytes) -> HashedMedium:
    """What `keep` packed. Raises OtherVersion for another version's, ValueError for anything else."""
    try:
        return _unpack(BytesIO(data))
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise ValueError("not a kept inspection") from error


def _take(data: BytesIO, count: int) -> bytes:
    """The next `count` bytes. Raises IndexError when there are not so many."""
    taken = data.read(count)
    if len(taken) < count:
        raise IndexError("too short")
    return taken


def _take_text(data: BytesIO) -> str:
    """A text with its length before it."""
    return _take(data, _take(data, 1)[0]).decode("ascii")


def _unpack(data: BytesIO) -> HashedMedium:
    layout, version = _take(data, 1)[0], _take_text(data)
    if layout not in (_LAYOUT, _WITHOUT_SIZE) or version != FINGERPRINT_VERSION:
        raise OtherVersion("kept by another version")
    width, height = _FACTS.unpack(_take(data, _FACTS.size))
    picture_format, sha256, phash = _take_text(data), _take(data, _SHA256_BYTES).hex(), _take(data, _PHASH_BYTES)
    views, queries = _read_still(data)
    milliseconds, partial, count = _MOVING.unpack(_take(data, _MOVING.size))
    frames = []
    for _ in range(count):
        (at,) = _TIME.unpack(_take(data, _TIME.size))
        frames.append(FrameViews(at / 1000, *_read_still(data)))
    (size,) = _SIZE.unpack(_take(data, _SIZE.size)) if layout == _LAYOUT else (0,)
    if not views or data.read(1):
        raise ValueError("not a kept inspection")
    return HashedMedium(
        width=width,
        height=height,
        format=picture_format,
        sha256=sha256,
        views=views,
        phash=phash,
        kind="video" if frames else "image",
        seconds=milliseconds / 1000,
        partial=bool(partial),
        frames=tuple(frames),
        queries=queries,
        size=size,
    )


def _read_still(data: BytesIO) -> tuple[tuple[PictureView, ...], bytes]:
    (count,) = _COUNT.unpack(_take(data, _COUNT.size))
    views = tuple(_view(_take(data, _VIEW.size)) for _ in range(count))
    (count,) = _COUNT.unpack(_take(data, _COUNT.size))
    queries = _take(data, count * QUERY_REGION.itemsize)
    unpack_queries(queries)
    return views, queries


def _view(data: bytes) -> PictureView:
    part, orientation, quality, code = _VIEW.unpack(data)
    return PictureView(_PARTS[part], orientation, Hash(code, quality))


def _text(value: str) -> bytes:
    data = value.encode("ascii")
    return bytes([len(data)]) + data
