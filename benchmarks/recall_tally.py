"""What came of all edits: found or not, for each photo, and who was taken for whom."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from math import exp, lgamma, log

import numpy as np

from benchmarks.edits import FAMILIES

Key = tuple[str, str, str]
"""Matcher, family, edit."""


@dataclass
class Tally:
    """What came of the queries of one process."""

    found: dict[Key, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))
    """For each photo by its number 1 or 0; without those that the edit is not for."""
    wrong: Counter[str] = field(default_factory=Counter)
    """Matcher and verdict -> pairs."""
    pairs: int = 0
    plain: int = 0
    reasons: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """What another one counted."""
        for key, numbers in other.found.items():
            self.found[key].update(numbers)
        self.wrong += other.wrong
        self.pairs += other.pairs
        self.plain += other.plain
        self.reasons += other.reasons

    def hits(self, matcher: str, family: str, edit: str, only: Callable[[int], bool] = lambda _: True) -> list[int]:
        """1 or 0 for each photo that `only` lets through."""
        return [hit for number, hit in self.found.get((matcher, family, edit), {}).items() if only(number)]

    def recall(self, matcher: str, family: str, edit: str) -> float | None:
        """Percent; None where nothing was tried."""
        hits = self.hits(matcher, family, edit)
        return 100 * float(np.mean(hits)) if hits else None

    def edits(self) -> list[tuple[str, str]]:
        """Family and edit of all that was tried, in their order."""
        tried = {(family, edit) for _, family, edit in self.found}
        return [(family, edit) for family, edits in FAMILIES.items() for edit in edits if (family, edit) in tried]

    def families(self, matcher: str) -> dict[str, float]:
        """Family -> recall in percent, edits weighted alike within a family."""
        by_family: dict[str, list[float]] = defaultdict(list)
        for family, edit in self.edits():
            if (value := self.recall(matcher, family, edit)) is not None:
                by_family[family].append(value)
        return {family: float(np.mean(values)) for family, values in by_family.items()}

    def only_slim(self) -> dict[tuple[str, str], int]:
        """Edits of which slim found photos that full did not: who gives more must never get less."""
        missed = {}
        for family, edit in self.edits():
            slim, full = (self.found.get((matcher, family, edit), {}) for matcher in ("slim", "full"))
            if count := sum(hit > full.get(number, 0) for number, hit in slim.items()):
                missed[family, edit] = count
        return missed


def upper_bound(events: int, tries: int) -> float:
    """The rate that is not exceeded with 95 % confidence (Poisson, exact); with no event three in `tries`."""
    if not tries:
        return 1.0
    low, high = 0.0, 10.0 + 3 * events
    while high - low > 1e-6 * high:
        middle = (low + high) / 2
        so_few = sum(exp(count * log(middle) - middle - lgamma(count + 1)) for count in range(events + 1))
        low, high = (middle, high) if so_few > 0.05 else (low, middle)
    return high / tries


def interval(hits: Iterable[int]) -> tuple[float, float]:
    """Wilson's 95 % interval of a share, in percent."""
    values = list(hits)
    n, share, z = len(values), float(np.mean(values)), 1.96
    middle = (share + z * z / 2 / n) / (1 + z * z / n)
    half = z * (share * (1 - share) / n + z * z / 4 / n / n) ** 0.5 / (1 + z * z / n)
    return 100 * (middle - half), 100 * (middle + half)
