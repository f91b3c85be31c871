"""Notices as one actor may see them: an advocate those of vouched cases, a person those about released copies."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from db.locking import lock_one, lock_rows
from db.models.cases import Case
from db.models.mailboxes import NoticeMail
from db.models.notices import Escalation, Letter, Notice
from db.models.platform_side import NoticeReply
from db.models.sightings import Sighting
from db.models.sources import Source
from db.queries.actors import Actor
from db.queries.sightings import visible
from db.queries.tenants import SOURCE_NAME, SourceName


def visible_notices(actor: Actor) -> Select[Notice, Sighting, SourceName, Case]:
    """The notices that this actor sees, each with its sighting, source and case."""
    query = select(Notice, Sighting, SOURCE_NAME, Case).select_from(Notice)
    query = query.join(Sighting, Sighting.id == Notice.sighting_id)
    return query.join(Source, Source.id == Sighting.source_id).join(Case, visible(actor))


def not_bounced() -> ColumnElement[bool]:
    """The condition of a notice that is not known to have come back: its copy may have been gone by then."""
    return ~func.coalesce(Notice.reason, "").like("bounced-%")


def of_one_message(notice_id: str) -> ColumnElement[bool]:
    """The condition of a notice, of the one whose message carries it, and of all that this carries."""
    asked = aliased(Notice)
    lead = select(func.coalesce(asked.together_id, asked.id)).where(asked.id == notice_id).scalar_subquery()
    return (Notice.id == lead) | (Notice.together_id == lead)


async def lock_message(session: AsyncSession, notice_id: str) -> tuple[Notice, Sequence[Notice]]:
    """A notice, and all of its message with it, locked in the order of their ids. Raises NoResultFound."""
    rows = await lock_rows(session, select(Notice).where(of_one_message(notice_id)))
    found = next((row for row in rows if row.id == notice_id), None)
    # Between the question and the lock it may have been taken apart.
    return (await lock_one(session, Notice, notice_id), rows) if found is None else (found, rows)


async def find_notice(
    session: AsyncSession, actor: Actor, notice_id: str, *, lock: bool = False
) -> tuple[Notice, Sighting, SourceName, Case] | None:
    """One notice and what it is about; `lock` keeps the sender and other advocates away until the transaction ends."""
    query = visible_notices(actor).where(Notice.id == notice_id)
    if lock:
        mine = select(Notice).join(Sighting, Sighting.id == Notice.sighting_id).join(Case, visible(actor))
        await lock_rows(session, mine.where(of_one_message(notice_id)))
    found = (await session.execute(query)).one_or_none()
    return None if found is None else (found[0], found[1], found[2], found[3])


async def lock_messages(session: AsyncSession, actor: Actor, notice_ids: Collection[str]) -> Sequence[Notice]:
    """Notices that this actor sees, and all that goes in one message with any of them, locked in order."""
    asked = aliased(Notice)
    leads = select(func.coalesce(asked.together_id, asked.id)).where(asked.id.in_(notice_ids))
    mine = select(Notice).join(Sighting, Sighting.id == Notice.sighting_id).join(Case, visible(actor))
    return await lock_rows(session, mine.where(Notice.id.in_(leads) | Notice.together_id.in_(leads)))


async def notices_alike(session: AsyncSession, actor: Actor, notice: Notice) -> Sequence[tuple[Notice, Sighting]]:
    """The other notices of its case by its route, in its state and about its source: each that carries itself."""
    source = select(Sighting.source_id).where(Sighting.id == notice.sighting_id).scalar_subquery()
    query = select(Notice, Sighting).join(Sighting, Sighting.id == Notice.sighting_id).join(Case, visible(actor))
    alike = (Notice.case_id == notice.case_id, Notice.route == notice.route, Notice.state == notice.state)
    query = query.where(*alike, Sighting.source_id == source, Notice.id != notice.id, Notice.together_id.is_(None))
    rows = await session.execute(query.order_by(Notice.created_at, Notice.id).limit(100))
    return [(found, sighting) for found, sighting in rows]


async def notices_of(
    session: AsyncSession,
    actor: Actor,
    *,
    case_id: str | None = None,
    state: str | None = None,
    limit: int = 1000,
    after: str | None = None,
    offset: int = 0,
) -> tuple[Sequence[tuple[Notice, Sighting]], int]:
    """A page in the order they were written, after the notice `after` or `offset` rows on; and how many in all."""
    mine: ColumnElement[bool] = visible(actor)
    if case_id is not None:
        mine &= Notice.case_id == case_id
    if state is not None:
        mine &= Notice.state == state
    query = select(Notice, Sighting).join(Sighting, Sighting.id == Notice.sighting_id).join(Case, mine)
    if after is not None:
        last = await find_notice(session, actor, after)
        if last is not None:
            query = query.where(tuple_(Notice.created_at, Notice.id) > (last[0].created_at, last[0].id))
    rows = await session.execute(query.order_by(Notice.created_at, Notice.id).limit(limit).offset(offset))
    count = select(func.count()).select_from(Notice).join(Sighting, Sighting.id == Notice.sighting_id).join(Case, mine)
    return [(notice, sighting) for notice, sighting in rows], await session.scalar(count) or 0


async def states_of(session: AsyncSession, actor: Actor, case_id: str) -> dict[str, str]:
    """The states of a case's notices that this actor sees, by id."""
    query = select(Notice.id, Notice.state).join(Sighting, Sighting.id == Notice.sighting_id)
    rows = await session.execute(query.join(Case, visible(actor)).where(Notice.case_id == case_id))
    return {notice_id: state for notice_id, state in rows}  # noqa: C416  # typed as a pair


async def escalations_of(session: AsyncSession, notice_id: str) -> Sequence[Escalation]:
    """The steps that were prepared for a notice, in order."""
    query = select(Escalation).where(Escalation.notice_id == notice_id)
    return (await session.scalars(query.order_by(Escalation.prepared_at, Escalation.step))).all()


async def mails_about(session: AsyncSession, notice_id: str) -> Sequence[NoticeMail]:
    """What came into the operator's mailbox about a notice, in order."""
    query = select(NoticeMail).where(NoticeMail.notice_id == notice_id)
    return (await session.scalars(query.order_by(NoticeMail.at, NoticeMail.id))).all()


async def mail_stopped(
    session: AsyncSession, notice_ids: Collection[str], reasons: Collection[str]
) -> dict[str, list[tuple[str, str]]]:
    """By notice what would have followed it by mail and was stopped for one of these reasons: what it was (the purpose
    of a letter, or `reply`), and why. In order."""
    letters = select(Letter.notice_id, Letter.purpose, Letter.reason, Letter.created_at)
    letters = letters.where(Letter.state == "withdrawn", Letter.reason.in_(reasons), Letter.notice_id.in_(notice_ids))
    replies = select(NoticeReply.notice_id, literal("reply"), NoticeReply.reason, NoticeReply.created_at)
    replies = replies.where(NoticeReply.state == "failed", NoticeReply.reason.in_(reasons))
    replies = replies.where(NoticeReply.notice_id.in_(notice_ids))
    found: dict[str, list[tuple[str, str]]] = {}
    rows = (await session.execute(letters.union_all(replies))).all()
    for notice_id, what, reason, _ in sorted(rows, key=lambda row: row[3]):
        found.setdefault(notice_id, []).append((what, reason or ""))
    return found


async def notices_of_item(session: AsyncSession, actor: Actor, sighting_id: str) -> Sequence[Notice]:
    """The notices about the copies of the item that a sighting belongs to, as far as this actor sees them."""
    known = aliased(Sighting)
    same = select(func.coalesce(known.alike_id, known.id)).where(known.id == sighting_id).scalar_subquery()
    query = select(Notice).join(Sighting, Sighting.id == Notice.sighting_id).join(Case, visible(actor))
    query = query.where(func.coalesce(Sighting.alike_id, Sighting.id) == same)
    return (await session.scalars(query.order_by(Notice.created_at, Notice.id))).all()
