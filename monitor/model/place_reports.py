"""A report about a whole channel or account, and the parts of a joint one: their ways and states. Pure."""

from enum import StrEnum

from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.platforms.base import PlatformName


class PlaceRoute(StrEnum):
    """How a platform is asked. The values are stored: add, never rename."""

    TELEGRAM_PEER = "telegram_peer"
    """`account.reportPeer` over our own login: an advocate sends it, nothing of any person is in it."""
    X_ACCOUNT = "x_account"
    """X's form about an account: prepared, a person fills it in."""
    JOINT = "joint"
    """Several persons together, each with their own part: prepared, a person sends it."""

    @property
    def platforms(self) -> frozenset[PlatformName]:
        """Where it can be taken."""
        return {
            PlaceRoute.TELEGRAM_PEER: frozenset({PlatformName.TELEGRAM}),
            PlaceRoute.X_ACCOUNT: frozenset({PlatformName.X}),
        }.get(self, frozenset(PlatformName))

    @property
    def by_machine(self) -> bool:
        """Whether it leaves by itself once somebody sends it."""
        return self is PlaceRoute.TELEGRAM_PEER


class PlaceState(StrEnum):
    """From written to sent."""

    PREPARED = "prepared"
    QUEUED = "queued"
    SENDING = "sending"
    """The intent is written; the outcome is not yet."""
    SENT = "sent"
    IN_DOUBT = "in_doubt"
    """It may or may not have arrived; a person decides, nothing resends itself."""
    FAILED = "failed"
    WITHDRAWN = "withdrawn"


TRANSITIONS: dict[PlaceState, set[PlaceState]] = {
    PlaceState.PREPARED: {PlaceState.QUEUED, PlaceState.SENT, PlaceState.WITHDRAWN},
    # A report that no task could begin has failed.
    PlaceState.QUEUED: {PlaceState.SENDING, PlaceState.PREPARED, PlaceState.FAILED, PlaceState.WITHDRAWN},
    PlaceState.SENDING: {PlaceState.SENT, PlaceState.QUEUED, PlaceState.IN_DOUBT, PlaceState.FAILED},
    PlaceState.IN_DOUBT: {PlaceState.SENT, PlaceState.PREPARED, PlaceState.WITHDRAWN},
    PlaceState.FAILED: {PlaceState.QUEUED, PlaceState.WITHDRAWN},
    PlaceState.SENT: set(),
    # It had left before it was withdrawn, and that was told late.
    PlaceState.WITHDRAWN: {PlaceState.SENT},
}

TOLD_LATE = frozenset({PlaceState.IN_DOUBT, PlaceState.PREPARED, PlaceState.QUEUED, PlaceState.WITHDRAWN})
"""States to which somebody leads one that is in doubt: where it turns out to have left, it is sent all the same."""

OPEN = frozenset({PlaceState.PREPARED, PlaceState.QUEUED, PlaceState.SENDING, PlaceState.IN_DOUBT, PlaceState.FAILED})
"""States in which a place has a report already, so that no second one is written."""


class PartState(StrEnum):
    """One person's part of a joint report."""

    ASKED = "asked"
    AGREED = "agreed"
    DECLINED = "declined"
    """Also when a yes was taken back before it was sent."""
    SENT = "sent"


ANSWERABLE = frozenset({PartState.ASKED, PartState.AGREED, PartState.DECLINED})
"""Until it is sent the person may say something else."""

LEAST_PARTS = 2
"""A joint report of one person would be that person's notice."""


def move(current: str, new: PlaceState) -> str:
    """The new state, or RuleBroken when the table does not allow the step."""
    if new not in TRANSITIONS[PlaceState(current)]:
        raise RuleBroken(Refusal.PLACE_REPORT_STATE, f"a report that is {current} cannot become {new}")
    return new
