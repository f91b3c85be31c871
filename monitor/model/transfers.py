"""A case goes from one centre to another, and a passphrase is drawn anew: their states. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum

USUAL_DAYS, MOST_DAYS = 14, 60
"""How long a person has to say whether their case may go to another centre."""
TAKE_WITHIN = timedelta(days=14)
"""How long a passphrase that may be drawn waits for the lead; then it must be asked for again."""


class TransferState(StrEnum):
    """What became of it. The values are stored: add, never rename."""

    ASKED = "asked"
    """The person was asked, and said nothing yet."""
    AGREED = "agreed"
    """The person said yes: the case is the other centre's."""
    DECLINED = "declined"
    """The person said no."""
    TAKEN_BACK = "taken-back"
    """By the centre that asked."""
    REFUSED = "refused"
    """By the centre that should have taken it."""
    OVER = "over"
    """The person said nothing in time, or the case is being erased."""


class ReissueState(StrEnum):
    """What became of a new passphrase that a lead asked for. The values are stored: add, never rename."""

    WAITING = "waiting"
    CANCELLED = "cancelled"
    """By the person, who has the old one, or by a lead."""
    DONE = "done"
    OVER = "over"
    """Nobody drew it in time, or the case went to another centre."""


def transfer_state(state: str, expires_at: datetime, now: datetime) -> TransferState:
    """As it stands at `now`: what the person did not answer in time is over, whatever is stored."""
    kept = TransferState(state)
    return TransferState.OVER if kept is TransferState.ASKED and now >= expires_at else kept


def reissue_state(state: str, ends_at: datetime, now: datetime) -> ReissueState:
    """As it stands at `now`."""
    kept = ReissueState(state)
    return ReissueState.OVER if kept is ReissueState.WAITING and now >= ends_at else kept
