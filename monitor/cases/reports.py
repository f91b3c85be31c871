"""Reports of strangers: "my picture was registered here". They reach leads, and end after 90 days.

Nothing is looked up when one comes in, and the answer is always the same: nobody learns here whether anything is
registered. Each is sealed under a key of its own, which is destroyed first when its time is over.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from db.inserting import insert_unless_there
from db.models.people import Organisation
from db.models.reports import Report, ReportClosed
from db.organisation_names import name_key
from db.queries import people
from db.queries.actors import AdvocateActor
from db.queries.cases import find_case
from db.queries.people import led_organisations
from db.session import Database, after_rollback
from db.types import new_id
from monitor.cases.stops import leads_only
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import KeyDestroyed, NotFound, Overloaded, RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.case_numbers import normal_number
from monitor.model.records.report import ReportRecord

KEPT_FOR = timedelta(days=90)
MOST = 10_000
"""Reports that somebody has yet to read, at a time: beyond it strangers wait."""
_COME_BACK = 3600
_OPERATOR = "reports"
"""Subject of the operator's alert."""
_AT_A_TIME = 200
"""That end in one transaction."""


@dataclass(frozen=True, slots=True)
class OpenReport:
    """A report as a lead's list shows it."""

    id: str
    made_at: datetime
    ends_at: datetime
    language: str
    named: bool
    """The reporter named this organisation; else others have it too."""


@dataclass(frozen=True, slots=True)
class ReadReport:
    """A report that is read."""

    report: OpenReport
    content: ReportRecord = field(repr=False)
    ours: bool
    """The case number is one of this organisation's."""


def _key(report_id: str) -> str:
    return f"report:{report_id}"


async def make_report(
    session: AsyncSession, context: DomainContext, content: ReportRecord, *, organisation: str, language: str
) -> None:
    """Keep it, and tell the leads of the organisation that is named exactly, or else of all, and the operator.

    An organisation without a lead can read nothing, so what names it is everybody's.

    Raises RuleBroken(REPORT_EMPTY) where it says nothing, Overloaded where too many are there.
    """
    if not content.contact.strip() or not any((content.case_number, content.link, content.text)):
        raise RuleBroken(Refusal.REPORT_EMPTY, "say how you can be reached, and what it is about")
    wanted, led = name_key(organisation), set((await session.scalars(led_organisations())).all())
    waiting = select(func.count()).select_from(Report)
    if (await session.scalar(waiting.where(_open_somewhere()) if led else waiting) or 0) >= MOST:
        raise Overloaded(_COME_BACK)
    homes = await people.organisations(session)
    named = next((one for one in homes if name_key(one.name) == wanted), None)
    readers = [one for one in homes if one.id in led and (named is None or named.id not in led or one.id == named.id)]
    report_id, now = new_id(), context.now()
    after_rollback(session, lambda: context.keys.destroy(_key(report_id)))
    sealed = context.keys.create(_key(report_id)).seal_json(content.as_json(), ReportRecord.place(report_id))
    kept = {"language": language, "content": sealed, "made_at": now}
    session.add(Report(id=report_id, organisation_id=None if named is None else named.id, **kept))
    await session.flush()
    for one in readers:
        await context.alert(session, AlertKind.PICTURE_REPORTED, one.id, "to-be-read", organisation_id=one.id)
    await context.alert(session, AlertKind.PICTURE_REPORTS_OPEN, _OPERATOR, "to-be-read")


def _open_for(organisation_id: str | InstrumentedAttribute[str]) -> ColumnElement[bool]:
    closed = exists().where(ReportClosed.report_id == Report.id, ReportClosed.organisation_id == organisation_id)
    nobodys = or_(Report.organisation_id.is_(None), Report.organisation_id.not_in(led_organisations()))
    return or_(nobodys, Report.organisation_id == organisation_id) & ~closed


def _open_somewhere() -> ColumnElement[bool]:
    """Somebody who can has yet to deal with it."""
    return exists().where(Organisation.id.in_(led_organisations()), _open_for(Organisation.id)).correlate(Report)


async def open_reports(
    session: AsyncSession, actor: AdvocateActor, *, limit: int, offset: int = 0
) -> tuple[Sequence[OpenReport], int]:
    """A page of what waits for a lead of this organisation, the oldest first, and how many there are. No content."""
    leads_only(actor)
    mine = _open_for(actor.organisation_id)
    query = select(Report).where(mine).order_by(Report.made_at, Report.id).limit(limit).offset(offset)
    total = await session.scalar(select(func.count()).select_from(Report).where(mine))
    return [_listed(row, actor) for row in await session.scalars(query)], total or 0


async def read_report(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, report_id: str
) -> ReadReport:
    """Open one; that it was read stands in the installation's chain. Raises NotFound for another organisation's."""
    row = await _mine(session, actor, report_id)
    try:
        sealed = context.keys.get(_key(row.id)).open(row.content, ReportRecord.place(row.id))
    except KeyDestroyed:
        raise NotFound from None
    content = ReportRecord.opened(sealed)
    number = normal_number(content.case_number)
    case = await find_case(session, actor, number) if number else None
    ours = case is not None and case.organisation_id == actor.organisation_id
    facts = {"report": row.id, "organisation": actor.organisation_id}
    await context.record_installation(session, EntryKind.REPORT_READ, **facts)
    return ReadReport(_listed(row, actor), content, ours)


async def close_report(session: AsyncSession, context: DomainContext, actor: AdvocateActor, report_id: str) -> None:
    """This organisation has dealt with it; for the others it stays open."""
    row = await _mine(session, actor, report_id)
    closed = {"report_id": row.id, "organisation_id": actor.organisation_id}
    await insert_unless_there(session, ReportClosed, **closed, closed_at=context.now(), closed_by=actor.id)
    await session.flush()
    await _settle(session, context)
    await context.record_installation(
        session, EntryKind.REPORT_CLOSED, report=row.id, organisation=actor.organisation_id
    )


async def end_reports(database: Database, context: DomainContext) -> None:
    """Those whose time is over: the key first, so that a death in between leaves nothing that can be read."""
    over = select(Report.id).where(Report.made_at <= context.now() - KEPT_FOR).limit(_AT_A_TIME)
    async with database.read() as session:
        ids = (await session.scalars(over)).all()
    if not ids:
        return
    await asyncio.to_thread(context.keys.destroy_all, [_key(each) for each in ids])
    async with database.begin() as session:
        await session.execute(delete(ReportClosed).where(ReportClosed.report_id.in_(ids)))
        await session.execute(delete(Report).where(Report.id.in_(ids)))
        await _settle(session, context)


async def _mine(session: AsyncSession, actor: AdvocateActor, report_id: str) -> Report:
    leads_only(actor)
    query = select(Report).where(Report.id == report_id, _open_for(actor.organisation_id))
    row: Report | None = await session.scalar(query)
    if row is None:
        raise NotFound
    return row


async def _settle(session: AsyncSession, context: DomainContext) -> None:
    """End the alerts of those for whom nothing is open any more."""
    led = set((await session.scalars(led_organisations())).all())
    for one in await session.scalars(select(Organisation).order_by(Organisation.id)):
        waiting = select(Report.id).where(_open_for(one.id)).limit(1)
        if one.id not in led or await session.scalar(waiting) is None:
            await context.resolve(session, AlertKind.PICTURE_REPORTED, one.id)
    if await session.scalar(select(Report.id).where(_open_somewhere()).limit(1)) is None:
        await context.resolve(session, AlertKind.PICTURE_REPORTS_OPEN, _OPERATOR)


def _listed(row: Report, actor: AdvocateActor) -> OpenReport:
    named = row.organisation_id == actor.organisation_id
    return OpenReport(row.id, row.made_at, row.made_at + KEPT_FOR, row.language, named)
