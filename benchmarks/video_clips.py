"""A clip to measure on: a camera that moves over photos, or over painted pictures, and its encoding."""

import io
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

from monitor.demo.world import paint

FPS = 30
SIZE = (1280, 720)
SCENE = 4.0
"""Seconds from one cut to the next."""
Picture = Image.Image


class Scenery:
    """Wide pictures over which a camera pans and zooms, with something moving in front, noise and hard cuts."""

    def __init__(self, photos: Path | None, seed: int) -> None:
        self._seed = seed
        self._files = (
            sorted(p for p in photos.iterdir() if p.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp"))
            if photos
            else []
        )
        np.random.default_rng(seed).shuffle(self._files)
        grain = np.random.default_rng(seed).normal(0, 3, (SIZE[1] + 64, SIZE[0] + 64, 1))
        self._grain = grain.astype(np.int16)
        self._scene, self._wide = -1, np.zeros((0, 0, 3), np.uint8)

    def frames(self, start: float, seconds: float) -> Iterator[Picture]:
        """The frames from `start` on."""
        for number in range(round(start * FPS), round((start + seconds) * FPS)):
            yield self._frame(number)

    def _frame(self, number: int) -> Picture:
        scene, step = divmod(number, round(SCENE * FPS))
        if scene != self._scene:
            self._scene, self._wide = scene, np.asarray(self._picture(scene))
        chance = np.random.default_rng((self._seed, scene))
        share = step / (SCENE * FPS)
        high, wide = self._wide.shape[0] - SIZE[1], self._wide.shape[1] - SIZE[0]
        ends = chance.random((2, 2))
        x, y = ((ends[0] * (1 - share) + ends[1] * share) * (wide, high)).astype(int)
        view = self._wide[y : y + SIZE[1], x : x + SIZE[0]].astype(np.int16)
        left = int((math.sin(number / 25) * 0.4 + 0.5) * (SIZE[0] - 180))
        view[240:480, left : left + 180] = 255 - view[240:480, left : left + 180]
        dx, dy = np.random.default_rng(number).integers(0, 64, 2)
        view += self._grain[dy : dy + SIZE[1], dx : dx + SIZE[0]]
        return Image.fromarray(np.clip(view, 0, 255).astype(np.uint8))

    def _picture(self, scene: int) -> Picture:
        wide = (SIZE[0] * 5 // 4, SIZE[1] * 5 // 4)
        if self._files:
            with Image.open(self._files[scene % len(self._files)]) as photo:
                return _covering(photo.convert("RGB"), wide)
        chance = np.random.default_rng((self._seed, scene))
        colours = paint.palette(chance)
        canvas = paint.lights(chance, paint.backdrop(chance, wide[0] // 2, wide[1] // 2, colours))
        return paint.finish(chance, paint.figure(chance, canvas, colours)).resize(wide)


def _covering(photo: Picture, size: tuple[int, int]) -> Picture:
    scale = max(size[0] / photo.width, size[1] / photo.height)
    large = photo.resize((math.ceil(photo.width * scale), math.ceil(photo.height * scale)), Image.Resampling.BICUBIC)
    return large.crop((0, (large.height - size[1]) // 3, size[0], (large.height - size[1]) // 3 + size[1]))


def encode(frames: Iterable[Picture], *, crf: int, fps: float = FPS) -> bytes:
    """H.264 as services make it: veryfast, closed groups of 250 frames at most, B frames."""
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as file:
        stream: Any = None
        for picture in frames:
            if stream is None:
                stream = file.add_stream("libx264", rate=round(fps), options={"preset": "veryfast", "crf": str(crf)})
                stream.width, stream.height = (side // 2 * 2 for side in picture.size)
                stream.pix_fmt, stream.thread_count = "yuv420p", 1
            pixels = np.asarray(picture.crop((0, 0, stream.width, stream.height)).convert("RGB"))
            file.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        file.mux(stream.encode())
    return out.getvalue()
