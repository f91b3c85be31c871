"""Which consents are live, and what they cover."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case, Fingerprint
from db.models.sources import Consent, Source


def live(now: datetime, purpose: str) -> ColumnElement[bool]:
    """The condition that a consent joined with its case is live: vouched, not withdrawn, not over."""
    return and_(
        Case.id == Consent.case_id,
        Case.state == "vouched",
        Consent.purpose == purpose,
        Consent.withdrawn_at.is_(None),
        Consent.given_at <= now,
        Consent.expires_at > now,
    )


async def sources_to_read(session: AsyncSession, now: datetime) -> Sequence[Source]:
    """Every source that at least one live consent covers."""
    covered = exists().where(Consent.source_id == Source.id, live(now, "watch"))
    return (await session.scalars(select(Source).where(covered).order_by(Source.id))).all()


async def cases_consenting(session: AsyncSession, source_id: str, purpose: str, now: datetime) -> set[str]:
    """Ids of the cases with a live consent for this source."""
    query = select(Consent.case_id).join(Case, live(now, purpose)).where(Consent.source_id == source_id)
    return set((await session.scalars(query)).all())


async def consents(session: AsyncSession, *, case_id: str, source_id: str, purpose: str, now: datetime) -> bool:
    """Does this case consent to this purpose at this source, now?"""
    return case_id in await cases_consenting(session, source_id, purpose, now)


async def fingerprints_to_compare(
    session: AsyncSession, source_id: str, now: datetime, *, case_id: str | None = None
) -> Sequence[Fingerprint]:
    """Fingerprints whose owner consents to this source; of one case only, where it is named."""
    cases = await cases_consenting(session, source_id, "watch", now)
    if case_id is not None:
        cases &= {case_id}
    query = select(Fingerprint).where(Fingerprint.case_id.in_(cases), Fingerprint.removed_at.is_(None))
    return (await session.scalars(query.order_by(Fingerprint.id))).all()


async def was_withdrawn(session: AsyncSession, *, case_id: str, source_id: str) -> bool:
    """Did the person take back their latest consent to watch this source? One that merely ended does not count."""
    query = (
        select(Consent.withdrawn_at)
        .where(Consent.case_id == case_id, Consent.source_id == source_id, Consent.purpose == "watch")
        .order_by(Consent.given_at.desc(), Consent.withdrawn_at.is_(None).desc())
        .limit(1)
    )
    return await session.scalar(query) is not None
