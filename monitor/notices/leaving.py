"""What exactly leaves with a notice: who sees it, from whom, every word and every part, and a digest over all of it.

Until somebody sends it, it is written from what is known at that moment; from then on it is what they looked at.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from email.utils import parseaddr

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from db.models.cases import Case
from db.models.notices import Notice
from db.models.platform_side import PlatformLink
from db.models.sightings import Sighting
from db.queries.notices import not_bounced
from monitor.cases.intake import read_intake
from monitor.context.context import DomainContext
from monitor.keys.envelope import canonical_json
from monitor.model.facts import CopyFacts
from monitor.model.notice_states import STANDS, NoticeState
from monitor.model.records.notice import AttachmentRecord, NoticeRecord
from monitor.notices.citing import FirstNotice
from monitor.notices.compose import compose
from monitor.notices.fields import clean
from monitor.notices.machine_part import FILE_NAME, MEDIA_TYPE, XARF_NAME, Part, notice_json, part_of, xarf_json
from monitor.notices.paragraph import tidy_paragraph
from monitor.notices.platform_links import NONE_KNOWN, leaving_text
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
    carried: bool = False
    """By the message of another notice, with which it is sent."""

    @property
    def digest(self) -> str:
        """SHA-256 (hex) over everything that the other side gets: the same digest, the same notice."""
        sent = self.record.content()
        # The record's own copies of what the text says.
        for name in ("fields", "paragraph", "sightings"):
            sent.pop(name, None)
        told = {"channel": self.channel, "language": self.language, "message_id": self.message_id, **sent}
        told["body"] = self.text
        return hashlib.sha256(canonical_json(told)).hexdigest()


async def what_leaves(
    session: AsyncSession,
    context: DomainContext,
    notice: Notice,
    links: Mapping[str, PlatformLink | None] = NONE_KNOWN,
) -> Leaving:
    """What would leave now, or what left. Raises RuleBroken (Incomplete) where nothing may be written any more.

    Of one that another notice's message carries: that message. `links`: see `leaving_text`.
    """
    lead = await carrier_of(session, notice) or notice
    channel = ROUTES[lead.route].channel
    known = context.open_record(NoticeRecord, notice.case_id, notice.id, notice.content)
    if notice.state not in NOT_YET_SENT or channel.by_hand:
        # What left stays as it was, whatever became since of the notice that carried it.
        mail = notice if notice.together_id is None else await session.get_one(Notice, notice.together_id)
        message = mail.message_id if channel is Channel.EMAIL else ""
        text = await leaving_text(session, context, mail, known, links)
        return Leaving(channel, notice.language, message, known, text)
    message = lead.message_id if channel is Channel.EMAIL else ""
    language, record = await written_anew(session, context, lead)
    text = await leaving_text(session, context, lead, record, links)
    return Leaving(channel, language, message, record, text, carried=lead is not notice)


async def carrier_of(session: AsyncSession, notice: Notice) -> Notice | None:
    """The notice whose message carries this one, as long as they go the same way; None: its own carries it."""
    if notice.together_id is None:
        return None
    lead = await session.get_one(Notice, notice.together_id)
    return lead if lead.state == notice.state else None


async def carried_by(session: AsyncSession, notice: Notice) -> Sequence[Notice]:
    """The other notices that go with this one's message, as long as they go the same way."""
    query = select(Notice).where(Notice.together_id == notice.id, Notice.state == notice.state).order_by(Notice.id)
    return (await session.scalars(query)).all()


async def written_anew(
    session: AsyncSession, context: DomainContext, lead: Notice, paragraph: str | None = None
) -> tuple[str, NoticeRecord]:
    """The text of a notice, and of all that its message carries, as of now. None: with the paragraph that it has."""
    if paragraph is None:
        paragraph = context.open_record(NoticeRecord, lead.case_id, lead.id, lead.content).paragraph
    case = await session.get_one(Case, lead.case_id, populate_existing=True)
    sighting = await session.get_one(Sighting, lead.sighting_id)
    mates = await carried_by(session, lead)
    others = [await session.get_one(Sighting, one.sighting_id) for one in mates]
    return await written(
        session, context, sighting, case, lead.route, lead.id, to_hold=True, paragraph=paragraph, others=others
    )


def _as_posted(copy: CopyFacts) -> tuple[datetime, int, str]:
    return copy.posted_at, len(copy.post_id), copy.post_id


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
    others: Sequence[Sighting] = (),
) -> tuple[str, NoticeRecord]:
    """The notice of one route about one copy, or several, as of now, with its language. Raises as `compose` does."""
    copy, intake = await copy_facts(session, context, sighting), read_intake(context, case)
    paragraph = tidy_paragraph(paragraph, copy, intake, ROUTES[route])
    by_mail = ROUTES[route].channel is Channel.EMAIL
    # As the posts stand in the channel: notices that were made in one moment have no order of their own.
    further = sorted([await copy_facts(session, context, one) for one in others], key=_as_posted)
    firsts = [await _first_of_item(session, one, route) for one in (sighting, *others)]
    composed = compose(
        copy,
        intake,
        ROUTES[route],
        case.language,
        now=context.now(),
        recipients=context.recipients,
        to_hold=to_hold,
        paragraph=paragraph,
        # Of several copies the sentence stands where it is true of each.
        first=firsts[0] if len(set(firsts)) == 1 else None,
        others=further,
    )
    cites = tuple(dict.fromkeys(one.message_id for one in firsts if one is not None and one.message_id))
    part = replace(part_of(intake, [copy, *further], ROUTES[route], notice_id), cites=cites[0] if cites else "")
    return composed.language, NoticeRecord(
        recipient=composed.recipient,
        subject=composed.subject,
        body=composed.body,
        fields=dict(composed.fields),
        preferences=composed.preferences,
        paragraph=paragraph,
        sender=shown_sender(context.mail_from, copy.centre.name, copy.reviewer) if by_mail else "",
        reply_to=copy.reply_to if by_mail else "",
        cites=cites if by_mail else (),
        attachments=attached(part, xarf=route in context.xarf_routes) if by_mail else (),
        sightings=(sighting.id, *(one.id for one in others)) if others else (),
    )


async def _first_of_item(session: AsyncSession, sighting: Sighting, route: str) -> FirstNotice | None:
    """The first notice by this route about another copy of the same item, that arrived and was not taken back."""
    if sighting.item_id is None:
        return None
    lead = aliased(Notice)
    message = func.coalesce(lead.message_id, Notice.message_id)
    query = select(Notice.id, Notice.sent_at, message).join(Sighting, Sighting.id == Notice.sighting_id)
    query = query.outerjoin(lead, lead.id == Notice.together_id)
    query = query.where(Sighting.item_id == sighting.item_id, Sighting.id != sighting.id)
    query = query.where(Notice.route == route, Notice.sent_at.is_not(None), Notice.state.in_(STANDS), not_bounced())
    found = (await session.execute(query.order_by(Notice.sent_at, Notice.id).limit(1))).one_or_none()
    return None if found is None or found[1] is None else FirstNotice(found[0], found[1], found[2])


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
