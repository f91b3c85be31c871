"""How many pairs of one app's screens with different photos come up for review. `app_screens.py --photos DIR`.

Twenty made-up screens of each kind are registered as they are, each in a case of its own and all in one, as who
refuses to cut the photo out; every other screen of the kind is posted. None is a copy of another. Also printed: of how
many the photo was told from its frame (`found`), how much of it (`overlap`, intersection over union), and how many
plain photos were taken for a screen.
"""

import sys
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # started as a script, it finds the project all the same

from benchmarks import reporting  # first: it keeps libraries to one core

# isort: split
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont, ImageOps

from benchmarks.edits import Picture, decoded, encoded, within
from monitor.fingerprints.hashes.values import HashedMedium
from monitor.fingerprints.image import hash_picture
from monitor.fingerprints.regions.boxes import SETS, Box
from monitor.fingerprints.regions.framing import framing_of
from monitor.matching.verdict import judge
from monitor.matching.watch_set import Watched, WatchSet

WIDTH, HEIGHT = 720, 1440
COUNT = 20
Rng = np.random.Generator
Place = tuple[int, int, int, int]
Screen = tuple[Picture, Place]
"""The screen, and where in it the photo is, in pixels."""
WORDS = ("did you see this", "who is it", "no way", "send more", "haha", "look at her", "where from", "last week", "ok")


def _text(
    draw: ImageDraw.ImageDraw, place: tuple[float, float], words: str, ink: str | tuple[int, ...], size: int
) -> None:
    draw.text(place, words, fill=ink, font=ImageFont.load_default(size))


def _bubble(draw: ImageDraw.ImageDraw, y: int, words: str, *, own: bool, fill: str, ink: str) -> None:
    width = 44 + round(ImageFont.load_default(28).getlength(words))
    x = WIDTH - width - 20 if own else 76
    draw.rounded_rectangle((x, y, x + width, y + 58), 22, fill=fill)
    _text(draw, (x + 22, y + 12), words, ink, 28)


def chat(rng: Rng, photo: Picture, *, dark: bool, same: bool = False) -> Screen:
    """A photo sent in a chat. `same`: the same words, and the photo cut to the same place."""
    ground, bubble, ink = ("#0e1621", "#182533", "white") if dark else ("#e6ebee", "white", "black")
    if same:
        rng = np.random.default_rng(1)
    screen = Image.new("RGB", (WIDTH, HEIGHT), ground)
    draw = ImageDraw.Draw(screen)
    draw.rectangle((0, 0, WIDTH, 120), fill=bubble)
    _text(draw, (28, 10), "9:41", ink, 24)
    draw.ellipse((64, 48, 124, 108), fill="#5599dd")
    _text(draw, (144, 50), "the group", ink, 30)
    _text(draw, (144, 86), "312 members", ink, 20)
    y = 150
    for _ in range(int(rng.integers(1, 4))):
        _bubble(draw, y, str(rng.choice(WORDS)), own=bool(rng.random() < 0.3), fill=bubble, ink=ink)
        y += 74
    width = round(WIDTH * float(rng.uniform(0.62, 0.78)))
    shown = ImageOps.fit(photo, (width, 560)) if same else ImageOps.contain(photo, (width, 700))
    x = 76
    draw.rounded_rectangle((x - 5, y - 5, x + shown.width + 5, y + shown.height + 5), 20, fill=bubble)
    screen.paste(shown, (x, y))
    below = y + shown.height + 24
    for _ in range(5):
        _bubble(draw, below, str(rng.choice(WORDS)), own=bool(rng.random() < 0.3), fill=bubble, ink=ink)
        below += 74
    draw.rectangle((0, HEIGHT - 110, WIDTH, HEIGHT), fill=bubble)
    draw.rounded_rectangle((80, HEIGHT - 90, WIDTH - 90, HEIGHT - 30), 28, fill=ground)
    _text(draw, (110, HEIGHT - 76), "Message", ink, 26)
    return screen, (x, y, x + shown.width, y + shown.height)


def story(rng: Rng, photo: Picture) -> Screen:
    """A story: the photo on a gradient or on its own blur, the app's bars above and below."""
    if rng.random() < 0.5:
        small = ImageOps.fit(photo, (90, 180)).filter(ImageFilter.GaussianBlur(6))
        screen = small.resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR)
    else:
        ends = np.array([rng.integers(0, 256, 3), rng.integers(0, 256, 3)], np.uint8)[:, None]
        screen = Image.fromarray(ends).resize((WIDTH, HEIGHT), Image.Resampling.BILINEAR)
    shown = ImageOps.contain(photo, (WIDTH, 1000))
    x, y = (WIDTH - shown.width) // 2, (HEIGHT - shown.height) // 2
    screen.paste(shown, (x, y))
    draw = ImageDraw.Draw(screen)
    for part in range(3):
        draw.rounded_rectangle((12 + part * 234, 20, 238 + part * 234, 26), 2, fill="white")
    draw.ellipse((24, 44, 92, 112), fill="#dd5577", outline="white", width=3)
    _text(draw, (110, 60), "some.body  3 h", "white", 28)
    draw.rounded_rectangle((24, HEIGHT - 100, 560, HEIGHT - 34), 33, outline="white", width=3)
    _text(draw, (56, HEIGHT - 84), "Send message", "white", 28)
    return screen, (x, y, x + shown.width, y + shown.height)


def post(rng: Rng, photo: Picture) -> Screen:
    """A post in a feed: the photo as wide as the screen, names and buttons above and below."""
    screen = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw = ImageDraw.Draw(screen)
    _text(draw, (28, 10), "9:41", "black", 24)
    draw.ellipse((20, 70, 80, 130), fill="#cc8844")
    _text(draw, (100, 84), "somebody", "black", 28)
    height = min(960, round(photo.height * WIDTH / photo.width))
    screen.paste(ImageOps.fit(photo, (WIDTH, height)), (0, 150))
    y = 150 + height + 24
    for x in (24, 90, 156):
        draw.ellipse((x, y, x + 36, y + 36), outline="black", width=3)
    for line in range(6):
        _text(draw, (24, y + 64 + 40 * line), " ".join(rng.choice(WORDS, 2)), "black", 24)
    return screen, (0, 150, WIDTH, 150 + height)


def letterbox(_: Rng, photo: Picture) -> Screen:
    """Black bars above and below, with the name of the app."""
    screen = Image.new("RGB", (WIDTH, HEIGHT), "black")
    shown = ImageOps.contain(photo, (WIDTH, 1100))
    x, y = (WIDTH - shown.width) // 2, (HEIGHT - shown.height) // 2
    screen.paste(shown, (x, y))
    _text(ImageDraw.Draw(screen), (WIDTH // 2 - 60, HEIGHT - 70), "@channel", "white", 30)
    return screen, (x, y, x + shown.width, y + shown.height)


def watermark(_: Rng, photo: Picture) -> Screen:
    """A channel's name across the whole photo."""
    shown = within(photo, 1280).copy()
    layer = Image.new("RGBA", shown.size)
    draw = ImageDraw.Draw(layer)
    size = shown.width // 9
    for row in range(shown.height // (2 * size) + 1):
        for column in range(3):
            _text(
                draw,
                (column * shown.width * 0.42 - (row % 2) * size, row * size * 2),
                "@channel",
                (255, 255, 255, 210),
                size,
            )
    return Image.alpha_composite(shown.convert("RGBA"), layer).convert("RGB"), (0, 0, *shown.size)


KINDS: dict[str, Callable[[Rng, Picture], Screen]] = {
    "chat, light": lambda rng, photo: chat(rng, photo, dark=False),
    "chat, dark": lambda rng, photo: chat(rng, photo, dark=True),
    "chat, same words and place": lambda rng, photo: chat(rng, photo, dark=False, same=True),
    "story": story,
    "post": post,
    "letterbox": letterbox,
    "heavy watermark": watermark,
}


def screens(kind: str, photos: Sequence[Picture], seed: int) -> list[Screen]:
    """One screen of this kind a photo."""
    return [KINDS[kind](np.random.default_rng((seed, number)), photo) for number, photo in enumerate(photos)]


def overlap(one: Sequence[float], other: Sequence[float]) -> float:
    """Intersection over union of two boxes."""
    width = max(0.0, min(one[2], other[2]) - max(one[0], other[0]))
    height = max(0.0, min(one[3], other[3]) - max(one[1], other[1]))
    both = width * height
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other))
    return both / (areas - both)


def in_pixels(box: Box, screen: Picture) -> list[float]:
    """A box of a picture of that size."""
    return [side * length for side, length in zip(box, (*screen.size, *screen.size), strict=True)]


def watched(hashed: Sequence[HashedMedium], *, one_case: bool) -> list[Watched]:
    """Each registered as it is."""
    return [
        Watched(str(number), "case" if one_case else str(number), one.whole.code, "intimate", regions=one.regions)
        for number, one in enumerate(hashed)
    ]


def wrong(hashed: Sequence[HashedMedium], *, one_case: bool) -> tuple[int, Counter[str]]:
    """Pairs of another screen that come up, and by what."""
    watch, reasons = WatchSet(watched(hashed, one_case=one_case)), Counter[str]()
    for number, one in enumerate(hashed):
        for match in judge(one, watch):
            if match.fingerprint_id != str(number):
                reasons[match.how.split(":")[1].split("(")[0] if match.view == "region" else match.view] += 1
    return sum(reasons.values()), reasons


def main() -> None:
    options = reporting.parser(__doc__ or "", photos=True).parse_args()
    paths = reporting.photos_in(options.photos)
    photos = [decoded(path.read_bytes()) for path in paths]
    chosen = photos[1 :: max(1, len(photos) // COUNT)][:COUNT]
    rows, figures = [], {}
    for kind in KINDS:
        made = screens(kind, chosen, options.seed)
        files = [encoded(screen, "JPEG", quality=85) for screen, _ in made]
        found = [framing_of(screen) for screen, _ in made]
        like = [
            max(overlap(in_pixels(box, screen), place) for box in one.boxes)
            for (screen, place), one in zip(made, found, strict=True)
            if one is not None
        ]
        row: dict[str, object] = {"found": len(like), "overlap": round(float(np.median(like)), 2) if like else 0.0}
        pairs = len(made) * (len(made) - 1)
        for set_name in SETS:
            hashed = [hash_picture(data, set_name) for data in files]
            for one_case in (False, True):
                count, reasons = wrong(hashed, one_case=one_case)
                row[f"{set_name}, {'one case' if one_case else 'apart'}, %"] = round(100 * count / pairs, 1)
                if count:
                    print(kind, set_name, "one case" if one_case else "apart", reasons.most_common(4))
        rows.append((kind, *row.values()))
        figures[kind] = row
    plain = sum(framing_of(photo) is not None for photo in photos)
    reporting.table(["kind", *next(iter(figures.values()))], rows)
    reporting.finish({"kinds": figures, "plain_taken_for_screens": plain, "photos": len(photos)})


if __name__ == "__main__":
    main()
