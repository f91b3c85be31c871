"""What was read of a source is told to the cases it was read for. Call these with the source locked.

Each case gets what it would have got had it been the only one: posts as far back as its first read goes, in the order
of its own reads. See docs/decisions/0051-a-source-is-told-to-each-case-apart.md.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, delete, exists, func, literal, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_selected
from db.models.case_reading import CaseMedium, CaseSource
from db.models.seen import SeenMedium
from db.models.sources import WITH_HASHES, Consent, Inspection, Source
from db.queries.consents import consenting
from db.queries.seen import usable
from db.types import UtcDateTime

CLOCKS_APART = timedelta(minutes=5)
"""What is told again to be sure, for another worker's clock may be behind. Telling it twice changes nothing."""
_MEDIUM = ("source_id", "post_id", "media_id")
_THEIRS = or_(Inspection.gone_for.is_(None), Inspection.gone_for == CaseSource.case_id)
"""That something went is a case's to know when it was found out in everybody's turn, or on its own behalf."""


async def begin_telling(
    session: AsyncSession, served: Select[str], source_id: str, *, since: datetime, now: datetime
) -> None:
    """Cases that were told nothing of this source yet have a row from now on; posts since `since` are theirs."""
    columns = ("case_id", "source_id", "since", "noted_at")
    values = (literal(source_id), literal(since, UtcDateTime), literal(now, UtcDateTime))
    rows = served.add_columns(*values).distinct()
    await insert_selected(session, CaseSource, columns, rows)


async def tell_cases(
    session: AsyncSession, served: Select[str], source: Source, *, version: str, began: datetime, now: datetime
) -> None:
    """Tell the served cases what was inspected, and what went, since they were told last.

    A case that was told nothing yet hears of everything in its window, however long ago somebody looked at it: read
    for it alone, it would have been looked at now. What was looked at and not kept is left out, for it is read again.
    """
    mine = (CaseSource.source_id == source.id, CaseSource.case_id.in_(served))
    new = await session.scalar(select(exists().where(*mine, CaseSource.told_until.is_(None))))
    oldest = await session.scalar(select(func.min(CaseSource.told_until)).where(*mine))
    if new:
        kept = exists().where(
            usable(source, version),
            SeenMedium.post_id == Inspection.post_id,
            SeenMedium.media_id == Inspection.media_id,
        )
        stands = and_(Inspection.gone_at.is_(None), or_(Inspection.outcome.not_in(WITH_HASHES), kept))
        await _tell(session, *mine, CaseSource.told_until.is_(None), or_(stands, Inspection.at >= began))
    if oldest is not None:
        # The bound of all first: the indexes know times, and not whose.
        lately = or_(Inspection.at >= oldest, Inspection.gone_at >= oldest)
        fresh = or_(Inspection.at >= CaseSource.told_until, and_(Inspection.gone_at >= CaseSource.told_until, _THEIRS))
        # What came and went between two reads that serve a case is nothing to it.
        known = exists().where(
            CaseMedium.case_id == CaseSource.case_id,
            *(getattr(CaseMedium, name) == getattr(Inspection, name) for name in _MEDIUM),
        )
        await _tell(session, *mine, lately, fresh, or_(Inspection.gone_at.is_(None), known))
    await _update(session, *mine, told_until=now - CLOCKS_APART, noted_at=now)


async def tell_of_read(session: AsyncSession, served: Select[str], source_id: str, *, now: datetime) -> None:
    """The source was read for these cases without an error."""
    mine = (CaseSource.source_id == source_id, CaseSource.case_id.in_(served))
    await _update(session, *mine, noted_at=now, read_at=now, unavailable=None, waits_until=None)


async def tell_of_failure(
    session: AsyncSession,
    served: Select[str],
    source_id: str,
    *,
    reason: str,
    now: datetime,
    waits_until: datetime | None,
) -> None:
    """The source could not be read for these cases."""
    mine = (CaseSource.source_id == source_id, CaseSource.case_id.in_(served))
    await _update(session, *mine, noted_at=now, unavailable=reason, waits_until=waits_until)


def served_by(source_id: str, now: datetime, *, case_id: str | None) -> Select[str]:
    """The cases that a read serves: all that consent to the source, or the one that it is made for."""
    query = consenting(source_id, "watch", now)
    return query if case_id is None else query.where(Consent.case_id == case_id)


async def read_for_case(session: AsyncSession, case_id: str, source_id: str) -> datetime | None:
    """When this source was last read for this case."""
    query = select(CaseSource.read_at).where(CaseSource.case_id == case_id, CaseSource.source_id == source_id)
    return await session.scalar(query)


async def forget_told(session: AsyncSession, case_id: str) -> None:
    """Drop everything that a case was told."""
    for model in (CaseMedium, CaseSource):
        await session.execute(delete(model).where(model.case_id == case_id))


async def _tell(session: AsyncSession, *conditions: ColumnElement[bool]) -> None:
    gone_at = case((_THEIRS, Inspection.gone_at), else_=None)
    rows = (
        select(CaseSource.case_id, *(getattr(Inspection, name) for name in _MEDIUM), Inspection.outcome, gone_at)
        .select_from(CaseSource)
        .join(Inspection, Inspection.source_id == CaseSource.source_id)
        .where(and_(*conditions), Inspection.posted_at >= CaseSource.since)
    )
    await insert_selected(
        session, CaseMedium, ("case_id", *_MEDIUM, "outcome", "gone_at"), rows, updating=("outcome", "gone_at")
    )


async def _update(session: AsyncSession, *mine: ColumnElement[bool], **values: object) -> None:
    await session.execute(update(CaseSource).where(*mine).values(**values).execution_options(synchronize_session=False))
