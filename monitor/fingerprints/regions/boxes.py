"""Which boxes of a registered picture are hashed, in a fixed order: a box's number is its place in `layout`.

Four families, because copies lose their surroundings in as many ways:
- tiles lie where they lie, on both sides: a picture whose body, ground or lower half was made anew has the others;
- parts keep the upper end: what is pasted elsewhere is mostly a face with shoulders;
- shapes are as large as a usual shape allows: what a collage, a story or a profile crops to fill its place;
- squares of many sizes and places: a crop of any shape holds a square, and a square knows nothing of the crop's shape.

Moving a box by 1 % of its side changes about 24 of 256 bits (34 when it moves both ways), growing it by 5 % about 44;
see docs/fingerprints.md. Squares lie a fifth of their side apart, and the query side fills the gap with
a lattice of its own (monitor.fingerprints.regions.queries).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Literal, get_args

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, from 0 to 1 of the picture."""
SetName = Literal["slim", "full"]
SETS: tuple[SetName, ...] = get_args(SetName)
Family = Literal["whole", "tile", "part", "shape", "square"]

WHOLE: Box = (0.0, 0.0, 1.0, 1.0)
SQUARE_SIDE = 0.82
"""Of the shorter side: the largest square, and the one that the query side lays."""
SQUARE_RATIO = 0.925
SLIM_RATIO = 0.86
MOST_BOXES = {"slim": 64, "full": 400}
"""2 KB and at most 13 KB of codes."""


def _strips() -> Iterator[Box]:
    for share in (0.2, 0.25, 1 / 3, 0.5, 2 / 3, 0.8):
        yield 0.0, 0.0, 1.0, share
    for share in (0.2, 1 / 3, 0.5, 2 / 3):
        yield 0.0, 1 - share, 1.0, 1.0
    for share in (0.15, 0.22, 1 / 3, 0.5, 2 / 3):
        yield 0.0, 0.0, share, 1.0
        yield 1 - share, 0.0, 1.0, 1.0
    yield 1 / 3, 0.0, 2 / 3, 1.0
    yield 0.0, 1 / 3, 1.0, 2 / 3


def _grid(side: float, step: float) -> Iterator[Box]:
    count = round((1 - side) / step) + 1
    for row in range(count):
        for column in range(count):
            yield column * step, row * step, column * step + side, row * step + side


def _edges() -> Iterator[Box]:
    yield from ((0, 0, 0.5, 0.25), (0.5, 0, 1, 0.25), (0.25, 0, 0.75, 0.25))
    yield from ((0, 0, 0.25, 0.5), (0.75, 0, 1, 0.5), (0, 0.5, 0.25, 1), (0.75, 0.5, 1, 1))


TILES: tuple[Box, ...] = (*_strips(), *_grid(1 / 2, 1 / 4), *_grid(1 / 3, 1 / 6), *_edges())
"""By tile number: strips, halves, thirds, and what lies beside a body."""
SLIM_TILES = (1, 3, 4, 8, 10, 11, 12, 13, 16, 17, 22, 24, 28, 30, 56, 57)
PARTS: tuple[Box, ...] = tuple((0.0, 0.0, 1.0, 1.07**-step) for step in range(1, 16))
SLIM_PARTS = (3, 6, 8, 9, 11)
SHAPES = (9 / 16, 2 / 3, 3 / 4, 4 / 5, 1.0, 4 / 3, 3 / 2, 16 / 9)
SLIM_SHAPES = (9 / 16, 4 / 5, 1.0)
"""Width to height."""
SHAPE_KEEPS = (0.4, 0.93)
"""Share of the picture: a smaller rest is another picture, and a larger one is found as the whole."""


@dataclass(frozen=True, slots=True)
class RegisteredBox:
    """A box of the registered picture. `tile`: the number in TILES, else -1."""

    family: Family
    box: Box
    tile: int = -1


@lru_cache(256)
def layout(set_name: SetName, width: int, height: int, *, squares: bool = True) -> tuple[RegisteredBox, ...]:
    """The boxes of a picture of `width` x `height` pixels; only their ratio counts. At most MOST_BOXES.

    `squares`: as before there were points, which find what squares found, and what they did not."""
    slim = set_name == "slim"
    tiles = SLIM_TILES if slim else range(len(TILES))
    parts = [PARTS[number] for number in SLIM_PARTS] if slim else PARTS
    boxes = [RegisteredBox("whole", WHOLE)]
    boxes += [RegisteredBox("tile", TILES[number], number) for number in tiles]
    boxes += [RegisteredBox("part", part) for part in parts]
    boxes += [RegisteredBox("shape", shape) for shape in _shapes(width, height, slim=slim)]
    if not squares:
        return tuple(boxes)
    # Laid one by one: a ribbon of a picture would have millions of squares, and its size is only claimed.
    some = islice(_squares(width, height, slim=slim), MOST_BOXES[set_name] - len(boxes))
    return (*boxes, *(RegisteredBox("square", square) for square in some))


def _shapes(width: int, height: int, *, slim: bool) -> Iterator[Box]:
    """The largest box of each shape: in the middle; of the full set at both ends too."""
    for shape in SLIM_SHAPES if slim else SHAPES:
        kept = shape * height / width
        across = kept < 1
        kept = min(kept, 1 / kept)
        if SHAPE_KEEPS[0] <= kept <= SHAPE_KEEPS[1]:
            for share in (0.5,) if slim else (0.0, 0.5, 1.0):
                start = (1 - kept) * share
                yield (start, 0.0, start + kept, 1.0) if across else (0.0, start, 1.0, start + kept)


def _squares(width: int, height: int, *, slim: bool) -> Iterator[Box]:
    short = min(width, height)
    count, ratio, step = (3, SLIM_RATIO, 0.25) if slim else (6, SQUARE_RATIO, 0.2)
    for power in range(count):
        side = SQUARE_SIDE * ratio**power * short
        for top in _places(height, side, step):
            for left in _places(width, side, step):
                yield left / width, top / height, (left + side) / width, (top + side) / height


def _places(length: int, side: float, step: float) -> Iterator[float]:
    """Starts of squares of `side` pixels along `length`, at most `step` of their side apart, from end to end."""
    free = length - side
    gaps = max(1, -int(-(free / (step * side) - 1e-6) // 1))
    return (free * number / gaps for number in range(gaps + 1))


def lattice(width: int, height: int, frame: Box, side: float, count: int) -> tuple[Box, ...]:
    """`count` x `count` squares around the middle of `frame`, of `side` of its shorter side, shifted over what is left
    of that side. `width` and `height`: pixels of the picture that `frame` lies in."""
    across, down = (frame[2] - frame[0]) * width, (frame[3] - frame[1]) * height
    square = side * min(across, down)
    slack = min(across, down) - square
    middle_x, middle_y = (frame[0] + frame[2]) / 2 * width, (frame[1] + frame[3]) / 2 * height
    shifts = [slack * (number / (count - 1) - 0.5) - square / 2 for number in range(count)]
    return tuple(
        (
            (middle_x + left) / width,
            (middle_y + top) / height,
            (middle_x + left + square) / width,
            (middle_y + top + square) / height,
        )
        for top in shifts
        for left in shifts
    )
