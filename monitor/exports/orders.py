"""Packages that advocates order on the console: asked for, made by a worker, fetched, deleted after seven days.

On the server a package is only ever encrypted to its recipient, and that once more under a key of its own, which is
destroyed with it: a backup of the database opens none.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_rows
from db.models.cases import Case
from db.models.packages import EvidencePackage, PackageCase
from db.queries.actors import AdvocateActor
from db.session import Database, after_commit, after_rollback
from db.types import new_id
from monitor.cases.passphrase import new_passphrase
from monitor.context.context import DomainContext
from monitor.core.errors import KeyDestroyed, NotFound, RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.exports.choosing import check_cases
from monitor.exports.encryption import check_key, encrypted_to, encrypted_with
from monitor.exports.package import Order, Package, Place, make_package, record_export
from monitor.keys.envelope import Key
from monitor.model.records.package_order import PackageOrderRecord
from monitor.model.states import CaseState
from monitor.work import tasks

KEPT_FOR = timedelta(days=7)
LONGEST_RECIPIENT = 200
LANGUAGES = ("ko", "en")
_FILE = "package-file:{}"
_AT_A_TIME = 50
"""That end in one transaction."""


class PackageState(StrEnum):
    """The values are stored."""

    ASKED = "asked"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Asked:
    """A package that was ordered."""

    id: str
    passphrase: str = field(repr=False)
    """To be told by phone, and shown nowhere again; empty where a public key closes it."""


@dataclass(frozen=True, slots=True)
class ListedPackage:
    """A package as a page shows it."""

    id: str
    state: PackageState
    reason: str
    case_ids: tuple[str, ...]
    one_source: bool
    """Only copies at one source."""
    language: str
    recipient: str = field(repr=False)
    by_key: bool
    """A public key closes it; else a passphrase."""
    asked_by: str = field(repr=False)
    asked_at: datetime
    ends_at: datetime
    size: int
    fetched_at: datetime | None


@dataclass(frozen=True, slots=True)
class Fetched:
    """A package as it leaves the server."""

    name: str
    content: bytes = field(repr=False)


def _key_name(package_id: str) -> str:
    return f"package:{package_id}"


async def ask_package(
    session: AsyncSession,
    context: DomainContext,
    actor: AdvocateActor,
    cases: Sequence[Case],
    *,
    source_id: str | None,
    language: str,
    recipient: str,
    age_key: str = "",
    agreed: bool,
) -> Asked:
    """Record it in each case's chain, and have it made. The cases are locked, in the order of their ids.

    Raises RuleBroken: RECIPIENT_NEEDED, RECIPIENT_KEY, NOT_AGREED, or why a case may not leave.
    """
    named = check_order(recipient=recipient, age_key=age_key, agreed=agreed)
    package_id, now = new_id(), context.now()
    closed_by = check_key(age_key) if age_key.strip() else ""
    passphrase = "" if closed_by else new_passphrase("en")
    record = PackageOrderRecord(recipient=named, made_by=actor.name, age_key=closed_by, passphrase=passphrase)
    row = EvidencePackage(
        id=package_id,
        organisation_id=actor.organisation_id,
        asked_by=actor.id,
        asked_at=now,
        ends_at=now + KEPT_FOR,
        state=PackageState.ASKED,
        source_id=source_id,
        language=language if language in LANGUAGES else LANGUAGES[0],
    )
    order = _order(row, record, [case.id for case in cases])
    encrypted = "age-key" if closed_by else "passphrase"
    await record_export(session, context, order, cases, encrypted=encrypted, agreed=agreed)
    after_rollback(session, lambda: context.keys.destroy(_key_name(package_id)))
    row.content = _sealed(context.keys.create(_key_name(package_id)), package_id, record)
    session.add(row)
    await session.flush()
    session.add_all(PackageCase(package_id=package_id, case_id=case.id) for case in cases)
    await session.flush()
    await context.enqueue(session, tasks.make_package(package_id))
    return Asked(package_id, passphrase)


def check_order(*, recipient: str, age_key: str, agreed: bool) -> str:
    """The recipient's name, in one line; RuleBroken where something of the order is missing."""
    named = " ".join(recipient.split())
    if not named or len(named) > LONGEST_RECIPIENT:
        raise RuleBroken(Refusal.RECIPIENT_NEEDED, "say who gets the package")
    if age_key.strip():
        check_key(age_key)
    if not agreed:
        raise RuleBroken(Refusal.NOT_AGREED, "say that the person agreed")
    return named


async def make_asked(database: Database, context: DomainContext, package_id: str, place: Place) -> None:
    """Make a package that was asked for. Again is harmless; one that cannot be made says why."""
    async with database.read() as session:
        row = await session.get(EvidencePackage, package_id)
        case_ids = await _case_ids(session, package_id)
        homes = set(await session.scalars(select(Case.organisation_id).where(Case.id.in_(case_ids))))
    if row is None or row.state != PackageState.ASKED:
        return
    try:
        if homes != {row.organisation_id}:
            raise RuleBroken(Refusal.CASE_MOVED, "a case of it is with another centre now")
        key = await asyncio.to_thread(context.keys.get, _key_name(package_id))
        record = PackageOrderRecord.opened(key.open(row.content, PackageOrderRecord.place(package_id)))
        package = await make_package(database, context, _order(row, record, case_ids), place)
        sealed, size = await asyncio.to_thread(_closed, key, package_id, record, package)
    except RuleBroken as refused:
        await _end(database, package_id, PackageState.FAILED, reason=refused.reason.value)
        return
    except Exception as error:  # one whole job: whoever waits for it learns that it failed, and the log says why
        await _end(database, package_id, PackageState.FAILED, reason=type(error).__name__[:64])
        raise
    # The passphrase was shown to whoever asked; from here on only they have it.
    content = _sealed(key, package_id, record.model_copy(update={"passphrase": ""}))
    await _end(database, package_id, PackageState.READY, file=sealed, size=size, content=content)


async def packages_of(session: AsyncSession, context: DomainContext, actor: AdvocateActor) -> list[ListedPackage]:
    """The organisation's packages, the newest first. One that tells of a case on hold is not shown."""
    query = select(EvidencePackage).where(_mine(actor)).order_by(EvidencePackage.asked_at.desc(), EvidencePackage.id)
    rows = list(await session.scalars(query))
    return [one for row in rows if (one := await _listed(session, context, row)) is not None]


async def package_of(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, package_id: str
) -> ListedPackage:
    """One of them. Raises NotFound, also for another organisation's and for one that was deleted."""
    row = await session.scalar(select(EvidencePackage).where(EvidencePackage.id == package_id, _mine(actor)))
    listed = None if row is None else await _listed(session, context, row)
    if listed is None:
        raise NotFound
    return listed


async def fetch_package(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, package_id: str
) -> Fetched:
    """The encrypted package; that it was fetched is an entry of each case's chain.

    Raises NotFound, RuleBroken: PACKAGE_NOT_READY, or why a case may not leave any more.
    """
    listed = await package_of(session, context, actor, package_id)
    cases = await lock_rows(session, select(Case).where(Case.id.in_(listed.case_ids)))
    row = await session.get_one(EvidencePackage, package_id)
    if any(case.organisation_id != row.organisation_id for case in cases):
        raise NotFound  # while this waited for the case, its person gave it to another centre
    if row.state != PackageState.READY or row.file is None:
        raise RuleBroken(Refusal.PACKAGE_NOT_READY, "the package is not ready, or it was deleted")
    await check_cases(session, cases, row.source_id)
    content = context.keys.get(_key_name(package_id)).open(row.file, _FILE.format(package_id))
    for case in cases:
        await context.record(session, case.id, EntryKind.EVIDENCE_FETCHED, export=package_id)
    if row.fetched_at is None:
        row.fetched_at = context.now()
        await session.flush()
    name = _order(row, PackageOrderRecord(recipient="", made_by="", age_key="", passphrase=""), listed.case_ids).name
    return Fetched(f"{name}.zip.age", content)


async def delete_package(session: AsyncSession, context: DomainContext, actor: AdvocateActor, package_id: str) -> None:
    """Delete one before its time. Its key goes once this is committed. Raises NotFound."""
    await package_of(session, context, actor, package_id)
    after_commit(session, lambda: context.keys.destroy(_key_name(package_id)))
    await _delete(session, [package_id])


async def end_packages(database: Database, context: DomainContext) -> None:
    """Those whose time is over, and those of a case that is being erased: the key first, then the row."""
    leaving = exists().where(
        PackageCase.package_id == EvidencePackage.id, PackageCase.case_id == Case.id, Case.state != CaseState.VOUCHED
    )
    over = select(EvidencePackage.id).where(or_(EvidencePackage.ends_at <= context.now(), leaving)).limit(_AT_A_TIME)
    async with database.read() as session:
        ids = (await session.scalars(over)).all()
    if not ids:
        return
    await asyncio.to_thread(context.keys.destroy_all, [_key_name(one) for one in ids])
    async with database.begin() as session:
        await _delete(session, ids)


def _order(row: EvidencePackage, record: PackageOrderRecord, case_ids: Sequence[str]) -> Order:
    return Order(
        export_id=row.id,
        case_ids=tuple(sorted(case_ids)),
        source_id=row.source_id,
        language=row.language,
        recipient=record.recipient,
        made_by=record.made_by,
        made_at=row.asked_at.replace(microsecond=0),
    )


def _sealed(key: Key, package_id: str, record: PackageOrderRecord) -> bytes:
    return key.seal_json(record.as_json(), PackageOrderRecord.place(package_id))


def _closed(key: Key, package_id: str, record: PackageOrderRecord, package: Package) -> tuple[bytes, int]:
    """The package as it lies on the server, and how large it is when it leaves. Slow: call it in a thread."""
    zip_file = package.zip()
    closed = encrypted_to(zip_file, record.age_key) if record.age_key else encrypted_with(zip_file, record.passphrase)
    return key.seal(closed, _FILE.format(package_id)), len(closed)


def _mine(actor: AdvocateActor) -> ColumnElement[bool]:
    """Of the actor's organisation, and of cases that may be seen now."""
    hidden = exists().where(
        PackageCase.package_id == EvidencePackage.id,
        PackageCase.case_id == Case.id,
        or_(
            Case.state != CaseState.VOUCHED,
            Case.frozen_at.is_not(None),
            Case.organisation_id != EvidencePackage.organisation_id,
        ),
    )
    return (EvidencePackage.organisation_id == actor.organisation_id) & ~hidden


async def _listed(session: AsyncSession, context: DomainContext, row: EvidencePackage) -> ListedPackage | None:
    try:
        key = await asyncio.to_thread(context.keys.get, _key_name(row.id))
    except KeyDestroyed:  # it is being deleted at this moment
        return None
    record = PackageOrderRecord.opened(key.open(row.content, PackageOrderRecord.place(row.id)))
    return ListedPackage(
        id=row.id,
        state=PackageState(row.state),
        reason=row.reason or "",
        case_ids=tuple(await _case_ids(session, row.id)),
        one_source=row.source_id is not None,
        language=row.language,
        recipient=record.recipient,
        by_key=bool(record.age_key),
        asked_by=record.made_by,
        asked_at=row.asked_at,
        ends_at=row.ends_at,
        size=row.size or 0,
        fetched_at=row.fetched_at,
    )


async def _case_ids(session: AsyncSession, package_id: str) -> Sequence[str]:
    query = select(PackageCase.case_id).where(PackageCase.package_id == package_id)
    return (await session.scalars(query.order_by(PackageCase.case_id))).all()


async def _end(database: Database, package_id: str, state: PackageState, **values: object) -> None:
    """It was made, or could not be. One that was deleted meanwhile stays deleted."""
    waiting = (EvidencePackage.id == package_id, EvidencePackage.state == PackageState.ASKED)
    async with database.begin() as session:
        await session.execute(update(EvidencePackage).where(*waiting).values(state=state, **values))


async def _delete(session: AsyncSession, package_ids: Sequence[str]) -> None:
    await session.execute(delete(PackageCase).where(PackageCase.package_id.in_(package_ids)))
    await session.execute(delete(EvidencePackage).where(EvidencePackage.id.in_(package_ids)))
