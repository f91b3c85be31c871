"""Notices: their state and clock, and what a person does about them."""

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi import Path as PathParameter

from api.deps import ID_PATTERN, AdvocateOnly, AnyActor, CaseToRead, Context, IdPath, Reading, Writing
from api.schemas.notices import (
    LeavingView,
    LetterList,
    LetterView,
    LetterWanted,
    Looked,
    NoticeList,
    NoticeView,
    NoticeWhole,
    Paragraph,
    Retraction,
    Settlement,
    Submission,
    Together,
)
from api.schemas.platform import ReplyBody, ReplyPreview, ReplyText, ReplyView
from api.views.notices import leaving_view, letter_view, notice_view, notice_whole, notices_of_case
from api.views.platform import preview_view, reply_view
from db.queries.notices import escalations_of, notices_of
from monitor.actions.access import get_notice, get_with_beside
from monitor.actions.reading import note_notice_read
from monitor.actions.together import join_notices, part_notices
from monitor.model.notice_states import NoticeState
from monitor.notices.corresponding import (
    get_letter,
    letters_of,
    retract,
    send_letter,
    undo_letter,
    withdraw_letter,
    write_letter,
)
from monitor.notices.leaving import what_leaves
from monitor.notices.letters import Purpose
from monitor.notices.platform_links import revoke_link
from monitor.notices.renewing import record_renewal
from monitor.notices.replies import preview_reply, queue_reply
from monitor.notices.returned import mark_mails_read, record_return
from monitor.notices.sending import change_paragraph, send_notice, undo_sending
from monitor.notices.stopping import withdraw_notice
from monitor.notices.writing import record_submission, retry, settle

router = APIRouter(tags=["notices"])

LetterNumber = Annotated[int, PathParameter(ge=2, le=10_000)]


@router.get("/cases/{case_id}/notices")
async def list_of_case(
    context: Context,
    session: Reading,
    actor: AnyActor,
    case: CaseToRead,
    limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> NoticeList:
    """A person sees those about copies whose place was released."""
    rows, total = await notices_of(session, actor, case_id=case.id, limit=limit, offset=offset)
    return NoticeList(notices=await notices_of_case(session, context, case, rows), total=total)


@router.get("/notices")
async def list_notices(
    context: Context,
    session: Reading,
    actor: AdvocateOnly,
    state: NoticeState | None = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    after: Annotated[str | None, Query(pattern=ID_PATTERN, description="the last notice of the page before")] = None,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> NoticeList:
    """Notices of the organisation's vouched cases, in the order they were written."""
    rows, total = await notices_of(session, actor, state=state, limit=limit, after=after, offset=offset)
    now = context.now()
    return NoticeList(notices=[notice_view(*row, now) for row in rows], total=total)


@router.get("/notices/{notice_id}")
async def see_notice(context: Context, session: Writing, actor: AnyActor, notice_id: IdPath) -> NoticeWhole:
    """Everything about one notice. The person may read what left in their name; an advocate's look is noted."""
    notice, sighting, _, case, about = await get_with_beside(session, actor, notice_id)
    steps = await escalations_of(session, notice.id)
    await note_notice_read(session, context, notice)
    return notice_whole(context, actor, notice, sighting, case, steps, case.language, about)


@router.get("/notices/{notice_id}/preview")
async def preview_notice(context: Context, session: Writing, actor: AdvocateOnly, notice_id: IdPath) -> LeavingView:
    """Exactly what would leave now: envelope, text, attachments. Of what was sent: what left. The look is noted."""
    notice, *_ = await get_notice(session, actor, notice_id)
    leaving = await what_leaves(session, context, notice)
    await note_notice_read(session, context, notice)
    return leaving_view(notice, leaving)


@router.post("/notices/{notice_id}/send", name="send_notice")
async def send_looked_at(
    context: Context, session: Writing, actor: AdvocateOnly, notice_id: IdPath, body: Looked
) -> NoticeView:
    """Send what was looked at. It leaves a minute later, and until then it can be undone."""
    notice, sighting, *_ = await get_notice(session, actor, notice_id, lock=True)
    await send_notice(session, context, notice, digest=body.digest, by=actor.id)
    return notice_view(notice, sighting, context.now())


@router.post("/notices/{notice_id}/together")
async def put_notices_together(
    context: Context, session: Writing, actor: AdvocateOnly, notice_id: IdPath, body: Together
) -> NoticeView:
    """Several copies of one channel or account in this one notice, where its route takes that. Nothing is sent by it.
    Each copy keeps its own notice, with state, clock and checks."""
    notice = await join_notices(session, context, actor, notice_id, body.notice_ids)
    _, sighting, *_ = await get_notice(session, actor, notice_id)
    return notice_view(notice, sighting, context.now())


@router.post("/notices/{notice_id}/apart")
async def take_notices_apart(context: Context, session: Writing, actor: AdvocateOnly, notice_id: IdPath) -> NoticeView:
    """What was put together goes apart again, as long as nobody has sent it."""
    notice = await part_notices(session, context, actor, notice_id)
    _, sighting, *_ = await get_notice(session, actor, notice_id)
    return notice_view(notice, sighting, context.now())


@router.put("/notices/{notice_id}/paragraph")
async def put_paragraph(
    context: Context, session: Writing, actor: AdvocateOnly, notice_id: IdPath, body: Paragraph
) -> NoticeView:
    """Add a paragraph to a notice that nobody has sent, change it, or take it out. Links and the person's name, where
    the notice keeps it out, are refused."""
    notice, sighting, *_ = await get_notice(session, actor, notice_id, lock=True)
    await change_paragraph(session, context, notice, body.text, by=actor.id)
    return notice_view(notice, sighting, context.now())


@router.post("/notices/{notice_id}/undo")
async def undo_notice(context: Context, session: Writing, actor: AdvocateOnly, notice_id: IdPath) -> NoticeView:
    """Take it back before it leaves: it is ready to be sent again."""
    notice, sighting, *_ = await get_notice(session, actor, notice_id, lock=True)
    await undo_sending(session, context, notice, by=actor.id)
    return notice_view(notice, sighting, context.now())


@router.post("/notices/{notice_id}/retract", name="retract_notice")
async def retract_sent(
    context: Context, session: Writing, actor: AdvocateOnly, notice_id: IdPath, body: Retraction
) -> NoticeView:
    """Take back what left. By e-mail its recipient is told a minute later; the letter can be undone until then."""
    notice, sighting, *_ = await get_notice(session, actor, notice_id, lock=True)
    await retract(session, context, notice, body.reason, by=actor.id)
    return notice_view(notice, sighting, context.now())


@router.get("/notices/{notice_id}/letters")
async def see_letters(context: Context, session: Writing, actor: AdvocateOnly, notice_id: IdPath) -> LetterList:
    """What followed a notice, in order. The look is noted."""
    notice, *_ = await get_notice(session, actor, notice_id)
    rows = await letters_of(session, notice.id)
    await note_notice_read(session, context, notice)
    return LetterList(letters=[await letter_view(context, notice, row) for row in rows])


@router.post("/notices/{notice_id}/letters")
async def add_letter(
    context: Context, session: Writing, actor: AdvocateOnly, notice_id: IdPath, body: LetterWanted
) -> LetterView:
    """Write a reminder, a correction or the request anew: numbered, citing the first. It leaves when it is sent."""
    notice, *_ = await get_notice(session, actor, notice_id, lock=True)
    row = await write_letter(session, context, notice, Purpose(body.purpose), body.text, by=actor.id)
    return await letter_view(context, notice, row)


@router.post("/notices/{notice_id}/letters/{number}/send", name="send_letter")
async def send_looked_at_letter(
    context: Context, session: Writing, actor: AdvocateOnly, notice_id: IdPath, number: LetterNumber, body: Looked
) -> LetterView:
    """Send a letter that was looked at; it leaves a minute later. Also one that failed or did not arrive."""
    notice, *_ = await get_notice(session, actor, notice_id, lock=True)
    row = await get_letter(session, notice, number)
    await send_letter(session, context, notice, row, digest=body.digest, by=actor.id)
    return await letter_view(context, notice, row)


@router.post("/notices/{notice_id}/letters/{number}/undo", name="undo_letter")
async def undo_sent_letter(
    context: Context, session: Writing, actor: AdvocateOnly, notice_id: IdPath, number: LetterNumber
) -> LetterView:
    """Take a letter back before it leaves."""
    notice, *_ = await get_notice(session, actor, notice_id, lock=True)
    row = await get_letter(session, notice, number)
    await undo_letter(session, context, row, by=actor.id)
    return await letter_view(context, notice, row)


@router.post("/notices/{notice_id}/letters/{number}/withdraw", name="withdraw_letter")
async def withdraw_unsent_letter(
    context: Context, session: Writing, actor: AdvocateOnly, notice_id: IdPath, number: LetterNumber
) -> LetterView:
    """Give up a letter that has not left."""
    notice, *_ = await get_notice(session, actor, notice_id, lock=True)
    row = await get_letter(session, notice, number)
    await withdraw_letter(session, context, row, by=actor.id)
    return await letter_view(context, notice, row)


@router.post("/notices/{notice_id}/submission")
async def submit_form(
    context: Context, session: Writing, actor: AdvocateOnly, notice_id: IdPath, body: Submission
) -> NoticeView:
    """The prepared form was submitted by hand, or once more; its clock runs from then."""
    notice, sighting, *_ = await get_notice(session, actor, notice_id, lock=True)
    given, at = body.reference, body.submitted_at
    if body.again:
        await record_renewal(session, context, notice, reference=given, by=actor.id, submitted_at=at)
    else:
        await record_submission(session, context, notice, reference=given, by=actor.id, submitted_at=at)
    return notice_view(notice, sighting, context.now())


@router.post("/notices/{notice_id}/settle")
async def settle_doubt(
    context: Context, session: Writing, actor: AdvocateOnly, notice_id: IdPath, body: Settlement
) -> NoticeView:
    """A person found out whether a notice in doubt arrived. If not, it is sent again; where its case moved since, it is
    written anew and is ready to be looked at."""
    notice, sighting, *_ = await get_notice(session, actor, notice_id, lock=True)
    await settle(session, context, notice, arrived=body.arrived, by=actor.id)
    return notice_view(notice, sighting, context.now())


@router.post("/notices/{notice_id}/retry")
async def retry_notice(context: Context, session: Writing, actor: AdvocateOnly, notice_id: IdPath) -> NoticeView:
    """What made it fail was mended: send it again. Where its case moved since, it is written anew and ready to be
    looked at."""
    notice, sighting, *_ = await get_notice(session, actor, notice_id, lock=True)
    await retry(session, context, notice, by=actor.id)
    return notice_view(notice, sighting, context.now())


@router.post("/notices/{notice_id}/withdraw", name="withdraw_notice")
async def withdraw_unsent(context: Context, session: Writing, actor: AdvocateOnly, notice_id: IdPath) -> NoticeView:
    """Take back a notice that has not left."""
    notice, sighting, *_ = await get_notice(session, actor, notice_id, lock=True)
    await withdraw_notice(session, context, notice, by=actor.id)
    return notice_view(notice, sighting, context.now())


@router.post("/notices/{notice_id}/returned")
async def notice_returned(context: Context, session: Writing, actor: AdvocateOnly, notice_id: IdPath) -> NoticeView:
    """An advocate knows that an e-mail came back, or never arrived. Nothing is sent again by itself."""
    notice, sighting, *_ = await get_notice(session, actor, notice_id, lock=True)
    await record_return(session, context, notice, by=actor.id)
    return notice_view(notice, sighting, context.now())


@router.post("/notices/{notice_id}/mails-read")
async def mails_read(context: Context, session: Writing, actor: AdvocateOnly, notice_id: IdPath) -> NoticeView:
    """An advocate has read what came in about a notice, and leaves it as it is."""
    notice, sighting, *_ = await get_notice(session, actor, notice_id, lock=True)
    await mark_mails_read(session, context, notice, by=actor.id)
    return notice_view(notice, sighting, context.now())


@router.post("/notices/{notice_id}/link/revoke")
async def end_link(context: Context, session: Writing, actor: AdvocateOnly, notice_id: IdPath) -> NoticeView:
    """The link in the mail of this notice leads nowhere any more."""
    notice, sighting, *_ = await get_notice(session, actor, notice_id, lock=True)
    await revoke_link(session, context, notice, by=actor.id)
    return notice_view(notice, sighting, context.now())


@router.post("/notices/{notice_id}/replies/preview")
async def see_reply(
    context: Context, session: Reading, actor: AdvocateOnly, notice_id: IdPath, body: ReplyText
) -> ReplyPreview:
    """Exactly what would leave in answer to a mail. Nothing is sent."""
    notice, *_ = await get_notice(session, actor, notice_id)
    return preview_view(await preview_reply(session, context, notice, body.mail_id, body.text, by=actor.id))


@router.post("/notices/{notice_id}/replies", status_code=201)
async def send_reply(
    context: Context, session: Writing, actor: AdvocateOnly, notice_id: IdPath, body: ReplyBody
) -> ReplyView:
    """Send it: once, and as it was shown."""
    notice, *_ = await get_notice(session, actor, notice_id, lock=True)
    mail, text = body.mail_id, body.text
    row = await queue_reply(session, context, notice, mail, text, seen=body.digest, by=actor.id)
    return reply_view(context, row)
