"""What a tenant may see of sources: what was read for its own vouched cases, and nothing of anybody else's.

A tenant is a case or an organisation, and every function here takes one. This is the only place from which anything of
a source reaches an answer or a page: `api/` knows neither the shared tables nor who else a source is read for, which
`tests/unit/test_tenant_queries.py` holds. See docs/decisions/0051-a-source-is-told-to-each-case-apart.md.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Bundle

from db.models.case_reading import CaseMedium, CaseSource
from db.models.cases import Case
from db.models.centres import ListConsent
from db.models.sightings import Sighting
from db.models.sources import INSPECTED, Consent, Source
from db.queries.consents import live, usable


@dataclass(frozen=True, slots=True)
class CaseTenant:
    """One case: what the person sees of it, and an advocate who opens it."""

    case_id: str


@dataclass(frozen=True, slots=True)
class OrganisationTenant:
    """All vouched cases of an organisation together."""

    organisation_id: str


Tenant = CaseTenant | OrganisationTenant


@dataclass(frozen=True, slots=True)
class SourceName:
    """Which source: all that anybody sees who was told nothing of it."""

    id: str
    platform: str
    handle: str


class _SourceNames(Bundle[SourceName]):
    def create_row_processor(
        self, query: Select[Any], procs: Sequence[Callable[[Row[Any]], Any]], labels: Sequence[str]
    ) -> Callable[[Row[Any]], SourceName]:
        """Make the value from the columns."""
        return lambda row: SourceName(*(each(row) for each in procs))


SOURCE_NAME = _SourceNames("source", Source.id, Source.platform, Source.handle)
"""Selected beside what refers to a source, in place of its row."""
SOURCE_PLATFORM = Source.platform
"""To count by. It is the same for everybody, whoever reads the source."""


@dataclass(frozen=True, slots=True)
class TenantSource:
    """A source as a tenant's own cases had it read."""

    name: SourceName
    read_at: datetime | None = None
    """When it was last read for them without an error."""
    unavailable: str | None = None
    """Why the last read for them failed."""
    waits_until: datetime | None = None
    """Until when the platform told that read to wait."""
    not_inspected: int = 0
    """Media that stand and could not be looked at, or only in part."""


@dataclass(frozen=True, slots=True)
class MediaFigures:
    """What was read for a tenant so far, each medium once."""

    posts_seen: int
    """With pictures or videos."""
    media_inspected: int
    not_inspected: int


def own_cases(tenant: Tenant) -> Select[str]:
    """The tenant's cases that somebody vouched for. Before vouching nothing is seen of any source."""
    mine = (
        Case.id == tenant.case_id if isinstance(tenant, CaseTenant) else Case.organisation_id == tenant.organisation_id
    )
    return select(Case.id).where(mine, Case.state == "vouched")


async def sources_of(session: AsyncSession, tenant: Tenant) -> Sequence[TenantSource]:
    """Every source that the tenant's vouched cases consent to, or did, by platform and name."""
    # A list is its centre's: to another one that has the case later, its places are not named.
    homes = select(ListConsent.id).join(Case, Case.id == ListConsent.case_id)
    still = homes.where(Case.id.in_(own_cases(tenant)), ListConsent.organisation_id == Case.organisation_id)
    own = Consent.list_consent_id.is_(None) | Consent.list_consent_id.in_(still)
    consented = select(Consent.source_id).where(Consent.case_id.in_(own_cases(tenant)), own)
    query = select(SOURCE_NAME).where(Source.id.in_(consented)).order_by(Source.platform, Source.handle)
    named = (await session.scalars(query)).all()
    # Of several cases the one that was served last knows best.
    told: dict[str, CaseSource] = {}
    read: dict[str, datetime] = {}
    mine = select(CaseSource).where(CaseSource.case_id.in_(own_cases(tenant)))
    for row in await session.scalars(mine.order_by(CaseSource.noted_at, CaseSource.case_id)):
        told[row.source_id] = row
        if row.read_at is not None:
            read[row.source_id] = max(row.read_at, read.get(row.source_id, row.read_at))
    missed = await _missed(session, tenant)
    return [
        TenantSource(
            name,
            read_at=read.get(name.id),
            unavailable=told[name.id].unavailable if name.id in told else None,
            waits_until=told[name.id].waits_until if name.id in told else None,
            not_inspected=missed.get(name.id, 0),
        )
        for name in named
    ]


def failed_reads(tenant: Tenant) -> Select[str]:
    """The source of each of the tenant's cases that failed when it was last read for that case."""
    mine = (CaseSource.case_id.in_(own_cases(tenant)), CaseSource.unavailable.is_not(None))
    return select(CaseSource.source_id).where(*mine)


async def troubled_sources(
    session: AsyncSession, tenant: Tenant, now: datetime
) -> Sequence[tuple[TenantSource, datetime]]:
    """Of what is read for the tenant now, each source that could not be read the last time, and since when it is read.

    What was missed in them is not counted. One statement.
    """
    begun = case((Consent.given_at > Case.vouched_at, Consent.given_at), else_=Case.vouched_at)
    since = select(Consent.source_id, func.min(begun).label("since")).join(Case, live(now, "watch"))
    watched = since.where(Case.id.in_(own_cases(tenant))).group_by(Consent.source_id).subquery()
    mine = (CaseSource.case_id.in_(own_cases(tenant)),)
    failing = failed_reads(tenant)
    query = select(CaseSource, SOURCE_NAME, watched.c.since).join(Source, Source.id == CaseSource.source_id)
    query = query.join(watched, watched.c.source_id == CaseSource.source_id)
    query = query.where(*mine, CaseSource.source_id.in_(failing))
    # Of several cases the one that was served last knows best.
    told: dict[str, tuple[TenantSource, datetime]] = {}
    for row, name, first in await session.execute(query.order_by(CaseSource.noted_at, CaseSource.case_id)):
        before = told[name.id][0].read_at if name.id in told else None
        read_at = row.read_at if before is None or (row.read_at is not None and row.read_at > before) else before
        source = TenantSource(name, read_at=read_at, unavailable=row.unavailable, waits_until=row.waits_until)
        told[name.id] = source, first
    return [one for one in told.values() if one[0].unavailable is not None]


async def places_of_case(session: AsyncSession, tenant: CaseTenant) -> Sequence[tuple[Consent, TenantSource]]:
    """What `consents_of` gives, by three statements, however many there are."""
    query = select(Consent, SOURCE_NAME).select_from(Consent).join(Source, Source.id == Consent.source_id)
    rows = await session.execute(
        query.where(Consent.case_id == tenant.case_id).order_by(Consent.given_at, Source.handle, Consent.id)
    )
    told = select(CaseSource).where(CaseSource.case_id.in_(own_cases(tenant)))
    read = {row.source_id: row for row in await session.scalars(told)}
    missed = await _missed(session, tenant)
    found = [(consent, name) for consent, name in rows]
    hidden = {consent.source_id for consent, _ in found if consent.list_consent_id is not None}
    return [
        (
            consent,
            _since(
                TenantSource(
                    name,
                    read_at=read[name.id].read_at if name.id in read else None,
                    unavailable=read[name.id].unavailable if name.id in read else None,
                    waits_until=read[name.id].waits_until if name.id in read else None,
                    not_inspected=missed.get(name.id, 0),
                ),
                consent.given_at if name.id in hidden else None,
            ),
        )
        for consent, name in found
        if consent.list_consent_id is None
    ]


async def consents_entered(session: AsyncSession, tenant: CaseTenant) -> Sequence[Consent]:
    """The consents of `consents_of` alone, without what was read of their sources. One statement."""
    query = select(Consent).where(Consent.case_id == tenant.case_id, Consent.list_consent_id.is_(None))
    return (await session.scalars(query.order_by(Consent.given_at, Consent.id))).all()


def sources_named_like(text: str) -> Select[str]:
    """Ids of sources in whose name this stands. To be joined with what is a tenant's own, and with nothing else."""
    return select(Source.id).where(Source.handle.contains(text, autoescape=True))


async def consents_of(session: AsyncSession, tenant: CaseTenant) -> Sequence[tuple[Consent, TenantSource]]:
    """Every consent of a case with its source, also withdrawn ones: the person sees their whole record.

    Nothing of their centre's list: its names are not told, so neither is what was read of a source that they name
    themselves before they did.
    """
    query = select(Consent, SOURCE_NAME).select_from(Consent).join(Source, Source.id == Consent.source_id)
    mine = query.where(Consent.case_id == tenant.case_id, Consent.list_consent_id.is_(None))
    rows = await session.execute(mine.order_by(Consent.given_at, Source.handle, Consent.purpose, Consent.id))
    read = {one.name.id: one for one in await sources_of(session, tenant)}
    listed = select(Consent.source_id).where(Consent.case_id == tenant.case_id, Consent.list_consent_id.is_not(None))
    hidden = set((await session.scalars(listed)).all())
    return [
        (consent, _since(read.get(name.id, TenantSource(name)), consent.given_at if name.id in hidden else None))
        for consent, name in rows
    ]


def _since(source: TenantSource, given_at: datetime | None) -> TenantSource:
    """What was read from then on; None: whenever."""
    begun = given_at is None or (source.read_at is not None and source.read_at >= given_at)
    return source if begun else TenantSource(source.name)


async def sources_called(session: AsyncSession, tenant: Tenant, platform: str | None, handle: str) -> Sequence[str]:
    """Ids of the channels and accounts of this name where something of the tenant's cases was found."""
    found = select(Sighting.source_id).where(Sighting.case_id.in_(own_cases(tenant)))
    query = select(Source.id).where(Source.handle == handle, Source.id.in_(found))
    if platform is not None:
        query = query.where(Source.platform == platform)
    return (await session.scalars(query.order_by(Source.id))).all()


async def media_figures(session: AsyncSession, tenant: Tenant) -> MediaFigures:
    """Counted now. A medium that was looked at for one of the tenant's cases was looked at."""
    media = _media(tenant).subquery()
    post = select(media.c.source_id, media.c.post_id).distinct().subquery()
    counted = await session.execute(select(func.count(), func.sum(media.c.inspected)).select_from(media))
    every, inspected = counted.one()
    posts = await session.scalar(select(func.count()).select_from(post)) or 0
    return MediaFigures(posts, int(inspected or 0), every - int(inspected or 0))


async def turns_of_list(
    session: AsyncSession, tenant: CaseTenant, now: datetime
) -> Sequence[tuple[datetime | None, datetime | None]]:
    """When each place of their centre's list that is read for the case was read last, and until when its platform told
    that read to wait. Times alone: which place it is stays with the centre."""
    mine = and_(CaseSource.case_id == Consent.case_id, CaseSource.source_id == Consent.source_id)
    query = select(CaseSource.read_at, CaseSource.waits_until).select_from(Consent).join(Case, usable(now, "watch"))
    query = query.outerjoin(CaseSource, mine).where(Consent.case_id == tenant.case_id)
    rows = await session.execute(query.where(Consent.list_consent_id.is_not(None)))
    return [(read_at, waits_until) for read_at, waits_until in rows]


async def _missed(session: AsyncSession, tenant: Tenant) -> dict[str, int]:
    media = _media(tenant, CaseMedium.gone_at.is_(None)).subquery()
    query = select(media.c.source_id, func.count()).where(media.c.inspected == 0).group_by(media.c.source_id)
    return {row[0]: row[1] for row in await session.execute(query)}


def _media(tenant: Tenant, *more: ColumnElement[bool]) -> Select[str, str, int]:
    """Each medium once, and whether (1 or 0) it was looked at for any of the tenant's cases."""
    medium = (CaseMedium.source_id, CaseMedium.post_id, CaseMedium.media_id)
    looked = func.max(case((CaseMedium.outcome == INSPECTED, 1), else_=0)).label("inspected")
    query = select(CaseMedium.source_id, CaseMedium.post_id, looked)
    return query.where(CaseMedium.case_id.in_(own_cases(tenant)), *more).group_by(*medium)
