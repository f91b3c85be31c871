"""Sending a notice is a decision of its own: what leaves was looked at, and for a minute it can be undone."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.copies import CopyClosing
from db.models.notices import Notice
from db.models.sightings import Sighting
from db.queries.consents import was_withdrawn
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.notice_states import NoticeState, move
from monitor.model.states import CaseState, SightingState
from monitor.notices.address import has_agreed, refuse_without_address
from monitor.notices.hands import refuse_one_hand, refuse_while_unconfirmed
from monitor.notices.leaving import NOT_YET_SENT, what_leaves, written_anew
from monitor.notices.route_table import ROUTES
from monitor.notices.stopping import refuse_while_waiting
from monitor.notices.together import act_for_all, keep
from monitor.notices.under_age import HAS_LEFT, refuse_for_minor
from monitor.sightings.identical import ground_stands
from monitor.sightings.own_pages import refuse_own
from monitor.work import tasks

UNDO_FOR = timedelta(minutes=1)
"""Domain time between sending and leaving; on a fast clock as much more as a person needs."""


async def send_notice(session: AsyncSession, context: DomainContext, notice: Notice, *, digest: str, by: str) -> None:
    """An advocate looked at what would leave (`digest`), and sends it: it leaves after `UNDO_FOR`.

    RuleBroken: LEAVES_CHANGED where it is not that any more, SENT_BY_HAND for a form, NOTICE_STATE, and whatever
    forbids the notice now. Call it with the notice locked.
    """
    if ROUTES[notice.route].channel.by_hand:
        raise RuleBroken(Refusal.SENT_BY_HAND, "submit the form, then record its reference")
    await refuse_while_waiting(session, context, notice)
    await refuse_for_minor(session, context, notice)
    await check_hands(session, context, notice, by)
    if notice.state == NoticeState.HELD and not await has_agreed(session, context, notice):
        raise RuleBroken(Refusal.ADDRESS_NOT_AGREED, "the person is asked on their page")
    if notice.state != NoticeState.PREPARED:
        raise RuleBroken(Refusal.NOTICE_STATE, f"a notice that is {notice.state} cannot be sent")
    await refuse_without_address(session, context, notice)
    mates = await act_for_all(session, notice)
    await _refuse_where_forbidden(session, context, notice)
    for one in mates:
        await refuse_for_minor(session, context, one)
        await _refuse_where_forbidden(session, context, one)
        one.one_hand = notice.one_hand
    leaving = await what_leaves(session, context, notice)
    if leaving.digest != digest:
        raise RuleBroken(Refusal.LEAVES_CHANGED, "look at what leaves now")
    keep(context, (notice, *mates), leaving.language, leaving.record)
    several = {"copies": list(leaving.record.sightings), "carried_by": notice.id} if mates else {}
    for one in (notice, *mates):
        one.created_by = by
        one.state, one.reason = move(one.state, NoticeState.QUEUED), None
        await context.record(
            session,
            one.case_id,
            EntryKind.NOTICE_RELEASED,
            notice=one.id,
            attempt=one.attempt,
            digest=digest,
            by=by,
            content=leaving.record.content(),
            **({"one_hand": True} if one.one_hand else {}),
            **several,
        )
    await queue(session, context, notice)


async def send_by_itself(session: AsyncSession, context: DomainContext, notice: Notice, *, by: str) -> None:
    """The one exception, see monitor.actions.resend: what is known to be the same leaves unseen. `by` answers for it.

    All else holds as for any notice: the rules, and the minute in which somebody may undo it.
    """
    leaving = await what_leaves(session, context, notice)
    await send_notice(session, context, notice, digest=leaving.digest, by=by)


async def change_paragraph(
    session: AsyncSession, context: DomainContext, notice: Notice, text: str, *, by: str
) -> None:
    """What an advocate adds to a notice that nobody has sent; empty takes it out.

    RuleBroken: SENT_BY_HAND for a form, NOTICE_STATE, what `tidy_paragraph` refuses, COMMENT_TOO_LONG.
    """
    if ROUTES[notice.route].channel.by_hand:
        raise RuleBroken(Refusal.SENT_BY_HAND, "a form has no place for it")
    if notice.state not in NOT_YET_SENT:
        raise RuleBroken(Refusal.NOTICE_STATE, "undo the sending first")
    mates = await act_for_all(session, notice)
    language, record = await written_anew(session, context, notice, text)
    keep(context, (notice, *mates), language, record)
    facts = {"notice": notice.id, "paragraph": record.paragraph, "by": by}
    await context.record(session, notice.case_id, EntryKind.NOTICE_EDITED, **facts)


async def undo_sending(session: AsyncSession, context: DomainContext, notice: Notice, *, by: str) -> None:
    """Take it back before it leaves: it is ready again. RuleBroken: TOO_LATE_TO_UNDO, NOTICE_STATE."""
    if notice.state in HAS_LEFT:
        raise RuleBroken(Refusal.TOO_LATE_TO_UNDO, "it has left, or is leaving")
    if notice.state != NoticeState.QUEUED:
        raise RuleBroken(Refusal.NOTICE_STATE, "only what was sent can be undone")
    for one in (notice, *await act_for_all(session, notice)):
        one.state, one.reason, one.due_at = move(one.state, NoticeState.PREPARED), None, None
        # The task that is queued belongs to the old attempt; once it is sent again, a task of a new one must run.
        one.attempt += 1
        await context.record(session, one.case_id, EntryKind.NOTICE_UNDONE, notice=one.id, by=by)
        await context.resolve(session, AlertKind.NOTICE_WAITS, one.id)


async def queue(session: AsyncSession, context: DomainContext, notice: Notice) -> None:
    """A person has just sent it: it leaves when the time to undo that is over, with all that its message carries."""
    undo_for = context.clock.time_to_undo(UNDO_FOR)
    notice.due_at, notice.faults = context.now() + undo_for, 0
    delay = context.clock.real_seconds(undo_for)
    await context.enqueue(session, tasks.send(notice.id, notice.attempt, notice.platform, delay=delay))


async def check_hands(session: AsyncSession, context: DomainContext, notice: Notice, by: str) -> None:
    """RuleBroken while a signature or permission is unconfirmed, and where one advocate would do it all."""
    # Read anew: who locked the notice may have waited for the very change that the person made.
    case = await session.get_one(Case, notice.case_id, populate_existing=True)
    refuse_while_unconfirmed(context, case)
    notice.one_hand = await refuse_one_hand(session, context, case, by) or notice.one_hand


def refuse_where_gone(sighting: Sighting) -> None:
    """RuleBroken where two checks found the copy gone: a notice would say that it stands there."""
    if sighting.removed_at is not None:
        raise RuleBroken(Refusal.COPY_GONE, "two checks found this copy gone")


async def is_closed(session: AsyncSession, sighting_id: str) -> bool:
    """Did an advocate close the copy? Then nothing more is done about it until somebody opens it again."""
    return await session.get(CopyClosing, sighting_id, populate_existing=True) is not None


async def refuse_where_closed(session: AsyncSession, sighting_id: str) -> None:
    """RuleBroken where the copy is closed."""
    if await is_closed(session, sighting_id):
        raise RuleBroken(Refusal.COPY_CLOSED, "open this copy again first")


async def _refuse_where_forbidden(session: AsyncSession, context: DomainContext, notice: Notice) -> None:
    """What the last check before leaving would find as well: better told to whoever sends it now."""
    case = await session.get_one(Case, notice.case_id)
    if case.state != CaseState.VOUCHED:
        raise RuleBroken(Refusal.CASE_CLOSED, "this case is not open")
    sighting = await session.get_one(Sighting, notice.sighting_id, populate_existing=True)
    refuse_where_gone(sighting)
    await refuse_where_closed(session, sighting.id)
    if sighting.state != SightingState.CONFIRMED:
        raise RuleBroken(Refusal.NOT_CONFIRMED, "decide about this sighting first")
    if not await ground_stands(session, sighting):
        raise RuleBroken(Refusal.GROUND_GONE, "the copy that it is identical to is confirmed no more")
    await refuse_own(session, context, sighting)
    if await was_withdrawn(session, case_id=case.id, source_id=sighting.source_id, now=context.now()):
        raise RuleBroken(Refusal.CONSENT_WITHDRAWN, "the person took back their consent to this source: ask them first")
