"""Somebody's watch grew: what a source showed before must be compared with it too, as far back as a first look goes."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.sources import Consent, Source
from monitor.cases.state import Purpose
from monitor.desk import Desk


async def look_back(session: AsyncSession, desk: Desk, source_ids: Iterable[str]) -> None:
    """Let the next crawl of these sources read again what it has read already. Nothing of other people's is kept.

    The rows are locked before the time is taken: a crawl that was compared without the new fingerprint is older.
    Call it before the transaction's first ledger entry: a crawl locks its source first, then the cases' ledgers.
    """
    query = select(Source).where(Source.id.in_(set(source_ids))).order_by(Source.id).with_for_update(key_share=True)
    sources = (await session.scalars(query)).all()
    now = desk.now()
    for source in sources:
        source.look_back_at = now
    await session.flush()


async def look_back_for(session: AsyncSession, desk: Desk, case_id: str) -> None:
    """The same for every source that a case consents to."""
    query = select(Consent.source_id).where(
        Consent.case_id == case_id,
        Consent.purpose == Purpose.WATCH,
        Consent.withdrawn_at.is_(None),
        Consent.expires_at > desk.now(),
    )
    await look_back(session, desk, (await session.scalars(query)).all())
