"""What exactly leaves with a notice: who sees it, from whom, every word and every part, and a digest over all of it.

Until somebody sends it, it is written from what is known at that moment; from then on it is what they looked at.
"""

import hashlib
from dataclasses import dataclass, field, replace
from email.utils import parseaddr

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.notices import Notice
from db.models.sightings import Sighting
from monitor.cases.intake import read_intake
from monitor.context.context import DomainContext
from monitor.keys.envelope import canonical_json
from monitor.model.notice_states import STANDS, NoticeState
from monitor.model.records.notice import AttachmentRecord, NoticeRecord
from monitor.notices.compose import compose
from monitor.notices.fields import clean
from monitor.notices.machine_part import FILE_NAME, MEDIA_TYPE, XARF_NAME, Part, notice_json, part_of, xarf_json
from monitor.notices.paragraph import tidy_paragraph
from monitor.notices.platform_links import leaving_text
from monitor.notices.route import Channel
from monitor.notices.route_table import ROUTES
from monitor.sightings.facts import copy_facts

NOT_YET_SENT = frozenset({NoticeState.PREPARED, NoticeState.HELD})
"""States in which nobody has sent it: what would leave follows what is known."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """What leaves, or left, by which way."""

    channel: Channel
    language: str
    message_id: str
    """Of an e-mail; empty for anything else."""
    record: NoticeRecord = field(repr=False)
    text: str = field(repr=False)
    """Every word of it: what was written, and the link for its recipient."""

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over everything that the other side gets: the same digest, the same notice."""
        sent = self.record.content()
        # The record's own copies of what the text says.
        for name in ("fields", "paragraph"):
            sent.pop(name, None)
        told = {"channel": self.channel, "language": self.language, "message_id": self.message_id, **sent}
        told["body"] = self.text
        return hashlib.sha256(canonical_json(told)).hexdigest()


async def what_leaves(session: AsyncSession, context: DomainContext, notice: Notice) -> Leaving:
    """What would leave now, or what left. Raises RuleBroken (Incomplete) where nothing may be written any more."""
    channel = ROUTES[notice.route].channel
    known = context.open_record(NoticeRecord, notice.case_id, notice.id, notice.content)
    message = notice.message_id if channel is Channel.EMAIL else ""
    if notice.state not in NOT_YET_SENT or channel.by_hand:
        return Leaving(channel, notice.language, message, known, await leaving_text(session, context, notice, known))
    case = await session.get_one(Case, notice.case_id)
    sighting = await session.get_one(Sighting, notice.sighting_id)
    language, record = await written(
        session, context, sighting, case, notice.route, notice.id, to_hold=True, paragraph=known.paragraph
    )
    return Leaving(channel, language, message, record, await leaving_text(session, context, notice, record))


async def written(
    session: AsyncSession,
    context: DomainContext,
    sighting: Sighting,
    case: Case,
    route: str,
    notice_id: str,
    *,
    to_hold: bool,
    paragraph: str = "",
) -> tuple[str, NoticeRecord]:
    """The notice of one route about one copy as of now, with its language. Raises as `compose` does."""
    copy, intake = await copy_facts(session, context, sighting), read_intake(context, case)
    paragraph = tidy_paragraph(paragraph, copy, intake, ROUTES[route])
    composed = compose(
        copy,
        intake,
        ROUTES[route],
        case.language,
        now=context.now(),
        recipients=context.recipients,
        to_hold=to_hold,
        paragraph=paragraph,
    )
    first = await _first_of_item(session, sighting, route)
    part = replace(part_of(intake, [copy], ROUTES[route], notice_id), cites=first)
    by_mail = ROUTES[route].channel is Channel.EMAIL
    return composed.language, NoticeRecord(
        recipient=composed.recipient,
        subject=composed.subject,
        body=composed.body,
        fields=dict(composed.fields),
        preferences=composed.preferences,
        paragraph=paragraph,
        sender=shown_sender(context.mail_from, copy.centre.name, copy.reviewer) if by_mail else "",
        reply_to=copy.reply_to if by_mail else "",
        cites=(first,) if by_mail and first else (),
        attachments=attached(part, xarf=route in context.xarf_routes) if by_mail else (),
    )


async def _first_of_item(session: AsyncSession, sighting: Sighting, route: str) -> str:
    """Message-ID of the first notice by this route about another copy of the same item; empty where there is none."""
    if sighting.item_id is None:
        return ""
    query = select(Notice.message_id).join(Sighting, Sighting.id == Notice.sighting_id)
    query = query.where(Sighting.item_id == sighting.item_id, Sighting.id != sighting.id)
    query = query.where(Notice.route == route, Notice.sent_at.is_not(None), Notice.state.in_(STANDS)).order_by(
        Notice.sent_at, Notice.id
    )
    return await session.scalar(query.limit(1)) or ""


def attached(part: Part, *, xarf: bool) -> tuple[AttachmentRecord, ...]:
    """The parts of an e-mail for programs."""
    files = [(FILE_NAME, notice_json(part)), *([(XARF_NAME, xarf_json(part))] if xarf else [])]
    return tuple(AttachmentRecord(name=name, media_type=MEDIA_TYPE, text=text) for name, text in files)


def shown_sender(mail_from: str, centre: str, alias: str) -> str:
    """From as the recipient sees it: the centre and its advocate, at the operator's own address.

    `mail_from` as it is where there is no centre; empty where nothing leaves by e-mail.
    """
    address = parseaddr(mail_from)[1]
    names = [clean(name).replace('"', "").replace("\\", "") for name in (centre, alias)]
    if not address or not names[0]:
        return mail_from
    shown = f"{names[0]} ({names[1]})" if names[1] else names[0]
    return f'"{shown}" <{address}>'
