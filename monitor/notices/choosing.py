"""Which routes a sighting has, for whoever asks: the queue of an advocate, a program, and the writing of notices."""

from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.sightings import Sighting
from monitor.cases.intake import read_intake
from monitor.context.context import DomainContext
from monitor.model.facts import Timing
from monitor.notices.eligibility import RouteEligibility, eligibilities
from monitor.sightings.facts import copy_facts


@dataclass(frozen=True, slots=True)
class RouteChoices:
    """Every route of the table, judged twice."""

    to_write: tuple[RouteEligibility, ...]
    """By which a notice may be written. A wait for the police refuses none: the notice is written at once and held."""
    to_send: tuple[RouteEligibility, ...]
    """By which a notice may leave now."""
    held: bool
    """The person waits for the police."""


async def routes_for(
    session: AsyncSession, context: DomainContext, sighting: Sighting, case: Case, *, reviewer: str = ""
) -> RouteChoices:
    """Before the decision: as if the advocate named `reviewer` confirmed the sighting now."""
    copy, intake, now = await copy_facts(session, context, sighting), read_intake(context, case), context.now()
    copy = replace(copy, reviewer=copy.reviewer or reviewer)
    return RouteChoices(
        to_write=eligibilities(copy, replace(intake, timing=Timing.NOW), now),
        to_send=eligibilities(copy, intake, now),
        held=intake.timing is Timing.WAIT_FOR_POLICE,
    )
