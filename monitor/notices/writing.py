"""A person's side of a notice: written, held and lifted, submitted by hand, settled when in doubt.

Writing sends nothing: see monitor.notices.sending.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_rows
from db.models.cases import Case
from db.models.notices import Notice
from db.models.sightings import Sighting
from db.models.sources import Source
from db.queries.consents import was_withdrawn
from db.types import new_id
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.delivery.base import Receipt
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.notice_states import NoticeState, has_bounced, move
from monitor.model.records.notice import NoticeRecord
from monitor.model.states import CaseState, SightingState
from monitor.notices.address import ask_for_address, has_agreed, needs_address, refuse_without_address
from monitor.notices.centre_before import speaks_for_centre_before
from monitor.notices.choosing import routes_for
from monitor.notices.eligibility import first_allowed
from monitor.notices.form import answer_given, reference_number, submission_time
from monitor.notices.leaving import written, written_anew
from monitor.notices.message_alerts import carrier_id, end_alerts
from monitor.notices.message_id import message_id
from monitor.notices.outcomes import mark_sent
from monitor.notices.platform_links import keep_link
from monitor.notices.route import Channel
from monitor.notices.route_table import ROUTES
from monitor.notices.sending import check_hands, queue, refuse_where_closed, refuse_where_gone
from monitor.notices.stopping import ENDED_WITH_IT, refuse_while_waiting
from monitor.notices.together import act_for_all, is_whole, keep
from monitor.notices.under_age import counts_as_minor, refuse_for_minor
from monitor.sightings.own_pages import refuse_own
from monitor.work import tasks

_NEVER_LEFT = (
    Refusal.CONSENT_WITHDRAWN,
    Refusal.NO_PERMISSION,
    Refusal.MINOR_OR_UNSURE,
    Refusal.WAITS_FOR_PERSON,
    Refusal.CASE_ERASED,
    Refusal.CASE_CLOSED,
    Refusal.NOT_CONFIRMED,
    Refusal.COPY_GONE,
    Refusal.COPY_CLOSED,
    Refusal.OWN_PAGE,
    Refusal.CASE_MOVED,
)
"""Why a notice was withdrawn before any attempt to send it: it may be written anew when that has passed."""


def may_be_written_anew(state: str, reason: str | None, *, tried: bool = True) -> bool:
    """Was it withdrawn before it left, for what may pass, or retracted? `tried`: an attempt to send it began."""
    if state != NoticeState.WITHDRAWN:
        return False
    # An advocate may also have given up one in doubt, which may have arrived.
    given_up = reason == Refusal.WITHDRAWN_BY_ADVOCATE and not tried
    return given_up or reason == Refusal.RETRACTED or reason in _NEVER_LEFT


@dataclass(frozen=True, slots=True)
class Skipped:
    """A route that was not taken, and why."""

    route: str
    reason: Refusal
    detail: str


async def queue_notices(
    session: AsyncSession, context: DomainContext, sighting: Sighting, *, routes: tuple[str, ...] | None, by: str
) -> tuple[list[Notice], list[Skipped]]:
    """Write a notice for each route (None: the first one that may be taken): it is ready to be sent, or held.

    Returns what was written and what was skipped with the reason. A route that has a notice already is skipped.
    Call it with the sighting and the notices about it locked (see `db.queries.sightings.lock_notices_about`).
    """
    if sighting.state != SightingState.CONFIRMED:
        raise RuleBroken(Refusal.NOT_CONFIRMED, "decide about this sighting first")
    refuse_where_gone(sighting)
    await refuse_where_closed(session, sighting.id)
    case = await session.get_one(Case, sighting.case_id)
    if case.state != CaseState.VOUCHED:
        raise RuleBroken(Refusal.CASE_CLOSED, "this case is not open")
    await refuse_own(session, context, sighting)
    if await was_withdrawn(session, case_id=case.id, source_id=sighting.source_id, now=context.now()):
        raise RuleBroken(Refusal.CONSENT_WITHDRAWN, "the person took back their consent to this source: ask them first")
    choices = await routes_for(session, context, sighting, case, sender=by)
    judged, held = choices.to_write, choices.held
    unknown = [name for name in routes or () if name not in ROUTES or not ROUTES[name].first]
    if unknown:
        raise RuleBroken(Refusal.ROUTE_UNKNOWN, f"routes are: {', '.join(ROUTES)}")
    if routes is None:
        first = first_allowed(judged)
        routes = tuple(one.route.name for one in judged) if first is None else (first.name,)
    # Locked by the caller, since the ledger may have been written to by now.
    there = select(Notice).where(Notice.sighting_id == sighting.id).order_by(Notice.id)
    known_by_route = {notice.route: notice for notice in await session.scalars(there)}
    made, skipped = [], []
    for one in judged:
        if one.route.name not in routes:
            continue
        if not one.allowed:
            skipped.append(Skipped(one.route.name, Refusal(one.reason), one.explain(case.language)))
            continue
        known = known_by_route.get(one.route.name)
        tried = known is not None and known.dated_at is not None
        if known is not None and not may_be_written_anew(known.state, known.reason, tried=tried):
            skipped.append(Skipped(one.route.name, Refusal.ALREADY_WRITTEN, ""))
            continue
        notice = await _write(
            session, context, sighting, case, one.route.name, known, held=held, by=by, one_hand=choices.one_hand
        )
        made.append(notice)
    return made, skipped


async def _write(
    session: AsyncSession,
    context: DomainContext,
    sighting: Sighting,
    case: Case,
    route: str,
    known: Notice | None,
    *,
    held: bool,
    by: str,
    one_hand: bool,
) -> Notice:
    """A new notice, or `known`, which was withdrawn before it left, written anew as a further attempt."""
    notice_id = new_id() if known is None else known.id
    language, record = await written(session, context, sighting, case, route, notice_id, to_hold=held)
    notice = known or Notice(
        id=notice_id,
        case_id=case.id,
        sighting_id=sighting.id,
        platform=(await session.get_one(Source, sighting.source_id)).platform,
        route=route,
        attempt=0,
        look=0,
        content=b"",
        created_at=context.now(),
    )
    asks = needs_address(route)
    if asks and sighting.released_at is None:
        raise RuleBroken(Refusal.ADDRESS_NOT_AGREED, "the person is asked about it: let them see where it is first")
    first = NoticeState.HELD if held or asks else NoticeState.PREPARED
    notice.state = first if known is None else move(known.state, first)
    notice.reason = Refusal.WAITING_FOR_POLICE if held else Refusal.ADDRESS_NOT_AGREED if asks else None
    notice.language, notice.created_by, notice.one_hand = language, by, one_hand
    notice.attempt += 1
    notice.together_id = None
    notice.message_id = notice.message_id or message_id(notice.id, context.message_domain)
    _be_another_mail(context, notice, had_left=notice.sent_at is not None)
    notice.content = context.seal_record(case.id, notice.id, record)
    session.add(notice)
    await session.flush()
    await keep_link(session, context, notice, record.recipient)
    await context.record(
        session,
        case.id,
        EntryKind.NOTICE_QUEUED,
        notice=notice.id,
        sighting=sighting.id,
        route=route,
        state=notice.state,
        by=by,
        content=record.content(),
        **({"one_hand": True} if one_hand else {}),
    )
    if asks:
        await ask_for_address(session, context, case, notice, record.recipient)
    await _preserve_if_by_hand(session, context, notice)
    return notice


def _be_another_mail(context: DomainContext, notice: Notice, *, had_left: bool) -> None:
    """Where it had left, if only in doubt: a late report on that mail, or a look-up of it, must not hit the new one."""
    if had_left:
        notice.message_id = message_id(f"{notice.id}.{notice.attempt}", context.message_domain)
        notice.sent_at, notice.receipt = None, None


async def _preserve_if_by_hand(session: AsyncSession, context: DomainContext, notice: Notice) -> None:
    if notice.state == NoticeState.PREPARED and ROUTES[notice.route].channel.by_hand:
        # A person takes it to the platform, nobody knows when: its post is preserved now.
        await context.enqueue(session, tasks.observe(notice.sighting_id, notice.id, notice.attempt))


async def lift_hold(session: AsyncSession, context: DomainContext, case: Case) -> int:
    """The person no longer waits for the police: held notices are ready to be sent. Returns how many.

    Weeks may have passed: somebody looks at what would leave now.
    """
    query = select(Notice).where(Notice.case_id == case.id, Notice.state == NoticeState.HELD)
    lifted = list[Notice]()
    for notice in await lock_rows(session, query):
        if not await has_agreed(session, context, notice):
            notice.reason = Refusal.ADDRESS_NOT_AGREED
            continue
        lifted.append(notice)
        notice.state, notice.reason = move(notice.state, NoticeState.PREPARED), None
        await _preserve_if_by_hand(session, context, notice)
    return len(lifted)


async def record_submission(
    session: AsyncSession,
    context: DomainContext,
    notice: Notice,
    *,
    reference: str,
    by: str,
    submitted_at: datetime | None = None,
) -> None:
    """A human submitted the prepared form, now or at `submitted_at`; `reference` is what the platform answered.

    Of a bot's dialogue or an app's menu it is the answer itself, in words.
    """
    if notice.state != NoticeState.PREPARED:
        raise RuleBroken(Refusal.NOTICE_STATE, "only a prepared form can be submitted, and only once")
    await refuse_for_minor(session, context, notice)
    await check_hands(session, context, notice, by)
    await refuse_without_address(session, context, notice)
    if ROUTES[notice.route].channel is Channel.ASSISTED:
        receipt = Receipt(None, {"submitted_by": by, "answer": answer_given(reference)})
    else:
        receipt = Receipt(reference_number(reference), {"submitted_by": by})
    left_at = None if submitted_at is None else submission_time(submitted_at, notice.created_at, context.now())
    for one in (notice, *await act_for_all(session, notice)):
        if one is not notice:
            await refuse_for_minor(session, context, one)
        await mark_sent(session, context, one, receipt, left_at=left_at)


async def settle(session: AsyncSession, context: DomainContext, notice: Notice, *, arrived: bool, by: str) -> None:
    """A person found out whether a notice in doubt arrived. If not, it is sent again as a new attempt; where its case
    moved since, it is written anew instead, and somebody looks at it first.

    Not while the person waits for the police, and never for an adult where the picture may be a minor's.
    """
    if not arrived:
        await refuse_while_waiting(session, context, notice)
        await check_hands(session, context, notice, by)
    if notice.state != NoticeState.IN_DOUBT:
        raise RuleBroken(Refusal.NOTICE_STATE, "only a notice in doubt can be settled")
    mates, lead_id = await act_for_all(session, notice), carrier_id(notice)
    if not arrived:
        for one in (notice, *mates):
            refuse_where_gone(await session.get_one(Sighting, one.sighting_id, populate_existing=True))
            await refuse_where_closed(session, one.sighting_id)
    for one in (notice, *mates):
        await context.record(session, one.case_id, EntryKind.NOTICE_SETTLED, notice=one.id, arrived=arrived, by=by)
    # A row of an older program does not tell when its attempt began; the doubt came soon after.
    doubtful_since = notice.dated_at or await context.raised_at(session, AlertKind.NOTICE_IN_DOUBT, notice.id)
    if arrived:
        for one in (notice, *mates):
            await mark_sent(session, context, one, Receipt(None, {"settled_by": by}), left_at=doubtful_since)
        await end_alerts(session, context, notice, (AlertKind.NOTICE_IN_DOUBT,), lead_id=lead_id)
        return
    case = await session.get_one(Case, notice.case_id, populate_existing=True)
    again = list[Notice]()
    for one in (notice, *mates):
        sighting = await session.get_one(Sighting, one.sighting_id, populate_existing=True)
        if not counts_as_minor(context, case, sighting):
            again.append(one)
            continue
        one.state, one.due_at = move(one.state, NoticeState.WITHDRAWN), None
        one.reason = Refusal.MINOR_OR_UNSURE
        await context.record(session, one.case_id, EntryKind.NOTICE_WITHDRAWN, notice=one.id, reason=one.reason, by=by)
    before = [one.content for one in again]
    if await _send_again(session, context, again, by=by):
        for one, content in zip(again, before, strict=True):
            await _record_again(session, context, one, by=by, anew=one.content != content)
    await end_alerts(session, context, notice, (AlertKind.NOTICE_IN_DOUBT,), lead_id=lead_id)


async def _send_again(session: AsyncSession, context: DomainContext, notices: Sequence[Notice], *, by: str) -> bool:
    """Queue them for another attempt, all in the first one's message. Its text stays, unless it named others too.

    True where the case moved since it was written: then it leaves for no centre before, but is written anew as another
    mail, and is ready for somebody to look at.
    """
    if not notices:
        return False
    lead, *mates = notices
    moved = any([await speaks_for_centre_before(session, context, one) for one in notices])
    lead.together_id = None
    for one in notices:
        one.state = move(one.state, NoticeState.PREPARED if moved else NoticeState.QUEUED)
        one.reason = Refusal.CASE_MOVED if moved else None
        one.attempt += 1
        one.created_by = by  # who is stopped from now on keeps it here
        if one is not lead:
            one.together_id = lead.id
    await session.flush()
    if moved:
        for one in notices:
            _be_another_mail(context, one, had_left=True)
        with suppress(RuleBroken):  # nothing may be written of it any more: whoever opens it reads why
            language, record = await written_anew(session, context, lead)
            keep(context, notices, language, record)
        return True
    if not await is_whole(session, context, lead):
        language, record = await written_anew(session, context, lead)
        keep(context, (lead, *mates), language, record)
    await queue(session, context, lead)
    return False


async def retry(session: AsyncSession, context: DomainContext, notice: Notice, *, by: str) -> None:
    """A person removed what made a notice fail: send it again, but not while the person waits for the police.

    Where its case moved since, it is written anew instead, and somebody looks at it first.
    """
    await refuse_while_waiting(session, context, notice)
    await refuse_for_minor(session, context, notice)
    await check_hands(session, context, notice, by)
    if notice.state != NoticeState.FAILED:
        raise RuleBroken(Refusal.NOTICE_STATE, "only a notice that failed can be sent again")
    every = (notice, *await act_for_all(session, notice))
    for one in every:
        await refuse_for_minor(session, context, one)
        refuse_where_gone(await session.get_one(Sighting, one.sighting_id, populate_existing=True))
        await refuse_where_closed(session, one.sighting_id)
    came_back = [one.sent_at is not None or has_bounced(one.reason) for one in every]
    before, lead_id = [one.content for one in every], carrier_id(notice)
    await _send_again(session, context, every, by=by)
    for one, returned, content in zip(every, came_back, before, strict=True):
        _be_another_mail(context, one, had_left=returned)
        await _record_again(session, context, one, by=by, anew=one.content != content)
    for one in every:
        await end_alerts(session, context, one, ENDED_WITH_IT, lead_id=lead_id)


async def _record_again(session: AsyncSession, context: DomainContext, notice: Notice, *, by: str, anew: bool) -> None:
    """Of the kind that queued it first; its text stands in that entry, unless it was written `anew`: for fewer copies,
    or for the centre that has the case now."""
    record = context.open_record(NoticeRecord, notice.case_id, notice.id, notice.content)
    await context.record(
        session,
        notice.case_id,
        EntryKind.NOTICE_QUEUED,
        notice=notice.id,
        sighting=notice.sighting_id,
        route=notice.route,
        state=notice.state,
        attempt=notice.attempt,
        by=by,
        **({"content": record.content()} if anew else {}),
        **({"copies": list(record.sightings)} if record.sightings else {}),
    )
