"""Messages as one actor may see them: a person all of their case, an advocate those of their own centre."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.messages import Message
from db.queries.actors import Actor, AdvocateActor, PersonActor


def _theirs(actor: Actor) -> ColumnElement[bool]:
    """The condition that the other side wrote it, where this actor sees it."""
    if isinstance(actor, PersonActor):
        return (Message.case_id == actor.case_id) & Message.written_by.is_not(None)
    return (Message.organisation_id == actor.organisation_id) & Message.written_by.is_(None)


async def messages_between(session: AsyncSession, actor: Actor, case_id: str) -> Sequence[Message]:
    """Every message of a case that this actor sees, in order."""
    query = select(Message).where(Message.case_id == case_id)
    if isinstance(actor, AdvocateActor):
        query = query.where(Message.organisation_id == actor.organisation_id)
    return (await session.scalars(query.order_by(Message.number))).all()


async def count_messages(
    session: AsyncSession, case_id: str, organisation_id: str, *, unread_of_person: bool = False
) -> int:
    """How many there are between the person and this centre; or how many of the person's it did not read."""
    theirs = (Message.case_id == case_id, Message.organisation_id == organisation_id)
    query = select(func.count()).select_from(Message).where(*theirs)
    if unread_of_person:
        query = query.where(Message.written_by.is_(None), Message.read_at.is_(None))
    return await session.scalar(query) or 0


async def last_message(session: AsyncSession, case_id: str) -> Message | None:
    """The latest message."""
    query = select(Message).where(Message.case_id == case_id).order_by(Message.number.desc()).limit(1)
    return (await session.scalars(query)).one_or_none()


async def mark_read(session: AsyncSession, actor: Actor, case_id: str, now: object) -> int:
    """The other side's messages count as read from now on; returns how many were new."""
    fresh = (Message.case_id == case_id, _theirs(actor), Message.read_at.is_(None))
    rows = await session.execute(update(Message).where(*fresh).values(read_at=now).returning(Message.id))
    return len(rows.all())


async def written_since(session: AsyncSession, actor: Actor, since: datetime) -> bool:
    """Whether a message that this actor has not read was written after that; as `unread_of` counts."""
    return bool((await session.execute(unread_by_case(actor).where(Message.written_at > since))).all())


async def unread_of(session: AsyncSession, actor: Actor) -> dict[str, int]:
    """By case: how many messages of the other side this actor has not read. Nothing of a case that is hidden."""
    rows = await session.execute(unread_by_case(actor))
    return {case_id: count for case_id, count in rows}  # noqa: C416  # typed as a pair


def unread_by_case(actor: Actor) -> Select[str, int]:
    """What `unread_of` asks."""
    mine = (
        Case.id == actor.case_id if isinstance(actor, PersonActor) else (Case.organisation_id == actor.organisation_id)
    )
    query = select(Message.case_id, func.count()).join(Case, Case.id == Message.case_id)
    shown = (mine, Case.state.in_(("open", "vouched")), Case.frozen_at.is_(None), _theirs(actor))
    return query.where(*shown, Message.read_at.is_(None)).group_by(Message.case_id).order_by(Message.case_id)
