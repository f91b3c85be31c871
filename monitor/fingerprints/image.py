"""A picture's bytes to hashes: the whole picture and the one without its border, in all 8 orientations.

Runs inside a decoder process; everybody else calls `monitor.fingerprints.decoder.pool.DecoderPool`.
"""

import hashlib
import warnings

import numpy as np
from PIL import Image

from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.fingerprints.containers.guards import open_guarded
from monitor.fingerprints.containers.large_webp import large_webp
from monitor.fingerprints.cut_outs.codes import Drawn, register_cut_out
from monitor.fingerprints.cut_outs.queries import face_queries_of
from monitor.fingerprints.hashes.normalise import is_turned, shown
from monitor.fingerprints.hashes.pdq import Accumulator
from monitor.fingerprints.hashes.phash import phash
from monitor.fingerprints.hashes.trim import Box, find_border
from monitor.fingerprints.hashes.values import MIN_QUALITY, Hash, HashedMedium, PictureView, ViewName
from monitor.fingerprints.points.features import (
    MOST_MIRRORED,
    MOST_QUERY,
    MOST_SHEET,
    NO_POINTS,
    QUERY_SIDE,
    SHEET_SIDE,
    FoundPoints,
    grey_of,
    pack_points,
    points_of,
)
from monitor.fingerprints.regions.boxes import SetName
from monitor.fingerprints.regions.codes import register_regions
from monitor.fingerprints.regions.framing import framing_of
from monitor.fingerprints.regions.queries import queries_and_frames_of

_STRIP = 256
"""Rows turned to floats at a time: a large picture never has all its luma in memory."""
_STRIP_PIXELS = _STRIP * 8192
"""Fewer rows at a time where they are longer than the widest photos'."""
_AT_ONCE = 1 << 20
"""Pixels of pictures that are small enough to be turned at once."""


def hash_picture(
    data: bytes,
    set_name: SetName | None = None,
    *,
    faces: bool = False,
    cut_out: Drawn | None = None,
    photo_only: bool = False,
    points: bool = True,
    squares: bool = True,
) -> HashedMedium:
    """Everything kept of the picture in `data`. Raises NotInspected with its reason.

    `set_name`: which boxes to hash as well, because the picture is to be registered; `cut_out`: around which face of
    it. `faces`: whether boxes are to be laid around those that a post shows. `photo_only`: of a screenshot, chat, story
    or letterbox hash the photo in it, as if it had been cut out; width and height are the photo's. `points`,
    `squares`: whether anything that this may be compared with has some.

    Silences Python's warnings meanwhile: parsers warn about odd files, and a warning may quote them.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return _inspect(data, set_name, faces, cut_out, photo_only, points, squares)


def _inspect(
    data: bytes,
    set_name: SetName | None,
    faces: bool,
    cut_out: Drawn | None,
    photo_only: bool,
    points: bool,
    squares: bool,
) -> HashedMedium:
    with large_webp(data) or open_guarded(data) as image:
        kind = image.format or ""
        width, height = image.size
        if is_turned(image):
            width, height = height, width
        upright = shown(image)
    framing = framing_of(upright) if photo_only else None
    if framing is not None and len(framing.boxes) == 1:
        left, top, right, bottom = framing.area
        width, height = round((right - left) * width), round((bottom - top) * height)
        across, down = upright.size
        upright = upright.crop((round(left * across), round(top * down), round(right * across), round(bottom * down)))
    queries, holds_small = queries_and_frames_of(upright, squares=squares)
    found = NO_POINTS
    if points:
        found = _small_points(data, upright, max(width, height)) if holds_small else _points(upright)
    return HashedMedium(
        width,
        height,
        kind,
        hashlib.sha256(data).hexdigest(),
        views_of(upright),
        phash(upright),
        queries=queries.tobytes(),
        points=pack_points(found) if points else b"",
        regions=register_regions(upright, set_name, size=(width, height)) if set_name else None,
        size=len(data),
        faces=face_queries_of(upright).tobytes() if faces else b"",
        cut_out=register_cut_out(upright, cut_out, size=(width, height)) if cut_out else None,
    )


def _points(upright: Image.Image) -> FoundPoints:
    return points_of(grey_of(upright, QUERY_SIDE), MOST_QUERY, MOST_MIRRORED)


def _small_points(data: bytes, upright: Image.Image, longer: int) -> FoundPoints:
    """A picture within this one may be small: what was decoded to fewer pixels is decoded again."""
    if max(upright.size) < min(longer, SHEET_SIDE):
        with open_guarded(data) as image:
            upright = shown(image, SHEET_SIDE)
    return points_of(grey_of(upright, SHEET_SIDE), MOST_SHEET, MOST_MIRRORED)


def views_of(upright: Image.Image) -> tuple[PictureView, ...]:
    """All views of a picture (RGB or L) as it is shown; of a video's frame too."""
    views = _views(upright, "whole", Box(0, 0, *upright.size))
    if (inner := find_border(upright)) is not None:
        views += _views(upright, "trimmed", inner)
    return views


def _views(image: Image.Image, name: ViewName, box: Box) -> tuple[PictureView, ...]:
    """The 8 views of the part of `image` (RGB or L) inside `box`."""
    width, height = box.right - box.left, box.bottom - box.top
    accumulator = Accumulator(width, height)
    rows = min(_STRIP, max(1, _STRIP_PIXELS // width)) if width * height > _AT_ONCE else height
    for top in range(box.top, box.bottom, rows):
        strip = (box.left, top, box.right, min(top + rows, box.bottom))
        part = image if strip == (0, 0, *image.size) else image.crop(strip)
        # Pillow's "F" is exactly 0.299 R + 0.587 G + 0.114 B in float32.
        accumulator.feed(np.asarray(part.convert("F")))
    return tuple(PictureView(name, number, code) for number, code in enumerate(accumulator.hashes()))


def register(picture: HashedMedium | Hash) -> Hash:
    """The hash under which a picture may be watched: the whole, upright. Also for a hash made on a person's device.

    Raises RuleBroken(FLAT_PICTURE) when its quality is below MIN_QUALITY.
    """
    code = picture.whole if isinstance(picture, HashedMedium) else picture
    if code.quality < MIN_QUALITY:
        raise RuleBroken(
            Refusal.FLAT_PICTURE,
            f"This picture is too plain to be told from others: quality {code.quality} of 100, at least {MIN_QUALITY} "
            "needed. Its hash would match many unrelated pictures. Use one with more detail, uncropped if you can.",
        )
    return code
