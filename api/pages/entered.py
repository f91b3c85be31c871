"""What advocates entered for a person: what waits for the person's word, what is marked, and the mandates."""

from datetime import date, datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.pages.advocate_page import AdvocatePage, PageRoute, prove_first, reading_page, writing_page
from api.pages.forms import Form, go
from api.schemas.entered import EnteredBy, MandateBody
from api.views.entered import entries_view, namer
from db.models.cases import Case
from db.queries.cases import links_of
from db.queries.tenants import CaseTenant, consents_entered
from monitor.actions.access import get_case, get_open_case
from monitor.actions.case_page import case_head
from monitor.actions.entered import record_mandate, revoke_mandate, take_back_entry
from monitor.actions.erase import ask_erasure
from monitor.cases.fingerprints import fingerprints_of
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.model.entered import MandateKind, Matter

router = APIRouter(prefix="/advocate/cases/{case_id}/entered", route_class=PageRoute, include_in_schema=False)


@router.get("")
async def show_entered(request: Request, case_id: str) -> Response:
    """Who entered what, and never the words."""
    async with reading_page(request) as page:
        case = await get_open_case(page.session, page.advocate, case_id)
        return await page.render(
            "advocate/entered.html",
            case=case,
            head=await case_head(page.session, page.context, page.advocate, case),
            told=await entries_view(page.session, page.context, page.advocate, case),
            kinds=list(MandateKind),
            matters=list(Matter),
            things=await _things(page, case),
        )


@router.post("/back")
async def take_back(request: Request, case_id: str) -> Response:
    """Take back what waits for the person."""
    async with writing_page(request) as (page, form):
        case = await get_open_case(page.session, page.advocate, case_id, lock=True)
        seen = _seen(form.text("seen"))
        await take_back_entry(page.session, page.context, case, _matter(form.text("matter")), seen=seen)
    return go(f"/advocate/cases/{case_id}/entered", done="taken-back")


@router.post("/mandate")
async def see_mandate(request: Request, case_id: str) -> Response:
    """The advocate saw a mandate: what it covers counts from now on. An erasure needs a proof, as it does alone."""
    async with writing_page(request) as (page, form):
        if not form.ticked("sure"):
            raise RuleBroken(Refusal.NOT_SURE)
        told = _mandate(form)
        if Matter.ERASURE in told.covers:
            prove_first(page.visitor)
        case = await get_open_case(page.session, page.advocate, case_id, lock=True)
        await record_mandate(
            page.session,
            page.context,
            case,
            page.advocate,
            kind=told.kind,
            dated=told.dated,
            covers=told.covers,
            reference=told.reference,
        )
        erased = case.erase_at is not None
    return go("/advocate/cases" if erased else f"/advocate/cases/{case_id}/entered", done="mandate-recorded")


@router.post("/end")
async def end_mandate(request: Request, case_id: str) -> Response:
    """It counts no more."""
    async with writing_page(request) as (page, form):
        case = await get_open_case(page.session, page.advocate, case_id, lock=True)
        await revoke_mandate(page.session, page.context, case, page.advocate, form.text("mandate"))
    return go(f"/advocate/cases/{case_id}/entered", done="mandate-ended")


@router.post("/erasure")
async def ask_to_erase(request: Request, case_id: str) -> Response:
    """The person asked the advocate to erase their case: they confirm it themselves."""
    async with writing_page(request, proof=True) as (page, form):
        if not form.ticked("sure"):
            raise RuleBroken(Refusal.NOT_SURE)
        case = await get_case(page.session, page.advocate, case_id, lock=True)
        begun = await ask_erasure(page.session, page.context, case, page.advocate)
    if begun is not None:
        return go("/advocate/cases", done="erasure-begun")
    return go(f"/advocate/cases/{case_id}/entered", done="erasure-waits")


async def _things(page: AdvocatePage, case: Case) -> list[tuple[str, datetime, EnteredBy]]:
    """Photos, places and links that an advocate entered: what, when, who."""
    prints = [one for one in await fingerprints_of(page.session, case.id) if one.origin == "registered"]
    consents = await consents_entered(page.session, CaseTenant(case.id))
    found = [
        *(("fingerprint", one.added_at, one.entered_by) for one in prints),
        *(("consent", one.given_at, one.entered_by) for one in consents),
        *(("link", one.entered_at, one.entered_by) for one in await links_of(page.session, case.id)),
    ]
    name = await namer(page.session, [by for *_, by in found])
    named = [(what, at, name(by)) for what, at, by in found]
    return [(what, at, by) for what, at, by in named if by is not None]


def _matter(text: str) -> Matter:
    try:
        return Matter(text)
    except ValueError:
        raise RuleBroken(Refusal.INVALID) from None


def _seen(text: str) -> datetime | None:
    """When that was entered which the page showed."""
    try:
        at = datetime.fromisoformat(text) if text else None
    except ValueError:
        raise RuleBroken(Refusal.TIME_UNREADABLE) from None
    if at is not None and at.tzinfo is None:
        raise RuleBroken(Refusal.TIME_UNREADABLE)
    return at


def _mandate(form: Form) -> MandateBody:
    """The form as the API takes it, checked by the same rules."""
    if not form.text("kind") or not form.all("covers"):
        raise RuleBroken(Refusal.CHOOSE_ANSWER)
    try:
        return MandateBody(
            kind=MandateKind(form.text("kind")),
            dated=date.fromisoformat(form.text("dated")),
            covers=[Matter(one) for one in form.all("covers")],
            reference=form.text("reference"),
        )
    except ValueError:
        raise RuleBroken(Refusal.INVALID) from None
