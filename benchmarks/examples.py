"""Made-up examples of what is found and what is not, in docs/pictures: `python -m benchmarks.examples [FOLDER]`.

The picture is painted by this program, and so is everything done to it; no photo of anybody is needed. Under each
stands what the matching said of it with the slim and the full set: the pictures and the words cannot drift apart.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # started as a script, it finds the project all the same

from benchmarks import reporting  # noqa: F401  # first: it keeps libraries to one core

# isort: split
import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageOps

from benchmarks.edits.canvas import Picture, encoded, font
from monitor.demo.world import paint
from monitor.fingerprints.image import hash_picture, register
from monitor.fingerprints.regions.boxes import SETS
from monitor.fingerprints.regions.codes import register_regions
from monitor.matching.verdict import Verdict, judge
from monitor.matching.watch_set import Watched, WatchSet

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
SIZE = (640, 800)
_PANEL, _GAP, _WORDS = (150, 150), 10, 34


def painted(seed: int, size: tuple[int, int] = SIZE) -> Picture:
    """A figure in a room that nobody ever saw."""
    rng = np.random.default_rng(seed)
    colours = paint.palette(rng)
    canvas = paint.lights(rng, paint.backdrop(rng, size[0] // 2, size[1] // 2, colours))
    return paint.finish(rng, paint.figure(rng, canvas, colours)).resize(size)


def _cut(share: float) -> Callable[[Picture, Picture], Picture]:
    def edit(photo: Picture, _: Picture) -> Picture:
        side = share**0.5
        width, height = round(photo.width * side), round(photo.height * side)
        left, top = (photo.width - width) // 2, (photo.height - height) // 4
        return photo.crop((left, top, left + width, top + height))

    return edit


def _turned(photo: Picture, _: Picture) -> Picture:
    wide = photo.rotate(9, Image.Resampling.BICUBIC)
    return wide.crop((80, 90, photo.width - 80, photo.height - 90))


def _chat(photo: Picture, _: Picture) -> Picture:
    page = Image.new("RGB", (540, 1080), (230, 226, 218))
    draw = ImageDraw.Draw(page)
    draw.rectangle((0, 0, 540, 90), fill=(60, 90, 120))
    draw.text((30, 28), "group of friends", fill="white", font=font(30))
    draw.rounded_rectangle((40, 740, 430, 820), 16, fill="white")
    draw.text((60, 764), "who is this?", fill=(40, 40, 40), font=font(26))
    page.paste(photo.resize((400, 500), Image.Resampling.LANCZOS), (40, 200))
    return page


def _grid(photo: Picture, other: Picture) -> Picture:
    sheet = Image.new("RGB", (960, 1200), "white")
    for number in range(9):
        shown = photo if number == 4 else painted(100 + number) if number % 2 else other
        tile = ImageOps.fit(shown, (312, 392), Image.Resampling.LANCZOS)
        sheet.paste(tile, (4 + number % 3 * 320, 4 + number // 3 * 400))
    return sheet


def _covered(photo: Picture, _: Picture) -> Picture:
    made = photo.copy()
    draw = ImageDraw.Draw(made)
    draw.rectangle((0, 560, 640, 800), fill=(190, 40, 60))
    draw.text((60, 640), "@channel", fill="white", font=font(90))
    return made


def _below_made_anew(photo: Picture, other: Picture) -> Picture:
    made = photo.copy()
    made.paste(other.crop((0, 440, 640, 800)), (0, 440))
    return made


def _mirrored(photo: Picture, _: Picture) -> Picture:
    return ImageEnhance.Color(ImageOps.mirror(photo)).enhance(0.3)


def _other_photo(_: Picture, __: Picture) -> Picture:
    return painted(31)


def _tiny(photo: Picture, other: Picture) -> Picture:
    made = other.resize((1280, 1600), Image.Resampling.BICUBIC)
    made.paste(photo.resize((40, 50), Image.Resampling.LANCZOS), (1100, 80))
    return made


def _scrap(photo: Picture, _: Picture) -> Picture:
    return photo.crop((40, 660, 130, 740)).resize((630, 560), Image.Resampling.BICUBIC)


def _negative(photo: Picture, _: Picture) -> Picture:
    return ImageOps.invert(photo)


EXAMPLES: dict[str, dict[str, Callable[[Picture, Picture], Picture]]] = {
    "found": {
        "mirrored, pale": _mirrored,
        "cut to a half": _cut(0.5),
        "turned and cut": _turned,
        "shown in a chat": _chat,
        "one of nine": _grid,
        "covered": _covered,
        "lower half new": _below_made_anew,
    },
    "missed": {
        "another photo": _other_photo,
        "very small": _tiny,
        "a scrap": _scrap,
        "a negative": _negative,
    },
}


@dataclass(frozen=True, slots=True)
class Example:
    """One picture and the sets that found it."""

    name: str
    picture: Picture
    found_by: tuple[str, ...]
    sure: bool
    """Confident, and not only for review."""


def examples(sheet: str) -> list[Example]:
    """Every example of a sheet, judged as a post is."""
    photo, other = painted(12), painted(13)
    own = register(hash_picture(encoded(photo, "JPEG", quality=90)))
    watches = {
        name: WatchSet([Watched(name, "case", own.code, "intimate", regions=register_regions(photo, name))])
        for name in SETS
    }
    made = []
    for name, edit in EXAMPLES[sheet].items():
        picture = edit(photo, other)
        hashed = hash_picture(encoded(picture, "JPEG", quality=85))
        verdicts = {set_name: judge(hashed, watch) for set_name, watch in watches.items()}
        sure = any(match.verdict is Verdict.CONFIDENT for found in verdicts.values() for match in found)
        made.append(Example(name, picture, tuple(set_name for set_name, found in verdicts.items() if found), sure))
    return made


def sheet_of(some: list[Example]) -> Picture:
    """The registered picture and the examples beside each other, with what was said of each."""
    panels = [("registered", painted(12), "")]
    panels += [(one.name, one.picture, " and ".join(one.found_by) or "not found") for one in some]
    columns = 4
    rows = -(-len(panels) // columns)
    width, height = _PANEL[0] + _GAP, _PANEL[1] + _WORDS + _GAP
    page = Image.new("RGB", (columns * width + _GAP, rows * height + _GAP), "white")
    draw = ImageDraw.Draw(page)
    for number, (name, picture, said) in enumerate(panels):
        left, top = _GAP + number % columns * width, _GAP + number // columns * height
        small = ImageOps.contain(picture, _PANEL, Image.Resampling.LANCZOS)
        page.paste(small, (left + (_PANEL[0] - small.width) // 2, top + (_PANEL[1] - small.height) // 2))
        draw.text((left, top + _PANEL[1] + 2), name, fill="black", font=font(13))
        draw.text(
            (left, top + _PANEL[1] + 18),
            said,
            fill=(30, 90, 60) if said != "not found" else (150, 40, 40),
            font=font(13),
        )
    return page.quantize(128, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for sheet in EXAMPLES:
        some = examples(sheet)
        sheet_of(some).save(folder / f"{sheet}.png", optimize=True)
        for one in some:
            print(f"{sheet}: {one.name}: {', '.join(one.found_by) or 'not found'}{' (sure)' if one.sure else ''}")


if __name__ == "__main__":
    main()
