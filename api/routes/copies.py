"""Confirmed copies: how each stands, and what a person did and can do about it."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import ID_PATTERN, AdvocateOnly, Context, IdPath, Reading, Writing
from api.schemas.copies import AnswerBody, ClosingBody, CopyList, CopyWhole, FilingBody, NextStepsBody
from api.views.copies import copy_list, copy_whole
from monitor.actions.access import get_notice_about, get_sighting
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
from monitor.actions.whole_copy import whole_copy
from monitor.notices.copy_state import CopyState

router = APIRouter(tags=["copies"])


@router.get("/copies")
async def list_copies(
    context: Context,
    session: Reading,
    actor: AdvocateOnly,
    state: Annotated[CopyState | None, Query(description="none: all that stand still")] = None,
    case_id: Annotated[str | None, Query(pattern=ID_PATTERN, description="of this case alone")] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> CopyList:
    """Confirmed copies of the organisation's cases, the worst first; each is in exactly one state."""
    page = await copies_in(session, context, actor, state, limit=limit, offset=offset, case_id=case_id)
    return copy_list(page, state)


@router.get("/copies/{sighting_id}")
async def see_copy(context: Context, session: Reading, actor: AdvocateOnly, sighting_id: IdPath) -> CopyWhole:
    """One confirmed copy: its steps with their texts, what was filed, and the answers."""
    return copy_whole(await whole_copy(session, context, actor, sighting_id), "en")


@router.post("/copies/{sighting_id}/filings")
async def file_a_step(
    context: Context, session: Writing, actor: AdvocateOnly, sighting_id: IdPath, body: FilingBody
) -> CopyWhole:
    """A person took this step; its own clock runs from then."""
    given = FiledStep(body.step, body.reference, body.note, body.filed_at)
    await file_about(session, context, actor, sighting_id, given, whole_case=body.whole_case)
    return copy_whole(await whole_copy(session, context, actor, sighting_id), "en")


@router.post("/copies/{sighting_id}/filings/{filing_id}/answer")
async def answer_filing(
    context: Context, session: Writing, actor: AdvocateOnly, sighting_id: IdPath, filing_id: IdPath, body: AnswerBody
) -> CopyWhole:
    """The recipient answered."""
    sighting, *_ = await get_sighting(session, actor, sighting_id, lock=True)
    filing = await filing_of(session, sighting, filing_id)
    told = {"text": body.text, "answered_at": body.answered_at}
    await record_answer(session, context, filing, body.answer, by=actor.id, **told)  # type: ignore[arg-type]
    return copy_whole(await whole_copy(session, context, actor, sighting_id), "en")


@router.delete("/copies/{sighting_id}/filings/{filing_id}", name="take_back_filing")
async def forget_filing(
    context: Context, session: Writing, actor: AdvocateOnly, sighting_id: IdPath, filing_id: IdPath
) -> CopyWhole:
    """It was recorded by mistake."""
    sighting, *_ = await get_sighting(session, actor, sighting_id, lock=True)
    filing = await filing_of(session, sighting, filing_id)
    await take_back_filing(session, context, filing, by=actor.id)
    return copy_whole(await whole_copy(session, context, actor, sighting_id), "en")


@router.post("/copies/{sighting_id}/next-steps")
async def prepare_steps(
    context: Context, session: Writing, actor: AdvocateOnly, sighting_id: IdPath, body: NextStepsBody
) -> CopyWhole:
    """Prepare what follows a notice that was sent, without waiting for its clock."""
    sighting, *_ = await get_sighting(session, actor, sighting_id, lock=True)
    notice = await get_notice_about(session, sighting, body.notice_id)
    await prepare_next_steps(session, context, sighting, notice, by=actor.id)
    return copy_whole(await whole_copy(session, context, actor, sighting_id), "en")


@router.post("/copies/{sighting_id}/close", name="close_copy")
async def close_one(
    context: Context, session: Writing, actor: AdvocateOnly, sighting_id: IdPath, body: ClosingBody
) -> CopyWhole:
    """Nothing more is done about it. What has not left stops."""
    sighting, *_ = await get_sighting(session, actor, sighting_id, lock=True)
    await close_copy(session, context, sighting, body.reason, by=actor.id)
    return copy_whole(await whole_copy(session, context, actor, sighting_id), "en")


@router.post("/copies/{sighting_id}/reopen", name="reopen_copy")
async def reopen_one(context: Context, session: Writing, actor: AdvocateOnly, sighting_id: IdPath) -> CopyWhole:
    """It was closed too early."""
    sighting, *_ = await get_sighting(session, actor, sighting_id, lock=True)
    await reopen_copy(session, context, sighting, by=actor.id)
    return copy_whole(await whole_copy(session, context, actor, sighting_id), "en")
