"""The advocate's queue: decide about each possible copy, without ever seeing a picture."""

import asyncio
from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.pages import texts
from api.pages.advocate_page import AdvocatePage, PageRoute, noting_page, reading_page, writing_page
from api.pages.forms import Form, go, offset_of
from api.pages.reading import PAGE_SIZE, card_of, count_sightings, sighting_cards
from api.pages.rendering import language_of
from api.views.sheets import FORMATS, sheet_file
from db.queries.daily_reviews import waiting_reviews
from monitor.actions.access import get_sighting
from monitor.actions.bulk_links import bulk_links
from monitor.actions.confirm import confirm
from monitor.actions.linking import linked
from monitor.actions.reopen import reopen_sighting
from monitor.actions.take_routes import take_routes
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.model.facts import Basis, PictureKind, PostedWith
from monitor.model.states import Dismissal, SightingState
from monitor.notices.letters import RetractReason
from monitor.sightings.review import dismiss

router = APIRouter(prefix="/advocate", route_class=PageRoute, include_in_schema=False)

CHOICES = {
    "bases": texts.BASES,
    "kinds": texts.KINDS,
    "dismissals": texts.DISMISSALS,
    "retract_reasons": texts.RETRACT_REASONS,
}


@router.get("")
async def show_queue(request: Request) -> Response:
    """The sightings in one state, a page at a time, and what the last decision led to."""
    state = _state(request.query_params.get("state", ""))
    offset = offset_of(request.query_params.get("from", ""))
    only = request.query_params.get("fingerprint", "")[:64]
    async with reading_page(request) as page:
        a_day = page.context.most_reviews_a_day
        counts = await count_sightings(page.session, page.advocate, only, a_day=a_day)
        waiting = await waiting_reviews(page.session, page.advocate, a_day) if state is SightingState.OPEN else ()
        cards = await sighting_cards(
            page.session, page.context, page.advocate, state=state, offset=offset, fingerprint_id=only
        )
        following = offset + PAGE_SIZE if offset + PAGE_SIZE < counts[state] else None
        return await page.render(
            "advocate/queue.html",
            cards=cards,
            state=state.value,
            counts=counts,
            only=only,
            following=following,
            waiting=() if only else waiting,
            decided=await _decided(page, request.query_params.get("sighting", "")),
            **CHOICES,
        )


async def _decided(page: AdvocatePage, sighting_id: str) -> object:
    """The card of the sighting that was just decided, for the message on top."""
    if not sighting_id:
        return None
    try:
        found = await get_sighting(page.session, page.advocate, sighting_id)
    except RuleBroken:
        return None
    return await card_of(page.session, page.context, page.advocate, *found)


@router.get("/bulk-sheet")
async def get_bulk_sheet(request: Request) -> Response:
    """A sheet of links for the Commission and designated bodies."""
    wanted, language = request.query_params.get("format", ""), language_of(request)
    async with noting_page(request) as page:
        found = await bulk_links(page.session, page.context, page.advocate)
    return await asyncio.to_thread(sheet_file, found, wanted if wanted in FORMATS else "csv", language)


@router.get("/sightings/{sighting_id}")
async def show_sighting(request: Request, sighting_id: str) -> Response:
    """One sighting with its routes and notices."""
    async with reading_page(request) as page:
        found = await get_sighting(page.session, page.advocate, sighting_id)
        card = await card_of(page.session, page.context, page.advocate, *found)
        shared = await linked(page.session, page.advocate, found[0])
        return await page.render("advocate/sighting.html", card=card, linked=shared, **CHOICES)


@router.post("/sightings/{sighting_id}/confirm")
async def confirm_sighting(request: Request, sighting_id: str) -> Response:
    """It is the person's picture: the basis of knowledge, what the picture is, and which routes to take."""
    async with writing_page(request) as (page, form):
        if form.text("basis") not in texts.BASES:
            raise RuleBroken(Refusal.CHOOSE_BASIS)
        sighting, *_ = await get_sighting(page.session, page.advocate, sighting_id, lock=True)
        await confirm(
            page.session,
            page.context,
            sighting,
            by=page.advocate.id,
            basis=Basis(form.text("basis")),
            kind=_kind(form.text("kind")),
            release=form.ticked("release"),
            posted_with=_posted_with(form.all("posted_with")),
            routes=form.all("route"),  # none ticked means none is taken, and never that we choose
        )
    return go("/advocate", done="confirmed", sighting=sighting_id, **_kept(form))


@router.post("/sightings/{sighting_id}/dismiss")
async def dismiss_sighting(request: Request, sighting_id: str) -> Response:
    """It is not, or nothing is to be done."""
    async with writing_page(request) as (page, form):
        if form.text("reason") not in texts.DISMISSALS:
            raise RuleBroken(Refusal.CHOOSE_REASON)
        reason = Dismissal(form.text("reason"))
        sighting, *_ = await get_sighting(page.session, page.advocate, sighting_id, lock=True)
        await dismiss(page.session, page.context, sighting, by=page.advocate.id, reason=reason)
    return go("/advocate", done="dismissed", sighting=sighting_id, **_kept(form))


@router.post("/sightings/{sighting_id}/reopen")
async def reopen_decided(request: Request, sighting_id: str) -> Response:
    """Undo a dismissal; or a confirmation, with everything that followed from it."""
    async with writing_page(request) as (page, form):
        if form.text("reason") and form.text("reason") not in texts.RETRACT_REASONS:
            raise RuleBroken(Refusal.CHOOSE_REASON)
        reason = RetractReason(form.text("reason")) if form.text("reason") else None
        await reopen_sighting(page.session, page.context, page.advocate, sighting_id, reason=reason)
    return go(f"/advocate/sightings/{sighting_id}", done="reopened" if reason is None else "taken-up-again")


@router.post("/sightings/{sighting_id}/notices")
async def more_notices(request: Request, sighting_id: str) -> Response:
    """Take further routes about a copy that was confirmed before."""
    async with writing_page(request) as (page, form):
        if not form.ticked("route"):
            raise RuleBroken(Refusal.CHOOSE_ROUTE)
        sighting, *_ = await get_sighting(page.session, page.advocate, sighting_id, lock=True)
        taken = await take_routes(page.session, page.context, sighting, form.all("route"), by=page.advocate.id)
    path = f"/advocate/sightings/{sighting_id}"
    return go(path, done="notices") if taken.notices else go(path, problem=taken.skipped[0].reason)


def _kept(form: Form) -> dict[str, str]:
    """Back to the list that the advocate was working through: all, or what one fingerprint fitted."""
    return {"fingerprint": form.text("only")} if form.text("only") else {}


def _kind(text: str) -> PictureKind | None:
    """None: as it was registered."""
    if text and text not in texts.KINDS:
        raise RuleBroken(Refusal.INVALID)
    return PictureKind(text) if text else None


def _posted_with(values: Sequence[str]) -> list[PostedWith]:
    if not set(values) <= set(PostedWith):
        raise RuleBroken(Refusal.INVALID)
    return [PostedWith(value) for value in values]


def _state(text: str) -> SightingState:
    return SightingState(text) if text in texts.SIGHTING_STATES else SightingState.OPEN
