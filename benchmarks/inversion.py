"""What could be guessed of a photo from its fingerprint: `inversion.py --photos DIR`.

Each set of codes is attacked as benchmarks.inversion_attack says, everything fitted on the tuning half. On the held-out
half: how like the photo the guess is (correlation and structural similarity at 16 and 32 pixels a side, brightness and
contrast given for free), which of all photos of that half it resembles most, and of how many pixels a thumbnail would
be as like. Of points also what is guessed of the surroundings of each: there they tell more than the picture's size.
"""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # started as a script, it finds the project all the same

from benchmarks import reporting  # first: it keeps libraries to one core

# isort: split
import cv2
import numpy as np
from PIL import Image
from scipy.ndimage import uniform_filter  # type: ignore[import-untyped]  # it has no stubs

from benchmarks.edits.canvas import Picture
from benchmarks.inversion_attack import (
    GRID,
    Codes,
    Network,
    Numbers,
    Prior,
    bits_of,
    cosines,
    enlarged,
    likeliest,
    ridge,
    shrunk,
    standard,
    surroundings,
    told,
)
from benchmarks.recall_gallery import Photo, chosen, photos_of
from monitor.fingerprints.cut_outs.boxes import JITTER, face_within
from monitor.fingerprints.cut_outs.codes import register_cut_out
from monitor.fingerprints.hashes.pdq import codes_of
from monitor.fingerprints.points.features import REGISTERED_SIDE, Points, grey_of
from monitor.fingerprints.points.patches import CODED_CELLS, CODED_SIGMAS, patches, pyramid
from monitor.fingerprints.regions.box_hashing import Boxes, plane_of
from monitor.fingerprints.regions.boxes import WHOLE, Box, SetName
from monitor.fingerprints.regions.codes import Regions, register_regions
from monitor.matching.point_index import places_of

SIDES = (16, 32)
THUMBNAILS = (4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)
KINDS = ("one PDQ", "slim, boxes", "slim", "full, boxes", "full")
FACE = "cut-out (the face in the box)"
WEIGHTS = (0.3, 1.0, 3.0)
"""Of a bit: those that are tried."""
_CROPS = 40
"""Of each tuning photo, to learn from for one code."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be guessed, GRID x GRID and standard, and the codes of each kind."""

    truth: Numbers
    codes: dict[str, Codes]


def target_of(image: Picture) -> Target:
    """A photo with everything that may be registered of it."""
    full, slim = (register_regions(image, name) for name in ("full", "slim"))
    whole = codes_of(_coefficients(plane_of(image), [WHOLE]))
    codes = {
        "one PDQ": Codes([WHOLE], whole),
        "slim, boxes": _codes(slim, points=False),
        "slim": _codes(slim),
        "full, boxes": _codes(full, points=False),
        "full": _codes(full),
    }
    return Target(_square(image), codes)


def face_of(image: Picture) -> Target | None:
    """The face in a cut-out's box, where one is found: the square that its boxes cover."""
    cut_out = register_cut_out(image, "auto")
    if cut_out is None:
        return None
    left, top, right, bottom = (
        side * (image.width if number % 2 == 0 else image.height) for number, side in enumerate(cut_out.box)
    )
    face = face_within((left, top, right, bottom))
    boxes = np.array([face.coded(*JITTER[number]) for number in cut_out.numbers])
    low, high = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    part = image.crop((round(low[0]), round(low[1]), round(high[0]), round(high[1])))
    within = (boxes - np.tile(low, 2)) / np.tile(high - low, 2)
    return Target(_square(part), {FACE: Codes([tuple(box) for box in within.tolist()], cut_out.table)})


def _codes(regions: Regions, *, points: bool = True) -> Codes:
    boxes = [regions.layout[number].box for number in regions.numbers]
    return Codes(boxes, regions.table, regions.points if points else None, (regions.width, regions.height))


def _square(image: Picture) -> Numbers:
    grey = np.asarray(image.convert("L").resize((GRID, GRID), Image.Resampling.BOX), np.float64)
    return standard(grey)


def _coefficients(plane: np.ndarray, boxes: Sequence[Box]) -> np.ndarray:
    return Boxes(plane.shape[1], plane.shape[0], boxes).coefficients(plane)


def likeness(guess: Numbers, truth: Numbers, side: int) -> tuple[float, float]:
    """Correlation and structural similarity of two standard pictures, at side x side."""
    one, other = standard(shrunk(guess, side)), standard(shrunk(truth, side))
    return float((one * other).mean()), _similarity(one, other)


def _similarity(one: Numbers, other: Numbers) -> float:
    """SSIM in windows of 7, on a scale of six spreads from dark to bright."""
    small, smaller = (0.01 * 6) ** 2, (0.03 * 6) ** 2

    def mean(image: Numbers) -> Numbers:
        return np.asarray(uniform_filter(image, 7), np.float64)

    a, b = mean(one), mean(other)
    spread = mean(one * one) - a * a + mean(other * other) - b * b
    both = mean(one * other) - a * b
    return float((((2 * a * b + small) * (2 * both + smaller)) / ((a * a + b * b + small) * (spread + smaller))).mean())


class Attack:
    """What was learned on the tuning half."""

    def __init__(self, targets: Sequence[Target], faces: Sequence[Target], pictures: Sequence[Picture], seed: int):
        spectrum = cosines(GRID)
        truths = [one.truth for one in targets]
        power = np.mean([(spectrum @ truth @ spectrum.T) ** 2 for truth in truths], axis=0)
        self.prior = _weighed(_scaled(power, targets, pictures), targets)
        self._face_prior = self.prior
        if faces:
            face_power = np.mean([(spectrum @ one.truth @ spectrum.T) ** 2 for one in faces], axis=0)
            # Few faces: a little of all photos keeps what they happen to lack from counting as impossible.
            self._face_prior = replace(self.prior, power=0.7 * face_power + 0.3 * power)
        self._bits, self._one_code = _one_code(pictures, seed)
        self._sharpening = {kind: self._trained(kind, targets, seed) for kind in KINDS}
        if faces:
            self._sharpening[FACE] = self._trained(FACE, faces, seed)

    def guesses(self, kind: str, codes: Codes) -> dict[str, Numbers]:
        """By each attack, 32 x 32."""
        made: dict[str, Any] = {"likeliest": self._likeliest(kind, codes)}
        made["likeliest, then network"] = self._sharpening[kind].told(surroundings(made["likeliest"])).reshape(32, 32)
        if kind == "one PDQ":
            bits = bits_of(codes.box_codes).reshape(1, -1)
            made["ridge"] = told(bits, self._bits).reshape(32, 32)
            made["network"] = self._one_code.told(bits.astype(np.float32)).reshape(32, 32)
        return {name: standard(np.asarray(guess, np.float64)) for name, guess in made.items()}

    def _likeliest(self, kind: str, codes: Codes) -> Numbers:
        return standard(shrunk(likeliest(codes, self._face_prior if kind == FACE else self.prior), 32))

    def _trained(self, kind: str, targets: Sequence[Target], seed: int) -> Network:
        inputs, wanted = [], []
        for one in targets:
            guess, truth = self._likeliest(kind, one.codes[kind]), standard(shrunk(one.truth, 32))
            for step in (1, -1):
                inputs.append(surroundings(guess[:, ::step]))
                wanted.append(truth[:, ::step].reshape(-1, 1).astype(np.float32))
        network = Network(inputs[0].shape[1], 48, 1, seed)
        network.fit(np.concatenate(inputs), np.concatenate(wanted), epochs=6, batch=256)
        return network


def _weighed(prior: Prior, targets: Sequence[Target]) -> Prior:
    """With the weights by which a few photos of the tuning half are guessed best from everything."""
    tried = [replace(prior, weight=weight, point_weight=weight * times) for weight in WEIGHTS for times in (1, 3)]

    def like(one: Prior) -> float:
        some = [likeness(likeliest(target.codes["full"], one), target.truth, 32)[0] for target in targets[:10]]
        return float(np.mean(some))

    return max(tried, key=like)


def _scaled(power: Numbers, targets: Sequence[Target], pictures: Sequence[Picture]) -> Prior:
    boxes, points = [], []
    for target, image in zip(targets[:20], pictures[:20], strict=True):
        plane = np.asarray(enlarged(target.truth, 256), np.float32)
        boxes.append(_coefficients(plane, target.codes["full, boxes"].boxes))
        found = target.codes["full"].points
        if found is not None and len(found):
            around, _ = surrounding(image, found)
            spread = around.std(axis=(1, 2), keepdims=True)
            table = cosines(CODED_CELLS)[1:17]
            points.append(table @ ((around - around.mean(axis=(1, 2), keepdims=True)) / spread) @ table.T)
    sizes = [np.sqrt((np.concatenate(some) ** 2).mean(axis=0)) for some in (boxes, points)]
    return Prior(power, sizes[0].astype(np.float64), sizes[1].astype(np.float64))


def _one_code(pictures: Sequence[Picture], seed: int) -> tuple[Numbers, Network]:
    """From the bits of one code to 32 x 32, learned from crops of the tuning photos, mirrored too."""
    rng = np.random.default_rng(seed)
    bits, pixels = [], []
    for image in pictures:
        grey = image.convert("L")
        for number in range(_CROPS):
            side = 1.0 if number < 2 else rng.uniform(0.5, 1)
            left, top = rng.uniform(0, 1 - side, 2) * grey.size
            box = (left, top, left + side * grey.width, top + side * grey.height)
            part = np.asarray(grey.resize((GRID, GRID), Image.Resampling.BOX, box), np.float32)
            part = part[:, ::-1] if number % 2 else part
            bits.append(bits_of(codes_of(_coefficients(np.ascontiguousarray(part), [WHOLE]))).ravel())
            pixels.append(standard(shrunk(part.astype(np.float64), 32)).ravel())
    known, wanted = np.array(bits), np.array(pixels)
    network = Network(known.shape[1], 384, wanted.shape[1], seed)
    network.fit(known.astype(np.float32), wanted.astype(np.float32), epochs=12)
    return ridge(known, wanted, 0.05), network


def surrounding(image: Picture, points: Points, side: int = REGISTERED_SIDE) -> tuple[np.ndarray, np.ndarray]:
    """float32 (n, 32, 32) around registered points, in a plane that has no more detail than one of `side` pixels; and
    each one's radius in shares of the longer side."""
    plane = grey_of(image, REGISTERED_SIDE)
    if side < REGISTERED_SIDE:
        small = grey_of(image, side)
        enlarged_to = cv2.resize(small, plane.shape[::-1], interpolation=cv2.INTER_CUBIC)
        plane = np.asarray(enlarged_to, np.float32)
    longer = max(plane.shape)
    table = places_of(points)
    radius = table[:, 2].copy()
    table[:, :2] = table[:, :2] * longer - 0.5
    table[:, 2] *= longer / CODED_SIGMAS
    return patches(pyramid(plane), table, table[:, 3], cells=CODED_CELLS, sigmas=CODED_SIGMAS), radius


def measure_points(tuning: Sequence[Picture], held: Sequence[Picture], set_name: SetName) -> dict[str, Any]:
    """What one point's code tells of its surroundings: correlation at 16 x 16 of a guess by ridge, and of thumbnails of
    the whole photo."""

    def learned(pictures: Sequence[Picture]) -> tuple[Numbers, Numbers, list[tuple[Picture, Points]]]:
        bits, around, found = [], [], []
        for image in pictures:
            points = register_regions(image, set_name).points
            if len(points):
                bits.append(bits_of(np.array(points["code"])).reshape(len(points), -1))
                around.append(_patches(image, points))
                found.append((image, points))
        return np.concatenate(bits), np.concatenate(around), found

    known, wanted, _ = learned(tuning)
    weights = ridge(known, wanted, 0.05)
    bits, truth, found = learned(held)
    figures: dict[str, Any] = {"guess": _mean_correlation(told(bits, weights), truth)}
    for side in THUMBNAILS:
        seen = np.concatenate([_patches(image, points, side) for image, points in found])
        figures[f"thumbnail {side}"] = _mean_correlation(seen, truth)
    radii = np.concatenate([places_of(points)[:, 2] for _, points in found])
    figures["width of what is told, % of the longer side"] = round(200 * float(np.median(radii)), 1)
    figures["as a thumbnail of"] = _alike(figures["guess"], lambda side: figures[f"thumbnail {side}"])
    return figures


def _patches(image: Picture, points: Points, side: int = REGISTERED_SIDE) -> Numbers:
    around, _ = surrounding(image, points, side)
    small = around.reshape(len(around), 16, 2, 16, 2).mean(axis=(2, 4)).reshape(len(around), -1).astype(np.float64)
    spread = small.std(axis=1, keepdims=True)
    return np.asarray((small - small.mean(axis=1, keepdims=True)) / np.maximum(spread, 1e-6), np.float64)


def _mean_correlation(guess: Numbers, truth: Numbers) -> float:
    guess = guess - guess.mean(axis=1, keepdims=True)
    spread = np.maximum(guess.std(axis=1), 1e-6)
    return round(float(((guess * truth).mean(axis=1) / spread).mean()), 3)


def _alike(value: float, of: Callable[[int], float]) -> float:
    """Pixels of the thumbnail that is as like, between those that were measured."""
    before = None
    for side in THUMBNAILS:
        like = of(side)
        if like >= value:
            if before is None:
                return side
            share = (value - before[1]) / max(1e-9, like - before[1])
            return round(before[0] + share * (side - before[0]), 1)
        before = (side, like)
    return THUMBNAILS[-1]


def rank(guess: Numbers, own: int, everything: Numbers) -> int:
    """Which place the own photo has among all, by correlation at 32 x 32; 1: the guess resembles none more."""
    alike = everything @ guess.ravel()
    return int((alike > alike[own]).sum()) + 1


def measure(folder: Path, fitted: int, count: int, seed: int) -> dict[str, Any]:
    """Tables of likeness; the figures."""
    tuning, held = (photos_of(folder, half) for half in ("tuning", "held-out"))
    learned = [tuning[place].picture() for place in chosen(tuning, fitted)]
    began = time.process_time()
    faces = [face for face in map(face_of, _portraits(tuning)) if face is not None]
    attack = Attack([target_of(image) for image in learned], faces, learned, seed)
    spent = time.process_time() - began
    tried = [held[place].picture() for place in chosen(held, count)]
    everything = np.array([standard(shrunk(_square(one.picture()), 32)).ravel() for one in held]) / 32**2
    own = chosen(held, count)
    figures: dict[str, Any] = {"fitted_s": round(spent), "photos": len(tried), "among": len(held)}
    targets = [target_of(image) for image in tried]
    figures["sets"] = _told_of(attack, KINDS, targets, own, everything)
    held_faces = [face for face in map(face_of, _portraits(held)) if face is not None]
    among = np.array([standard(shrunk(one.truth, 32)).ravel() for one in held_faces]) / 32**2
    figures["faces"] = _told_of(attack, (FACE,), held_faces, range(len(held_faces)), among)
    figures["points"] = {name: measure_points(learned, tried, name) for name in ("slim", "full")}
    rows = [(f"{name}: {kind}", str(value)) for name, some in figures["points"].items() for kind, value in some.items()]
    reporting.table(["one point's surroundings", "correlation"], rows)
    return figures


def _portraits(photos: Sequence[Photo]) -> list[Picture]:
    return [one.picture() for one in photos if one.of_people]


def _told_of(
    attack: Attack, kinds: Sequence[str], targets: Sequence[Target], own: Sequence[int], everything: Numbers
) -> dict[str, Any]:
    """Likeness by kind and attack, and of thumbnails."""
    guesses: dict[str, list[Numbers]] = {}
    for target in targets:
        for kind in kinds:
            for name, guess in attack.guesses(kind, target.codes[kind]).items():
                guesses.setdefault(f"{kind}: {name}", []).append(guess)
        for side in THUMBNAILS:
            small = enlarged(shrunk(target.truth, side), GRID) if side < GRID else target.truth
            guesses.setdefault(f"thumbnail {side}", []).append(standard(shrunk(small, 32)))
    made: dict[str, Any] = {}
    for name, some in guesses.items():
        pairs = list(zip(some, targets, own, strict=True))
        like = {side: [likeness(guess, target.truth, side) for guess, target, _ in pairs] for side in SIDES}
        ranks = [rank(guess, place, everything) for guess, _, place in pairs]
        made[name] = {
            **{f"correlation {side}": round(float(np.mean([one for one, _ in like[side]])), 3) for side in SIDES},
            **{f"ssim {side}": round(float(np.mean([one for _, one in like[side]])), 3) for side in SIDES},
            "first": round(100 * float(np.mean(np.array(ranks) == 1)), 1),
            "n": len(pairs),
        }
    for figures in made.values():
        figures["as a thumbnail of"] = _alike(
            figures["correlation 32"], lambda side: float(made[f"thumbnail {side}"]["correlation 32"])
        )
    shown = [name for name in made if not name.startswith("thumbnail") or int(name.split()[1]) in (4, 8, 16, 32)]
    heads = [f"of {len(everything)}", *next(iter(made.values()))]
    reporting.table(heads, [(name, *made[name].values()) for name in shown])
    return made


def plot(figures: dict[str, Any], wanted: Path | None) -> None:
    """Likeness of the best guess of each kind, beside that of thumbnails."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(6, 3.2))
    thumbnails = [side for side in THUMBNAILS if side <= 32]
    like = [figures["sets"][f"thumbnail {side}"]["correlation 32"] for side in thumbnails]
    axes.plot(thumbnails, like, "o-", color="grey", label="thumbnail of so many pixels")
    for number, kind in enumerate(KINDS):
        best = max(one["correlation 32"] for name, one in figures["sets"].items() if name.startswith(f"{kind}: "))
        axes.axhline(best, color=f"C{number}", label=f"guess: {kind}")
    axes.set_xscale("log", base=2)
    axes.set_xlabel("pixels a side")
    axes.set_ylabel("correlation at 32 x 32")
    axes.set_ylim(0.4, 1.02)
    axes.legend(fontsize=7, loc="lower right")
    reporting.save_plot(figure, "inversion", wanted)


def main() -> None:
    parser = reporting.parser(__doc__ or "", photos=True)
    parser.add_argument("--fitted", type=int, default=80, metavar="N", help="photos of the tuning half (default 80)")
    parser.add_argument("--count", type=int, default=40, metavar="N", help="photos of the held-out half (default 40)")
    options = parser.parse_args()
    figures = measure(options.photos, options.fitted, options.count, options.seed)
    plot(figures, options.plot)
    reporting.finish(figures)


if __name__ == "__main__":
    main()
