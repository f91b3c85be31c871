"""Who may be read for whom: pure rules over a consent's times and a case's state. Time is an argument."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from monitor.model.states import CaseState

LONGEST = timedelta(days=365)
"""A consent ends after a year at the latest and is then asked again."""

DEFAULT = timedelta(days=90)
RENEW_BEFORE = timedelta(days=7)
"""How long before its end a consent enters the renewal queue."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Yes or no, with the reason as a code."""

    allowed: bool
    reason: str = ""


def is_live(expires_at: datetime, withdrawn_at: datetime | None, now: datetime) -> bool:
    """A consent counts until it ends or is withdrawn."""
    return withdrawn_at is None and now < expires_at


def may_read(case_state: str, expires_at: datetime, withdrawn_at: datetime | None, now: datetime) -> Decision:
    """May a source be read for this case?"""
    if case_state != CaseState.VOUCHED:
        return Decision(False, "not-vouched" if case_state == CaseState.OPEN else "case-closed")
    if withdrawn_at is not None:
        return Decision(False, "consent-withdrawn")
    if now >= expires_at:
        return Decision(False, "consent-expired")
    return Decision(True)


def ends_at(days: float | None, now: datetime) -> datetime:
    """When a consent of so many days ends; never after LONGEST. Raises ValueError for no or negative time."""
    span = DEFAULT if days is None else timedelta(days=days)
    if span <= timedelta(0):
        raise ValueError("a consent needs an end in the future")
    return now + min(span, LONGEST)
