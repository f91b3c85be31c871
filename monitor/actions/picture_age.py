"""How old the person was in one picture: it decides for every copy of it, and stops what was meant for an adult."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, select
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
from monitor.sightings.ages_told import Ages, when_registered, when_told
from monitor.sightings.case_pictures import pictures_of
from monitor.sightings.looking_alike import Shown


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

    A copy that also shows another picture, which was said to be a minor's, stays protected by that one. An advocate may
    say that it is, or may be, a minor's: that protects. Everything else is the person's own word.
    `backfill`: the case's sources are compared anew, which is asked for before the ledger is written.
    """
    for_all = read_intake(context, case).age_group
    protects = (age or for_all).counts_as_minor
    if not isinstance(actor, PersonActor) and not (age is not None and age.counts_as_minor):
        only_the_person(actor, "only the person says that they were an adult in this picture, with their passphrase")
    before = (await _picture(session, case, fingerprint_id)).age_group
    known = await pictures_of(session, context, case.id)
    ages = when_told(known, fingerprint_id, age)
    rows = await _hold_fingerprints(session, case, {fingerprint_id, *ages.fingerprints})
    told = next(row for row in rows if row.id == fingerprint_id)
    if before == age and not ages.changed:
        await _ask_for_backfill(session, context, case, backfill)
        return AgeTold(told, StoppedForMinor())
    stood_before = await stood(session, context, case)
    told.age_group = age
    _write(rows, ages.fingerprints)
    await session.flush()
    dropped = await drop_unguarded(session, context, case)
    # Those that keep their age too: `add_fingerprint` may have them led by the picture's richer fingerprint.
    held = known.near({fingerprint_id}).copies | ages.copies.keys()
    await hold_copies(session, case, also=held)
    await _ask_for_backfill(session, context, case, backfill)
    await _write_copies(session, ages)
    stopped, young, grown = StoppedForMinor(), ages.young(for_all), ages.grown(for_all)
    if not protects:
        young -= ages.were_young(young, for_all)  # of what stays protected everybody was told
    if young:
        stopped = await stop_adult_routes(session, context, case, only=young)
    if grown:
        await take_back_the_telling(session, context, case, only=grown)
    # After the notices: the ledger is locked last.
    facts = {"fingerprint": fingerprint_id, "age_group": age}
    await context.record(session, case.id, EntryKind.PICTURE_AGE_TOLD, **facts)
    await note_dropped(session, context, case, dropped)
    if ages.were_young(grown, for_all):
        await prepare_ready(session, context, case, stood_before)
    return AgeTold(told, stopped)


async def protect_copies(
    session: AsyncSession, context: DomainContext, case: Case, shown: Shown, age: AgeGroup, *, backfill: bool
) -> StoppedForMinor:
    """A picture or video is registered as a minor's, or as one that may be: what was found of it before follows, by a
    link or by another fingerprint of the same.

    `backfill`: see `tell_age`. Call it before the ledger is written.
    """
    ages = when_registered(await pictures_of(session, context, case.id), shown, age)
    _write(await _hold_fingerprints(session, case, ages.fingerprints), ages.fingerprints)
    if ages.copies:
        await hold_copies(session, case, also=ages.copies)
    await _ask_for_backfill(session, context, case, backfill)
    if not ages.copies:
        return StoppedForMinor()
    await _write_copies(session, ages)
    return await stop_adult_routes(session, context, case, only=ages.copies)


async def _ask_for_backfill(session: AsyncSession, context: DomainContext, case: Case, wanted: bool) -> None:
    if wanted and case.state == CaseState.VOUCHED:
        await request_case_backfill(session, context, case.id)


async def _picture(session: AsyncSession, case: Case, fingerprint_id: str) -> Fingerprint:
    found = await session.get(Fingerprint, fingerprint_id)
    if found is None or found.case_id != case.id or found.removed_at is not None or found.origin != "registered":
        raise NotFound("there is no such fingerprint")
    return found


async def _hold_fingerprints(session: AsyncSession, case: Case, ids: Iterable[str]) -> Sequence[Fingerprint]:
    """These, and at once those with a box around a face, which `drop_unguarded` locks: their ids may be smaller."""
    boxed = (Fingerprint.case_id == case.id, Fingerprint.cut_out.is_not(None), Fingerprint.removed_at.is_(None))
    return await lock_rows(session, select(Fingerprint).where(Fingerprint.id.in_(sorted(ids)) | and_(*boxed)))


def _write(rows: Iterable[Fingerprint], ages: Mapping[str, str | None]) -> None:
    for row in rows:
        if row.id in ages:
            row.age_group = ages[row.id]


async def _write_copies(session: AsyncSession, ages: Ages) -> None:
    for sighting in await session.scalars(select(Sighting).where(Sighting.id.in_(ages.copies))):
        sighting.age_group = ages.copies[sighting.id]
    await session.flush()
