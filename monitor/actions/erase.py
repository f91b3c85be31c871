"""Erasing a case: hidden and stopped at once; within a delay it can be taken back."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_rows
from db.models.cases import Case
from db.models.notices import Notice
from db.models.sources import Consent
from db.queries.actors import Actor, PersonActor
from monitor.actions.access import is_elsewhere, only_the_person, refuse_content
from monitor.cases.entered import covering, keep_entered, read_entered
from monitor.cases.reissue import end_reissue
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.history.backfill import request_case_backfill
from monitor.history.forgetting import forget_unless_watched
from monitor.model.entered import Matter, Unconfirmed
from monitor.model.notice_states import FOLLOWED
from monitor.model.states import CaseState, move_case
from monitor.notices.stopping import stop_unsent
from monitor.work import tasks

DELAY = timedelta(days=7)
ASKED_UNDER_MANDATE = "asked-by-advocate-under-mandate"
ASKED_AND_CONFIRMED = "asked-by-advocate-confirmed-by-person"


async def ask_erasure(session: AsyncSession, context: DomainContext, case: Case, actor: Actor) -> datetime | None:
    """Hide the case and stop its work now; returns when its key is destroyed. Asking again changes nothing.

    An advocate can only ask it for a case that somebody vouched for, and then it waits for the person's word (None),
    unless a mandate covers it. Of a frozen one only the person can ask it.
    """
    if case.state == CaseState.ERASING and case.erase_at is not None:
        return case.erase_at
    if case.frozen_at is not None and not is_elsewhere(actor, case):
        only_the_person(actor)
    else:
        refuse_content(actor, case)
    if isinstance(actor, PersonActor):
        return await begin_erasure(session, context, case, f"asked-by-{context.by.who}")
    known = read_entered(context, case)
    mandate = (await covering(session, case.id, known)).get(Matter.ERASURE)
    if mandate is not None:
        return await begin_erasure(session, context, case, ASKED_UNDER_MANDATE, mandate=mandate)
    if Matter.ERASURE not in known.unconfirmed:
        asked = Unconfirmed(by=actor.id, at=context.now(), values={}, before={}, in_effect=False)
        keep_entered(context, case, known.having(Matter.ERASURE, asked))
        await context.record(session, case.id, EntryKind.ENTRY_WAITS, matter=Matter.ERASURE)
    return None


async def begin_erasure(
    session: AsyncSession, context: DomainContext, case: Case, reason: str, **facts: str
) -> datetime:
    """Hide the case, and tell its advocates who asked for that; of a frozen one the leads too."""
    known = read_entered(context, case)
    if Matter.ERASURE in known.unconfirmed:
        keep_entered(context, case, known.without(Matter.ERASURE))
    erase_at = await _hide(session, context, case, **facts)
    # The page says nothing of it meanwhile, so it must not come due before the person keeps their case.
    await end_reissue(session, context, case)
    if case.frozen_at is not None:
        await context.alert(
            session,
            AlertKind.FROZEN_ERASING,
            case.id,
            "asked-by-person-of-frozen",
            organisation_id=case.organisation_id,
        )
    if case.organisation_id is not None:  # of one that waits in the pool nobody needs to know
        await context.alert(session, AlertKind.CASE_ERASING, case.id, reason, organisation_id=case.organisation_id)
    return erase_at


async def end_unvouched(session: AsyncSession, context: DomainContext, case: Case) -> None:
    """Nobody vouched in time: the case ends like an erasure, and the person can take that back like one.

    No alert: nobody took the case in hand, and strangers can open any number.
    """
    await _hide(session, context, case, reason="nobody-vouched")


def nobody_vouched(case: Case) -> bool:
    """Whether it is being erased because nobody vouched in time. What a centre has in hand does not end so."""
    if case.organisation_id is not None:
        return False
    waiting = case.erase_at is not None and case.ends_at is not None and case.vouched_at is None
    return waiting and case.ends_at <= case.erase_at - DELAY  # type: ignore[operator]  # neither is None


async def _hide(session: AsyncSession, context: DomainContext, case: Case, **facts: str) -> datetime:
    case.state = move_case(case.state, CaseState.ERASING)
    case.erase_at, case.origin_tag = context.now() + DELAY, None
    if case.vouched_at is not None:
        # Before the notices: a source is locked before them. Without vouching nothing was read for this case.
        consented = await session.scalars(select(Consent.source_id).where(Consent.case_id == case.id))
        await forget_unless_watched(session, context, consented.all())
    await stop_unsent(session, context, case.id, Refusal.CASE_ERASED)
    await context.resolve(session, AlertKind.IN_HAND_OVER, case.id)
    await context.record(session, case.id, EntryKind.ERASURE_ASKED, erase_at=case.erase_at.isoformat(), **facts)
    return case.erase_at


async def cancel_erasure(session: AsyncSession, context: DomainContext, case: Case, actor: Actor) -> None:
    """Take an erasure back before its time. Consents hold again; notices that were stopped stay stopped.

    Those that had left are followed again. Only the person can do this.
    """
    only_the_person(actor)
    if case.state != CaseState.ERASING:
        raise RuleBroken(Refusal.CASE_STATE, "this case is not being erased")
    # A mandate of before does not begin it again.
    keep_entered(context, case, read_entered(context, case).said_at(context.now(), Matter.ERASURE))
    before = CaseState.OPEN if case.vouched_at is None else CaseState.VOUCHED
    case.state, case.erase_at = move_case(case.state, before), None
    if case.state == CaseState.OPEN:
        case.ends_at = context.now() + context.unvouched_for
        if case.in_hand_since is not None:
            case.in_hand_since = context.now()  # the new end is not put off for what was before it
    await _follow_again(session, context, case.id)
    if case.state == CaseState.VOUCHED:
        await request_case_backfill(session, context, case.id)
    await context.record(session, case.id, EntryKind.ERASURE_CANCELLED)
    for kind in (AlertKind.CASE_ERASING, AlertKind.FROZEN_ERASING):
        await context.resolve(session, kind, case.id)


async def _follow_again(session: AsyncSession, context: DomainContext, case_id: str) -> None:
    """Checks that came due while the case was closed led nowhere; their tasks are spent, so each gets a new one."""
    query = select(Notice).where(Notice.case_id == case_id, Notice.state.in_(FOLLOWED), Notice.due_at.is_(None))
    for notice in await lock_rows(session, query):
        notice.look += 1
        notice.due_at = context.now()
        await context.enqueue(session, tasks.verify(notice.id, notice.look + 1, delay=0))
