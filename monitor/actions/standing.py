"""How a case stands, in numbers: what its person is told before they ask for anything.

No address, name of a place or word of a post is in it, and it counts only what its person may see.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.copies import CopyClosing, Filing
from db.models.messages import SightingQuestion
from db.models.notices import Notice
from db.models.sightings import Sighting
from db.queries.actors import Actor
from db.queries.cases import receipts_taken_back
from db.queries.consents import sources_consented
from db.queries.messages import unread_of
from db.queries.sightings import visible
from db.queries.tenants import CaseTenant, turns_of_list
from monitor.actions.access import only_the_person
from monitor.actions.agree_list import ListTold, list_told
from monitor.actions.joint import parts_of_case
from monitor.actions.transfer import asked_of_person
from monitor.actions.watching import Place, places_of
from monitor.cases.entered import read_entered
from monitor.cases.intake import read_intake
from monitor.cases.reissue import standing_reissue
from monitor.context.context import DomainContext
from monitor.model.notice_states import FOLLOWED
from monitor.model.states import CaseState, Purpose
from monitor.model.transfers import TransferState
from monitor.notices.address import asked_of
from monitor.notices.eligibility import police_question

UNREAD_AFTER = timedelta(days=1)
"""A place that was not read for so long is a gap, whatever the reason is."""


@dataclass(frozen=True, slots=True)
class News:
    """What happened since the person logged in the last time before this."""

    since: datetime | None
    """None: they never did, so nothing is news."""
    found: int
    removed: int
    came_back: int
    sent: int
    """Notices that left."""
    taken_back: int = 0
    """What stood as gone, and should not have been confirmed."""

    @property
    def any(self) -> bool:
        """Whether there is any."""
        return bool(self.found or self.removed or self.came_back or self.sent or self.taken_back)


@dataclass(frozen=True, slots=True)
class Coverage:
    """Where was looked, and where not: what is quiet is not clean."""

    places: int
    """To watch, paused ones too."""
    paused: int
    going: int
    """Of all places that they named, to watch or to follow, those that do not rest."""
    listed: int
    """On the centre's list, as many as the person was told when they said yes to watching all of it."""
    unread: int
    """Not paused, and either known to be unreadable or not read for a day although it might have been."""
    not_inspected: int
    """Pictures and videos there that could not be fully looked at."""
    read_at: datetime | None
    """When the place was read that was read longest ago, of those that are not paused."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Numbers and times alone."""

    removed: int
    waiting: int
    """Found, and nothing was sent about it yet."""
    followed: int
    """Reported, and looked at again until it is gone: the person's yes to that stands, and does not rest."""
    resting: int
    """Reported, and not looked at again, because the person lets it rest."""
    unfollowed: int
    """Reported, and not looked at again, because no yes to that stands."""
    asked: int
    """Questions that wait for the person."""
    police_over: bool
    """One of them: whether they go on waiting for the police."""
    unread: int
    """Messages of their centre that they have not opened."""
    news: News
    coverage: Coverage
    paused_at: datetime | None
    """Since when the person lets nothing be read at all."""
    reissue_due_at: datetime | None
    """A lead asked for a new passphrase: from when on it may be drawn."""
    next_check_at: datetime | None
    """When something is looked at next; None: nothing is planned."""
    next_check_due: bool
    """That time has come."""


async def standing_of(
    session: AsyncSession, context: DomainContext, case: Case, actor: Actor, *, read_every: timedelta
) -> Standing:
    """How the case stands now. Only the person asks so. `read_every`: how often a place is read."""
    only_the_person(actor)
    removed = await _count(session, actor, case, Sighting.removed_at.is_not(None))
    there = (Sighting.removed_at.is_(None), ~exists().where(CopyClosing.sighting_id == Sighting.id))
    now = context.now()
    usable = await sources_consented(session, case.id, Purpose.FOLLOW, now)
    agreed = await sources_consented(session, case.id, Purpose.FOLLOW, now, paused=True)
    reported = await _count(session, actor, case, *there, _reported())
    followed = await _count(session, actor, case, *there, _reported(), Sighting.source_id.in_(usable))
    resting = await _count(session, actor, case, *there, _reported(), Sighting.source_id.in_(agreed - usable))
    waiting = await _count(session, actor, case, *there, ~_reported())
    places = await places_of(session, context, case)
    words = await standing_reissue(session, context, case)
    police_over = police_question(read_intake(context, case), now)
    next_check_at = await _next_check(session, context, actor, case, places, usable, read_every)
    return Standing(
        removed=removed,
        waiting=waiting,
        followed=followed,
        resting=resting,
        unfollowed=reported - followed - resting,
        asked=len(await asked_at(session, context, case)) + police_over,
        police_over=police_over,
        unread=(await unread_of(session, actor)).get(case.id, 0),
        news=await happened_since(session, actor, case, case.news_since),
        coverage=_coverage(context, case, places, await list_told(session, context, case)),
        paused_at=case.watching_paused_at,
        reissue_due_at=None if words is None else words.due_at,
        next_check_at=next_check_at,
        next_check_due=next_check_at is not None and next_check_at <= now,
    )


def _reported() -> ColumnElement[bool]:
    """The condition that something left about a sighting, or was filed by hand."""
    sent = exists().where(Notice.sighting_id == Sighting.id, Notice.sent_at.is_not(None))
    return sent | exists().where(Filing.sighting_id == Sighting.id)


def _mine(actor: Actor, case: Case) -> Select[int]:
    return select(func.count()).select_from(Sighting).join(Case, visible(actor)).where(Sighting.case_id == case.id)


async def _count(session: AsyncSession, actor: Actor, case: Case, *conditions: ColumnElement[bool]) -> int:
    return await session.scalar(_mine(actor, case).where(*conditions)) or 0


async def asked_at(session: AsyncSession, context: DomainContext, case: Case) -> Sequence[datetime]:
    """When each question was asked that waits for the person now; but for the one about the police."""
    addresses = [one.asked_at for one in await asked_of(session, context, case) if one.state == "asked"]
    parts = [one.asked_at for one in await parts_of_case(session, case) if one.state == "asked"]
    copies = select(SightingQuestion.asked_at).join(Sighting, Sighting.id == SightingQuestion.sighting_id)
    waits = (SightingQuestion.case_id == case.id, SightingQuestion.answer.is_(None), Sighting.state == "open")
    vouched = case.state == CaseState.VOUCHED
    open_copies = (await session.scalars(copies.where(*waits))).all() if vouched else ()
    moves = [one.asked_at for one in await asked_of_person(session, context, case) if one.state is TransferState.ASKED]
    entered = [one.at for one in read_entered(context, case).unconfirmed.values()]
    return [*entered, *addresses, *parts, *open_copies, *moves]


async def happened_since(session: AsyncSession, actor: Actor, case: Case, since: datetime | None) -> News:
    """What is new to this actor since then. None: never was before, so nothing is."""
    if since is None:
        return News(None, 0, 0, 0, 0)
    sent = select(func.count()).select_from(Notice).join(Sighting, Sighting.id == Notice.sighting_id)
    sent = sent.join(Case, visible(actor)).where(Notice.case_id == case.id, Notice.sent_at > since)
    return News(
        since=since,
        found=await _count(session, actor, case, Sighting.released_at > since),
        removed=await _count(session, actor, case, Sighting.removed_at > since),
        came_back=await _count(session, actor, case, Sighting.came_back_at > since),
        sent=await session.scalar(sent) or 0,
        taken_back=sum(one.came_back_at > since for one in await receipts_taken_back(session, actor, case.id)),
    )


def _coverage(context: DomainContext, case: Case, places: Sequence[Place], told: ListTold) -> Coverage:
    watched = [one for one in places if any(each.purpose == Purpose.WATCH for each in one.consents)]
    reading = [one for one in watched if one.paused_at is None]
    oldest = context.now() - UNREAD_AFTER
    unread = [one for one in reading if one.source.unavailable is not None or _awaited_since(case, one) < oldest]
    read = [one.source.read_at for one in reading if one.source.read_at is not None]
    return Coverage(
        places=len(watched),
        paused=len(watched) - len(reading),
        going=sum(one.paused_at is None for one in places),
        listed=max((one.places for one in told.agreed if one.purpose == Purpose.WATCH), default=0),
        unread=len(unread) if case.state == CaseState.VOUCHED else 0,
        not_inspected=sum(one.source.not_inspected for one in watched),
        read_at=min(read, default=None),
    )


def _awaited_since(case: Case, place: Place) -> datetime:
    """When the place was read last, or might first have been: the yes to it, and somebody who vouched."""
    known = [one.given_at for one in place.consents if one.purpose == Purpose.WATCH]
    return max(place.source.read_at or min(known), case.vouched_at or min(known))


async def _next_check(
    session: AsyncSession,
    context: DomainContext,
    actor: Actor,
    case: Case,
    places: Sequence[Place],
    followed: Collection[str],
    read_every: timedelta,
) -> datetime | None:
    """The earliest of: a place's next turn, one of the list's too, a reported copy's next check. Nothing where all of
    it rests. `followed`: the sources whose copies may be checked."""
    if case.state != CaseState.VOUCHED or case.frozen_at is not None:
        return None
    now = context.now()
    turns = [
        max(now, one.source.waits_until or now, (one.source.read_at or now - read_every) + read_every)
        for one in places
        if any(each.purpose == Purpose.WATCH and each.paused_at is None for each in one.consents)
    ]
    for read_at, waits_until in await turns_of_list(session, CaseTenant(case.id), now):
        turns.append(max(now, waits_until or now, (read_at or now - read_every) + read_every))
    mine = (Sighting.case_id == case.id, Sighting.source_id.in_(followed), Sighting.removed_at.is_(None))
    notices = select(func.min(Notice.due_at)).join(Sighting, Sighting.id == Notice.sighting_id)
    due = await session.scalar(notices.join(Case, visible(actor)).where(*mine, Notice.state.in_(FOLLOWED)))
    own = await session.scalar(select(func.min(Sighting.follow_due_at)).join(Case, visible(actor)).where(*mine))
    return min([*turns, *(max(now, one) for one in (due, own) if one is not None)], default=None)
