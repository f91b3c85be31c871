"""A wave of re-uploads: one picture posted again and again in one source, as after a leak. All of it must be found.

What strangers post must never weaken a hit on the person's own picture: who floods a source with copies would hide
them. With `frame` every one of them stands in the same frame of the same app.
"""

from collections.abc import Iterator
from functools import partial
from typing import Literal

import numpy as np
from PIL import ImageEnhance

from benchmarks.edits.canvas import Edit, Picture, chain, encode
from benchmarks.edits.chats import chat_part
from benchmarks.edits.cropping import cropped
from benchmarks.edits.frames import bordered
from benchmarks.edits.overlays import bannered, watermarked
from benchmarks.edits.reencoding import as_file, saved_four_times, through_telegram
from benchmarks.edits.resizing import to_side
from benchmarks.edits.tone import enhanced, filtered

Frame = Literal["none", "chat"]
AGAIN: tuple[Edit, ...] = (
    partial(as_file, kind="JPEG", quality=85),
    partial(as_file, kind="JPEG", quality=40),
    through_telegram,
    saved_four_times,
    partial(to_side, side=480),
    partial(enhanced, how=ImageEnhance.Brightness, factor=1.2),
    filtered,
    watermarked,
    bannered,
    partial(bordered, share=0.06),
    partial(cropped, area=0.94, centred=False),
    chain(watermarked, through_telegram),
)
"""What is done to a picture that is passed on; each is found by every set."""


def reuploads(
    photo: Picture, other: Picture, *, count: int = 500, seed: int = 1, frame: Frame = "none"
) -> Iterator[bytes]:
    """`count` files of `photo`, no two alike in bytes; with a frame of "chat" each in a part of one chat's screen."""
    for number in range(count):
        rng = np.random.default_rng((seed, number))
        made = AGAIN[number % len(AGAIN)](rng, photo, other) if frame == "none" else _in_chat(photo, seed)
        # another quality each time: nobody's file is the same twice
        yield made if isinstance(made, bytes) and frame == "none" else encode(made, 60 + number % 36)


def _in_chat(photo: Picture, seed: int) -> Picture:
    return chat_part(np.random.default_rng(seed), photo, photo, dark=True, into=0)
