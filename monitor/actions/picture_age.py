"""How old the person was in one picture: it decides for every copy of it, and stops what was meant for an adult."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_rows
from db.models.cases import Case, Fingerprint
from db.models.sightings import Sighting
from db.queries.actors import Actor, PersonActor
from db.types import new_id
from monitor.actions.access import only_the_person
from monitor.actions.copies import Stood, stood
from monitor.actions.prepare_ready import hold_copies, prepare_ready
from monitor.cases.cut_outs import drop_unguarded, note_dropped
from monitor.cases.fingerprints import remove_fingerprint
from monitor.cases.intake import read_intake
from monitor.context.context import DomainContext
from monitor.core.errors import NotFound
from monitor.evidence.entry_kinds import EntryKind
from monitor.history.backfill import request_case_backfill
from monitor.model.facts import AgeGroup
from monitor.model.states import CaseState
from monitor.notices.under_age import StoppedForMinor, stop_adult_routes, take_back_the_telling
from monitor.sightings.age import YOUNG
from monitor.sightings.age_found import still_protected
from monitor.sightings.ages_told import Ages, when_asked, when_registered, when_removed, when_told
from monitor.sightings.case_pictures import asked_of
from monitor.sightings.family import CasePictures, Picture
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
    ages = await _asked_anew(session, context, case, lambda known: when_told(known, fingerprint_id, age))
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
    await hold_copies(session, case, also=ages.near | ages.copies.keys())
    await _ask_for_backfill(session, context, case, backfill)
    stopped = await _reach(session, context, case, ages, protects=protects)
    # After the notices: the ledger is locked last.
    facts = {"fingerprint": fingerprint_id, "age_group": age}
    await context.record(session, case.id, EntryKind.PICTURE_AGE_TOLD, **facts)
    await note_dropped(session, context, case, dropped)
    if ages.were_young(ages.grown(for_all), for_all):
        await prepare_ready(session, context, case, stood_before)
    return AgeTold(told, stopped)


async def protect_copies(
    session: AsyncSession, context: DomainContext, case: Case, shown: Shown, age: AgeGroup, *, backfill: bool
) -> StoppedForMinor:
    """A picture or video is registered as a minor's, or as one that may be: what was found of it before follows, by a
    link or by another fingerprint of the same.

    `backfill`: see `tell_age`. Call it before the ledger is written.
    """
    ages = await asked_of(session, context, case.id, lambda known: when_registered(known, shown, age))
    return await write_protection(session, context, case, ages, backfill=backfill)


async def write_protection(
    session: AsyncSession, context: DomainContext, case: Case, ages: Ages, *, backfill: bool = False
) -> StoppedForMinor:
    """All of these ages protect. The caller holds the case, and has not written its ledger."""
    _write(await _hold_fingerprints(session, case, ages.fingerprints), ages.fingerprints)
    if ages.copies:
        await hold_copies(session, case, also=ages.copies)
    await _ask_for_backfill(session, context, case, backfill)
    return await _reach(session, context, case, ages, protects=True) if ages.copies else StoppedForMinor()


async def free_copies(
    session: AsyncSession, context: DomainContext, case: Case, shown: Shown, *, backfill: bool
) -> Stood | None:
    """The person registers a picture or video in which they were an adult: what was found of it before follows, by a
    link, or by one that was removed since.

    How the copies stood until then, for `prepare_ready` once the picture is registered; None: no more may be written.
    `backfill`: see `tell_age`. Call it before the ledger is written.
    """
    new = Picture(new_id(), "registered", None, None, shown)
    ask = partial(when_told, picture_id=new.id, age=AgeGroup.ADULT)
    ages = await _asked_anew(session, context, case, ask, also=[new])
    return await _let_go(session, context, case, ages, ages.fingerprints, backfill=backfill)


async def remove_picture(
    session: AsyncSession, context: DomainContext, case: Case, actor: Actor, fingerprint_id: str
) -> None:
    """`remove_fingerprint`; of one that was said to be a minor's, what the person says of the very same, where another
    one of theirs shows it, counts from now on for its copies. Nothing that an advocate removes lets any of them go.

    Raises NotFound. Call it with the case locked.
    """
    row = await session.get(Fingerprint, fingerprint_id)
    told = row is not None and row.case_id == case.id and row.origin == "registered" and row.age_group in YOUNG
    stood_before = None
    if row is not None and told and row.removed_at is None and isinstance(actor, PersonActor):
        ages = await _asked_anew(session, context, case, partial(when_removed, picture_id=row.id))
        stood_before = await _let_go(session, context, case, ages, {row.id, *ages.fingerprints}, backfill=False)
    await remove_fingerprint(session, context, case, fingerprint_id)
    if stood_before is not None:
        await prepare_ready(session, context, case, stood_before)


async def _let_go(
    session: AsyncSession, context: DomainContext, case: Case, ages: Ages, held: Iterable[str], *, backfill: bool
) -> Stood | None:
    """Write what follows from an adult's age. How the copies stood until then, where more may be written now. `held`:
    fingerprints that are locked for it."""
    if not ages.changed:
        await _ask_for_backfill(session, context, case, backfill)
        return None
    stood_before, for_all = await stood(session, context, case), read_intake(context, case).age_group
    _write(await _hold_fingerprints(session, case, held), ages.fingerprints)
    await hold_copies(session, case, also=ages.copies)
    await _ask_for_backfill(session, context, case, backfill)
    await _reach(session, context, case, ages, protects=False)
    return stood_before if ages.were_young(ages.grown(for_all), for_all) else None


async def _asked_anew(
    session: AsyncSession,
    context: DomainContext,
    case: Case,
    ask: Callable[[CasePictures], Ages],
    *,
    also: Sequence[Picture] = (),
) -> Ages:
    """Copies that a part of the picture protected are let go as well, unless another one protects them."""
    ages = await asked_of(session, context, case.id, ask, also=also)
    if not (ages.asked or ages.freed):
        return ages
    return when_asked(ages, await still_protected(session, context, case.id, ages))


async def _reach(
    session: AsyncSession, context: DomainContext, case: Case, ages: Ages, *, protects: bool
) -> StoppedForMinor:
    """Write the copies' ages and what follows for their notices, all of which are held. `protects`: by the new age."""
    for_all = read_intake(context, case).age_group
    for sighting in await session.scalars(select(Sighting).where(Sighting.id.in_(ages.copies))):
        sighting.age_group = ages.copies[sighting.id]
    await session.flush()
    stopped, young, grown = StoppedForMinor(), ages.young(for_all), ages.grown(for_all)
    if not protects:
        young -= ages.were_young(young, for_all)  # of what stays protected everybody was told
    if young:
        stopped = await stop_adult_routes(session, context, case, only=young)
    if grown:
        await take_back_the_telling(session, context, case, only=grown)
    return stopped


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
