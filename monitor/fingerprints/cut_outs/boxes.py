"""Where the boxes of a cut-out lie: around one face of a registered photo, and around each face that a post shows.

A face is its middle and its height, brows to chin; the box that a person draws or a cascade finds is 0.72 of that wide
and 0.84 high. Coded are boxes of INNER of it: what is pasted or blended into another picture keeps brows, eyes, nose
and mouth, and loses the rim. PDQ's codes of two boxes agree only where both lie nearly the same (see
monitor.fingerprints.regions.boxes), and neither a hand nor a cascade draws that exactly. So the registered side has 125
boxes a little larger, smaller and aside, and the query side a coarse lattice of such sets: together they cover a face
that was drawn a fifth too high, or a third too large.
"""

from dataclasses import dataclass

from monitor.fingerprints.regions.boxes import Box

ACROSS, DOWN = 0.36, 0.42
"""Of a face's height: half of its box's width and height."""
INNER = 0.72
"""Of a face: with 1.0, faces swapped by blending were found in 26 of 100, with this in 77; nothing else was lost."""
SCALES = (0.9, 0.95, 1.0, 1.05, 1.1)
SHIFTS = (-0.06, -0.03, 0.0, 0.03, 0.06)
JITTER: tuple[tuple[float, float, float], ...] = tuple((s, x, y) for s in SCALES for x in SHIFTS for y in SHIFTS)
"""Scale, and shift across and down, of each registered box: a box's number is its place here."""
QUERY_SCALES = (0.82, 1.0, 1.22)
QUERY_SHIFTS = (-0.1575, -0.1425, -0.0075, 0.0075, 0.1425, 0.1575)
"""Three places either way, each twice, half a registered step apart: else a box that was drawn by hand lay between two
registered ones, and found 75 pasted heads of 100 instead of 82."""
LATTICE: tuple[tuple[float, float, float], ...] = tuple(
    (s, x, y) for s in QUERY_SCALES for x in QUERY_SHIFTS for y in QUERY_SHIFTS
)
"""The same of the query side."""


@dataclass(frozen=True, slots=True)
class Face:
    """Middle and height of a face, in pixels."""

    x: float
    y: float
    height: float

    @property
    def box(self) -> Box:
        """Left, top, right, bottom in pixels, as a person draws it."""
        return self._box(self.x, self.y, self.height)

    def coded(self, scale: float, across: float, down: float) -> Box:
        """The same of a box that is coded, `scale` as large and shifted by shares of the inner face's height."""
        height = INNER * self.height
        return self._box(self.x + across * height, self.y + down * height, scale * height)

    @staticmethod
    def _box(x: float, y: float, height: float) -> Box:
        return x - ACROSS * height, y - DOWN * height, x + ACROSS * height, y + DOWN * height


def face_within(box: Box) -> Face:
    """The face that a drawn box, in pixels, is around; only its middle and its area count."""
    left, top, right, bottom = box
    height = ((right - left) * (bottom - top) / (4 * ACROSS * DOWN)) ** 0.5
    return Face((left + right) / 2, (top + bottom) / 2, height)
