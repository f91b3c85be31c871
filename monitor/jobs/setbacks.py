"""An attempt did not leave, and nothing was sent: when the next one is, whether there is one, and who is told.

One rule for notices, for letters after them, for replies, and for reports about a whole channel.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import Enum, auto

from db.models.linking import PlaceReport
from db.models.notices import Letter, Notice
from db.models.platform_side import NoticeReply
from db.session import Database
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import Deferred, NotSent, RateLimited, WrongSettings
from monitor.delivery.base import COPY_TRIES, WORK_STOPPED, Receipt, is_of_copy
from monitor.jobs.mail_copy import tell_of_copy

MOST_ATTEMPTS = 12
"""In a row, then what does not leave for a fault of ours or of the network has failed: a mail server may be down for a
day."""
TELL_AFTER = 8
"""Attempts that the recipient's server put off, then its advocates are told."""
TELL_OPERATOR_AFTER = 5
"""Attempts in a row that found no mail server, then the operator is told: more than an hour."""
_BACKOFF = timedelta(minutes=5)
_DOUBLINGS = 6
"""The longest wait is then 320 minutes: a queue of mail does not ask more often either."""
_WHILE_MENDED = timedelta(minutes=10)
"""Between two tries while the operator mends the settings."""
MAIL = "smtp"
"""The subject of the alert about the mail server's settings."""

Sendable = Notice | Letter | NoticeReply | PlaceReport


class Whose(Enum):
    """Who is to act, and whether it counts."""

    THEIRS = auto()
    """They say "later". Greylisting and a full queue over there last hours or days, and are never their no."""
    SETTINGS = auto()
    """Our own mail server wants other settings: it waits until the operator has mended them."""
    OURS = auto()
    """Nobody answers: our line, our mail server, the network. So many in a row, and it has failed."""
    NOBODYS = auto()
    """It was stopped at the last moment, or the operator's own copy kept it here: neither is a fault of its sending."""


@dataclass(frozen=True, slots=True)
class Setback:
    """Why an attempt did not leave. Each call is about the row of what should have left, which is held."""

    reason: str
    whose: Whose
    asked_to_wait: timedelta | None = None

    def count(self, row: Sendable) -> None:
        """Note it on the row, first of all."""
        if self.whose is not Whose.NOBODYS:
            row.faults = row.faults + 1 if self.whose is Whose.OURS else 0

    def is_last(self, row: Sendable) -> bool:
        """Has it failed?"""
        return self.whose is Whose.OURS and row.faults >= MOST_ATTEMPTS

    def tells_centre(self, row: Sendable) -> bool:
        """Has it waited for so long that an advocate must know?"""
        return self.whose in (Whose.THEIRS, Whose.SETTINGS) and row.attempt >= TELL_AFTER

    def pause(self, row: Sendable) -> timedelta:
        """Until the next attempt."""
        if self.asked_to_wait is not None:
            return self.asked_to_wait
        if self.whose is Whose.OURS:
            return _pause_after(row.faults)
        return _pause_after(min(row.attempt, COPY_TRIES) if self.whose is Whose.NOBODYS else row.attempt)


def setback(error: RateLimited | NotSent) -> Setback:
    """What an error of a way out comes to."""
    if isinstance(error, RateLimited):
        return Setback("rate-limited", Whose.THEIRS, timedelta(seconds=error.retry_after))
    reason = error.reason[:64]
    if isinstance(error, WrongSettings):
        return Setback(reason, Whose.SETTINGS, _WHILE_MENDED)
    if reason == WORK_STOPPED or is_of_copy(reason):
        return Setback(reason, Whose.NOBODYS)
    return Setback(reason, Whose.THEIRS if isinstance(error, Deferred) else Whose.OURS)


async def tell_operator(database: Database, context: DomainContext, back: Setback, faults: int) -> None:
    """Where the mail server takes nothing from us: nothing leaves by mail until that is mended. `faults`: so many in a
    row. Call it apart from what is written of that mail: those of several cases may raise the alert at once."""
    if back.whose is Whose.SETTINGS or (back.whose is Whose.OURS and faults >= TELL_OPERATOR_AFTER):
        async with database.begin() as session:
            await context.alert(session, AlertKind.MAIL_SETTINGS, MAIL, back.reason)


async def tell_it_left(database: Database, context: DomainContext, receipt: Receipt) -> None:
    """A mail left: our server takes them. Call it apart, too."""
    async with database.begin() as session:
        await context.resolve(session, AlertKind.MAIL_SETTINGS, MAIL)
    await tell_of_copy(database, context, receipt)


def _pause_after(attempt: int) -> timedelta:
    """Longer each time, up to a limit."""
    return _BACKOFF * (1 << min(max(attempt, 1) - 1, _DOUBLINGS))
