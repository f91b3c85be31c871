"""What is taken for a copy and is none: `false_matches.py --photos DIR`. recall.py counts the same over edited photos.

All pairs of the half's photos as they are; different pictures that look alike; screens of one app with different
photos, registered as they are; the same person in another photo. Each rate is printed with its upper bound.
"""

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # started as a script, it finds the project all the same

from benchmarks import reporting  # first: it keeps libraries to one core

# isort: split
import numpy as np

from benchmarks.edits.canvas import Picture, encode
from benchmarks.lookalikes import KINDS
from benchmarks.occasions import same_person
from benchmarks.recall_gallery import HALVES, MATCHERS, chosen, photos_of, registered
from benchmarks.recall_goals import Line
from benchmarks.recall_tally import upper_bound
from benchmarks.same_app import EACH, SCREENS
from monitor.fingerprints.hashes.values import MIN_QUALITY
from monitor.fingerprints.image import hash_picture
from monitor.matching.verdict import Verdict, judge
from monitor.matching.watch_set import WatchSet

SAME_APP = 0.01
REVIEWS = 1e-6


def all_pairs(photos: Sequence[Picture], matcher: str) -> dict[Verdict, list[str]]:
    """Verdict -> the pairs of different photos that got it, and why."""
    watch = WatchSet([registered(str(number), photo, matcher) for number, photo in enumerate(photos)])
    wrong: dict[Verdict, list[str]] = {Verdict.REVIEW: [], Verdict.CONFIDENT: []}
    for number, photo in enumerate(photos):
        for match in judge(hash_picture(encode(photo)), watch):
            if match.fingerprint_id != str(number):
                wrong[match.verdict].append(f"photo {number} taken for {match.fingerprint_id}: {match.how}")
    return wrong


def same_app(screens: Sequence[Picture], matcher: str) -> int:
    """How many ordered pairs of different screens match, the registered one as it is."""
    watch = WatchSet([registered(str(number), screen, matcher) for number, screen in enumerate(screens)])
    return sum(
        match.fingerprint_id != str(number)
        for number, screen in enumerate(screens)
        for match in judge(hash_picture(encode(screen)), watch)
    )


def lookalikes(photos: Sequence[Picture], seed: int, matcher: str = "full") -> dict[str, tuple[int, int, int, int]]:
    """Kind -> pairs, refused at registration, review, confident."""
    counted = {}
    for kind, pairs in KINDS.items():
        total = refused = review = confident = 0
        for one, another in pairs(photos, np.random.default_rng(seed)):
            total += 1
            if hash_picture(encode(one, 95)).whole.quality < MIN_QUALITY:
                refused += 1
                continue
            matches = judge(hash_picture(encode(another)), WatchSet([registered("one", one, matcher)]))
            review += any(match.verdict is Verdict.REVIEW for match in matches)
            confident += any(match.verdict is Verdict.CONFIDENT for match in matches)
        counted[kind] = total, refused, review, confident
    return counted


def pair_lines(photos: Sequence[Picture], tell: Callable[[str], None] = print) -> list[Line]:
    """Wrong verdicts over all pairs of these photos, none of them edited."""
    pairs, told = len(photos) * (len(photos) - 1), []
    for matcher in MATCHERS:
        for verdict, reasons in all_pairs(photos, matcher).items():
            for reason in reasons:
                tell(f"  {matcher} {verdict}: {reason}")
            most = REVIEWS * pairs if verdict is Verdict.REVIEW else 0
            bound = upper_bound(len(reasons), pairs)
            got = f"{len(reasons)} (below {bound:.1e} a pair with 95 %)"
            goal = f"<= {REVIEWS:g} a pair" if most else "0"
            told.append(Line(f"wrong {verdict} of unedited photos, {matcher}", goal, got, pairs, len(reasons) <= most))
    return told


def app_lines(photos: Sequence[Picture], seed: int, kinds: Iterable[str] = tuple(SCREENS)) -> list[Line]:
    """Screens of one app, a line for each kind and set."""
    told = []
    for kind in kinds:
        screens = SCREENS[kind](photos[:EACH], seed)
        pairs = len(screens) * (len(screens) - 1)
        for matcher in MATCHERS:
            rate = same_app(screens, matcher) / pairs
            figure = f"screens of one app, {kind}, {matcher}"
            told.append(Line(figure, f"<= {SAME_APP:.0%} of pairs", f"{rate:.1%}", pairs, rate <= SAME_APP))
    return told


def _options() -> argparse.Namespace:
    parser = reporting.parser(__doc__ or "", photos=True)
    parser.add_argument("--half", choices=tuple(HALVES), default="held-out", help="(default: held-out)")
    parser.add_argument("--limit", type=int, metavar="N", help="only N photos in the pairs (default: all)")
    return parser.parse_args()


def main() -> None:
    options = _options()
    photos = photos_of(options.photos, options.half)
    pictures = [photos[place].picture() for place in chosen(photos, options.limit)]
    general = [photo.picture() for photo in photos if not photo.of_people][:41]
    goals = [*pair_lines(pictures), *app_lines(general, options.seed), *same_person(options.photos)]
    reporting.table(["goal", "shall be", "is", "n", "met"], [line.cells() for line in goals])
    alike = lookalikes(general, options.seed)
    heads = ["different pictures that look alike", "pairs", "refused at intake", "review", "confident"]
    reporting.table(heads, [(kind, *counts) for kind, counts in alike.items()])
    names = ("pairs", "refused", "review", "confident")
    reporting.finish(
        {
            "half": options.half,
            "photos": len(pictures),
            "goals": [asdict(line) for line in goals],
            "lookalikes": {kind: dict(zip(names, counts, strict=True)) for kind, counts in alike.items()},
        }
    )


if __name__ == "__main__":
    main()
