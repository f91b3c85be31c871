"""What is done to a copy before it is posted: 70 edits in ten equally weighted families, the same for the same seed.

An edit takes a generator, the photo and another photo (to paste from or into) and gives an RGB picture, or bytes when
the encoding is the edit. The strengths are those that the fingerprint research measured with.
"""

import io
from collections.abc import Callable
from functools import partial

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

Rng = np.random.Generator
Picture = Image.Image
Edit = Callable[[Rng, Picture, Picture], Picture | bytes]
RESAMPLE = Image.Resampling.LANCZOS


def encode(result: Picture | bytes, quality: int = 85) -> bytes:
    """A picture as the JPEG it is posted as; bytes as they are."""
    return result if isinstance(result, bytes) else encoded(result, "JPEG", quality=quality)


def decoded(data: bytes) -> Picture:
    """The RGB picture in `data`."""
    return Image.open(io.BytesIO(data)).convert("RGB")


def encoded(image: Picture, kind: str, **options: object) -> bytes:
    """`image` as a file of Pillow's format `kind`."""
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def within(image: Picture, side: int) -> Picture:
    """Shrunk so that no side exceeds `side` pixels."""
    scale = side / max(image.size)
    return image if scale >= 1 else image.resize(_scaled(image, scale, scale), RESAMPLE)


def _scaled(image: Picture, across: float, down: float) -> tuple[int, int]:
    return max(8, round(image.width * across)), max(8, round(image.height * down))


def covering(image: Picture, size: tuple[int, int]) -> Picture:
    """`image` scaled and cut to fill `size`."""
    return ImageOps.fit(image, size, RESAMPLE)


# Re-encoding


def as_file(_: Rng, image: Picture, __: Picture, *, kind: str, quality: int) -> bytes:
    """Saved again."""
    return encoded(image, kind, quality=quality)


def as_palette(_: Rng, image: Picture, __: Picture) -> bytes:
    """64 colours, as a GIF."""
    return encoded(image.quantize(64), "GIF")


def through_telegram(_: Rng, image: Picture, __: Picture) -> bytes:
    """Telegram's photos: at most 1280 pixels, JPEG of about 80."""
    return encoded(within(image, 1280), "JPEG", quality=80)


def through_x(_: Rng, image: Picture, __: Picture) -> bytes:
    """X's medium size: at most 1200 pixels, JPEG of about 85 with halved colours."""
    return encoded(within(image, 1200), "JPEG", quality=85, subsampling=2)


def saved_four_times(_: Rng, image: Picture, __: Picture) -> Picture:
    """Passed on again and again, each time a little smaller."""
    for quality in (80, 70, 60, 50):
        image = decoded(encoded(image.resize(_scaled(image, 0.93, 0.93), RESAMPLE), "JPEG", quality=quality))
    return image


# Resizing


def to_side(_: Rng, image: Picture, __: Picture, *, side: int) -> Picture:
    """The long side made `side` pixels, up or down."""
    scale = side / max(image.size)
    return image.resize(_scaled(image, scale, scale), RESAMPLE)


def squeezed(_: Rng, image: Picture, __: Picture, *, across: float, down: float) -> Picture:
    """Width and height scaled apart."""
    return image.resize(_scaled(image, across, down), RESAMPLE)


# Tone


def enhanced(_: Rng, image: Picture, __: Picture, *, how: type[ImageEnhance._Enhance], factor: float) -> Picture:
    """Brightness, contrast or colour times `factor`."""
    return how(image).enhance(factor)  # type: ignore[call-arg]  # the base has no __init__ of its own


def gamma(_: Rng, image: Picture, __: Picture, *, exponent: float) -> Picture:
    """Each value raised to `exponent`."""
    return image.point([round(255 * (value / 255) ** exponent) for value in range(256)] * 3)


def greyed(_: Rng, image: Picture, __: Picture) -> Picture:
    """Black and white."""
    return image.convert("L").convert("RGB")


def filtered(_: Rng, image: Picture, __: Picture) -> Picture:
    """A warm, faded filter."""
    red, green, blue = image.split()
    warm = Image.merge("RGB", [red.point(lambda v: 30 + v * 0.85), green, blue.point(lambda v: v * 0.8)])
    return ImageEnhance.Contrast(warm).enhance(0.9)


def blurred(_: Rng, image: Picture, __: Picture, *, radius: float) -> Picture:
    """Out of focus; pixels at 500."""
    return image.filter(ImageFilter.GaussianBlur(radius * max(image.size) / 500))


def sharpened(_: Rng, image: Picture, __: Picture) -> Picture:
    """An unsharp mask."""
    return image.filter(ImageFilter.UnsharpMask(2, 200, 2))


def noisy(rng: Rng, image: Picture, __: Picture, *, deviation: float) -> Picture:
    """Grain; `deviation` in grey levels."""
    pixels = np.asarray(image, np.float32)
    return Image.fromarray((pixels + rng.normal(0, deviation, pixels.shape)).clip(0, 255).astype(np.uint8))


# Geometry


def transposed(_: Rng, image: Picture, __: Picture, *, how: Image.Transpose) -> Picture:
    """Mirrored or turned by a quarter."""
    return image.transpose(how)


def rotated(rng: Rng, image: Picture, __: Picture, *, degrees: float, zoomed: bool) -> Picture:
    """Turned a little, either way; the corners black, or cut off by zooming in."""
    angle = degrees * rng.choice((-1, 1))
    turned = image.rotate(angle, Image.Resampling.BICUBIC, expand=not zoomed)
    if not zoomed:
        return turned
    sine, cosine = np.sin(np.radians(degrees)), np.cos(np.radians(degrees))
    width, height = image.size
    keep = min(width / (width * cosine + height * sine), height / (width * sine + height * cosine))
    return _cut(turned, (1 - keep) / 2, (1 - keep) / 2, keep, keep)


def in_perspective(rng: Rng, image: Picture, __: Picture, *, share: float) -> Picture:
    """A screen photographed from aside: corners moved inwards by up to `share` of a side."""
    width, height = image.size
    moved = rng.uniform(0, share, (4, 2)) * (width, height)
    corners = np.array([(0, 0), (0, height), (width, height), (width, 0)], float)
    quad = corners + moved * np.array([(1, 1), (1, -1), (-1, -1), (-1, 1)])
    return image.transform(image.size, Image.Transform.QUAD, quad.ravel().tolist(), Image.Resampling.BICUBIC)


# Cropping


def _cut(image: Picture, left: float, top: float, across: float, down: float) -> Picture:
    width, height = image.size
    box = (left * width, top * height, (left + across) * width, (top + down) * height)
    return image.crop(tuple(map(round, box)))  # type: ignore[arg-type]  # four of them


def cropped(rng: Rng, image: Picture, __: Picture, *, area: float, centred: bool) -> Picture:
    """`area` of the picture kept, in its own shape; centred, or anywhere."""
    side = area**0.5
    left, top = ((1 - side) / 2,) * 2 if centred else rng.uniform(0, 1 - side, 2)
    return _cut(image, left, top, side, side)


def cropped_freely(rng: Rng, image: Picture, __: Picture, *, area: float) -> Picture:
    """`area` kept, in any shape, anywhere."""
    across = area ** rng.uniform(0.1, 0.9)
    down = area / across
    return _cut(image, rng.uniform(0, 1 - across), rng.uniform(0, 1 - down), across, down)


def cropped_square(rng: Rng, image: Picture, __: Picture) -> Picture:
    """A square, as feeds show pictures."""
    width, height = image.size
    side = min(width, height)
    offset = int(rng.integers(0, abs(width - height) + 1))
    left, top = (offset, 0) if width > height else (0, offset)
    return image.crop((left, top, left + side, top + side))


# Overlays


def _font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(max(8, size))


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
    draw.text((height // 3, top + height // 4), "JOIN @channel FOR MORE", fill="white", font=_font(height * 0.5))
    return image


def watermarked(_: Rng, image: Picture, __: Picture, *, opacity: int = 110) -> Picture:
    """A name written across the whole picture, half seen through."""
    layer = Image.new("RGBA", image.size)
    draw = ImageDraw.Draw(layer)
    size = image.width / 14
    for row in range(int(image.height / size / 2) + 1):
        for column in range(3):
            place = (column * image.width * 0.4 - (row % 2) * size, row * size * 2)
            draw.text(place, "@channel", fill=(255, 255, 255, opacity), font=_font(size))
    return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")


def captioned(_: Rng, image: Picture, __: Picture) -> Picture:
    """Large words with an outline, as on memes."""
    image = image.copy()
    draw, size = ImageDraw.Draw(image), image.height / 9
    for text, y in (("LOOK WHO", 0.02), ("IT IS", 0.86)):
        place = (image.width * 0.2, image.height * y)
        draw.text(place, text, fill="white", stroke_width=3, stroke_fill="black", font=_font(size))
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
    width, height = _scaled(image, side, side)
    left, top = int(rng.integers(0, image.width - width + 1)), int(rng.integers(0, image.height - height + 1))
    part = image.crop((left, top, left + width, top + height)).resize((8, 8), Image.Resampling.BOX)
    image.paste(part.resize((width, height), Image.Resampling.NEAREST), (left, top))
    return image


# Frames


def bordered(rng: Rng, image: Picture, __: Picture, *, share: float) -> Picture:
    """A border of one colour all around."""
    colour = tuple(int(v) for v in rng.integers(0, 256, 3))
    return ImageOps.expand(image, round(share * min(image.size)), colour)


def boxed(_: Rng, image: Picture, __: Picture, *, ratio: float) -> Picture:
    """Black bars above and below (or at the sides) up to the shape `ratio`, width by height."""
    width, height = image.size
    size = (width, round(width / ratio)) if width / height > ratio else (round(height * ratio), height)
    return ImageOps.pad(image, size, RESAMPLE, color="black")


def boxed_in_blur(_: Rng, image: Picture, __: Picture, *, ratio: float) -> Picture:
    """The same, with the picture itself, blurred, in place of the bars."""
    width, height = image.size
    size = (width, round(width / ratio)) if width / height > ratio else (round(height * ratio), height)
    ground = covering(image, size).filter(ImageFilter.GaussianBlur(max(size) / 30))
    ground.paste(image, ((size[0] - width) // 2, (size[1] - height) // 2))
    return ground


def polaroid(_: Rng, image: Picture, __: Picture) -> Picture:
    """A white frame with a wide lower edge and words on it."""
    edge = min(image.size) // 14
    framed = Image.new("RGB", (image.width + 2 * edge, image.height + 6 * edge), (248, 246, 240))
    framed.paste(image, (edge, edge))
    draw = ImageDraw.Draw(framed)
    draw.text((2 * edge, image.height + 2.5 * edge), "summer", fill=(60, 60, 80), font=_font(2 * edge))
    return framed


def screenshot(rng: Rng, image: Picture, _: Picture, *, dark: bool) -> Picture:
    """A phone's screen: status bar, the poster's name, the picture as wide as the screen, buttons, comments."""
    ground, ink = ((18, 18, 20), (230, 230, 235)) if dark else ((255, 255, 255), (25, 25, 30))
    width, height = 540, 1100
    screen = Image.new("RGB", (width, height), ground)
    draw = ImageDraw.Draw(screen)
    draw.text((20, 8), "9:41", fill=ink, font=_font(18))
    draw.rectangle((480, 12, 515, 26), outline=ink, width=2)
    draw.ellipse((16, 52, 60, 96), fill=tuple(int(v) for v in rng.integers(0, 256, 3)))
    draw.text((74, 62), "somebody · 2 h", fill=ink, font=_font(20))
    shown = image.resize((width, round(image.height * width / image.width)), RESAMPLE)
    if shown.height > 760:
        shown = shown.crop((0, 0, width, 760)) if shown.height < 800 else ImageOps.contain(shown, (width, 760))
    top = 112
    screen.paste(shown, ((width - shown.width) // 2, top))
    y = top + shown.height + 14
    for x in (20, 70, 120):
        draw.ellipse((x, y, x + 28, y + 28), outline=ink, width=3)
    for line in range(8):
        draw.text((20, y + 46 + 30 * line), "a comment " * int(rng.integers(1, 5)), fill=ink, font=_font(18))
    return screen


# Collages


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
    piece = _cut(image, 0, 0, 1, part)
    ground = covering(other, (640, 640) if rng.random() < 0.5 else (720, 540))
    width = round(share * ground.width)
    height = round(piece.height * width / piece.width)
    if height > ground.height:
        width, height = round(width * ground.height / height), ground.height
    place = int(rng.integers(0, ground.width - width + 1)), int(rng.integers(0, ground.height - height + 1))
    ground.paste(piece.resize((width, height), RESAMPLE), place)
    return ground


# Edited regions


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


# Chains


def chain(*edits: Edit) -> Edit:
    """One after another, each saved as a JPEG of 80 in between."""

    def chained(rng: Rng, image: Picture, other: Picture) -> Picture | bytes:
        result: Picture | bytes = image
        for edit in edits:
            result = edit(rng, image, other)
            image = decoded(encode(result, 80))
        return result

    return chained


_CROP_85 = partial(cropped, area=0.85, centred=False)
_MIRROR = partial(transposed, how=Image.Transpose.FLIP_LEFT_RIGHT)
_DARK = partial(screenshot, dark=True)

FAMILIES: dict[str, dict[str, Edit]] = {
    "re-encode": {
        "jpeg 70": partial(as_file, kind="JPEG", quality=70),
        "jpeg 30": partial(as_file, kind="JPEG", quality=30),
        "jpeg 15": partial(as_file, kind="JPEG", quality=15),
        "webp 40": partial(as_file, kind="WEBP", quality=40),
        "palette 64": as_palette,
        "telegram": through_telegram,
        "x": through_x,
        "saved four times": saved_four_times,
    },
    "resize": {
        "640": partial(to_side, side=640),
        "400": partial(to_side, side=400),
        "320": partial(to_side, side=320),
        "240": partial(to_side, side=240),
        "enlarged 1000": partial(to_side, side=1000),
        "squeezed 10 %": partial(squeezed, across=0.9, down=1),
        "stretched 20 %": partial(squeezed, across=1, down=1.2),
    },
    "tone": {
        "brighter": partial(enhanced, how=ImageEnhance.Brightness, factor=1.3),
        "darker": partial(enhanced, how=ImageEnhance.Brightness, factor=0.6),
        "contrast": partial(enhanced, how=ImageEnhance.Contrast, factor=1.5),
        "gamma 0.6": partial(gamma, exponent=0.6),
        "gamma 1.6": partial(gamma, exponent=1.6),
        "grey": greyed,
        "filter": filtered,
        "blur 2": partial(blurred, radius=2),
        "sharpened": sharpened,
        "noise 15": partial(noisy, deviation=15),
    },
    "geometry": {
        "mirror": _MIRROR,
        "rotate 90": partial(transposed, how=Image.Transpose.ROTATE_90),
        "rotate 180": partial(transposed, how=Image.Transpose.ROTATE_180),
        "rotate 2 zoomed": partial(rotated, degrees=2, zoomed=True),
        "rotate 5 zoomed": partial(rotated, degrees=5, zoomed=True),
        "rotate 5": partial(rotated, degrees=5, zoomed=False),
        "rotate 10": partial(rotated, degrees=10, zoomed=False),
        "perspective 5 %": partial(in_perspective, share=0.05),
    },
    "crop": {
        "centred 95": partial(cropped, area=0.95, centred=True),
        "centred 80": partial(cropped, area=0.8, centred=True),
        "centred 60": partial(cropped, area=0.6, centred=True),
        "off-centre 90": partial(cropped, area=0.9, centred=False),
        "off-centre 80": partial(cropped, area=0.8, centred=False),
        "off-centre 70": partial(cropped, area=0.7, centred=False),
        "off-centre 50": partial(cropped, area=0.5, centred=False),
        "free 85": partial(cropped_freely, area=0.85),
        "free 70": partial(cropped_freely, area=0.7),
        "square": cropped_square,
    },
    "overlay": {
        "sticker 5 %": partial(stickered, area=0.05),
        "sticker 10 %": partial(stickered, area=0.1),
        "sticker 20 %": partial(stickered, area=0.2),
        "4 stickers 12 %": partial(stickered, area=0.12, count=4),
        "banner": bannered,
        "watermark": watermarked,
        "caption": captioned,
        "bar": barred,
        "pixelated 10 %": partial(pixelated, area=0.1),
    },
    "frame": {
        "border 5 %": partial(bordered, share=0.05),
        "border 15 %": partial(bordered, share=0.15),
        "letterbox": partial(boxed, ratio=9 / 16),
        "pillarbox": partial(boxed, ratio=21 / 9),
        "blurred letterbox": partial(boxed_in_blur, ratio=9 / 16),
        "polaroid": polaroid,
        "screenshot light": partial(screenshot, dark=False),
        "screenshot dark": _DARK,
    },
    "collage": {
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
    },
    "region edit": {
        "lower 30": partial(lower_replaced, share=0.3),
        "lower 50": partial(lower_replaced, share=0.5),
        "lower 70": partial(lower_replaced, share=0.7),
        "body 20": partial(body_replaced, share=0.2),
        "body 35": partial(body_replaced, share=0.35),
        "body 50": partial(body_replaced, share=0.5),
        "background": ground_replaced,
    },
    "chain": {
        "watermark, crop, telegram": chain(watermarked, _CROP_85, through_telegram),
        "mirror, crop, jpeg 50": chain(_MIRROR, _CROP_85, partial(as_file, kind="JPEG", quality=50)),
        "telegram, screenshot": chain(through_telegram, _DARK),
        "watermark, crop, telegram, screenshot": chain(watermarked, _CROP_85, through_telegram, _DARK),
        "sticker, small, jpeg 40": chain(
            partial(stickered, area=0.08), partial(to_side, side=360), partial(as_file, kind="JPEG", quality=40)
        ),
        "body 20, mirror, telegram": chain(partial(body_replaced, share=0.2), _MIRROR, through_telegram),
        "crop, collage, jpeg 50": chain(
            _CROP_85, partial(collage_filled, vertical=False), partial(as_file, kind="JPEG", quality=50)
        ),
    },
}
"""Family -> edit's name -> edit."""


def edited(edit: Edit, photo: Picture, other: Picture, seed: tuple[int, ...]) -> bytes:
    """The file that is posted."""
    return encode(edit(np.random.default_rng(seed), photo, other))
