"""Exact search over 256-bit codes: ours beside faiss and threatexchange, on one core, all on the same codes.

    python benchmarks/search.py --n 1000000 --n 10000000

Half of the queries are near copies of stored codes, half are unrelated. Hits are compared with faiss flat's, one by
one. The JSON line speaks of the largest N and the first radius; `by_n` holds the rest.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # started as a script, it finds the project all the same

from benchmarks import reporting  # noqa: E402  # first: it limits libraries to one thread
from benchmarks.edits.canvas import decoded  # noqa: E402
from benchmarks.search_codes import (  # noqa: E402
    Codes,
    boxes,
    photo_boxes,
    photo_looks,
    pictures,
    queries,
    unrelated,
)
from benchmarks.search_peers import Contender, FaissFlat, Found, Ours, peers  # noqa: E402

QUERIES = 2_000
ENOUGH_SECONDS = 2.0
"""A contender that needs longer for all queries is timed on fewer of them."""
COMPARED = 200
"""Queries whose hits are compared with faiss flat's, half of them near copies."""
PICTURES = 12
BOX_SETS = (106_000, 3_500_000)
"""Boxes of 300 and of 10,000 photos."""


def main() -> None:
    """Measure, print, plot."""
    options = reporting.parser(__doc__.splitlines()[0])
    options.add_argument("--n", type=int, action="append", metavar="N", help="codes; may be given several times")
    options.add_argument("--radii", type=int, nargs="+", default=[31, 40, 48, 60], help="bits (default 31 40 48 60)")
    options.add_argument(
        "--boxes", type=int, nargs="*", help="sizes of the sets of photo boxes (default: by the largest N)"
    )
    options.add_argument("--photos", type=Path, metavar="DIR", help="take the boxes of these photos, not made-up ones")
    chosen = options.parse_args()
    sizes = sorted(chosen.n or [10_000, 100_000, 1_000_000])
    box_sets = [size for size in BOX_SETS if size <= 20 * sizes[-1]] if chosen.boxes is None else chosen.boxes

    by_n = {size: one_size(size, chosen.radii, chosen.seed) for size in sizes}
    live = {size: live_index(size, chosen.seed) for size in sizes}
    show_live(live)
    box_figures = {size: one_box_set(size, chosen.radii, chosen.seed, chosen.photos) for size in box_sets}
    if box_figures:
        show_boxes(box_figures)
    plot(by_n, chosen.radii, chosen.plot)

    largest, radius = sizes[-1], str(chosen.radii[0])
    summary = by_n[largest]["radii"][radius]
    reporting.finish(
        {
            "n": largest,
            "radius": chosen.radii[0],
            "recall": min(one["ours"]["recall"] for one in by_n[largest]["radii"].values()),
            "extra_hits": max(one["ours"]["extra"] for one in by_n[largest]["radii"].values()),
            "us_per_query": summary["ours"]["us"],
            "ratio_faiss_flat": round(summary["faiss flat"]["us"] / summary["ours"]["us"], 1),
            "live": live[largest],
            "by_n": by_n,
            "boxes": box_figures,
        }
    )


def one_size(size: int, radii: Sequence[int], seed: int) -> dict[str, Any]:
    """Every contender on `size` unrelated codes."""
    print(f"\n## {size:,} codes\n")
    codes = unrelated(size, seed)
    asked = queries(codes, QUERIES, seed + 1)
    contenders: list[Contender] = [Ours(codes), *peers(codes)]
    judge = next((one for one in contenders if type(one) is FaissFlat), None)
    if judge is None:
        raise SystemExit("faiss-cpu is not installed: its flat index says what is to be found")
    figures: dict[str, Any] = {}
    for radius in radii:
        rows = {}
        truth = judge.found(asked[:COMPARED], radius)
        taking_part = [one for one in contenders if one.serves(radius)]
        for one in taking_part:
            spent, count = timed(one, asked, radius)
            found = truth if one is judge else one.found(asked[:COMPARED], radius)
            rows[one.name] = {"us": round(spent, 2), "queries": count, **agreement(found, truth)}
        figures[str(radius)] = rows
    show(figures)
    built = {one.name: round(one.build_seconds, 2) for one in contenders}
    print("built in (s): " + ", ".join(f"{name} {spent}" for name, spent in built.items()) + "\n")
    one_by_one = timed_one_by_one(contenders[0], asked[:200], radii)
    print(
        "ours, one query a call (us): " + ", ".join(f"{radius} bits {us}" for radius, us in one_by_one.items()) + "\n"
    )
    return {"radii": figures, "build_s": built, "one_by_one_us": one_by_one}


def timed(contender: Contender, asked: Codes, radius: int) -> tuple[float, int]:
    """Microseconds a query, the median of three runs; and on how many queries."""
    first = asked[:16]
    one = reporting.seconds(lambda: contender.search(first, radius), rounds=1) / len(first)
    count = max(16, min(len(asked), int(ENOUGH_SECONDS / 4 / max(one, 1e-7))))
    some = asked[:count]
    return 1e6 * reporting.seconds(lambda: contender.search(some, radius)) / count, count


def timed_one_by_one(contender: Contender, asked: Codes, radii: Sequence[int]) -> dict[str, float]:
    """Median microseconds of a call with one query."""
    medians = {}
    for radius in radii:
        spent = []
        for number in range(len(asked)):
            start = time.perf_counter()
            contender.search(asked[number : number + 1], radius)
            spent.append(time.perf_counter() - start)
            if sum(spent) > ENOUGH_SECONDS:
                break
        medians[str(radius)] = round(1e6 * statistics.median(spent), 1)
    return medians


def agreement(found: Found, truth: Found) -> dict[str, float]:
    """The part of the true hits that was found, and how many were found besides."""
    recall = len(found & truth) / len(truth) if truth else 1.0
    return {"recall": recall, "extra": len(found - truth), "hits": len(truth)}


def live_index(size: int, seed: int) -> dict[str, float]:
    """The figures of benchmarks.search_live."""
    command = [sys.executable, "-m", "benchmarks.search_live", str(size), str(seed)]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)  # noqa: S603  # our own module
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def one_box_set(size: int, radii: Sequence[int], seed: int, folder: Path | None) -> dict[str, Any]:
    """Milliseconds to look up pictures of 100 and of 200 codes, one after the other, in the boxes of many photos."""
    photos = [decoded(path.read_bytes()) for path in reporting.photos_in(folder)] if folder else []
    codes = photo_boxes(photos[::2], size, seed) if photos else boxes(size, seed)
    contenders: list[Contender] = [Ours(codes)]
    contenders += [peer for peer in peers(codes) if type(peer) is FaissFlat]
    figures: dict[str, Any] = {}
    for radius in radii:
        for per_picture in (100, 200):
            half = PICTURES // 2
            asked = (
                photo_looks(photos[::2][:half], photos[1::2][:half], per_picture, seed + 2)
                if photos
                else pictures(codes, PICTURES, per_picture, seed + 2)
            )
            row: dict[str, Any] = {}
            for one in contenders:
                some = asked if isinstance(one, Ours) else asked[:2]
                spent = reporting.seconds(lambda: [one.search(each, radius) for each in some], rounds=3)  # noqa: B023
                row[one.name] = round(1e3 * spent / len(some), 2)
            truth = [one.found(asked[0], radius) for one in contenders]
            figures[f"{radius} bits, {per_picture} codes"] = row | {
                "hits": len(truth[0]),
                "same": all(one == truth[0] for one in truth),
            }
    return figures


def show(figures: dict[str, Any]) -> None:
    """The table of one size."""
    rows = []
    for radius, contenders in figures.items():
        ours = contenders["ours"]["us"]
        for name, row in contenders.items():
            recall, extra, hits = (row.get(key, "-") for key in ("recall", "extra", "hits"))
            rows.append([radius, name, row["us"], round(row["us"] / ours, 1), recall, extra, hits, row["queries"]])
    reporting.table(
        ["radius", "index", "us/query", "x ours", "recall", "extra hits", "true hits", "queries timed"], rows
    )


def show_live(live: dict[int, dict[str, float]]) -> None:
    """The table of the live index."""
    print("## The live index, each in a process of its own\n")
    names = list(next(iter(live.values())))
    reporting.table(
        ["", *[f"{size:,}" for size in live]], [[name, *[one[name] for one in live.values()]] for name in names]
    )


def show_boxes(figures: dict[int, dict[str, Any]]) -> None:
    """The table of the boxes of photos."""
    print("## Boxes of photos: milliseconds a picture\n")
    rows = [
        [f"{size:,}", what, *[row.get(name, "-") for name in ("ours", "faiss flat", "hits", "same")]]
        for size, lines in figures.items()
        for what, row in lines.items()
    ]
    reporting.table(["codes", "picture", "ours", "faiss flat", "hits of one", "same hits"], rows)


def plot(by_n: dict[int, dict[str, Any]], radii: Sequence[int], wanted: Path | None) -> None:
    """Microseconds a query against N."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 5))
    styles = {"ours": "-o", "faiss flat": "--s", "faiss multi-hash": ":^", "threatexchange": ":x"}
    for name, style in styles.items():
        for radius in radii if name == "ours" else radii[:1]:
            points = [
                (size, one["radii"][str(radius)][name]["us"])
                for size, one in by_n.items()
                if name in one["radii"][str(radius)]
            ]
            if points:
                axes.loglog(*zip(*points, strict=True), style, label=f"{name}, {radius} bits")
    axes.set(xlabel="codes", ylabel="microseconds a query, one core", title="Exact range search over 256-bit codes")
    axes.grid(alpha=0.3)
    axes.legend()
    reporting.save_plot(figure, "search", wanted)


if __name__ == "__main__":
    main()
