"""One small part of a screen: galleries, contact sheets, insets, chats, stories."""

from functools import partial

from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from benchmarks.edits.canvas import RESAMPLE, Edit, Picture, Rng, chain, covering, cut, font, rounded_mask
from benchmarks.edits.chats import chat, chat_part, story
from benchmarks.edits.cropping import cropped
from benchmarks.edits.reencoding import through_telegram


def gallery(rng: Rng, image: Picture, other: Picture, *, across: int, down: int) -> Picture:
    """A phone's gallery: square tiles, each picture cropped to fill its own, bars above and below."""
    tile, gap = 720 // across, int(rng.integers(2, 6))
    dark = bool(rng.random() < 0.5)
    ground, ink = ("black", "white") if dark else ("white", "black")
    sheet = Image.new("RGB", (across * (tile + gap) - gap, 96 + down * (tile + gap) + 84), ground)
    ImageDraw.Draw(sheet).text((24, 44), "Recents", fill=ink, font=font(34))
    mine = int(rng.integers(across * down))
    for number in range(across * down):
        picture = image if number == mine else something_of(rng, other)
        row, column = divmod(number, across)
        sheet.paste(covering(picture, (tile, tile)), (column * (tile + gap), 96 + row * (tile + gap)))
    return sheet


def contact_sheet(rng: Rng, image: Picture, other: Picture, *, across: int, down: int) -> Picture:
    """Whole pictures in cells with room around them, a file's name under each."""
    cell, room = 960 // across, 0.88
    dark = bool(rng.random() < 0.5)
    ground, ink = ((24, 24, 24), "white") if dark else ("white", "black")
    sheet = Image.new("RGB", (across * cell, down * (cell + 28)), ground)
    draw = ImageDraw.Draw(sheet)
    mine = int(rng.integers(across * down))
    for number in range(across * down):
        row, column = divmod(number, across)
        picture = image if number == mine else something_of(rng, other)
        shown = ImageOps.contain(picture, (round(room * cell),) * 2, RESAMPLE)
        x, y = column * cell + (cell - shown.width) // 2, row * (cell + 28) + (cell - shown.height) // 2
        sheet.paste(shown, (x, y))
        draw.text((column * cell + cell // 3, (row + 1) * (cell + 28) - 32), f"IMG_{number:04}", ink, font(18))
    return sheet


def inset(rng: Rng, image: Picture, other: Picture, *, share: float) -> Picture:
    """A small picture in a corner of another, at `share` of its width."""
    ground = covering(other, (1280, 720) if rng.random() < 0.5 else (720, 1080))
    width = round(share * ground.width)
    shown = ImageOps.contain(image, (width, round(ground.height * 0.6)), RESAMPLE)
    margin = round(0.03 * ground.width)
    x = margin if rng.random() < 0.5 else ground.width - shown.width - margin
    y = margin if rng.random() < 0.5 else ground.height - shown.height - margin
    if rng.random() < 0.5:
        ImageDraw.Draw(ground).rectangle((x - 3, y - 3, x + shown.width + 2, y + shown.height + 2), fill="white")
        ground.paste(shown, (x, y))
    else:
        ground.paste(shown, (x, y), rounded_mask(shown.size, 16))
    return ground


def something_of(rng: Rng, other: Picture) -> Picture:
    """Another picture for a tile: a part of `other`, in other light, mirrored or not."""
    side = rng.uniform(0.45, 0.7)
    left, top = rng.uniform(0, 1 - side, 2)
    part = cut(other, left, top, side, side)
    part = ImageEnhance.Color(ImageEnhance.Brightness(part).enhance(rng.uniform(0.6, 1.4))).enhance(rng.uniform(0, 2))
    return ImageOps.mirror(part) if rng.random() < 0.5 else part


_CROP_80: Edit = partial(cropped, area=0.8, centred=False)

EDITS: dict[str, Edit] = {
    "gallery 2 x 2": partial(gallery, across=2, down=2),
    "gallery 3 x 3": partial(gallery, across=3, down=3),
    "gallery 3 x 5": partial(gallery, across=3, down=5),
    "contact sheet 3 x 3": partial(contact_sheet, across=3, down=3),
    "contact sheet 4 x 4": partial(contact_sheet, across=4, down=4),
    "inset 40": partial(inset, share=0.4),
    "inset 28": partial(inset, share=0.28),
    "chat light": chain(partial(chat, dark=False), through_telegram),
    "chat dark": chain(partial(chat, dark=True), through_telegram),
    "chat cropped light": chain(partial(chat_part, dark=False, into=0), through_telegram),
    "chat cropped dark": chain(partial(chat_part, dark=True, into=0.05), through_telegram),
    "crop 80, chat": chain(_CROP_80, partial(chat, dark=False), through_telegram),
    "crop 80, chat cropped": chain(_CROP_80, partial(chat_part, dark=True, into=0), through_telegram),
    "story": chain(partial(story, large=False), through_telegram),
    "story large": chain(partial(story, large=True), through_telegram),
}
