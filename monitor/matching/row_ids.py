"""The ids of an index's rows, in few bytes: ten million Python strings would take more memory than their codes."""

from array import array
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


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

    def of(self, rows: NDArray[np.integer]) -> list[str]:
        """The ids of these rows."""
        # Of one type with the sorted array: else the whole of that is converted, at every search.
        numbers = np.searchsorted(self._firsts, rows.astype(np.uint32), "right") - 1
        wanted, places = np.unique(numbers, return_inverse=True)
        names = [self._name(number) for number in wanted.tolist()]
        return [names[place] for place in places.tolist()]

    def _name(self, number: int) -> str:
        return self._text[self._ends[number] : self._ends[number + 1]].tobytes().decode("utf-8", "surrogatepass")
