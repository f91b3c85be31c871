"""A centre's list of places, and who said yes to all of it. Names are sealed: nothing here tells one."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.centres import ListConsent, ListPlace
from db.models.sources import Consent


def on_list(organisation_id: str) -> ColumnElement[bool]:
    """The condition that a place stands on this centre's list."""
    return and_(ListPlace.organisation_id == organisation_id, ListPlace.removed_at.is_(None))


def standing_places(organisation_id: str) -> Select[ListPlace]:
    """The places of a list, in the order they were added."""
    return select(ListPlace).where(on_list(organisation_id)).order_by(ListPlace.added_at, ListPlace.id)


async def count_places(session: AsyncSession, organisation_id: str) -> int:
    """How many stand on a list."""
    return await session.scalar(select(func.count()).select_from(ListPlace).where(on_list(organisation_id))) or 0


async def changes_since(session: AsyncSession, organisation_id: str, since: datetime) -> tuple[int, int]:
    """How many places joined a list after a moment, and how many of those that stood on it then have left it."""
    joined = and_(on_list(organisation_id), ListPlace.added_at > since)
    left = and_(ListPlace.organisation_id == organisation_id, ListPlace.added_at <= since, ListPlace.removed_at > since)
    added, removed = select(func.count()).select_from(ListPlace), select(func.count()).select_from(ListPlace)
    return await session.scalar(added.where(joined)) or 0, await session.scalar(removed.where(left)) or 0


async def only_listed(session: AsyncSession, case_id: str) -> set[str]:
    """Ids of the sources that a case has watched by the list alone: their names are not the person's to know."""
    mine = select(Consent.source_id).where(Consent.case_id == case_id)
    listed = set((await session.scalars(mine.where(Consent.list_consent_id.is_not(None)))).all())
    return listed - set((await session.scalars(mine.where(Consent.list_consent_id.is_(None)))).all())


async def list_consents_of(session: AsyncSession, case_id: str) -> Sequence[ListConsent]:
    """Everything that a person ever said yes to of lists, in order."""
    query = select(ListConsent).where(ListConsent.case_id == case_id)
    return (await session.scalars(query.order_by(ListConsent.given_at, ListConsent.purpose, ListConsent.id))).all()


async def list_consents_to(session: AsyncSession, organisation_id: str) -> Sequence[ListConsent]:
    """Everything that anybody said yes to of one centre's list and did not take back."""
    query = select(ListConsent).where(ListConsent.organisation_id == organisation_id)
    return (await session.scalars(query.where(ListConsent.withdrawn_at.is_(None)))).all()
