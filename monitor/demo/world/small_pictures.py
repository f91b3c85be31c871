"""Small pictures for the demo's first day: patches of colour, painted in a moment, each with hashes of its own."""

import hashlib
import io

import numpy as np
from PIL import Image

from monitor.demo.world.edits import EDITS, jpeg
from monitor.fingerprints.hashes.phash import phash
from monitor.fingerprints.hashes.values import Hash, HashedMedium
from monitor.fingerprints.image import views_of

_SIZE = (240, 180)


def painted(seed: int, number: int) -> bytes:
    """A picture as a JPEG file. Of one seed no two look alike."""
    return jpeg(_canvas(seed, number), 92)


def edited(seed: int, number: int, edit: str) -> bytes:
    """The same as somebody posts it, by one of EDITS."""
    return EDITS[edit](np.random.default_rng([seed, 8, number]), _canvas(seed, number))


def hash_of(data: bytes) -> Hash:
    """What a person's browser would make of their picture."""
    return hashed(data).whole


def hashed(data: bytes) -> HashedMedium:
    """What the decoder keeps of a picture that is whole: without its boxes, which nothing here is compared by."""
    with Image.open(io.BytesIO(data)) as image:
        upright = image.convert("RGB")
    sha256 = hashlib.sha256(data).hexdigest()
    return HashedMedium(*upright.size, "JPEG", sha256, views_of(upright), phash(upright), size=len(data))


def _canvas(seed: int, number: int) -> Image.Image:
    rng = np.random.default_rng([seed, 7, number])
    patches = rng.integers(0, 256, (7, 9, 3), dtype=np.uint8)
    return Image.fromarray(patches).resize(_SIZE, Image.Resampling.BICUBIC)
