"""What the person's word allows only now is written: each notice waits for an advocate, who looks at it and sends it.

A copy that was confirmed without a notice gets those that its confirmation would have written by default; one whose
notices were stopped by the person's own word gets these again. What an advocate took back stays so.
"""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_rows
from db.models.cases import Case
from db.models.notices import Notice
from db.models.sightings import Sighting
from db.queries.tenants import OrganisationTenant
from monitor.actions.copies import Copy, Stood, stood, tell_ready
from monitor.actions.take_routes import take_routes
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.exports.route_figures import figures_by_route
from monitor.model.notice_states import NoticeState
from monitor.model.states import SightingState
from monitor.notices.choosing import routes_for
from monitor.notices.copy_state import CopyState
from monitor.notices.ranking import ticked_routes, worked_before
from monitor.notices.texts import Reason

MOST_AT_ONCE = 100
"""Copies that one transaction writes about, the worst first; of the others the advocates are told all the same."""
_OVER = (CopyState.REMOVED, CopyState.CLOSED, CopyState.ERASING)
_STOPPED_BY_PERSON = (Refusal.NO_PERMISSION, Refusal.WAITS_FOR_PERSON, Refusal.MINOR_OR_UNSURE)
"""Why a notice was withdrawn by what the person said: their word brings it back."""


async def hold_copies(session: AsyncSession, case: Case, also: Collection[str] = ()) -> None:
    """Lock the confirmed copies of a case and the notices about them, for `prepare_ready` after the ledger was written.

    The caller holds the case, and fingerprints where it needs them. `also`: ids of further sightings of the case.
    """
    wanted = (Sighting.state == SightingState.CONFIRMED) | Sighting.id.in_(also)
    await lock_rows(session, select(Sighting).where(Sighting.case_id == case.id, wanted))
    await lock_rows(session, select(Notice).where(Notice.case_id == case.id))


async def prepare_ready(session: AsyncSession, context: DomainContext, case: Case, before: Stood) -> int:
    """Write what may be written only since the person told something new, and tell their advocates. `before`: how the
    copies stood until then. Returns how many notices were written.

    Once for each copy and route, however often the same is said. Call it with the copies held, see `hold_copies`.
    """
    now = await stood(session, context, case)
    opened = [one for one in now.values() if _newly_allowed(before.get(one.row.id), one)][:MOST_AT_ONCE]
    written = 0
    if opened:
        tenant = OrganisationTenant(case.organisation_id or "")
        figures = worked_before(await figures_by_route(session, tenant, now=context.now()))
        for copy in opened:
            sighting = await session.get_one(Sighting, copy.row.id)
            ranked = (await routes_for(session, context, sighting, case, figures=figures)).sending
            routes = _routes(before[copy.row.id], copy, ticked_routes(ranked))
            if not routes:
                continue
            try:
                # Whoever confirmed it answers for it until somebody sends it.
                taken = await take_routes(session, context, sighting, routes, by=sighting.decided_by or "")
            except RuleBroken:
                continue  # what forbids this copy is told where it is shown, and keeps no other one
            written += len(taken.notices)
    await tell_ready(session, context, case, before, None if written else now)
    return written


def _newly_allowed(before: Copy | None, now: Copy) -> frozenset[str]:
    """Routes of a copy that nothing forbids any more, and something did before."""
    if before is None or now.minor or now.hidden or now.status.state in _OVER:
        return frozenset()
    were = set() if before.minor else _allowed(before)
    return frozenset(_allowed(now) - were)


def _allowed(copy: Copy) -> set[str]:
    return {one.route for one in copy.offers if one.reason is Reason.ALLOWED}


def _routes(before: Copy, now: Copy, ticked: tuple[str, ...]) -> tuple[str, ...]:
    """By which it is written: what the person's own word had stopped, else what its confirmation would have chosen."""
    fresh = _newly_allowed(before, now)
    known = {one.route: one for one in now.notices}
    stopped = tuple(
        route
        for route, one in known.items()
        if one.state == NoticeState.WITHDRAWN and one.reason in _STOPPED_BY_PERSON and route in fresh
    )
    if stopped:
        return stopped
    if known:
        # Of a copy that somebody works on already, only what lacked the person's own words: a signature, an address.
        lacked = {one.route for one in before.offers if one.reason is Reason.MISSING_FIELDS}
        fresh = frozenset(route for route in fresh if route in lacked and route not in known)
    return tuple(route for route in ticked if route in fresh)
