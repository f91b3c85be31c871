"""Screens of one app: a chat, a part of it, a story. What matters is the picture in them; words and names are noise."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from benchmarks.edits.canvas import RESAMPLE, Picture, Rng, any_colour, cut, font, rounded_mask

WIDTH, HEIGHT = 720, 1440
WORDS = ("have you seen this", "lol", "who is it??", "send more", "she is from my school", "ok", "no way", "link pls")
Colour = tuple[int, int, int]


def chat(rng: Rng, image: Picture, _: Picture, *, dark: bool) -> Picture:
    """A chat in which the picture was sent: header, bubbles, the picture with round corners, an input line."""
    return chat_with_place(rng, image, dark=dark)[0]


def chat_with_place(rng: Rng, image: Picture, *, dark: bool) -> tuple[Picture, tuple[int, int, int, int]]:
    """The screen, and where in it the picture is."""
    ground, bubble, ink = _colours(rng, dark=dark)
    screen = Image.new("RGB", (WIDTH, HEIGHT), ground)
    draw = ImageDraw.Draw(screen)
    _header(rng, draw, ink, bubble)
    own = bool(rng.random() < 0.5)
    y = _bubbles(rng, draw, 150, int(rng.integers(1, 4)), bubble, ink)
    shown = _as_sent(image, round(WIDTH * rng.uniform(0.62, 0.78)), 700)
    x = WIDTH - shown.width - 20 if own else 76
    draw.rounded_rectangle((x - 6, y - 6, x + shown.width + 6, y + shown.height + 6), 22, fill=bubble)
    screen.paste(shown, (x, y), rounded_mask(shown.size, 18))
    draw.text((x + shown.width - 84, y + shown.height - 34), "21:07", fill="white", font=font(24))
    _bubbles(rng, draw, y + shown.height + 24, 6, bubble, ink)
    draw.rectangle((0, HEIGHT - 110, WIDTH, HEIGHT), fill=bubble)
    draw.rounded_rectangle((80, HEIGHT - 88, WIDTH - 90, HEIGHT - 32), 28, fill=ground, outline=ink)
    draw.text((110, HEIGHT - 76), "Message", fill=ink, font=font(26))
    return screen, (x, y, x + shown.width, y + shown.height)


def chat_part(rng: Rng, image: Picture, _: Picture, *, dark: bool, into: float) -> Picture:
    """A chat's screen, cropped about the picture; up to `into` of the picture's own sides go as well."""
    screen, (left, top, right, bottom) = chat_with_place(rng, image, dark=dark)
    width, height = right - left, bottom - top
    beside = rng.uniform(0, 1, 4)
    edges = (
        left + (into * width if beside[0] < 0.5 else -beside[0] * 0.5 * left),
        top - beside[1] * 0.45 * height,
        right + (-into * width if beside[2] < 0.5 else beside[2] * 0.5 * (WIDTH - right)),
        bottom + beside[3] * 0.45 * height,
    )
    return screen.crop((max(0, round(edges[0])), max(0, round(edges[1])), round(edges[2]), round(edges[3])))


def story(rng: Rng, image: Picture, _: Picture, *, large: bool) -> Picture:
    """A story: the picture on a gradient or its own blur, words and a sticker over it; `large`: its sides cut off."""
    size = (WIDTH, 1280)
    screen = _story_ground(rng, image, size)
    shown = cut(image, 0.06, 0, 0.88, 1) if large else image
    room = (size[0] if large else round(size[0] * rng.uniform(0.8, 1)), 960)
    shown = ImageOps.contain(shown, room, RESAMPLE)
    x, y = (size[0] - shown.width) // 2, round((size[1] - shown.height) * rng.uniform(0.35, 0.6))
    screen.paste(shown, (x, y), rounded_mask(shown.size, 0 if large else 20))
    draw = ImageDraw.Draw(screen)
    for part in range(4):
        draw.rounded_rectangle((12 + part * 176, 14, 178 + part * 176, 19), 2, fill=(255, 255, 255))
    draw.ellipse((20, 34, 84, 98), fill=any_colour(rng), outline="white", width=3)
    draw.text((100, 48), "some.body  3 h", fill="white", font=font(28))
    _label(rng, draw, (x, y, x + shown.width, y + shown.height))
    draw.rounded_rectangle((24, 1190, 560, 1256), 33, outline="white", width=3)
    draw.text((56, 1206), "Send message", fill="white", font=font(28))
    return screen


def _label(rng: Rng, draw: ImageDraw.ImageDraw, place: tuple[int, int, int, int]) -> None:
    """Words on a ground of their own, over the lower or the upper part of `place`."""
    left, top, right, bottom = place
    y = top + (bottom - top) * rng.choice((0.12, 0.72))
    x = left + (right - left) * rng.uniform(0.05, 0.35)
    words = str(rng.choice(WORDS))
    letters = font(44)
    draw.rounded_rectangle((x, y, x + letters.getlength(words) + 28, y + 64), 12, fill=any_colour(rng))
    draw.text((x + 14, y + 8), words, fill="white", font=letters)


def _story_ground(rng: Rng, image: Picture, size: tuple[int, int]) -> Picture:
    if rng.random() < 0.5:
        small = ImageOps.fit(image, (size[0] // 8, size[1] // 8)).filter(ImageFilter.GaussianBlur(6))
        return small.resize(size, Image.Resampling.BILINEAR)
    ends = np.array([any_colour(rng), any_colour(rng)], np.uint8)[:, None]
    return Image.fromarray(ends).resize(size, Image.Resampling.BILINEAR)


def _colours(rng: Rng, *, dark: bool) -> tuple[Colour, Colour, Colour]:
    shift = int(rng.integers(0, 16))
    if dark:
        return (14 + shift, 18 + shift, 22 + shift), (34 + shift, 44 + shift, 54 + shift), (228, 232, 236)
    return (240 - shift, 242 - shift, 235), (255, 255, 255), (24, 26, 30)


def _header(rng: Rng, draw: ImageDraw.ImageDraw, ink: Colour, bar: Colour) -> None:
    draw.rectangle((0, 0, WIDTH, 124), fill=bar)
    draw.text((26, 8), "9:41", fill=ink, font=font(24))
    draw.rectangle((650, 14, 694, 34), outline=ink, width=2)
    draw.ellipse((64, 50, 128, 114), fill=any_colour(rng))
    draw.text((146, 52), "somebody", fill=ink, font=font(30))
    draw.text((146, 88), "last seen recently", fill=ink, font=font(20))


def _bubbles(rng: Rng, draw: ImageDraw.ImageDraw, y: int, count: int, fill: Colour, ink: Colour) -> int:
    """Lines of words from `y` down; where the next thing may begin."""
    for _ in range(count):
        words, letters = str(rng.choice(WORDS)), font(28)
        width = letters.getlength(words) + 44
        x = WIDTH - width - 20 if rng.random() < 0.5 else 76
        draw.rounded_rectangle((x, y, x + width, y + 58), 22, fill=fill)
        draw.text((x + 22, y + 10), words, fill=ink, font=letters)
        y += 74
    return y


def _as_sent(image: Picture, width: int, most: int) -> Picture:
    height = round(image.height * width / image.width)
    if height <= most:
        return image.resize((width, height), RESAMPLE)
    return ImageOps.contain(image, (width, most), RESAMPLE)
