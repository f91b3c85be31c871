"""States of a case, of a sighting and of a known link, each with one transition table."""

from enum import StrEnum

from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal


class CaseState(StrEnum):
    """From opened to erased."""

    OPEN = "open"
    """Waiting for an advocate to vouch: nothing is read, matched or shown."""
    VOUCHED = "vouched"
    ERASING = "erasing"
    """Hidden and stopped; the key is destroyed when the delay is over."""
    ERASED = "erased"


CASE_TRANSITIONS = {
    CaseState.OPEN: {CaseState.VOUCHED, CaseState.ERASING},
    CaseState.VOUCHED: {CaseState.ERASING},
    CaseState.ERASING: {CaseState.OPEN, CaseState.VOUCHED, CaseState.ERASED},
    CaseState.ERASED: set[CaseState](),
}


class SightingState(StrEnum):
    """What the advocate decided."""

    OPEN = "open"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"


SIGHTING_TRANSITIONS = {
    SightingState.OPEN: {SightingState.CONFIRMED, SightingState.DISMISSED},
    SightingState.DISMISSED: {SightingState.OPEN},
    # A confirmation that was wrong: what followed from it is taken back, see monitor/actions/reopen.py.
    SightingState.CONFIRMED: {SightingState.OPEN},
}


class Dismissal(StrEnum):
    """Why a sighting was dismissed."""

    NOT_THE_PICTURE = "not-the-picture"
    OWN_POST = "own-post"
    """The person's own profile or post."""
    HARMLESS = "harmless"
    PERSON_DECLINED = "person-declined"
    """It is the picture, but the person wants nothing done."""


class LinkState(StrEnum):
    """What became of a link that the person knows."""

    ENTERED = "entered"
    """Public: read once the case is vouched for, and tried again after passing faults."""
    ROUTED = "routed"
    """Members only, or elsewhere: recorded, never read."""
    READ = "read"
    DONE = "done"
    """Routed, and the person has done what can be done there themselves; they can take the tick back."""
    UNAVAILABLE = "unavailable"
    """It could not be opened, or nothing there could be inspected."""
    REMOVED = "removed"
    """The person took it out: its address is forgotten, and it is in no list any more."""


LINK_TRANSITIONS = {
    LinkState.ENTERED: {LinkState.READ, LinkState.UNAVAILABLE, LinkState.REMOVED},
    LinkState.ROUTED: {LinkState.DONE, LinkState.REMOVED},
    LinkState.DONE: {LinkState.ROUTED, LinkState.REMOVED},
    LinkState.READ: {LinkState.REMOVED},
    LinkState.UNAVAILABLE: {LinkState.REMOVED},
    LinkState.REMOVED: set[LinkState](),
}


class RoutedReason(StrEnum):
    """Why a link is routed instead of read."""

    OTHER_SITE = "other-site"
    MEMBERS_ONLY = "members-only"
    ROOM_NAME = "room-name"
    """No address at all: the title of a closed room, which is often all that somebody knows."""


class Purpose(StrEnum):
    """What a consent allows."""

    WATCH = "watch"
    FOLLOW = "follow"
    """Check posts that were notified."""


def move_case(current: str, new: CaseState) -> str:
    """The new state, or RuleBroken when the table does not allow the step."""
    if new not in CASE_TRANSITIONS[CaseState(current)]:
        raise RuleBroken(Refusal.CASE_STATE, f"a case that is {current} cannot become {new}")
    return new


def move_sighting(current: str, new: SightingState) -> str:
    """The new state, or RuleBroken when the table does not allow the step."""
    if new not in SIGHTING_TRANSITIONS[SightingState(current)]:
        raise RuleBroken(Refusal.ALREADY_DECIDED, f"this sighting is already {current}")
    return new


def move_link(current: str, new: LinkState) -> str:
    """The new state, or RuleBroken when the table does not allow the step."""
    if new not in LINK_TRANSITIONS[LinkState(current)]:
        raise RuleBroken(Refusal.LINK_STATE, f"a link that is {current} cannot become {new}")
    return new
