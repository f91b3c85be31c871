"""The photos of one half, registered: for us in every set, and for the peers."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks import reporting
from benchmarks.edits.canvas import Picture, decoded, encode
from monitor.fingerprints.hashes.values import MIN_QUALITY
from monitor.fingerprints.image import hash_picture
from monitor.fingerprints.regions.codes import register_regions
from monitor.matching.watch_set import Watched, WatchSet

HALVES = {"tuning": 0, "held-out": 1}
MATCHERS = ("full", "slim")
PEERS = {"pdq": 31, "phash": 32, "dhash": 32}
"""Peer -> bits of 256 within which it finds, as its users do."""
PEOPLE = "people"
"""The folder among the photos that has people's."""


@dataclass(frozen=True, slots=True)
class Photo:
    """A file, and whether it is one of people's."""

    path: Path
    of_people: bool

    def picture(self) -> Picture:
        return decoded(self.path.read_bytes())


def photos_of(folder: Path, half: str) -> list[Photo]:
    """The half's photos, people's after the general ones: by the number in their names, else by their order."""
    found = [Photo(path, False) for path in _half(reporting.photos_in(folder), half)]
    people = folder / PEOPLE
    if people.is_dir():
        found += [Photo(path, True) for path in _half(reporting.photos_in(people), half)]
    return found


def _half(paths: list[Path], half: str) -> list[Path]:
    def number(place: int, path: Path) -> int:
        digits = re.search(r"(\d+)$", path.stem)
        return int(digits[1]) if digits else place

    return [path for place, path in enumerate(paths) if number(place, path) % 2 == HALVES[half]]


def chosen(photos: list[Photo], limit: int | None) -> list[int]:
    """The places of at most `limit` photos, evenly; people's as many as others, as far as there are."""
    people = [place for place, photo in enumerate(photos) if photo.of_people]
    others = [place for place, photo in enumerate(photos) if not photo.of_people]
    if limit is None or limit >= len(photos):
        return others + people
    mine = min(len(people), max(limit - len(others), limit // 2))
    return evenly(others, limit - mine) + evenly(people, mine)


def evenly(places: list[int], count: int) -> list[int]:
    """`count` of them, evenly spread."""
    return [places[number * len(places) // count] for number in range(count)]


@dataclass(frozen=True, slots=True)
class Registered:
    """What is kept of one photo."""

    watched: dict[str, Watched]
    peers: dict[str, np.ndarray] = field(repr=False)
    plain: bool
    """It would be refused: too little to tell it by."""


def registration(number: int, image: Picture, peers: Iterable[str]) -> Registered:
    """A photo as its owner registers it, in each set, and as peers index it."""
    whole = hash_picture(encode(image, 95)).whole
    watched = {name: registered(str(number), image, name, code=whole.code) for name in MATCHERS}
    return Registered(watched, peer_codes(image, peers), whole.quality < MIN_QUALITY)


def registered(name: str, image: Picture, set_name: Any, *, code: bytes | None = None) -> Watched:
    """One photo in one set."""
    code = code or hash_picture(encode(image, 95)).whole.code
    return Watched(name, name, code, "intimate", regions=register_regions(image, set_name))


class Gallery:
    """All registered photos, ready to be searched."""

    def __init__(self, photos: list[Photo], ones: list[Registered]) -> None:
        self.photos = photos
        self.ones = ones
        self.watch = {name: WatchSet([one.watched[name] for one in ones]) for name in MATCHERS}
        self.tables = {peer: np.stack([one.peers[peer] for one in ones]) for peer in ones[0].peers}


def peer_codes(image: Picture, peers: Iterable[str]) -> dict[str, np.ndarray]:
    """256 bits each; of SIFT nothing: it is compared with its own photo only."""
    return {peer: _CODES[peer](image) for peer in peers if peer in _CODES}


def _pdq(image: Picture) -> np.ndarray:
    small = image.copy()
    small.thumbnail((512, 512), Image.Resampling.BOX)
    pixels = np.ascontiguousarray(np.asarray(small))
    try:
        import pdqhash

        bits: np.ndarray = pdqhash.compute(pixels)[0].astype(bool)
        return bits
    except ImportError:  # built from source only: ours is bit-identical to it, which the tests hold
        from monitor.fingerprints.hashes.pdq import hash_array

        return np.unpackbits(np.frombuffer(hash_array(pixels).code, np.uint8)).astype(bool)


def _phash(image: Picture) -> np.ndarray:
    import imagehash

    return np.ravel(imagehash.phash(image, hash_size=16).hash)


def _dhash(image: Picture) -> np.ndarray:
    import imagehash

    return np.ravel(imagehash.dhash(image, hash_size=16).hash)


_CODES = {"pdq": _pdq, "phash": _phash, "dhash": _dhash}
