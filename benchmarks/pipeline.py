"""Images a second through the whole path on one core: bytes in, verdict out. `pipeline.py --photos DIR`.

Decoding, hashing, all queries, and comparing with the regions of N consented photos. The photos that are posted are
none of the registered ones; one in eight is a screenshot or a collage, which have more to query. To reach N photos
each photo of the folder is registered again and again in other crops and orientations, so that no two codes are equal.

`--stages` prints instead what each stage costs, in milliseconds of processor a medium, and what `scan` costs in all.
"""

import cProfile
import pstats
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # started as a script, it finds the project all the same

from benchmarks import reporting  # first: it keeps libraries to one core

# isort: split
import numpy as np
from PIL import Image

from benchmarks.edits import FAMILIES
from benchmarks.edits.canvas import RESAMPLE, Picture, decoded, encode, encoded
from benchmarks.edits.cropping import cropped
from monitor.fingerprints.cut_outs.codes import register_cut_out
from monitor.fingerprints.cut_outs.queries import face_queries_of
from monitor.fingerprints.hashes.normalise import shown
from monitor.fingerprints.hashes.pdq import hash_array
from monitor.fingerprints.hashes.phash import phash
from monitor.fingerprints.hashes.values import HashedMedium
from monitor.fingerprints.image import hash_picture, views_of
from monitor.fingerprints.points import features
from monitor.fingerprints.points.patches import orientations, patches, pyramid
from monitor.fingerprints.points.scale_space import blobs
from monitor.fingerprints.regions import queries
from monitor.fingerprints.regions.box_hashing import plane_of
from monitor.fingerprints.regions.codes import register_regions
from monitor.matching import verdict
from monitor.matching.index import HashIndex
from monitor.matching.point_index import PointIndex
from monitor.matching.region_index import RegionIndex
from monitor.matching.verdict import judge, nearest
from monitor.matching.watch_set import Watched, WatchSet

SIZE = (1280, 960)
FULL_FROM = 300
"""Photos up to which each is really another crop; beyond, codes of those are altered bit by bit: the search sees no
difference, and registering 10,000 photos would take minutes."""

STAGES: dict[str, Callable[..., Any]] = {
    "decoding": shown,
    "whole picture, 8 orientations; its border": views_of,
    "second hash": phash,
    "queries, all": queries.queries_and_frames_of,
    "- shrinking": plane_of,
    "- rectangles and seams, squares in them": queries._framed,
    "- turned back": queries._turned,
    "points, all": features.points_of,
    "- finding": blobs,
    "- halving": pyramid,
    "- turning": orientations,
    "- cutting out, for both": patches,
    "faces": face_queries_of,
    "comparing, all": verdict.nearest,
    "- whole pictures": HashIndex.rows_within,
    "- regions": RegionIndex.hits,
    "- points": PointIndex.hits,
    "- how far the nearest is": HashIndex.closest,
}
"""What `--stages` prints: a function with all that it calls. What a dash begins is part of the one above."""


def registered(photos: list[Picture], count: int, seed: int, *, cut_outs: bool = False) -> WatchSet:
    """A watch of `count` photos, full set; `cut_outs`: with a box around the face, where there is one."""
    rng = np.random.default_rng(seed)
    made: list[Watched] = []
    for number in range(min(count, FULL_FROM)):
        photo = photos[number % len(photos)]
        if number >= len(photos):
            photo = cropped(rng, photo, photo, area=0.5, centred=False)
        code = hash_array(np.asarray(photo.resize((256, 256), Image.Resampling.BOX))).code
        cut_out = register_cut_out(photo, "auto") if cut_outs else None
        regions = register_regions(photo, "full")
        made.append(Watched(str(number), "case", code, "intimate", regions=regions, cut_out=cut_out))
    for number in range(FULL_FROM, count):
        made.append(_altered(made[number % FULL_FROM], str(number), rng))
    return WatchSet(made)


def _altered(one: Watched, name: str, rng: np.random.Generator) -> Watched:
    """Another picture, as far as the search can tell: about a third of the bits flipped, differently in every box."""
    if one.regions is None:
        raise ValueError("a picture with regions is needed")
    table = one.regions.table
    flips = rng.integers(0, 256, table.shape, np.uint8) & rng.integers(0, 256, table.shape, np.uint8)
    points = one.regions.points.copy()
    points["code"] ^= rng.integers(0, 256, (2, len(points), 32), np.uint8).min(axis=0)
    regions = replace(one.regions, codes=(table ^ flips).tobytes(), packed_points=points.tobytes())
    return Watched(name, "case", rng.bytes(32), "intimate", regions=regions, cut_out=one.cut_out)


def halves(paths: list[Path], count: int) -> tuple[list[Path], list[Path]]:
    """The photos to register, those of even numbers, and at most `count` to post, chosen evenly from the others."""
    others = paths[1::2]
    count = min(count, len(others))
    return paths[0::2], [others[number * len(others) // count] for number in range(count)]


def posts(photos: list[Picture], seed: int) -> list[bytes]:
    """1280 x 960 JPEGs, every eighth a screenshot or a collage."""
    framed = (FAMILIES["frame"]["screenshot light"], FAMILIES["collage"]["2 x 2"])
    made = []
    for number, photo in enumerate(photos):
        if number % 8 == 7:
            rng = np.random.default_rng((seed, number))
            made.append(encode(framed[number // 8 % 2](rng, photo, photos[number - 1])))
        else:
            made.append(encoded(photo.resize(SIZE, RESAMPLE), "JPEG", quality=85))
    return made


def _hashed(files: list[bytes], watch: WatchSet) -> None:
    for data in files:
        hashed_for(data, watch)


def hashed_for(data: bytes, watch: WatchSet) -> HashedMedium:
    """As the watch hashes it: what nothing in it can be compared with is not made."""
    return hash_picture(data, faces=len(watch.cut_outs) > 0, points=len(watch.points) > 0, squares=watch.has_squares)


def main() -> None:
    parser = reporting.parser(__doc__ or "", photos=True)
    parser.add_argument("--n", type=int, action="append", metavar="N", help="consented photos (default 300 and 10000)")
    parser.add_argument("--count", type=int, default=40, help="posts to inspect (default 40)")
    parser.add_argument("--cut-outs", action="store_true", help="each consented photo with a face has one")
    parser.add_argument("--stages", action="store_true", help="what each stage costs, at N photos (default 3000)")
    options = parser.parse_args()
    mine, others = (
        [decoded(path.read_bytes()) for path in half]
        for half in halves(reporting.photos_in(options.photos), options.count)
    )
    files = posts(others, options.seed)
    if options.stages:
        return print_stages(files, registered(mine, (options.n or [3000])[0], options.seed, cut_outs=options.cut_outs))
    rows, figures = [], {}
    for count in options.n or [300, 10_000]:
        watch = registered(mine, count, options.seed, cut_outs=options.cut_outs)
        hashing = reporting.seconds(partial(_hashed, files, watch)) / len(files)
        found = 0

        def work(watch: WatchSet = watch) -> None:
            nonlocal found
            found = sum(bool(judge(hashed_for(data, watch), watch)) for data in files)

        spent = reporting.seconds(work) / len(files)
        rows.append(
            (
                count,
                len(watch.regions),
                round(1 / spent, 1),
                round(1e3 * hashing, 1),
                round(1e3 * (spent - hashing), 1),
                found,
            )
        )
        figures[str(count)] = {"codes": len(watch.regions), "images_per_s": round(1 / spent, 1), "matched": found}
    heads = [
        "consented photos",
        "codes",
        "images/s",
        "hashing, ms",
        "comparing, ms",
        "posts that matched (none is a copy)",
    ]
    reporting.table(heads, rows)
    _plot(figures, options.plot)
    first = next(iter(figures.values()))
    reporting.finish({"images_per_s": first["images_per_s"], "by_photos": figures, "posts": len(files)})


def print_stages(files: list[bytes], watch: WatchSet) -> None:
    """What each stage of `scan` costs, counted by a profiler; and all of it without one."""

    def scanned() -> None:
        for data in files:
            nearest(hashed_for(data, watch), watch)

    scanned()  # compiled, matrices made
    start = time.process_time()
    scanned()
    whole = 1e3 * (time.process_time() - start) / len(files)
    profile = cProfile.Profile(time.process_time)
    profile.runcall(scanned)
    spent: dict[tuple[str, int, str], float] = {
        place: counts[3]
        for place, counts in pstats.Stats(profile).stats.items()  # type: ignore[attr-defined]  # untyped
    }
    costs = {name: round(1e3 * spent.get(_place(stage), 0.0) / len(files), 2) for name, stage in STAGES.items()}
    reporting.table(["stage", "ms a medium"], [*costs.items(), ("scan, all, not profiled", round(whole, 1))])
    reporting.finish({"scan_ms": round(whole, 1), "stages": costs, "photos": len(watch), "posts": len(files)})


def _place(stage: Callable[..., Any]) -> tuple[str, int, str]:
    code = stage.__code__
    return code.co_filename, code.co_firstlineno, code.co_name


def _plot(figures: dict[str, dict[str, float]], wanted: Path | None) -> None:
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(5, 3))
    axes.plot([int(count) for count in figures], [one["images_per_s"] for one in figures.values()], "o-")
    axes.set_xscale("log")
    axes.set_xlabel("consented photos of a source")
    axes.set_ylabel("images/s, one core")
    axes.set_ylim(bottom=0)
    reporting.save_plot(figure, "pipeline", wanted)


if __name__ == "__main__":
    main()
