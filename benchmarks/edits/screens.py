"""A screen or a print photographed from aside, and a screen recorded.

The camera is a pinhole: a plane tilted by so many degrees about an axis by chance, turned by up to half of it in the
picture, seen from about its own length away. Moire, uneven light, glare, a cast, grain and blur are the camera's.
"""

from functools import partial

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from benchmarks.edits.canvas import RESAMPLE, Edit, Picture, Rng, chain, covering, encoded, font, within
from benchmarks.edits.chats import chat, story
from benchmarks.edits.reencoding import through_telegram

LONG = 960
"""Pixels of the long side of what the camera gives."""


def screen_photographed(rng: Rng, image: Picture, other: Picture, *, degrees: float, close: bool = False) -> Picture:
    """The picture fills a screen within a dark edge; `close`: the edge, and some of the picture, are out of view."""
    shown = ImageOps.expand(image, round(0.03 * max(image.size)), (12, 12, 14))
    taken = tilted(rng, shown, other, degrees=degrees, fill=1.1 if close else rng.uniform(0.82, 0.95))
    return _as_taken(rng, _moire(rng, taken, strength=rng.uniform(5, 12)), glare=0.35)


def print_photographed(rng: Rng, image: Picture, other: Picture, *, degrees: float) -> Picture:
    """A print with a white edge, on a table."""
    paper = ImageOps.expand(ImageEnhance.Color(image).enhance(0.8), round(0.05 * max(image.size)), (244, 242, 236))
    return _as_taken(rng, tilted(rng, paper, other, degrees=degrees, fill=rng.uniform(0.8, 0.95)), glare=0.1)


def print_scanned(rng: Rng, image: Picture, _: Picture, *, degrees: float) -> Picture:
    """A print on a scanner: turned a little, paper around it, printed in dots, faded."""
    scale = 900 / max(image.size)
    big = image.resize((round(image.width * scale), round(image.height * scale)), RESAMPLE)
    pixels = np.asarray(ImageEnhance.Color(big).enhance(0.75), np.float32) * 0.86 + 26
    y, x = np.mgrid[0 : big.height, 0 : big.width].astype(np.float32)
    dots = np.sin((x + y) * 1.9) * np.sin((x - y) * 1.9)
    printed = Image.fromarray((pixels + 9 * dots[..., None]).clip(0, 255).astype(np.uint8))
    left, top, right, bottom = (int(side) for side in rng.integers(30, 90, 4))
    sheet = ImageOps.expand(printed, (left, top, right, bottom), (243, 242, 238))
    return sheet.rotate(degrees * rng.choice((-1, 1)), Image.Resampling.BICUBIC, fillcolor=(243, 242, 238))


def tilted(rng: Rng, plane: Picture, other: Picture, *, degrees: float, fill: float) -> Picture:
    """`plane` as a camera sees it that looks at it from aside, before a blurred part of `other`."""
    wide = plane.width >= plane.height
    size = (LONG, LONG * 3 // 4) if wide else (LONG * 3 // 4, LONG)
    corners = _seen(rng, plane.size, degrees)
    middle, spread = (corners.min(0) + corners.max(0)) / 2, np.ptp(corners, axis=0)
    # `fill` of 1: as large as the camera's picture holds; above 1 something is out of view on every side
    scale = (max if fill > 1 else min)(size[0] / spread[0], size[1] / spread[1]) * fill
    placed = (corners - middle) * scale + np.array(size) / 2
    matrix = _projective(placed, plane.size)
    room = covering(other, (size[0] // 8, size[1] // 8)).filter(ImageFilter.GaussianBlur(2))
    room = ImageEnhance.Brightness(room).enhance(rng.uniform(0.3, 0.8)).resize(size, Image.Resampling.BILINEAR)
    seen = plane.transform(size, Image.Transform.PERSPECTIVE, matrix, Image.Resampling.BICUBIC)
    whole = Image.new("L", plane.size, 255).transform(size, Image.Transform.PERSPECTIVE, matrix)
    return Image.composite(seen, room, whole)


def _seen(rng: Rng, size: tuple[int, int], degrees: float) -> np.ndarray:
    """Where the four corners are on the camera's plane, in lengths of the plane's longer side."""
    about = rng.uniform(0, 2 * np.pi)
    tilt, roll = np.radians(degrees), np.radians(degrees * rng.uniform(-0.5, 0.5))
    x, y = (np.array(size) / max(size) / 2).tolist()
    points = np.array([(-x, -y, 0), (-x, y, 0), (x, y, 0), (x, -y, 0)])
    axis = np.array([np.cos(about), np.sin(about), 0])
    along = points @ axis
    turned = points * np.cos(tilt) + np.cross(axis, points) * np.sin(tilt)
    turned += axis * along[:, None] * (1 - np.cos(tilt))
    distance = rng.uniform(0.9, 1.5)
    flat = turned[:, :2] / (1 + turned[:, 2:] / distance)
    cosine, sine = np.cos(roll), np.sin(roll)
    seen: np.ndarray = flat @ np.array([(cosine, sine), (-sine, cosine)])
    return seen


def _projective(placed: np.ndarray, size: tuple[int, int]) -> list[float]:
    """Pillow's eight numbers: from a point of the taken picture to one of the plane."""
    width, height = size
    rows, wanted = [], []
    for (u, v), (x, y) in zip(placed, ((0, 0), (0, height), (width, height), (width, 0)), strict=True):
        rows += [(u, v, 1, 0, 0, 0, -x * u, -x * v), (0, 0, 0, u, v, 1, -y * u, -y * v)]
        wanted += [x, y]
    return [float(one) for one in np.linalg.solve(np.array(rows, float), np.array(wanted, float))]


def _moire(rng: Rng, image: Picture, *, strength: float) -> Picture:
    """Waves where the screen's points and the camera's meet, other for each colour; `strength` in grey levels."""
    width, height = image.size
    across = np.linspace(-0.5, 0.5, width, dtype=np.float32)[None, :]
    down = np.linspace(-0.5, 0.5, height, dtype=np.float32)[:, None]
    bend = (across**2 + down**2) * np.float32(rng.uniform(-40, 40))
    pixels = np.asarray(image, np.float32).copy()
    for colour in range(3):
        period, about = rng.uniform(5, 16), rng.uniform(0, np.pi)
        turns = 2 * np.pi / period
        along = across * np.float32(width * np.cos(about)) + down * np.float32(height * np.sin(about))
        pixels[..., colour] += np.float32(strength) * np.sin((along + bend) * np.float32(turns))
    return Image.fromarray(pixels.clip(0, 255).astype(np.uint8))


def _as_taken(rng: Rng, image: Picture, *, glare: float) -> Picture:
    """Uneven light, a reflection, a cast, a soft lens and grain."""
    across = np.linspace(0, 1, image.width, dtype=np.float32)[None, :]
    down = np.linspace(0, 1, image.height, dtype=np.float32)[:, None]
    about = rng.uniform(0, 2 * np.pi)
    slope = (across - 0.5) * np.float32(np.cos(about)) + (down - 0.5) * np.float32(np.sin(about))
    light = 1 + np.float32(rng.uniform(0.2, 0.5)) * slope
    spot = np.exp(-(((across - rng.random()) / 0.25) ** 2)) * np.exp(-(((down - rng.random()) / 0.2) ** 2))
    spot *= np.float32(glare * rng.random())
    grain = 5 * rng.standard_normal((image.height, image.width), np.float32)
    cast = rng.uniform(0.88, 1.1, 3).astype(np.float32)
    # light and reflection together: p * light + (255 - p * light) * spot
    factor, added = light * (1 - spot), 255 * spot + grain
    pixels = np.asarray(image.filter(ImageFilter.GaussianBlur(0.9)), np.float32)
    seen = (pixels * factor[..., None] + added[..., None].astype(np.float32)) * cast
    return Image.fromarray(seen.clip(0, 255).astype(np.uint8))


def phone_recorded(rng: Rng, image: Picture, _: Picture) -> bytes:
    """A frame of a phone's recording: a viewer's bars over the picture on black, badly encoded."""
    screen = Image.new("RGB", (720, 1440))
    shown = ImageOps.contain(image, screen.size, RESAMPLE)
    screen.paste(shown, (0, (screen.height - shown.height) // 2))
    draw = ImageDraw.Draw(screen)
    draw.rounded_rectangle((24, 10, 120, 44), 17, fill=(220, 40, 40))
    draw.text((40, 10), "21:07", fill="white", font=font(24))
    draw.text((40, 70), "<   somebody", fill="white", font=font(32))
    draw.line((40, 1360, 680, 1360), fill=(120, 120, 120), width=4)
    at = int(rng.integers(40, 660))
    draw.ellipse((at, 1350, at + 20, 1370), fill="white")
    return encoded(within(screen.filter(ImageFilter.GaussianBlur(0.8)), 1000), "JPEG", quality=35)


def desktop_recorded(rng: Rng, image: Picture, other: Picture) -> bytes:
    """A frame of a desktop's recording: a viewer's window over another one, a cursor on it, badly encoded."""
    screen = covering(other, (1280, 720)).copy()
    shown = ImageOps.contain(image, (720, 520), RESAMPLE)
    left, top = int(rng.integers(40, 1240 - shown.width)), int(rng.integers(60, 700 - shown.height))
    draw = ImageDraw.Draw(screen)
    draw.rectangle((left - 2, top - 36, left + shown.width + 1, top + shown.height + 1), fill=(45, 45, 50))
    draw.text((left + 12, top - 32), "IMG_2041.jpg", fill="white", font=font(20))
    screen.paste(shown, (left, top))
    x, y = left + rng.uniform(0.2, 0.8) * shown.width, top + rng.uniform(0.2, 0.8) * shown.height
    draw.polygon([(x, y), (x, y + 26), (x + 18, y + 18)], fill="white", outline="black")
    draw.rectangle((0, 684, 1280, 720), fill=(30, 32, 38))
    return encoded(screen.filter(ImageFilter.GaussianBlur(0.6)), "JPEG", quality=40)


_SCREEN_6: Edit = partial(screen_photographed, degrees=6)

EDITS: dict[str, Edit] = {
    **{f"screen at {degrees}": partial(screen_photographed, degrees=degrees) for degrees in (3, 6, 8)},
    "screen at 3, close": partial(screen_photographed, degrees=3, close=True),
    **{f"print at {degrees}": partial(print_photographed, degrees=degrees) for degrees in (3, 6, 8)},
    "print scanned": partial(print_scanned, degrees=1),
    "print scanned, askew": partial(print_scanned, degrees=3),
    "screen at 6, telegram": chain(_SCREEN_6, through_telegram),
    "story, screen at 3": chain(partial(story, large=False), partial(screen_photographed, degrees=3)),
    "chat, screen at 6": chain(partial(chat, dark=False), _SCREEN_6),
    "recorded on a phone": phone_recorded,
    "recorded on a desktop": desktop_recorded,
}
