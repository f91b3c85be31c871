"""How many edited copies are found, and how many others are taken for copies: `recall.py --photos DIR`.

DIR has photos, and people's in its folder `people`. Those with an even number in their name are for tuning; the figure
that counts is of the odd ones (--half held-out, the default). Peers run on the same files: pdqhash at 31 bits (what
faiss, hasher-matcher-actioner and threatexchange index); on demand imagehash's phash and dhash of 256 bits at 32, and
SIFT with RANSAC, which is slow, against the edited photo alone: a bound.

For an answer in about a minute: --half tuning --limit 8 --gallery 60, with --families or --edits.
"""

import argparse
import multiprocessing
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # started as a script, it finds the project all the same

from benchmarks import reporting  # first: it keeps libraries to one core

# isort: split
import numpy as np

from benchmarks.edits import FAMILIES, edited, number_of
from benchmarks.edits.canvas import Picture, decoded, encode
from benchmarks.edits.faces import NoFace, largest_face
from benchmarks.recall_gallery import (
    HALVES,
    MATCHERS,
    PEERS,
    Gallery,
    Photo,
    Registered,
    chosen,
    peer_codes,
    photos_of,
    registration,
)
from benchmarks.recall_goals import Line, lines
from benchmarks.recall_tally import Tally
from benchmarks.sift import both_ways, is_copy, keypoints
from monitor.core.errors import NotInspected
from monitor.fingerprints.image import hash_picture
from monitor.matching.verdict import judge

UNEDITED = ("", "unedited")
"""Counts for the wrong ones only."""
HARD = ("off-centre 70", "upper part pasted", "body 35")
CUT_OUTS_FAMILY = "cut-outs and swaps"
Chosen = list[tuple[str, str]]


class Measuring:
    """One process's part of the work."""

    def __init__(self, gallery: Gallery, edits: Chosen, peers: tuple[str, ...], seed: int) -> None:
        self._gallery, self._edits, self._peers, self._seed = gallery, edits, peers, seed

    def photo(self, number: int) -> Tally:
        """Every edit of this photo against all photos of the gallery."""
        tally = Tally()
        if self._gallery.ones[number].plain:
            tally.plain += 1
            return tally
        photo = self._gallery.photos[number].picture()
        rng = np.random.default_rng((self._seed, number))
        other, body = self._other(number, rng), self._body(number, rng)
        pasted, with_body = self._gallery.photos[other].picture(), self._gallery.photos[body].picture()
        points = both_ways(photo) if "sift" in self._peers else ()
        self._count(tally, UNEDITED, encode(photo), points, number, {number})
        for family, name in self._edits:
            ground = with_body if family == CUT_OUTS_FAMILY else pasted
            seed = (self._seed, number, number_of(family, name))
            try:
                data = edited(FAMILIES[family][name], photo, ground, seed)
            except NoFace:
                continue
            self._count(tally, (family, name), data, points, number, {number, other, body})
        return tally

    def _other(self, number: int, rng: np.random.Generator) -> int:
        return int(rng.choice([one for one in range(len(self._gallery.photos)) if one != number]))

    def _body(self, number: int, rng: np.random.Generator) -> int:
        """Another photo with a face in it, for heads and faces to go to; without such any other."""
        people = [one for one, photo in enumerate(self._gallery.photos) if photo.of_people and one != number]
        for one in rng.permutation(people):
            if largest_face(self._gallery.photos[int(one)].picture()):
                return int(one)
        return self._other(number, rng)

    def _count(
        self, tally: Tally, edit: tuple[str, str], data: bytes, points: tuple[Any, ...], own: int, shown: set[int]
    ) -> None:
        try:
            hashed = hash_picture(data)
        except NotInspected as error:
            raise SystemExit(f"{edit}: not inspected ({error.reason})") from error
        for name in MATCHERS:
            verdicts = {int(match.fingerprint_id): match for match in judge(hashed, self._gallery.watch[name])}
            tally.found[name, *edit][own] = int(own in verdicts)
            whole = own in verdicts and verdicts[own].view != "region"
            tally.found[f"{name}, whole picture only", *edit][own] = int(whole)
            for one, match in verdicts.items():
                if one not in shown:
                    tally.wrong[f"{name} {match.verdict}"] += 1
                    tally.reasons.append(f"{name} {edit[1]}: photo {own} taken for {one}: {match.how}")
        tally.pairs += len(self._gallery.photos) - len(shown)
        self._count_peers(tally, edit, decoded(data), points, own, shown)

    def _count_peers(
        self, tally: Tally, edit: tuple[str, str], posted: Picture, points: tuple[Any, ...], own: int, shown: set[int]
    ) -> None:
        for peer, code in peer_codes(posted, self._peers).items():
            near = np.flatnonzero((self._gallery.tables[peer] != code).sum(axis=1) <= PEERS[peer])
            tally.found[peer, *edit][own] = int(own in near)
            tally.wrong[peer] += sum(int(one) not in shown for one in near)
        if points:
            tally.found["sift", *edit][own] = int(is_copy(points, keypoints(posted)))


_measuring: Measuring | None = None


def _start(photos: list[Photo], ones: list[Registered], edits: Chosen, peers: tuple[str, ...], seed: int) -> None:
    global _measuring
    _measuring = Measuring(Gallery(photos, ones), edits, peers, seed)


def _measured(number: int) -> Tally:
    if _measuring is None:
        raise RuntimeError("the process was not started with its gallery")
    return _measuring.photo(number)


def _registered(arguments: tuple[int, Photo, tuple[str, ...]]) -> Registered:
    number, photo, peers = arguments
    return registration(number, photo.picture(), peers)


def measure(photos: list[Photo], numbers: list[int], edits: Chosen, peers: tuple[str, ...], options: Any) -> Tally:
    """All of it, on as many cores as asked for."""
    tally = Tally()
    work = [(number, photo, peers) for number, photo in enumerate(photos)]
    with multiprocessing.get_context("spawn").Pool(options.jobs) as pool:
        ones = pool.map(_registered, work, chunksize=4)
    start = (photos, ones, edits, peers, options.seed)
    with multiprocessing.get_context("spawn").Pool(options.jobs, _start, start) as pool:
        for done, part in enumerate(pool.imap(_measured, numbers), 1):
            tally.add(part)
            print(f"\r{done} of {len(numbers)} photos", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return tally


def wanted(names: Iterable[str] | None, families: Iterable[str] | None) -> Chosen:
    """Family and name of the edits that are asked for: each name may be a part of an edit's."""
    kept = [(family, name) for family, edits in FAMILIES.items() for name in edits]
    if families:
        if unknown := set(families) - set(FAMILIES):
            raise SystemExit(f"no such family: {', '.join(sorted(unknown))}; there are {', '.join(FAMILIES)}")
        kept = [(family, name) for family, name in kept if family in set(families)]
    if names:
        kept = [(family, name) for family, name in kept if any(part in name for part in names)]
    if not kept:
        raise SystemExit("no edit has such a name")
    return kept


def _options() -> argparse.Namespace:
    parser = reporting.parser(__doc__ or "", photos=True)
    parser.add_argument("--half", choices=tuple(HALVES), default="held-out", help="(default: held-out)")
    parser.add_argument("--limit", type=int, metavar="N", help="edit only N photos, evenly chosen (default: all)")
    parser.add_argument("--gallery", type=int, metavar="N", help="register only N photos, evenly chosen (default: all)")
    parser.add_argument("--edits", nargs="+", metavar="NAME", help="only edits with one of these in their names")
    parser.add_argument("--families", nargs="+", metavar="NAME", help="only these families")
    parser.add_argument(
        "--peers", nargs="*", choices=(*PEERS, "sift"), default=["pdq"], help="what to run beside (default: pdq)"
    )
    parser.add_argument("--jobs", type=int, default=1, help="processes (default 1)")
    return parser.parse_args()


def main() -> None:
    options = _options()
    photos = photos_of(options.photos, options.half)
    if options.gallery:
        photos = [photos[place] for place in chosen(photos, options.gallery)]
    numbers = chosen(photos, options.limit)
    edits = wanted(options.edits, options.families)
    tally = measure(photos, numbers, edits, tuple(options.peers), options)
    report(tally, photos, len(numbers), options)


def report(tally: Tally, photos: list[Photo], queries: int, options: Any) -> None:
    """Tables, plot and the JSON line."""
    matchers = [*MATCHERS, "full, whole picture only", *options.peers]
    by_family = {matcher: tally.families(matcher) for matcher in matchers}
    mean = {matcher: round(float(np.mean(list(values.values()))), 2) for matcher, values in by_family.items()}
    by_edit = {
        edit: {matcher: tally.recall(matcher, *edit) for matcher in matchers} | {"n": len(tally.hits("full", *edit))}
        for edit in tally.edits()
    }
    heads = [*matchers, "n"]
    reporting.table(
        ["recall by edit, %", *heads], [(": ".join(edit), *map(_cell, got.values())) for edit, got in by_edit.items()]
    )
    rows = [[family, *(round(by_family[one][family], 1) for one in matchers)] for family in by_family["full"]]
    reporting.table(["recall, %", *matchers], [*rows, ["mean", *mean.values()]])
    print(
        f"{options.half} half: {queries} photos edited, {len(photos)} registered, {tally.plain} too plain to register"
    )
    reporting.table(["wrong verdicts", "number"], sorted(tally.wrong.items()) or [("none", 0)])
    for reason in tally.reasons[:20]:
        print(f"  {reason}")
    less = sorted(tally.only_slim().items(), key=lambda one: -one[1])
    reporting.table(
        ["found by slim, not by full", "photos"], [(": ".join(edit), count) for edit, count in less] or [("none", 0)]
    )
    portraits = {number for number, photo in enumerate(photos) if photo.of_people}
    goals = list(lines(tally, portraits, cut_outs="full"))
    reporting.table(["goal", "shall be", "is", "n", "met"], [line.cells() for line in goals])
    if options.plot:
        plot(tally, matchers, options.plot)
    reporting.finish(_figures(tally, mean, by_family, by_edit, goals, options) | {"edited": queries})


def _cell(value: float | int | None) -> object:
    return "-" if value is None else value if isinstance(value, int) else round(value, 1)


def _figures(
    tally: Tally, mean: dict[str, float], by_family: Any, by_edit: Any, goals: list[Line], options: Any
) -> dict[str, Any]:
    return {
        "half": options.half,
        "mean_recall": mean["full"],
        "mean_recall_slim": mean["slim"],
        "mean_recall_peers": {peer: mean[peer] for peer in options.peers},
        "families": by_family,
        "edits": {": ".join(edit): got for edit, got in by_edit.items()},
        "hard": {edit[1]: got["full"] for edit, got in by_edit.items() if edit[1] in HARD},
        "slim_only": sum(tally.only_slim().values()),
        "wrong": dict(tally.wrong),
        "pairs": tally.pairs,
        "goals": [
            {"figure": one.figure, "goal": one.goal, "got": one.got, "n": one.n, "met": one.met} for one in goals
        ],
    }


def plot(tally: Tally, matchers: list[str], wanted: Path | None) -> None:
    """Recall by edit as a heat map."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot

    edits = tally.edits()
    values = np.array([[tally.recall(matcher, *edit) or 0 for matcher in matchers] for edit in edits])
    figure, axes = pyplot.subplots(figsize=(6, 0.19 * len(edits) + 1))
    shown = axes.imshow(values, aspect="auto", cmap="RdYlGn", vmin=0, vmax=100)
    axes.set_xticks(range(len(matchers)), matchers, rotation=30, ha="right", fontsize=7)
    axes.set_yticks(range(len(edits)), [f"{family}: {name}" for family, name in edits], fontsize=6)
    figure.colorbar(shown, label="recall, %")
    reporting.save_plot(figure, "recall", wanted)


if __name__ == "__main__":
    main()
