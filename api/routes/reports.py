"""Somebody outside reports that their picture was registered here; leads read it."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Query

from api.budgets import Act
from api.deps import AdvocateOnly, Context, IdPath, Reading, ServicesDep, VisitDep, Writing
from api.schemas.reports import ReportBody, ReportList, ReportRow, ReportTaken, ReportWhole
from monitor.cases.reports import OpenReport, close_report, make_report, open_reports, read_report
from monitor.evidence.by import By
from monitor.model.records.report import ReportRecord

router = APIRouter(prefix="/reports", tags=["reports"])

_PAGE = 50


@router.post("", status_code=202)
async def report(services: ServicesDep, visit: VisitDep, body: ReportBody) -> ReportTaken:
    """Say that your picture was registered by somebody else. The answer is always the same."""
    await visit.admit(Act.REPORT)
    context = services.context.acting(By.program("report"))  # a stranger: nothing of theirs enters a ledger
    content = ReportRecord(contact=body.contact, case_number=body.case_number, link=body.link, text=body.text)
    async with services.database.begin() as session:
        await make_report(session, context, content, organisation=body.organisation, language=body.language)
    return ReportTaken(received=True)


@router.get("")
async def list_reports(
    session: Reading,
    actor: AdvocateOnly,
    limit: Annotated[int, Query(ge=1, le=200)] = _PAGE,
    offset: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
) -> ReportList:
    """What waits for a lead of your organisation."""
    return _list(*await open_reports(session, actor, limit=limit, offset=offset))


@router.get("/{report_id}")
async def see_report(context: Context, session: Writing, actor: AdvocateOnly, report_id: IdPath) -> ReportWhole:
    """Read one; that is recorded."""
    read = await read_report(session, context, actor, report_id)
    return ReportWhole(**_row(read.report).model_dump(), **read.content.content(), ours=read.ours)


@router.post("/{report_id}/close")
async def close(context: Context, session: Writing, actor: AdvocateOnly, report_id: IdPath) -> ReportList:
    """Your organisation has dealt with it."""
    await close_report(session, context, actor, report_id)
    return _list(*await open_reports(session, actor, limit=_PAGE))


def _list(rows: Sequence[OpenReport], total: int) -> ReportList:
    return ReportList(reports=[_row(one) for one in rows], total=total)


def _row(one: OpenReport) -> ReportRow:
    return ReportRow(report_id=one.id, made_at=one.made_at, ends_at=one.ends_at, language=one.language, named=one.named)
