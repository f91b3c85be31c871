"""Registered boxes of many pictures, ready to be compared with the query regions of a post's picture."""

from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from monitor.fingerprints.regions.boxes import TILES, RegisteredBox, SetName
from monitor.fingerprints.regions.codes import Regions
from monitor.fingerprints.regions.queries import Part, QueryRegions
from monitor.matching.geometric_verification import DETAIL_FROM, INLIER_WITHIN, RegionHit, verified
from monitor.matching.index import HashIndex
from monitor.matching.region_scan import COARSE_WITHIN, coarse_first, padded, scan_all, scan_tiles
from monitor.matching.template_parts import template_parts

_SQUARES = (Part.SQUARE, Part.INNER_SQUARE, Part.TURNED_SQUARE)
"""Query regions that are compared with registered squares only: what has another shape shows something else."""
_FRAMED, _SQUARE = -1, -2
"""Instead of a tile's number: the whole, parts and shapes; squares."""
_DETAIL_FROM = np.array([DETAIL_FROM[part] for part in Part])


@lru_cache(256)
def _tiles(boxes: tuple[RegisteredBox, ...]) -> NDArray[np.int16]:
    """The tile of each box of a layout, _SQUARE or _FRAMED for the others."""
    return np.array([_SQUARE if box.family == "square" else box.tile for box in boxes], np.int16)


class RegionIndex:
    """An immutable snapshot. 32 bytes a box, and 8 for its coarse word."""

    def __init__(
        self, pictures: Sequence[Regions | None], cases: Sequence[str] = (), *, templates: HashIndex | None = None
    ) -> None:
        """Pictures without regions keep their place and match nothing. `cases`: whose each is, where that is known;
        `templates`: codes of boxes that an operator listed (see template_parts)."""
        template = template_parts(pictures, cases or [str(owner) for owner in range(len(pictures))], templates)
        self._sets: list[SetName | None] = [one.set_name if one else None for one in pictures]
        self._layouts = [None if one is None else one.layout for one in pictures]
        owners, numbers, tables, tiles = [], [], [np.empty((0, 32), np.uint8)], []
        templates_of: list[NDArray[np.bool_]] = [np.empty(0, np.bool_)]
        for owner, one in enumerate(pictures):
            boxes = self._layouts[owner]
            if one is None or boxes is None:
                continue
            owners.append(np.full(len(one.numbers), owner, np.int32))
            numbers.append(np.array(one.numbers, np.int32))
            tables.append(one.table)
            templates_of.append(template[owner])
            tiles.append(_tiles(boxes)[numbers[-1]])
        owner_of = np.concatenate([np.empty(0, np.int32), *owners])
        number_of = np.concatenate([np.empty(0, np.int32), *numbers])
        tile_of = np.concatenate([np.empty(0, np.int16), *tiles])
        template_of = np.concatenate(templates_of)
        words = coarse_first(np.concatenate(tables))
        free = np.flatnonzero(tile_of == _FRAMED)
        self._framed = len(free)
        free = np.concatenate([free, np.flatnonzero(tile_of == _SQUARE)])
        self._free = np.ascontiguousarray(words[free])
        self._coarse = padded(self._free)
        self._free_owner, self._free_number, self._free_template = owner_of[free], number_of[free], template_of[free]
        fixed = np.flatnonzero(tile_of >= 0)
        fixed = fixed[np.argsort(tile_of[fixed], kind="stable")]
        self._tiles = np.ascontiguousarray(words[fixed])
        self._tile_owner, self._tile_number, self._tile_template = owner_of[fixed], number_of[fixed], template_of[fixed]
        self._starts = np.searchsorted(tile_of[fixed], np.arange(len(TILES) + 1)).astype(np.int64)

    def __len__(self) -> int:
        """Codes."""
        return len(self._free) + len(self._tiles)

    def hits(self, queries: QueryRegions) -> list[RegionHit]:
        """The registered boxes near a query region that count (see geometric_verification), nearest first."""
        if not len(self) or not len(queries):
            return []
        telling = queries["detail"] >= _DETAIL_FROM[queries["part"]]
        fixed = np.flatnonzero((queries["part"] == Part.TILE) & telling)
        square = np.isin(queries["part"], _SQUARES)
        words = coarse_first(queries["code"])
        near = []
        for numbers, first in ((~square & (queries["part"] != Part.TILE), 0), (square, self._framed)):
            free = np.flatnonzero(numbers & telling)
            asked = np.ascontiguousarray(words[free])
            found = scan_all(self._coarse[first:], self._free[first:], asked, INLIER_WITHIN, COARSE_WITHIN)
            near += self._hits(
                found, free, self._free_owner[first:], self._free_number[first:], self._free_template[first:]
            )
        tiles = queries["tile"][fixed].astype(np.int64)
        found = scan_tiles(self._tiles, self._starts, np.ascontiguousarray(words[fixed]), tiles, INLIER_WITHIN)
        near += self._hits(found, fixed, self._tile_owner, self._tile_number, self._tile_template)
        by_owner: dict[int, list[RegionHit]] = defaultdict(list)
        for hit in near:
            by_owner[hit.owner].append(hit)
        hits = [hit for owner, some in by_owner.items() for hit in verified(some, queries, self._sets[owner] or "full")]
        return sorted(hits, key=lambda hit: (hit.distance, hit.owner, hit.query))

    def _hits(
        self,
        found: NDArray[np.uint32],
        queries: NDArray[np.intp],
        owners: NDArray[np.int32],
        numbers: NDArray[np.int32],
        template: NDArray[np.bool_],
    ) -> list[RegionHit]:
        hits = []
        for query, row, distance in found.tolist():
            owner = int(owners[row])
            boxes = self._layouts[owner]
            if boxes is not None:
                box = boxes[numbers[row]]
                hits.append(RegionHit(owner, int(queries[query]), box, distance, template=bool(template[row])))
        return hits
