"""Pictures guessed from codes, as well as two cores can in an hour: what `inversion.py` measures.

A bit says whether a cosine coefficient of a box, or of what surrounds a point, lies above the median. Three attacks,
all fitted on the tuning half: a ridge regression from the bits of one box to its pixels; the likeliest picture under
the spectrum of ordinary photos for which all bits of all boxes and points agree (logistic loss, L-BFGS), which overlaps
them where they lie; and small networks that sharpen what those gave.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize  # type: ignore[import-untyped]  # it has no stubs

from monitor.fingerprints.hashes.pdq import COEFFICIENTS
from monitor.fingerprints.points.features import Points
from monitor.fingerprints.points.patches import CODED_CELLS
from monitor.fingerprints.regions.box_hashing import _axis
from monitor.fingerprints.regions.boxes import Box
from monitor.matching.point_index import places_of

Floats = NDArray[np.float32]
Numbers = NDArray[np.float64]
GRID = 64
"""Pixels a side of the picture that is guessed, squeezed to a square. A third of a side with 16 coefficients has 48."""
_ROUNDS = 80
_COSINES = np.array(
    [
        [np.sqrt(2 / CODED_CELLS) * np.cos(np.pi / (2 * CODED_CELLS) * i * (2 * j + 1)) for j in range(CODED_CELLS)]
        for i in range(1, COEFFICIENTS + 1)
    ]
)


def cosines(side: int) -> Numbers:
    """The orthonormal cosine transform of `side` samples, (side, side)."""
    rows = np.arange(side)[:, None]
    table = np.sqrt(2 / side) * np.cos(np.pi / (2 * side) * rows * (2 * np.arange(side) + 1))
    table[0] /= np.sqrt(2)
    return np.asarray(table, np.float64)


_D = cosines(GRID)


def bits_of(codes: NDArray[np.uint8]) -> Numbers:
    """(n, 16, 16) of -1 and 1 from (n, 32) bytes, the lowest coefficient first."""
    ones = np.unpackbits(codes.reshape(-1, 32), axis=1)[:, ::-1]
    return np.asarray(2.0 * ones.reshape(-1, COEFFICIENTS, COEFFICIENTS) - 1, np.float64)


def standard(image: Numbers) -> Numbers:
    """With mean 0 and spread 1: no code says how bright or how strong a picture is."""
    return np.asarray((image - image.mean()) / max(1e-6, float(image.std())), np.float64)


@dataclass(frozen=True, slots=True)
class Codes:
    """Boxes and points of one picture with their codes."""

    boxes: Sequence[Box]
    box_codes: NDArray[np.uint8]
    points: Points | None = None
    sides: tuple[int, int] = (1, 1)
    """Of the picture: points are placed by its longer side."""


@dataclass(frozen=True, slots=True)
class Prior:
    """What ordinary photos look like, and how sure a bit is."""

    power: Numbers
    """(GRID, GRID): mean squares of their cosine coefficients."""
    box_scale: Numbers
    point_scale: Numbers
    """(16, 16): usual sizes of the coefficients of boxes, and of what surrounds points."""
    weight: float = 1.0
    point_weight: float = 1.0
    """Of a bit, chosen on the tuning half: many boxes overlap, so their bits say less than as many of one."""


class _Seen:
    """The coefficients that codes tell of, as linear functions of a picture, and the way back."""

    def __init__(self, codes: Codes) -> None:
        table = np.array(codes.boxes, np.float64).reshape(-1, 4) * GRID
        self._rows = _axis(GRID, table[:, [1, 3]]).astype(np.float64)
        self._columns = _axis(GRID, table[:, [0, 2]]).astype(np.float64)
        self.boxes = bits_of(codes.box_codes)
        points = codes.points
        self.points = np.zeros((0, 16, 16))
        if points is not None and len(points):
            self.points = bits_of(np.array(points["code"]))
            self._place(points, codes.sides)

    def _place(self, points: Points, sides: tuple[int, int]) -> None:
        width, height = sides
        longer = max(sides)
        x, y, radius, angle = places_of(points).T
        step = (np.arange(CODED_CELLS) + 0.5) / CODED_CELLS * 2 - 1
        across, down = np.meshgrid(step, step)
        cosine, sine = (radius * np.cos(angle))[:, None, None], (radius * np.sin(angle))[:, None, None]
        at_x = (x[:, None, None] + cosine * across - sine * down) * longer / width * GRID - 0.5
        at_y = (y[:, None, None] + sine * across + cosine * down) * longer / height * GRID - 0.5
        at_x, at_y = np.clip(at_x, 0, GRID - 1.001), np.clip(at_y, 0, GRID - 1.001)
        left, top = np.floor(at_x).astype(np.intp), np.floor(at_y).astype(np.intp)
        right, low = at_x - left, at_y - top
        first = top * GRID + left
        self._cells = np.stack([first, first + 1, first + GRID, first + GRID + 1])
        self._shares = np.stack([(1 - right) * (1 - low), right * (1 - low), (1 - right) * low, right * low])

    def of(self, image: Numbers) -> tuple[Numbers, Numbers]:
        boxes = np.matmul(self._rows @ image, self._columns.transpose(0, 2, 1))
        if not len(self.points):
            return boxes, self.points
        around = (image.ravel()[self._cells] * self._shares).sum(axis=0)
        return boxes, _COSINES @ around @ _COSINES.T

    def back(self, boxes: Numbers, points: Numbers) -> Numbers:
        image = np.matmul(self._rows.transpose(0, 2, 1), boxes @ self._columns).sum(axis=0)
        if len(points):
            around = _COSINES.T @ points @ _COSINES
            spread = np.bincount(self._cells.ravel(), (self._shares * around[None]).ravel(), GRID * GRID)
            image = image + spread.reshape(GRID, GRID)
        return np.asarray(image, np.float64)


def likeliest(codes: Codes, prior: Prior) -> Numbers:
    """The picture (GRID x GRID, mean 0, spread 1) that the bits make likeliest."""
    seen = _Seen(codes)
    spread = np.sqrt(np.maximum(prior.power, 1e-9))

    def loss(flat: Numbers) -> tuple[float, Numbers]:
        image = _D.T @ (flat.reshape(GRID, GRID) * spread) @ _D
        boxes, points = seen.of(image)
        total, slopes = 0.5 * float(flat @ flat), []
        for value, bits, scale, weight in (
            (boxes, seen.boxes, prior.box_scale, prior.weight),
            (points, seen.points, prior.point_scale, prior.point_weight),
        ):
            margin = 2 * bits * value / scale
            total += weight * float(np.logaddexp(0, -margin).sum())
            slopes.append(-2 * weight * bits / scale / (1 + np.exp(np.clip(margin, -30, 30))))
        slope = _D @ seen.back(slopes[0], slopes[1]) @ _D.T * spread
        return total, flat + slope.ravel()

    found = minimize(loss, np.zeros(GRID * GRID), jac=True, method="L-BFGS-B", options={"maxiter": _ROUNDS})
    return standard(_D.T @ (found.x.reshape(GRID, GRID) * spread) @ _D)


def ridge(inputs: Numbers, targets: Numbers, strength: float) -> Numbers:
    """(k + 1, m): weights of k numbers and of 1 that tell m others best."""
    known = np.column_stack([inputs, np.ones(len(inputs))])
    square = known.T @ known
    square[np.diag_indices_from(square)] += strength * len(inputs)
    return np.asarray(np.linalg.solve(square, known.T @ targets), np.float64)


def told(inputs: Numbers, weights: Numbers) -> Numbers:
    """What `ridge` made of some."""
    return np.asarray(inputs @ weights[:-1] + weights[-1], np.float64)


class Network:
    """Two layers, trained by Adam on mean squares."""

    def __init__(self, inputs: int, hidden: int, outputs: int, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self._weights = [
            rng.normal(0, np.sqrt(2 / inputs), (inputs, hidden)).astype(np.float32),
            np.zeros(hidden, np.float32),
            (0.1 * rng.normal(0, np.sqrt(1 / hidden), (hidden, outputs))).astype(np.float32),
            np.zeros(outputs, np.float32),
        ]
        self._rng = rng

    def told(self, inputs: Floats) -> Floats:
        return self._forward(inputs.astype(np.float32))[1]

    def _forward(self, inputs: Floats) -> tuple[Floats, Floats]:
        first, first_bias, second, second_bias = self._weights
        hidden = np.maximum(inputs @ first + first_bias, 0)
        return hidden, hidden @ second + second_bias

    def fit(self, inputs: Floats, targets: Floats, *, epochs: int, batch: int = 128, rate: float = 1e-3) -> None:
        inputs, targets = inputs.astype(np.float32), targets.astype(np.float32)
        mean = [np.zeros_like(one) for one in self._weights]
        square = [np.zeros_like(one) for one in self._weights]
        step = 0
        for epoch in range(epochs):
            speed = rate * (1 - epoch / epochs)
            order = self._rng.permutation(len(inputs))
            for start in range(0, len(order) - batch + 1, batch):
                some = order[start : start + batch]
                hidden, out = self._forward(inputs[some])
                wrong = 2 * (out - targets[some]) / out.size * out.shape[1]
                lit = wrong @ self._weights[2].T * (hidden > 0)
                slopes = [inputs[some].T @ lit, lit.sum(axis=0), hidden.T @ wrong, wrong.sum(axis=0)]
                step += 1
                for number, slope in enumerate(slopes):
                    mean[number] += 0.1 * (slope - mean[number])
                    square[number] += 0.001 * (slope * slope - square[number])
                    size = np.sqrt(square[number] / (1 - 0.999**step)) + 1e-8
                    self._weights[number] -= speed * mean[number] / (1 - 0.9**step) / size


def surroundings(image: Numbers, side: int = 9) -> Floats:
    """(pixels, side * side + 2): what surrounds each pixel, and where it lies."""
    padded = np.pad(image, side // 2, mode="reflect")
    windows = np.lib.stride_tricks.sliding_window_view(padded, (side, side)).reshape(-1, side * side)
    down, across = (place.ravel() / len(image) - 0.5 for place in np.indices(image.shape))
    return np.column_stack([windows, across, down]).astype(np.float32)


def shrunk(image: Numbers, side: int) -> Numbers:
    """Area-averaged to side x side."""
    return np.asarray(cv2.resize(image, (side, side), interpolation=cv2.INTER_AREA), np.float64)


def enlarged(image: Numbers, side: int) -> Numbers:
    """As a viewer shows a thumbnail."""
    return np.asarray(cv2.resize(image, (side, side), interpolation=cv2.INTER_CUBIC), np.float64)
