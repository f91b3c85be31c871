"""From a notice's rows to what is shown of it."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from api.schemas.notices import (
    AttachmentView,
    ContentView,
    EnvelopeView,
    EscalationView,
    ForMinorView,
    FormView,
    LeavingView,
    LetterView,
    MailView,
    MinorsRoute,
    NoticeView,
    NoticeWhole,
    SkippedView,
    StoppedView,
    Written,
    WrittenNotice,
)
from api.views.platform import answer_for_advocates, link_view, reply_view
from db.models.cases import Case
from db.models.mailboxes import NoticeMail
from db.models.notices import Escalation, Letter, Notice
from db.models.sightings import Sighting
from db.queries.actors import Actor, AdvocateActor
from db.queries.notices import mail_stopped
from db.queries.platform_side import Beside
from monitor.actions.take_routes import RoutesTaken
from monitor.actions.watching import sources_followed
from monitor.context.context import DomainContext
from monitor.model.notice_states import NoticeState
from monitor.model.records.answer import AnswerRecord
from monitor.model.records.escalation import EscalationRecord
from monitor.model.records.notice import NoticeRecord
from monitor.model.records.receipts import DeliveryRecord
from monitor.notices.compose import Composed
from monitor.notices.corresponding import MAY_SEND, look_at_letter
from monitor.notices.deadlines import clock_of
from monitor.notices.escalation import place_of
from monitor.notices.form import form_sheet
from monitor.notices.leaving import Leaving
from monitor.notices.mail_after import LEAVES_ALL_THE_SAME, may_be_anew
from monitor.notices.removal_rules import what_is_gone
from monitor.notices.route import Channel
from monitor.notices.route_table import ROUTES
from monitor.notices.texts import FOR_MINOR, in_language
from monitor.notices.under_age import HAS_LEFT, adult_routes, counts_as_minor, routes_of_minors
from monitor.platforms.base import PlatformName

_ASKED_TOGETHER = 1000
"""Ids in one query: a database takes only so many."""


def notice_view(
    row: Notice,
    sighting: Sighting,
    now: datetime,
    *,
    followed: bool | None = None,
    stopped: Sequence[tuple[str, str]] = (),
) -> NoticeView:
    """A notice and how its clock stands at `now`. `followed`: whether its copy may be looked at again. `stopped`: what
    `mail_stopped` tells of it."""
    return NoticeView(
        notice_id=row.id,
        case_id=row.case_id,
        sighting_id=row.sighting_id,
        platform=row.platform,
        route=row.route,
        language=row.language,
        state=row.state,
        reason=row.reason,
        attempt=row.attempt,
        one_hand=row.one_hand,
        posted_at=sighting.posted_at,
        created_at=row.created_at,
        sent_at=row.sent_at,
        deadline_at=row.deadline_at,
        due_at=row.due_at,
        standing=clock_of(row.state, row.deadline_at, row.due_at, now).standing,
        presence=sighting.presence,
        removed_at=sighting.removed_at,
        gone=what_is_gone(sighting.presence, removed=sighting.removed_at is not None),
        carried_by=row.together_id,
        followed=followed,
        stopped=[StoppedView(what=what, reason=reason) for what, reason in stopped],
    )


async def notices_of_case(
    session: AsyncSession, context: DomainContext, case: Case, rows: Sequence[tuple[Notice, Sighting]]
) -> list[NoticeView]:
    """Notices of one case, as its person and its advocates read them."""
    now, followed = context.now(), await sources_followed(session, context, case)
    stopped: dict[str, list[tuple[str, str]]] = {}
    for start in range(0, len(rows), _ASKED_TOGETHER):
        ids = [row.id for row, _ in rows[start : start + _ASKED_TOGETHER]]
        stopped |= await mail_stopped(session, ids, LEAVES_ALL_THE_SAME)
    return [
        notice_view(row, about, now, followed=about.source_id in followed, stopped=stopped.get(row.id, ()))
        for row, about in rows
    ]


def written_view(taken: RoutesTaken) -> Written:
    """What was written, and what was not and why."""
    return Written(
        notices=[WrittenNotice(notice_id=one.id, route=one.route, state=one.state) for one in taken.notices],
        skipped=[SkippedView(route=one.route, reason=one.reason, detail=one.detail) for one in taken.skipped],
    )


def notice_whole(
    context: DomainContext,
    actor: Actor,
    row: Notice,
    sighting: Sighting,
    case: Case,
    steps: Sequence[Escalation],
    language: str,
    beside: Beside,
) -> NoticeWhole:
    """A notice with content, receipt, next steps and form. Steps for an adult end when the picture may be a minor's."""
    in_order = sorted(steps, key=lambda one: place_of(row.route, one.step))
    minor = row.route in adult_routes() and counts_as_minor(context, case, sighting)
    record = context.open_record(NoticeRecord, row.case_id, row.id, row.content)
    return NoticeWhole(
        **notice_view(row, sighting, context.now()).model_dump(),
        content=ContentView(**record.model_dump(include={"recipient", "subject", "body", "fields"})),
        receipt=None if row.receipt is None else _receipt(context, row, row.receipt),
        escalations=[] if minor else [_step(context, step, language) for step in in_order],
        form=_form(row, record),
        for_minor=_for_minor(actor, row, language) if minor else None,
        mails=[_mail(context, mail, beside) for mail in beside.mails] if isinstance(actor, AdvocateActor) else [],
        answers=[answer_for_advocates(context, one) for one in beside.answers]
        if isinstance(actor, AdvocateActor)
        else [],
        link=link_view(context, beside.link, row) if isinstance(actor, AdvocateActor) else None,
    )


def leaving_view(row: Notice, leaving: Leaving) -> LeavingView:
    """What would leave, or left."""
    record = leaving.record
    return LeavingView(
        notice_id=row.id,
        state=row.state,
        channel=leaving.channel,
        digest=leaving.digest,
        may_send=row.state == NoticeState.PREPARED and not leaving.channel.by_hand and not leaving.carried,
        undo_until=row.due_at if row.state == NoticeState.QUEUED else None,
        language=leaving.language,
        envelope=EnvelopeView(
            sender=record.sender,
            to=record.recipient,
            reply_to=record.reply_to,
            subject="" if leaving.channel is Channel.TELEGRAM_REPORT else record.subject,
            message_id=leaving.message_id,
            cites=list(record.cites),
        ),
        text=leaving.text,
        paragraph=record.paragraph,
        attachments=[
            AttachmentView(
                name=one.name,
                media_type=one.media_type,
                sha256=hashlib.sha256(one.text.encode()).hexdigest(),
                text=one.text,
            )
            for one in record.attachments
        ],
        menu=list(record.preferences),
    )


async def letter_view(context: DomainContext, row: Notice, letter: Letter) -> LetterView:
    """What followed a notice, with what leaves or left."""
    leaving = leaving_view(row, await look_at_letter(context, row, letter))
    queued = letter.state == NoticeState.QUEUED
    own = {"state": letter.state, "may_send": letter.state in MAY_SEND, "undo_until": letter.due_at if queued else None}
    return LetterView(
        number=letter.number,
        purpose=letter.purpose,
        state=letter.state,
        reason=letter.reason,
        attempt=letter.attempt,
        created_at=letter.created_at,
        sent_at=letter.sent_at,
        reference=_reference(context, letter),
        leaving=leaving.model_copy(update=own),
    )


def _reference(context: DomainContext, letter: Letter) -> str | None:
    """What a form that was submitted again was answered; a mail has its own number."""
    if letter.message_id or letter.receipt is None:
        return None
    said = context.open_record(DeliveryRecord, letter.case_id, letter.id, letter.receipt)
    return said.reference


def _mail(context: DomainContext, row: NoticeMail, beside: Beside) -> MailView:
    answer = None if row.content is None else context.open_record(AnswerRecord, row.case_id, row.id, row.content)
    reply = next((one for one in beside.replies if one.mail_id == row.id), None)
    return MailView(
        mail_id=row.id,
        may_reply=answer is not None and (reply is None or may_be_anew(reply)),
        reply=None if reply is None else reply_view(context, reply),
        kind=row.kind,
        reason=row.reason,
        proven=row.proven,
        at=row.at,
        sender="" if answer is None else answer.sender,
        text="" if answer is None else answer.text,
    )


def _for_minor(actor: Actor, row: Notice, language: str) -> ForMinorView:
    left, advocate = row.state in HAS_LEFT, isinstance(actor, AdvocateActor)
    return ForMinorView(
        left=left,
        what_to_do=[in_language(words, language) for words in FOR_MINOR] if left and advocate else [],
        routes=[
            MinorsRoute(route=route.name, address=route.recipient, confirmed=route.confirmed)
            for route in routes_of_minors(PlatformName(row.platform))
        ],
    )


def _receipt(context: DomainContext, row: Notice, sealed: bytes) -> dict[str, Any]:
    return context.open_record(DeliveryRecord, row.case_id, row.id, sealed).content()


def _step(context: DomainContext, row: Escalation, language: str) -> EscalationView:
    route = ROUTES.get(row.step)
    return EscalationView(
        escalation_id=row.id,
        step=row.step,
        explanation="" if route is None else in_language(route.about, language),
        prepared_at=row.prepared_at,
        content=context.open_record(EscalationRecord, row.case_id, row.id, row.content).content(),
    )


def _form(row: Notice, record: NoticeRecord) -> FormView | None:
    if not ROUTES[row.route].channel.by_hand:
        return None
    composed = Composed(
        route=row.route,
        language=row.language,
        recipient=record.recipient,
        subject=record.subject,
        body=record.body,
        fields=record.fields,
    )
    sheet = form_sheet(composed)
    return FormView(address=sheet.address, fields=list(sheet.fields))
