"""For a platform's own program: the open notices that go to its address, one of them, an answer. By token."""

from typing import Annotated

from fastapi import APIRouter, Query

from api.deps import ID_PATTERN, IdPath, PlatformContext, PlatformTokenDep, Reading, Writing
from api.problems import not_found
from api.schemas.platform import PlatformAnswerBody, PlatformAnswerView, PlatformNoticeList, PlatformNoticeView
from api.views.platform import answer_view, platform_notice, platform_row
from db.queries.platform_side import notice_addressed, notices_addressed
from monitor.model.platform_answers import Answer
from monitor.notices.platform_answers import answer_with_token, for_recipient
from monitor.notices.platform_links import ALIVE

router = APIRouter(prefix="/platform/v1", tags=["platform"])


@router.get("/notices", name="list_addressed")
async def list_open(
    context: PlatformContext,
    session: Reading,
    token: PlatformTokenDep,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
    after: Annotated[str | None, Query(pattern=ID_PATTERN, description="the last notice of the page before")] = None,
) -> PlatformNoticeList:
    """The open notices that are addressed to you, in the order they were written."""
    rows, total = await notices_addressed(session, token, states=ALIVE, now=context.now(), limit=limit, after=after)
    return PlatformNoticeList(notices=[platform_row(row) for row in rows], total=total)


@router.get("/notices/{notice_id}", name="see_addressed")
async def see_one(
    context: PlatformContext, session: Reading, token: PlatformTokenDep, notice_id: IdPath
) -> PlatformNoticeView:
    """One notice with its text, its exact location and what you answered so far."""
    found = await notice_addressed(session, token, notice_id, states=ALIVE, now=context.now())
    if found is None:
        raise not_found()
    return platform_notice(found[1], await for_recipient(session, context, found[1]))


@router.post("/notices/{notice_id}/answers", status_code=201, name="answer_addressed")
async def answer(
    context: PlatformContext,
    session: Writing,
    token: PlatformTokenDep,
    notice_id: IdPath,
    body: PlatformAnswerBody,
) -> PlatformAnswerView:
    """Answer a notice. Every answer reaches the advocates who sent it."""
    given = Answer(body.kind, body.reason, body.text)
    return answer_view(await answer_with_token(session, context, token, notice_id, given))
