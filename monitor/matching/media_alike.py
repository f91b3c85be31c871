"""Which pictures and videos look alike by their codes, where a case holds thousands of either."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from monitor.fingerprints.hashes.values import CODE_BYTES, ORIENTATIONS
from monitor.matching.linear_scan import CodeWords, scan
from monitor.matching.turned import all_turned
from monitor.matching.verdict import CONFIDENT_WITHIN, LEAST_SHARE, REVIEW_WITHIN

_MOST_PAIRS = 4_000_000
"""Codes times queries that are compared at a time: where all of them fit, that many hits are held."""
_MOST_CODES = 64
"""Of what is wanted, at a time: what was found by then is compared no further."""


@dataclass(frozen=True, slots=True)
class Medium:
    """A picture, or a video with the codes of its frames, 32 bytes each."""

    video: bool
    codes: tuple[bytes, ...] = field(repr=False)


class MediaAlike:
    """Numbered media, ready to be searched by the rule that shows a copy to an advocate, however it is turned."""

    def __init__(self, media: Sequence[Medium]) -> None:
        counted = [_Counted.of(one.video, one.codes) for one in media]
        self._video = np.array([one.video for one in media], bool)
        self._frames = np.array([one.frames for one in counted], np.int64)
        self._owner = np.repeat(np.arange(len(media)), [len(one.times) for one in counted])
        """Of each code its medium."""
        self._codes = np.concatenate([_words(()), *(one.codes for one in counted)])
        self._times = np.concatenate([np.empty(0, np.int64), *(one.times for one in counted)])

    def like(self, wanted: Iterable[Medium], among: Sequence[int]) -> set[int]:
        """Those `among` the numbered ones that look like one of these. What was found is compared no further."""
        every = set(wanted)
        left = np.zeros(len(self._video), bool)
        left[list(among)] = True
        pictures = sorted({code for one in every if not one.video for code in one.codes})
        videos = sorted(one.codes for one in every if one.video)
        counted = [_Counted.of(False, pictures), *(_Counted.of(True, codes) for codes in videos)]
        near = self._within_reach(np.concatenate([one.codes for one in counted]), left)
        for one in counted:
            self._search(one, left, near)
        return {number for number in among if not left[number]}

    def _within_reach(self, wanted: CodeWords, left: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """A flag for each code: whether any that is wanted can be near it. What is near such a one is at most so much
        further from every other that is surely the same: of the copies of a frame one is compared with all."""
        near = np.zeros(len(self._codes), bool)
        while len(wanted):
            rows = np.flatnonzero(left[self._owner] & ~near)
            if not len(rows):
                break
            first, wanted = wanted[: _step(len(rows))], wanted[_step(len(rows)) :]
            near[rows[scan(self._codes[rows], all_turned(first), REVIEW_WITHIN + CONFIDENT_WITHIN)[:, 1]]] = True
            others = np.ones(len(wanted), bool)
            others[scan(wanted, first, CONFIDENT_WITHIN)[:, 1]] = False
            wanted = wanted[others]
        return near

    def _search(self, one: "_Counted", left: NDArray[np.bool_], near: NDArray[np.bool_]) -> None:
        """Take what looks like this out of `left`, a flag for each medium. `near`: codes that may be."""
        mine, theirs = np.zeros(len(left), np.int64), np.zeros(len(self._codes), np.int64)
        least = LEAST_SHARE * np.minimum(one.frames, self._frames)
        start = 0
        while start < len(one.codes):
            rows = np.flatnonzero(left[self._owner] & near)
            if not len(rows):
                return
            part = slice(start, start + _step(len(rows)))
            start = part.stop
            hits = scan(self._codes[rows], all_turned(one.codes[part]), REVIEW_WITHIN)
            if not len(hits):
                continue
            row = rows[hits[:, 1]]
            fits = np.zeros((len(one.codes[part]), len(left)), bool)
            fits[hits[:, 0] // len(ORIENTATIONS), self._owner[row]] = True
            mine += one.times[part] @ fits
            theirs[row] = self._times[row]
            # Two videos may share a channel's intro, so of the shorter one a good part must fit.
            fitting = np.where(one.frames <= self._frames, mine, np.bincount(self._owner, theirs, len(left)))
            left &= ~np.where(self._video & one.video, fitting >= least, mine > 0)


@dataclass(frozen=True, slots=True)
class _Counted:
    """Each of its codes once."""

    video: bool
    frames: int
    codes: CodeWords
    times: NDArray[np.int64]
    """How many frames have this code."""

    @classmethod
    def of(cls, video: bool, codes: Sequence[bytes]) -> Self:
        times = Counter(codes)
        return cls(video, len(codes), _words(times), np.array(list(times.values()), np.int64))


def _step(rows: int) -> int:
    """Codes that are compared with so many rows at a time."""
    return min(_MOST_CODES, max(1, _MOST_PAIRS // (len(ORIENTATIONS) * rows)))


def rows_near(codes: Sequence[bytes], wanted: Sequence[bytes], radius: int) -> set[int]:
    """Which of `codes` are at most so many bits from one that is wanted, neither of them turned."""
    return set(scan(_words(codes), _words(wanted), radius)[:, 1].tolist())


def _words(codes: Collection[bytes]) -> CodeWords:
    """Writable, which the kernels want."""
    return np.frombuffer(bytearray().join(codes), np.uint64).reshape(-1, CODE_BYTES // 8)
