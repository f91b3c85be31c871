"""Screens of one app with different photos in them: what a person may register unawares, and whoever posts a screen of
the same app must not be taken for a copy of."""

from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.edits.canvas import Picture, covering
from benchmarks.edits.chats import chat, story
from benchmarks.edits.overlays import watermarked

Screens = Callable[[Sequence[Picture], int], list[Picture]]


def chats_light(photos: Sequence[Picture], seed: int) -> list[Picture]:
    """Chats, other words and another place for the photo in each."""
    return [chat(np.random.default_rng((seed, n)), photo, photo, dark=False) for n, photo in enumerate(photos)]


def chats_dark(photos: Sequence[Picture], seed: int) -> list[Picture]:
    """The same in dark."""
    return [chat(np.random.default_rng((seed, n)), photo, photo, dark=True) for n, photo in enumerate(photos)]


def same_words_and_place(photos: Sequence[Picture], seed: int) -> list[Picture]:
    """One chat, in which only the photo is another: the photos are squares, so that it fills the same place."""
    squares = [covering(photo, (480, 480)) for photo in photos]
    return [chat(np.random.default_rng(seed), square, square, dark=False) for square in squares]


def stories(photos: Sequence[Picture], seed: int) -> list[Picture]:
    """Stories by different people."""
    return [story(np.random.default_rng((seed, n)), photo, photo, large=False) for n, photo in enumerate(photos)]


def heavy_watermarks(photos: Sequence[Picture], seed: int) -> list[Picture]:
    """One channel's watermark, hardly seen through, over pictures of one size."""
    rng = np.random.default_rng(seed)
    sized = [covering(photo, (720, 900)) for photo in photos]
    return [watermarked(rng, one, one, opacity=235) for one in sized]


SCREENS: dict[str, Screens] = {
    "chat, light": chats_light,
    "chat, dark": chats_dark,
    "same words and place": same_words_and_place,
    "story": stories,
    "heavy watermark": heavy_watermarks,
}
EACH = 20
"""Of each kind: 380 pairs of a registered and a posted one."""
