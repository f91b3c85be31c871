"""The centre's cases as a list, and one case with everything that an advocate needs: a page for each part of it."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.ledger_words import about, words_of
from api.pages.advocate_page import AdvocatePage, PageRoute, noting_page, reading_page, writing_page
from api.pages.cases import show_waiting
from api.pages.forms import go
from api.pages.paging import page_asked, pages_of
from api.pages.rendering import language_of
from api.refusals import STATUS
from db.queries.cases import find_case
from db.queries.transfers import is_elsewhere
from monitor.actions.access import get_case, get_open_case
from monitor.actions.case_list import ME, NOBODY, Wanted, case_list
from monitor.actions.case_page import (
    CaseHead,
    case_head,
    case_holdings,
    case_items,
    case_overview,
    case_record,
    person_told,
)
from monitor.actions.desk import call_case, count_told, hand_over, note_opened, take_back_note, told_notes, write_note
from monitor.actions.messages import refuse_talk
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.model.case_numbers import end_of_number, is_whole_number
from monitor.model.desk import LONGEST_NAME, LONGEST_NOTE, LONGEST_TAG, MOST_TAGS, Order, Standing, Waits

router = APIRouter(prefix="/advocate/cases", route_class=PageRoute, include_in_schema=False)

PAGE_SIZE, ITEMS_PAGE, NOTES_PAGE, RECORD_PAGE = 30, 40, 20, 50
LONGEST_ASKED = 100
"""Characters of what is looked for."""


@router.get("")
async def show_cases(request: Request) -> Response:
    """The centre's cases, narrowed by what stands in the address. A whole number leads to its case, whoever has it.

    Where it is not in the list, that is the page of the cases that wait, which says what can be done with it.
    """
    if _OF_WAITING & set(request.query_params):
        return await show_waiting(request)
    async with reading_page(request) as page:
        return await list_page(page)


async def list_page(page: AdvocatePage) -> Response:
    """A page of them."""
    asked = page.request.query_params
    wanted, number = _wanted(page.request), page_asked(page.request)
    found = await case_list(
        page.session, page.context, page.advocate, wanted, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE
    )
    elsewhere = end_of_number(wanted.text) if found.total == 0 else ""
    if is_whole_number(elsewhere) and await _is_known(page, elsewhere):
        return go("/advocate/cases/waiting", number=elsewhere)
    kept = {name: asked.get(name, "") for name in _ASKED if asked.get(name, "")}
    return await page.render(
        "advocate/case_list.html",
        found=found,
        wanted=wanted,
        pages=pages_of(page.request, number, found.total, PAGE_SIZE),
        number=number,
        kept=kept,
        address=lambda **changed: _address({**kept, **changed}),
        standings=list(Standing),
        waits=list(Waits),
        orders=list(Order),
        me=ME,
        nobody=NOBODY,
        narrowed=bool(set(kept) - {"sort", "page"}),
    )


_OF_WAITING = {"number", "spoken", "waiting", "in_hand"}
"""What older addresses of the waiting cases ask."""
_ASKED = ("q", "tag", "state", "charge", "waits", "sort", "page")


def _address(values: dict[str, Any]) -> str:
    told = {name: str(value) for name, value in values.items() if value}
    if told.get("page") == "1":
        del told["page"]
    return "/advocate/cases" + (f"?{urlencode(told)}" if told else "")


def _wanted(request: Request) -> Wanted:
    asked = request.query_params
    state, waits, order = asked.get("state", ""), asked.get("waits", ""), asked.get("sort", "")
    return Wanted(
        text=asked.get("q", "").strip()[:LONGEST_ASKED],
        tag=asked.get("tag", "").strip()[:LONGEST_ASKED],
        standing=Standing(state) if state in list(Standing) else None,
        in_charge=asked.get("charge", "")[:26],
        waits=Waits(waits) if waits in list(Waits) else None,
        order=Order(order) if order in list(Order) else Order.WAITS,
    )


async def _is_known(page: AdvocatePage, number: str) -> bool:
    """Is there such a case, of one's own, of another centre or waiting for any?"""
    own = await find_case(page.session, page.advocate, number)
    return own is not None or await is_elsewhere(page.session, page.advocate, number)


@router.get("/{case_id}")
async def show_case(request: Request, case_id: str) -> Response:
    """The first page of a case: who is in charge, what waits, what ends soon, and the way to everything else.

    Of a case that is on hold, not vouched for or being erased it shows what an advocate may see: that it is so.
    """
    async with reading_page(request) as page:
        answer, new = await _first_page(page, case_id)
    if new:
        async with noting_page(request) as page:
            case = await get_case(page.session, page.advocate, case_id, lock=True)
            head = await case_head(page.session, page.context, page.advocate, case)
            await note_opened(page.session, page.context, head.desk, page.advocate)
    return answer


async def _first_page(
    page: AdvocatePage, case_id: str, typed: Mapping[str, str] | None = None, problem: Refusal | None = None
) -> tuple[Response, bool]:
    """The page, and whether the case was handed to them and they see it first now. `typed`: what was not kept."""
    case = await get_case(page.session, page.advocate, case_id)
    _own(page, case.organisation_id)
    head = await case_head(page.session, page.context, page.advocate, case)
    told = None if head.hidden else await case_overview(page.session, page.context, page.advocate, case)
    more: dict[str, Any] = {} if problem is None else {"problem": problem}
    answer = await _render(page, "case", head, told=told, typed=typed, **more)
    desk = head.desk
    return answer, desk is not None and desk.in_charge == page.advocate.id and desk.seen_at is None


@router.get("/{case_id}/person")
async def show_person(request: Request, case_id: str) -> Response:
    """Who they are, as far as they said, and how they are reached: that an advocate read it is noted."""
    language = language_of(request)
    async with noting_page(request) as page:
        case = await get_open_case(page.session, page.advocate, case_id, lock=True)
        head = await case_head(page.session, page.context, page.advocate, case)
        told = await person_told(page.session, page.context, case, language)
        return await _render(page, "case_person", head, told=told)


@router.get("/{case_id}/watch")
async def show_watch(request: Request, case_id: str) -> Response:
    """Photos as kinds and labels, and the places where copies are looked for, with what could not be read."""
    async with reading_page(request) as page:
        case = await get_open_case(page.session, page.advocate, case_id)
        head = await case_head(page.session, page.context, page.advocate, case)
        told = await case_holdings(page.session, page.context, case)
        return await _render(page, "case_watch", head, told=told)


@router.get("/{case_id}/copies")
async def show_items(request: Request, case_id: str) -> Response:
    """The case's copies, those of one picture together."""
    number = page_asked(request)
    async with reading_page(request) as page:
        case = await get_open_case(page.session, page.advocate, case_id)
        head = await case_head(page.session, page.context, page.advocate, case)
        offset = (number - 1) * ITEMS_PAGE
        told = await case_items(page.session, page.context, page.advocate, case, limit=ITEMS_PAGE, offset=offset)
        pages = pages_of(request, number, told.total, ITEMS_PAGE)
        return await _render(page, "case_copies", head, told=told, number=number, pages=pages)


@router.get("/{case_id}/notes")
async def show_notes(request: Request, case_id: str) -> Response:
    """Notes and hand-overs, the latest first."""
    number = page_asked(request)
    async with reading_page(request) as page:
        case = await get_case(page.session, page.advocate, case_id)
        refuse_talk(page.advocate, case)
        head = await case_head(page.session, page.context, page.advocate, case)
        offset = (number - 1) * NOTES_PAGE
        notes = await told_notes(page.session, page.context, case, page.advocate, limit=NOTES_PAGE, offset=offset)
        total = await count_told(page.session, page.advocate, case)
        pages = pages_of(request, number, total, NOTES_PAGE)
        return await _render(page, "case_notes", head, notes=notes, number=number, more=number < pages)


@router.get("/{case_id}/record")
async def show_record(request: Request, case_id: str) -> Response:
    """What happened in the case, in words: when, what and who."""
    number, language = page_asked(request), language_of(request)
    async with reading_page(request) as page:
        case = await get_open_case(page.session, page.advocate, case_id)
        head = await case_head(page.session, page.context, page.advocate, case)
        offset = (number - 1) * RECORD_PAGE
        told = await case_record(page.session, page.context, case, limit=RECORD_PAGE, offset=offset)
        lines = [(one, words_of(one.row.kind, language), about(one)) for one in told.entries]
        pages = pages_of(request, number, told.total, RECORD_PAGE)
        return await _render(page, "case_record", head, told=told, lines=lines, number=number, pages=pages)


@router.post("/{case_id}/call")
async def call(request: Request, case_id: str) -> Response:
    """Give the case a name and tags.

    Where somebody did meanwhile, the page shows both: what is kept now, and what was typed.
    """
    typed: dict[str, str] = {}
    try:
        async with writing_page(request) as (page, form):
            typed = {name: form.text(name) for name in ("name", "tags")}
            case = await get_case(page.session, page.advocate, case_id, lock=True)
            await call_case(
                page.session,
                page.context,
                case,
                page.advocate,
                name=typed["name"],
                tags=typed["tags"].replace("\n", ",").split(","),
                version=form.text("version") or None,
            )
    except RuleBroken as refused:
        if refused.reason is not Refusal.CASE_CALLED_MEANWHILE:
            raise
        async with reading_page(request) as page:
            answer, _ = await _first_page(page, case_id, typed, refused.reason)
        answer.status_code = STATUS[refused.reason]
        return answer
    return go(f"/advocate/cases/{case_id}", done="case-called")


@router.post("/{case_id}/hand-over")
async def hand(request: Request, case_id: str) -> Response:
    """Take the case on, hand it to a colleague with a note, or give it back to everybody."""
    async with writing_page(request) as (page, form):
        to = form.text("to")
        if not to:
            raise RuleBroken(Refusal.CHOOSE_ANSWER)
        case = await get_case(page.session, page.advocate, case_id, lock=True)
        who = page.advocate.id if to == ME else None if to == NOBODY else to
        known, note = next(iter(form.all("shown")), None), form.text("note")
        await hand_over(page.session, page.context, case, page.advocate, to=who, note=note, shown=known)
    return go(f"/advocate/cases/{case_id}", done="case-taken" if to == ME else "case-handed-over")


@router.post("/{case_id}/notes/write")
async def note(request: Request, case_id: str) -> Response:
    """Write a note for the colleagues."""
    async with writing_page(request) as (page, form):
        case = await get_case(page.session, page.advocate, case_id, lock=True)
        await write_note(page.session, page.context, case, page.advocate, form.text("text"))
    return go(f"/advocate/cases/{case_id}/notes", done="note-written")


@router.post("/{case_id}/notes/back")
async def take_note_back(request: Request, case_id: str) -> Response:
    """Its writer takes a note back."""
    async with writing_page(request) as (page, form):
        case = await get_case(page.session, page.advocate, case_id, lock=True)
        await take_back_note(page.session, page.context, case, page.advocate, form.text("note"))
    return go(f"/advocate/cases/{case_id}/notes", done="note-taken-back")


def _own(page: AdvocatePage, organisation_id: str | None) -> None:
    """A case that waits for any centre has no page yet: its number leads to it among those that wait."""
    if organisation_id != page.advocate.organisation_id:
        raise RuleBroken(Refusal.NOT_IN_HAND)


async def _render(page: AdvocatePage, template: str, head: CaseHead, **values: Any) -> Response:
    most = {"name": LONGEST_NAME, "tag": LONGEST_TAG, "tags": MOST_TAGS, "note": LONGEST_NOTE}
    return await page.render(
        f"advocate/{template}.html",
        head=head,
        case=head.case,
        most=most,
        me=ME,
        nobody=NOBODY,
        **values,
    )
