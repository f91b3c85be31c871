"""What is done to a copy before it is posted: edits in thirteen equally weighted families, the same for the same seed.

An edit takes a generator, the photo and another photo (to paste from or into) and gives an RGB picture, or bytes when
the encoding is the edit; it raises NoFace where it is about faces and the photo shows none. Most of the strengths are
those that the fingerprint research measured with, or those at which others' trials found copies missed.
"""

import zlib

import numpy as np

from benchmarks.edits import (
    chains,
    collages,
    cropping,
    cutouts,
    frames,
    geometry,
    grids,
    overlays,
    reencoding,
    regions,
    resizing,
    screens,
    tone,
)
from benchmarks.edits.canvas import RESAMPLE, Edit, Picture, Rng, covering, decoded, encode, encoded, within
from benchmarks.edits.cropping import cropped

__all__ = [
    "FAMILIES",
    "RESAMPLE",
    "Edit",
    "Picture",
    "Rng",
    "covering",
    "cropped",
    "decoded",
    "edited",
    "encode",
    "encoded",
    "number_of",
    "within",
]

FAMILIES: dict[str, dict[str, Edit]] = {
    "re-encode": reencoding.EDITS,
    "resize": resizing.EDITS,
    "tone": tone.EDITS,
    "geometry": geometry.EDITS,
    "crop": cropping.EDITS,
    "overlay": overlays.EDITS,
    "frame": frames.EDITS,
    "collage": collages.EDITS,
    "region edit": regions.EDITS,
    "chain": chains.EDITS,
    "cut-outs and swaps": cutouts.EDITS,
    "screens": screens.EDITS,
    "grids and chats": grids.EDITS,
}
"""Family -> edit's name -> edit."""


def edited(edit: Edit, photo: Picture, other: Picture, seed: tuple[int, ...]) -> bytes:
    """The file that is posted."""
    return encode(edit(np.random.default_rng(seed), photo, other))


def number_of(family: str, name: str) -> int:
    """An edit's own number for its seed: it stays when others are added before it."""
    return zlib.crc32(f"{family}: {name}".encode())
