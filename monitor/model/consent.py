"""The one rule of consent: what a person's yes allows now. Pure; time is an argument.

The database asks the same question in `db/queries/consents.py`; a test holds that both always answer alike.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from monitor.core.refusals import Refusal
from monitor.model.states import CaseState, Purpose

LONGEST = timedelta(days=365)
"""A consent ends after a year at the latest and is then asked again."""

DEFAULT = timedelta(days=90)
RENEW_BEFORE = timedelta(days=7)
"""How long before its end a consent enters the renewal queue."""


class ConsentReason(StrEnum):
    """Why a consent allows nothing now: what the program asks itself, not what it tells.

    Apart from Refusal, of which each member is told at a door and so has a status and words: that a consent is over,
    has not begun or is to something else is nobody's refusal. Where both mean the same, the value is the same.
    """

    NOT_VOUCHED = Refusal.NOT_VOUCHED.value
    CASE_CLOSED = Refusal.CASE_CLOSED.value
    OTHER_PURPOSE = "other-purpose"
    WITHDRAWN = Refusal.CONSENT_WITHDRAWN.value
    NOT_BEGUN = "consent-not-begun"
    EXPIRED = "consent-expired"
    PAUSED = "consent-paused"


OVER = frozenset({ConsentReason.WITHDRAWN, ConsentReason.EXPIRED})
"""Such a consent will never stand again."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Yes, or no with the reason."""

    reason: ConsentReason | None = None

    @property
    def allowed(self) -> bool:
        """Whether it is a yes."""
        return self.reason is None


class GivenConsent(Protocol):
    """One yes of a person, as it is on record: a row of the table `consents` is one."""

    @property
    def purpose(self) -> str:
        """What it allows."""

    @property
    def given_at(self) -> datetime:
        """From when it counts."""

    @property
    def expires_at(self) -> datetime:
        """The first moment at which it counts no more."""

    @property
    def withdrawn_at(self) -> datetime | None:
        """When the person took it back."""

    @property
    def paused_at(self) -> datetime | None:
        """Since when the person lets it rest."""

    @property
    def list_consent_id(self) -> str | None:
        """The yes to a whole list that it follows from; None: the person named this source themselves."""


def may_use(case_state: str, consent: GivenConsent, purpose: Purpose, now: datetime) -> Decision:
    """May a source be used for this purpose, for this case? Only while the case is vouched for, the yes stands, and the
    person did not pause it. A pause counts whatever time it bears, as a withdrawal does."""
    if case_state != CaseState.VOUCHED:
        return Decision(ConsentReason.NOT_VOUCHED if case_state == CaseState.OPEN else ConsentReason.CASE_CLOSED)
    if consent.purpose != purpose:
        return Decision(ConsentReason.OTHER_PURPOSE)
    decision = stands(consent, now)
    return Decision(ConsentReason.PAUSED) if decision.allowed and consent.paused_at is not None else decision


def stands(consent: GivenConsent, now: datetime) -> Decision:
    """Does the yes itself count, whatever its case is? From the moment it was given until just before its end.

    A withdrawal counts whatever time it bears: no clock that is behind can put it off.
    """
    if consent.withdrawn_at is not None:
        return Decision(ConsentReason.WITHDRAWN)
    if now < consent.given_at:
        return Decision(ConsentReason.NOT_BEGUN)
    if now >= consent.expires_at:
        return Decision(ConsentReason.EXPIRED)
    return Decision()


def is_to_be_renewed(consent: GivenConsent, now: datetime) -> bool:
    """Is it in the renewal queue: does it stand, and end soon?"""
    return stands(consent, now).allowed and consent.expires_at - now <= RENEW_BEFORE


def was_taken_back(consents: Iterable[GivenConsent], now: datetime) -> bool:
    """Was the latest of the consents to one purpose at one source withdrawn? One that merely ended was not.

    A yes that has not begun takes back no withdrawal. Of two that were given at one moment the one that is not
    withdrawn is the later. Whoever takes a whole list back takes back no source that they named themselves and still
    say yes to, nor the other way round.
    """
    begun = [one for one in consents if stands(one, now).reason is not ConsentReason.NOT_BEGUN]
    latest = max(begun, key=lambda one: (one.given_at, one.withdrawn_at is None, _listed(one)), default=None)
    if latest is None or stands(latest, now).reason is not ConsentReason.WITHDRAWN:
        return False
    return not any(stands(one, now).allowed for one in begun if _listed(one) != _listed(latest))


def _listed(consent: GivenConsent) -> bool:
    return consent.list_consent_id is not None


def ends_at(days: float | None, now: datetime) -> datetime:
    """When a consent of so many days ends; never after LONGEST. Raises ValueError for no or negative time."""
    span = DEFAULT if days is None else timedelta(days=days)
    if span <= timedelta(0):
        raise ValueError("a consent needs an end in the future")
    return now + min(span, LONGEST)
