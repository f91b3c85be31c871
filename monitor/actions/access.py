"""What an actor may touch. What is not there and what is somebody else's are one refusal, raised here."""

from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.notices import Notice
from db.models.sightings import Sighting
from db.queries.actors import Actor, AdvocateActor, PersonActor
from db.queries.cases import find_case, find_case_of_fingerprint
from db.queries.notices import find_notice
from db.queries.platform_side import Beside, find_with_beside
from db.queries.sightings import find_sighting
from db.queries.tenants import SourceName
from monitor.core.errors import NotFound, RuleBroken
from monitor.core.refusals import Refusal
from monitor.model.states import CaseState

Row = TypeVar("Row")


async def get_case(session: AsyncSession, actor: Actor, case_id: str, *, lock: bool = False) -> Case:
    """A case that exists for this actor."""
    return _there(await find_case(session, actor, case_id, lock=lock))


async def get_open_case(session: AsyncSession, actor: Actor, case_id: str, *, lock: bool = False) -> Case:
    """A case whose content this actor may see and change."""
    case = await get_case(session, actor, case_id, lock=lock)
    refuse_content(actor, case)
    return case


async def get_case_of_fingerprint(
    session: AsyncSession, actor: Actor, fingerprint_id: str, *, lock: bool = False
) -> Case:
    """The case of a fingerprint, as `get_open_case`."""
    case = _there(await find_case_of_fingerprint(session, actor, fingerprint_id, lock=lock))
    refuse_content(actor, case)
    return case


async def get_sighting(
    session: AsyncSession, actor: Actor, sighting_id: str, *, lock: bool = False
) -> tuple[Sighting, SourceName, Case]:
    """A sighting that this actor sees."""
    return _there(await find_sighting(session, actor, sighting_id, lock=lock))


async def get_notice(
    session: AsyncSession, actor: Actor, notice_id: str, *, lock: bool = False
) -> tuple[Notice, Sighting, SourceName, Case]:
    """A notice that this actor sees."""
    return _there(await find_notice(session, actor, notice_id, lock=lock))


async def get_with_beside(
    session: AsyncSession, actor: Actor, notice_id: str
) -> tuple[Notice, Sighting, SourceName, Case, Beside]:
    """A notice that this actor sees, with what came in about it and what went back."""
    return _there(await find_with_beside(session, actor, notice_id))


async def get_notice_about(session: AsyncSession, sighting: Sighting, notice_id: str) -> Notice:
    """A notice about a sighting that this actor sees, and that is locked with its notices."""
    notice = await session.get(Notice, notice_id)
    return _there(notice if notice is not None and notice.sighting_id == sighting.id else None)


def is_hidden(actor: Actor, case: Case) -> bool:
    """Whether this actor sees only that there is a case: an advocate before vouching, everybody while it is erased or
    frozen."""
    if case.frozen_at is not None:
        return True
    return case.state == CaseState.ERASING or (case.state == CaseState.OPEN and isinstance(actor, AdvocateActor))


def is_elsewhere(actor: Actor, case: Case) -> bool:
    """Whether this actor is an advocate of a centre that does not have the case: they are told that it waits, and
    neither that it was put on hold nor that the centre's work is stopped."""
    return isinstance(actor, AdvocateActor) and case.organisation_id not in (None, actor.organisation_id)


def refuse_content(actor: Actor, case: Case) -> None:
    """RuleBroken unless this actor may see the content: the person before vouching too, an advocate only after."""
    if case.frozen_at is not None and not is_elsewhere(actor, case):
        raise RuleBroken(Refusal.CASE_FROZEN, "a lead of the centre froze this case; speak with them")
    if case.state == CaseState.OPEN and isinstance(actor, AdvocateActor):
        raise RuleBroken(Refusal.NOT_VOUCHED, "vouch for this case first; until then its content is the person's alone")
    if case.state == CaseState.ERASING:
        raise RuleBroken(Refusal.CASE_CLOSED, "this case is being erased; only the person can call that off")


def only_the_person(actor: Actor, detail: str = "only the person can do this, with their passphrase") -> None:
    """RuleBroken for anybody else."""
    if not isinstance(actor, PersonActor):
        raise RuleBroken(Refusal.ONLY_THE_PERSON, detail)


def _there(found: Row | None) -> Row:
    if found is None:
        raise NotFound
    return found
