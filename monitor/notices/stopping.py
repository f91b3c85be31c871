"""Notices that have not left are held for the police, or withdrawn by an advocate."""

from collections.abc import Collection

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_rows
from db.models.cases import Case
from db.models.notices import Notice
from db.models.sightings import Sighting
from monitor.cases.intake import read_intake
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.notice_states import MAY_WITHDRAW, UNSENT, NoticeState, move
from monitor.notices.eligibility import police_wait
from monitor.notices.mail_after import LEAVES_ALL_THE_SAME, has_mail, stop_mail
from monitor.notices.message_alerts import carrier_id, end_alerts
from monitor.notices.together import go_alone

ENDED_WITH_IT = (
    AlertKind.NOTICE_FAILED,
    AlertKind.NOTICE_WAITS,
    AlertKind.NOTICE_BOUNCED,
    AlertKind.BOUNCE_CLAIMED,
)
"""What was told of a notice that is sent again, or not at all any more."""


async def hold_unsent(session: AsyncSession, context: DomainContext, case: Case) -> int:
    """The person wants the police first after all: what is queued or prepared waits. Returns how many."""
    waiting = Notice.state.in_((NoticeState.QUEUED, NoticeState.PREPARED))
    query = select(Notice).where(Notice.case_id == case.id, waiting)
    held = await lock_rows(session, query)
    for notice in held:
        notice.state = move(notice.state, NoticeState.HELD)
        notice.reason, notice.due_at = Refusal.WAITING_FOR_POLICE, None
        # The task that is queued belongs to the old attempt; once lifted, a task of a new one must run.
        notice.attempt += 1
        await context.resolve(session, AlertKind.NOTICE_WAITS, notice.id)
    await session.flush()
    return len(held)


async def refuse_while_waiting(session: AsyncSession, context: DomainContext, notice: Notice) -> None:
    """RuleBroken while the person waits for the police: nothing of theirs is sent again meanwhile."""
    # Read anew: who locked the notice may have waited for the very change that the person made.
    case = await session.get_one(Case, notice.case_id, populate_existing=True)
    waits = police_wait(read_intake(context, case), context.now())
    if waits is not None:
        raise RuleBroken(Refusal(waits), "only the person lifts the wait")


async def withdraw_notice(session: AsyncSession, context: DomainContext, notice: Notice, *, by: str) -> None:
    """An advocate takes back a notice that has not left, or gives up one in doubt."""
    if notice.state not in MAY_WITHDRAW:
        raise RuleBroken(Refusal.NOTICE_STATE, f"a notice that is {notice.state} cannot be withdrawn")
    was, lead_id = notice.state, carrier_id(notice)
    notice.state = move(notice.state, NoticeState.WITHDRAWN)
    notice.reason, notice.due_at = Refusal.WITHDRAWN_BY_ADVOCATE, None
    await go_alone(session, context, notice, was=was)
    await context.record(
        session, notice.case_id, EntryKind.NOTICE_WITHDRAWN, notice=notice.id, reason=notice.reason, by=by
    )
    await end_alerts(session, context, notice, (AlertKind.NOTICE_IN_DOUBT, *ENDED_WITH_IT), lead_id=lead_id)


async def stop_unsent(
    session: AsyncSession,
    context: DomainContext,
    case_id: str,
    reason: Refusal,
    source_id: str | None = None,
    *,
    routes: Collection[str] | None = None,
    others: Refusal | None = None,
    spared: Collection[str] = (),
    only: Collection[str] | None = None,
) -> int:
    """Withdraw every notice of a case (at one source, by these routes) that has not left. Returns how many.

    Where the case moved or a consent was taken back, with it what would follow those that left by mail.

    `others`: why those by other routes, and about the `spared` sightings, are withdrawn with them; None: they are not.
    `only`: about these sightings.
    """
    # One question and one lock for both: notices are locked in the order of their ids, whatever ends of them.
    ending = or_(Notice.state.in_(UNSENT), has_mail()) if reason in LEAVES_ALL_THE_SAME else Notice.state.in_(UNSENT)
    query = select(Notice).where(Notice.case_id == case_id, ending)
    if routes is not None and others is None:
        query = query.where(Notice.route.in_(routes))
    if source_id is not None:
        query = query.join(Sighting, Sighting.id == Notice.sighting_id).where(Sighting.source_id == source_id)
    if spared and others is None:
        query = query.where(Notice.sighting_id.not_in(spared))
    if only is not None:
        query = query.where(Notice.sighting_id.in_(only))
    parted = list[tuple[Notice, str, str]]()
    # All that has not left, since what is withdrawn of a message changes the rest of it.
    unsent = select(Notice).where(Notice.case_id == case_id, ending)
    meant_ids = set((await session.scalars(query.with_only_columns(Notice.id))).all())
    held = [notice for notice in await lock_rows(session, unsent) if notice.id in meant_ids]
    if reason in LEAVES_ALL_THE_SAME:
        await stop_mail(session, context, held, reason)
    for notice in held:
        if notice.state not in UNSENT:
            continue
        was, lead_id = notice.state, carrier_id(notice)
        meant = (routes is None or notice.route in routes) and notice.sighting_id not in spared
        why = reason if meant or others is None else others
        notice.state, notice.reason, notice.due_at = move(notice.state, NoticeState.WITHDRAWN), why, None
        await context.record(session, case_id, EntryKind.NOTICE_WITHDRAWN, notice=notice.id, reason=why)
        parted.append((notice, was, lead_id))
    for notice, was, lead_id in parted:
        await go_alone(session, context, notice, was=was)
        await end_alerts(session, context, notice, ENDED_WITH_IT, lead_id=lead_id)
    return len(parted)
