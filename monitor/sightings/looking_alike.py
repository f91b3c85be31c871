"""Which whole pictures and videos of one case look alike, by their stored codes. Pure.

By the rule that shows a copy to an advocate, however it is turned: what may be a minor's picture counts as one.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from monitor.matching.index import HashIndex
from monitor.matching.turned import turned
from monitor.matching.verdict import LEAST_SHARE, REVIEW_WITHIN


@dataclass(frozen=True, slots=True)
class Shown:
    """The codes of a picture, or of each frame of a video, 32 bytes each."""

    codes: tuple[bytes, ...] = field(repr=False)
    video: bool = False
    quality: int = 100
    """Of the whole picture, or the first frame."""


NOTHING = Shown(())
"""Of what was removed, cannot be opened, or was hashed in another way."""


class Lookalikes:
    """Named pictures and videos, ready to be searched."""

    def __init__(self, shown: Mapping[str, Shown]) -> None:
        self._shown = shown
        rows = [(name, code) for name, one in shown.items() for code in one.codes]
        self._owners = [name for name, _ in rows]
        self._index = HashIndex(self._owners, [code for _, code in rows], tables=False)

    def of(self, wanted: Sequence[Shown]) -> set[str]:
        """Names of all that look like one of these."""
        return {name for one in wanted if one.codes for name in self._of(one)} if self._owners else set()

    def _of(self, one: Shown) -> set[str]:
        hits = self._index.search([each for code in one.codes for each in turned(code)], REVIEW_WITHIN)
        fitting = defaultdict[str, tuple[set[int], set[int]]](lambda: (set(), set()))
        for query, row in zip(hits.query.tolist(), hits.row.tolist(), strict=True):
            mine, theirs = fitting[self._owners[row]]
            mine.add(query // 8)
            theirs.add(row)
        return {
            name for name, (mine, theirs) in fitting.items() if _enough(one, self._shown[name], len(mine), len(theirs))
        }


def look_alike(one: Shown, other: Shown) -> bool:
    """Whether two are, or may be, one picture, or one is a frame of the other."""
    return bool(Lookalikes({"other": other}).of([one]))


def _enough(one: Shown, other: Shown, mine: int, theirs: int) -> bool:
    """Two videos may share a channel's intro, so of the shorter one a good part must fit."""
    if not (one.video and other.video):
        return True
    fits, frames = (mine, len(one.codes)) if len(one.codes) <= len(other.codes) else (theirs, len(other.codes))
    return fits >= LEAST_SHARE * frames
