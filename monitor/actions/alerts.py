"""The open alerts that somebody reads. What an organisation is told of a source is told of its own reads alone."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.sources import Alert
from db.queries import operations
from db.queries.actors import AdvocateActor
from db.queries.consents import watched_sources
from db.queries.tenants import OrganisationTenant, TenantSource, troubled_sources
from monitor.context.alerts import (
    COPY_KINDS,
    NOTICE_KINDS,
    POOL_KINDS,
    SOURCE_KINDS,
    UNREAD_FOR,
    AlertKind,
    Audience,
    kinds_for,
)
from monitor.context.context import DomainContext
from monitor.evidence.by import Who

PASSING = frozenset({"RateLimited", "PlatformFault", "DecoderUnavailable"})
"""Reasons of a failed read that pass by themselves."""

FOR_LEADS = kinds_for(Audience.LEADS)
TOLD = operations.AlertKinds(
    shared=frozenset({*kinds_for(Audience.OPERATOR), *POOL_KINDS}),
    # What is said of a notice leads to it, and says that there is one: not while its case is on hold, or being erased.
    about_notices=NOTICE_KINDS,
    about_copies=COPY_KINDS,
)
"""What is the operator's to mend reaches all advocates, for it touches the work of each."""


@dataclass(frozen=True, slots=True)
class ToldAlert:
    """An open alert as its reader sees it."""

    id: str
    kind: str
    subject: str
    """The id of what it is about, a platform, or nothing where that would name somebody else's source."""
    reason: str
    raised_at: datetime
    """For a source: since when it was not read for the organisation's own cases."""
    caused_by: str | None = None
    """monitor.evidence.by.Who: whose act it follows from. A source is read by the program."""
    source: str = ""
    """Platform and name of a source of the organisation's own cases."""
    advocate_id: str | None = None
    """Who is in charge; None: whoever comes first."""
    notices: int = 0
    """Of COPIES_READY: how many notices of the case are written, and wait for somebody to look and send."""


async def operator_alerts(session: AsyncSession) -> Sequence[Alert]:
    """Everything open that the operator reads: what has no organisation, whatever its kind. The oldest first."""
    return await operations.shared_alerts(session, tuple(AlertKind))


async def alerts_of(session: AsyncSession, actor: AdvocateActor, now: datetime) -> Sequence[ToldAlert]:
    """What somebody of the organisation must look at or know of, the oldest first."""
    mine, all_of_us = await operations.alerts_told(session, actor, TOLD)
    own = [_told(row) for row in mine if actor.lead or row.kind not in FOR_LEADS]
    cases = [one.subject for one in own if one.kind == AlertKind.COPIES_READY]
    if cases:
        written = await operations.prepared_of(session, actor, cases)
        own = [replace(one, notices=written.get(one.subject, 0)) for one in own]
    shared = list(_once(all_of_us))
    stopped = {one.subject for one in shared if one.kind == AlertKind.ACCOUNT_STOPPED}
    sources = await alerts_of_sources(session, actor, now, stopped)
    return sorted((*own, *shared, *sources), key=lambda one: (one.raised_at, one.id))


async def alerts_of_sources(
    session: AsyncSession, actor: AdvocateActor, now: datetime, stopped: Collection[str]
) -> Sequence[ToldAlert]:
    """Of `alerts_of` those that follow from the organisation's own failed reads. `stopped`: platforms whose account
    stopped: nothing of them is read, and that is said once. One statement."""
    tenant = OrganisationTenant(actor.organisation_id)
    return [
        alert
        for source, since in await troubled_sources(session, tenant, now)
        if source.name.platform not in stopped
        for alert in _of_source(source, since, now)
    ]


def how_many(actor: AdvocateActor, own: Mapping[str, int], shared: Mapping[str, int]) -> int:
    """How many `alerts_of` gives beside `alerts_of_sources`. `own`, `shared`: open alerts by kind, as counted there."""
    mine = sum(number for kind, number in own.items() if actor.lead or kind not in FOR_LEADS)
    return mine + sum(1 if kind in SOURCE_KINDS else number for kind, number in shared.items())


def _told(row: Alert) -> ToldAlert:
    who = row.advocate_id
    return ToldAlert(row.id, row.kind, row.subject, row.reason, row.raised_at, row.caused_by, advocate_id=who)


def _once(rows: Sequence[Alert]) -> Iterator[ToldAlert]:
    """The installation's alerts; one of each kind where the subject is a source, which is left out."""
    said: set[str] = set()
    for row in rows:
        if row.kind not in SOURCE_KINDS:
            yield _told(row)
        elif row.kind not in said:
            said.add(row.kind)
            yield ToldAlert(row.id, row.kind, "", row.reason, row.raised_at, row.caused_by)


def _of_source(source: TenantSource, asked_at: datetime, now: datetime) -> Iterator[ToldAlert]:
    """What the organisation's own last read of a source says: the stored alert is of whoever had it read."""
    since = source.read_at or asked_at
    reason = source.unavailable
    if reason is None or (reason in PASSING and now - since < UNREAD_FOR):
        return
    kind = AlertKind.SOURCE_UNREAD if reason in PASSING else AlertKind.SOURCE_UNAVAILABLE
    name = source.name
    handle = f"{name.platform} @{name.handle}"
    yield ToldAlert(name.id, kind, name.id, reason, since, Who.PROGRAM, handle)


async def end_of_unwatched(session: AsyncSession, context: DomainContext) -> None:
    """A source that is read for nobody any more is nobody's trouble: no read will ever end its alerts."""
    query = select(Alert).where(Alert.kind.in_(SOURCE_KINDS), Alert.resolved_at.is_(None))
    rows = (await session.scalars(query)).all()
    watched = await watched_sources(session, [row.subject for row in rows], context.now())
    for row in rows:
        if row.subject not in watched:
            await context.resolve(session, AlertKind(row.kind), row.subject)
