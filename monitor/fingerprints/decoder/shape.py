"""Is a reply one that a decoder gives? What a hostile file made a decoder say goes no further than its own hashes."""

import hashlib
from itertools import pairwise

from monitor.core.errors import NotInspected
from monitor.fingerprints.containers.file_types import may_move, sniff
from monitor.fingerprints.cut_outs.queries import FACE_QUERY
from monitor.fingerprints.cut_outs.queries import MOST_QUERIES as MOST_AROUND_FACES
from monitor.fingerprints.decoder.protocol import Wish
from monitor.fingerprints.hashes.values import ORIENTATIONS, HashedMedium, PictureView
from monitor.fingerprints.points.features import MOST_MIRRORED, MOST_SHEET, unpack_points
from monitor.fingerprints.regions.queries import QUERY_REGION
from monitor.fingerprints.video.sampling import MAX_FRAMES

REASONS = frozenset({"empty", "too-many-pixels", "broken", "unsupported", "no-video", "crashed", "out-of-memory"})
"""Why a decoder may say that it did not inspect a file; that it hung, the parent says."""
MOST_QUERIES = 4096
"""Query regions of one picture or frame; the busiest real ones have a few hundred."""
_PHASH_BYTES = 8
_MOST_SIDE = 2**31 - 1
_FORMATS = {"MPO": "JPEG"}
"""What Pillow calls a JPEG with more pictures behind the first."""
_NAMES = [("whole", turn) for turn in range(len(ORIENTATIONS))] + [
    ("trimmed", turn) for turn in range(len(ORIENTATIONS))
]


def check_shape(answer: HashedMedium | NotInspected, data: bytes, wish: Wish) -> None:
    """Raises ValueError for an answer that no sound decoder gives when `wish` is to be made of `data`."""
    if isinstance(answer, NotInspected):
        _require(answer.reason in REASONS)
        return
    _require((_FORMATS.get(answer.format) or answer.format) == sniff(data))
    _require(answer.sha256 == hashlib.sha256(data).hexdigest())
    _require(answer.size == len(data))
    # Not their product: pixels that are not square make a video's frame larger than what was decoded.
    _require(0 < answer.width <= _MOST_SIDE and 0 < answer.height <= _MOST_SIDE)
    _require(len(answer.phash) == _PHASH_BYTES)
    _check_views(answer.views, answer.queries, answer.points, wish)
    _check_faces(answer.faces, wish)
    regions = answer.regions
    if answer.kind == "image":
        _require(answer.clip is None)
        _require(not answer.frames and not answer.partial and answer.seconds == 0)
        _require((regions and regions.set_name) == wish.set_name)
        _require(answer.cut_out is None or wish.cut_out is not None)
        return
    _require(may_move(data) and regions is None and not answer.queries and not answer.points)
    _require(answer.cut_out is None and not answer.faces)
    _require(answer.clip is None or wish.closely)
    _require(0 < len(answer.frames) <= MAX_FRAMES and answer.frames[0].views == answer.views)
    _require(all(one.at <= other.at for one, other in pairwise(answer.frames)))
    for frame in answer.frames:
        _check_views(frame.views, frame.queries, frame.points, wish)
        _check_faces(frame.faces, wish)


def _check_views(views: tuple[PictureView, ...], queries: bytes, points: bytes, wish: Wish) -> None:
    named = [(view.name, view.orientation) for view in views]
    _require(named in (_NAMES, _NAMES[: len(ORIENTATIONS)]))
    _require(len(queries) <= MOST_QUERIES * QUERY_REGION.itemsize)
    _require(wish.points or not points)
    found = unpack_points(points)
    _require(len(found.points) <= MOST_SHEET and len(found.mirrored) <= MOST_MIRRORED)


def _check_faces(faces: bytes, wish: Wish) -> None:
    _require(len(faces) <= (MOST_AROUND_FACES * FACE_QUERY.itemsize if wish.faces else 0))


def _require(holds: bool) -> None:
    if not holds:
        raise ValueError("no decoder says so")
