"""PDQ (Meta, "The TMK+PDQF Video-Hashing Algorithm and the PDQ Image-Hashing Algorithm", 2019) as matrix products.

PDQ blurs with two box filters, samples 64 x 64 points and keeps 16 x 16 cosine coefficients. All of that is linear and
separable, so a picture of h x w pixels becomes `K(h) @ luma @ K(w).T` with one 64-row matrix K a side; shrinking to
512 pixels by area beforehand is folded into K. Bit-identical to `pdqhash` on arrays of at most 512 pixels a side.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from monitor.fingerprints.hashes.values import Hash

Floats = NDArray[np.float32]

SIDE = 64
COEFFICIENTS = 16
LONG_SIDE = 512
"""Longest side in pixels that is hashed; larger pictures are area-averaged down to it (costs 0 to 2 bits)."""
MIN_SIDE = 5
"""Pictures narrower than this have no PDQ hash; pdqhash gives zero bits and quality 0."""
_BANDS = 8

COSINES: NDArray[np.float64] = np.array(
    [
        [np.sqrt(2 / SIDE) * np.cos(np.pi / (2 * SIDE) * (i + 1) * (2 * j + 1)) for j in range(SIDE)]
        for i in range(COEFFICIENTS)
    ]
)
_DCT: Floats = COSINES.astype(np.float32)


def target_size(width: int, height: int, longest: int = LONG_SIDE) -> tuple[int, int]:
    """Width and height after shrinking the longer side to `longest`; never enlarged, never below one pixel."""
    scale = longest / max(width, height)
    if scale >= 1:
        return width, height
    return max(1, round(width * scale)), max(1, round(height * scale))


def _box_filter(n: int) -> NDArray[np.float64]:
    """PDQ's one-dimensional box filter over n samples as an n x n matrix, edges averaged over what is there."""
    window = (n + 2 * SIDE - 1) // (2 * SIDE)
    right = (window + 2) // 2 - 1
    left = window - 1 - right
    index = np.arange(n)
    offset = index[None, :] - index[:, None]
    inside = (offset >= -left) & (offset <= right)
    weights: NDArray[np.float64] = inside / inside.sum(axis=1, keepdims=True)
    return weights


def _by_area(weights: NDArray[np.float64], n: int) -> NDArray[np.float64]:
    """Weights of m samples as weights of n >= m samples that are area-averaged to those m: each source sample gets
    what its share of the line holds. The difference of the running sum at its two edges, so no m x n matrix is made.
    """
    m = weights.shape[1]
    edges = np.arange(n + 1) * m / n
    before = np.minimum(edges.astype(np.intp), m - 1)
    sums = np.zeros((len(weights), m))
    np.cumsum(weights[:, :-1], axis=1, out=sums[:, 1:])
    running = weights[:, before]
    running *= edges - before
    running += sums[:, before]
    return np.diff(running, axis=1)


def _kernel(n: int, m: int) -> Floats:
    """128 x n: K, then K for the reversed line. Shrinks n samples to m, blurs twice, samples 64 centres."""
    blur = _box_filter(m)
    centres = ((np.arange(SIDE) + 0.5) * m / SIDE).astype(int)
    forward = blur[centres] @ blur
    if n != m:
        forward = _by_area(forward, n)
    # The centres are not symmetric, so a mirrored picture is more than a change of signs (10 bits, at worst 56).
    return np.ascontiguousarray(np.concatenate([forward, forward[:, ::-1]]), np.float32)


@dataclass(frozen=True, slots=True)
class _Band:
    """Rows of a kernel that weigh the same part of a line: all else in them is zero."""

    rows: NDArray[np.intp]
    start: int
    end: int
    weights: Floats
    """(rows, end - start)."""


@lru_cache(16)
def _bands(n: int, m: int) -> tuple[_Band, ...]:
    """The rows of _kernel, by what they weigh: a product with each band takes a sixth of the work of the whole."""
    kernel = _kernel(n, m)
    first, last = (kernel != 0).argmax(axis=1), n - (kernel[:, ::-1] != 0).argmax(axis=1)
    bands = []
    for rows in np.array_split(np.argsort(first, kind="stable"), _BANDS):
        start, end = int(first[rows].min()), int(last[rows].max())
        bands.append(_Band(rows, start, end, np.ascontiguousarray(kernel[rows, start:end])))
    return tuple(bands)


class Accumulator:
    """Takes a picture's luma in strips of rows and gives its hash in the 8 orientations. Memory: 128 x width floats."""

    def __init__(self, width: int, height: int) -> None:
        """`width` and `height` in pixels of the picture that will be fed."""
        across, down = target_size(width, height)
        # A ribbon of a million pixels has no hash either: nothing is made for it.
        self._tiny = min(across, down) < MIN_SIDE
        self._rows = () if self._tiny else _bands(height, down)
        self._columns = () if self._tiny else _bands(width, across)
        self._sum: Floats = np.zeros((2 * SIDE, 0 if self._tiny else width), np.float32)
        self._next = 0

    def feed(self, luma: Floats) -> None:
        """The next strip: float32 (rows, width), 0 to 255, luma = 0.299 R + 0.587 G + 0.114 B."""
        end = self._next + len(luma)
        for band in self._rows:
            first, last = max(band.start, self._next), min(band.end, end)
            if first < last:
                weights = band.weights[:, first - band.start : last - band.start]
                self._sum[band.rows] += weights @ luma[first - self._next : last - self._next]
        self._next = end

    def hashes(self) -> tuple[Hash, ...]:
        """8 hashes, by orientation number (see values.ORIENTATIONS): each that of the picture turned back."""
        if self._tiny:
            return (Hash(bytes(32), 0),) * 8
        both = np.empty((2 * SIDE, 2 * SIDE), np.float32)
        for band in self._columns:
            both[:, band.rows] = self._sum[:, band.start : band.end] @ band.weights.T
        # By flip: bit 0 left-right, bit 1 top-bottom.
        samples = both.reshape(2, SIDE, 2, SIDE).transpose(0, 2, 1, 3).reshape(4, SIDE, SIDE)
        upright = _DCT @ samples @ _DCT.T
        codes = codes_of(np.concatenate([upright, upright[_FLIPS_OF_TRANSPOSED].transpose(0, 2, 1)]))
        qualities = [quality(each) for each in samples]
        qualities += [qualities[flip] for flip in _FLIPS_OF_TRANSPOSED]
        return tuple(Hash(code.tobytes(), value) for code, value in zip(codes, qualities, strict=True))


_FLIPS_OF_TRANSPOSED = [0, 2, 1, 3]
"""Flipping the transposed picture left-right is transposing the picture flipped top-bottom."""


def quality(samples: Floats) -> int:
    """PDQ's quality, 0 to 100, of the 64 x 64 samples: how much their neighbours differ (gradient sum / 90)."""
    down = np.trunc(np.abs(samples[1:] - samples[:-1]) * 100 / 255).sum()
    across = np.trunc(np.abs(samples[:, 1:] - samples[:, :-1]) * 100 / 255).sum()
    return min(100, int((down + across) / 90))


def codes_of(coefficients: Floats) -> NDArray[np.uint8]:
    """uint8 (n, 32): which of n times 16 x 16 coefficients exceed their (lower) median, last coefficient first."""
    flat = coefficients.reshape(-1, COEFFICIENTS**2)[:, ::-1]
    return np.packbits(flat > np.partition(flat, 127, axis=1)[:, 127:128], axis=1)


def hash_array(rgb: NDArray[np.uint8]) -> Hash:
    """The upright hash of uint8 (height, width, 3), as `pdqhash.compute` gives it for at most 512 pixels a side."""
    accumulator = Accumulator(rgb.shape[1], rgb.shape[0])
    accumulator.feed(rgb.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32))
    return accumulator.hashes()[0]
