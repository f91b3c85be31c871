"""Registered points of many pictures, ready to be compared with the points of a post's picture.

Two points far apart that fit by chance fit in unlike places: each hit says where the registered picture would lie in
the post, how large and how turned, and the others must say nearly the same. Only as many as that count.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from monitor.fingerprints.points.features import POINT, WHOLE_SIDE, FoundPoints, Points
from monitor.fingerprints.regions.boxes import Box
from monitor.fingerprints.regions.framing import share_within
from monitor.matching.index import HashIndex
from monitor.matching.linear_scan import CodeWords
from monitor.matching.region_scan import coarse_first, padded, scan_all
from monitor.matching.template_parts import LISTED_WITHIN, OWN_FROM

HIT_WITHIN, COARSE_WITHIN = 80, 17
"""Bits of 256, and of the 64 coarsest, within which two points may be the same. With 22 instead of 17 one copy more of
339 was found, and looking took four times as long: of unlike points one in 10,000 lies within 17, one in 100 in 22."""
TWICE_FROM = 100_000
"""Registered points from which half of a post's points are compared first, the strongest, and the rest only with the
pictures that one of those is near: unlike points lie within HIT_WITHIN once in a thousand million."""
SAME_PLACE, DRIFT = 0.35, 0.08
"""By how much two hits may disagree where a point lies: of its radius, and of the distance between the two."""
SAME_SIZE = 0.35
"""By how much they may disagree on the size, as a natural logarithm of the ratio."""
SAME_TURN = np.radians(15.0)
LEAST_FITTING = 3
"""Points that must say the same."""
CHANCE_BITS, BITS_A_STEP, HEAVIEST = 92, 8, 5.0
"""A point weighs as much as it is nearer than CHANCE_BITS, in steps of BITS_A_STEP, and at most HEAVIEST: the corner of
a button is the same to the bit wherever there is a button."""
LEAST_EVIDENCE = 12
"""What the points that say the same must weigh together. Of 26,730 pairs of an edited and another photo of the tuning
half none weighed more than 9; each step of 2 left a fifth of those that weighed so much."""
LEAST_EVIDENCE_OF_A_FRAME = 18
"""The same of a frame of a registered video, which has many, and so has the video of a post. Of 24 cropped, framed and
pasted copies none weighed less than 27, and of 120 pairs with another video none more than 14."""
SAME_SPOT = 0.3
"""Of the larger one's radius: points nearer to each other show the same thing, and weigh once."""
ALIKE = 70
"""Bits within which two points of one registered picture show the same thing twice. All that such a picture shows twice
weighs once: the corners of a frame lie in every framed picture as they do in this one, and at every size."""
_MOST = 96
"""Nearest hits of a picture that are compared with each other."""
_TRIED = 8
"""Of the hits that foretell most others."""
_FRAMES_TRIED = 3
"""Of a registered video, those that most points are near: its frames resemble each other, and each costs as much as a
picture."""

_NONE: Points = np.zeros(0, POINT)

Numbers = NDArray[np.float64]


class Pointed(Protocol):
    """A registered picture, or a frame of a registered video."""

    @property
    def points(self) -> Points: ...
    @property
    def width(self) -> int: ...
    @property
    def height(self) -> int: ...
    @property
    def area(self) -> Box | None: ...


@dataclass(frozen=True, slots=True)
class PointHit:
    """Points of the post that put a registered picture in one place. `owner`: the picture's place in the index."""

    owner: int
    fitting: int
    """Points that agree."""
    evidence: float
    """What they weigh together."""
    distance: int
    """Bits of the nearest of them."""
    degrees: int
    """By how much the picture is turned in the post, clockwise as seen, from -180 to 180."""
    mirrored: bool
    registered: Box
    """What the points that agree cover of the registered picture, and of the post's."""
    posted: Box
    boxes: tuple[tuple[Box, bytes, int], ...] = field(repr=False)
    """Of each point what it covers of the registered picture, the post's code, and the bits between them."""


class PointIndex:
    """An immutable snapshot. 40 bytes a point, and 8 for its coarse word."""

    def __init__(
        self,
        pictures: Sequence[Pointed | None],
        *,
        frames: Sequence[tuple[int, Pointed]] = (),
        templates: HashIndex | None = None,
        twice_from: int = TWICE_FROM,
    ) -> None:
        """Pictures without points keep their place and match nothing. `frames`: of registered videos, each with the
        place of its video among `pictures`; they come after those. `templates`: codes of parts that an operator
        listed."""
        self._media = (*range(len(pictures)), *(medium for medium, _ in frames))
        self._least = [LEAST_EVIDENCE] * len(pictures) + [LEAST_EVIDENCE_OF_A_FRAME] * len(frames)
        self._twice_from = twice_from
        pictures = (*pictures, *(frame for _, frame in frames))
        tables = [_NONE if one is None else _of_the_photo(one, templates) for one in pictures]
        every = np.concatenate([_NONE, *tables])
        self._sides = [(1, 1) if one is None else (one.width, one.height) for one in pictures]
        self._owner = np.repeat(np.arange(len(tables)), [len(table) for table in tables])
        self._words = coarse_first(np.ascontiguousarray(every["code"]))
        self._coarse = padded(self._words)
        self._places = places_of(every)
        ends = np.cumsum([len(table) for table in tables], dtype=np.intp)
        parts = zip(np.split(self._places, ends[:-1]), np.split(self._words, ends[:-1]), strict=True) if tables else ()
        self._twice = np.concatenate([np.empty(0, np.bool_), *(_shown_twice(places, words) for places, words in parts)])

    def __len__(self) -> int:
        """Points."""
        return len(self._owner)

    def hits(self, found: FoundPoints, width: int, height: int) -> list[PointHit]:
        """The registered pictures that enough points agree on, the best first. `width` and `height`: of the post."""
        if not len(self) or not len(found.points):
            return []
        codes = np.concatenate([found.points["code"], found.mirrored])
        near = self._near(coarse_first(codes), len(found.points))
        owner = self._owner[near[:, 1]]
        places, hits = places_of(found.points), []
        for one in self._often(owner):
            mine = near[owner == one]
            mine = mine[np.argsort(mine[:, 2], kind="stable")[:_MOST]]
            mirrored = mine[:, 0] >= len(found.points)
            own, seen = self._places[mine[:, 1]], places[mine[:, 0] - mirrored * len(found.points)]
            agreed = _agreed(own, seen, mine, mirrored, self._twice[mine[:, 1]], self._least[one])
            if agreed is not None:
                inliers, evidence = agreed
                fit = _Fit(own[inliers], seen[inliers], mine[inliers, 2], codes[mine[inliers, 0]])
                hits.append(self._told(one, fit, evidence, mirrored=bool(mirrored[inliers[0]]), post=(width, height)))
        return sorted(hits, key=lambda hit: (-hit.evidence, hit.distance, hit.owner))

    def _near(self, words: CodeWords, upright: int) -> NDArray[np.int64]:
        """(query, row, bits) of the registered points near a post's, of which the first are `upright`."""
        if len(self) < self._twice_from:
            return scan_all(self._coarse, self._words, words, HIT_WITHIN, COARSE_WITHIN).astype(np.int64)
        place = np.arange(len(words))
        weak = (place >= upright // 2) & (place < upright) | (place >= (upright + len(words)) // 2)
        found = []
        rows = np.arange(len(self))
        for some in (~weak, weak):
            asked, table = np.flatnonzero(some), self._words[rows] if len(rows) < len(self) else self._words
            coarse = self._coarse if len(rows) == len(self) else padded(table)
            near = scan_all(coarse, table, words[asked], HIT_WITHIN, COARSE_WITHIN).astype(np.int64)
            found.append(np.column_stack([asked[near[:, 0]], rows[near[:, 1]], near[:, 2]]))
            rows = np.flatnonzero(np.isin(self._owner, self._owner[found[0][:, 1]]))
        return np.concatenate(found)

    def _often(self, owners: NDArray[np.int64]) -> list[int]:
        """Those with enough hits to be looked at; of one medium's frames the likeliest."""
        if not len(owners):
            return []
        counts = np.bincount(owners)
        often = np.flatnonzero(counts >= LEAST_FITTING)
        tried: dict[int, int] = {}
        chosen = []
        for one in often[np.argsort(-counts[often], kind="stable")].tolist():
            medium = self._media[one]
            tried[medium] = tried.get(medium, 0) + 1
            if tried[medium] <= _FRAMES_TRIED:
                chosen.append(one)
        return chosen

    def _told(self, owner: int, fit: "_Fit", evidence: float, *, mirrored: bool, post: tuple[int, int]) -> PointHit:
        turns = fit.posted[:, 3] + (1 if mirrored else -1) * fit.registered[:, 3]
        turn = np.angle(np.exp(1j * turns).mean())
        sides = self._sides[owner]
        return PointHit(
            owner,
            len(fit.posted),
            evidence,
            int(fit.bits[0]),
            round(float(np.degrees(turn))),
            mirrored,
            _covered(fit.registered, *sides),
            _covered(fit.posted, *post),
            tuple(
                (_covered(place[None], *sides), code.tobytes(), bits)
                for place, code, bits in zip(fit.registered, fit.codes, fit.bits.tolist(), strict=True)
            ),
        )


@dataclass(frozen=True, slots=True)
class _Fit:
    """Points that agree, the nearest first: their places as `places_of` gives them, and the codes of the post's."""

    registered: Numbers
    posted: Numbers
    bits: NDArray[np.int64]
    codes: NDArray[np.uint8]


def _of_the_photo(one: Pointed, templates: HashIndex | None) -> Points:
    """Of a screenshot that was registered as it is only the points of the photo in it: all screens of one app share the
    others. Of other pictures all but those that an operator listed."""
    points = one.points
    if not len(points):
        return points
    if one.area is None:
        if templates is None or not len(templates):
            return points
        listed = templates.search(np.array(points["code"]), LISTED_WITHIN).query
        others: Points = np.delete(points, listed)
        return others
    longer = max(one.width, one.height)
    across, down = longer / one.width, longer / one.height
    x, y, radius, _ = places_of(points).T
    boxes = np.column_stack([(x - radius) * across, (y - radius) * down, (x + radius) * across, (y + radius) * down])
    own = [share_within((box[0], box[1], box[2], box[3]), one.area) >= OWN_FROM for box in boxes.tolist()]
    kept: Points = points[np.array(own)]
    return kept


def places_of(points: Points) -> Numbers:
    """float64 (n, 4): across, down and radius in shares of the longer side, angle in radians."""
    table = np.column_stack([points[name] for name in ("across", "down", "radius", "angle")]).astype(np.float64)
    table = table / WHOLE_SIDE
    table[:, 3] *= 2 * np.pi
    return table


def _agreed(
    registered: Numbers,
    posted: Numbers,
    near: NDArray[np.int64],
    mirrored: NDArray[np.bool_],
    twice: NDArray[np.bool_],
    least: float,
) -> tuple[NDArray[np.intp], float] | None:
    """The hits that put the registered picture in one place, the nearest first, and what they weigh together; None
    where that is too little. `near`: (query, row, bits), the nearest first; `twice`: what the registered picture
    shows elsewhere too; `least`: what they must weigh."""
    scale = posted[:, 2] / registered[:, 2]
    side = np.where(mirrored, -1.0, 1.0)
    turn = posted[:, 3] - side * registered[:, 3]
    cosine, sine = np.cos(turn) * scale, np.sin(turn) * scale
    apart = registered[None, :, :2] - registered[:, None, :2]
    # What is mirrored is so along the point's angle: down becomes up before it is turned.
    across, down = apart[..., 0], apart[..., 1] * side[:, None]
    x = posted[:, None, 0] + cosine[:, None] * across - sine[:, None] * down
    y = posted[:, None, 1] + sine[:, None] * across + cosine[:, None] * down
    away = np.hypot(x - posted[None, :, 0], y - posted[None, :, 1])
    agree = away <= SAME_PLACE * posted[None, :, 2] + DRIFT * np.hypot(across, down) * scale[:, None]
    agree &= np.abs(np.log(scale)[None] - np.log(scale)[:, None]) <= SAME_SIZE
    agree &= np.abs((turn[None] - turn[:, None] + np.pi) % (2 * np.pi) - np.pi) <= SAME_TURN
    agree &= mirrored[None] == mirrored[:, None]
    weights = np.clip((CHANCE_BITS - near[:, 2]) / BITS_A_STEP, 0, HEAVIEST)
    best, heaviest = np.empty(0, np.intp), 0.0
    for one in np.argsort(-(agree * weights).sum(axis=1), kind="stable")[:_TRIED].tolist():
        members = _different(np.flatnonzero(agree[one]), registered, posted, twice)
        if len(members) >= LEAST_FITTING and (weight := float(weights[members].sum())) > heaviest:
            best, heaviest = members, weight
    return (best, heaviest) if heaviest >= least else None


def _different(
    members: NDArray[np.intp], registered: Numbers, posted: Numbers, twice: NDArray[np.bool_]
) -> NDArray[np.intp]:
    """Of hits (the nearest first) those that show different things: a point that has two orientations, or another
    around it, weighs once, and so does all that the registered picture shows more than once."""
    apart = _apart(registered[members]) & _apart(posted[members])
    apart &= ~(twice[members, None] & twice[None, members])
    kept: list[int] = []
    for place in range(len(members)):
        if apart[place, kept].all():
            kept.append(place)
    return members[kept]


def _shown_twice(places: Numbers, words: CodeWords) -> NDArray[np.bool_]:
    """(n,): which points of one picture have a twin in another spot of it."""
    alike = np.bitwise_count(words[:, None] ^ words[None]).sum(axis=2) <= ALIKE
    twice: NDArray[np.bool_] = (alike & _apart(places)).any(axis=1)
    return twice


def _apart(places: Numbers) -> NDArray[np.bool_]:
    """(n, n): which points lie in different spots."""
    away = np.hypot(*(places[:, None, :2] - places[None, :, :2]).transpose(2, 0, 1))
    found: NDArray[np.bool_] = away >= SAME_SPOT * np.maximum(places[:, None, 2], places[None, :, 2])
    return found


def _covered(places: Numbers, width: int, height: int) -> Box:
    """The box around points with their surroundings, in shares of the picture's sides."""
    longer = max(width, height)
    low = (places[:, :2] - places[:, 2:3]).min(axis=0) * longer
    high = (places[:, :2] + places[:, 2:3]).max(axis=0) * longer
    left, top = (low / (width, height)).clip(0, 1).tolist()
    right, bottom = (high / (width, height)).clip(0, 1).tolist()
    return left, top, right, bottom
