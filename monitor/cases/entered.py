"""What advocates entered into a case's intake, and the mandates that let it count. The rules are in monitor.model."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.mandates import Mandate
from db.types import new_id
from monitor.context.context import DomainContext
from monitor.core.errors import NotFound, RuleBroken
from monitor.core.refusals import Refusal
from monitor.model.entered import NOTHING, EnteredForPerson, MandateKind, Matter
from monitor.model.records.entered import EnteredRecord, MandateRecord

OLDEST = timedelta(days=100 * 366)


def read_entered(context: DomainContext, case: Case) -> EnteredForPerson:
    """What advocates entered; nothing where nobody did, and for a case of an older program."""
    if case.entered is None:
        return NOTHING
    return context.open_record(EnteredRecord, case.id, case.id, case.entered).entered()


def keep_entered(context: DomainContext, case: Case, entered: EnteredForPerson) -> None:
    """Keep it, sealed. The caller holds the case."""
    case.entered = context.seal_record(case.id, case.id, EnteredRecord.of(entered))


async def covering(session: AsyncSession, case_id: str, known: EnteredForPerson) -> Mapping[Matter, str]:
    """The mandate that each matter is covered by now: the oldest that nobody revoked, and that was seen since the
    person decided about it themselves."""
    query = select(Mandate).where(Mandate.case_id == case_id, Mandate.revoked_at.is_(None))
    found: dict[Matter, str] = {}
    for row in await session.scalars(query.order_by(Mandate.recorded_at, Mandate.id)):
        for matter in covered_by(row):
            if row.recorded_at >= known.said.get(matter, row.recorded_at):
                found.setdefault(matter, row.id)
    return found


def covered_by(row: Mandate) -> tuple[Matter, ...]:
    """What a mandate covers."""
    return tuple(Matter(one) for one in row.covers.split())


def open_mandate(context: DomainContext, row: Mandate) -> MandateRecord:
    """What the advocate saw."""
    return context.open_record(MandateRecord, row.case_id, row.id, row.content)


async def mandates_of(session: AsyncSession, case_id: str) -> Sequence[Mandate]:
    """Every mandate of a case, revoked ones too, in the order they were recorded."""
    query = select(Mandate).where(Mandate.case_id == case_id)
    return (await session.scalars(query.order_by(Mandate.recorded_at, Mandate.id))).all()


async def mandate_of(session: AsyncSession, case: Case, mandate_id: str) -> Mandate:
    """One mandate of this case. Raises NotFound."""
    row = await session.get(Mandate, mandate_id)
    if row is None or row.case_id != case.id:
        raise NotFound("there is no such mandate")
    return row


async def add_mandate(
    session: AsyncSession,
    context: DomainContext,
    case: Case,
    *,
    kind: MandateKind,
    dated: date,
    covers: Collection[Matter],
    reference: str,
    seen_by: str,
) -> Mandate:
    """Keep a mandate, its words sealed. Raises RuleBroken(MANDATE_DATE)."""
    # Half a day ahead, since it is tomorrow already where the advocate may be.
    today, latest = context.now().date(), (context.now() + timedelta(hours=14)).date()
    if not today - OLDEST <= dated <= latest:
        raise RuleBroken(Refusal.MANDATE_DATE, "a mandate has a date that is not to come")
    row = Mandate(
        id=new_id(),
        case_id=case.id,
        content=b"",
        covers=" ".join(matter for matter in Matter if matter in covers),
        seen_by=seen_by,
        recorded_at=context.now(),
    )
    row.content = context.seal_record(case.id, row.id, MandateRecord(kind=kind, dated=dated, reference=reference))
    session.add(row)
    await session.flush()
    return row


async def forget_entered(session: AsyncSession, case: Case) -> None:
    """Part of an erasure: the sealed words go, as all others do."""
    case.entered = None
    await session.execute(update(Mandate).where(Mandate.case_id == case.id).values(content=b""))
