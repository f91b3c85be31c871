"""Reports about whole channels as they are shown."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.schemas.place_reports import JointPartView, PartView, PlaceReportDetail, PlaceReportView, ShownTextView
from db.models.cases import Case
from db.models.linking import PlaceReport
from db.queries.actors import AdvocateActor
from db.queries.people import names_of
from monitor.actions.joint import candidates, left_before, parts_of_case
from monitor.actions.joint_text import show_joint, shown_before
from monitor.actions.place_reports import digest_of, open_place_report, what_would_leave
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.model.place_reports import PlaceRoute


def report_view(row: PlaceReport) -> PlaceReportView:
    """In a list."""
    return PlaceReportView(**_fields(row))


async def report_detail(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, row: PlaceReport
) -> PlaceReportDetail:
    """With text and parts. Of a joint one it is kept what was shown: the transaction writes."""
    record, parts, kept_back = open_place_report(context, row), list[PartView](), None
    text, digest = record.text, digest_of(record)
    if row.route != PlaceRoute.JOINT:
        try:
            record = await what_would_leave(session, context, row)
            text, digest = record.text, digest_of(record)
        except RuleBroken as refused:
            text, kept_back = "", refused.reason
    else:
        record = await show_joint(session, context, actor, row)
        text, digest = record.text, digest_of(record)
        parts = [
            PartView(
                case_id=one.case_id,
                part_id=None if one.part is None else one.part.id,
                state=None if one.part is None else one.part.state,
                minor=one.minor,
                withdrawn=one.withdrawn,
                in_text=one.in_text,
            )
            for one in await candidates(session, context, actor, row)
        ]
    return PlaceReportDetail(
        **_fields(row),
        text=text,
        recipient=record.recipient,
        parts=parts,
        kept_back=kept_back,
        digest=digest,
        shown_before=[
            ShownTextView(digest=one.digest, shown_at=one.at, parts=one.parts, case_ids=list(one.case_ids))
            for one in await shown_before(session, context, actor, row, digest=digest)
        ],
    )


async def joint_views(session: AsyncSession, context: DomainContext, case: Case) -> list[JointPartView]:
    """For the person."""
    rows = await parts_of_case(session, case)
    names = await names_of(session, [row.asked_by for row in rows])
    return [
        JointPartView(
            part_id=row.id,
            state=row.state,
            asked_by=names.get(row.asked_by, ("", ""))[0],
            organisation=names.get(row.asked_by, ("", ""))[1],
            asked_at=row.asked_at,
            answered_at=row.answered_at,
            left_before=left_before(context, row),
        )
        for row in rows
    ]


def _fields(row: PlaceReport) -> dict[str, Any]:
    names = set(PlaceReportView.model_fields) - {"report_id"}
    return {"report_id": row.id, **{name: getattr(row, name) for name in names}}
