"""The same person in another photo: it compares pixels, not persons, so such a pair must not match.

Photos of one person on several occasions are in folders `person/occasion` among the photos, or in its `people`. Every
photo of one occasion is registered and each of the person's other occasions posted.
"""

from itertools import permutations
from pathlib import Path

from benchmarks import reporting
from benchmarks.edits.canvas import decoded, encode
from benchmarks.recall_gallery import MATCHERS, PEOPLE, registered
from benchmarks.recall_goals import Line
from benchmarks.recall_tally import upper_bound
from monitor.fingerprints.image import hash_picture
from monitor.matching.verdict import judge
from monitor.matching.watch_set import WatchSet

GOAL = 0.01


def occasions(folder: Path) -> dict[str, list[list[Path]]]:
    """Person -> the photos of each occasion; persons with one occasion are left out."""
    found: dict[str, list[list[Path]]] = {}
    for above in (folder, folder / PEOPLE):
        for person in sorted(above.iterdir()) if above.is_dir() else ():
            if not person.is_dir() or person == folder / PEOPLE:
                continue
            each = [reporting.photos_in(one) for one in sorted(person.iterdir()) if one.is_dir()]
            if len(shown := [photos for photos in each if photos]) > 1:
                found[person.name] = shown
    return found


def same_person(folder: Path) -> list[Line]:
    """A line for each set."""
    people = occasions(folder)
    if not people:
        return [_line(matcher, 0, 0, 0) for matcher in MATCHERS]
    told = []
    for matcher in MATCHERS:
        taken = pairs = 0
        for each in people.values():
            for mine, posted in permutations(each, 2):
                watch = WatchSet(
                    [registered(str(n), decoded(path.read_bytes()), matcher) for n, path in enumerate(mine)]
                )
                for path in posted:
                    taken += len(judge(hash_picture(encode(decoded(path.read_bytes()))), watch))
                    pairs += len(mine)
        told.append(_line(matcher, taken, pairs, len(people)))
    return told


def _line(matcher: str, taken: int, pairs: int, people: int) -> Line:
    figure, goal = f"same person in another photo, {matcher}", f"< {GOAL:.0%}"
    if not pairs:
        return Line(figure, goal, "not measured: no folders person/occasion", 0, None)
    bound = upper_bound(taken, pairs)
    got = f"{100 * taken / pairs:.2f} % of {people} people (below {100 * bound:.2f} % with 95 %)"
    return Line(figure, goal, got, pairs, taken / pairs < GOAL)
