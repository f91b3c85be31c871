"""An identical re-upload is reported with no other decision, where person and advocate both switched that on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.copies import CopyClosing
from db.models.notices import Notice
from db.models.people import Advocate
from db.models.sightings import Sighting
from db.queries.actors import Actor, AdvocateActor, PersonActor
from db.queries.items import sent_by_itself
from db.queries.notices import not_bounced
from db.queries.stops import why_paused
from monitor.actions.access import refuse_content
from monitor.actions.confirm import confirm
from monitor.cases.intake import read_intake
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.facts import Basis, PictureKind
from monitor.model.notice_states import STANDS
from monitor.model.states import CaseState, SightingState
from monitor.notices.address import needs_address
from monitor.notices.eligibility import police_wait
from monitor.notices.resending import NotByItself, ReuploadAtHand, why_not_by_itself
from monitor.notices.route import Channel
from monitor.notices.route_table import ROUTES
from monitor.notices.sending import send_by_itself
from monitor.sightings.age import age_of
from monitor.sightings.age_found import age_anew
from monitor.sightings.identical import ground_stands, said_no

DAY = timedelta(hours=24)
_BY_MACHINE = (Channel.EMAIL, Channel.TELEGRAM_REPORT)
"""Ways that need no person's hands."""


@dataclass(frozen=True, slots=True)
class Resending:
    """How the two switches of a case stand."""

    person: bool
    advocate: bool
    by: str | None = None
    """The advocate who answers for it."""

    @property
    def on(self) -> bool:
        """It takes both."""
        return self.person and self.advocate


def resending_of(case: Case) -> Resending:
    """The switches of a case."""
    return Resending(case.resend_person_at is not None, case.resend_advocate_at is not None, case.resend_advocate_by)


async def switch_resending(
    session: AsyncSession, context: DomainContext, case: Case, actor: Actor, *, on: bool
) -> Resending:
    """The person's switch, or an advocate's, by who asks; call it with the case locked. The same again changes nothing.

    Off is always allowed, also while the case is on hold. Raises RuleBroken: what `refuse_content` refuses, CASE_STATE
    before vouching, MINOR_OR_UNSURE where nothing may ever leave so.
    """
    if on:
        refuse_content(actor, case)
    if case.state != CaseState.VOUCHED:
        raise RuleBroken(Refusal.CASE_STATE, "only for a case that somebody vouched for")
    if on and read_intake(context, case).age_group.counts_as_minor:
        raise RuleBroken(Refusal.MINOR_OR_UNSURE, "of a minor's picture a person sends every notice")
    person = isinstance(actor, PersonActor)
    before = resending_of(case)
    if on == (before.person if person else before.advocate):
        return before
    at = context.now() if on else None
    if isinstance(actor, AdvocateActor):
        case.resend_advocate_at, case.resend_advocate_by = at, actor.id if on else None
    else:
        case.resend_person_at = at
    await context.record(
        session, case.id, EntryKind.RESENDING_SWITCHED, whose="person" if person else "advocate", on=on
    )
    return resending_of(case)


@dataclass(frozen=True, slots=True)
class Resent:
    """What came of a re-upload."""

    notices: Sequence[Notice] = ()
    why_not: NotByItself | Refusal | None = None


async def resend(session: AsyncSession, context: DomainContext, case: Case, sighting: Sighting) -> Resent:
    """Confirm and report it as the first copy of its item was. Call it with case, sighting and its notices locked.

    Raises RuleBroken where no notice can be written after all: then nothing may stay of what was done here.
    """
    first = None if sighting.item_id is None else await session.get(Sighting, sighting.item_id)
    if first is None or first.state != SightingState.CONFIRMED or first.decided_by is None:
        return Resent(why_not=NotByItself.NOT_IDENTICAL)
    if not await ground_stands(session, first):
        return Resent(why_not=NotByItself.NOT_IDENTICAL)
    routes = await _ways(session, sighting)
    why_not = why_not_by_itself(await _at_hand(session, context, case, sighting, first, ways=len(routes)))
    if why_not is not None or case.resend_advocate_by is None:
        return Resent(why_not=why_not or NotByItself.ADVOCATE_OFF)
    # Nobody looked at this post: its ground is that it is identical. Whoever switched this on answers for the sending.
    taken = await confirm(
        session,
        context,
        sighting,
        by=first.decided_by,
        basis=Basis.IDENTICAL_COPY,
        kind=PictureKind(first.kind),
        release=first.released_at is not None,
        routes=routes,
        sender=case.resend_advocate_by,
    )
    if not taken.notices:
        raise RuleBroken(Refusal.CHOOSE_ROUTE, "no notice can be written about this copy")
    for notice in taken.notices:
        await send_by_itself(session, context, notice, by=case.resend_advocate_by)
    sighting.by_itself_at = context.now()
    return Resent(taken.notices)


async def _at_hand(
    session: AsyncSession, context: DomainContext, case: Case, sighting: Sighting, first: Sighting, *, ways: int
) -> ReuploadAtHand:
    now = context.now()
    closed = case.state != CaseState.VOUCHED
    intake = None if closed else read_intake(context, case)
    return ReuploadAtHand(
        open=sighting.state == SightingState.OPEN,
        identical=sighting.identical,
        kind=PictureKind(first.kind),
        person_on=case.resend_person_at is not None,
        advocate_on=case.resend_advocate_at is not None and await _is_active(session, case.resend_advocate_by),
        counts_as_minor=intake is None
        or age_of(sighting, intake).counts_as_minor
        or await age_anew(session, context, sighting) is not None,
        waits_for_police=intake is None or police_wait(intake, now) is not None,
        paused=closed or await why_paused(session, case.id) is not None,
        closed=await session.get(CopyClosing, first.id) is not None or await said_no(session, sighting),
        ways=ways,
        lately=await sent_by_itself(session, case.id, now - DAY),
    )


async def _is_active(session: AsyncSession, advocate_id: str | None) -> bool:
    """Whoever was locked out since answers for nothing."""
    advocate = None if advocate_id is None else await session.get(Advocate, advocate_id)
    return advocate is not None and advocate.disabled_at is None


async def _ways(session: AsyncSession, sighting: Sighting) -> tuple[str, ...]:
    """Routes by which notices about this item left, and that need no hands: this copy is reported by these alone.

    Not what was taken back, or came back: nobody stands by it any more, or it reached nobody.
    """
    query = select(Notice.route).join(Sighting, Sighting.id == Notice.sighting_id).distinct()
    query = query.where(Sighting.item_id == sighting.item_id, Notice.sent_at.is_not(None))
    query = query.where(Notice.state.in_(STANDS), not_bounced())
    left = set((await session.scalars(query)).all())
    return tuple(
        name
        for name, route in ROUTES.items()
        if name in left and route.channel in _BY_MACHINE and not needs_address(name)
    )
