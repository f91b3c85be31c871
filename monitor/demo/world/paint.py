"""Painting photo-like pictures by rule: no camera, no person, no model. Same generator and seed, same picture.

A canvas is float32 (height, width, 3), 0 to 255, at half the final size; `finish` doubles it and adds grain.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Canvas = NDArray[np.float32]
Field = NDArray[np.float32]
Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class Palette:
    """Four colours of a scene, each three numbers from 0 to 255."""

    low: Field
    high: Field
    cloth: Field
    tone: Field


def palette(rng: Rng) -> Palette:
    """Colours that could stand in one picture."""
    base = rng.uniform(20, 235, 3)
    low = np.clip(base + rng.uniform(-90, 20, 3), 5, 250)
    high = np.clip(base + rng.uniform(-20, 110, 3), 5, 250)
    tone = np.array([200, 160, 135]) * rng.uniform(0.45, 1.15)
    return Palette(*(np.asarray(c, np.float32) for c in (low, high, rng.uniform(20, 230, 3), tone)))


def noise(rng: Rng, width: int, height: int, *, roughness: float = 0.62) -> Field:
    """Natural 1/f noise, float32 (height, width), mean 0, deviation 1: each octave finer by two and weaker."""
    field = rng.standard_normal((3, 3)).astype(np.float32)
    strength, side = 1.0, 3
    while side < max(width, height) // 2:
        side *= 2
        strength *= roughness
        field = _resize(field, side, side)
        field += strength * rng.standard_normal((side, side), np.float32)
    field = _resize(field, width, height)
    result: Field = (field - field.mean()) / (field.std() + 1e-6)
    return result


def backdrop(rng: Rng, width: int, height: int, colours: Palette) -> Canvas:
    """A gradient at some angle with clouds of noise in two colours."""
    across, down = _grid(width, height)
    angle = rng.uniform(0, 2 * np.pi)
    slope = 0.5 + 0.5 * (np.cos(angle) * (across - 0.5) + np.sin(angle) * (down - 0.5))
    clouds = noise(rng, width, height)
    mix = np.clip(slope + 0.33 * clouds, 0, 1)[..., None]
    canvas: Canvas = colours.low + (colours.high - colours.low) * mix
    canvas += 14 * noise(rng, width, height, roughness=0.85)[..., None]
    return canvas


def lights(rng: Rng, canvas: Canvas) -> Canvas:
    """Soft blobs, as lamps or leaves out of focus."""
    height, width = canvas.shape[:2]
    for _ in range(int(rng.integers(4, 9))):
        mask = _ellipse(width, height, rng.uniform(0, 1, 2), rng.uniform(0.04, 0.22, 2), rng.uniform(0.02, 0.12))
        _lay(canvas, rng.uniform(0, 255, 3), mask * rng.uniform(0.4, 0.9))
    return canvas


def figure(rng: Rng, canvas: Canvas, colours: Palette) -> Canvas:
    """A silhouette as in a portrait: shoulders, neck, head, hair; lit from one side, no face."""
    height, width = canvas.shape[:2]
    centre, size = rng.uniform(0.3, 0.7), rng.uniform(0.75, 1.25)
    top = rng.uniform(0.2, 0.42)
    aspect = height / width
    lean = rng.uniform(-0.06, 0.06)

    def part(x: float, y: float, wide: float, tall: float, colour: Field, texture: float) -> None:
        mask = _ellipse(width, height, (centre + x * size, top + y * size), (wide * size * aspect, tall * size), 0.006)
        light = 1 + 0.3 * noise(rng, width, height) * texture + _shade(width, rng.choice([-1.0, 1.0]))
        _lay(canvas, colour * light[..., None], mask)

    hair = colours.tone * rng.uniform(0.12, 0.6)
    part(lean, 0.03, 0.16, 0.2, hair, 0.9)
    part(lean * 0.2, 0.62, rng.uniform(0.3, 0.42), 0.4, colours.cloth, 1.0)
    part(0.0, 0.2, 0.06, 0.16, colours.tone * 0.85, 0.3)
    part(lean, 0.05, 0.115, 0.15, colours.tone, 0.4)
    if rng.random() < 0.7:
        part(lean, -0.08, 0.12, 0.07, hair, 0.9)
    return canvas


def hills(rng: Rng, canvas: Canvas) -> Canvas:
    """Ridges one behind the other, as in a landscape."""
    height, width = canvas.shape[:2]
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    for level in np.sort(rng.uniform(0.35, 0.95, int(rng.integers(2, 5)))):
        ridge = level + 0.12 * noise(rng, width, 8)[4][None, :] * rng.uniform(0.3, 1)
        mask = np.clip((down - ridge) * height / 3, 0, 1)
        texture = 1 + 0.25 * noise(rng, width, height, roughness=0.8)
        _lay(canvas, rng.uniform(10, 200, 3).astype(np.float32) * texture[..., None], mask)
    return canvas


def finish(rng: Rng, canvas: Canvas) -> Image.Image:
    """RGB at twice the canvas's size, with a sensor's grain."""
    height, width = canvas.shape[:2]
    small = Image.fromarray(np.clip(canvas, 0, 255).astype(np.uint8))
    large = np.asarray(small.resize((2 * width, 2 * height), Image.Resampling.BICUBIC), np.int16)
    grain = rng.integers(-5, 6, (2 * height, 2 * width, 1), np.int16)
    return Image.fromarray(np.clip(large + grain, 0, 255).astype(np.uint8))


def _resize(field: Field, width: int, height: int) -> Field:
    return np.array(Image.fromarray(field).resize((width, height), Image.Resampling.BICUBIC), np.float32)


def _grid(width: int, height: int) -> tuple[Field, Field]:
    return np.linspace(0, 1, width, dtype=np.float32)[None, :], np.linspace(0, 1, height, dtype=np.float32)[:, None]


def _ellipse(width: int, height: int, centre: "Pair", radius: "Pair", softness: float) -> Field:
    """A mask, 0 to 1; `centre`, `radius` and the `softness` of the rim as shares of the sides."""
    across, down = _grid(width, height)
    far = np.sqrt(((across - centre[0]) / radius[0]) ** 2 + ((down - centre[1]) / radius[1]) ** 2)
    mask: Field = np.clip((1 - far) * float(min(radius)) / softness + 0.5, 0, 1)
    return mask


def _shade(width: int, side: float) -> Field:
    across: Field = np.linspace(-0.35, 0.35, width, dtype=np.float32)[None, :] * np.float32(side)
    return across


def _lay(canvas: Canvas, colour: "Field | NDArray[np.float64]", mask: Field) -> None:
    """Only where the mask is: most of what is laid is small."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if len(rows) == 0:
        return
    place = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    paint = np.asarray(colour, np.float32)
    part = canvas[place]
    part += ((paint if paint.ndim == 1 else paint[place]) - part) * mask[place][..., None].astype(np.float32)


Pair = tuple[float, float] | NDArray[np.float64]
