"""States of a notice, with their one transition table."""

from enum import StrEnum

from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal


class NoticeState(StrEnum):
    """From prepared to removed."""

    HELD = "held"
    """The person wants the police first; only the person lifts this."""
    PREPARED = "prepared"
    """Ready, and waits for a person: they look at what would leave and send it, or fill in and submit the form."""
    QUEUED = "queued"
    """A person sent it. It leaves a minute later, and can be undone until then."""
    SENDING = "sending"
    """The intent is written; the outcome is not yet."""
    SENT = "sent"
    IN_DOUBT = "in_doubt"
    """It may or may not have arrived; a person decides, nothing resends itself."""
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    REMOVED = "removed"
    LAPSED = "lapsed"
    """The deadline passed with the copy still there; the next step is prepared."""


TRANSITIONS: dict[NoticeState, set[NoticeState]] = {
    NoticeState.HELD: {NoticeState.QUEUED, NoticeState.PREPARED, NoticeState.WITHDRAWN},
    NoticeState.PREPARED: {NoticeState.QUEUED, NoticeState.SENT, NoticeState.HELD, NoticeState.WITHDRAWN},
    NoticeState.QUEUED: {
        NoticeState.SENDING,
        NoticeState.PREPARED,
        NoticeState.HELD,
        NoticeState.FAILED,
        NoticeState.WITHDRAWN,
    },
    NoticeState.SENDING: {NoticeState.SENT, NoticeState.QUEUED, NoticeState.IN_DOUBT, NoticeState.FAILED},
    NoticeState.IN_DOUBT: {
        NoticeState.SENT,
        NoticeState.QUEUED,
        NoticeState.PREPARED,  # sent again after its case moved it is written anew, and somebody looks at it
        NoticeState.FAILED,
        NoticeState.WITHDRAWN,
    },
    NoticeState.FAILED: {NoticeState.QUEUED, NoticeState.PREPARED, NoticeState.WITHDRAWN},
    # A mail that left may come back days later: it never arrived.
    # What left may be taken back: it is then withdrawn for the reason `retracted`.
    NoticeState.SENT: {NoticeState.REMOVED, NoticeState.LAPSED, NoticeState.FAILED, NoticeState.WITHDRAWN},
    NoticeState.LAPSED: {NoticeState.REMOVED, NoticeState.FAILED, NoticeState.WITHDRAWN},
    # Only what never left, or was retracted, may be written anew: see notices/writing.py.
    NoticeState.WITHDRAWN: {NoticeState.HELD, NoticeState.PREPARED, NoticeState.QUEUED},
    # The copy came back after its receipt, and the notice had arrived or not; or it should never have been reported,
    # and its recipient is told.
    NoticeState.REMOVED: {NoticeState.SENT, NoticeState.LAPSED, NoticeState.FAILED, NoticeState.WITHDRAWN},
}

UNSENT = frozenset({NoticeState.HELD, NoticeState.PREPARED, NoticeState.QUEUED, NoticeState.FAILED})
"""States in which a withdrawn consent still stops the notice."""

MAY_WITHDRAW = UNSENT | {NoticeState.IN_DOUBT}
"""States from which an advocate withdraws a notice; what left is retracted instead."""

MAY_RETURN = frozenset({NoticeState.SENT, NoticeState.LAPSED, NoticeState.IN_DOUBT})
"""States in which a mail can turn out not to have arrived."""

STANDS = frozenset({NoticeState.SENT, NoticeState.LAPSED, NoticeState.REMOVED})
"""It left, and was neither taken back nor returned."""

FOLLOWED = frozenset({NoticeState.SENT, NoticeState.LAPSED})
"""States in which the copy is checked again."""

NEEDS_A_PERSON = frozenset({NoticeState.IN_DOUBT, NoticeState.FAILED, NoticeState.PREPARED, NoticeState.LAPSED})
"""States that only a person leads out of, or in which a person has a next step to take."""

OVER = frozenset({NoticeState.REMOVED, NoticeState.WITHDRAWN})
"""States after which nothing more happens by itself."""


BOUNCED = "bounced-"
"""Begins the reason of a notice that came back: it failed, or its copy was gone by then."""


def has_bounced(reason: str | None) -> bool:
    """Is it known that the notice did not arrive?"""
    return (reason or "").startswith(BOUNCED)


def can_move(current: str, new: NoticeState) -> bool:
    """Does the table allow the step?"""
    return new in TRANSITIONS[NoticeState(current)]


def move(current: str, new: NoticeState) -> str:
    """The new state, or RuleBroken when the table does not allow the step."""
    if not can_move(current, new):
        raise RuleBroken(Refusal.NOTICE_STATE, f"a notice that is {current} cannot become {new}")
    return new
