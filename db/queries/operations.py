"""Figures of one organisation: its vouched cases, and what was read for them."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case, Fingerprint
from db.models.copies import CopyClosing
from db.models.notices import Escalation, Notice, RemovalReceipt
from db.models.sightings import Sighting
from db.models.sources import Alert
from db.queries.actors import AdvocateActor
from db.queries.sightings import visible
from db.queries.stops import at_work
from db.queries.tenants import OrganisationTenant, media_figures, own_cases


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts so far."""

    posts_seen: int
    media_inspected: int
    not_inspected: int
    sightings: int
    confirmed: int
    dismissed: int
    notices_sent: int
    in_doubt: int
    removed_verified: int
    escalated: int


def _cases(actor: AdvocateActor) -> Select[str]:
    return own_cases(OrganisationTenant(actor.organisation_id))


async def figures_of(session: AsyncSession, actor: AdvocateActor) -> Figures:
    """Counted now."""
    media = await media_figures(session, OrganisationTenant(actor.organisation_id))

    async def count(model: type[Sighting | Notice | Escalation | RemovalReceipt], *more: ColumnElement[bool]) -> int:
        query = select(func.count()).select_from(model).where(model.case_id.in_(_cases(actor)), *more)
        return await session.scalar(query) or 0

    escalated = select(func.count(func.distinct(Escalation.notice_id))).where(Escalation.case_id.in_(_cases(actor)))
    return Figures(
        **asdict(media),
        sightings=await count(Sighting),
        confirmed=await count(Sighting, Sighting.state == "confirmed"),
        dismissed=await count(Sighting, Sighting.state == "dismissed"),
        notices_sent=await count(Notice, Notice.sent_at.is_not(None)),
        in_doubt=await count(Notice, Notice.state == "in_doubt"),
        removed_verified=await count(RemovalReceipt),
        escalated=await session.scalar(escalated) or 0,
    )


async def case_ids_of(session: AsyncSession, actor: AdvocateActor) -> Sequence[str]:
    """Vouched cases of the organisation."""
    return (await session.scalars(_cases(actor).order_by(Case.id))).all()


@dataclass(frozen=True, slots=True)
class AlertKinds:
    """Which kinds of alerts an organisation is told of, and what they are about."""

    shared: frozenset[str]
    """Told to every organisation where they belong to none."""
    about_notices: frozenset[str]
    about_copies: frozenset[str]


def told_to(organisation_id: str, kinds: AlertKinds) -> ColumnElement[bool]:
    """The condition that an organisation is told of an alert: an open one of its own, or a shared one of nobody's.

    Without those about a notice or a copy that nobody sees now: its case is on hold, or not vouched for any more.
    """
    hidden = (Case.state != "vouched") | Case.frozen_at.is_not(None)
    notice = exists().where(Notice.id == Alert.subject, Case.id == Notice.case_id, hidden).correlate(Alert)
    copy = exists().where(Sighting.id == Alert.subject, Case.id == Sighting.case_id, hidden).correlate(Alert)
    unseen = (Alert.kind.in_(kinds.about_notices) & notice) | (Alert.kind.in_(kinds.about_copies) & copy)
    mine = (Alert.organisation_id == organisation_id) & ~unseen
    everybodys = Alert.organisation_id.is_(None) & Alert.kind.in_(kinds.shared)
    return Alert.resolved_at.is_(None) & (mine | everybodys)


async def alerts_told(
    session: AsyncSession, actor: AdvocateActor, kinds: AlertKinds
) -> tuple[Sequence[Alert], Sequence[Alert]]:
    """The organisation's open alerts and those of the shared kinds that belong to none, the oldest first."""
    query = select(Alert).where(told_to(actor.organisation_id, kinds))
    rows = (await session.scalars(query.order_by(Alert.raised_at, Alert.id))).all()
    return [row for row in rows if row.organisation_id], [row for row in rows if not row.organisation_id]


async def prepared_of(session: AsyncSession, actor: AdvocateActor, case_ids: Collection[str]) -> dict[str, int]:
    """By case: how many notices about copies that stand wait for somebody to look at them and send them."""
    query = select(Notice.case_id, func.count()).join(Sighting, Sighting.id == Notice.sighting_id)
    query = query.outerjoin(CopyClosing, CopyClosing.sighting_id == Sighting.id).join(Case, visible(actor))
    stands = (Sighting.removed_at.is_(None), CopyClosing.sighting_id.is_(None), Notice.state == "prepared")
    query = query.where(Notice.case_id.in_(case_ids), *stands).group_by(Notice.case_id)
    return {case_id: number for case_id, number in await session.execute(query)}  # noqa: C416  # typed as a pair


async def shared_alerts(session: AsyncSession, kinds: Collection[str]) -> Sequence[Alert]:
    """Open alerts of these kinds that belong to no organisation, the oldest first."""
    query = select(Alert).where(Alert.organisation_id.is_(None), Alert.kind.in_(kinds), Alert.resolved_at.is_(None))
    return (await session.scalars(query.order_by(Alert.raised_at, Alert.id))).all()


async def paused_fingerprints(session: AsyncSession, actor: AdvocateActor) -> dict[str, Fingerprint]:
    """The organisation's fingerprints in quarantine, by id."""
    query = select(Fingerprint).where(
        Fingerprint.case_id.in_(_cases(actor)),
        Fingerprint.quarantined_at.is_not(None),
        Fingerprint.removed_at.is_(None),
    )
    return {row.id: row for row in await session.scalars(query)}


async def overdue_notices(session: AsyncSession, actor: AdvocateActor, before: datetime) -> int:
    """Notices that the chain should have touched before that time: a sign that no worker runs.

    What is stopped or frozen waits on purpose.
    """
    query = select(func.count()).select_from(Notice).join(Case, Case.id == Notice.case_id)
    mine = (Notice.case_id.in_(_cases(actor)), Notice.due_at < before, at_work())
    return await session.scalar(query.where(*mine)) or 0
