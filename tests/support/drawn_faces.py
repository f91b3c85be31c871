"""Faces that nobody has, drawn so that a cascade takes them for faces: ovals, brows, eyes, a nose and a mouth."""

from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from monitor.demo.world.paint import backdrop, finish, hills, palette


def face(seed: int, side: int = 300) -> tuple[Image.Image, Image.Image]:
    """A head `side` pixels wide and 1.3 times as high, and the mask that it is cut out by."""
    rng = np.random.default_rng([77, seed])
    width, height = side, round(1.3 * side)
    skin = float(rng.integers(165, 225))
    head = Image.new("L", (width, height), int(skin))
    draw = ImageDraw.Draw(head)

    def at(x: float, y: float, w: float, h: float, grey: float) -> None:
        box = ((x - w) * width, (y - h) * height, (x + w) * width, (y + h) * height)
        draw.ellipse(box, fill=int(np.clip(grey, 0, 255)))

    def vary(value: float, by: float) -> float:
        return value + float(rng.uniform(-by, by))

    draw.rectangle((0, 0, width, vary(0.2, 0.04) * height), fill=int(rng.integers(20, 90)))  # hair
    apart, eyes = vary(0.2, 0.02), vary(0.45, 0.015)
    for sign in (-1, 1):
        at(0.5 + sign * apart, eyes + 0.02, 0.13, 0.055, skin - vary(55, 20))  # socket
        at(0.5 + sign * apart, eyes - vary(0.06, 0.01), vary(0.12, 0.02), vary(0.014, 0.006), vary(60, 30))  # brow
        at(0.5 + sign * apart, eyes + 0.01, vary(0.075, 0.01), 0.024, 235)
        at(0.5 + sign * vary(apart, 0.02), eyes + 0.01, 0.035, 0.024, vary(40, 25))
        at(0.5 + sign * vary(0.3, 0.03), vary(0.68, 0.03), vary(0.09, 0.03), vary(0.06, 0.02), skin + vary(12, 15))
    at(0.5 + vary(0, 0.02), 0.56, vary(0.05, 0.02), 0.1, skin + 22)
    at(0.5, vary(0.655, 0.01), vary(0.085, 0.02), 0.014, skin - vary(70, 25))
    at(0.5 + vary(0, 0.02), vary(0.78, 0.012), vary(0.15, 0.04), vary(0.026, 0.01), vary(95, 35))
    at(0.5, 0.87, 0.12, 0.02, skin - vary(30, 20))
    shade = np.linspace(vary(-25, 20), vary(25, 20), width)[None, :]
    noise = Image.fromarray((rng.uniform(0, 255, (24, 18))).astype(np.uint8)).resize((width, height), 3)
    lit = np.asarray(head.filter(ImageFilter.GaussianBlur(side / 70)), float) + shade
    lit += (np.asarray(noise, float) - 128) * 0.2
    mask = Image.new("L", (width, height))
    ImageDraw.Draw(mask).ellipse((2, 2, width - 3, height - 3), fill=255)
    grey = Image.fromarray(lit.clip(0, 255).astype(np.uint8))
    return Image.merge("RGB", [grey] * 3), mask.filter(ImageFilter.GaussianBlur(side / 60))


@lru_cache(64)
def portrait(seed: int, *, ground: int | None = None, share: float = 0.4) -> Image.Image:
    """The face of `seed`, `share` of the picture wide, before a landscape of its own or that of `ground`."""
    rng = np.random.default_rng([78, seed if ground is None else ground])
    colours = palette(rng)
    picture = finish(rng, hills(rng, backdrop(rng, 270, 360, colours))).convert("RGB")
    head, mask = face(seed)
    width = round(share * picture.width)
    size = width, round(width * head.height / head.width)
    place = (picture.width - width) // 2, picture.height // 2 - size[1] // 2
    picture.paste(head.resize(size), place, mask.resize(size))
    return picture
