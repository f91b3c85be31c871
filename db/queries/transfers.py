"""Transfers of cases as each side sees them. The other centre's side tells nothing of the case."""

from collections.abc import Sequence

from sqlalchemy import func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_rows
from db.models.cases import Case, Fingerprint
from db.models.notices import Notice, NoticeClock
from db.models.oversight import CaseTransfer
from db.models.sightings import Sighting
from db.models.sources import Alert
from db.queries.actors import AdvocateActor


async def case_elsewhere(session: AsyncSession, actor: AdvocateActor, case_id: str) -> Case | None:
    """A vouched case of another centre, for whoever was told its whole number."""
    theirs = (Case.state == "vouched", Case.organisation_id != actor.organisation_id)
    return next(iter(await lock_rows(session, select(Case).where(Case.id == case_id, *theirs))), None)


async def is_elsewhere(session: AsyncSession, actor: AdvocateActor, case_id: str) -> bool:
    """Whether another centre looks after the case with this number."""
    theirs = (Case.state == "vouched", Case.organisation_id != actor.organisation_id)
    return await session.scalar(select(Case.id).where(Case.id == case_id, *theirs)) is not None


async def transfers_of_case(session: AsyncSession, case_id: str) -> Sequence[CaseTransfer]:
    """Every transfer of a case, the oldest first."""
    query = select(CaseTransfer).where(CaseTransfer.case_id == case_id)
    return (await session.scalars(query.order_by(CaseTransfer.asked_at, CaseTransfer.id))).all()


async def standing_transfer(session: AsyncSession, case_id: str) -> CaseTransfer | None:
    """The one that was asked and not answered, over or not. The caller holds the case."""
    query = select(CaseTransfer).where(CaseTransfer.case_id == case_id, CaseTransfer.state == "asked")
    return await session.scalar(query)


async def transfers_of(
    session: AsyncSession, actor: AdvocateActor, *, limit: int, offset: int
) -> tuple[Sequence[CaseTransfer], int]:
    """A page of those that the advocate's centre is one side of, the newest first, and how many there are."""
    home = actor.organisation_id
    mine = or_(CaseTransfer.from_organisation_id == home, CaseTransfer.to_organisation_id == home)
    query = select(CaseTransfer).where(mine).order_by(CaseTransfer.asked_at.desc(), CaseTransfer.id)
    total = await session.scalar(select(func.count()).select_from(CaseTransfer).where(mine))
    return (await session.scalars(query.limit(limit).offset(offset))).all(), total or 0


async def find_transfer(session: AsyncSession, actor: AdvocateActor, transfer_id: str) -> CaseTransfer | None:
    """One that the advocate's centre is one side of."""
    home = actor.organisation_id
    mine = or_(CaseTransfer.from_organisation_id == home, CaseTransfer.to_organisation_id == home)
    return await session.scalar(select(CaseTransfer).where(CaseTransfer.id == transfer_id, mine))


async def hand_alerts_over(session: AsyncSession, case_id: str, organisation_id: str) -> None:
    """What is open of a case, its copies, notices and fingerprints is the new centre's to look at."""
    about = [select(one.id).where(one.case_id == case_id) for one in (Notice, Sighting, Fingerprint)]
    its_own = or_(Alert.subject == case_id, *(Alert.subject.in_(one) for one in about))
    mine = (its_own, Alert.organisation_id.is_not(None), Alert.resolved_at.is_(None))
    await session.execute(update(Alert).where(*mine).values(organisation_id=organisation_id, advocate_id=None))


async def hand_clocks_over(session: AsyncSession, case_id: str, advocate_id: str) -> None:
    """Clocks of notices that left run on; somebody of the new centre is in charge of them, or nobody (empty)."""
    await session.execute(update(NoticeClock).where(NoticeClock.case_id == case_id).values(advocate_id=advocate_id))
