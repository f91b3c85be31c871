"""One of several pictures in one."""

from functools import partial

from PIL import Image, ImageOps

from benchmarks.edits.canvas import RESAMPLE, Edit, Picture, Rng, covering, cut


def collage(rng: Rng, image: Picture, other: Picture, *, across: int, down: int, gap: int = 0) -> Picture:
    """One tile of several; the others show parts of another photo."""
    width, height = 360, 360
    sheet = Image.new("RGB", (across * width + (across - 1) * gap, down * height + (down - 1) * gap), "white")
    mine = int(rng.integers(0, across * down))
    for number in range(across * down):
        row, column = divmod(number, across)
        tile = ImageOps.mirror(other) if number % 2 else other
        tile = ImageOps.contain(image, (width, height)) if number == mine else covering(tile, (width, height))
        place = (column * (width + gap), row * (height + gap))
        sheet.paste(tile, (place[0] + (width - tile.width) // 2, place[1] + (height - tile.height) // 2))
    return sheet


def collage_cropped(rng: Rng, image: Picture, other: Picture, *, tile: tuple[int, int], down: int, gap: int) -> Picture:
    """One tile of a collage two across, every tile cropped to be filled, as apps make them."""
    width, height = tile
    sheet = Image.new("RGB", (2 * width + gap, down * height + (down - 1) * gap), "white")
    mine = int(rng.integers(0, 2 * down))
    for number in range(2 * down):
        row, column = divmod(number, 2)
        picture = image if number == mine else ImageOps.mirror(other) if number % 2 else other
        sheet.paste(covering(picture, tile), (column * (width + gap), row * (height + gap)))
    return sheet


def collage_filled(rng: Rng, image: Picture, other: Picture, *, vertical: bool) -> Picture:
    """The whole picture beside or above another one, no gap."""
    if vertical:
        below = covering(other, (image.width, round(image.height * 0.8)))
        sheet = Image.new("RGB", (image.width, image.height + below.height))
        order = (image, below) if rng.random() < 0.5 else (below, image)
        sheet.paste(order[0], (0, 0))
        sheet.paste(order[1], (0, order[0].height))
        return sheet
    beside = covering(other, (round(image.width * 0.8), image.height))
    sheet = Image.new("RGB", (image.width + beside.width, image.height))
    order = (image, beside) if rng.random() < 0.5 else (beside, image)
    sheet.paste(order[0], (0, 0))
    sheet.paste(order[1], (order[0].width, 0))
    return sheet


def pasted(rng: Rng, image: Picture, other: Picture, *, part: float, share: float) -> Picture:
    """The upper `part` of the picture pasted into another photo, at `share` of its width, anywhere."""
    piece = cut(image, 0, 0, 1, part)
    ground = covering(other, (640, 640) if rng.random() < 0.5 else (720, 540))
    width = round(share * ground.width)
    height = round(piece.height * width / piece.width)
    if height > ground.height:
        width, height = round(width * ground.height / height), ground.height
    place = int(rng.integers(0, ground.width - width + 1)), int(rng.integers(0, ground.height - height + 1))
    ground.paste(piece.resize((width, height), RESAMPLE), place)
    return ground


EDITS: dict[str, Edit] = {
    "beside another": partial(collage_filled, vertical=False),
    "above another": partial(collage_filled, vertical=True),
    "2 x 2": partial(collage, across=2, down=2),
    "2 x 2 with gaps": partial(collage, across=2, down=2, gap=8),
    "3 x 2": partial(collage, across=3, down=2),
    "2 x 2 cropped": partial(collage_cropped, tile=(400, 400), down=2, gap=0),
    "2 x 2 cropped, gaps": partial(collage_cropped, tile=(400, 400), down=2, gap=8),
    "two tall halves": partial(collage_cropped, tile=(450, 800), down=1, gap=0),
    "whole pasted 60": partial(pasted, part=1, share=0.6),
    "upper part pasted": partial(pasted, part=0.55, share=0.6),
}
