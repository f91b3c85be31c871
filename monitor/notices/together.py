"""Several notices by one route about copies in one channel or account leave in one message.

Each copy keeps a notice of its own: its state, clocks, checks, answers and evidence. One of them carries the message;
the others point to it (`Notice.together_id`) and go the same way for as long as the message has not left. What is then
done about one copy (it is removed, retracted, filed on) is done about that one alone.
"""

from collections.abc import Sequence
from contextlib import suppress

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.notices import Notice
from db.models.sightings import Sighting
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.notice_states import NoticeState, move
from monitor.model.records.notice import NoticeRecord
from monitor.notices.address import needs_address
from monitor.notices.leaving import NOT_YET_SENT, carried_by, carrier_of, written_anew
from monitor.notices.route_table import ROUTES

_BEFORE_IT_LEFT = frozenset({NoticeState.PREPARED, NoticeState.HELD, NoticeState.QUEUED})


async def put_together(
    session: AsyncSession, context: DomainContext, notices: Sequence[Notice], *, by: str
) -> Sequence[Notice]:
    """Carry all of these by the first one's message; what they carried so far comes along, and all are given locked.

    RuleBroken(NOT_TOGETHER): fewer than two, of several cases, ways or sources, one that has left, or what one text
    cannot say truly of all of them.
    """
    lead, *others = notices
    if not others:
        raise RuleBroken(Refusal.NOT_TOGETHER, "tick at least one other copy")
    if any((one.case_id, one.route, one.state) != (lead.case_id, lead.route, lead.state) for one in others):
        raise RuleBroken(Refusal.NOT_TOGETHER, "they are not by the same way, or not all ready")
    if lead.state not in NOT_YET_SENT:
        raise RuleBroken(Refusal.NOTICE_STATE, "only what nobody has sent yet is put together")
    if not ROUTES[lead.route].several or needs_address(lead.route):
        raise RuleBroken(Refusal.NOT_TOGETHER, "this way takes one post at a time")
    sightings = [await session.get_one(Sighting, one.sighting_id) for one in notices]
    if len({(one.source_id, one.released_at is None) for one in sightings}) > 1:
        # Whoever reads one of them reads the places of all.
        raise RuleBroken(Refusal.NOT_TOGETHER, "they are not of one channel, or the person sees only some of them")
    texts = [context.open_record(NoticeRecord, one.case_id, one.id, one.content).paragraph for one in notices]
    lead.together_id = None
    for one in others:
        one.together_id = lead.id
    await session.flush()
    await _write(session, context, lead, "\n".join(dict.fromkeys(text for text in texts if text)))
    copies = [one.sighting_id for one in notices]
    facts = {"notice": lead.id, "notices": [one.id for one in others], "copies": copies, "by": by}
    await context.record(session, lead.case_id, EntryKind.NOTICES_JOINED, **facts)
    return notices


async def take_apart(session: AsyncSession, context: DomainContext, notice: Notice, *, by: str) -> Sequence[Notice]:
    """Each goes by itself again. The whole message is locked; any of its notices may be given."""
    lead = await carrier_of(session, notice) or notice
    mates = await carried_by(session, lead)
    if lead.state not in NOT_YET_SENT or not mates:
        raise RuleBroken(Refusal.NOTICE_STATE, "only what was put together and is not sent is taken apart")
    for one in mates:
        one.together_id = None
    await session.flush()
    for one in (lead, *mates):
        await _write(session, context, one)
    copies = [one.sighting_id for one in (lead, *mates)]
    facts = {"notice": lead.id, "notices": [one.id for one in mates], "copies": copies, "by": by}
    await context.record(session, lead.case_id, EntryKind.NOTICES_PARTED, **facts)
    return (lead, *mates)


async def act_for_all(session: AsyncSession, notice: Notice) -> Sequence[Notice]:
    """The others of a message that somebody is about to send, undo or settle by its carrier, which is locked with them.

    RuleBroken(CARRIED_BY_ANOTHER) for one that is only carried.
    """
    if await carrier_of(session, notice) is not None:
        raise RuleBroken(Refusal.CARRIED_BY_ANOTHER, "it goes with another notice: open that one")
    if notice.state in _BEFORE_IT_LEFT:
        notice.together_id = None
    return await carried_by(session, notice)


async def go_alone(session: AsyncSession, context: DomainContext, notice: Notice, *, was: str) -> None:
    """One was just withdrawn from the state `was`, alone, or is going to be: the rest goes on without it.

    The whole message is locked. What had been sent and has not left is ready again: its text named that copy, so
    somebody looks at it anew.
    """
    if was not in _BEFORE_IT_LEFT:
        return
    lead_id = notice.together_id or notice.id
    query = select(Notice).where((Notice.id == lead_id) | (Notice.together_id == lead_id), Notice.id != notice.id)
    rest = [one for one in await session.scalars(query.order_by(Notice.id)) if one.state == was]
    notice.together_id = None
    if not rest:
        return
    lead = next((one for one in rest if one.id == lead_id), rest[0])
    for one in rest:
        one.together_id = None if one is lead else lead.id
        if was == NoticeState.QUEUED:
            put_back(one)
    await session.flush()
    with suppress(RuleBroken):  # nothing may be written of it any more: whoever opens it reads why
        await _write(session, context, lead)
    copies = [one.sighting_id for one in (notice, *rest)]
    facts = {"notice": lead.id, "notices": [notice.id], "copies": copies}
    await context.record(session, lead.case_id, EntryKind.NOTICES_PARTED, **facts)


def put_back(notice: Notice) -> None:
    """It was sent, and its message may not leave as it is: it is ready again, and the waiting task finds nothing."""
    notice.state, notice.reason = move(notice.state, NoticeState.PREPARED), Refusal.TOGETHER_CHANGED
    notice.due_at = None
    notice.attempt += 1


async def is_whole(session: AsyncSession, context: DomainContext, lead: Notice) -> bool:
    """Is the text that was written for it about exactly the copies that its message carries now?"""
    record = context.open_record(NoticeRecord, lead.case_id, lead.id, lead.content)
    there = {lead.sighting_id, *(one.sighting_id for one in await carried_by(session, lead))}
    return there == set(record.sightings or (lead.sighting_id,))


def keep(context: DomainContext, notices: Sequence[Notice], language: str, record: NoticeRecord) -> None:
    """The one text in each of them, so that every copy's own notice says what left about it."""
    for one in notices:
        one.language, one.content = language, context.seal_record(one.case_id, one.id, record)


async def _write(session: AsyncSession, context: DomainContext, lead: Notice, paragraph: str | None = None) -> None:
    language, record = await written_anew(session, context, lead, paragraph)
    keep(context, (lead, *await carried_by(session, lead)), language, record)
