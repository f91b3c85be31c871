"""Cut-outs of many pictures, ready to be compared with the boxes around the faces of a post.

What is compared is pixels. Another photo of the same person lies as far away as anybody else's: docs/fingerprints.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from monitor.fingerprints.cut_outs.codes import CutOut
from monitor.fingerprints.cut_outs.queries import FaceQueries
from monitor.fingerprints.regions.boxes import Box
from monitor.matching.region_scan import COARSE_WITHIN, coarse_first, padded, scan_all

CUT_OUT_WITHIN = 56
"""Bits of 256: 8 less than the nearest other face of 14,714 pairs on the tuning half. See `benchmarks/cut_outs.py`."""


@dataclass(frozen=True, slots=True)
class CutOutHit:
    """One box around a face of a post and one registered box that are near. `owner`: its place in the index."""

    owner: int
    query: int
    distance: int


class CutOutIndex:
    """An immutable snapshot. 32 bytes a code, 125 codes a cut-out."""

    def __init__(self, cut_outs: Sequence[CutOut | None]) -> None:
        """Pictures without a cut-out keep their place and match nothing."""
        self._cut_outs = tuple(cut_outs)
        owners = [(owner, one) for owner, one in enumerate(cut_outs) if one is not None]
        self._owner = np.concatenate(
            [np.empty(0, np.int32), *(np.full(len(c.numbers), o, np.int32) for o, c in owners)]
        )
        self._words = coarse_first(np.concatenate([np.empty((0, 32), np.uint8), *(c.table for _, c in owners)]))
        self._coarse = padded(self._words)

    def __len__(self) -> int:
        """Codes."""
        return len(self._words)

    def box_of(self, hit: CutOutHit) -> Box:
        """What was drawn on the registered picture, from 0 to 1 of it."""
        cut_out = self._cut_outs[hit.owner]
        if cut_out is None:
            raise IndexError("there is no cut-out in this place")
        return cut_out.box

    def hits(self, faces: FaceQueries) -> list[CutOutHit]:
        """Of each picture the nearest box that lies within CUT_OUT_WITHIN of one in the post, nearest first."""
        if not len(self) or not len(faces):
            return []
        words = np.ascontiguousarray(coarse_first(faces["code"]))
        found = scan_all(self._coarse, self._words, words, CUT_OUT_WITHIN, COARSE_WITHIN)
        nearest: dict[int, CutOutHit] = {}
        for query, row, distance in found.tolist():
            owner = int(self._owner[row])
            if owner not in nearest or (distance, query) < (nearest[owner].distance, nearest[owner].query):
                nearest[owner] = CutOutHit(owner, query, distance)
        return sorted(nearest.values(), key=lambda hit: (hit.distance, hit.owner))
