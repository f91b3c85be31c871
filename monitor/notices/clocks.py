"""The clocks of a notice that left, each with its absolute end in UTC and when to remind whoever is in charge. Pure.

Lengths are counted on the line of time, whatever zone a time is given in and whatever daylight saving does meanwhile.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum


class ClockKind(StrEnum):
    """What ends. The values are stored with the notice."""

    ANSWER = "answer"
    """The time that law or platform gives for an answer, or after which the next step is prepared."""
    BLOCK_EXPIRY = "block-expiry"
    """A block that the law allows for some days only: asked for again before."""
    PRESERVATION = "preservation"
    """What a platform keeps for police for some days only: asked for again before."""
    RENEWED = "renewed"
    """The same as ANSWER, of the request anew: a letter, or the form submitted again."""
    DUTY = "duty"
    """The time in which a centre must tell the police of a minor's copy; no clock of a notice."""
    FILE_BY = "file-by"
    """The time in which a next step is taken; no clock of a notice either."""


REMIND_WITHIN = timedelta(hours=12)
"""An answer: at most so long before its end, and never more than a quarter of its time."""
RENEW_DAYS_BEFORE = 7
"""What must be asked for again, unless its route says otherwise."""
BLOCK_DAYS = 30
"""ICN Act 44-2: a provisional block lasts at most so long."""
PRESERVATION_DAYS = 90
"""X keeps records for police for so long."""


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock. Both times are in UTC."""

    kind: ClockKind
    ends_at: datetime
    remind_at: datetime


def answer_clock(sent_at: datetime, ends_at: datetime) -> Clock:
    """The clock of an answer that is due at `ends_at`."""
    begun, ends = sent_at.astimezone(UTC), ends_at.astimezone(UTC)
    return Clock(ClockKind.ANSWER, ends, ends - min(REMIND_WITHIN, max(timedelta(0), ends - begun) / 4))


def renewal_clock(kind: ClockKind, sent_at: datetime, days: int, renew_days_before: int | None = None) -> Clock:
    """The clock of what ends by itself after `days`, and is asked for again before."""
    begun = sent_at.astimezone(UTC)
    before = timedelta(days=RENEW_DAYS_BEFORE if renew_days_before is None else renew_days_before)
    ends = begun + timedelta(days=days)
    return Clock(kind, ends, max(begun, ends - before))


def clocks_of(
    sent_at: datetime,
    *,
    answer_ends: datetime | None,
    block_days: int | None = None,
    renew_days_before: int | None = None,
    preserves: bool = False,
) -> tuple[Clock, ...]:
    """Every clock of a notice that left at `sent_at`.

    `block_days`, `renew_days_before`: as its route has them; `preserves`: what ends is a preservation, not a block.
    """
    found = [] if answer_ends is None else [answer_clock(sent_at, answer_ends)]
    if block_days is not None:
        kind = ClockKind.PRESERVATION if preserves else ClockKind.BLOCK_EXPIRY
        found.append(renewal_clock(kind, sent_at, block_days, renew_days_before))
    return tuple(found)
