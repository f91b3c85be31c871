"""Which consents are live, and what they cover: `monitor/model/consent.py` as the database asks it.

Nothing else in the tree compares the times of a consent in SQL; a test holds that both rules answer alike.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Row, Select, and_, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case, Fingerprint
from db.models.sources import Consent, Source
from db.queries.stops import at_work

_AT_A_TIME = 1000


def stands(now: datetime) -> ColumnElement[bool]:
    """The condition that a consent counts, whatever its case is: begun, not withdrawn, not over."""
    return and_(Consent.withdrawn_at.is_(None), Consent.given_at <= now, Consent.expires_at > now)


def live(now: datetime, purpose: str) -> ColumnElement[bool]:
    """The condition that a consent joined with its case is live: the case is vouched for, and the consent stands.

    What is kept for it is kept as long, whether or not its work is stopped meanwhile.
    """
    return and_(Case.id == Consent.case_id, Case.state == "vouched", Consent.purpose == purpose, stands(now))


def usable(now: datetime, purpose: str) -> ColumnElement[bool]:
    """The condition that it may be acted upon now: it is live, its person did not pause it, and the work for its case
    is not stopped or frozen."""
    return and_(live(now, purpose), Consent.paused_at.is_(None), at_work())


async def sources_to_read(session: AsyncSession, now: datetime) -> Sequence[Source]:
    """Every source that at least one live consent covers of a case whose work is not stopped."""
    covered = exists().where(Consent.source_id == Source.id, usable(now, "watch"))
    return (await session.scalars(select(Source).where(covered).order_by(Source.id))).all()


def consenting(source_id: str, purpose: str, now: datetime) -> Select[str]:
    """The ids of the cases with a live consent for this source that may be acted upon now, one for each consent."""
    return select(Consent.case_id).join(Case, usable(now, purpose)).where(Consent.source_id == source_id)


async def cases_consenting(session: AsyncSession, source_id: str, purpose: str, now: datetime) -> set[str]:
    """Ids of the cases with a live consent for this source that may be acted upon now."""
    return set((await session.scalars(consenting(source_id, purpose, now))).all())


async def consents(session: AsyncSession, *, case_id: str, source_id: str, purpose: str, now: datetime) -> bool:
    """Does this case consent to this purpose at this source, now, and is its work not stopped?"""
    return case_id in await cases_consenting(session, source_id, purpose, now)


async def sources_consented(
    session: AsyncSession, case_id: str, purpose: str, now: datetime, *, paused: bool = False
) -> set[str]:
    """Ids of the sources that a live consent of this case covers which its person did not pause. `paused`: those too
    that they did."""
    query = select(Consent.source_id).join(Case, live(now, purpose)).where(Consent.case_id == case_id)
    if not paused:
        query = query.where(Consent.paused_at.is_(None))
    return set((await session.scalars(query)).all())


async def watched_sources(session: AsyncSession, source_ids: Sequence[str], now: datetime) -> set[str]:
    """Which of these sources at least one live consent to watch covers. A paused one keeps what was kept of them."""
    query = select(Consent.source_id).join(Case, live(now, "watch")).where(Consent.source_id.in_(source_ids))
    return set((await session.scalars(query)).all())


def in_use() -> ColumnElement[bool]:
    """The condition that a fingerprint is compared: neither removed nor in quarantine."""
    return and_(Fingerprint.removed_at.is_(None), Fingerprint.quarantined_at.is_(None))


async def fingerprints_to_compare(
    session: AsyncSession, source_id: str, now: datetime, *, case_id: str | None = None
) -> Sequence[tuple[str, str]]:
    """Id and set name, with its cut-out's version, of the fingerprints whose owner consents to this source; of one case
    only, where it is named.

    Nothing sealed is read: who holds them opened asks only for those that are new.
    """
    mine = select(Consent.case_id).join(Case, usable(now, "watch")).where(Consent.source_id == source_id)
    if case_id is not None:
        mine = mine.where(Consent.case_id == case_id)
    columns = (Fingerprint.id, Fingerprint.set_name, Fingerprint.cut_out)
    query = select(*columns).where(Fingerprint.case_id.in_(mine), in_use())
    rows = await session.execute(query.order_by(Fingerprint.id))
    return [(row_id, named_set(set_name, cut_out)) for row_id, set_name, cut_out in rows]


def named_set(set_name: str, cut_out: str | None) -> str:
    """The name of what is compared: a cut-out that joins, or is taken back, makes it another."""
    return set_name if cut_out is None else f"{set_name}+{cut_out}"


async def uses_cut_outs(session: AsyncSession, source_id: str, now: datetime) -> bool:
    """Whether any fingerprint that may be compared with this source has a cut-out."""
    mine = select(Consent.case_id).join(Case, usable(now, "watch")).where(Consent.source_id == source_id)
    query = select(Fingerprint.id).where(Fingerprint.case_id.in_(mine), in_use(), Fingerprint.cut_out.is_not(None))
    return await session.scalar(query.limit(1)) is not None


async def fingerprints_with(session: AsyncSession, ids: Sequence[str]) -> Sequence[Fingerprint]:
    """Fingerprints by id, so many at a time that no database minds."""
    rows: list[Fingerprint] = []
    for start in range(0, len(ids), _AT_A_TIME):
        query = select(Fingerprint).where(Fingerprint.id.in_(ids[start : start + _AT_A_TIME]))
        rows += (await session.scalars(query.order_by(Fingerprint.id))).all()
    return rows


async def was_withdrawn(session: AsyncSession, *, case_id: str, source_id: str, now: datetime) -> bool:
    """Did the person take back their latest consent to watch this source? One that merely ended does not count, nor
    does a list that was taken back where they named the source themselves, or the other way round."""
    mine = (Consent.case_id == case_id, Consent.source_id == source_id, Consent.purpose == "watch")
    return (case_id, source_id) in _taken_back((await session.execute(_begun(now).where(*mine))).all())


async def withdrawn_sources(session: AsyncSession, organisation_id: str, now: datetime) -> set[tuple[str, str]]:
    """Case and source of every consent to watch of which `was_withdrawn` would say yes, of one organisation."""
    query = _begun(now).join(Case, Case.id == Consent.case_id)
    query = query.where(Case.organisation_id == organisation_id, Consent.purpose == "watch")
    return _taken_back((await session.execute(query)).all())


def _begun(now: datetime) -> Select[str, str, bool, bool, bool]:
    """Case, source, whether it was withdrawn, whether it is of a list, whether it stands; the last one said last."""
    withdrawn, listed = Consent.withdrawn_at.is_not(None), Consent.list_consent_id.is_not(None)
    query = select(Consent.case_id, Consent.source_id, withdrawn, listed, stands(now))
    order = (Consent.given_at, Consent.withdrawn_at.is_(None), listed)
    return query.where(or_(withdrawn, Consent.given_at <= now)).order_by(*order)


def _taken_back(rows: Sequence[Row[str, str, bool, bool, bool]]) -> set[tuple[str, str]]:
    latest: dict[tuple[str, str], tuple[bool, bool]] = {}
    standing: dict[tuple[str, str], set[bool]] = {}
    for case_id, source_id, withdrawn, listed, counts in rows:
        latest[case_id, source_id] = (bool(withdrawn), bool(listed))
        if counts:
            standing.setdefault((case_id, source_id), set()).add(bool(listed))
    return {
        one for one, (withdrawn, listed) in latest.items() if withdrawn and (not listed) not in standing.get(one, set())
    }


async def watched_by_name(session: AsyncSession, case_id: str, now: datetime) -> set[str]:
    """Ids of the sources that the person named themselves and says yes to watching."""
    mine = (Consent.case_id == case_id, Consent.purpose == "watch", Consent.list_consent_id.is_(None))
    return set((await session.scalars(select(Consent.source_id).where(*mine, stands(now)))).all())


async def withdraw_listed(session: AsyncSession, list_consent_ids: Sequence[str], now: datetime) -> None:
    """Everything that follows from these yeses to a list is taken back."""
    mine = (Consent.list_consent_id.in_(list_consent_ids), Consent.withdrawn_at.is_(None))
    await session.execute(update(Consent).where(*mine).values(withdrawn_at=now))


async def end_listed(
    session: AsyncSession, list_consent_ids: Sequence[str], now: datetime, *, source_id: str | None = None
) -> None:
    """What follows from these yeses to a list (at one source) ends now: nobody took it back."""
    mine = (Consent.list_consent_id.in_(list_consent_ids), stands(now))
    query = update(Consent).where(*mine).values(expires_at=now)
    await session.execute(query if source_id is None else query.where(Consent.source_id == source_id))


async def sources_listed(session: AsyncSession, list_consent_ids: Sequence[str]) -> set[str]:
    """Ids of the sources that these yeses to a list cover, or did."""
    query = select(Consent.source_id).where(Consent.list_consent_id.in_(list_consent_ids))
    return set((await session.scalars(query)).all())


async def not_withdrawn(session: AsyncSession, like: Consent) -> Sequence[Consent]:
    """This consent and those of the same case to the same purpose at the same source that nobody took back."""
    query = select(Consent).where(
        Consent.case_id == like.case_id,
        Consent.source_id == like.source_id,
        Consent.purpose == like.purpose,
        Consent.withdrawn_at.is_(None),
    )
    return (await session.scalars(query.order_by(Consent.id))).all()


async def consents_of_case(session: AsyncSession, case_id: str) -> Sequence[Consent]:
    """Every consent of a case that was not withdrawn, whether it is over or not."""
    return (
        await session.scalars(select(Consent).where(Consent.case_id == case_id, Consent.withdrawn_at.is_(None)))
    ).all()
