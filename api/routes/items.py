"""The queue by items, as its pages show it, and decisions about an item or several: the same calls as the pages'."""

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.ext.asyncio import AsyncSession

from api.deps import AdvocateOnly, Context, IdPath, Reading, ServicesDep, Writing
from api.schemas.items import (
    HandOverBody,
    HandOverText,
    ItemConfirmation,
    ItemDecision,
    ItemDismissal,
    ItemList,
    ItemReopening,
    ItemsAsked,
    ItemWhole,
    RefusedItem,
    SeveralBody,
    SeveralDecision,
    ViewingBody,
)
from api.schemas.talk import AskingAgain
from api.views.items import decision_named, item_decision, item_line, item_whole
from monitor.actions.decide_item import (
    Confirming,
    ItemDecided,
    Pick,
    ask_about_item,
    confirm_item,
    decide_several,
    dismiss_item,
    reopen_item,
)
from monitor.actions.queue import item_to_decide, queue_page
from monitor.actions.viewings import Noted, hand_over, note_viewing
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.model.queue_filters import read_filter
from monitor.model.viewings import Viewer

router = APIRouter(prefix="/items", tags=["items"])


@router.get("")
async def list_items(
    context: Context, session: Reading, actor: AdvocateOnly, asked: Annotated[ItemsAsked, Query()]
) -> ItemList:
    """Items in one state: a minor's, named, spreading and surely theirs first, and of those the longest waiting."""
    given = {
        "state": asked.state.value,
        "case": asked.case_id,
        "source": asked.source,
        "verdict": asked.verdict,
        "age": asked.age,
        "fingerprint": asked.fingerprint_id,
        "page": str(asked.page),
    }
    wanted, unknown = read_filter((name, value) for name, value in given.items() if value)
    if unknown:
        raise RuleBroken(Refusal.INVALID, f"{unknown[0].name} is not known")
    found = await queue_page(session, context, actor, wanted, limit=asked.limit)
    if any(one.name != "page" for one in found.unknown):
        raise RuleBroken(Refusal.INVALID, f"nothing here has this {found.unknown[0].name}")
    return ItemList(items=[item_line(row) for row in found.lines], total=found.total)


@router.post("/decide")
async def decide_items(
    services: ServicesDep, context: Context, actor: AdvocateOnly, body: SeveralBody
) -> SeveralDecision:
    """One decision about several items, a transaction each: one that changed meanwhile holds up no other."""
    if body.decision == "confirm" and body.basis is None:
        raise RuleBroken(Refusal.CHOOSE_BASIS, "say how it is known")
    if body.decision == "dismiss" and body.reason is None:
        raise RuleBroken(Refusal.CHOOSE_REASON, "say why")

    async def decide(session: AsyncSession, pick: Pick) -> ItemDecided:
        if body.basis is not None and body.decision == "confirm":
            given = Confirming(body.basis)
            return await confirm_item(session, context, actor, pick.sighting_id, given, expect=pick.expect)
        if body.reason is not None and body.decision == "dismiss":
            return await dismiss_item(session, context, actor, pick.sighting_id, body.reason, expect=pick.expect)
        return await reopen_item(session, context, actor, pick.sighting_id, shown=pick.shown)

    picks = [Pick(one.item_id, one.copies, decision_named(one)) for one in body.items]
    found = await decide_several(services.database, picks, decide)
    return SeveralDecision(
        decided=[item_decision(one) for one in found.decided],
        refused=[RefusedItem(item_id=item_id, code=reason) for item_id, reason in found.refused],
    )


@router.get("/{sighting_id}", name="see_queue_item")
async def see_item(context: Context, session: Reading, actor: AdvocateOnly, sighting_id: IdPath) -> ItemWhole:
    """One item, by the id of any of its copies: those that are open, or all where none is."""
    return item_whole(await item_to_decide(session, context, actor, sighting_id))


@router.post("/{sighting_id}/confirm", name="confirm_item")
async def confirm_it(
    context: Context, session: Writing, actor: AdvocateOnly, sighting_id: IdPath, body: ItemConfirmation
) -> ItemDecision:
    """It is the person's picture, in every open copy. Notices are written; nothing leaves."""
    given = Confirming(body.basis, body.kind, body.release, body.posted_with, body.routes, body.over)
    return item_decision(await confirm_item(session, context, actor, sighting_id, given, expect=body.copies))


@router.post("/{sighting_id}/dismiss", name="dismiss_item")
async def dismiss_it(
    context: Context, session: Writing, actor: AdvocateOnly, sighting_id: IdPath, body: ItemDismissal
) -> ItemDecision:
    """It is not, or nothing is to be done, in every open copy."""
    return item_decision(await dismiss_item(session, context, actor, sighting_id, body.reason, expect=body.copies))


@router.post("/{sighting_id}/reopen", name="reopen_item")
async def reopen_it(
    context: Context, session: Writing, actor: AdvocateOnly, sighting_id: IdPath, body: ItemReopening | None = None
) -> ItemDecision:
    """Undo the last decision about it."""
    reason, shown = None if body is None else body.reason, decision_named(body)
    return item_decision(await reopen_item(session, context, actor, sighting_id, reason=reason, shown=shown))


@router.post("/{sighting_id}/ask", name="ask_about_item")
async def ask_it(
    context: Context, session: Writing, actor: AdvocateOnly, sighting_id: IdPath, body: AskingAgain | None = None
) -> ItemDecision:
    """Ask the person once, about the copy that was found first."""
    over = body.over if body else None
    return item_decision(await ask_about_item(session, context, actor, sighting_id, over=over))


@router.post("/{sighting_id}/hand-off", name="hand_over_item")
async def hand_it_over(
    context: Context, session: Writing, actor: AdvocateOnly, sighting_id: IdPath, body: HandOverBody
) -> HandOverText:
    """The text for a body that may view it. That it was given out is recorded."""
    text = await hand_over(session, context, actor, sighting_id, Viewer(body.viewer), body.language)
    return HandOverText(text=text)


@router.post("/{sighting_id}/viewings", status_code=204, name="note_viewing")
async def note_it(
    context: Context, session: Writing, actor: AdvocateOnly, sighting_id: IdPath, body: ViewingBody
) -> None:
    """Somebody looked, and said what it is: it counts as how it is known."""
    noted = Noted(body.viewer, body.said, body.at, body.who, body.reference)
    await note_viewing(session, context, actor, sighting_id, noted)
