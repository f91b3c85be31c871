"""A lead's view of the centre, who did what in it, and an advocate's own days."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.deps import AdvocateOnly, Context, Reading, RecentProof, ServicesDep, Writing, needs
from api.pages.deeds import words_of_deeds
from api.schemas.oversight import (
    AuditView,
    AuditWanted,
    BreakWanted,
    Group,
    OpenedView,
    OverviewView,
    RestView,
)
from api.views.oversight import (
    audit_view,
    choice_of,
    overview_view,
    place_of,
    rest_view,
)
from monitor.actions.audit import audit_export, audit_page, note_audit_export
from monitor.actions.overview import overview_of
from monitor.actions.rest import begin_work, count_opened, put_off, rest_of, set_break
from monitor.cases.roles import Right
from monitor.exports.audit import as_csv, as_json
from monitor.keys.envelope import canonical_json

router = APIRouter(tags=["operations"])


@router.get("/overview", dependencies=[needs(Right.LEAD_CENTRE)])
async def see_overview(context: Context, session: Reading, actor: AdvocateOnly) -> OverviewView:
    """Who waits, which clocks run, who is in charge of how much, what is overdue. Only leads see it."""
    return overview_view(await overview_of(session, context, actor))


@router.get("/audit", dependencies=[needs(Right.LEAD_CENTRE)])
async def see_audit(
    context: Context,
    session: Reading,
    actor: AdvocateOnly,
    who: Annotated[str, Query(max_length=32)] = "people",
    group: Group | None = None,
    since: Annotated[str, Query(max_length=10, description="YYYY-MM-DD, a Korean day")] = "",
    until: Annotated[str, Query(max_length=10, description="the last day, whole")] = "",
    case_id: Annotated[str, Query(max_length=26)] = "",
    after: Annotated[str, Query(max_length=200)] = "",
) -> AuditView:
    """Who did what in the own centre, the newest first. Only leads see it."""
    choice = choice_of(who=who, group=group or "", since=since, until=until, case_id=case_id)
    before = place_of(after, context.keys, actor.id)
    return audit_view(await audit_page(session, context, actor, choice, before=before), context.keys, actor.id)


@router.post("/audit/export", response_class=Response, dependencies=[needs(Right.LEAD_CENTRE), RecentProof])
async def export(services: ServicesDep, context: Context, actor: AdvocateOnly, body: AuditWanted) -> Response:
    """The same to take along: JSON that is signed, or a table. That it was taken stands in the ledger."""
    choice = choice_of(
        who=body.who,
        group=body.group or "",
        since="" if body.since is None else body.since.isoformat(),
        until="" if body.until is None else body.until.isoformat(),
        case_id=body.case_id or "",
    )
    async with services.database.read() as session:
        page = await audit_export(session, context, actor, choice)
    words, now = words_of_deeds(body.language), context.now()
    if body.form == "json":
        text, kind = canonical_json(as_json(page, words, services.keys, now=now)), "application/json"
    else:
        text, kind = as_csv(page, words, services.keys, now=now).encode("utf-8-sig"), "text/csv; charset=utf-8"
    async with services.database.begin() as session:
        await note_audit_export(session, context, actor, form=body.form, deeds=len(page.deeds))
    headers = {"content-disposition": f'attachment; filename="audit.{body.form}"'}
    return Response(text, headers=headers, media_type=kind)


@router.get("/rest")
async def see_rest(session: Reading, actor: AdvocateOnly) -> RestView:
    """One's own days: how many folded texts were opened, and when a break is due. Nobody else sees it."""
    return rest_view(await rest_of(session, actor, datetime.now(UTC)))


@router.put("/rest")
async def change_rest(session: Writing, actor: AdvocateOnly, body: BreakWanted) -> RestView:
    """After how many minutes to be reminded of a break; 0: not at all."""
    await set_break(session, actor, body.minutes, datetime.now(UTC))
    return rest_view(await rest_of(session, actor, datetime.now(UTC)))


@router.post("/rest/opened")
async def opened(session: Writing, actor: AdvocateOnly) -> OpenedView:
    """A folded text was opened. Which one is not told."""
    return OpenedView(today=await count_opened(session, actor, datetime.now(UTC)))


@router.post("/rest/break", status_code=204)
async def had_break(session: Writing, actor: AdvocateOnly) -> None:
    """A break was taken: the time to the next one begins."""
    await begin_work(session, actor.id, datetime.now(UTC))


@router.post("/rest/later", status_code=204)
async def later(session: Writing, actor: AdvocateOnly) -> None:
    """Not now."""
    await put_off(session, actor, datetime.now(UTC))
