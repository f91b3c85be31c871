"""Videos and animations made on the spot: short, small, of pictures that move."""

import io
import os
import struct
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from typing import Any

import av
import av.container
import numpy as np
from PIL import Image

from tests.support.waves import encoded, photo

Draw = Callable[[int], Image.Image]

CODECS = {"mp4": "libx264", "mov": "libx264", "webm": "libvpx-vp9"}
FAST = {
    "libx264": {"preset": "ultrafast"},
    "libvpx-vp9": {"deadline": "realtime", "cpu-used": "8"},
    "libx265": {"preset": "ultrafast", "x265-params": "log-level=none"},
    "libsvtav1": {"preset": "13"},
}


def scenes(*seeds: int, seconds: float = 2.0, fps: int = 10, size: tuple[int, int] = (320, 240)) -> list[Image.Image]:
    """Frames: a slow pan over one photo after another, each for `seconds`."""
    found = []
    for seed in seeds:
        wide = photo(seed, size[0] + 64, size[1] + 48)
        steps = round(seconds * fps)
        for step in range(steps):
            x, y = 64 * step // steps, 48 * step // steps
            found.append(wide.crop((x, y, x + size[0], y + size[1])))
    return found


@contextmanager
def _without_urgency() -> Iterator[None]:
    """Run as root, SVT-AV1 makes the calling thread a real-time one of the highest rank, for good and for every program
    that it starts from then on: tests that wait in a loop would then keep everything else from running."""
    if not hasattr(os, "sched_getscheduler"):
        yield
        return
    policy, rank = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        if os.sched_getscheduler(0) != policy:
            os.sched_setscheduler(0, policy, rank)


def video(
    frames: Iterable[Image.Image],
    kind: str = "mp4",
    *,
    codec: str | None = None,
    fps: int = 10,
    gop: int = 250,
    pixels: str = "yuv420p",
    turned: float | None = None,
    ratio: tuple[int, int] | None = None,
    options: dict[str, str] | None = None,
    container: dict[str, str] | None = None,
    tags: dict[str, int] | None = None,
    titles: dict[str, str] | None = None,
) -> bytes:
    """A file of `kind` (mp4, mov, webm). `turned`: degrees of its display matrix; `ratio`: of a pixel's sides;
    `tags`: colorspace and color_range that the stream states, `matrix` its colours really are in (PyAV's numbers);
    `titles`: metadata of the file and of its video."""
    codec = codec or CODECS[kind]
    out, pictures = io.BytesIO(), iter(frames)
    first = next(pictures)
    with _without_urgency(), av.open(out, "w", format=kind, options=container or {}) as file:
        stream: Any = file.add_stream(codec, rate=fps, options=FAST.get(codec, {}) | (options or {}))
        file.metadata.update(titles or {})
        stream.metadata.update(titles or {})
        stream.width, stream.height = first.size
        stream.pix_fmt = pixels
        stream.codec_context.gop_size = gop
        stream.thread_count = 1
        matrix = (tags or {}).pop("matrix", None) if tags else None
        for name, value in (tags or {}).items():
            setattr(stream.codec_context, name, value)
        if ratio is not None:
            stream.codec_context.sample_aspect_ratio = Fraction(*ratio)
        if turned is not None:
            stream.set_display_rotation(turned)
        if "a" in pixels.removeprefix("yuv"):
            stream.metadata["alpha_mode"] = "1"
        for number, picture in enumerate(_all(first, pictures)):
            # from_image would drop the transparency.
            frame = av.VideoFrame.from_ndarray(np.asarray(picture), "rgba" if picture.mode == "RGBA" else "rgb24")
            if matrix is not None:
                frame = frame.reformat(
                    format=pixels, dst_colorspace=matrix, dst_color_range=(tags or {}).get("color_range", 1)
                )
                if "colorspace" not in (tags or {}):
                    frame.colorspace = 2  # says nothing
            frame.pts = number
            for packet in stream.encode(frame):
                file.mux(packet)
        for packet in stream.encode():
            file.mux(packet)
    return out.getvalue()


def faststart(frames: Iterable[Image.Image], **options: Any) -> bytes:
    """An MP4 whose index comes first, as services make them."""
    return video(frames, container={"moov_size": "20000"}, **options)


def gif(frames: list[Image.Image], *, milliseconds: int = 100) -> bytes:
    """An animated GIF."""
    return encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=milliseconds, loop=0)


def webp(frames: list[Image.Image], *, milliseconds: int = 100) -> bytes:
    """An animated WebP."""
    return encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], duration=milliseconds, quality=60)


def apng(frames: list[Image.Image], *, milliseconds: int = 100) -> bytes:
    """An animated PNG."""
    return encoded(frames[0], "PNG", save_all=True, append_images=frames[1:], duration=milliseconds)


def raw_gif(width: int, height: int, count: int, *, hundredths: int = 2) -> bytes:
    """A GIF of `count` pictures of one pixel on a canvas of `width` x `height`: 23 bytes each."""
    head = b"GIF89a" + struct.pack("<HHBBB", width, height, 0x80, 0, 0) + b"\x00\x00\x00\xff\xff\xff"
    one = (
        b"\x21\xf9\x04\x04"
        + struct.pack("<H", hundredths)
        + b"\x00\x00"
        + b"\x2c"
        + struct.pack("<HHHHB", 0, 0, 1, 1, 0)
        + b"\x02\x02\x4c\x01\x00"
    )
    return head + one * count + b";"


def on_canvas(data: bytes, width: int, height: int) -> bytes:
    """The GIF with another size in its header."""
    return data[:6] + struct.pack("<HH", width, height) + data[10:]


def commented(data: bytes, comment: bytes) -> bytes:
    """The GIF with a comment before its first picture."""
    at = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)
    parts = [comment[begin : begin + 255] for begin in range(0, len(comment), 255)]
    return data[:at] + b"\x21\xfe" + b"".join(bytes([len(part)]) + part for part in parts) + b"\0" + data[at:]


def tagged(frames: Iterable[Image.Image], kind: str, tag: bytes) -> bytes:
    """A video with `tag`, in whatever encoding, as its title, and as the name of its handler where it has one."""
    stand_in = "T" * len(tag)
    data = video(frames, kind, titles={"title": stand_in, "handler_name": stand_in})
    assert stand_in.encode() in data
    return data.replace(stand_in.encode(), tag)


def _all(first: Image.Image, rest: Iterator[Image.Image]) -> Iterator[Image.Image]:
    yield first
    yield from rest
