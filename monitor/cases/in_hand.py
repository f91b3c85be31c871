"""A centre is in touch with somebody who waits: it has the case in hand, and meanwhile no other vouches for it.

The case does not end meanwhile. Nobody can park it: after a while in which the centre does nothing it is back in the
pool, and the centre is told.
"""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_rows
from db.models.cases import Case
from db.models.sources import Alert
from monitor.cases.waiting import resolve_overdue
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.states import CaseState

IN_HAND_FOR = timedelta(days=14)
"""How long a centre has a case in hand without saying again that it is in touch, or vouching."""
_TOLD_FOR = timedelta(days=14)
"""How long a centre is told that a case went back to the pool."""
_AT_A_TIME = 100


async def take_in_hand(session: AsyncSession, context: DomainContext, case: Case, organisation_id: str) -> None:
    """The centre is in touch with the person; said again, it has the case in hand for as long again.

    Raises RuleBroken: CASE_STATE, IN_HAND_ELSEWHERE.
    """
    if case.state != CaseState.OPEN:
        raise RuleBroken(Refusal.CASE_STATE, f"a case that is {case.state} does not wait for a centre")
    refuse_elsewhere(case, organisation_id)
    if case.organisation_id is None:
        case.organisation_id, case.in_hand_since = organisation_id, context.now()
    case.in_hand_until = context.now() + IN_HAND_FOR
    await context.record(session, case.id, EntryKind.CASE_IN_HAND, organisation=organisation_id)
    await context.resolve(session, AlertKind.IN_HAND_OVER, case.id)
    await resolve_overdue(session, context)


async def hand_back(session: AsyncSession, context: DomainContext, case: Case, organisation_id: str | None) -> None:
    """The centre is not in touch after all: the case waits in the pool again, with the time that it had left.

    `organisation_id`: None where the person says so; said again, it changes nothing. Raises RuleBroken: CASE_STATE,
    NOT_IN_HAND, CASE_FROZEN.
    """
    if case.state != CaseState.OPEN:
        raise RuleBroken(Refusal.CASE_STATE, f"a case that is {case.state} is in nobody's hands")
    if case.organisation_id is None and organisation_id is None:
        return
    if case.organisation_id is None or organisation_id not in (None, case.organisation_id):
        raise RuleBroken(Refusal.NOT_IN_HAND, "no centre, or another one, has this case in hand")
    if case.frozen_at is not None:
        raise RuleBroken(Refusal.CASE_FROZEN, "a lead froze this case: it stays with the centre until that ends")
    await _back(session, context, case, reason="handed-back")


async def end_stale(session: AsyncSession, context: DomainContext) -> None:
    """What a centre had in hand and did nothing about goes back to the pool, and the centre is told."""
    now = context.now()
    # A frozen one stays with the centre whose lead froze it.
    stale = (Case.state == CaseState.OPEN, Case.in_hand_until <= now, Case.frozen_at.is_(None))
    over = select(Case).where(*stale).limit(_AT_A_TIME)
    for case in await lock_rows(session, over):
        had, kind = case.organisation_id, AlertKind.IN_HAND_OVER
        await _back(session, context, case, reason="nothing-done")
        await context.alert(session, kind, case.id, "nothing-done", organisation_id=had)
    old = (Alert.kind == AlertKind.IN_HAND_OVER, Alert.resolved_at.is_(None), Alert.raised_at <= now - _TOLD_FOR)
    for subject in (await session.scalars(select(Alert.subject).where(*old))).all():
        await context.resolve(session, AlertKind.IN_HAND_OVER, subject)


def refuse_elsewhere(case: Case, organisation_id: str) -> None:
    """Raise RuleBroken(IN_HAND_ELSEWHERE) while another centre is in touch with the person."""
    if case.organisation_id not in (None, organisation_id):
        raise RuleBroken(Refusal.IN_HAND_ELSEWHERE, "another centre is in touch with this person and has the case")


async def _back(session: AsyncSession, context: DomainContext, case: Case, *, reason: str) -> None:
    if case.ends_at is not None and case.in_hand_since is not None:
        case.ends_at += context.now() - case.in_hand_since
    case.organisation_id = case.in_hand_since = case.in_hand_until = None
    await context.record(session, case.id, EntryKind.CASE_HANDED_BACK, reason=reason)
