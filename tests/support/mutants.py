"""Damaged files by the thousand: every format, damaged the same way for the same seed."""

import random
import struct
from collections.abc import Callable, Iterator
from functools import cache

import pillow_heif

from tests.support.clips import apng, faststart, gif, scenes, video, webp
from tests.support.waves import encoded, photo

pillow_heif.register_heif_opener()  # to write HEIC; the decoders register it for themselves


@cache
def originals() -> dict[str, bytes]:
    """A small sound file of every format by its name."""
    still, moving = photo(1, 160, 120), scenes(1, 2, seconds=1.0, fps=8, size=(160, 120))
    return {
        "jpeg": encoded(still, "JPEG", quality=80),
        "jpeg-progressive": encoded(still, "JPEG", quality=70, progressive=True),
        "png": encoded(still),
        "png-palette": encoded(still.quantize(32)),
        "apng": apng(moving[::4]),
        "webp": encoded(still, "WEBP"),
        "webp-lossless": encoded(still, "WEBP", lossless=True),
        "webp-animated": webp(moving[::2]),
        "avif": encoded(still, "AVIF", speed=10),
        "heic": encoded(still, "HEIF"),
        "gif": encoded(still, "GIF"),
        "gif-animated": gif(moving[::4]),
        "bmp": encoded(still, "BMP"),
        "tiff": encoded(still, "TIFF", compression="tiff_lzw"),
        "tiff-deflate": encoded(still, "TIFF", compression="tiff_adobe_deflate"),
        "mp4-h264": video(moving, gop=4),
        "mp4-h264-front": faststart(moving),
        "mp4-hevc": video(moving, codec="libx265", gop=4),
        "mp4-av1": video(moving, codec="libsvtav1"),
        "mp4-mpeg4": video(moving, codec="mpeg4"),
        "mov": video(moving, "mov", turned=90),
        "webm-vp9": video(moving, "webm", gop=4),
        "webm-vp8": video(moving, "webm", codec="libvpx"),
        "webm-alpha": video([one.convert("RGBA") for one in moving], "webm", pixels="yuva420p"),
    }


def mutants(count: int, seed: int) -> Iterator[tuple[str, bytes]]:
    """`count` damaged files and what they were made from."""
    chance, sound = random.Random(seed), originals()
    names = sorted(sound)
    for number in range(count):
        name = names[number % len(names)]
        data = bytearray(sound[name])
        for _ in range(chance.randint(1, 3)):
            chance.choice(_WAYS)(chance, data)
        if chance.random() < 0.1:
            other = sound[chance.choice(names)]
            cut = chance.randrange(len(data) + 1)
            data[cut:] = other[chance.randrange(len(other)) :]
        yield name, bytes(data)


def _flip(chance: random.Random, data: bytearray) -> None:
    for _ in range(chance.choice((1, 4, 16, 64, 256))):
        if data:
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)


def _flip_head(chance: random.Random, data: bytearray) -> None:
    for _ in range(chance.choice((1, 2, 8))):
        if data:
            # The first bytes stay, or the file would only be unknown.
            data[chance.randrange(min(12, len(data) - 1), min(len(data), 600))] ^= chance.randrange(1, 256)


def _cut(chance: random.Random, data: bytearray) -> None:
    del data[chance.randrange(12, max(13, len(data))) :]


def _drop(chance: random.Random, data: bytearray) -> None:
    start = chance.randrange(len(data) + 1)
    del data[start : start + chance.choice((1, 7, 100, 3000))]


def _double(chance: random.Random, data: bytearray) -> None:
    start = chance.randrange(len(data) + 1)
    data[start:start] = data[start : start + chance.choice((1, 16, 512, 4000))]


def _noise(chance: random.Random, data: bytearray) -> None:
    start = chance.randrange(len(data) + 1)
    size = min(chance.choice((2, 30, 500)), len(data) - start)
    data[start : start + size] = chance.randbytes(size)


def _numbers(chance: random.Random, data: bytearray) -> None:
    """Sizes and counts become the ones that parsers trip over."""
    if len(data) < 20:
        return
    form = chance.choice((">I", "<I", ">H", "<H"))
    value = chance.choice((0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF))
    reach = min(len(data), chance.choice((200, 2000, len(data))))
    raw = struct.pack(form, value & (0xFFFF if form[1] == "H" else 0xFFFFFFFF))
    start = chance.randrange(8, reach - len(raw))
    data[start : start + len(raw)] = raw


_WAYS: tuple[Callable[[random.Random, bytearray], None], ...] = (
    _flip,
    _flip_head,
    _cut,
    _drop,
    _double,
    _noise,
    _numbers,
    _numbers,
)
