"""Codes for the search benchmark: unrelated ones, near copies, and the boxes of photos."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks.edits.canvas import decoded, encoded
from monitor.fingerprints.regions.codes import register_regions
from monitor.fingerprints.regions.queries import query_regions_of

Codes = NDArray[np.uint8]

BOXES = 350
"""Codes of one photo: itself and its boxes."""


class Ids(Sequence[str]):
    """As many ids as there are codes, all different, made when asked for: a list of them would be measured instead."""

    def __init__(self, count: int, prefix: str = "") -> None:
        self._count, self._prefix = count, prefix

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, at):  # type: ignore[no-untyped-def]
        return f"{self._prefix}{at:08x}"

    def __iter__(self) -> Iterator[str]:
        return (f"{self._prefix}{number:08x}" for number in range(self._count))


def unrelated(count: int, seed: int) -> Codes:
    """Random codes: about 128 bits apart."""
    return np.random.default_rng(seed).integers(0, 256, (count, 32), np.uint8)


def masks(least: int, most: int, rng: np.random.Generator, count: int = 20_000) -> Codes:
    """Patterns of `least` to `most` bits, for flipping."""
    order = np.argsort(rng.random((count, 256), np.float32), axis=1)
    return np.packbits(order < rng.integers(least, most + 1, (count, 1)), axis=1)


def queries(codes: Codes, count: int, seed: int) -> Codes:
    """Half of them near copies of some codes, 0 to 64 bits off; half unrelated to all."""
    rng = np.random.default_rng(seed)
    made = rng.integers(0, 256, (count, 32), np.uint8)
    planted = (
        codes[rng.integers(0, len(codes), (count + 1) // 2)] ^ rng.permutation(masks(0, 64, rng))[: (count + 1) // 2]
    )
    made[::2] = planted
    return made


def boxes(count: int, seed: int) -> Codes:
    """Photos of BOXES codes each; every box is 10 to 60 bits off another one of its photo, as overlapping crops are.

    Measured on real photos: a box's nearest neighbour lies 26 to 54 bits off (quartiles 26, 42; one in twenty over 90).
    """
    rng = np.random.default_rng(seed)
    photos = -(-count // BOXES)
    flips = masks(10, 60, rng)
    made = np.empty((photos, BOXES, 32), np.uint8)
    made[:, 0] = rng.integers(0, 256, (photos, 32), np.uint8)
    everyone = np.arange(photos)
    for box in range(1, BOXES):
        neighbour = rng.integers(0, box, photos)
        made[:, box] = made[everyone, neighbour] ^ flips[rng.integers(0, len(flips), photos)]
    return made.reshape(-1, 32)[:count]


def photo_boxes(photos: Sequence[Image.Image], count: int, seed: int) -> Codes:
    """The boxes of real photos, full set; to reach `count`, again and again with 1 bit of 4 flipped."""
    rng = np.random.default_rng(seed)
    real = np.concatenate([register_regions(photo, "full").table for photo in photos])
    made = [real]
    for _ in range(count // len(real)):
        made.append(real ^ (rng.integers(0, 256, real.shape, np.uint8) & rng.integers(0, 256, real.shape, np.uint8)))
    return np.concatenate(made)[:count]


def photo_looks(photos: Sequence[Image.Image], others: Sequence[Image.Image], size: int, seed: int) -> list[Codes]:
    """`size` of the codes that are looked up of each photo, saved badly, and of as many others."""
    rng = np.random.default_rng(seed)
    pairs = zip(photos, others, strict=True)
    queries = [
        query_regions_of(decoded(encoded(photo, "JPEG", quality=50)))["code"] for pair in pairs for photo in pair
    ]
    return [np.ascontiguousarray(codes[rng.permutation(len(codes))[:size]]) for codes in queries]


def pictures(codes: Codes, count: int, size: int, seed: int) -> list[Codes]:
    """`count` pictures to look up, `size` codes each: half are copies of photos, their boxes 0 to 30 bits off."""
    rng = np.random.default_rng(seed)
    flips = masks(0, 30, rng)
    others = boxes(count * BOXES, seed + 1).reshape(count, BOXES, 32)
    made = []
    for number in range(count):
        photo = int(rng.integers(0, len(codes) // BOXES)) * BOXES
        source = others[number] if number % 2 else codes[photo : photo + BOXES]
        picked = source[rng.choice(BOXES, size, replace=False)]
        made.append(picked ^ flips[rng.integers(0, len(flips), size)])
    return made
