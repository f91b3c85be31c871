"""The person pauses the reading of a place, or of all, and lets it go on: a consent that rests stands, and covers
nothing meanwhile.

What is kept for it stays, and its time runs. What was posted meanwhile is looked at when it goes on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_rows
from db.models.cases import Case
from db.models.sources import Consent, Source
from db.queries.actors import Actor
from db.queries.consents import sources_consented
from db.queries.tenants import CaseTenant, TenantSource, consents_of
from monitor.actions.access import only_the_person
from monitor.actions.go_on import go_on
from monitor.context.context import DomainContext
from monitor.core.errors import NotFound
from monitor.evidence.entry_kinds import EntryKind
from monitor.history.backfill import request_backfill
from monitor.model.consent import stands
from monitor.model.states import CaseState, Purpose


@dataclass(frozen=True, slots=True)
class Place:
    """A place that the person agreed to, with every purpose that stands."""

    source: TenantSource
    consents: tuple[Consent, ...] = field(repr=False)
    """One a purpose: the one that ends last."""

    @property
    def paused_at(self) -> datetime | None:
        """Since when nothing is read there; None while something may be."""
        paused = [one.paused_at for one in self.consents if one.paused_at is not None]
        return min(paused) if len(paused) == len(self.consents) else None


async def places_of(session: AsyncSession, context: DomainContext, case: Case) -> Sequence[Place]:
    """Every place of which a consent stands, in the order of its first yes."""
    now = context.now()
    found: dict[str, tuple[TenantSource, dict[str, Consent]]] = {}
    for consent, source in await consents_of(session, CaseTenant(case.id)):
        if not stands(consent, now).allowed:
            continue
        _, by_purpose = found.setdefault(source.name.id, (source, {}))
        known = by_purpose.get(consent.purpose)
        if known is None or consent.expires_at > known.expires_at:
            by_purpose[consent.purpose] = consent
    return [
        Place(source, tuple(by_purpose[purpose] for purpose in Purpose if purpose in by_purpose))
        for source, by_purpose in found.values()
    ]


async def sources_followed(session: AsyncSession, context: DomainContext, case: Case) -> set[str]:
    """Ids of the sources where reported copies may be looked at again: the person's yes to that stands, and does not
    rest."""
    return await sources_consented(session, case.id, Purpose.FOLLOW, context.now())


async def pause_watching(
    session: AsyncSession, context: DomainContext, case: Case, actor: Actor, source_id: str | None
) -> None:
    """Nothing is read there from now on; `source_id` None: nowhere, and not where a place is added later either.

    Said again it changes nothing. Only the person can. Raises NotFound for a place without a consent of this case.
    """
    only_the_person(actor)
    rows = await _standing(session, context, case, source_id)
    now = context.now()
    if source_id is None and case.watching_paused_at is None:
        case.watching_paused_at = now
    elif all(row.paused_at is not None for row in rows):
        return
    for row in rows:
        row.paused_at = row.paused_at or now
    await context.record(session, case.id, EntryKind.WATCHING_PAUSED, source=source_id)


async def resume_watching(
    session: AsyncSession, context: DomainContext, case: Case, actor: Actor, source_id: str | None
) -> None:
    """It goes on, and what was posted meanwhile is looked at. Of one place: the others rest on.

    Said again it changes nothing. Only the person can. Raises NotFound as `pause_watching`.
    """
    only_the_person(actor)
    rows = await _standing(session, context, case, source_id)
    if all(row.paused_at is None for row in rows) and (source_id is not None or case.watching_paused_at is None):
        return
    for row in rows:
        row.paused_at = None
    if source_id is None:
        case.watching_paused_at = None
    await session.flush()
    if source_id is None:
        await go_on(session, context, case)
    elif case.state == CaseState.VOUCHED and any(row.purpose == Purpose.WATCH for row in rows):
        await request_backfill(session, context, case.id, [source_id])
    await context.record(session, case.id, EntryKind.WATCHING_RESUMED, source=source_id)


async def _standing(
    session: AsyncSession, context: DomainContext, case: Case, source_id: str | None
) -> Sequence[Consent]:
    """The consents of this case that stand, with their sources locked: a read that is going on ends first."""
    mine = [Consent.case_id == case.id]
    if source_id is not None:
        mine.append(Consent.source_id == source_id)
    if case.state == CaseState.VOUCHED:  # before that nothing is read for it, and nothing tells of others
        await lock_rows(session, select(Source).where(Source.id.in_(select(Consent.source_id).where(*mine))))
    now = context.now()
    rows = (await session.scalars(select(Consent).where(*mine).order_by(Consent.id))).all()
    standing = [row for row in rows if stands(row, now).allowed]
    if source_id is not None and not standing:
        raise NotFound("there is no such place")
    return standing
