"""From a confirmed copy to what is shown of it."""

from api.schemas.copies import CopyList, CopyView, CopyWhole, FilingView, StepView
from monitor.actions.copies import Copy, CopyPage
from monitor.actions.steps import StepToFile
from monitor.actions.whole_copy import OpenedFiling, WholeCopy
from monitor.notices.copy_state import BAD, CopyState
from monitor.notices.route_table import ROUTES
from monitor.notices.texts import in_language


def copy_view(one: Copy) -> CopyView:
    """A copy and how it stands."""
    row, status, seen = one.row, one.status, not one.hidden
    return CopyView(
        sighting_id=row.id,
        case_id=row.case_id,
        platform=row.source.platform if seen else None,
        source=row.source.handle if seen else None,
        post_id=row.post_id if seen else None,
        kind=row.kind if seen else None,
        minor=one.minor,
        state=status.state,
        why=status.why,
        mover=status.mover,
        since=status.since,
        next_at=status.next_at,
        notice_id=status.notice_id if seen else None,
        filing_id=status.filing_id if seen else None,
    )


def copy_list(page: CopyPage, state: CopyState | None) -> CopyList:
    """A page and the counts."""
    wanted = BAD if state is None else (state,)
    return CopyList(
        copies=[copy_view(one) for one in page.copies],
        counts={one.value: number for one, number in page.counts.items()},
        total=sum(page.counts[one] for one in wanted),
    )


def copy_whole(whole: WholeCopy, language: str) -> CopyWhole:
    """Everything about one copy; titles in this language."""
    return CopyWhole(
        copy=copy_view(whole.copy),
        url=whole.url,
        steps=[step_view(one, language, filed=one.step in whole.filed) for one in whole.steps],
        filings=[filing_view(one, language) for one in whole.filings],
        closed_for=whole.copy.row.closed_for,
        can_prepare=list(whole.may_prepare),
    )


def title_of(step: str, language: str) -> str:
    """What a step is called; its name where an operator took its file away."""
    route = ROUTES.get(step)
    return step if route is None else in_language(route.title, language)


def step_view(one: StepToFile, language: str, *, filed: bool) -> StepView:
    """A step to file."""
    route = ROUTES.get(one.step)
    return StepView(
        step=one.step,
        title=title_of(one.step, language),
        notice_id=one.notice_id,
        prepared_at=one.prepared_at,
        channel=one.channel,
        address=one.address,
        subject=one.subject,
        body=one.body,
        missing=list(one.missing),
        doubts=[] if route is None else list(route.doubts),
        filed=filed,
        file_by=one.file_by,
    )


def filing_view(one: OpenedFiling, language: str) -> FilingView:
    """A filing."""
    row, record = one.row, one.record
    return FilingView(
        filing_id=row.id,
        step=row.step,
        title=title_of(row.step, language),
        number=row.number,
        notice_id=row.notice_id,
        filed_at=row.filed_at,
        filed_by=one.by,
        deadline_at=row.deadline_at,
        reference=record.reference,
        note=record.note,
        subject=record.subject,
        body=record.body,
        answer=row.answer,
        answered_at=row.answered_at,
        answer_text=one.answer_text,
    )
