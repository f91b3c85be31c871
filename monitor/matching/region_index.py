"""Registered boxes of many pictures, ready to be compared with the looks at a post's picture."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from monitor.fingerprints.boxes import TILES, RegisteredBox, layout
from monitor.fingerprints.looks import Looks, Part
from monitor.fingerprints.regions import Regions
from monitor.fingerprints.values import CODE_BITS
from monitor.matching.region_scan import coarse_first, padded, scan_all, scan_tiles

LIMITS = {
    Part.WHOLE: 58,
    Part.TILE: 52,
    Part.SQUARE: 58,
    Part.RECTANGLE: 54,
    Part.INNER_SQUARE: 42,
    Part.TURNED: 54,
    Part.TURNED_SQUARE: 50,
}
"""Bits of 256 within which a look of each kind counts. Tuned on 200 photos; see benchmarks/recall.py for the others."""
DETAIL_FROM = {Part.INNER_SQUARE: 24}
"""Squares within a rectangle that holds nothing are mostly sky or wall: they must show more."""
LONE_WITHIN = {Part.RECTANGLE: 40, Part.INNER_SQUARE: 31}
"""Bits within which these need no second witness. A rectangle is a guess, often of sky or wall: farther off it counts
only when another box of the same picture fits too."""


@dataclass(frozen=True, slots=True)
class RegionHit:
    """One look and one registered box that are near. `owner`: the picture's place in the index."""

    owner: int
    look: int
    box: RegisteredBox
    distance: int


class RegionIndex:
    """An immutable snapshot. 32 bytes a box, and 8 for its coarse word."""

    def __init__(self, pictures: Sequence[Regions | None]) -> None:
        """Pictures without regions keep their place and match nothing."""
        self._layouts = [None if one is None else layout(one.set_name, one.width, one.height) for one in pictures]
        owners, numbers, tables, tiles = [], [], [np.empty((0, 32), np.uint8)], []
        for owner, one in enumerate(pictures):
            boxes = self._layouts[owner]
            if one is None or boxes is None:
                continue
            owners.append(np.full(len(one.numbers), owner, np.int32))
            numbers.append(np.array(one.numbers, np.int32))
            tables.append(one.table)
            tiles.append(np.array([boxes[number].tile for number in one.numbers], np.int16))
        owner_of = np.concatenate([np.empty(0, np.int32), *owners])
        number_of = np.concatenate([np.empty(0, np.int32), *numbers])
        tile_of = np.concatenate([np.empty(0, np.int16), *tiles])
        words = coarse_first(np.concatenate(tables))
        free = np.flatnonzero(tile_of < 0)
        self._free = np.ascontiguousarray(words[free])
        self._coarse = padded(self._free)
        self._free_owner, self._free_number = owner_of[free], number_of[free]
        fixed = np.flatnonzero(tile_of >= 0)
        fixed = fixed[np.argsort(tile_of[fixed], kind="stable")]
        self._tiles = np.ascontiguousarray(words[fixed])
        self._tile_owner, self._tile_number = owner_of[fixed], number_of[fixed]
        self._starts = np.searchsorted(tile_of[fixed], np.arange(len(TILES) + 1)).astype(np.int64)

    def __len__(self) -> int:
        """Codes."""
        return len(self._free) + len(self._tiles)

    def hits(self, looks: Looks) -> list[RegionHit]:
        """Every registered box near a look, nearest first."""
        if not len(self) or not len(looks):
            return []
        least = np.array([DETAIL_FROM.get(part, 0) for part in Part])[looks["part"]]
        telling = looks["detail"] >= least
        fixed = np.flatnonzero((looks["part"] == Part.TILE) & telling)
        free = np.flatnonzero((looks["part"] != Part.TILE) & telling)
        words = coarse_first(looks["code"])
        limits = np.array([LIMITS[part] for part in Part], np.int64)[looks["part"]]
        found = scan_all(self._coarse, self._free, np.ascontiguousarray(words[free]), limits[free])
        hits = self._hits(found, free, self._free_owner, self._free_number)
        found = scan_tiles(
            self._tiles,
            self._starts,
            np.ascontiguousarray(words[fixed]),
            looks["tile"][fixed].astype(np.int64),
            LIMITS[Part.TILE],
        )
        hits += self._hits(found, fixed, self._tile_owner, self._tile_number)
        fitting = Counter(hit.owner for hit in hits)
        hits = [
            hit
            for hit in hits
            if fitting[hit.owner] > 1 or hit.distance <= LONE_WITHIN.get(Part(looks["part"][hit.look]), CODE_BITS)
        ]
        return sorted(hits, key=lambda hit: (hit.distance, hit.owner, hit.look))

    def _hits(
        self,
        found: NDArray[np.uint32],
        looks: NDArray[np.intp],
        owners: NDArray[np.int32],
        numbers: NDArray[np.int32],
    ) -> list[RegionHit]:
        hits = []
        for query, row, distance in found.tolist():
            owner = int(owners[row])
            boxes = self._layouts[owner]
            if boxes is not None:
                hits.append(RegionHit(owner, int(looks[query]), boxes[numbers[row]], distance))
        return hits
