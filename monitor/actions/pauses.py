"""Why nothing happens for a case or an organisation, as whoever waits is told."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.people import Advocate, Organisation
from db.models.stops import Stop
from db.queries.actors import AdvocateActor
from db.queries.stops import stops_of
from monitor.cases.stops import OPERATOR, Scope, Target, asked, why
from monitor.context.context import DomainContext
from monitor.core.refusals import Refusal
from monitor.model.records.freeze import FreezeRecord
from monitor.model.states import CaseState


@dataclass(frozen=True, slots=True)
class Pause:
    """Why a case rests."""

    reason: Refusal
    """CASE_FROZEN or WORK_STOPPED."""
    since: datetime
    organisation: str
    """Whom to ask: the centre's name; empty where no centre has the case yet."""
    speak_to: str = field(default="", repr=False)
    """Of a frozen case: what the lead wrote for the person."""


async def pause_of(session: AsyncSession, context: DomainContext, case: Case) -> Pause | None:
    """Why this case rests; None while it does not, and while it is being erased by its person's own wish."""
    home = None if case.organisation_id is None else await session.get(Organisation, case.organisation_id)
    name = "" if home is None else home.name
    if case.frozen_at is not None and case.freeze is not None:
        record = context.open_record(FreezeRecord, case.id, case.id, case.freeze)
        return Pause(Refusal.CASE_FROZEN, case.frozen_at, name, record.speak_to)
    if case.state == CaseState.ERASING:
        return None
    stops = [one for one in await stops_of(session, case.organisation_id or "") if one.scope != Scope.ADVOCATE]
    return Pause(Refusal.WORK_STOPPED, stops[0].stopped_at, name) if stops else None


@dataclass(frozen=True, slots=True)
class ToldStop:
    """One thing that is stopped, as an advocate of the organisation sees it."""

    scope: Scope
    advocate_id: str | None
    """Of a stopped advocate."""
    advocate: str
    """Their name."""
    reason: str = field(repr=False)
    stopped_at: datetime
    by_operator: bool
    by: str
    """The name of the lead who stopped it; empty for the operator."""
    asked_at: datetime | None
    """When the first of two people said that it may go on."""
    asked_by: str
    may_ask: bool
    """May this advocate be the first?"""
    may_approve: bool
    """May this advocate be the second?"""


async def told_stops(session: AsyncSession, context: DomainContext, actor: AdvocateActor) -> Sequence[ToldStop]:
    """Everything that is stopped of the advocate's organisation, the oldest first."""
    return [await _told(session, context, actor, row) for row in await stops_of(session, actor.organisation_id)]


async def _told(session: AsyncSession, context: DomainContext, actor: AdvocateActor, row: Stop) -> ToldStop:
    target, pending = Target.of(row), asked(row, context.now())
    first = (row.asked_by or "") if pending else ""
    advocate = await session.get(Advocate, target.subject) if target.scope is Scope.ADVOCATE else None
    ours, by_operator = target.scope is not Scope.ALL, row.stopped_by.startswith(OPERATOR)
    may = ours and pending and first != f"advocate:{actor.id}" and (not by_operator or first.startswith(OPERATOR))
    return ToldStop(
        scope=target.scope,
        advocate_id=None if advocate is None else advocate.id,
        advocate="" if advocate is None else advocate.name,
        reason=why(context, row),
        stopped_at=row.stopped_at,
        by_operator=by_operator,
        by=await _name(session, row.stopped_by),
        asked_at=row.asked_at if pending else None,
        asked_by=await _name(session, first),
        may_ask=ours and not pending and actor.lead,
        may_approve=may,
    )


async def _name(session: AsyncSession, who: str) -> str:
    """An advocate's name; an operator has none here."""
    kind, _, advocate_id = who.partition(":")
    row = await session.get(Advocate, advocate_id) if kind == "advocate" else None
    return "" if row is None else row.name
