"""Which registered boxes show a template, such as the frame of an app's screens: they may not count alone. Pure.

Three sources, and none of them is what strangers post, so a wave of copies cannot hide itself:
- what lies around the photo that a registered screenshot holds (`Regions.area`, told when it was registered);
- what this case's own screenshots share around their photos, such as the same words over both edges of a photo;
- the operator's list of template pictures.
The whole picture and the photo's own area never are template parts, nor is anything of a picture with no frame: several
fakes of one photo share its face.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from monitor.fingerprints.regions.boxes import WHOLE, Box
from monitor.fingerprints.regions.codes import Regions
from monitor.fingerprints.regions.framing import share_within
from monitor.matching.index import HashIndex

Flags = NDArray[np.bool_]

TILE_FRAME_BELOW, FRAME_BELOW = 0.8, 0.6
"""Share of a box that is photo, below which it shows the frame. Tiles lie in one place in all screens of an app, and
nearly all wrong hits were tiles; squares find screens that were cropped."""
OWN_FROM = 0.92
"""Share from which it is the photo's own, and no template whoever else shows it."""
SHARED_WITHIN = 62
"""Bits within which two of a case's screenshots share a box: as far as an inlier may lie."""
LISTED_WITHIN = 40
"""Bits within which a box is what an operator listed."""


def template_parts(pictures: Sequence[Regions | None], cases: Sequence[str], listed: HashIndex | None) -> list[Flags]:
    """For each picture which of its `numbers` show a template. `cases`: whose each is; `listed`: codes of boxes."""
    shares = [None if one is None else _photo_shares(one) for one in pictures]
    flags = [
        np.zeros(0 if one is None else len(one.numbers), np.bool_)
        if one is None or share is None
        else share < _frame_below(one)
        for one, share in zip(pictures, shares, strict=True)
    ]
    for owners in _screens_by_case_and_layout(pictures, cases):
        for owner, shared in zip(owners, _shared([pictures[owner] for owner in owners]), strict=True):
            share = shares[owner]
            if share is not None:
                flags[owner] |= shared & (share < OWN_FROM)
    if listed is not None and len(listed):
        for owner, one in enumerate(pictures):
            if one is not None and one.numbers:
                flags[owner] |= _listed(one, listed, shares[owner])
    return flags


def _frame_below(one: Regions) -> NDArray[np.float64]:
    boxes = one.layout
    return np.array([TILE_FRAME_BELOW if boxes[number].family == "tile" else FRAME_BELOW for number in one.numbers])


def _photo_shares(one: Regions) -> NDArray[np.float64] | None:
    """Of each box the share that is photo, 1 of the whole; None of a picture without a frame."""
    if one.area is None:
        return None
    boxes = [one.layout[number].box for number in one.numbers]
    return np.array([1.0 if box == WHOLE else share_within(box, one.area) for box in boxes])


def _screens_by_case_and_layout(pictures: Sequence[Regions | None], cases: Sequence[str]) -> list[list[int]]:
    """Framed pictures of one case whose boxes lie alike, two or more."""
    groups: defaultdict[tuple[str, str, tuple[Box, ...]], list[int]] = defaultdict(list)
    for owner, (one, case) in enumerate(zip(pictures, cases, strict=True)):
        if one is not None and one.area is not None:
            boxes = tuple(box.box for box in one.layout)
            groups[case, one.set_name, boxes].append(owner)
    return [owners for owners in groups.values() if len(owners) > 1]


def _shared(pictures: Sequence[Regions | None]) -> list[Flags]:
    """For each picture which of its boxes another one has as well."""
    by_number: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    framed = [one for one in pictures if one is not None]
    for place, one in enumerate(framed):
        for row, number in enumerate(one.numbers):
            by_number[number].append((place, row))
    found = [np.zeros(len(one.numbers), np.bool_) for one in framed]
    for some in by_number.values():
        codes = np.stack([framed[place].table[row] for place, row in some])
        apart = np.bitwise_count(codes[:, None] ^ codes[None]).sum(axis=2)
        np.fill_diagonal(apart, 256)
        for (place, row), near in zip(some, (apart <= SHARED_WITHIN).any(axis=1).tolist(), strict=True):
            found[place][row] = near
    return found


def _listed(one: Regions, listed: HashIndex, share: NDArray[np.float64] | None) -> Flags:
    hits = listed.search(np.array(one.table), LISTED_WITHIN)
    found = np.zeros(len(one.numbers), np.bool_)
    found[hits.query] = True
    if share is not None:
        found &= share < OWN_FROM
    boxes = one.layout
    found &= np.array([boxes[number].box != WHOLE for number in one.numbers])
    return found
