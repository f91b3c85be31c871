"""Why nothing happens for a case or an organisation, as whoever waits is told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.people import Organisation
from db.models.stops import Stop
from db.queries.actors import Actor, AdvocateActor
from db.queries.glance import names_of_advocates
from db.queries.people import names_seen_in
from db.queries.stops import stops_of
from monitor.cases.stops import OPERATOR, Scope, Target, asked, why
from monitor.context.context import DomainContext
from monitor.core.refusals import Refusal
from monitor.model.records.freeze import FreezeRecord
from monitor.model.states import CaseState


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a lead put a case on hold: for the leads of its centre alone."""

    reason: str = field(repr=False)
    by: str
    """The lead's name."""


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
    hold: Hold | None = field(default=None, repr=False)
    """Of a frozen case; None for everybody but the leads of its centre."""


async def pause_of(
    session: AsyncSession, context: DomainContext, case: Case, actor: Actor | None = None
) -> Pause | None:
    """Why this case rests; None while it does not, and while it is being erased by its person's own wish.

    `actor`: who reads it; None: anybody.
    """
    home = None if case.organisation_id is None else await session.get(Organisation, case.organisation_id)
    name = "" if home is None else home.name
    if case.frozen_at is not None and case.freeze is not None:
        record = context.open_record(FreezeRecord, case.id, case.id, case.freeze)
        hold = await _hold(session, record, actor) if _may_read_why(actor, case) else None
        return Pause(Refusal.CASE_FROZEN, case.frozen_at, name, record.speak_to, hold)
    if case.state == CaseState.ERASING:
        return None
    stops = [one for one in await stops_of(session, case.organisation_id or "") if one.scope != Scope.ADVOCATE]
    return Pause(Refusal.WORK_STOPPED, stops[0].stopped_at, name) if stops else None


async def holds_of(
    session: AsyncSession, context: DomainContext, actor: Actor, cases: Iterable[Case | None]
) -> Mapping[str, Pause]:
    """Of these cases those that are on hold, by id, as far as this actor may read why."""
    found: dict[str, Pause] = {}
    for case in cases:
        if case is not None and case.frozen_at is not None and _may_read_why(actor, case):
            pause = await pause_of(session, context, case, actor)
            if pause is not None and pause.hold is not None:
                found[case.id] = pause
    return found


def _may_read_why(actor: Actor | None, case: Case) -> bool:
    return isinstance(actor, AdvocateActor) and actor.lead and actor.organisation_id == case.organisation_id


async def _hold(session: AsyncSession, record: FreezeRecord, actor: Actor | None) -> Hold:
    home = actor.organisation_id if isinstance(actor, AdvocateActor) else None
    names = await names_seen_in(session, [record.by], home)
    return Hold(record.reason, names[record.by][0] if record.by in names else "")


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
    rows = await stops_of(session, actor.organisation_id)
    about = {Target.of(row).subject for row in rows if Target.of(row).scope is Scope.ADVOCATE}
    by = {_advocate(who) for row in rows for who in (row.stopped_by, row.asked_by or "")}
    names = await names_of_advocates(session, (about | by) - {""})
    return [_told(context, actor, row, names) for row in rows]


def _told(context: DomainContext, actor: AdvocateActor, row: Stop, names: Mapping[str, str]) -> ToldStop:
    target, pending = Target.of(row), asked(row, context.now())
    first = (row.asked_by or "") if pending else ""
    known = target.scope is Scope.ADVOCATE and target.subject in names
    ours, by_operator = target.scope is not Scope.ALL, row.stopped_by.startswith(OPERATOR)
    may = ours and pending and first != f"advocate:{actor.id}" and (not by_operator or first.startswith(OPERATOR))
    return ToldStop(
        scope=target.scope,
        advocate_id=target.subject if known else None,
        advocate=names[target.subject] if known else "",
        reason=why(context, row),
        stopped_at=row.stopped_at,
        by_operator=by_operator,
        by=names.get(_advocate(row.stopped_by), ""),
        asked_at=row.asked_at if pending else None,
        asked_by=names.get(_advocate(first), ""),
        may_ask=ours and not pending and actor.lead,
        may_approve=may,
    )


def _advocate(who: str) -> str:
    """An advocate's id; an operator has no name here."""
    kind, _, advocate_id = who.partition(":")
    return advocate_id if kind == "advocate" else ""
