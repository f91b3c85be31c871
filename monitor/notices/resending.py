"""May an identical re-upload be reported with no other decision? Pure, and the only exception to "a person sends".

Everything must hold at once; what does not is named, and an advocate decides about the copy as about any other.
"""

from dataclasses import dataclass
from enum import StrEnum

from monitor.model.facts import PictureKind

MOST_A_DAY = 20
"""Copies of one case in 24 hours that may be reported so: beyond it something is odd, and somebody looks."""


class NotByItself(StrEnum):
    """Why an advocate decides about it after all."""

    PERSON_OFF = "person-has-not-switched-it-on"
    ADVOCATE_OFF = "no-advocate-has-switched-it-on"
    MINOR_OR_UNSURE = "minor-or-unsure"
    POLICE_WAIT = "waiting-for-police"
    ORDINARY = "ordinary-photo"
    NOT_IDENTICAL = "not-identical"
    DECIDED = "already-decided"
    PAUSED = "work-rests"
    NOTHING_SENT_BEFORE = "no-notice-of-this-item-left-this-way"
    CLOSED = "item-closed"
    """Somebody decided against it: the first copy was closed, or another one because the person wants no more, it was a
    mistake or others have it in hand; or another one was dismissed; or the person says that it is not theirs."""
    CAP = "daily-cap"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReuploadAtHand:
    """What the rule asks of a re-upload, its item and its case."""

    open: bool
    identical: bool
    """By PDQ and pHash against the confirmed post's own hashes."""
    kind: PictureKind
    """Of the copy of the item that an advocate confirmed."""
    person_on: bool
    advocate_on: bool
    counts_as_minor: bool
    waits_for_police: bool
    paused: bool
    """Stopped, frozen or closed: nothing leaves."""
    closed: bool
    """See `NotByItself.CLOSED`."""
    ways: int
    """Routes by which a notice about this item left here, and that need no person's hands."""
    lately: int
    """Copies of the case that were reported so in the last 24 hours."""


def why_not_by_itself(at_hand: ReuploadAtHand, most_a_day: int = MOST_A_DAY) -> NotByItself | None:
    """The first reason why not; None where it may leave by itself."""
    reasons = {
        NotByItself.DECIDED: not at_hand.open,
        NotByItself.NOT_IDENTICAL: not at_hand.identical,
        NotByItself.MINOR_OR_UNSURE: at_hand.counts_as_minor,
        NotByItself.ORDINARY: at_hand.kind not in (PictureKind.INTIMATE, PictureKind.FAKED),
        NotByItself.PERSON_OFF: not at_hand.person_on,
        NotByItself.ADVOCATE_OFF: not at_hand.advocate_on,
        NotByItself.POLICE_WAIT: at_hand.waits_for_police,
        NotByItself.PAUSED: at_hand.paused,
        NotByItself.CLOSED: at_hand.closed,
        NotByItself.NOTHING_SENT_BEFORE: not at_hand.ways,
        NotByItself.CAP: at_hand.lately >= most_a_day,
    }
    return next((reason for reason, holds in reasons.items() if holds), None)
