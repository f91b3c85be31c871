"""The advocate's notices: what was sent, how its clock stands, and what only a person can do about it."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.pages import texts
from api.pages.advocate_page import PageRoute, noting_page, reading_page, writing_page
from api.pages.forms import go, offset_of
from api.pages.notice_reading import GROUPS, PAGE_SIZE, count_groups, notice_cards, notice_detail
from api.pages.paging import following
from api.pages.rendering import language_of
from db.models.notices import Notice
from monitor.actions.access import get_notice
from monitor.actions.reading import note_notice_read
from monitor.actions.together import join_notices, part_notices
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.model.notice_states import NoticeState
from monitor.notices.corresponding import (
    get_letter,
    retract,
    send_letter,
    undo_letter,
    withdraw_letter,
    write_letter,
)
from monitor.notices.letters import Purpose, RetractReason
from monitor.notices.platform_links import revoke_link
from monitor.notices.renewing import record_renewal
from monitor.notices.replies import preview_reply, queue_reply
from monitor.notices.returned import mark_mails_read, record_return
from monitor.notices.sending import change_paragraph, send_notice, undo_sending
from monitor.notices.stopping import withdraw_notice
from monitor.notices.writing import record_submission, retry, settle

router = APIRouter(prefix="/advocate/notices", route_class=PageRoute, include_in_schema=False)


@router.get("")
async def show_notices(request: Request) -> Response:
    """One tab, a page at a time."""
    group = request.query_params.get("group", "")
    offset = offset_of(request.query_params.get("from", ""))
    async with reading_page(request) as page:
        counts = await count_groups(page.session, page.advocate)
        if group not in GROUPS:
            group = "attention" if counts["attention"] else "running"
        cards = await notice_cards(page.session, page.context, page.advocate, group=group, offset=offset)
        onward = following(request, offset, counts[group], PAGE_SIZE)
        return await page.render("advocate/notices.html", cards=cards, group=group, counts=counts, following=onward)


@router.get("/{notice_id}")
async def show_notice(request: Request, notice_id: str) -> Response:
    """What was sent, to whom, what came back, and the sheet of a prepared form."""
    async with noting_page(request) as page:
        detail = await notice_detail(page.session, page.context, page.advocate, notice_id, language_of(request))
        await note_notice_read(page.session, page.context, detail.card.row)
        values = {"detail": detail, "card": detail.card, "retract_reasons": texts.RETRACT_REASONS}
        return await page.render("advocate/notice.html", **values)


@router.post("/{notice_id}/settle")
async def settle_doubt(request: Request, notice_id: str) -> Response:
    """A person found out whether a notice in doubt arrived."""
    async with writing_page(request) as (page, form):
        if form.text("arrived") not in ("yes", "no"):
            raise RuleBroken(Refusal.CHOOSE_ANSWER)
        notice, *_ = await get_notice(page.session, page.advocate, notice_id, lock=True)
        arrived = form.text("arrived") == "yes"
        await settle(page.session, page.context, notice, arrived=arrived, by=page.advocate.id)
    return go(f"/advocate/notices/{notice_id}", done=_sent_again(notice, "settled"))


@router.post("/{notice_id}/retry")
async def retry_notice(request: Request, notice_id: str) -> Response:
    """What made it fail is mended: send it again."""
    async with writing_page(request) as (page, _form):
        notice, *_ = await get_notice(page.session, page.advocate, notice_id, lock=True)
        await retry(page.session, page.context, notice, by=page.advocate.id)
    return go(f"/advocate/notices/{notice_id}", done=_sent_again(notice, "retried"))


def _sent_again(notice: Notice, done: str) -> str:
    """What is said of it: of a case that came from another centre it does not leave unseen."""
    return "written-anew" if notice.state == NoticeState.PREPARED else done


@router.post("/{notice_id}/send")
async def send_looked_at(request: Request, notice_id: str) -> Response:
    """Send what the page showed; it leaves a minute later."""
    async with writing_page(request) as (page, form):
        notice, *_ = await get_notice(page.session, page.advocate, notice_id, lock=True)
        await send_notice(page.session, page.context, notice, digest=form.text("digest"), by=page.advocate.id)
    return go(f"/advocate/notices/{notice_id}", done="sent", anchor="undo")


@router.post("/{notice_id}/paragraph")
async def put_paragraph(request: Request, notice_id: str) -> Response:
    """Add a paragraph, change it, or take it out."""
    async with writing_page(request) as (page, form):
        notice, *_ = await get_notice(page.session, page.advocate, notice_id, lock=True)
        await change_paragraph(page.session, page.context, notice, form.text("paragraph"), by=page.advocate.id)
    return go(f"/advocate/notices/{notice_id}", done="edited", anchor="content")


@router.post("/{notice_id}/together")
async def put_notices_together(request: Request, notice_id: str) -> Response:
    """The ticked copies go into this notice."""
    async with writing_page(request) as (page, form):
        await join_notices(page.session, page.context, page.advocate, notice_id, form.all("notice"))
    return go(f"/advocate/notices/{notice_id}", done="together", anchor="content")


@router.post("/{notice_id}/apart")
async def take_notices_apart(request: Request, notice_id: str) -> Response:
    """Each goes by itself again."""
    async with writing_page(request) as (page, _form):
        await part_notices(page.session, page.context, page.advocate, notice_id)
    return go(f"/advocate/notices/{notice_id}", done="apart")


@router.post("/{notice_id}/undo")
async def undo_notice(request: Request, notice_id: str) -> Response:
    """Take it back before it leaves."""
    async with writing_page(request) as (page, _form):
        notice, *_ = await get_notice(page.session, page.advocate, notice_id, lock=True)
        await undo_sending(page.session, page.context, notice, by=page.advocate.id)
    return go(f"/advocate/notices/{notice_id}", done="undone")


@router.post("/{notice_id}/retract")
async def retract_sent(request: Request, notice_id: str) -> Response:
    """Take back what left."""
    async with writing_page(request) as (page, form):
        if not form.ticked("sure"):
            raise RuleBroken(Refusal.NOT_SURE)
        if form.text("reason") not in texts.RETRACT_REASONS:
            raise RuleBroken(Refusal.CHOOSE_REASON)
        notice, *_ = await get_notice(page.session, page.advocate, notice_id, lock=True)
        await retract(page.session, page.context, notice, RetractReason(form.text("reason")), by=page.advocate.id)
    return go(f"/advocate/notices/{notice_id}", done="retracted", anchor="letters")


@router.post("/{notice_id}/letters")
async def add_letter(request: Request, notice_id: str) -> Response:
    """Write a reminder, a correction or the request anew."""
    async with writing_page(request) as (page, form):
        if form.text("purpose") not in (Purpose.REMINDER, Purpose.REVISION, Purpose.REFILING):
            raise RuleBroken(Refusal.CHOOSE_REASON)
        notice, *_ = await get_notice(page.session, page.advocate, notice_id, lock=True)
        purpose, text, by = Purpose(form.text("purpose")), form.text("paragraph"), page.advocate.id
        await write_letter(page.session, page.context, notice, purpose, text, by=by)
    return go(f"/advocate/notices/{notice_id}", done="letter-written", anchor="letters")


@router.post("/{notice_id}/letters/{number}/send")
async def send_looked_at_letter(request: Request, notice_id: str, number: str) -> Response:
    """Send a letter that the page showed."""
    async with writing_page(request) as (page, form):
        notice, *_ = await get_notice(page.session, page.advocate, notice_id, lock=True)
        row, digest = await get_letter(page.session, notice, offset_of(number)), form.text("digest")
        await send_letter(page.session, page.context, notice, row, digest=digest, by=page.advocate.id)
    return go(f"/advocate/notices/{notice_id}", done="letter-sent", anchor="letters")


@router.post("/{notice_id}/letters/{number}/undo")
async def undo_sent_letter(request: Request, notice_id: str, number: str) -> Response:
    """Take a letter back before it leaves."""
    async with writing_page(request) as (page, _form):
        notice, *_ = await get_notice(page.session, page.advocate, notice_id, lock=True)
        row = await get_letter(page.session, notice, offset_of(number))
        await undo_letter(page.session, page.context, row, by=page.advocate.id)
    return go(f"/advocate/notices/{notice_id}", done="letter-undone", anchor="letters")


@router.post("/{notice_id}/letters/{number}/withdraw")
async def withdraw_unsent_letter(request: Request, notice_id: str, number: str) -> Response:
    """Give up a letter that has not left."""
    async with writing_page(request) as (page, _form):
        notice, *_ = await get_notice(page.session, page.advocate, notice_id, lock=True)
        row = await get_letter(page.session, notice, offset_of(number))
        await withdraw_letter(page.session, page.context, row, by=page.advocate.id)
    return go(f"/advocate/notices/{notice_id}", done="letter-withdrawn", anchor="letters")


@router.post("/{notice_id}/submission")
async def submit_form(request: Request, notice_id: str) -> Response:
    """The form was submitted by hand, or once more; keep the reference number it answered with."""
    async with writing_page(request) as (page, form):
        notice, *_ = await get_notice(page.session, page.advocate, notice_id, lock=True)
        reference, at = form.text("reference"), form.moment("submitted_at")
        by, again = page.advocate.id, form.ticked("again")
        if again:
            await record_renewal(page.session, page.context, notice, reference=reference, by=by, submitted_at=at)
        else:
            await record_submission(page.session, page.context, notice, reference=reference, by=by, submitted_at=at)
    return go(f"/advocate/notices/{notice_id}", done="submitted", anchor="letters" if again else "")


@router.post("/{notice_id}/withdraw")
async def withdraw_unsent(request: Request, notice_id: str) -> Response:
    """Take back a notice that has not left, or give up one in doubt: it does not come back."""
    async with writing_page(request) as (page, form):
        if not form.ticked("sure"):
            raise RuleBroken(Refusal.NOT_SURE)
        notice, *_ = await get_notice(page.session, page.advocate, notice_id, lock=True)
        await withdraw_notice(page.session, page.context, notice, by=page.advocate.id)
    return go(f"/advocate/notices/{notice_id}", done="withdrawn")


@router.post("/{notice_id}/returned")
async def notice_returned(request: Request, notice_id: str) -> Response:
    """An advocate knows that an e-mail came back, or never arrived."""
    async with writing_page(request) as (page, form):
        if not form.ticked("sure"):
            raise RuleBroken(Refusal.NOT_SURE)
        notice, *_ = await get_notice(page.session, page.advocate, notice_id, lock=True)
        await record_return(page.session, page.context, notice, by=page.advocate.id)
    return go(f"/advocate/notices/{notice_id}", done="returned")


@router.post("/{notice_id}/mails-read")
async def mails_read(request: Request, notice_id: str) -> Response:
    """An advocate has read what came in, and leaves the notice as it is."""
    async with writing_page(request) as (page, _form):
        notice, *_ = await get_notice(page.session, page.advocate, notice_id, lock=True)
        await mark_mails_read(page.session, page.context, notice, by=page.advocate.id)
    return go(f"/advocate/notices/{notice_id}", done="mails-read")


@router.post("/{notice_id}/link-off")
async def end_link(request: Request, notice_id: str) -> Response:
    """The link in the mail of this notice leads nowhere any more."""
    async with writing_page(request) as (page, form):
        if not form.ticked("sure"):
            raise RuleBroken(Refusal.NOT_SURE)
        notice, *_ = await get_notice(page.session, page.advocate, notice_id, lock=True)
        await revoke_link(page.session, page.context, notice, by=page.advocate.id)
    return go(f"/advocate/notices/{notice_id}", done="link-off")


@router.post("/{notice_id}/reply")
async def send_reply(request: Request, notice_id: str) -> Response:
    """Write back to a mail: shown as it would leave first, and sent once it was looked at."""
    async with writing_page(request) as (page, form):
        mail, text, seen = form.text("mail"), form.text("text"), form.text("digest")
        notice, *_ = await get_notice(page.session, page.advocate, notice_id, lock=True)
        write = (page.session, page.context, notice, mail, text)
        if not seen:
            leaving = await preview_reply(*write, by=page.advocate.id)
            shown = {"leaving": leaving, "notice_id": notice_id, "mail": mail, "text": text}
            return await page.render("advocate/reply.html", **shown)
        await queue_reply(*write, seen=seen, by=page.advocate.id)
    return go(f"/advocate/notices/{notice_id}", done="replied")
