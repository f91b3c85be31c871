"""Photos in videos that others made, and other forms of registered videos: `video_kinds.py --photos DIR`.

A chat's screen that is scrolled, an inset over something that moves, a slideshow whose zoom moves, blurred sides, a
cross-fade; a clip cropped, framed in a page, or as an inset. Found is what the verdict on the whole video says; wrong
is a verdict on a photo or clip that is not in the video.
"""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # started as a script, it finds the project all the same

from benchmarks import reporting  # first: it keeps libraries to one core

# isort: split
import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from benchmarks.edits.canvas import RESAMPLE, Picture, Rng, covering, font
from benchmarks.edits.chats import chat_with_place
from benchmarks.recall_gallery import HALVES, MATCHERS, Photo, chosen, photos_of, registered
from benchmarks.recall_goals import Line
from benchmarks.video_clips import Scenery, encode
from monitor.fingerprints.hashes.values import MIN_QUALITY, HashedMedium
from monitor.fingerprints.media import hash_medium
from monitor.matching.verdict import judge
from monitor.matching.watch_set import Watched, WatchSet

FPS = 15
WIDE, TALL = (1280, 720), (720, 1280)
GOAL = 85.0
Kind = Callable[[Rng, Picture, Picture], Iterator[Picture]]


def chat_recording(rng: Rng, photo: Picture, __: Picture) -> Iterator[Picture]:
    """A chat scrolled past the picture, resting at it for a second and a half; the header stays."""
    screen, (_, top, _, bottom) = chat_with_place(rng, photo, dark=bool(rng.random() < 0.5))
    header = screen.crop((0, 0, screen.width, 124))
    words = screen.crop((0, bottom + 10, screen.width, bottom + 210))
    sheet = Image.new("RGB", (screen.width, 3 * screen.height))
    sheet.paste(screen.crop((4, 140, 5, 141)).resize(sheet.size))
    for y in (*range(140, screen.height - 220, 210), *range(2 * screen.height, 3 * screen.height - 220, 210)):
        sheet.paste(words, (0, y))
    sheet.paste(screen.crop((0, 124, screen.width, screen.height - 110)), (0, screen.height))
    middle = screen.height - 124 + (top + bottom) / 2
    rest = middle - TALL[1] / 2
    for number in range(6 * FPS):
        at = number / FPS
        away = min(0.0, at - 2.2) + max(0.0, at - 3.7)  # seconds from where it rests
        y = round(rest + 500 * away)
        frame = sheet.crop((0, y, TALL[0], y + TALL[1]))
        frame.paste(header, (0, 0))
        yield frame


def inset(rng: Rng, photo: Picture, other: Picture) -> Iterator[Picture]:
    """The picture in a corner, at a third of the width, over something that moves."""
    shown = ImageOps.contain(photo, (round(WIDE[0] * 0.34), round(WIDE[1] * 0.6)), RESAMPLE)
    x = 30 if rng.random() < 0.5 else WIDE[0] - shown.width - 30
    y = 30 if rng.random() < 0.5 else WIDE[1] - shown.height - 30
    for frame in _moving(other, 4):
        frame.paste(shown, (x, y))
        yield frame


def slideshow(rng: Rng, photo: Picture, other: Picture) -> Iterator[Picture]:
    """Two and a half seconds of each picture, zoomed into as it stands before its own blur."""
    for picture in (other, photo, ImageOps.mirror(other)):
        slide = _before_blur(picture, WIDE)
        end = rng.uniform(1.15, 1.3)
        to = rng.uniform(0.3, 0.7, 2)
        for number in range(round(2.5 * FPS)):
            zoom = 1 + (end - 1) * number / (2.5 * FPS)
            size = WIDE[0] / zoom, WIDE[1] / zoom
            left, top = (WIDE[0] - size[0]) * to[0], (WIDE[1] - size[1]) * to[1]
            box = (left, top, left + size[0], top + size[1])
            yield slide.resize(WIDE, Image.Resampling.BILINEAR, box)


def blurred_sides(_: Rng, photo: Picture, __: Picture) -> Iterator[Picture]:
    """The picture upright before its own blur; words run below."""
    slide = _before_blur(photo, TALL)
    for number in range(4 * FPS):
        frame = slide.copy()
        place = (700 - number * 14, TALL[1] - 120)
        ImageDraw.Draw(frame).text(place, "JOIN @channel FOR MORE", fill="white", font=font(48))
        yield frame


def cross_fade(_: Rng, photo: Picture, other: Picture) -> Iterator[Picture]:
    """From another picture to this one and back."""
    one, two = (covering(picture, photo.size).resize(_even(photo.size)) for picture in (other, photo))
    for number in range(4 * FPS):
        yield Image.blend(one, two, float(np.sin(np.pi * number / (4 * FPS))))


PHOTO_KINDS: dict[str, Kind] = {
    "chat recording": chat_recording,
    "inset": inset,
    "slideshow": slideshow,
    "blurred sides": blurred_sides,
    "cross-fade": cross_fade,
}


def cropped_clip(rng: Rng, frames: Sequence[Picture], area: float) -> Iterator[Picture]:
    """The same part of every frame."""
    side = area**0.5
    width, height = frames[0].size
    left, top = rng.uniform(0, 1 - side, 2) * (width, height)
    size = _even((round(width * side), round(height * side)))
    for frame in frames:
        yield frame.crop((round(left), round(top), round(left) + size[0], round(top) + size[1]))


def framed_clip(frames: Sequence[Picture]) -> Iterator[Picture]:
    """In an upright page with a title above and words below."""
    page = Image.new("RGB", TALL, (250, 250, 250))
    draw = ImageDraw.Draw(page)
    draw.text((40, 90), "MUST SEE", fill="black", font=font(90))
    for line in range(6):
        draw.text((40, 860 + 60 * line), "follow @channel for the whole", fill=(60, 60, 70), font=font(36))
    for frame in frames:
        made = page.copy()
        made.paste(frame.resize((640, 360), Image.Resampling.BILINEAR), (40, 320))
        yield made


def inset_clip(frames: Sequence[Picture], other: Picture) -> Iterator[Picture]:
    """In a corner of something else that moves."""
    for ground, frame in zip(_moving(other, len(frames) / FPS), frames, strict=False):
        ground.paste(frame.resize((448, 252), Image.Resampling.BILINEAR), (WIDE[0] - 478, 30))
        yield ground


def clip_kinds(rng: Rng, frames: Sequence[Picture], other: Picture) -> dict[str, Iterator[Picture]]:
    """Kind -> the frames of the copy."""
    return {
        "cropped clip 70": cropped_clip(rng, frames, 0.7),
        "cropped clip 50": cropped_clip(rng, frames, 0.5),
        "framed clip": framed_clip(frames),
        "inset clip": inset_clip(frames, other),
    }


def registered_clip(name: str, data: bytes) -> Watched:
    """A video as it is registered: every frame that tells something, and points of some."""
    video = hash_medium(data, closely=True)
    frames = [(still.at, still.views[0].hash) for still in video.stills if still.views[0].hash.quality >= MIN_QUALITY]
    rest = tuple((at, code.code) for at, code in frames[1:])
    return Watched(name, name, frames[0][1].code, "intimate", frames=rest, clip=video.clip)


def measure_kinds(folder: Path, half: str, count: int, seed: int) -> dict[str, Any]:
    """Tables of what is found of `count` photos and clips; the figures."""
    photos = photos_of(folder, half)
    some = [photos[place] for place in chosen(photos, count)]
    tally = _Tally()
    _of_photos(some, seed, tally)
    _of_clips(some, folder, seed, tally)
    goals = []
    for (kind, matcher), hits in tally.found.items():
        rate = 100 * float(np.mean(hits))
        goals.append(Line(f"video: {kind}, {matcher}", f">= {GOAL:g} %", f"{rate:.0f} %", len(hits), rate >= GOAL))
    goals.append(Line("video: wrong", "0", str(tally.wrong), tally.pairs, tally.wrong == 0))
    reporting.table(["goal", "shall be", "is", "n", "met"], [line.cells() for line in goals])
    spent = round(1e3 * tally.seconds / max(1, tally.frames), 1)
    reporting.table(["frames", "ms of processor each"], [(tally.frames, spent)])
    return {"goals": [asdict(line) for line in goals], "ms_a_frame": spent}


@dataclass(eq=False, slots=True)
class _Tally:
    found: dict[tuple[str, str], list[bool]] = field(default_factory=dict)
    wrong: int = 0
    pairs: int = 0
    frames: int = 0
    seconds: float = 0.0

    def inspected(self, data: bytes) -> HashedMedium:
        start = time.process_time()
        video = hash_medium(data)
        self.seconds += time.process_time() - start
        self.frames += len(video.frames)
        return video

    def judged(self, video: HashedMedium, kind: str, matcher: str, watch: WatchSet, mine: str) -> None:
        """`mine`: which of the watched is in the video."""
        names = {match.fingerprint_id for match in judge(video, watch)}
        self.found.setdefault((kind, matcher), []).append(mine in names)
        self.wrong += len(names - {mine})
        self.pairs += len(watch) - 1


def _of_photos(photos: Sequence[Photo], seed: int, tally: _Tally) -> None:
    watched = {
        matcher: [registered(str(number), one.picture(), matcher) for number, one in enumerate(photos)]
        for matcher in MATCHERS
    }
    for number, one in enumerate(photos):
        photo, other = one.picture(), photos[number - 1].picture()
        # What lies beside it in the video is in the video too, and no wrong.
        beside = str((number - 1) % len(photos))
        watches = {
            matcher: WatchSet([each for each in some if each.fingerprint_id != beside or beside == str(number)])
            for matcher, some in watched.items()
        }
        for kind, made in PHOTO_KINDS.items():
            data = encode(made(np.random.default_rng((seed, number)), photo, other), crf=28, fps=FPS)
            video = tally.inspected(data)
            for matcher, watch in watches.items():
                tally.judged(video, kind, matcher, watch, str(number))


def _of_clips(photos: Sequence[Photo], folder: Path, seed: int, tally: _Tally) -> None:
    count = max(1, len(photos) // 2)

    def clip(number: int) -> list[Picture]:
        return list(Scenery(folder, seed + number).frames(0, 8))[::2]

    watch = WatchSet([registered_clip(str(number), encode(clip(number), crf=23, fps=FPS)) for number in range(count)])
    for number in range(count):
        frames = clip(number)
        # begins and ends elsewhere than what was registered
        copies = clip_kinds(np.random.default_rng((seed, number)), frames[7:-8], photos[number].picture())
        for kind, copy in copies.items():
            tally.judged(tally.inspected(encode(copy, crf=28, fps=FPS)), kind, "clip", watch, str(number))


def _moving(other: Picture, seconds: float) -> Iterator[Picture]:
    wide = covering(other, (WIDE[0] * 5 // 4, WIDE[1] * 5 // 4))
    count = round(seconds * FPS)
    for number in range(count):
        left, top = (wide.width - WIDE[0]) * number // count, (wide.height - WIDE[1]) * number // count
        yield wide.crop((left, top, left + WIDE[0], top + WIDE[1]))


def _before_blur(picture: Picture, size: tuple[int, int]) -> Picture:
    ground = covering(picture, (size[0] // 8, size[1] // 8)).filter(ImageFilter.GaussianBlur(4))
    slide = ground.resize(size, Image.Resampling.BILINEAR)
    shown = ImageOps.contain(picture, size, RESAMPLE)
    slide.paste(shown, ((size[0] - shown.width) // 2, (size[1] - shown.height) // 2))
    return slide


def _even(size: tuple[int, int]) -> tuple[int, int]:
    return size[0] // 2 * 2, size[1] // 2 * 2


def main() -> None:
    parser = reporting.parser(__doc__ or "", photos=True)
    parser.add_argument("--half", choices=tuple(HALVES), default="held-out", help="(default: held-out)")
    parser.add_argument("--count", type=int, default=12, metavar="N", help="photos, and half as many clips")
    options = parser.parse_args()
    reporting.finish(measure_kinds(options.photos, options.half, options.count, options.seed))


if __name__ == "__main__":
    main()
