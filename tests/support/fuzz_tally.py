"""How long a fuzzer runs, from which seed, and what it met: every fault with what is needed to see it again."""

import json
import logging
import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

SECONDS = float(os.environ.get("FUZZ_SECONDS", "600"))
"""Of each fuzzer on each database; one whole pass is made in any case."""
SEED = int(os.environ.get("FUZZ_SEED", "1"))
_MOST_KEPT = 40


@dataclass
class Tally:
    """Of one run."""

    statuses: Counter[int] = field(default_factory=Counter)
    reached: set[str] = field(default_factory=set)
    """Operations that answered with a success."""
    faults: dict[str, str] = field(default_factory=dict)
    """The first of each kind: what and where -> how to see it again."""
    where: list[str] = field(default_factory=list)
    """Of the latest answer that was an error of ours: the lines of code, as the log says them."""

    def count(self, operation: str, status: int) -> None:
        """One answer."""
        self.statuses[status] += 1
        if 200 <= status < 400:
            self.reached.add(operation)

    def fault(self, kind: str, again: str) -> None:
        """Something that must not be."""
        if len(self.faults) < _MOST_KEPT:
            self.faults.setdefault(kind, again[:3000])

    def told(self) -> str:
        """In one line."""
        answers = {str(status): self.statuses[status] for status in sorted(self.statuses)}
        return json.dumps(
            {"seed": SEED, "seconds": SECONDS, "requests": self.statuses.total(), "answers": answers}
            | {"faults": list(self.faults)}
        )


@contextmanager
def tallying() -> Iterator[Tally]:
    """A tally that hears what the guard logs."""
    tally = Tally()

    class Hears(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            where = getattr(record, "where", None) or getattr(record, "reason", None)
            if where is not None:
                tally.where[:] = [f"{getattr(record, 'error', record.getMessage())}: {where}"]

    hears = Hears()
    loggers = [logging.getLogger("api.guard"), logging.getLogger("api.errors")]
    for each in loggers:
        each.addHandler(hears)
    try:
        yield tally
    finally:
        for each in loggers:
            each.removeHandler(hears)
