"""How old the person was in one picture: it decides for every copy of it, and stops what was meant for an adult."""

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
from monitor.model.facts import AgeGroup
from monitor.notices.under_age import StoppedForMinor, stop_adult_routes, take_back_the_telling


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
) -> AgeTold:
    """From now on `age` counts for this picture and its copies; None: the intake's answer for all pictures.

    An advocate may say that it is, or may be, a minor's: that protects. Everything else is the person's own word.
    """
    answer_for_all = read_intake(context, case).age_group
    if not isinstance(actor, PersonActor) and not (age is not None and age.counts_as_minor):
        only_the_person(actor, "only the person says that they were an adult in this picture, with their passphrase")
    fingerprints, copies = await _whole_family(session, case, fingerprint_id)
    rows = await lock_rows(session, select(Fingerprint).where(Fingerprint.id.in_(fingerprints)))
    told = next(row for row in rows if row.id == fingerprint_id)
    before = told.age_group
    if before == age:
        return AgeTold(told, StoppedForMinor())
    stood_before = await stood(session, context, case)
    for row in rows:
        row.age_group = age
    await session.flush()
    dropped = await drop_unguarded(session, context, case)
    await hold_copies(session, case, also=copies)
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


async def _whole_family(session: AsyncSession, case: Case, fingerprint_id: str) -> tuple[set[str], set[str]]:
    """The picture with every copy that it led to, and what joined from those: ids of fingerprints and of sightings."""
    first = await session.get(Fingerprint, fingerprint_id)
    if first is None or first.case_id != case.id or first.removed_at is not None or first.origin != "registered":
        raise NotFound("there is no such fingerprint")
    fingerprints, copies, new = {first.id}, set[str](), {first.id}
    while new:
        found = select(Sighting.id).where(Sighting.case_id == case.id, Sighting.fingerprint_id.in_(new))
        fresh = set(await session.scalars(found)) - copies
        copies |= fresh
        joined = select(Fingerprint.id).where(Fingerprint.case_id == case.id, Fingerprint.sighting_id.in_(fresh))
        new = set(await session.scalars(joined)) - fingerprints
        fingerprints |= new
    return fingerprints, copies
