"""What the database's side of a rule needs beside the session: keys, ledger, clock, outbox, and who asks.

The caller commits. Who asks is part of the type: a process shares a `SharedContext`, which cannot write to the ledger;
a door (a route, a page, a command, a job) makes of it the `DomainContext` of whoever came in.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_unless_there
from db.models.sources import Alert
from db.organisation_names import name_key
from db.types import new_id
from monitor.context.alerts import AlertKind
from monitor.core.clock import Clock
from monitor.evidence.by import By
from monitor.evidence.chain import INSTALLATION
from monitor.evidence.entry_kinds import EntryKind
from monitor.evidence.ledger import Ledger, Step
from monitor.keys.envelope import HASHER, Key
from monitor.keys.store import KeyStore, case_key
from monitor.model.records.record import Record
from monitor.work.tasks import Task

Enqueue = Callable[[AsyncSession, Task], Awaitable[None]]
SealedRecord = TypeVar("SealedRecord", bound=Record)


@dataclass(frozen=True, slots=True)
class SharedContext:
    """Shared by the API and the jobs of one process."""

    keys: KeyStore = field(repr=False)
    ledger: Ledger = field(repr=False)
    clock: Clock
    enqueue: Enqueue = field(repr=False)
    accounts: Mapping[str, str]
    """Platform name -> key of the account that reads it; absent: that platform is off."""
    recipients: Mapping[str, str] = field(default_factory=dict, repr=False)
    message_domain: str = "localhost"
    mail_from: str = field(default="", repr=False)
    """Where e-mails come from, ADDRESS or NAME <ADDRESS>; empty while nothing leaves by e-mail."""
    xarf_routes: frozenset[str] = frozenset()
    """Routes whose mailbox takes XARF."""
    links_at: str = ""
    """Where the recipients of notices answer, as https://HOST; empty: notices carry no link."""
    news_from: str = field(default="", repr=False)
    """The neutral address that persons are mailed from; empty: they are not."""
    webhooks: bool = False
    """Whether platforms that want it are called when a notice leaves or ends."""
    most_matches_an_hour: int = 30
    """Sightings of one fingerprint in an hour, beyond which it is put in quarantine."""
    most_reviews_a_day: int = 20
    """Loose fits of one fingerprint in a day that stand in the queue; more of them wait behind one line there."""
    cut_outs: frozenset[str] = frozenset()
    """Platforms where boxes around faces may be compared with those that persons drew; empty: none is made either."""
    names: bool = False
    """Whether persons may let their names be looked for in the text of posts, on Telegram."""
    centres: Mapping[str, str] = field(default_factory=dict)
    """Name of an organisation -> how a person reaches it, as the operator wrote it."""
    unvouched_for: timedelta = timedelta(days=30)
    """How long a case may wait for somebody to vouch before it ends."""
    reissue_after: timedelta = timedelta(days=3)
    """How long a new passphrase that a lead asks for can be called off before it is drawn."""
    keeps_deleted_text: frozenset[str] = frozenset()
    """Platforms whose terms, or whose approval, let text and names of deleted posts stay in the evidence."""
    hasher: PasswordHasher = HASHER
    """Of passphrases, and of what is checked where there is no such case."""

    def acting(self, by: By) -> "DomainContext":
        """The same for whoever asks now."""
        return DomainContext(**{one.name: getattr(self, one.name) for one in fields(SharedContext)}, by=by)

    def now(self) -> datetime:
        """The domain's time."""
        return self.clock.now()

    def contact_of(self, organisation: str) -> str:
        """How a person reaches an organisation, as the operator wrote it under a name that may be typed otherwise."""
        exact = self.centres.get(organisation)
        wanted = name_key(organisation)
        alike = (told for name, told in self.centres.items() if name_key(name) == wanted)
        return next(alike, "") if exact is None else exact

    def key(self, case_id: str) -> Key:
        """The key of a case. Raises KeyDestroyed after erasure."""
        return self.keys.get(case_key(case_id))

    def seal_record(self, case_id: str, row_id: str, record: Record) -> bytes:
        """Seal what a row of a case holds, bound to that row."""
        return self.key(case_id).seal_json(record.as_json(), _place(type(record), case_id, row_id))

    def seal_plain(self, kind: type[Record], case_id: str, row_id: str, plain: bytes) -> bytes:
        """Seal the canonical JSON of a record of this kind, made before, as `seal_record` seals the record."""
        return self.key(case_id).seal(plain, _place(kind, case_id, row_id))

    def open_record(self, kind: type[SealedRecord], case_id: str, row_id: str, sealed: bytes) -> SealedRecord:
        """Open what `seal_record` sealed for the same row.

        Raises KeyDestroyed after erasure, CryptoError for another row's or changed bytes, RecordInvalid for a value
        of another shape, RecordTooNew for that of a newer program.
        """
        return kind.opened(self.key(case_id).open(sealed, _place(kind, case_id, row_id)))

    async def alert(
        self,
        session: AsyncSession,
        kind: AlertKind,
        subject: str,
        reason: str,
        *,
        organisation_id: str | None = None,
        advocate_id: str | None = None,
    ) -> None:
        """Ask a person to look; once per kind and subject while it is open, with the reason of now. Codes and ids only.

        `advocate_id`: who of the organisation is in charge; everybody there is told all the same.
        """
        known = await self._alert(session, kind, subject)
        if known is None:
            # Not added by the session: another worker may raise the same at this moment.
            values = {"organisation_id": organisation_id, "raised_at": self.now(), "reason": reason}
            values["caused_by"], values["advocate_id"] = self._caused_by(), advocate_id
            await insert_unless_there(session, Alert, id=new_id(), kind=kind, subject=subject, **values)
        elif known.resolved_at is not None:
            known.resolved_at, known.mailed_at, known.raised_at, known.reason = None, None, self.now(), reason
            known.caused_by = self._caused_by()
            known.organisation_id, known.advocate_id = organisation_id, advocate_id
            await session.flush()
        elif known.reason != reason:
            # Since when it is open stays, and whoever was told by mail is not told again: it is the same trouble.
            known.reason = reason
            await session.flush()

    def _caused_by(self) -> str | None:
        """Whose act an alert follows from; None for a process that acts for nobody."""
        return None

    async def raised_at(self, session: AsyncSession, kind: AlertKind, subject: str) -> datetime | None:
        """Since when an alert is open; None when none is."""
        known = await self._alert(session, kind, subject)
        return None if known is None or known.resolved_at is not None else known.raised_at

    async def resolve(self, session: AsyncSession, kind: AlertKind, subject: str) -> None:
        """The reason for an alert is gone."""
        known = await self._alert(session, kind, subject)
        if known is not None and known.resolved_at is None:
            known.resolved_at = self.now()
            await session.flush()

    async def hand_on(self, session: AsyncSession, kind: AlertKind, subject: str, to: str) -> None:
        """What an open alert tells of is so of another subject from now on: since when, and to whom, stays."""
        known = await self._alert(session, kind, subject)
        if known is None or known.resolved_at is not None:
            return
        readers = {"organisation_id": known.organisation_id, "advocate_id": known.advocate_id}
        if await self.raised_at(session, kind, to) is None:
            await self.alert(session, kind, to, known.reason, **readers)
            new = await self._alert(session, kind, to)
            if new is not None:
                new.raised_at, new.mailed_at = known.raised_at, known.mailed_at
        await self.resolve(session, kind, subject)

    async def resolve_all(self, session: AsyncSession, kinds: Collection[AlertKind], subjects: Collection[str]) -> None:
        """The reason for all of these is gone."""
        about = (Alert.kind.in_(kinds), Alert.subject.in_(subjects), Alert.resolved_at.is_(None))
        for known in await session.scalars(select(Alert).where(*about)):
            known.resolved_at = self.now()
        await session.flush()

    async def _alert(self, session: AsyncSession, kind: AlertKind, subject: str) -> Alert | None:
        found: Alert | None = await session.scalar(select(Alert).where(Alert.kind == kind, Alert.subject == subject))
        return found


@dataclass(frozen=True, slots=True)
class DomainContext(SharedContext):
    """What a domain call gets: the shared parts, and who asked for it."""

    by: By = field(kw_only=True)
    collected: list[tuple[str, Step]] | None = field(default=None, kw_only=True, repr=False)
    """Steps that wait for `write_collected`, each with its case; None: each is appended at once."""

    def holding(self, case_ids: Iterable[str], *names: str) -> "DomainContext":
        """The same with the keys of these cases in hand, and others by name: see `KeyStore.holding`.

        It waits for the key store: call it in a thread, before the transaction that needs them.
        """
        keys = self.keys.holding([*map(case_key, case_ids), *names])
        return replace(self, keys=keys, ledger=self.ledger.using(keys))

    def _caused_by(self) -> str | None:
        return self.by.who

    async def record(self, session: AsyncSession, case_id: str, step: EntryKind, /, **facts: Any) -> None:
        """Append a step to the case's ledger, in the caller's transaction."""
        if self.collected is not None:
            self.collected.append((case_id, Step(step, facts, self.by, self.now())))
            return
        await self.ledger.append(session, case_id, step, facts, by=self.by, at=self.now())

    def collecting(self) -> "DomainContext":
        """The same, for one piece of work with hundreds of steps: what it records is kept for `write_collected`."""
        return replace(self, collected=[])

    async def write_collected(self, session: AsyncSession) -> None:
        """Append what was recorded since `collecting`, in its order, a ledger at a time: in the same transaction.

        The rows that the steps tell of are written first: see db/locking.py.
        """
        steps, waiting = dict[str, list[Step]](), self.collected or []
        for case_id, step in waiting:
            steps.setdefault(case_id, []).append(step)
        waiting.clear()
        await session.flush()
        for case_id in sorted(steps):
            await self.ledger.append_all(session, case_id, steps[case_id])

    async def record_installation(self, session: AsyncSession, step: EntryKind, /, **facts: Any) -> None:
        """Append a step to the chain of the installation, in a transaction that appends to no case's ledger.

        All of them wait for each other at that one chain, so it is best the transaction's last statement.
        """
        await self.ledger.append(session, INSTALLATION, step, facts, by=self.by, at=self.now())


def _place(kind: type[Record], case_id: str, row_id: str) -> str:
    return f"{kind.place(row_id)}|{case_id}"
