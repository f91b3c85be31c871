"""imagehash's 64-bit pHash, bit-identical, without the scipy it loads: a decoder must start fast and stay small."""

import numpy as np
from PIL import Image

_SIZE = 32
_LOW = 8
_DCT = np.array([[2 * np.cos(np.pi * k * (2 * n + 1) / (2 * _SIZE)) for n in range(_SIZE)] for k in range(_LOW)])


def phash(image: Image.Image) -> bytes:
    """8 bytes, first bit first: which of the 8 x 8 lowest cosine coefficients of a 32 x 32 grey exceed their median."""
    grey = np.asarray(image.convert("L").resize((_SIZE, _SIZE), Image.Resampling.LANCZOS), np.float64)
    low = _DCT @ grey @ _DCT.T
    return np.packbits(low > np.median(low)).tobytes()
