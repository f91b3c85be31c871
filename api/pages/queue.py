"""The advocate's queue: a line an item, one item with the detail beside it, and decisions, without ever a picture."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.pages import texts
from api.pages.advocate_page import AdvocatePage, PageRoute, noting_page, reading_page, writing_page
from api.pages.forms import Form, go
from api.pages.reading import card_of
from api.pages.rendering import language_of
from api.refusals import TEXTS
from api.views.sheets import FORMATS, sheet_file
from db.models.notices import Notice
from db.queries.daily_reviews import waiting_reviews
from db.queries.notices import notices_of_item
from db.queries.queue import ItemRow, Wanted, count_items, places_to_choose
from monitor.actions.access import get_sighting
from monitor.actions.ask_person import answers_about
from monitor.actions.bulk_links import bulk_links
from monitor.actions.decide_item import Confirming, confirm_one
from monitor.actions.glance import glance
from monitor.actions.linking import linked
from monitor.actions.queue import MOST_PLACES, QueuePage, WholeItem, grounds_of_copy, queue_page, whole_item
from monitor.actions.reopen import Decision, StandingFiling, filings_left, left_of_item, reopen_sighting
from monitor.actions.take_routes import take_routes
from monitor.core.errors import CryptoError, NotFound, RecordInvalid, RuleBroken
from monitor.core.refusals import Refusal
from monitor.model.facts import Basis, PersonsWord, PictureKind, PostedWith
from monitor.model.grounds import Ground
from monitor.model.queue_filters import AGES, FILTERS, VERDICTS, QueueFilter, read_filter
from monitor.model.states import Dismissal, SightingState
from monitor.model.viewings import Viewer
from monitor.notices.letters import RetractReason
from monitor.sightings.review import dismiss

router = APIRouter(prefix="/advocate", route_class=PageRoute, include_in_schema=False)

PAGE_SIZE = 25
BESIDE = ("lang", "done", "problem", "sighting", "copies", "decided", "refused", "why")
"""What else may stand in the address of the queue: the language, and what a decision led to."""

CHOICES = {
    "bases": texts.BASES,
    "kinds": texts.KINDS,
    "dismissals": texts.DISMISSALS,
    "retract_reasons": texts.RETRACT_REASONS,
}
ITEM_CHOICES = {
    **CHOICES,
    "viewers": list(Viewer),
    "words": list(PersonsWord),
    "verdicts": VERDICTS,
    "ages": tuple(AGES),
}


@dataclass(frozen=True, slots=True)
class Decided:
    """What the last decision led to, for the message on top."""

    item_id: str
    copies: int
    at: str
    """The moment that names it; empty: nothing can be undone by it."""
    notices: Sequence[Notice] = ()
    filed: Sequence[StandingFiling] = ()
    """What stands with its recipients although this took the confirmation back."""


@router.get("")
async def show_queue(request: Request) -> Response:
    """The items that the address asks for, a page at a time, one of them whole, and what the last decision led to."""
    asked, unknown = read_filter(request.query_params.multi_items(), BESIDE)
    async with reading_page(request) as page:
        session, context, advocate = page.session, page.context, page.advocate
        seen = await glance(session, context, advocate)
        found = QueuePage((), 0, unknown)
        if not unknown:
            look = partial(queue_page, session, context, advocate, limit=PAGE_SIZE, beyond=seen.beyond)
            found = await look(asked)
            if found.unknown and asked.page > 1 and page.request.query_params.get("done"):
                asked = asked.at(page=1)  # what stood on the last page is decided
                found = await look(asked)
        counts = {"open": seen.to_decide, "confirmed": seen.confirmed, "dismissed": seen.dismissed}
        if asked.fingerprint:
            only = Wanted("", context.most_reviews_a_day, fingerprint_id=asked.fingerprint)
            counts = {**dict.fromkeys(counts, 0), **await count_items(session, advocate, only)}
        lines = found.lines
        chosen, shut = await _chosen(page, asked, lines)
        at = next((place for place, line in enumerate(lines) if chosen and line.item_id == chosen.item_id), None)
        waits = seen.beyond and asked.state is SightingState.OPEN and not asked.narrowed and not found.unknown
        answer = await page.render(
            "advocate/queue.html",
            seen=seen,
            asked=asked,
            filters=FILTERS,
            unknown=found.unknown,
            lines=lines,
            total=found.total,
            pages=_pages(found.total, asked.page),
            first_number=(asked.page - 1) * PAGE_SIZE + 1,
            names=found.called,
            shut=shut,
            whole=chosen,
            before=lines[at - 1].item_id if at else None,
            after=lines[at + 1].item_id if at is not None and at + 1 < len(lines) else None,
            counts=counts,
            here=lambda **changed: _address(asked, **changed),
            waiting=await waiting_reviews(session, advocate, context.most_reviews_a_day) if waits else (),
            decided=await _decided(page, "" if chosen is None else chosen.item_id),
            left_as_it_was=_number(request.query_params.get("refused", "")),
            left_because=[one for one in request.query_params.get("why", "").split(",")[:3] if one in TEXTS],
            **ITEM_CHOICES,
        )
    answer.status_code = 400 if found.unknown else 200
    return answer


@router.get("/places")
async def show_places(request: Request) -> Response:
    """Channels and accounts to narrow the queue to, most first. A list of its own: hundreds would burden each page."""
    asked, unknown = read_filter(request.query_params.multi_items(), ("lang",))
    async with reading_page(request) as page:
        found = await places_to_choose(page.session, page.advocate, asked.state.value, limit=MOST_PLACES)
        return await page.render(
            "advocate/queue_places.html",
            places=() if unknown else found,
            here=lambda **changed: _address(asked, **changed),
        )


async def _chosen(page: AdvocatePage, asked: QueueFilter, lines: Sequence[ItemRow]) -> tuple[WholeItem | None, str]:
    """The item that the address names, if it is in this state, else the first line that opens; and the number of a case
    that was passed over because nothing of it opens, or nothing."""
    shut = ""
    ids = [line.item_id for line in lines]
    for wanted in dict.fromkeys((asked.item, *ids) if asked.item and ids else ids):
        try:
            return await whole_item(page.session, page.context, page.advocate, wanted, asked.state.value), shut
        except NotFound:
            continue  # it was decided meanwhile
        except (CryptoError, RecordInvalid):
            # One case whose key is lost does not take the queue of all others with it.
            shut = shut or next((line.case_id for line in lines if line.item_id == wanted), "")
    return None, shut


def _pages(total: int, page: int) -> list[int]:
    """Numbers to go to: the first, the last, and those around this one; 0 stands for a gap."""
    last = max(1, -(-total // PAGE_SIZE))
    near = sorted({1, last, *range(max(1, page - 2), min(last, page + 2) + 1)})
    found = list[int]()
    for number in near:
        if found and number > found[-1] + 1:
            found.append(0)
        found.append(number)
    return found if last > 1 else []


def _address(asked: QueueFilter, **changed: str | int) -> str:
    query = urlencode(asked.address(**changed))
    return f"/advocate?{query}" if query else "/advocate"


async def _decided(page: AdvocatePage, shown: str) -> Decided | None:
    """What was just decided, for the message on top. `shown`: the item beside the list, which tells of itself."""
    query = page.request.query_params
    sighting_id, copies = query.get("sighting", ""), query.get("copies", "")
    if not sighting_id:
        return None
    item_id, at = sighting_id[:64], _moment(query.get("decided", ""))
    notices = await notices_of_item(page.session, page.advocate, item_id)
    filed: Sequence[StandingFiling] = ()
    if query.get("done") == "item-reopened" and item_id != shown:
        filed = await left_of_item(page.session, page.context, page.advocate, item_id)
    return Decided(item_id, _number(copies), at.isoformat() if at else "", notices, filed)


def _moment(text: str) -> datetime | None:
    """A time as `isoformat` writes it; None where that is none."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


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
        grounds, says = tuple[Ground, ...](), None
        if found[0].state == SightingState.OPEN:
            grounds, says = await grounds_of_copy(page.session, page.context, found[0])
        asked = await answers_about(page.session, [sighting_id])
        card = await card_of(page.session, page.context, page.advocate, *found, asked.get(sighting_id))
        shared = await linked(page.session, page.advocate, found[0])
        left: Sequence[StandingFiling] = ()
        if card.item is not None and (card.item.filings or card.notices):
            left = await filings_left(page.session, page.context, found[0], card.notices)
        told = {"card": card, "linked": shared, "grounds": grounds, "says": says, "filed": left}
        return await page.render("advocate/sighting.html", **told, **CHOICES)


@router.post("/sightings/{sighting_id}/confirm")
async def confirm_sighting(request: Request, sighting_id: str) -> Response:
    """It is the person's picture: the basis of knowledge, what the picture is, and which routes to take."""
    async with writing_page(request) as (page, form):
        given = confirming(form)
        sighting, *_ = await get_sighting(page.session, page.advocate, sighting_id, lock=True)
        await confirm_one(
            page.session,
            page.context,
            sighting,
            given,
            by=page.advocate.id,
            routes=form.all("route"),  # none ticked means none is taken, and never that we choose
        )
    return go("/advocate", done="confirmed", sighting=sighting_id, **_kept(form))


@router.post("/sightings/{sighting_id}/dismiss")
async def dismiss_sighting(request: Request, sighting_id: str) -> Response:
    """It is not, or nothing is to be done."""
    async with writing_page(request) as (page, form):
        reason = dismissal_of(form)
        sighting, *_ = await get_sighting(page.session, page.advocate, sighting_id, lock=True)
        await dismiss(page.session, page.context, sighting, by=page.advocate.id, reason=reason)
    return go("/advocate", done="dismissed", sighting=sighting_id, **_kept(form))


@router.post("/sightings/{sighting_id}/reopen")
async def reopen_decided(request: Request, sighting_id: str) -> Response:
    """Undo a dismissal; or a confirmation, with everything that followed from it."""
    async with writing_page(request) as (page, form):
        reason, shown = retract_reason_of(form), decision_of(form)
        await reopen_sighting(page.session, page.context, page.advocate, sighting_id, reason=reason, shown=shown)
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


def back_to(form: Form) -> dict[str, str]:
    """The list that the advocate was working through, as its form names it; nothing else gets into an address."""
    asked, _ = read_filter(parse_qsl(form.text("back")))
    return asked.address()


def confirming(form: Form) -> Confirming:
    """How a form confirms. RuleBroken: CHOOSE_BASIS, INVALID."""
    if form.text("basis") not in texts.BASES:
        raise RuleBroken(Refusal.CHOOSE_BASIS)
    return Confirming(
        basis=Basis(form.text("basis")),
        kind=_kind(form.text("kind")),
        release=form.ticked("release"),
        posted_with=_posted_with(form.all("posted_with")),
        routes=None if form.ticked("write") else (),
        over=persons_word_of(form),
    )


def dismissal_of(form: Form) -> Dismissal:
    """Why a form dismisses. RuleBroken(CHOOSE_REASON)."""
    if form.text("reason") not in texts.DISMISSALS:
        raise RuleBroken(Refusal.CHOOSE_REASON)
    return Dismissal(form.text("reason"))


def retract_reason_of(form: Form) -> RetractReason | None:
    """Why a form takes a confirmation back; None: it does not say. RuleBroken(CHOOSE_REASON)."""
    if form.text("reason") and form.text("reason") not in texts.RETRACT_REASONS:
        raise RuleBroken(Refusal.CHOOSE_REASON)
    return RetractReason(form.text("reason")) if form.text("reason") else None


def decision_of(form: Form) -> Decision | None:
    """The decision that a form undoes; None: it does not say. RuleBroken(INVALID)."""
    return read_decision(form.text("state"), form.text("decided_at"))


def read_decision(state: str, text: str) -> Decision | None:
    """What a decision was, and its moment. None where nothing is said of it. RuleBroken(INVALID)."""
    if not state and not text:
        return None
    at = _moment(text)
    if at is None or state not in (SightingState.CONFIRMED, SightingState.DISMISSED):
        raise RuleBroken(Refusal.INVALID)
    return Decision(state, at)


def persons_word_of(form: Form) -> PersonsWord | None:
    """The person's answer that stood where it is asked again, or confirmed over; None: there was none.

    RuleBroken(INVALID).
    """
    if form.text("over") and form.text("over") not in list(PersonsWord):
        raise RuleBroken(Refusal.INVALID)
    return PersonsWord(form.text("over")) if form.text("over") else None


def _kind(text: str) -> PictureKind | None:
    """None: as it was registered."""
    if text and text not in texts.KINDS:
        raise RuleBroken(Refusal.INVALID)
    return PictureKind(text) if text else None


def _posted_with(values: Sequence[str]) -> list[PostedWith]:
    if not set(values) <= set(PostedWith):
        raise RuleBroken(Refusal.INVALID)
    return [PostedWith(value) for value in values]
