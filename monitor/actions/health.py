"""How the work for an organisation goes. Silence of a source is a gap, not an all-clear."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncSession

from db.queries import operations
from db.queries.actors import AdvocateActor
from db.queries.stops import stops_of
from db.queries.tenants import OrganisationTenant, sources_of
from monitor.actions.alerts import alerts_of
from monitor.cases.stops import Scope

LATE = timedelta(hours=2)
"""Domain time after which a notice that was due and not touched means that no worker runs."""


class HealthStatus(StrEnum):
    """Whether somebody must do something."""

    OK = "ok"
    ATTENTION = "attention"


@dataclass(frozen=True, slots=True)
class WorkHealth:
    """How the parts stand."""

    sources: int
    sources_unavailable: int
    oldest_read_at: datetime | None
    """Of the source that was silent for longest; None while none was read."""
    overdue_notices: int
    open_alerts: int
    stopped: bool
    """Nothing leaves and nothing is read, on purpose."""
    waits: Mapping[str, datetime]
    """Until when a platform lets the organisation's own reads wait. What others did with the account is theirs."""

    @property
    def status(self) -> HealthStatus:
        """Something is late, unread or told to a person who has not dealt with it yet."""
        troubled = self.overdue_notices or self.open_alerts or self.sources_unavailable
        return HealthStatus.ATTENTION if troubled else HealthStatus.OK


async def health_of(session: AsyncSession, actor: AdvocateActor, now: datetime) -> WorkHealth:
    """Counted now, of the organisation's own cases and what was read for them."""
    sources = await sources_of(session, OrganisationTenant(actor.organisation_id))
    waits = [(each.waits_until, each.name.platform) for each in sources if each.waits_until is not None]
    return WorkHealth(
        sources=len(sources),
        sources_unavailable=sum(source.unavailable is not None for source in sources),
        oldest_read_at=min((source.read_at for source in sources if source.read_at is not None), default=None),
        overdue_notices=await operations.overdue_notices(session, actor, now - LATE),
        open_alerts=len(await alerts_of(session, actor, now)),
        stopped=any(one.scope != Scope.ADVOCATE for one in await stops_of(session, actor.organisation_id)),
        waits={platform: until for until, platform in sorted(waits) if until > now},
    )
