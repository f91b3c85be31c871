"""The goals that matching is held to, each with what was got: a line a figure."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmarks.edits import FAMILIES
from benchmarks.edits.cutouts import EDITS as CUT_OUTS
from benchmarks.recall_tally import Tally, interval, upper_bound

LEAST_FACES = 30
"""Portraits below which a figure about faces says nothing."""
Edits = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Goal:
    """Each of these edits is to be found at least so often, in percent."""

    figure: str
    edits: Edits
    full: float
    slim: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A figure, what it shall be, what it is, of how many."""

    figure: str
    goal: str
    got: str
    n: int
    met: bool | None
    """None: not measured."""

    def cells(self) -> tuple[object, ...]:
        """For a table."""
        return self.figure, self.goal, self.got, self.n, "-" if self.met is None else "yes" if self.met else "no"


def _of(family: str, *names: str) -> Edits:
    missing = [name for name in names if name not in FAMILIES[family]]
    if missing:
        raise LookupError(f"{family} has no edit named {', '.join(missing)}")
    return tuple((family, name) for name in names)


def _turned(*, zoomed: bool) -> Edits:
    names = (name for name in FAMILIES["geometry"] if name.startswith("turned"))
    return _of("geometry", *(name for name in names if name.endswith("zoomed") == zoomed))


GOALS = (
    Goal("turned 1 to 15, each", _turned(zoomed=False), 95, 85),
    Goal("turned 1 to 15 and zoomed, each", _turned(zoomed=True), 95, 85),
    *(Goal(name, _of("screens", name), 85) for name in ("screen at 3", "screen at 6")),
    *(Goal(name, _of("grids and chats", name), 85) for name in ("story", "story large")),
    Goal("chat, light and dark", _of("grids and chats", "chat light", "chat dark"), 85),
    Goal("cropped chat, light and dark", _of("grids and chats", "chat cropped light", "chat cropped dark"), 85),
    *(Goal(name, _of("grids and chats", name), 85) for name in ("gallery 3 x 3", "contact sheet 3 x 3")),
    *(Goal(name, _of("grids and chats", name), 85) for name in ("gallery 3 x 5", "inset 40", "inset 28")),
    *(
        Goal(f"crop of {percent} % with the face", _of("crop", f"person {percent}"), goal)
        for percent, goal in ((45, 97), (35, 85), (30, 70))
    ),
)
FACES = (
    ("head cut out and pasted", ("head pasted 25", "head pasted 40"), 90),
    ("face swapped by blending", ("face swapped",), 60),
)
"""Figure, edits of cut-outs and swaps, percent; over portraits."""


def lines(tally: Tally, portraits: set[int], *, cut_outs: str) -> Iterator[Line]:
    """`portraits`: numbers of people's photos; `cut_outs`: the matcher that has them, if any."""
    for matcher, wanted in (("full", 92.0), ("slim", 85.0)):
        families = tally.families(matcher)
        mean, whole = float(np.mean(list(families.values()))), len(families) == len(FAMILIES)
        figure = f"mean over {len(families)} families, {matcher}"
        yield Line(figure, f">= {wanted:g} %", f"{mean:.1f} %", _n(tally, matcher), mean >= wanted if whole else None)
    for goal in GOALS:
        for matcher, at_least in (("full", goal.full), ("slim", goal.slim)):
            if at_least is not None and (line := _line(tally, goal, matcher, at_least)):
                yield line
    yield from (_of_faces(tally, portraits, cut_outs, *one) for one in FACES)
    yield from _wrong(tally)


def _n(tally: Tally, matcher: str) -> int:
    return sum(len(numbers) for (one, *_), numbers in tally.found.items() if one == matcher)


def _line(tally: Tally, goal: Goal, matcher: str, at_least: float) -> Line | None:
    got = {name: tally.recall(matcher, family, name) for family, name in goal.edits}
    known = {name: value for name, value in got.items() if value is not None}
    if not known:
        return None
    worst = min(known, key=lambda name: known[name])
    reached = sum(value >= at_least for value in known.values())
    told = f"{known[worst]:.1f} %"
    if len(known) > 1:
        told += f" ({worst}); {reached} of {len(known)} reach it"
    n = sum(len(tally.hits(matcher, family, name)) for family, name in goal.edits)
    return Line(f"{goal.figure}, {matcher}", f">= {at_least:g} %", told, n, reached == len(known))


def _of_faces(
    tally: Tally, portraits: set[int], cut_outs: str, figure: str, names: tuple[str, ...], at_least: float
) -> Line:
    family = next(family for family, edits in FAMILIES.items() if edits is CUT_OUTS)
    each = [tally.hits(cut_outs, family, name, lambda number: number in portraits) for name in names]
    hits = [hit for one in each for hit in one]
    faces = max(map(len, each))
    goal = f">= {at_least:g} %"
    if not hits:
        return Line(f"{figure}, {cut_outs}", goal, "not measured", 0, None)
    low, high = interval(hits)
    got = f"{100 * float(np.mean(hits)):.1f} % ({low:.0f} to {high:.0f}), {faces} faces"
    if faces < LEAST_FACES:
        return Line(f"{figure}, {cut_outs}", goal, f"not measured: {got}", len(hits), None)
    return Line(f"{figure}, {cut_outs}", goal, got, len(hits), float(np.mean(hits)) * 100 >= at_least)


def _wrong(tally: Tally) -> Iterator[Line]:
    for matcher in sorted({matcher for matcher, *_ in tally.found} & {"full", "slim", "cut-outs"}):
        for verdict in ("confident", "review"):
            count = tally.wrong[f"{matcher} {verdict}"]
            bound = upper_bound(count, tally.pairs)
            got = f"{count} ({count / max(1, tally.pairs):.1e} a pair, below {bound:.1e} with 95 %)"
            met = count == 0 if verdict == "confident" else count / max(1, tally.pairs) <= 1e-6
            goal = "0" if verdict == "confident" else "<= 1e-06 a pair"
            yield Line(f"wrong {verdict}, {matcher}", goal, got, tally.pairs, met)
