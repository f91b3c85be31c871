"""What several sightings have in common, in counts. Pure.

Within a centre its advocates see counts as they are: every case is theirs. Beyond it a lead sees a count only where
both centres said yes, where enough cases of enough centres are behind it, and rounded down.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

LEAST_CASES, LEAST_CENTRES = 5, 3
STEP = 5
"""Counts over several centres are rounded down to multiples of it."""


class MarkKind(StrEnum):
    """What two sightings can have in common beside the channel. The values are stored: add, never rename."""

    ACCOUNT = "account"
    """Who posted it, where that is not the channel itself."""
    ORIGIN = "origin"
    """Whence it was forwarded."""
    FILE = "file"
    """The very same file."""


@dataclass(frozen=True, slots=True)
class Counted:
    """How much of it a centre has, in open and confirmed sightings."""

    cases: int
    posts: int
    first_seen: datetime | None


@dataclass(frozen=True, slots=True)
class Across:
    """At least so many over the centres that share, this one included."""

    cases: int
    posts: int


def across(*, cases: int, posts: int, centres: int) -> Across | None:
    """What a lead sees of these counts; None where they are too few to hide anybody."""
    if cases < LEAST_CASES or centres < LEAST_CENTRES:
        return None
    return Across(cases - cases % STEP, posts - posts % STEP)
