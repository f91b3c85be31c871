"""What a centre tells persons of itself: how it is reached, when, and what it asks. A lead writes it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from db.models import centres
from db.organisation_names import name_key
from db.queries.actors import AdvocateActor
from db.queries.centres import profile_rows
from db.queries.people import organisations, working_organisations
from monitor.cases.stops import leads_only
from monitor.context.context import DomainContext, SharedContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.keys.envelope import canonical_json
from monitor.model.records.centre_profile import CentreProfile, checked_profile


@dataclass(frozen=True, slots=True)
class KeptProfile:
    """A profile with its version."""

    profile: CentreProfile
    version: int
    changed_at: datetime
    changed_by: str
    """The advocate's id."""


@dataclass(frozen=True, slots=True)
class Centre:
    """A centre that works here, as everybody is told of it."""

    organisation: str
    """Its name in the installation."""
    contact: str
    """How to reach it, as the operator wrote it; what its own profile says comes first."""
    profile: CentreProfile | None
    """None: it has not written any."""


async def own_profile(session: AsyncSession, actor: AdvocateActor) -> KeptProfile | None:
    """The profile of the advocate's own centre."""
    row = await session.get(centres.CentreProfile, actor.organisation_id)
    if row is None:
        return None
    return KeptProfile(_opened(row), row.version, row.changed_at, row.changed_by)


async def set_profile(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, told: CentreProfile
) -> KeptProfile:
    """Keep a new version; the same again changes nothing. Each is whole in the installation's ledger.

    Raises RuleBroken: LEADS_ONLY, PROFILE_WORDS, PROFILE_WAYS, PROFILE_HOURS, PROFILE_LANGUAGES, PROFILE_NAME_TAKEN.
    """
    leads_only(actor)
    profile = checked_profile(told)
    await _refuse_taken(session, actor, profile)
    row = await session.get(centres.CentreProfile, actor.organisation_id)
    if row is not None and _opened(row) == profile:
        return KeptProfile(profile, row.version, row.changed_at, row.changed_by)
    if row is None:
        row = centres.CentreProfile(organisation_id=actor.organisation_id, version=0)
        session.add(row)
    row.profile, row.version = canonical_json(profile.as_json()).decode(), row.version + 1
    row.changed_at, row.changed_by = context.now(), actor.id
    await session.flush()
    facts = {"organisation": actor.organisation_id, "version": row.version, "profile": profile.as_json()}
    await context.record_installation(session, EntryKind.CENTRE_PROFILE_CHANGED, **facts)
    return KeptProfile(profile, row.version, row.changed_at, row.changed_by)


async def working_centres(session: AsyncSession, context: SharedContext) -> Sequence[Centre]:
    """Every centre that has an advocate, by name: what anybody may read."""
    kept = await profile_rows(session)
    return [
        Centre(each.name, context.contact_of(each.name), _opened(kept[each.id]) if each.id in kept else None)
        for each in await working_organisations(session)
    ]


async def _refuse_taken(session: AsyncSession, actor: AdvocateActor, profile: CentreProfile) -> None:
    """A centre must not be taken for another: people tell it their case number."""
    mine = {name_key(profile.name_ko), name_key(profile.name_en)}
    kept = await profile_rows(session)
    for home in await organisations(session):
        if home.id == actor.organisation_id:
            continue
        theirs = {name_key(home.name)}
        if home.id in kept:
            other = _opened(kept[home.id])
            theirs |= {name_key(other.name_ko), name_key(other.name_en)}
        if mine & theirs:
            raise RuleBroken(Refusal.PROFILE_NAME_TAKEN, "another centre here has this name")


def _opened(row: centres.CentreProfile) -> CentreProfile:
    return CentreProfile.opened(row.profile.encode())
