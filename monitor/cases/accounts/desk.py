"""What a change of an account needs beside the session, whichever door it came through."""

import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.accounts import AccountEvent
from db.models.people import Advocate
from db.types import new_id
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.by import By, Door, Who
from monitor.evidence.chain import INSTALLATION
from monitor.evidence.entry_kinds import EntryKind
from monitor.evidence.ledger import Ledger
from monitor.keys.store import KeyStore

LONGEST_SPEAKER = 80
OPERATOR, ADVOCATE = "operator:", "advocate:"


class EventKind(StrEnum):
    """What happened to an account, as its owner is told. The values are stored: add, never rename."""

    ADDED = "added"
    ENABLED = "enabled"
    ROLE_CHANGED = "role-changed"
    PASSWORD_CHANGED = "password-changed"  # noqa: S105  # a kind, no password
    PASSKEY_ADDED = "passkey-added"
    PASSKEY_REMOVED = "passkey-removed"
    PASSKEY_COPIED = "passkey-copied"
    """A passkey counted backwards: its key may be on another device, too. It was refused."""
    APP_RENEWED = "app-renewed"
    CODES_MADE = "codes-made"
    CODE_USED = "code-used"
    RESET_ASKED = "reset-asked"
    RESET_CALLED_OFF = "reset-called-off"
    RESET = "reset"
    LOG_INS_ENDED = "log-ins-ended"


@dataclass(frozen=True, slots=True)
class Desk:
    """Keys, who acts, and when."""

    keys: KeyStore = field(repr=False)
    by: By
    now: datetime
    """Real time: accounts are about people at screens."""
    at: datetime
    """The ledger's time."""
    name: str = ""
    """Of an operator at the command line, as they give it."""

    @classmethod
    def of(cls, context: DomainContext) -> "Desk":
        """At the desk of whoever is logged in."""
        return cls(context.keys, context.by, datetime.now(UTC), context.now())

    @property
    def speaker(self) -> str:
        """Who acts, so that two can be told apart: an account by id, an operator at the command line by the name that
        they give. Raises RuleBroken(NAME_INVALID)."""
        if self.by.who is Who.ADVOCATE:
            return f"{ADVOCATE}{self.by.id}"
        if self.by.door is not Door.COMMAND:
            return f"{OPERATOR}{self.by.id}"
        normal = " ".join(unicodedata.normalize("NFKC", self.name).split())
        if not 0 < len(normal) <= LONGEST_SPEAKER or not normal.isprintable():
            raise RuleBroken(Refusal.NAME_INVALID, f"say who you are: a name of 1 to {LONGEST_SPEAKER} characters")
        return f"{OPERATOR}{normal}"

    async def record(self, session: AsyncSession, kind: EntryKind, account: Advocate, **facts: Any) -> None:
        """Append to the chain of the installation: the transaction's last statement."""
        told = {"advocate": account.id, "organisation": account.organisation_id, **facts}
        await Ledger(self.keys).append(session, INSTALLATION, kind, told, by=self.by, at=self.at)


async def tell(session: AsyncSession, desk: Desk, account: Advocate, kind: EventKind, by_whom: str = "") -> None:
    """Tell whose account it is. `by_whom`: see AccountEvent; empty: they themselves."""
    session.add(AccountEvent(id=new_id(), advocate_id=account.id, kind=kind, at=desk.now, by_whom=by_whom))
    account.has_news = True
    await session.flush()
