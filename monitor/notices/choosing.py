"""Which routes a sighting has, for whoever asks: the queue of an advocate, a program, and the writing of notices."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.sightings import Sighting
from monitor.cases.entered import read_entered
from monitor.cases.intake import read_intake
from monitor.context.context import DomainContext
from monitor.model.entered import Matter
from monitor.model.facts import Timing
from monitor.notices.eligibility import RouteEligibility, eligibilities
from monitor.notices.hands import SIGNING, has_sole_advocate, is_one_hand
from monitor.notices.ranking import NO_FIGURES, Figures, RankedRoute, rank
from monitor.notices.texts import Reason
from monitor.sightings.facts import copy_facts
from monitor.sightings.own_pages import Page


@dataclass(frozen=True, slots=True)
class RouteChoices:
    """Every route of the table, judged twice."""

    to_write: tuple[RouteEligibility, ...]
    """By which a notice may be written. A wait for the police refuses none: the notice is written at once and held."""
    to_send: tuple[RouteEligibility, ...]
    """By which a notice may leave now."""
    sending: tuple[RankedRoute, ...]
    """`to_send`, the best first, with why."""
    writing: tuple[RankedRoute, ...]
    """`to_write`, the best first, with why."""
    held: bool
    """The person waits for the police."""
    one_hand: bool = False
    """One advocate does it all, which their organisation, having no other, is allowed: it is marked."""


async def routes_for(
    session: AsyncSession,
    context: DomainContext,
    sighting: Sighting,
    case: Case,
    *,
    reviewer: str = "",
    sender: str | None = None,
    figures: Figures = NO_FIGURES,
    pages: Collection[Page] | None = None,
) -> RouteChoices:
    """Before the decision: as if the advocate named `reviewer` confirmed the sighting now.

    `figures`: what became of the notices of each route so far. `sender`: the id of the advocate who would write the
    notices; None: whoever asks, if it is one. `pages`: what `own_pages` gave for the case.
    """
    copy, intake, now = await copy_facts(session, context, sighting, pages), read_intake(context, case), context.now()
    copy = replace(copy, reviewer=copy.reviewer or reviewer, signer=copy.signer or reviewer)
    one_hand = await is_one_hand(session, context, case, sender or context.by.advocate_id)
    refused = one_hand and not await has_sole_advocate(session, case)
    waiting = read_entered(context, case).waiting
    to_write = _judged(eligibilities(copy, replace(intake, timing=Timing.NOW), now), waiting, refused)
    to_send = _judged(eligibilities(copy, intake, now), waiting, refused)
    return RouteChoices(
        to_write=to_write,
        to_send=to_send,
        sending=rank(to_send, copy, intake, figures),
        writing=rank(to_write, copy, intake, figures),
        one_hand=one_hand and not refused,
        held=intake.timing is Timing.WAIT_FOR_POLICE,
    )


def _judged(
    given: tuple[RouteEligibility, ...], waiting: Collection[Matter], second_needed: bool
) -> tuple[RouteEligibility, ...]:
    """The rules about who entered what, for the routes that nothing weightier forbids."""
    return tuple(_judge(one, waiting, second_needed) for one in given)


def _judge(one: RouteEligibility, waiting: Collection[Matter], second_needed: bool) -> RouteEligibility:
    of_signing = (Reason.ALLOWED, Reason.NO_PERMISSION, Reason.MISSING_FIELDS)
    if (one.reason in of_signing and set(SIGNING) & set(waiting)) or (
        one.reason is Reason.MINOR_OR_UNSURE and Matter.AGE in waiting
    ):
        return RouteEligibility(one.route, False, Reason.WAITS_FOR_PERSON)
    if one.allowed and second_needed:
        return RouteEligibility(one.route, False, Reason.SECOND_ADVOCATE)
    return one
