"""How old the person was in one picture: it decides for every copy of it, and stops what was meant for an adult."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_rows
from db.models.cases import Case, Fingerprint
from db.models.sightings import Sighting
from db.queries.actors import Actor, PersonActor
from monitor.actions.access import only_the_person
from monitor.actions.copies import stood
from monitor.actions.prepare_ready import hold_copies, prepare_ready
from monitor.cases.cut_outs import drop_unguarded, note_dropped
from monitor.cases.intake import read_intake
from monitor.context.context import DomainContext
from monitor.core.errors import NotFound
from monitor.evidence.entry_kinds import EntryKind
from monitor.history.backfill import request_case_backfill
from monitor.model.facts import AgeGroup
from monitor.model.states import CaseState
from monitor.notices.under_age import StoppedForMinor, stop_adult_routes, take_back_the_telling
from monitor.sightings.age import YOUNG, most_protective
from monitor.sightings.family import family_of, family_of_code


@dataclass(frozen=True, slots=True)
class AgeTold:
    """The picture as it stands now, and what its new age moved."""

    fingerprint: Fingerprint
    for_adults: StoppedForMinor


async def tell_age(
    session: AsyncSession,
    context: DomainContext,
    case: Case,
    actor: Actor,
    fingerprint_id: str,
    age: AgeGroup | None,
    *,
    backfill: bool = False,
) -> AgeTold:
    """From now on `age` counts for this picture and its copies, however they came; None: the intake's answer for all.

    An advocate may say that it is, or may be, a minor's: that protects. Everything else is the person's own word.
    `backfill`: the case's sources are compared anew, which is asked for before the ledger is written.
    """
    answer_for_all = read_intake(context, case).age_group
    if not isinstance(actor, PersonActor) and not (age is not None and age.counts_as_minor):
        only_the_person(actor, "only the person says that they were an adult in this picture, with their passphrase")
    family = await family_of(session, context, await _picture(session, case, fingerprint_id))
    copies = family.copies
    if age is None or not age.counts_as_minor:
        copies -= await _told_otherwise(session, copies, family.fingerprints)
    rows = await lock_rows(session, select(Fingerprint).where(Fingerprint.id.in_(family.fingerprints)))
    told = next(row for row in rows if row.id == fingerprint_id)
    before = told.age_group
    if before == age and await _known_to_all(session, rows, copies, age):
        await _ask_for_backfill(session, context, case, backfill)
        return AgeTold(told, StoppedForMinor())
    stood_before = await stood(session, context, case)
    for row in rows:
        row.age_group = age
    await session.flush()
    dropped = await drop_unguarded(session, context, case)
    await hold_copies(session, case, also=copies)
    await _ask_for_backfill(session, context, case, backfill)
    for sighting in await session.scalars(select(Sighting).where(Sighting.id.in_(copies))):
        sighting.age_group = age
    await session.flush()
    was, now = (AgeGroup(before) if before else answer_for_all), age or answer_for_all
    stopped = StoppedForMinor()
    if now.counts_as_minor:
        stopped = await stop_adult_routes(session, context, case, only=copies)
    elif was.counts_as_minor:
        await take_back_the_telling(session, context, case, only=copies)
    # After the notices: the ledger is locked last.
    facts = {"fingerprint": fingerprint_id, "age_group": age}
    await context.record(session, case.id, EntryKind.PICTURE_AGE_TOLD, **facts)
    await note_dropped(session, context, case, dropped)
    if was.counts_as_minor and not now.counts_as_minor:
        await prepare_ready(session, context, case, stood_before)
    return AgeTold(told, stopped)


async def protect_copies(
    session: AsyncSession, context: DomainContext, case: Case, code: bytes, age: AgeGroup, *, backfill: bool
) -> StoppedForMinor:
    """A picture is registered as a minor's, or as one that may be: what was found of it before, by a link, follows.

    `code`: of the whole picture; `backfill`: see `tell_age`. Call it before the ledger is written.
    """
    family = await family_of_code(session, context, case.id, code)
    for row in await lock_rows(session, select(Fingerprint).where(Fingerprint.id.in_(family.fingerprints))):
        row.age_group = most_protective((row.age_group, age))
    if family.copies:
        await hold_copies(session, case, also=family.copies)
    await _ask_for_backfill(session, context, case, backfill)
    if not family.copies:
        return StoppedForMinor()
    for sighting in await session.scalars(select(Sighting).where(Sighting.id.in_(family.copies))):
        sighting.age_group = most_protective((sighting.age_group, age))
    await session.flush()
    return await stop_adult_routes(session, context, case, only=family.copies)


async def _ask_for_backfill(session: AsyncSession, context: DomainContext, case: Case, wanted: bool) -> None:
    if wanted and case.state == CaseState.VOUCHED:
        await request_case_backfill(session, context, case.id)


async def _picture(session: AsyncSession, case: Case, fingerprint_id: str) -> Fingerprint:
    found = await session.get(Fingerprint, fingerprint_id)
    if found is None or found.case_id != case.id or found.removed_at is not None or found.origin != "registered":
        raise NotFound("there is no such fingerprint")
    return found


async def _known_to_all(
    session: AsyncSession, rows: Sequence[Fingerprint], copies: frozenset[str], age: AgeGroup | None
) -> bool:
    """Whether every row of the family has it already: an older program did not reach all of them."""
    ages = set(await session.scalars(select(Sighting.age_group).where(Sighting.id.in_(copies)).distinct()))
    return ages | {row.age_group for row in rows} <= {age}


async def _told_otherwise(session: AsyncSession, copies: frozenset[str], family: frozenset[str]) -> frozenset[str]:
    """Copies that another registered picture fits, of which it was said that it is, or may be, a minor's."""
    query = select(Sighting.id).join(Fingerprint, Fingerprint.id == Sighting.fingerprint_id)
    query = query.where(Sighting.id.in_(copies), Fingerprint.id.not_in(family), Fingerprint.age_group.in_(YOUNG))
    return frozenset(await session.scalars(query))
