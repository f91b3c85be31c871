"""The advocate's confirmed copies: a list for each state, the worst first, and one copy with all that can be done."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response

from api.pages import texts
from api.pages.advocate_page import PageRoute, noting_page, reading_page, writing_page
from api.pages.forms import go, offset_of
from api.pages.paging import following
from api.pages.rendering import language_of
from api.routes.hand_off import attachment
from api.views.copies import title_of
from monitor.actions.access import get_notice_about, get_open_case, get_sighting
from monitor.actions.close_copy import close_copy, reopen_copy
from monitor.actions.copies import copies_in
from monitor.actions.file_step import (
    FiledStep,
    file_about,
    filing_of,
    prepare_next_steps,
    record_answer,
    take_back_filing,
)
from monitor.actions.hand_off import hand_off_document, hand_off_text
from monitor.actions.whole_copy import WholeCopy, whole_copy
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.model.copies import Closing, FilingAnswer
from monitor.notices.copy_state import BAD, WORST_FIRST, CopyState
from monitor.notices.route_table import ROUTES

router = APIRouter(prefix="/advocate/copies", route_class=PageRoute, include_in_schema=False)

handing = APIRouter(prefix="/advocate/cases", route_class=PageRoute, include_in_schema=False)

PAGE_SIZE = 30
LONGEST_NOTE = 3000
ALL_BAD = "bad"
"""The list of all that stand still."""


@dataclass(frozen=True, slots=True)
class Tab:
    """One list, and how many are in it."""

    value: str
    count: int


@router.get("")
async def show_copies(request: Request) -> Response:
    """One list, a page at a time; unless it is asked for another, all that stand still."""
    asked = request.query_params.get("state", "")
    state = CopyState(asked) if asked in texts.COPY_STATES and asked != ALL_BAD else None
    offset = offset_of(request.query_params.get("from", ""))
    case_id = request.query_params.get("case", "")[:64] or None
    async with reading_page(request) as page:
        found = await copies_in(
            page.session, page.context, page.advocate, state, limit=PAGE_SIZE, offset=offset, case_id=case_id
        )
        bad = sum(found.counts[one] for one in BAD)
        tabs = [Tab(ALL_BAD, bad), *(Tab(one.value, found.counts[one]) for one in WORST_FIRST)]
        total = bad if state is None else found.counts[state]
        onward = following(request, offset, total, PAGE_SIZE)
        before = max(0, offset - PAGE_SIZE) if offset else None
        chosen = ALL_BAD if state is None else state.value
        return await page.render(
            "advocate/copies.html",
            copies=found.copies,
            tabs=tabs,
            state=chosen,
            only=case_id,
            following=onward,
            before=before,
            whys=texts.COPY_WHYS,
        )


@router.get("/{sighting_id}")
async def show_copy(request: Request, sighting_id: str) -> Response:
    """One copy: why it stands as it does, who can change that, its steps, and what was filed."""
    language = language_of(request)
    async with reading_page(request) as page:
        whole = await whole_copy(page.session, page.context, page.advocate, sighting_id)
        return await page.render(
            "advocate/copy.html",
            whole=whole,
            copy=whole.copy,
            titles={one: title_of(one, language) for one in _named(whole)},
            routes=ROUTES,
            whys=texts.COPY_WHYS,
            closings=texts.CLOSINGS,
            answers=texts.FILING_ANSWERS,
        )


def _named(whole: WholeCopy) -> set[str]:
    return {one.route for one in whole.copy.notices} | {one.step for one in whole.steps} | whole.filed


@router.post("/{sighting_id}/filed")
async def file_a_step(request: Request, sighting_id: str) -> Response:
    """A person took a step; its clock runs from then."""
    async with writing_page(request) as (page, form):
        given = FiledStep(form.text("step"), form.text("reference"), _note(form.text("note")), form.moment("filed_at"))
        whole_case = form.ticked("whole_case")
        await file_about(page.session, page.context, page.advocate, sighting_id, given, whole_case=whole_case)
    return go(f"/advocate/copies/{sighting_id}", done="filed")


@router.post("/{sighting_id}/answer")
async def answer_filing(request: Request, sighting_id: str) -> Response:
    """The recipient answered."""
    async with writing_page(request) as (page, form):
        if form.text("answer") not in texts.FILING_ANSWERS:
            raise RuleBroken(Refusal.CHOOSE_ANSWER)
        answer = FilingAnswer(form.text("answer"))
        sighting, *_ = await get_sighting(page.session, page.advocate, sighting_id, lock=True)
        filing = await filing_of(page.session, sighting, form.text("filing"))
        text, at = _note(form.text("text")), form.moment("answered_at")
        await record_answer(page.session, page.context, filing, answer, by=page.advocate.id, text=text, answered_at=at)
    return go(f"/advocate/copies/{sighting_id}", done="answer-recorded")


@router.post("/{sighting_id}/forget")
async def forget_filing(request: Request, sighting_id: str) -> Response:
    """It was recorded by mistake."""
    async with writing_page(request) as (page, form):
        sighting, *_ = await get_sighting(page.session, page.advocate, sighting_id, lock=True)
        filing = await filing_of(page.session, sighting, form.text("filing"))
        await take_back_filing(page.session, page.context, filing, by=page.advocate.id)
    return go(f"/advocate/copies/{sighting_id}", done="filing-taken-back")


@router.post("/{sighting_id}/next-steps")
async def prepare_steps(request: Request, sighting_id: str) -> Response:
    """Prepare what follows a notice that was sent, without waiting for its clock."""
    async with writing_page(request) as (page, form):
        sighting, *_ = await get_sighting(page.session, page.advocate, sighting_id, lock=True)
        notice = await get_notice_about(page.session, sighting, form.text("notice"))
        await prepare_next_steps(page.session, page.context, sighting, notice, by=page.advocate.id)
    return go(f"/advocate/copies/{sighting_id}", done="steps-prepared")


@router.post("/{sighting_id}/close")
async def close_one(request: Request, sighting_id: str) -> Response:
    """Nothing more is done about it."""
    async with writing_page(request) as (page, form):
        if form.text("reason") not in texts.CLOSINGS:
            raise RuleBroken(Refusal.CHOOSE_REASON)
        sighting, *_ = await get_sighting(page.session, page.advocate, sighting_id, lock=True)
        await close_copy(page.session, page.context, sighting, Closing(form.text("reason")), by=page.advocate.id)
    return go(f"/advocate/copies/{sighting_id}", done="copy-closed")


@router.post("/{sighting_id}/reopen")
async def reopen_one(request: Request, sighting_id: str) -> Response:
    """It was closed too early."""
    async with writing_page(request) as (page, _form):
        sighting, *_ = await get_sighting(page.session, page.advocate, sighting_id, lock=True)
        await reopen_copy(page.session, page.context, sighting, by=page.advocate.id)
    return go(f"/advocate/copies/{sighting_id}", done="copy-reopened")


@handing.get("/{case_id}/hand-off/text")
async def hand_off_as_text(request: Request, case_id: str) -> Response:
    """The pack to take to the bodies that act, in the language of the page."""
    async with noting_page(request) as page:
        case = await get_open_case(page.session, page.advocate, case_id, lock=True)
        text = await hand_off_text(page.session, page.context, page.advocate, case, language_of(request))
    return PlainTextResponse(text, headers=attachment("txt"))


@handing.get("/{case_id}/hand-off/pdf")
async def hand_off_as_pdf(request: Request, case_id: str) -> Response:
    """The same as a PDF."""
    async with noting_page(request) as page:
        case = await get_open_case(page.session, page.advocate, case_id, lock=True)
        unmade = await hand_off_document(page.session, page.context, page.advocate, case, language_of(request))
    return Response(await unmade.make(), media_type="application/pdf", headers=attachment("pdf"))


def _note(text: str) -> str:
    """The advocate's own words, as long as a field may be."""
    if len(text) > LONGEST_NOTE:
        raise RuleBroken(Refusal.FIELD_TOO_LONG)
    return text
