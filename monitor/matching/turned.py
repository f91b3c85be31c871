"""The codes that a picture's turned copies have, told from its own code alone."""

import numpy as np
from numpy.typing import NDArray

from monitor.fingerprints.hashes.values import ORIENTATIONS

_SIDE = 16
_ODD = np.zeros((_SIDE, _SIDE), np.uint8)
_ODD[:, ::2] = 1
"""Coefficients whose sign a mirror changes: the first is of the lowest frequency, one."""


def turned(code: bytes) -> tuple[bytes, ...]:
    """The 32 bytes of a code in the 8 orientations, by their numbers.

    As near as bits can tell: a mirror changes a real picture's code by about 10 bits more (see hashes/pdq.py).
    """
    return tuple(one.tobytes() for one in all_turned(np.frombuffer(code, np.uint64).reshape(1, -1)))


def all_turned(codes: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The same of many codes, (n, 4) words: (8 n, 4), each code's 8 orientations after those of the one before."""
    bits = np.unpackbits(np.ascontiguousarray(codes).view(np.uint8), axis=1)
    upright = bits[:, ::-1].reshape(-1, _SIDE, _SIDE)  # the last coefficient is first
    found = []
    for orientation in range(len(ORIENTATIONS)):
        each = upright.transpose(0, 2, 1) if orientation & 4 else upright
        each = each ^ _ODD if orientation & 1 else each
        each = each ^ _ODD.T if orientation & 2 else each
        found.append(np.packbits(each.reshape(len(codes), -1)[:, ::-1], axis=1))
    return np.stack(found, axis=1).reshape(-1, codes.shape[1] * 8).view(np.uint64)
