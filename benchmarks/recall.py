"""How many edited copies are found, and how many others are taken for copies: `recall.py --photos DIR`.

Photos with an even number in their name (in order) are for tuning; the figure that counts is of the odd ones
(--half odd, the default). Peers run on the same files: pdqhash at 31 bits (what faiss, hasher-matcher-actioner and
threatexchange index), imagehash's phash and dhash of 256 bits at 32.
"""

import io
import multiprocessing
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # started as a script, it finds the project all the same

from benchmarks import reporting  # first: it keeps libraries to one core

# isort: split
import imagehash
import numpy as np
from PIL import Image

from benchmarks.edits import FAMILIES, decoded, edited, encode
from benchmarks.lookalikes import KINDS
from monitor.core.errors import NotInspected
from monitor.fingerprints.hashes.values import MIN_QUALITY
from monitor.fingerprints.image import hash_picture
from monitor.fingerprints.regions.codes import register_regions
from monitor.matching.verdict import Verdict, judge
from monitor.matching.watch_set import Watched, WatchSet

PEERS = {"pdq 31": 31, "phash 32": 32, "dhash 32": 32}
HARD = ("off-centre 70", "upper part pasted", "body 35")


@dataclass
class Tally:
    """What came of the queries of one process."""

    found: dict[tuple[str, str, str], list[int]] = field(default_factory=lambda: defaultdict(list))
    """(matcher, family, edit) -> 1 or 0 a query."""
    wrong: Counter[str] = field(default_factory=Counter)
    pairs: int = 0
    plain: int = 0
    reasons: list[str] = field(default_factory=list)


class Gallery:
    """The registered photos, for us and for the peers."""

    def __init__(self, paths: list[Path]) -> None:
        self.paths = paths
        watched: dict[str, list[Watched]] = {"full": [], "slim": []}
        self.peers: dict[str, list[np.ndarray]] = {peer: [] for peer in PEERS}
        for number, path in enumerate(paths):
            image = decoded(path.read_bytes())
            for name, ones in watched.items():
                ones.append(registered(str(number), image, name))
            for peer, code in peer_codes(image).items():
                self.peers[peer].append(code)
        self.watch = {name: WatchSet(ones) for name, ones in watched.items()}
        self.tables = {peer: np.stack(codes) for peer, codes in self.peers.items()}


def registered(name: str, image: Image.Image, set_name: Any) -> Watched:
    """A photo as its owner registers it."""
    whole = hash_picture(encode(image, 95)).whole
    return Watched(name, name, whole.code, "intimate", regions=register_regions(image, set_name))


def peer_codes(image: Image.Image) -> dict[str, np.ndarray]:
    """256 bits each."""
    small = image.copy()
    small.thumbnail((512, 512), Image.Resampling.BOX)
    return {
        "pdq 31": _pdq(np.ascontiguousarray(np.asarray(small))),
        "phash 32": imagehash.phash(image, hash_size=16).hash.ravel(),
        "dhash 32": imagehash.dhash(image, hash_size=16).hash.ravel(),
    }


def _pdq(pixels: np.ndarray) -> np.ndarray:
    try:
        import pdqhash

        return pdqhash.compute(pixels)[0].astype(bool)
    except ImportError:  # built from source only: ours is bit-identical to it, which the tests hold
        from monitor.fingerprints.hashes.pdq import hash_array

        return np.unpackbits(np.frombuffer(hash_array(pixels).code, np.uint8)).astype(bool)


def measure(gallery: Gallery, numbers: list[int], seed: int, limit: int | None) -> Tally:
    """Every edit of these photos against all photos of the gallery."""
    tally = Tally()
    for number in numbers:
        photo = decoded(gallery.paths[number].read_bytes())
        rng = np.random.default_rng((seed, number))
        other = int(rng.choice([one for one in range(len(gallery.paths)) if one != number]))
        pasted = decoded(gallery.paths[other].read_bytes())
        if hash_picture(encode(photo, 95)).whole.quality < MIN_QUALITY:
            tally.plain += 1
            continue
        for family, edits in FAMILIES.items():
            for place, (name, edit) in enumerate(list(edits.items())[:limit]):
                data = edited(edit, photo, pasted, (seed, number, place))
                _count(tally, gallery, data, (family, name), number, other)
    return tally


def _count(tally: Tally, gallery: Gallery, data: bytes, edit: tuple[str, str], own: int, other: int) -> None:
    try:
        hashed = hash_picture(data)
    except NotInspected as error:
        raise SystemExit(f"{edit}: not inspected ({error.reason})") from error
    for name, watch in gallery.watch.items():
        matches = judge(hashed, watch)
        verdicts = {int(match.fingerprint_id): match for match in matches}
        tally.found[name, *edit].append(int(own in verdicts))
        whole = own in verdicts and verdicts[own].view != "region"
        tally.found[f"{name}, whole picture only", *edit].append(int(whole))
        for owner, match in verdicts.items():
            if owner not in (own, other):
                tally.wrong[f"{name} {match.verdict}"] += 1
                tally.reasons.append(f"{name} {edit[1]}: photo {own} taken for {owner}: {match.how}")
    tally.pairs += len(gallery.paths) - 2
    codes = peer_codes(Image.open(io.BytesIO(data)).convert("RGB"))
    for peer, within in PEERS.items():
        near = np.flatnonzero((gallery.tables[peer] != codes[peer]).sum(axis=1) <= within)
        tally.found[peer, *edit].append(int(own in near))
        tally.wrong[peer] += sum(int(one) not in (own, other) for one in near)


def lookalikes(gallery: Gallery, seed: int) -> dict[str, tuple[int, int, int, int]]:
    """EntryKind -> pairs, refused at registration, review, confident."""
    photos = [decoded(path.read_bytes()) for path in gallery.paths[:41]]
    counted = {}
    for kind, pairs in KINDS.items():
        total = refused = review = confident = 0
        for one, another in pairs(photos, np.random.default_rng(seed)):
            total += 1
            if hash_picture(encode(one, 95)).whole.quality < MIN_QUALITY:
                refused += 1
                continue
            matches = judge(hash_picture(encode(another)), WatchSet([registered("one", one, "full")]))
            review += any(match.verdict is Verdict.REVIEW for match in matches)
            confident += any(match.verdict is Verdict.CONFIDENT for match in matches)
        counted[kind] = total, refused, review, confident
    return counted


def _work(arguments: tuple[list[Path], list[int], int, int | None]) -> Tally:
    paths, numbers, seed, limit = arguments
    return measure(Gallery(paths), numbers, seed, limit)


def merged(tallies: list[Tally]) -> Tally:
    """All of them as one."""
    whole = Tally()
    for tally in tallies:
        for key, values in tally.found.items():
            whole.found[key] += values
        whole.wrong += tally.wrong
        whole.pairs += tally.pairs
        whole.plain += tally.plain
        whole.reasons += tally.reasons
    return whole


def means(tally: Tally, matcher: str) -> dict[str, float]:
    """Family -> recall in percent, edits weighted equally within a family."""
    families = {}
    for family in FAMILIES:
        edits = [np.mean(values) for (name, one, _), values in tally.found.items() if name == matcher and one == family]
        families[family] = 100 * float(np.mean(edits))
    return families


def plot(tally: Tally, matchers: list[str], wanted: Path | None) -> None:
    """Recall by edit as a heat map."""
    import matplotlib as mpl

    mpl.use("svg")
    from matplotlib import pyplot

    edits = [(family, name) for family, names in FAMILIES.items() for name in names]
    edits = [edit for edit in edits if (matchers[0], *edit) in tally.found]
    values = np.array([[100 * np.mean(tally.found[matcher, *edit]) for matcher in matchers] for edit in edits])
    figure, axes = pyplot.subplots(figsize=(6, 0.19 * len(edits) + 1))
    shown = axes.imshow(values, aspect="auto", cmap="RdYlGn", vmin=0, vmax=100)
    axes.set_xticks(range(len(matchers)), matchers, rotation=30, ha="right", fontsize=7)
    axes.set_yticks(range(len(edits)), [f"{family}: {name}" for family, name in edits], fontsize=6)
    figure.colorbar(shown, label="recall, %")
    reporting.save_plot(figure, "recall", wanted)


def main() -> None:
    parser = reporting.parser(__doc__ or "", photos=True)
    parser.add_argument("--half", choices=("odd", "even"), default="odd", help="odd: held out (default); even: tuning")
    parser.add_argument(
        "--queries", type=int, metavar="N", help="edit only every so many photos that N are (default all)"
    )
    parser.add_argument("--edits", type=int, metavar="N", help="only the first N edits of each family")
    parser.add_argument("--jobs", type=int, default=1, help="processes (default 1)")
    options = parser.parse_args()
    paths = reporting.photos_in(options.photos)
    paths = paths[1 if options.half == "odd" else 0 :: 2]
    step = max(1, len(paths) // options.queries) if options.queries else 1
    numbers = list(range(0, len(paths), step))
    shares = [numbers[start :: options.jobs] for start in range(options.jobs)]
    with multiprocessing.get_context("spawn").Pool(options.jobs) as pool:
        tallies = pool.map(_work, [(paths, share, options.seed, options.edits) for share in shares])
    tally = merged(tallies)
    report(tally, paths, len(numbers), options)


def report(tally: Tally, paths: list[Path], queries: int, options: Any) -> None:
    """Tables, plot and the JSON line."""
    matchers = ["full", "slim", "full, whole picture only", *PEERS]
    by_family = {matcher: means(tally, matcher) for matcher in matchers}
    rows = [[family, *(round(by_family[matcher][family], 1) for matcher in matchers)] for family in FAMILIES]
    mean = {matcher: round(float(np.mean(list(values.values()))), 2) for matcher, values in by_family.items()}
    reporting.table(["recall, %", *matchers], [*rows, ["mean", *(mean[matcher] for matcher in matchers)]])
    edits = sorted(
        (100 * float(np.mean(values)), f"{family}: {name}")
        for (matcher, family, name), values in tally.found.items()
        if matcher == "full"
    )
    reporting.table(
        ["the five worst edits, full set", "recall, %"], [(name, round(value, 1)) for value, name in edits[:5]]
    )
    hard = {
        name: round(100 * float(np.mean(values)), 1)
        for (matcher, _, name), values in tally.found.items()
        if matcher == "full" and name in HARD
    }
    reporting.table(["hard edits, full set", "recall, %"], list(hard.items()))
    print(f"{options.half} half: {queries} photos edited, {len(paths)} registered, {tally.plain} too plain to register")
    print(
        f"{tally.pairs} pairs of an edited and another photo: none wrong would mean below {3 / tally.pairs:.1e} (95 %)"
    )
    reporting.table(["wrong verdicts", "number"], sorted(tally.wrong.items()) or [("none", 0)])
    for reason in tally.reasons[:20]:
        print(f"  {reason}")
    alike = lookalikes(Gallery(paths[:41]), options.seed)
    heads = ["different pictures that look alike", "pairs", "refused at intake", "review", "confident"]
    reporting.table(heads, [(kind, *counts) for kind, counts in alike.items()])
    plot(tally, matchers, options.plot)
    reporting.finish(
        {
            "half": options.half,
            "mean_recall": mean["full"],
            "mean_recall_slim": mean["slim"],
            "mean_recall_pdq31": mean["pdq 31"],
            "hard": hard,
            "wrong_review": tally.wrong["full review"] + tally.wrong["slim review"],
            "wrong_confident": tally.wrong["full confident"] + tally.wrong["slim confident"],
            "pairs": tally.pairs,
            "photos": len(paths),
            "edited": queries,
            "bound_95": 3 / tally.pairs,
            "lookalikes": {
                kind: dict(zip(("pairs", "refused", "review", "confident"), counts, strict=True))
                for kind, counts in alike.items()
            },
        }
    )


if __name__ == "__main__":
    main()
