"""A lead freezes a case in doubt: its content is hidden and its work stops, and nothing of it is destroyed."""

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.queries.actors import AdvocateActor
from monitor.actions.go_on import go_on
from monitor.cases.reissue import rest_reissue
from monitor.cases.stops import leads_only
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import NotFound, RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.records.freeze import FreezeRecord
from monitor.model.states import CaseState


async def freeze(
    session: AsyncSession, context: DomainContext, case: Case, actor: AdvocateActor, *, reason: str, speak_to: str
) -> None:
    """Freeze a locked case. `reason` is for the leads, `speak_to` for the person; both must say something."""
    leads_only(actor)
    if case.organisation_id != actor.organisation_id:
        raise NotFound  # it waits for any centre: take it in hand first
    if not reason.strip() or not speak_to.strip():
        raise RuleBroken(Refusal.REASON_NEEDED, "say why, and whom the person can speak to")
    if case.frozen_at is not None:
        raise RuleBroken(Refusal.CASE_FROZEN, "this case is frozen already")
    if case.state not in (CaseState.OPEN, CaseState.VOUCHED):
        raise RuleBroken(Refusal.CASE_STATE, f"a case that is {case.state} cannot be frozen")
    record = FreezeRecord(reason=reason.strip(), speak_to=speak_to.strip(), by=actor.id)
    case.frozen_at, case.freeze = context.now(), context.seal_record(case.id, case.id, record)
    await context.record(session, case.id, EntryKind.CASE_FROZEN, reason=record.reason, speak_to=record.speak_to)


async def unfreeze(session: AsyncSession, context: DomainContext, case: Case, actor: AdvocateActor) -> None:
    """The doubt is gone: everything is as it was, and what was posted meanwhile is compared. The case is locked."""
    leads_only(actor)
    if case.organisation_id != actor.organisation_id:
        raise NotFound
    if case.frozen_at is None:
        raise RuleBroken(Refusal.NOT_FROZEN, "this case is not frozen")
    rested = context.now() - case.frozen_at
    if case.state == CaseState.OPEN:
        # Nobody could vouch meanwhile.
        case.vouch_due_at += rested
        case.in_hand_until = None if case.in_hand_until is None else case.in_hand_until + rested
    await rest_reissue(session, case, rested)
    case.frozen_at = None
    await session.flush()
    await go_on(session, context, case)
    await context.record(session, case.id, EntryKind.CASE_UNFROZEN)
    await context.resolve(session, AlertKind.FROZEN_ERASING, case.id)
