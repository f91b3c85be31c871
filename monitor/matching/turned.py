"""The codes that a picture's turned copies have, told from its own code alone."""

import numpy as np

from monitor.fingerprints.hashes.values import ORIENTATIONS

_SIDE = 16
_ODD = np.zeros((_SIDE, _SIDE), np.uint8)
_ODD[:, ::2] = 1
"""Coefficients whose sign a mirror changes: the first is of the lowest frequency, one."""


def turned(code: bytes) -> tuple[bytes, ...]:
    """The 32 bytes of a code in the 8 orientations, by their numbers.

    As near as bits can tell: a mirror changes a real picture's code by about 10 bits more (see hashes/pdq.py).
    """
    upright = np.unpackbits(np.frombuffer(code, np.uint8))[::-1].reshape(_SIDE, _SIDE)  # the last coefficient is first
    found = []
    for orientation in range(len(ORIENTATIONS)):
        bits = upright.T if orientation & 4 else upright
        bits = bits ^ _ODD if orientation & 1 else bits
        bits = bits ^ _ODD.T if orientation & 2 else bits
        found.append(np.packbits(bits.ravel()[::-1]).tobytes())
    return tuple(found)
