"""The files that X keeps of one video, and in which order to try them. Pure."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

SUFFICIENT = 320
"""Pixels of the shorter side: hashes are made of at most 512 on the longer one, so more detail is only more bytes."""

_SIZE = re.compile(r"/(\d{2,5})x(\d{2,5})/")


class Variant(NamedTuple):
    """One MP4 of a video. `bits`: per second, 0 when X does not say; `short`: its shorter side, 0 when unknown."""

    short: int
    bits: int
    url: str


class Upload(NamedTuple):
    """A photo as it was uploaded, and in no other size."""

    url: str


def variants_of(entry: Mapping[str, Any]) -> tuple[Variant, ...]:
    """The MP4 files of a media object, best first: the smallest that is sufficient, then what is smaller still.

    Playlists (HLS) are left out: a video must come from one file at one listed host.
    """
    found = _files(entry)
    enough = sorted(one for one in found if one.short >= SUFFICIENT or (one.short == 0 and one.bits > 0))
    rest = sorted((one for one in found if one not in enough), reverse=True)
    # The smaller ones are tried when the sufficient one is larger than the cap, or gone.
    return (*enough[:1], *rest)


def largest_of(entry: Mapping[str, Any]) -> Variant | None:
    """The file of most detail, of which the others were made."""
    return max(_files(entry), key=lambda one: (one.short, one.bits), default=None)


def _files(entry: Mapping[str, Any]) -> list[Variant]:
    listed = entry.get("variants")
    return [
        _variant(one)
        for one in (listed if isinstance(listed, list) else ())
        if isinstance(one, Mapping) and one.get("content_type") == "video/mp4" and isinstance(one.get("url"), str)
    ]


def _variant(one: Mapping[str, Any]) -> Variant:
    rate = one.get("bit_rate", one.get("bitrate"))
    bits = rate if isinstance(rate, int) and not isinstance(rate, bool) and rate >= 0 else 0
    size = _SIZE.search(one["url"])
    return Variant(min(int(size[1]), int(size[2])) if size else 0, bits, one["url"])
