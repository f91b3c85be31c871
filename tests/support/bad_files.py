"""Files that are not what they seem. All small; one wants gigabytes when decoded."""

import io
import struct
import zlib
from dataclasses import dataclass, field

import numpy as np
from PIL import Image

from monitor.demo.world import paint
from monitor.demo.world.edits import jpeg, png


@dataclass(frozen=True, slots=True)
class BadFile:
    """`name` and `mime` are what a platform would claim; `reason` is the NotInspected it must end in, None if fine."""

    name: str
    mime: str
    data: bytes = field(repr=False)
    reason: str | None


def _photo() -> Image.Image:
    rng = np.random.default_rng(7)
    return paint.finish(rng, paint.lights(rng, paint.backdrop(rng, 160, 120, paint.palette(rng))))


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_bomb(side: int = 20_000) -> bytes:
    """A valid grey PNG of `side` x `side` black pixels (`side` a multiple of 100), half a megabyte for the default."""
    block = zlib.compressobj(9, wbits=-15)
    # Nothing refers back across a full flush, so one block of rows can be repeated instead of packing gigabytes.
    rows = block.compress(bytes(100 * (side + 1))) + block.flush(zlib.Z_FULL_FLUSH)
    end = zlib.compressobj(9, wbits=-15).flush()
    check = struct.pack(">I", (side * (side + 1) % 65521) << 16 | 1)  # Adler-32 of that many zeros
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    data = b"\x78\xda" + rows * (side // 100) + end + check
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def broken_jpeg() -> bytes:
    """Begins as a JPEG and goes on as noise."""
    return b"\xff\xd8\xff\xe0" + np.random.default_rng(1).bytes(4000)


def animated_gif() -> bytes:
    """Three frames, each of which counts."""
    frames = [_photo().rotate(90 * turn) for turn in range(3)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=100)
    return out.getvalue()


def bad_files() -> tuple[BadFile, ...]:
    """One of each kind."""
    whole = jpeg(_photo(), 85)
    page = b"<!doctype html><html><body>Rate limit exceeded</body></html>"
    return (
        BadFile("broken.jpg", "image/jpeg", broken_jpeg(), "broken"),
        BadFile("empty.jpg", "image/jpeg", b"", "empty"),
        BadFile("truncated.jpg", "image/jpeg", whole[:300], "broken"),
        BadFile("half-loaded.jpg", "image/jpeg", whole[: len(whole) // 2], None),
        BadFile("truncated.png", "image/png", png(_photo())[:5000], "broken"),
        BadFile("bomb.png", "image/png", png_bomb(), "too-many-pixels"),
        BadFile("page.jpg", "image/jpeg", page, "unsupported"),
        BadFile("video.jpg", "image/jpeg", b"\0\0\0\x18ftypisom" + bytes(64), "broken"),
        BadFile("really-a-png.jpg", "image/jpeg", png(_photo()), None),
        BadFile("animated.gif", "image/gif", animated_gif(), None),
    )
