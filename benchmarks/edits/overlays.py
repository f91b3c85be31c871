"""Something laid over it."""

from functools import partial

from PIL import Image, ImageDraw

from benchmarks.edits.canvas import Edit, Picture, Rng, covering, font, scaled


def stickered(rng: Rng, image: Picture, other: Picture, *, area: float, count: int = 1) -> Picture:
    """Round stickers over `area` of the picture in all."""
    image = image.copy()
    side = round((area / count * image.width * image.height) ** 0.5)
    sticker = covering(other, (side, side))
    mask = Image.new("L", (side, side))
    ImageDraw.Draw(mask).rounded_rectangle((0, 0, side - 1, side - 1), side // 4, fill=255)
    for _ in range(count):
        x, y = rng.integers(0, max(1, image.width - side)), rng.integers(0, max(1, image.height - side))
        image.paste(sticker, (int(x), int(y)), mask)
    return image


def bannered(rng: Rng, image: Picture, __: Picture) -> Picture:
    """A coloured strip with words across the top or the bottom."""
    image = image.copy()
    height = image.height // 8
    top = 0 if rng.random() < 0.5 else image.height - height
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, top, image.width, top + height), fill=tuple(int(v) for v in rng.integers(0, 256, 3)))
    draw.text((height // 3, top + height // 4), "JOIN @channel FOR MORE", fill="white", font=font(height * 0.5))
    return image


def watermarked(_: Rng, image: Picture, __: Picture, *, opacity: int = 110) -> Picture:
    """A name written across the whole picture, half seen through."""
    layer = Image.new("RGBA", image.size)
    draw = ImageDraw.Draw(layer)
    size = image.width / 14
    for row in range(int(image.height / size / 2) + 1):
        for column in range(3):
            place = (column * image.width * 0.4 - (row % 2) * size, row * size * 2)
            draw.text(place, "@channel", fill=(255, 255, 255, opacity), font=font(size))
    return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")


def captioned(_: Rng, image: Picture, __: Picture) -> Picture:
    """Large words with an outline, as on memes."""
    image = image.copy()
    draw, size = ImageDraw.Draw(image), image.height / 9
    for text, y in (("LOOK WHO", 0.02), ("IT IS", 0.86)):
        place = (image.width * 0.2, image.height * y)
        draw.text(place, text, fill="white", stroke_width=3, stroke_fill="black", font=font(size))
    return image


def barred(rng: Rng, image: Picture, __: Picture) -> Picture:
    """A black bar, as over eyes."""
    image = image.copy()
    width, height = image.width * 0.4, image.height * 0.08
    x, y = rng.uniform(0.1, 0.5) * image.width, rng.uniform(0.1, 0.6) * image.height
    ImageDraw.Draw(image).rectangle((x, y, x + width, y + height), fill="black")
    return image


def pixelated(rng: Rng, image: Picture, __: Picture, *, area: float) -> Picture:
    """A part made of coarse squares."""
    image = image.copy()
    side = area**0.5
    width, height = scaled(image, side, side)
    left, top = int(rng.integers(0, image.width - width + 1)), int(rng.integers(0, image.height - height + 1))
    part = image.crop((left, top, left + width, top + height)).resize((8, 8), Image.Resampling.BOX)
    image.paste(part.resize((width, height), Image.Resampling.NEAREST), (left, top))
    return image


EDITS: dict[str, Edit] = {
    "sticker 5 %": partial(stickered, area=0.05),
    "sticker 10 %": partial(stickered, area=0.1),
    "sticker 20 %": partial(stickered, area=0.2),
    "4 stickers 12 %": partial(stickered, area=0.12, count=4),
    "banner": bannered,
    "watermark": watermarked,
    "caption": captioned,
    "bar": barred,
    "pixelated 10 %": partial(pixelated, area=0.1),
}
