"""How the work goes: figures, alerts, health."""

from dataclasses import asdict

from fastapi import APIRouter, Request, Response

from api.deps import AdvocateOnly, Reading, ServicesDep
from api.ready import Readiness
from api.schemas.operations import AlertList, AlertView, Alive, Health, PlatformView, Ready, SourceView, Summary
from db.queries import operations
from db.queries.tenants import OrganisationTenant, sources_of
from monitor.actions.alerts import alerts_of
from monitor.actions.health import health_of
from monitor.app.readiness import Unready
from monitor.context.alerts import AlertKind
from monitor.evidence.verify import SEALED_WITHIN, verify_ledger
from monitor.platforms.base import PlatformName

router = APIRouter(prefix="/operations", tags=["operations"])
alive_router = APIRouter(tags=["operations"])


@router.get("/summary")
async def summary(services: ServicesDep, session: Reading, actor: AdvocateOnly) -> Summary:
    """Counts of the organisation's vouched cases; `ledger_ok` verifies each of their chains now."""
    figures = await operations.figures_of(session, actor)
    sources = await sources_of(session, OrganisationTenant(actor.organisation_id))
    mine = set(await operations.case_ids_of(session, actor))
    report = await verify_ledger(
        session,
        heads_file=services.settings.ledger.heads_file,
        keys=services.keys,
        now=services.clock.now(),
        sealed_within=SEALED_WITHIN * services.clock.speed,
        cases=True,
    )
    return Summary(
        **asdict(figures),
        ledger_ok=report.is_sound_for(mine),
        sources=[
            SourceView(
                platform=each.name.platform,
                source=each.name.handle,
                read_at=each.read_at,
                unavailable=each.unavailable,
            )
            for each in sources
        ],
    )


@router.get("/alerts")
async def alerts(services: ServicesDep, session: Reading, actor: AdvocateOnly) -> AlertList:
    """What somebody must look at, and what the operator must: that concerns everybody's work."""
    rows = await alerts_of(session, actor, services.context.now())
    paused = await operations.paused_fingerprints(session, actor)
    return AlertList(
        alerts=[
            AlertView(
                alert_id=row.id,
                kind=row.kind,
                audience=AlertKind(row.kind).audience,
                subject=row.subject,
                reason=row.reason,
                caused_by=row.caused_by,
                raised_at=row.raised_at,
                case_id=paused[row.subject].case_id if row.subject in paused else None,
                advocate_id=row.advocate_id,
                notices=row.notices,
            )
            for row in rows
        ]
    )


@router.get("/health")
async def health(services: ServicesDep, session: Reading, actor: AdvocateOnly) -> Health:
    """How the parts stand. Silence of a source is a gap, not an all-clear."""
    context = services.context
    found = await health_of(session, actor, context.now())
    return Health(
        status=found.status,
        platforms=[
            PlatformView(platform=name, enabled=name in context.accounts, waits_until=found.waits.get(name))
            for name in PlatformName
        ],
        sources=found.sources,
        sources_unavailable=found.sources_unavailable,
        oldest_read_at=found.oldest_read_at,
        overdue_notices=found.overdue_notices,
        open_alerts=found.open_alerts,
        stopped=found.stopped,
    )


@alive_router.get("/healthz")
async def alive() -> Alive:
    """The process answers. Nothing is read: whoever restarts what does not answer must not do so for a database."""
    return Alive(status="ok")


@alive_router.get("/readyz", responses={503: {"model": Ready, "description": "not ready; `reasons` says why"}})
async def ready(request: Request, response: Response) -> Ready:
    """The database can be written, a worker lives, and the work moves. Tells nothing of any case.

    Work that is stopped on purpose is told and no 503: the pages must go on answering, for they say whom to ask.
    """
    readiness: Readiness = request.app.state.readiness
    reasons = await readiness.ask()
    fails = any(reason is not Unready.STOPPED for reason in reasons)
    response.status_code = 503 if fails else 200
    status = "not-ready" if fails else "stopped" if reasons else "ready"
    return Ready(status=status, reasons=[str(reason) for reason in reasons])
