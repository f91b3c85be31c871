"""The bytes of any medium to hashes: a picture, an animation or a video.

Runs inside a decoder process; everybody else calls `monitor.fingerprints.decoder.pool.DecoderPool`.
"""

import hashlib
import warnings

from monitor.fingerprints import image
from monitor.fingerprints.containers.file_types import VIDEOS, may_move, sniff
from monitor.fingerprints.containers.guards import check_bytes
from monitor.fingerprints.cut_outs.codes import Drawn
from monitor.fingerprints.cut_outs.queries import face_queries_of
from monitor.fingerprints.hashes.phash import phash
from monitor.fingerprints.hashes.values import MIN_QUALITY, FrameViews, HashedMedium, believable
from monitor.fingerprints.points.features import (
    MOST_FRAME,
    MOST_SMALL_FRAME,
    QUERY_SIDE,
    SHEET_SIDE,
    grey_of,
    pack_points,
    points_of,
)
from monitor.fingerprints.regions.boxes import SetName
from monitor.fingerprints.regions.queries import frame_queries_of
from monitor.fingerprints.video.animation import Animation
from monitor.fingerprints.video.clip import Clip
from monitor.fingerprints.video.clip_points import ClipPointsMaker
from monitor.fingerprints.video.frame_selection import Frame
from monitor.fingerprints.video.sampling import CLOSE_STEP, STEP, closely_seen

FACES_EVERY = 2.0
"""Seconds between two frames of a video in which faces are searched: searching costs as much as all else of a frame."""


def hash_medium(
    data: bytes,
    set_name: SetName | None = None,
    *,
    closely: bool = False,
    faces: bool = False,
    cut_out: Drawn | None = None,
    photo_only: bool = False,
    points: bool = True,
    squares: bool = True,
) -> HashedMedium:
    """Everything kept of the medium in `data`. Raises NotInspected with its reason.

    `set_name`: which boxes of a picture to hash as well, because it is to be registered. `closely`: others will be
    compared with it (see CLOSE_STEP). `faces`, `cut_out`, `photo_only`, `points`, `squares`: see image.hash_picture.
    """
    check_bytes(data, len(data))

    def picture() -> HashedMedium:
        return image.hash_picture(
            data, set_name, faces=faces, cut_out=cut_out, photo_only=photo_only, points=points, squares=squares
        )

    if not may_move(data):
        return picture()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # parsers warn about odd files, and a warning may quote them
        kind = sniff(data) or ""
        step = CLOSE_STEP if closely else STEP
        moving = Clip(data, kind, step) if kind in VIDEOS or kind == "GIF" else Animation(data)
        if kind not in VIDEOS and moving.pictures <= 1:
            return picture()
        return _moving(data, kind, moving, closely=closely, faces=faces, points=points, squares=squares)


def _moving(
    data: bytes,
    kind: str,
    moving: Clip | Animation,
    *,
    closely: bool,
    faces: bool,
    points: bool,
    squares: bool,
) -> HashedMedium:
    """The hashes of each frame; the first frame's stand for the whole where only one is asked for."""
    first, frames, faces_from = b"", list[FrameViews](), 0.0
    maker, close = ClipPointsMaker(), closely_seen(believable(moving.seconds))
    for frame in moving:
        first = first or phash(frame.image)
        at, around = believable(frame.at), b""
        if faces and at >= faces_from:
            around, faces_from = face_queries_of(frame.image).tobytes(), at + FACES_EVERY
        queries, holds_small = frame_queries_of(frame.image, squares=squares)
        seen = _points(frame, closely=holds_small and close.takes(at)) if points else b""
        views = image.views_of(frame.image)
        frames.append(FrameViews(at, views, queries.tobytes(), seen, around))
        if closely and views[0].hash.quality >= MIN_QUALITY:
            maker.take(at, frame.image, believable(moving.seconds))
    telling = [frame.at for frame in frames if frame.views[0].hash.quality >= MIN_QUALITY]
    return HashedMedium(
        *moving.size,
        kind,
        hashlib.sha256(data).hexdigest(),
        frames[0].views,
        first,
        kind="video",
        seconds=round(believable(moving.seconds), 3),
        partial=moving.partial,
        frames=tuple(frames),
        size=len(data),
        clip=maker.made(moving.size, telling[0]) if telling else None,
    )


def _points(frame: Frame, *, closely: bool) -> bytes:
    side, most = (SHEET_SIDE, MOST_SMALL_FRAME) if closely else (QUERY_SIDE, MOST_FRAME)
    return pack_points(points_of(grey_of(frame.closer(side), side), most))
