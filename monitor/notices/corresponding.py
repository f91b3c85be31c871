"""Letters after a notice: a reminder, a correction, the request anew, or that it is taken back.

One open notice stays per copy and route; what follows it is numbered, goes to the same address and cites the first.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.notices import Letter, Notice
from db.models.people import Advocate
from db.models.sightings import Sighting
from db.types import new_id
from monitor.cases.intake import read_intake
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import NotFound, RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.facts import CopyFacts, Intake
from monitor.model.notice_states import UNSENT, NoticeState, move
from monitor.model.records.notice import NoticeRecord
from monitor.notices.leaving import Leaving, attached, shown_sender, written
from monitor.notices.letters import Purpose, RetractReason, Thread, letter, signed_anew
from monitor.notices.machine_part import Part
from monitor.notices.mail_after import UNDECIDED, end_alerts_of_letter, end_waiting, refuse_mail
from monitor.notices.message_alerts import end_alerts
from monitor.notices.message_id import message_id
from monitor.notices.paragraph import shown, tidy_paragraph
from monitor.notices.platform_calls import CallEvent, call_platforms
from monitor.notices.route import Channel
from monitor.notices.route_table import ROUTES
from monitor.notices.sending import UNDO_FOR, check_hands, refuse_where_closed, refuse_where_gone
from monitor.notices.stopping import ENDED_WITH_IT, refuse_while_waiting, withdraw_notice
from monitor.notices.under_age import refuse_for_minor
from monitor.sightings.facts import copy_facts
from monitor.sightings.own_pages import refuse_own
from monitor.work import tasks

MAY_RETRACT = frozenset({NoticeState.SENT, NoticeState.LAPSED, NoticeState.IN_DOUBT})
"""It left, or may have, and is not over."""
MAY_SEND = frozenset({NoticeState.PREPARED, NoticeState.FAILED, NoticeState.IN_DOUBT})
"""States in which a person sends a letter: also what failed, or was in doubt and did not arrive."""
_OPEN = frozenset({NoticeState.SENT, NoticeState.LAPSED})


async def letters_of(session: AsyncSession, notice_id: str) -> Sequence[Letter]:
    """What followed a notice, in order."""
    return (await session.scalars(select(Letter).where(Letter.notice_id == notice_id).order_by(Letter.number))).all()


async def get_letter(session: AsyncSession, notice: Notice, number: int) -> Letter:
    """One of them. Raises NotFound."""
    found = await session.scalar(select(Letter).where(Letter.notice_id == notice.id, Letter.number == number))
    if found is None:
        raise NotFound
    return found


async def write_letter(
    session: AsyncSession, context: DomainContext, notice: Notice, purpose: Purpose, text: str, *, by: str
) -> Letter:
    """A further letter, ready to be looked at and sent. `text` is the advocate's paragraph; a correction needs one.

    RuleBroken: SENT_BY_HAND where the notice was no e-mail, NOTICE_STATE unless it is out and open, REASON_NEEDED,
    what `tidy_paragraph` refuses, what `refuse_mail` refuses, and whatever forbids the notice now. Call it with the
    notice locked.
    """
    if ROUTES[notice.route].channel is not Channel.EMAIL:
        raise RuleBroken(Refusal.SENT_BY_HAND, "only e-mails have letters after them")
    if notice.state not in _OPEN:
        raise RuleBroken(Refusal.NOTICE_STATE, "only a notice that is out has letters after it")
    await refuse_where_forbidden(session, context, notice)
    await refuse_mail(session, context, notice, by=by, purpose=purpose)
    if purpose is Purpose.REVISION and not text.strip():
        raise RuleBroken(Refusal.REASON_NEEDED, "say what is put right")
    return await _write(session, context, notice, purpose, text, by=by)


async def retract(
    session: AsyncSession, context: DomainContext, notice: Notice, reason: RetractReason, *, by: str
) -> Letter | None:
    """Take back what left: no clock runs for it, and by e-mail its recipient is told, a minute later.

    Returns the letter; None where there is no e-mail to follow: whoever submitted it must tell the platform there.
    RuleBroken(NOTICE_STATE) for what never left, or is over. Call it with the notice locked.
    """
    if notice.state not in MAY_RETRACT:
        raise RuleBroken(Refusal.NOTICE_STATE, "only what left can be retracted")
    return await _take_back(session, context, notice, reason, by=by)


async def _take_back(
    session: AsyncSession, context: DomainContext, notice: Notice, reason: RetractReason, *, by: str
) -> Letter | None:
    by_mail = ROUTES[notice.route].channel is Channel.EMAIL
    made = await _write(session, context, notice, Purpose.RETRACTION, "", by=by, why=reason) if by_mail else None
    await _end_others(session, context, notice, but=made)
    notice.state, notice.reason = move(notice.state, NoticeState.WITHDRAWN), Refusal.RETRACTED
    notice.due_at = notice.deadline_at = None
    notice.look += 1  # a check that is waiting finds that its number has passed
    facts = {"notice": notice.id, "reason": reason, "by": by}
    await context.record(session, notice.case_id, EntryKind.NOTICE_RETRACTED, **facts)
    await call_platforms(session, context, notice, CallEvent.OVER)
    told = (AlertKind.NOTICE_IN_DOUBT, AlertKind.DEADLINE_LAPSED, AlertKind.CANNOT_VERIFY, AlertKind.SENT_FOR_MINOR)
    await end_alerts(session, context, notice, (*told, *ENDED_WITH_IT))
    if made is not None:
        await _queue(session, context, notice, made, by=by)
    return made


async def look_at_letter(context: DomainContext, notice: Notice, row: Letter) -> Leaving:
    """What leaves with it: it is fixed when it is written."""
    record = context.open_record(NoticeRecord, row.case_id, row.id, row.content)
    return Leaving(Channel.EMAIL, notice.language, row.message_id, record, record.body)


async def send_letter(
    session: AsyncSession, context: DomainContext, notice: Notice, row: Letter, *, digest: str, by: str
) -> None:
    """Send what was looked at; also what failed, and what was in doubt and did not arrive. Leaves a minute later."""
    if row.state not in MAY_SEND:
        raise RuleBroken(Refusal.NOTICE_STATE, f"a letter that is {row.state} cannot be sent")
    if row.purpose != Purpose.RETRACTION:
        await refuse_where_forbidden(session, context, notice)
        await refuse_mail(session, context, notice, by=row.created_by, purpose=Purpose(row.purpose))
        await check_hands(session, context, notice, by)
    if (await look_at_letter(context, notice, row)).digest != digest:
        raise RuleBroken(Refusal.LEAVES_CHANGED, "look at what leaves now")
    if row.state != NoticeState.PREPARED:
        row.attempt += 1
    await _queue(session, context, notice, row, by=by)


async def undo_letter(session: AsyncSession, context: DomainContext, row: Letter, *, by: str) -> None:
    """Take it back before it leaves: it is ready again."""
    if row.state in (NoticeState.SENDING, NoticeState.SENT, NoticeState.IN_DOUBT):
        raise RuleBroken(Refusal.TOO_LATE_TO_UNDO, "it has left, or is leaving")
    if row.state != NoticeState.QUEUED:
        raise RuleBroken(Refusal.NOTICE_STATE, "only what was sent can be undone")
    row.state, row.due_at = move(row.state, NoticeState.PREPARED), None
    row.attempt += 1
    await _record(session, context, EntryKind.LETTER_UNDONE, row, by=by)
    await end_waiting(session, context, await session.get_one(Notice, row.notice_id))


async def withdraw_letter(session: AsyncSession, context: DomainContext, row: Letter, *, by: str) -> None:
    """Give up a letter that has not left."""
    row.state, row.due_at = move(row.state, NoticeState.WITHDRAWN), None
    await _record(session, context, EntryKind.LETTER_UNDONE, row, by=by)
    notice = await session.get_one(Notice, row.notice_id)
    await end_alerts_of_letter(session, context, notice)


async def retract_all(
    session: AsyncSession, context: DomainContext, sighting: Sighting, reason: RetractReason, *, by: str
) -> tuple[int, int]:
    """Everything about a copy that is no copy: (withdrawn before it left, retracted). What was removed by it is
    retracted too: only so can its recipient put the post back.

    The caller holds the copy and its notices: of several copies, all of them before the first ledger entry.
    """
    withdrawn = retracted = 0
    about = select(Notice).where(Notice.sighting_id == sighting.id).order_by(Notice.id)
    for notice in (await session.scalars(about)).all():
        refuse_while_leaving(notice)
        if notice.state in UNSENT:
            await withdraw_notice(session, context, notice, by=by)
            notice.reason = Refusal.NOT_CONFIRMED
            withdrawn += 1
        elif notice.state in MAY_RETRACT | {NoticeState.REMOVED}:
            await _take_back(session, context, notice, reason, by=by)
            retracted += 1
    return withdrawn, retracted


def refuse_while_leaving(notice: Notice) -> None:
    """RuleBroken(TRY_AGAIN) while nobody knows whether it is out: it can neither be stopped nor retracted."""
    if notice.state == NoticeState.SENDING:
        raise RuleBroken(Refusal.TRY_AGAIN, "a notice is leaving at this moment; try again in a minute")


async def _write(
    session: AsyncSession,
    context: DomainContext,
    notice: Notice,
    purpose: Purpose,
    text: str,
    *,
    by: str,
    why: RetractReason | None = None,
) -> Letter:
    first = context.open_record(NoticeRecord, notice.case_id, notice.id, notice.content)
    sighting = await session.get_one(Sighting, notice.sighting_id)
    case = await session.get_one(Case, notice.case_id, populate_existing=True)
    intake, route = read_intake(context, case), ROUTES[notice.route]
    copy = await _signed_by(session, await copy_facts(session, context, sighting), by=by)
    number = 2 + (await session.scalar(select(func.count()).where(Letter.notice_id == notice.id)) or 0)
    paragraph, whole = tidy_paragraph(text, copy, intake, route), ""
    if purpose is Purpose.REFILING:
        whole = (await written(session, context, sighting, case, notice.route, notice.id, to_hold=True))[1].body
    thread = _thread(notice, number, first, copy)
    mail = notice if notice.together_id is None else await session.get_one(Notice, notice.together_id)
    subject, body = letter(thread, purpose, notice.language, why=why, whole=whole)
    part = _part(notice, number, purpose, intake, copy, cites=mail.message_id)
    record = NoticeRecord(
        recipient=first.recipient,
        subject=subject,
        body=body + shown(paragraph, notice.language),
        fields={},
        preferences=(),
        paragraph=paragraph,
        sender=shown_sender(context.mail_from, copy.centre.name, copy.reviewer),
        reply_to=copy.reply_to,
        cites=(mail.message_id,),
        attachments=attached(part, xarf=False),
    )
    row = Letter(
        id=new_id(),
        case_id=notice.case_id,
        notice_id=notice.id,
        number=number,
        purpose=purpose,
        state=NoticeState.PREPARED,
        attempt=1,
        message_id=message_id(f"{notice.id}.{number * 1000}", context.message_domain),
        content=b"",
        created_by=by,
        created_at=context.now(),
    )
    row.content = context.seal_record(row.case_id, row.id, record)
    session.add(row)
    await session.flush()
    await _record(session, context, EntryKind.LETTER_WRITTEN, row, by=by, purpose=purpose, content=record.content())
    return row


async def sign_retractions_anew(
    session: AsyncSession, context: DomainContext, notice_ids: Collection[str], *, by: str
) -> None:
    """What takes a notice back leaves after its case moved, too: in the name of the centre that has it now.

    The caller holds these notices. `by`: who of that centre answers for it; empty: nobody works there.
    """
    query = select(Letter).where(Letter.notice_id.in_(notice_ids), Letter.state.in_(UNDECIDED))
    query = query.where(Letter.purpose == Purpose.RETRACTION).order_by(Letter.notice_id, Letter.number)
    for row in (await session.scalars(query)).all():
        notice = await session.get_one(Notice, row.notice_id)
        await sign_anew(session, context, notice, row, by=by)


async def sign_anew(session: AsyncSession, context: DomainContext, notice: Notice, row: Letter, *, by: str) -> None:
    """The same retraction, signed by `by` (empty: by nobody) and the centre that has the case. Call it with the notice
    locked."""
    record = context.open_record(NoticeRecord, row.case_id, row.id, row.content)
    sighting = await session.get_one(Sighting, notice.sighting_id)
    case = await session.get_one(Case, notice.case_id, populate_existing=True)
    copy = await _signed_by(session, await copy_facts(session, context, sighting), by=by)
    first = context.open_record(NoticeRecord, notice.case_id, notice.id, notice.content)
    cites = record.cites[0] if record.cites else ""
    part = _part(notice, row.number, Purpose.RETRACTION, read_intake(context, case), copy, cites=cites)
    anew = {
        "body": signed_anew(record.body, _thread(notice, row.number, first, copy), notice.language),
        "sender": shown_sender(context.mail_from, copy.centre.name, copy.reviewer),
        "reply_to": copy.reply_to,
        "attachments": attached(part, xarf=False),
    }
    record = record.model_copy(update=anew)
    row.content, row.created_by = context.seal_record(row.case_id, row.id, record), by
    await session.flush()
    signed = {"by": by} if by else {}
    facts = {**signed, "purpose": Purpose.RETRACTION, "content": record.content()}
    await _record(session, context, EntryKind.LETTER_WRITTEN, row, **facts)


async def _signed_by(session: AsyncSession, copy: CopyFacts, *, by: str) -> CopyFacts:
    """Whoever decided about the copy signs, unless they are of a centre that had the case before: then `by`."""
    writer = await session.get(Advocate, by) if copy.confirmed_elsewhere else None
    if writer is None:
        return copy
    return replace(copy, reviewer=writer.work_alias or writer.name, signer=writer.name)


def _thread(notice: Notice, number: int, first: NoticeRecord, copy: CopyFacts) -> Thread:
    return Thread(
        notice_id=notice.id,
        number=number,
        subject=first.subject,
        url=copy.last_seen.url if copy.last_seen else copy.url,
        sent_at=notice.sent_at or notice.dated_at or notice.created_at,
        last_seen_at=copy.last_seen.at if copy.last_seen else None,
        centre=copy.centre.name,
        name=copy.reviewer,
        contact=copy.contact,
    )


def _part(notice: Notice, number: int, purpose: Purpose, intake: Intake, copy: CopyFacts, *, cites: str) -> Part:
    return Part(
        notice_id=notice.id,
        route=ROUTES[notice.route],
        role=intake.sender_role.value,
        copies=(copy,),
        number=number,
        cites=cites,
        purpose=purpose.value,
    )


async def _queue(session: AsyncSession, context: DomainContext, notice: Notice, row: Letter, *, by: str) -> None:
    row.state, row.reason, row.created_by = move(row.state, NoticeState.QUEUED), None, by
    undo_for = context.clock.time_to_undo(UNDO_FOR)
    row.due_at, row.faults = context.now() + undo_for, 0
    await _record(session, context, EntryKind.LETTER_RELEASED, row, by=by, attempt=row.attempt)
    delay = context.clock.real_seconds(undo_for)
    await context.enqueue(session, tasks.send_letter(row.id, row.attempt, delay=delay))


async def _end_others(session: AsyncSession, context: DomainContext, notice: Notice, *, but: Letter | None) -> None:
    """Reminders of a notice that is taken back are not sent any more."""
    for row in await letters_of(session, notice.id):
        if row.state in UNSENT and row is not but:
            row.state, row.due_at = move(row.state, NoticeState.WITHDRAWN), None
            row.reason = Refusal.RETRACTED


async def refuse_where_forbidden(session: AsyncSession, context: DomainContext, notice: Notice) -> None:
    """RuleBroken with whatever forbids that a notice is followed by anything but that it is taken back."""
    await refuse_while_waiting(session, context, notice)
    await refuse_for_minor(session, context, notice)
    sighting = await session.get_one(Sighting, notice.sighting_id, populate_existing=True)
    refuse_where_gone(sighting)
    await refuse_own(session, context, sighting)
    await refuse_where_closed(session, notice.sighting_id)


async def _record(session: AsyncSession, context: DomainContext, kind: EntryKind, row: Letter, **facts: object) -> None:
    told = {"notice": row.notice_id, "letter": row.id, "number": row.number, **facts}
    await context.record(session, row.case_id, kind, **told)
