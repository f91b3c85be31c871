"""What one check of a reported copy means. An error is unknown, never gone; gone needs two checks apart in time.

Gone is the picture: with its post (deleted), out of it (taken out), or for another one (replaced).

| check                    | before the deadline  | after the deadline                                           |
| ------------------------ | -------------------- | ------------------------------------------------------------ |
| gone, first              | check again, MIN_GAP | the same: a second check first, no escalation                |
| gone, again              | removed, if apart    | removed, if apart                                            |
| gone, but undecided      | keep checking        | keep checking, alert: another possible copy waits there      |
| live, edited, restricted | keep checking        | lapsed, once; then keep checking                             |
| blocked in a country     | keep checking        | the same: it still stands everywhere else                    |
| login                    | keep checking, alert | keep checking, alert: nobody can verify it, a person decides |
| unknown                  | keep checking        | keep checking, alert                                         |
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from monitor.notices.deadlines import MIN_GAP, RETRY_AFTER, RETRY_WITHIN, scheduled_check
from monitor.platforms.base import Presence

GONE = frozenset({Presence.DELETED, Presence.TAKEN_OUT, Presence.REPLACED})
"""The picture is not there; only with DELETED the post is not there either."""


THERE = frozenset({Presence.LIVE, Presence.EDITED, Presence.RESTRICTED, Presence.BLOCKED})
"""The picture stands there, for all or for some."""


def is_seen(presence: Presence) -> bool:
    """Does a look show the picture there? What cannot be seen is neither there nor gone."""
    return presence in THERE


def is_back(presence: Presence) -> bool:
    """Does a look after the receipt show that the copy came back?"""
    return is_seen(presence)


def what_is_gone(presence: str | None, *, removed: bool) -> str | None:
    """`post` or `picture`, of a copy that was removed and last seen so; None while it is not."""
    if not removed:
        return None
    return "picture" if presence in (Presence.TAKEN_OUT, Presence.REPLACED) else "post"


class OutcomeKind(StrEnum):
    """What follows from a check. The values are stored in the ledger."""

    REMOVED = "removed"
    KEEP_CHECKING = "keep-looking"
    LAPSED = "lapsed"
    """Past the deadline and still there: the next step is prepared. Checking goes on."""


class CheckReason(StrEnum):
    """Why. The values are stored with the notice."""

    GONE_TWICE = "gone-twice"
    GONE_ONCE = "gone-once"
    GONE_TOO_SOON = "gone-too-soon"
    """Gone again, but the two checks are not far enough apart."""
    STILL_THERE = "still-there"
    EDITED = "edited"
    """There, in a post that was changed since, or put there anew."""
    UNDECIDED = "undecided"
    """The picture seems gone, and another possible copy at that post waits for an advocate."""
    RESTRICTED = "restricted"
    """There, but withheld for some: not removed."""
    BLOCKED = "blocked"
    """There, but withheld in some countries: not removed."""
    DEADLINE_PASSED = "deadline-passed"
    LAPSED_BEFORE = "lapsed-before"
    """Still there; the next step was prepared at an earlier check."""
    BEHIND_LOGIN = "behind-login"
    CHECK_FAILED = "look-failed"
    UNVERIFIABLE_AT_DEADLINE = "unverifiable-at-deadline"


@dataclass(frozen=True, slots=True)
class FollowState:
    """What earlier checks left behind."""

    gone_since: datetime | None = None
    """The first check that found it gone, of the run that still holds."""
    gone_checks: int = 0
    """Checks of that run that found it gone and count: 0, 1, or 2 when removed."""
    checks: int = 0
    lapsed: bool = False
    """LAPSED was said before."""


@dataclass(frozen=True, slots=True)
class CheckOutcome:
    """What follows, why, and what to remember."""

    kind: OutcomeKind
    reason: CheckReason
    state: FollowState
    at: datetime | None = None
    """The next check; None when removed, and once a year has passed."""
    alert: bool = False
    """A person should know: nobody can see from outside whether it is still there."""


def judge_check(
    state: FollowState,
    presence: Presence,
    now: datetime,
    *,
    sent_at: datetime,
    deadline: datetime | None,
    undecided: bool = False,
) -> CheckOutcome:
    """Judge one check, made at `now`. `deadline` is `deadlines.lapse_at`; None never lapses.

    A failed check between two that found it gone neither counts nor resets; anything that shows or may hide the picture
    (live, edited, restricted, login) starts over. `undecided`: a possible copy at that post waits for an advocate, so
    only a post that is gone as a whole counts as gone.
    """
    seen = replace(state, checks=state.checks + 1)
    late = deadline is not None and now >= deadline
    if presence is Presence.DELETED or (presence in GONE and not undecided):
        return _gone(seen, now)
    if presence in GONE:
        at = scheduled_check(sent_at, now, deadline)
        return CheckOutcome(OutcomeKind.KEEP_CHECKING, CheckReason.UNDECIDED, seen, at, alert=late)
    if presence is Presence.UNKNOWN:
        reason = CheckReason.UNVERIFIABLE_AT_DEADLINE if late else CheckReason.CHECK_FAILED
        at = _retry(seen, now, sent_at, deadline)
        return CheckOutcome(OutcomeKind.KEEP_CHECKING, reason, seen, at, alert=late)
    there = replace(seen, gone_since=None, gone_checks=0)
    at = scheduled_check(sent_at, now, deadline)
    if presence is Presence.LOGIN:
        reason = CheckReason.UNVERIFIABLE_AT_DEADLINE if late else CheckReason.BEHIND_LOGIN
        return CheckOutcome(OutcomeKind.KEEP_CHECKING, reason, there, at, alert=True)
    if late and not there.lapsed:
        return CheckOutcome(OutcomeKind.LAPSED, CheckReason.DEADLINE_PASSED, replace(there, lapsed=True), at)
    return CheckOutcome(OutcomeKind.KEEP_CHECKING, _why_there(presence, late), there, at)


def _gone(seen: FollowState, now: datetime) -> CheckOutcome:
    if seen.gone_since is None:
        first = replace(seen, gone_since=now, gone_checks=1)
        return CheckOutcome(OutcomeKind.KEEP_CHECKING, CheckReason.GONE_ONCE, first, now + MIN_GAP)
    if now - seen.gone_since < MIN_GAP:
        again = replace(seen, gone_checks=1)
        return CheckOutcome(OutcomeKind.KEEP_CHECKING, CheckReason.GONE_TOO_SOON, again, seen.gone_since + MIN_GAP)
    return CheckOutcome(OutcomeKind.REMOVED, CheckReason.GONE_TWICE, replace(seen, gone_checks=2))


def _retry(seen: FollowState, now: datetime, sent_at: datetime, deadline: datetime | None) -> datetime | None:
    if seen.gone_since is not None and seen.gone_since + MIN_GAP > now:
        return seen.gone_since + MIN_GAP
    # Hourly while the first days' clocks run; a source that keeps failing is then asked as often as any other.
    return now + RETRY_AFTER if now - sent_at < RETRY_WITHIN else scheduled_check(sent_at, now, deadline)


def _why_there(presence: Presence, late: bool) -> CheckReason:
    if late:
        return CheckReason.LAPSED_BEFORE
    if presence is Presence.EDITED:
        return CheckReason.EDITED
    if presence is Presence.BLOCKED:
        return CheckReason.BLOCKED
    return CheckReason.RESTRICTED if presence is Presence.RESTRICTED else CheckReason.STILL_THERE
