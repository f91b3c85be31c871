"""Asking a platform about a whole channel or account, alone or several persons together."""

from fastapi import APIRouter

from api.deps import AdvocateOnly, AnyActor, CaseToChange, CaseToRead, Context, IdPath, Reading, Writing
from api.schemas.place_reports import (
    JointAnswer,
    JointPartList,
    PartsToAsk,
    PlaceReportBody,
    PlaceReportDetail,
    PlaceReportList,
    PlaceReportView,
    PlaceSending,
    PlaceSettling,
    PlaceSubmission,
)
from api.views.place_reports import joint_views, report_detail, report_view
from monitor.actions.joint import answer_part, ask_parts
from monitor.actions.joint_text import send_joint
from monitor.actions.place_reports import (
    get_place_report,
    note_sent,
    place_reports_of,
    send_place_report,
    settle_place_report,
    withdraw_place_report,
    write_place_report,
)
from monitor.model.place_reports import PlaceRoute

router = APIRouter(tags=["place reports"])


@router.post("/linking/{source_id}/reports", status_code=201)
async def write(
    context: Context, session: Writing, actor: AdvocateOnly, source_id: IdPath, body: PlaceReportBody
) -> PlaceReportView:
    """Prepare a report about a channel where the centre confirmed copies; nothing leaves yet."""
    row = await write_place_report(session, context, actor, source_id, route=body.route, language=body.language)
    return report_view(row)


@router.get("/place-reports")
async def list_reports(session: Reading, actor: AdvocateOnly) -> PlaceReportList:
    """The centre's reports about whole channels and accounts."""
    return PlaceReportList(reports=[report_view(row) for row in await place_reports_of(session, actor)])


@router.get("/place-reports/{place_report_id}")
async def see(context: Context, session: Writing, actor: AdvocateOnly, place_report_id: IdPath) -> PlaceReportDetail:
    """Exactly what is sent, and where to. Of a joint one it is kept that it was read."""
    row = await get_place_report(session, actor, place_report_id)
    return await report_detail(session, context, actor, row)


@router.post("/place-reports/{place_report_id}/send", status_code=204)
async def send(
    context: Context,
    session: Writing,
    actor: AdvocateOnly,
    place_report_id: IdPath,
    body: PlaceSending | None = None,
) -> None:
    """Have it sent: through Telegram's own report of a channel."""
    row = await get_place_report(session, actor, place_report_id, lock=True)
    await send_place_report(session, context, actor, row, digest=None if body is None else body.digest)


@router.post("/place-reports/{place_report_id}/submission", status_code=204)
async def submitted(
    context: Context, session: Writing, actor: AdvocateOnly, place_report_id: IdPath, body: PlaceSubmission
) -> None:
    """A person sent what was prepared."""
    row = await get_place_report(session, actor, place_report_id)
    if row.route == PlaceRoute.JOINT:
        reference, parts, digest = body.reference, body.parts, body.digest
        await send_joint(session, context, actor, row.id, reference=reference, parts=parts, digest=digest)
        return
    row = await get_place_report(session, actor, place_report_id, lock=True)
    await note_sent(session, context, actor, row, reference=body.reference, digest=body.digest)


@router.post("/place-reports/{place_report_id}/settle", status_code=204)
async def settle(
    context: Context, session: Writing, actor: AdvocateOnly, place_report_id: IdPath, body: PlaceSettling
) -> None:
    """Somebody found out whether one in doubt arrived."""
    row = await get_place_report(session, actor, place_report_id, lock=True)
    await settle_place_report(session, context, row, arrived=body.arrived)


@router.post("/place-reports/{place_report_id}/withdraw", status_code=204)
async def withdraw(context: Context, session: Writing, actor: AdvocateOnly, place_report_id: IdPath) -> None:
    """It is not sent, or given up."""
    row = await get_place_report(session, actor, place_report_id, lock=True)
    await withdraw_place_report(session, context, row)


@router.post("/place-reports/{place_report_id}/parts", status_code=204)
async def ask(
    context: Context, session: Writing, actor: AdvocateOnly, place_report_id: IdPath, body: PartsToAsk
) -> None:
    """Ask persons for their own part of a joint report. Neither the channel nor the others are named to them."""
    await ask_parts(session, context, actor, place_report_id, body.case_ids)


@router.get("/cases/{case_id}/joint-parts")
async def list_parts(context: Context, session: Reading, _: AnyActor, case: CaseToRead) -> JointPartList:
    """What the person is asked for."""
    return JointPartList(parts=await joint_views(session, context, case))


@router.post("/cases/{case_id}/joint-parts/{part_id}/agree", status_code=204)
async def agree(
    context: Context, session: Writing, actor: AnyActor, case: CaseToChange, part_id: IdPath, body: JointAnswer
) -> None:
    """The person signs their own part. Only the person can."""
    await answer_part(
        session,
        context,
        case,
        actor,
        part_id,
        agree=True,
        signature=body.signature,
        statement=body.statement,
    )


@router.post("/cases/{case_id}/joint-parts/{part_id}/decline", status_code=204)
async def decline(context: Context, session: Writing, actor: AnyActor, case: CaseToChange, part_id: IdPath) -> None:
    """The person says no, or takes their yes back. Only the person can."""
    await answer_part(session, context, case, actor, part_id, agree=False)
