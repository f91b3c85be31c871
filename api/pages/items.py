"""Decisions about an item of the queue, and about several at once; asking the person, and a body that may view.

Each is a form that works without a script; a script sends the same forms and shows the answer in place.
"""

from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.ext.asyncio import AsyncSession

from api.deps import services_of
from api.pages import texts
from api.pages.advocate_page import AdvocatePage, PageRoute, form_of, reading_page, writing_page
from api.pages.forms import Form, go
from api.pages.queue import (
    ITEM_CHOICES,
    back_to,
    confirming,
    decision_of,
    dismissal_of,
    persons_word_of,
    read_decision,
    retract_reason_of,
)
from api.pages.rendering import language_of
from monitor.actions.decide_item import (
    ItemDecided,
    Pick,
    ask_about_item,
    confirm_item,
    decide_several,
    dismiss_item,
    reopen_item,
)
from monitor.actions.queue import item_to_decide
from monitor.actions.reopen import Decision
from monitor.actions.viewings import Noted, hand_over, note_viewing, text_for
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.model.facts import PersonsWord
from monitor.model.states import Dismissal, SightingState
from monitor.model.viewings import Viewer

router = APIRouter(prefix="/advocate/items", route_class=PageRoute, include_in_schema=False)

CONFIRM = "confirm-"
DISMISS = "dismiss-"
"""Before the basis, or the reason, in the one choice of a decision about several items."""
NOT_SHOWN = Decision("", datetime.min.replace(tzinfo=UTC))
"""What a form undoes that does not say what it showed: no decision is this one."""
MOST_REASONS = 3
"""Of why some of several were left as they were, the most frequent first."""


@router.get("/{sighting_id}")
async def show_item(request: Request, sighting_id: str) -> Response:
    """One item by itself, whatever became of its copies: all that the queue shows beside its line."""
    async with reading_page(request) as page:
        whole = await item_to_decide(page.session, page.context, page.advocate, sighting_id)
        return await page.render("advocate/item.html", whole=whole, **ITEM_CHOICES)


@router.post("/{sighting_id}/confirm")
async def confirm_it(request: Request, sighting_id: str) -> Response:
    """It is the person's picture, in every open copy of it."""
    async with _deciding(request, sighting_id) as (page, form, answer):
        given = confirming(form)
        done = await confirm_item(
            page.session, page.context, page.advocate, sighting_id, given, expect=_expected(form.text("expect"))
        )
        answer(done, "confirmed")
    return answer.to()


@router.post("/{sighting_id}/dismiss")
async def dismiss_it(request: Request, sighting_id: str) -> Response:
    """It is not, or nothing is to be done, in every open copy of it."""
    async with _deciding(request, sighting_id) as (page, form, answer):
        done = await dismiss_item(
            page.session,
            page.context,
            page.advocate,
            sighting_id,
            dismissal_of(form),
            expect=_expected(form.text("expect")),
        )
        answer(done, "dismissed")
    return answer.to()


@router.post("/{sighting_id}/reopen")
async def reopen_it(request: Request, sighting_id: str) -> Response:
    """Undo the last decision about it."""
    async with _deciding(request, sighting_id, stays=True) as (page, form, answer):
        reason, shown = retract_reason_of(form), decision_of(form) or NOT_SHOWN
        done = await reopen_item(page.session, page.context, page.advocate, sighting_id, reason=reason, shown=shown)
        answer(done, "item-reopened")
    return answer.to()


@router.post("/{sighting_id}/ask")
async def ask_it(request: Request, sighting_id: str) -> Response:
    """Is this the person's? They answer without seeing it."""
    async with _deciding(request, sighting_id, stays=True) as (page, form, answer):
        over = persons_word_of(form)
        answer(await ask_about_item(page.session, page.context, page.advocate, sighting_id, over=over), "person-asked")
    return answer.to()


@router.post("/{sighting_id}/hand-off")
async def hand_it_over(request: Request, sighting_id: str) -> Response:
    """Give its places to a body that may view; what it is given stands on the page that follows."""
    async with writing_page(request) as (page, form):
        viewer = _viewer(form)
        await hand_over(page.session, page.context, page.advocate, sighting_id, viewer, language_of(request))
    return go(f"/advocate/items/{sighting_id}/hand-off", done="handed-over")


@router.get("/{sighting_id}/hand-off")
async def show_hand_over(request: Request, sighting_id: str) -> Response:
    """The text for a body that may view, to be copied, and where its answer is noted."""
    async with reading_page(request) as page:
        whole = await item_to_decide(page.session, page.context, page.advocate, sighting_id)
        text = await text_for(page.session, page.advocate, whole, language_of(request))
        return await page.render("advocate/item_hand_off.html", whole=whole, text=text, **ITEM_CHOICES)


@router.post("/{sighting_id}/viewing")
async def note_it(request: Request, sighting_id: str) -> Response:
    """Somebody looked, and said what it is."""
    async with writing_page(request) as (page, form):
        said = form.text("said")
        if said not in list(PersonsWord):
            raise RuleBroken(Refusal.CHOOSE_VIEWER)
        noted = Noted(
            viewer=_viewer(form),
            said=PersonsWord(said),
            at=form.moment("at"),
            who=form.text("who"),
            reference=form.text("reference"),
        )
        await note_viewing(page.session, page.context, page.advocate, sighting_id, noted)
    if form.ticked("back"):
        return go("/advocate", done="viewing-noted", **{**back_to(form), "item": sighting_id})
    return go(f"/advocate/items/{sighting_id}", done="viewing-noted")


@router.post("")
async def decide_ticked(request: Request) -> Response:
    """One decision about every item that is ticked; each is decided by itself."""
    form = await form_of(request)
    back = back_to(form)
    try:
        picks, decide, done = await _several(request, form)
    except RuleBroken as error:
        return go("/advocate", problem=error.reason, **back)
    found = await decide_several(services_of(request).database, picks, decide)
    copies = sum(len(one.copies) for one in found.decided)
    told = {"copies": str(copies)}
    if found.refused:
        reasons = Counter(reason for _, reason in found.refused).most_common(MOST_REASONS)
        told |= {"refused": str(len(found.refused)), "why": ",".join(reason for reason, _ in reasons)}
    if not found.decided:
        return go("/advocate", problem=found.refused[0][1], **back)
    return go("/advocate", done=done, **{**back, "item": ""}, **told)


async def _several(
    request: Request, form: Form
) -> tuple[list[Pick], Callable[[AsyncSession, Pick], Awaitable[ItemDecided]], str]:
    async with reading_page(request) as page:
        context, advocate = page.context, page.advocate
    picks = [_pick(value) for value in form.all("item")]
    if not picks:
        raise RuleBroken(Refusal.CHOOSE_ITEMS)
    wanted = form.text("decision")
    if wanted.startswith(CONFIRM) and wanted.removeprefix(CONFIRM) in texts.BASES:
        given = confirming(Form([("basis", wanted.removeprefix(CONFIRM)), ("release", "on"), ("write", "on")]))

        async def confirm_one(session: AsyncSession, pick: Pick) -> ItemDecided:
            return await confirm_item(session, context, advocate, pick.sighting_id, given, expect=pick.expect)

        return picks, confirm_one, "several-confirmed"
    if wanted.startswith(DISMISS) and wanted.removeprefix(DISMISS) in texts.DISMISSALS:
        reason = Dismissal(wanted.removeprefix(DISMISS))

        async def dismiss_one(session: AsyncSession, pick: Pick) -> ItemDecided:
            return await dismiss_item(session, context, advocate, pick.sighting_id, reason, expect=pick.expect)

        return picks, dismiss_one, "several-dismissed"
    if wanted == "reopen":

        async def reopen_one(session: AsyncSession, pick: Pick) -> ItemDecided:
            shown = pick.shown or NOT_SHOWN
            return await reopen_item(session, context, advocate, pick.sighting_id, shown=shown)

        return picks, reopen_one, "several-reopened"
    raise RuleBroken(Refusal.CHOOSE_REASON)


def _pick(value: str) -> Pick:
    item_id, count, state, at = (*value.split(":", 3), "", "", "")[:4]
    return Pick(item_id[:64], _expected(count), read_decision(state, at))


def _expected(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else None


def _viewer(form: Form) -> Viewer:
    if form.text("viewer") not in list(Viewer):
        raise RuleBroken(Refusal.CHOOSE_VIEWER)
    return Viewer(form.text("viewer"))


class _Answer:
    """Where a decision leads: to the same list, at the next item."""

    def __init__(self, item_id: str, *, stays: bool) -> None:
        self._item_id, self._stays = item_id, stays
        self._back: dict[str, str] = {}
        self._alone = False
        self._told: dict[str, str] = {}

    def read(self, form: Form) -> None:
        """What the form says of where it stood."""
        self._alone = not form.ticked("back")
        self._back = back_to(form)
        if not self._stays:
            self._back["item"] = _next_of(form)
        else:
            self._back["item"] = self._item_id
        self._back = {name: value for name, value in self._back.items() if value}

    def __call__(self, done: ItemDecided, what: str) -> None:
        """It was done."""
        self._told = {"done": what, "sighting": done.item_id, "copies": str(len(done.copies))}
        if done.decided_at is not None:
            self._told["decided"] = done.decided_at.isoformat()

    def refused(self, reason: Refusal) -> None:
        """It was not; the same item is shown."""
        self._told = {"problem": reason}
        self._back["item"] = self._item_id
        if self._stays and reason is Refusal.CHOOSE_REASON:
            self._back = {"item": self._item_id, "state": SightingState.CONFIRMED}  # there it can be chosen

    def to(self) -> Response:
        """The page that follows."""
        if self._alone:
            kept = {name: value for name, value in self._told.items() if name in ("done", "problem")}
            return go(f"/advocate/items/{self._item_id}", **kept)
        return go("/advocate", **{**self._back, **self._told})


def _next_of(form: Form) -> str:
    """The item that stood below it."""
    text = form.text("next")
    return text if len(text) == 26 and text.isalnum() else ""


@asynccontextmanager
async def _deciding(
    request: Request, sighting_id: str, *, stays: bool = False
) -> AsyncIterator[tuple[AdvocatePage, Form, _Answer]]:
    """A decision in one transaction. What is refused is told in the list where the advocate works; nothing of it stays.

    `stays`: the item is looked at on.
    """
    answer, entered = _Answer(sighting_id, stays=stays), False
    try:
        async with writing_page(request) as (page, form):
            answer.read(form)
            entered = True
            yield page, form, answer
    except RuleBroken as error:
        # Whoever may not come in at all is told so where they stand.
        if not entered or error.reason in (Refusal.UNREADABLE, Refusal.FORM_EXPIRED, Refusal.NOT_FOUND):
            raise
        answer.refused(error.reason)
