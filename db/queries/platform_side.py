"""What a platform's token may see, and what stands beside a notice of its recipient's doing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.mailboxes import NoticeMail
from db.models.notices import Notice, RemovalReceipt
from db.models.platform_side import NoticeReply, PlatformAnswer, PlatformLink, PlatformToken
from db.models.sightings import Sighting
from db.queries.actors import Actor
from db.queries.notices import mails_about, visible_notices
from db.queries.stops import at_work
from db.queries.tenants import SourceName


@dataclass(frozen=True, slots=True)
class Beside:
    """What came in about a notice, and what went back."""

    mails: Sequence[NoticeMail]
    answers: Sequence[PlatformAnswer]
    replies: Sequence[NoticeReply]
    link: PlatformLink | None
    removal: RemovalReceipt | None
    """Of its copy."""


async def find_with_beside(
    session: AsyncSession, actor: Actor, notice_id: str
) -> tuple[Notice, Sighting, SourceName, Case, Beside] | None:
    """A notice, what it is about, and all that stands beside it; None where this actor sees none. Four statements."""
    query = visible_notices(actor).where(Notice.id == notice_id).add_columns(PlatformLink, RemovalReceipt)
    query = query.outerjoin(PlatformLink, PlatformLink.notice_id == Notice.id)
    query = query.outerjoin(RemovalReceipt, RemovalReceipt.sighting_id == Notice.sighting_id)
    found = (await session.execute(query)).one_or_none()
    if found is None:
        return None
    notice, sighting, source, case, link, removal = found
    about = Beside(
        mails=await mails_about(session, notice_id),
        answers=await answers_about(session, notice_id),
        replies=await replies_about(session, notice_id),
        link=link,
        removal=removal,
    )
    return notice, sighting, source, case, about


async def token_of_hash(session: AsyncSession, token_hash: str) -> PlatformToken | None:
    """A token that is not revoked."""
    good = (PlatformToken.token_hash == token_hash, PlatformToken.revoked_at.is_(None))
    found: PlatformToken | None = await session.scalar(select(PlatformToken).where(*good))
    return found


async def tokens(session: AsyncSession) -> Sequence[PlatformToken]:
    """Every token, the oldest first."""
    return (await session.scalars(select(PlatformToken).order_by(PlatformToken.created_at, PlatformToken.id))).all()


def _addressed(token: PlatformToken, states: Collection[str], now: datetime) -> Select[PlatformLink, Notice]:
    """The open notices that go to a token's address, and nobody else's."""
    query = select(PlatformLink, Notice).join(Notice, Notice.id == PlatformLink.notice_id)
    query = query.join(Case, (Case.id == Notice.case_id) & (Case.state == "vouched") & at_work())
    query = query.where(
        PlatformLink.recipient_tag == token.recipient_tag,
        PlatformLink.revoked_at.is_(None),
        PlatformLink.expires_at > now,
        Notice.state.in_(states),
    )
    return query if token.platform is None else query.where(Notice.platform == token.platform)


async def notice_addressed(
    session: AsyncSession, token: PlatformToken, notice_id: str, *, states: Collection[str], now: datetime
) -> tuple[PlatformLink, Notice] | None:
    """One of them."""
    found = (await session.execute(_addressed(token, states, now).where(Notice.id == notice_id))).one_or_none()
    return None if found is None else (found[0], found[1])


async def notices_addressed(
    session: AsyncSession,
    token: PlatformToken,
    *,
    states: Collection[str],
    now: datetime,
    limit: int,
    after: str | None = None,
) -> tuple[Sequence[Notice], int]:
    """A page of them in the order they were written, after the notice `after`; and how many in all."""
    query = _addressed(token, states, now)
    total = await session.scalar(select(func.count()).select_from(query.subquery())) or 0
    if after is not None:
        last = await notice_addressed(session, token, after, states=states, now=now)
        if last is not None:
            query = query.where(tuple_(Notice.created_at, Notice.id) > (last[1].created_at, last[1].id))
    rows = await session.execute(query.order_by(Notice.created_at, Notice.id).limit(limit))
    return [row[1] for row in rows], total


async def to_be_called(session: AsyncSession, link: PlatformLink, platform: str) -> Sequence[PlatformToken]:
    """The tokens with a webhook that a notice is addressed to."""
    theirs = (
        PlatformToken.recipient_tag == link.recipient_tag,
        PlatformToken.revoked_at.is_(None),
        PlatformToken.webhook.is_not(None),
        or_(PlatformToken.platform.is_(None), PlatformToken.platform == platform),
    )
    return (await session.scalars(select(PlatformToken).where(*theirs).order_by(PlatformToken.id))).all()


async def answers_about(session: AsyncSession, notice_id: str) -> Sequence[PlatformAnswer]:
    """What the recipient of a notice answered so far, in order."""
    query = select(PlatformAnswer).where(PlatformAnswer.notice_id == notice_id)
    return (await session.scalars(query.order_by(PlatformAnswer.at, PlatformAnswer.id))).all()


async def link_about(session: AsyncSession, notice_id: str) -> PlatformLink | None:
    """The link of a notice, whether it is good or not."""
    found: PlatformLink | None = await session.scalar(select(PlatformLink).where(PlatformLink.notice_id == notice_id))
    return found


async def replies_about(session: AsyncSession, notice_id: str) -> Sequence[NoticeReply]:
    """What advocates wrote back about a notice, in order."""
    query = select(NoticeReply).where(NoticeReply.notice_id == notice_id)
    return (await session.scalars(query.order_by(NoticeReply.created_at, NoticeReply.id))).all()
