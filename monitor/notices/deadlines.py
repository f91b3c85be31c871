"""The clocks of a notice: when it lapses, when to check the copy, and how it stands."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from monitor.model.notice_states import FOLLOWED
from monitor.notices.route import Route

MIN_GAP = timedelta(hours=1)
"""Domain time between the two checks that make "removed": one bad answer of a cache or server must not count twice."""

CHECK_HOURS = (1, 6, 24, 48)
"""Checks after sending; from then on daily, later weekly."""

DAILY_UNTIL = timedelta(days=30)
WEEKLY_UNTIL = timedelta(days=365)
"""Then no further checks: the copy counts as followed for a year, and a person decides."""

RETRY_AFTER = timedelta(hours=1)
"""After a check that failed."""

RETRY_WITHIN = timedelta(days=3)
"""From sending; later a failed check waits for the schedule."""

DUE_SOON = timedelta(hours=12)


class Standing(StrEnum):
    """How a notice's clock stands."""

    NO_DEADLINE = "no-deadline"
    RUNNING = "running"
    DUE_SOON = "due-soon"
    LAPSED = "lapsed"


def deadline(route: Route, sent_at: datetime) -> datetime | None:
    """When law or platform promised an answer, from receipt (taken as `sent_at`); None where nothing is promised."""
    # In UTC: on a local time the hours would be those on the wall, one more or less where daylight saving changes.
    return None if route.deadline_hours is None else sent_at.astimezone(UTC) + timedelta(hours=route.deadline_hours)


def lapse_at(route: Route, sent_at: datetime) -> datetime:
    """When the next step is prepared if the copy is still there: the deadline, else the last recheck of the route."""
    promised = deadline(route, sent_at)
    if promised is not None:
        return promised
    return sent_at.astimezone(UTC) + timedelta(hours=max(route.recheck_hours, default=CHECK_HOURS[-1]))


def standing(lapses_at: datetime | None, now: datetime) -> Standing:
    """How a clock that ends at `lapses_at` stands at `now`."""
    if lapses_at is None:
        return Standing.NO_DEADLINE
    if now >= lapses_at:
        return Standing.LAPSED
    return Standing.DUE_SOON if lapses_at - now <= DUE_SOON else Standing.RUNNING


@dataclass(frozen=True, slots=True)
class NoticeClock:
    """A notice's clock at one moment. It runs while the copy is checked: not before it left, nor once it is removed."""

    runs: bool
    standing: Standing
    """NO_DEADLINE also while it does not run."""
    left: timedelta | None
    """Until the deadline, negative once it passed; None without one, and while it does not run."""
    next_check: datetime | None


def clock_of(state: str, deadline_at: datetime | None, due_at: datetime | None, now: datetime) -> NoticeClock:
    """The clock of a notice in `state`; `due_at`: when anything is to be done about it."""
    if state not in FOLLOWED:
        return NoticeClock(False, Standing.NO_DEADLINE, None, None)
    left = None if deadline_at is None else deadline_at - now
    return NoticeClock(True, standing(deadline_at, now), left, due_at)


def scheduled_check(sent_at: datetime, after: datetime, *also: datetime | None) -> datetime | None:
    """The first scheduled check later than `after`; `also` are further times to check at. None after a year."""
    early = [sent_at + timedelta(hours=hours) for hours in CHECK_HOURS]
    ahead = [at for at in (*early, *also) if at is not None and at > after]
    if after >= early[-1]:
        step = timedelta(days=1) if after - sent_at < DAILY_UNTIL else timedelta(days=7)
        regular = sent_at + step * ((after - sent_at) // step + 1)
        if regular - sent_at <= WEEKLY_UNTIL:
            ahead.append(regular)
    return min(ahead, default=None)
