"""The platform's side of a notice: as its recipient sees it, and as an advocate sees what came of it."""

from collections.abc import Sequence
from typing import Any

from api.schemas.platform import (
    AnswerForAdvocates,
    LinkView,
    PlatformAnswerView,
    PlatformLocation,
    PlatformNoticeRow,
    PlatformNoticeView,
    ReplyPreview,
    ReplyView,
)
from db.models.notices import Notice
from db.models.platform_side import NoticeReply, PlatformAnswer, PlatformLink
from monitor.context.context import DomainContext
from monitor.model.platform_answers import AnswerKind, WhyRefused
from monitor.model.records.platform import PlatformAnswerRecord, ReplyRecord
from monitor.notices.platform_answers import ForRecipient
from monitor.notices.platform_links import ALIVE
from monitor.notices.replies import Leaving, words_of
from monitor.notices.route_table import ROUTES


def data_of(shown: ForRecipient) -> dict[str, Any]:
    """What the page offers as JSON."""
    return shown.data


def platform_row(notice: Notice) -> PlatformNoticeRow:
    """A notice in a platform's list."""
    return PlatformNoticeRow(
        notice_id=notice.id,
        platform=notice.platform,
        route=notice.route,
        law=ROUTES[notice.route].law,
        sent_at=notice.sent_at,
        deadline_at=notice.deadline_at,
    )


def platform_notice(notice: Notice, shown: ForRecipient) -> PlatformNoticeView:
    """One notice for its recipient's program."""
    return PlatformNoticeView(
        **platform_row(notice).model_dump(),
        language=shown.language,
        subject=shown.subject,
        text=shown.body,
        locations=[PlatformLocation(**one) for one in shown.locations],
        data=shown.data,
        answers=[answer_view(one) for one in shown.answers],
    )


def answer_view(row: PlatformAnswer) -> PlatformAnswerView:
    """An answer, for whoever gave it."""
    return PlatformAnswerView(
        kind=AnswerKind(row.kind), reason=None if row.reason is None else WhyRefused(row.reason), at=row.at
    )


def answer_for_advocates(context: DomainContext, row: PlatformAnswer) -> AnswerForAdvocates:
    """An answer with its text."""
    text = ""
    if row.content is not None:
        text = context.open_record(PlatformAnswerRecord, row.case_id, row.id, row.content).text
    return AnswerForAdvocates(**answer_view(row).model_dump(), answer_id=row.id, by=row.by, text=text)


def link_view(context: DomainContext, row: PlatformLink | None, notice: Notice) -> LinkView | None:
    """How the link of a notice stands."""
    if row is None:
        return None
    state = "open" if notice.state in ALIVE and context.now() < row.expires_at else "over"
    state = "revoked" if row.revoked_at is not None else state
    return LinkView(state=state, expires_at=row.expires_at, revoked_at=row.revoked_at)


def reply_view(context: DomainContext, row: NoticeReply) -> ReplyView:
    """What was written back."""
    record = context.open_record(ReplyRecord, row.case_id, row.id, row.content)
    return ReplyView(
        reply_id=row.id,
        mail_id=row.mail_id,
        state=row.state,
        reason=row.reason,
        created_at=row.created_at,
        sent_at=row.sent_at,
        recipient=record.recipient,
        subject=record.subject,
        body=record.body,
        text=words_of(record),
    )


def reply_views(context: DomainContext, rows: Sequence[NoticeReply]) -> list[ReplyView]:
    """All of a notice."""
    return [reply_view(context, row) for row in rows]


def preview_view(leaving: Leaving) -> ReplyPreview:
    """Exactly what would leave."""
    return ReplyPreview(
        recipient=leaving.recipient,
        subject=leaving.subject,
        body=leaving.body,
        cites=list(leaving.cites),
        sender=leaving.sender,
        reply_to=leaving.reply_to,
        digest=leaving.digest,
    )
