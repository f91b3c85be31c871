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
LEAST_SCALE = 0.08
"""A picture that is shown smaller than this has no keypoints left."""
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
    # many keypoints that fit one and the same would agree on a movement that shrinks all to that point
    once = {tuple(other.places[match.trainIdx].round().tolist()): match for match in good}.values()
    if len(once) < LEAST:
        return 0
    here = one.places[[match.queryIdx for match in once]]
    there = other.places[[match.trainIdx for match in once]]
    cv2.setRNGSeed(1)
    movement, fitting = cv2.findHomography(here, there, cv2.RANSAC, 4.0)
    if movement is None or not _sensible(movement, here[fitting.ravel() > 0]):
        return 0
    return int(fitting.sum())


def _sensible(movement: np.ndarray, places: np.ndarray) -> bool:
    """Whether a camera could have seen it: not turned inside out, nowhere stretched, squeezed or shrunk much."""
    x, y = places.mean(0)
    weight = movement[2] @ (x, y, 1.0)
    seen = (movement[:2] @ (x, y, 1.0)) / weight
    slopes = (movement[:2, :2] - np.outer(seen, movement[2, :2])) / weight
    large, small = np.linalg.svd(slopes, compute_uv=False)
    return bool(np.linalg.det(slopes) > 0 and small > LEAST_SCALE and large < 1.8 * small)
