"""SIFT and RANSAC: a bound for what can be found at all, by descriptors that can be turned back into the picture.

Nobody registers those: about 50 KB a photo, and the picture can be seen in them. Only with opencv-python-headless.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import ImageOps

from benchmarks.edits.canvas import Picture, within

SIDE = 900
"""Pixels of the long side at which keypoints are looked for."""
POINTS = 1500
RATIO = 0.75
"""Lowe's: the best fit must be this much nearer than the second."""
LEAST = 10
"""Keypoints that agree on one movement: fewer do so by chance."""


@dataclass(frozen=True, slots=True)
class Keypoints:
    """Places and descriptors of a picture's keypoints."""

    places: np.ndarray
    descriptors: Any


def keypoints(image: Picture) -> Keypoints:
    """At most POINTS of them."""
    import cv2

    grey = np.asarray(within(image, SIDE).convert("L"))
    found, descriptors = cv2.SIFT_create(POINTS).detectAndCompute(grey, None)
    return Keypoints(np.array([one.pt for one in found], np.float32).reshape(-1, 2), descriptors)


def both_ways(image: Picture) -> tuple[Keypoints, Keypoints]:
    """Of the picture and of its mirror image."""
    return keypoints(image), keypoints(ImageOps.mirror(image))


def is_copy(registered: tuple[Keypoints, ...], posted: Keypoints) -> bool:
    """Does one plane movement explain enough keypoints of one of them?"""
    return any(inliers(one, posted) >= LEAST for one in registered)


def inliers(one: Keypoints, other: Keypoints) -> int:
    """Keypoints that agree on the best movement."""
    import cv2

    if one.descriptors is None or other.descriptors is None or min(len(one.places), len(other.places)) < LEAST:
        return 0
    pairs = cv2.BFMatcher().knnMatch(one.descriptors, other.descriptors, k=2)
    good = [first for first, second in pairs if first.distance < RATIO * second.distance]
    if len(good) < LEAST:
        return 0
    here = one.places[[match.queryIdx for match in good]]
    there = other.places[[match.trainIdx for match in good]]
    cv2.setRNGSeed(1)
    _, fitting = cv2.findHomography(here, there, cv2.RANSAC, 4.0)
    return 0 if fitting is None else int(fitting.sum())
