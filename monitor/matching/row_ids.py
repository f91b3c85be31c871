"""The ids of an index's rows, in few bytes: ten million Python strings would take more memory than their codes."""

from array import array
from collections.abc import Collection, Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from monitor.matching.compiled import compiled

_STRETCH = 1 << 20
"""Names compared together: bounds the memory of a removal."""


class Names:
    """An id a row. Equal ids that follow each other are kept once; all of them as UTF-8 in one block. Immutable."""

    def __init__(self, ids: Iterable[str] = ()) -> None:
        first_rows, ends = array("q"), array("q", [0])  # lists of numbers would take nine times the memory
        text = bytearray()
        before: str | None = None
        row = -1
        for row, name in enumerate(ids):
            if name != before:
                first_rows.append(row)
                text += name.encode("utf-8", "surrogatepass")
                ends.append(len(text))
                before = name
        first_rows.append(row + 1)
        self._firsts = np.array(first_rows, np.uint32)
        """The first row of each name, and the number of rows."""
        self._ends = np.array(ends, np.int64)
        """Name i is the text from end i to end i + 1."""
        self._text = np.array(text, np.uint8)

    def __len__(self) -> int:
        return int(self._firsts[-1])

    def __iter__(self) -> Iterator[str]:
        return iter(self.of(np.arange(len(self))))

    @property
    def distinct(self) -> int:
        """How many names are kept: at most one a row."""
        return len(self._ends) - 1

    def of(self, rows: NDArray[np.integer]) -> list[str]:
        """The ids of these rows."""
        # Of one type with the sorted array: else the whole of that is converted, at every search.
        numbers = np.searchsorted(self._firsts, rows.astype(np.uint32), "right") - 1
        wanted, places = np.unique(numbers, return_inverse=True)
        names = [self._name(number) for number in wanted.tolist()]
        return [names[place] for place in places.tolist()]

    def among(self, wanted: Collection[str]) -> NDArray[np.bool_]:
        """For each of the distinct names, in their order: whether it is one of `wanted`."""
        marks = np.zeros(self.distinct, np.bool_)
        if not wanted:
            return marks
        other = Names(wanted)
        sought = np.sort(hashes(other._text, other._ends))
        for start in range(0, self.distinct, _STRETCH):
            own = hashes(self._text, self._ends[start : start + _STRETCH + 1])
            place = np.minimum(np.searchsorted(sought, own), len(sought) - 1)
            for number in (start + np.flatnonzero(sought[place] == own)).tolist():
                marks[number] = self._name(number) in wanted
        return marks

    def rows(self, marks: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """What is marked name by name, row by row."""
        return np.repeat(marks, np.diff(self._firsts))

    def only(self, marks: NDArray[np.bool_]) -> "Names":
        """The rows whose names are marked, moved together."""
        if marks.all():
            return self
        lengths = np.diff(self._ends)
        kept = Names()
        kept._firsts = np.concatenate([[0], np.cumsum(np.diff(self._firsts)[marks], dtype=np.int64)]).astype(np.uint32)
        kept._ends = np.concatenate([[0], np.cumsum(lengths[marks])])
        kept._text = self._text[np.repeat(marks, lengths)]
        return kept

    def followed_by(self, others: "Names") -> "Names":
        """These rows, then the others'."""
        if not len(others) or not len(self):
            return self if len(self) else others
        joined = Names()
        joined._firsts = np.concatenate([self._firsts[:-1], others._firsts + self._firsts[-1]])
        joined._ends = np.concatenate([self._ends, others._ends[1:] + self._ends[-1]])
        joined._text = np.concatenate([self._text, others._text])
        return joined

    def _name(self, number: int) -> str:
        return self._text[self._ends[number] : self._ends[number + 1]].tobytes().decode("utf-8", "surrogatepass")


@compiled("uint64[::1](uint8[::1], int64[::1])")
def hashes(text: NDArray[np.uint8], ends: NDArray[np.int64]) -> NDArray[np.uint64]:
    """FNV-1a of each name, 64 bits: only to find quickly which names have to be compared."""
    made = np.empty(len(ends) - 1, np.uint64)
    for number in range(len(made)):
        value = np.uint64(0xCBF29CE484222325)
        for at in range(ends[number], ends[number + 1]):
            value = (value ^ np.uint64(text[at])) * np.uint64(0x100000001B3)
        made[number] = value
    return made
