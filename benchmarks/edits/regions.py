"""A part made anew."""

from functools import partial

from PIL import Image, ImageDraw, ImageFilter

from benchmarks.edits.canvas import Edit, Picture, Rng, covering
from benchmarks.edits.faces import likely_face, oval


def lower_replaced(_: Rng, image: Picture, other: Picture, *, share: float) -> Picture:
    """The lower `share` shows something else, softly joined."""
    mask = Image.new("L", image.size)
    edge = round(image.height * (1 - share))
    ImageDraw.Draw(mask).rectangle((0, edge, image.width, image.height), fill=255)
    return Image.composite(covering(other, image.size), image, mask.filter(ImageFilter.GaussianBlur(3)))


def body_replaced(rng: Rng, image: Picture, other: Picture, *, share: float) -> Picture:
    """What "nudify" tools do: a body-shaped `share` of the picture is made anew, face and surroundings stay."""
    width, height = image.size
    down = min(0.78, (share * 1.6) ** 0.5)
    across = min(0.96, share / (0.9 * down))
    centre = 0.5 + float(rng.uniform(-0.08, 0.08))
    box = ((centre - across / 2) * width, (1 - down) * height, (centre + across / 2) * width, 1.08 * height)
    mask = Image.new("L", image.size)
    ImageDraw.Draw(mask).rounded_rectangle(box, radius=0.25 * across * width, fill=255)
    return Image.composite(covering(other, image.size), image, mask.filter(ImageFilter.GaussianBlur(4)))


def ground_replaced(_: Rng, image: Picture, other: Picture) -> Picture:
    """The surroundings replaced, the middle kept."""
    width, height = image.size
    mask = Image.new("L", image.size, 255)
    ImageDraw.Draw(mask).ellipse((0.14 * width, 0.08 * height, 0.86 * width, 1.1 * height), fill=0)
    return Image.composite(covering(other, image.size), image, mask.filter(ImageFilter.GaussianBlur(4)))


def all_but_head_replaced(_: Rng, image: Picture, other: Picture, *, across: float) -> Picture:
    """The head stays where it is, all else is another picture."""
    left, top, right, bottom = likely_face(image).box(across, across * 0.6, across * 0.6)
    mask = Image.new("L", image.size)
    mask.paste(oval((right - left, bottom - top), (right - left) / 12), (left, top))
    return Image.composite(image, covering(other, image.size), mask)


EDITS: dict[str, Edit] = {
    "lower 30": partial(lower_replaced, share=0.3),
    "lower 50": partial(lower_replaced, share=0.5),
    "lower 70": partial(lower_replaced, share=0.7),
    "body 20": partial(body_replaced, share=0.2),
    "body 35": partial(body_replaced, share=0.35),
    "body 50": partial(body_replaced, share=0.5),
    "background": ground_replaced,
    "head and shoulders kept": partial(all_but_head_replaced, across=3),
    "head kept": partial(all_but_head_replaced, across=1.7),
}
