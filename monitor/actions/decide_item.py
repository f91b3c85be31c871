"""An advocate decides about an item: one decision for all open copies of one picture of one case, whatever the channel.

Each copy is decided as it would be alone (`confirm`, `dismiss`, `reopen_sighting`), in one transaction with all of them
locked before the first ledger entry.
"""

from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.copies import Filing
from db.models.notices import Notice
from db.models.sightings import Sighting
from db.models.sources import Source
from db.queries.actors import AdvocateActor
from db.queries.queue import HeldItem
from db.queries.tenants import OrganisationTenant
from db.session import Database
from monitor.actions.ask_person import ask_person
from monitor.actions.confirm import confirm
from monitor.actions.grounds import refuse_over_a_no, said_of_copy, stated_of_each
from monitor.actions.held_item import MOST_AT_ONCE, held_item
from monitor.actions.reopen import Decision, StandingFiling, left_of_copies, reopen_held, with_what_rests
from monitor.actions.take_routes import RoutesTaken
from monitor.context.context import DomainContext
from monitor.core.errors import CryptoError, RecordInvalid, RuleBroken
from monitor.core.refusals import Refusal
from monitor.exports.route_figures import figures_by_route
from monitor.history.backfill import request_case_backfill
from monitor.model.facts import Basis, PersonsWord, PictureKind, PostedWith
from monitor.model.notice_states import NoticeState
from monitor.model.states import Dismissal, SightingState
from monitor.notices.choosing import routes_for
from monitor.notices.leaving import NOT_YET_SENT
from monitor.notices.letters import RetractReason
from monitor.notices.ranking import Figures, ticked_routes, worked_before
from monitor.notices.route_table import ROUTES
from monitor.notices.writing import Skipped
from monitor.sightings.own_pages import is_own, own_pages
from monitor.sightings.review import dismiss


@dataclass(frozen=True, slots=True)
class ItemDecided:
    """What became of an item."""

    item_id: str
    case_id: str
    copies: tuple[str, ...]
    """Those that were decided about."""
    own: tuple[str, ...] = ()
    """Those that stand on a page of the person's own: they stay open, to be dismissed."""
    left: int = 0
    """Copies that stay open because they are too many for one go."""
    notices: tuple[Notice, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    decided_at: datetime | None = None
    """The moment that names this decision; None: it was opened again, or asked about."""
    filed: tuple[StandingFiling, ...] = ()
    """What stands with its recipients although the confirmation was taken back."""


@dataclass(frozen=True, slots=True)
class Confirming:
    """How an item is confirmed."""

    basis: Basis
    kind: PictureKind | None = None
    release: bool = True
    posted_with: Collection[PostedWith] = ()
    routes: Sequence[str] | None = None
    """None: those that are ticked beforehand, for each copy; else those of these that lead to the copy's platform."""
    over: PersonsWord | None = None
    """The person's word that the advocate has read, and confirms against."""


async def confirm_item(
    session: AsyncSession,
    context: DomainContext,
    actor: AdvocateActor,
    sighting_id: str,
    given: Confirming,
    *,
    expect: int | None = None,
) -> ItemDecided:
    """It is the person's picture. `expect`: how many open copies the advocate was shown.

    Raises NotFound, and RuleBroken: ALREADY_DECIDED, ITEM_CHANGED where there are more or fewer now,
    BASIS_NOT_ON_RECORD, OWN_PAGE where every copy stands on a page of the person's own, PERSON_SAYS_NO where they say
    that it is not theirs and `given` does not overrule that.
    """
    copies, case = await _open_copies(session, actor, sighting_id, expect)
    pages = await own_pages(session, context, case.id)
    own = [row for row in copies if pages and await is_own(session, context, row, pages)]
    theirs = [row for row in copies if row not in own]
    if not theirs:
        raise RuleBroken(Refusal.OWN_PAGE, "the person named this page as their own: nobody is told to remove it")
    said = await said_of_copy(session, copies[0])
    given = replace(given, over=refuse_over_a_no(said, given.over))
    stated = await stated_of_each(session, context, theirs, said, given.basis, at_most=MOST_AT_ONCE)
    now = [row for row in theirs if row.id in stated]
    await request_case_backfill(session, context, case.id)
    figures = await _figures(session, context, actor) if given.routes is None else {}
    taken = [
        await _confirm(session, context, actor, row, case, replace(given, basis=stated[row.id]), figures) for row in now
    ]
    await _as_one_decision(session, now)
    return ItemDecided(
        item_id=copies[0].alike_id or copies[0].id,
        case_id=case.id,
        copies=tuple(row.id for row in now),
        own=tuple(row.id for row in own),
        left=len(theirs) - len(now),
        decided_at=now[0].decided_at,
        notices=tuple(notice for one in taken for notice in one.notices),
        skipped=tuple(skipped for one in taken for skipped in one.skipped),
    )


async def _confirm(
    session: AsyncSession,
    context: DomainContext,
    actor: AdvocateActor,
    row: Sighting,
    case: Case,
    given: Confirming,
    figures: Figures,
) -> RoutesTaken:
    if given.routes is None:
        choices = await routes_for(session, context, row, case, reviewer=actor.name, figures=figures)
        routes = ticked_routes(choices.writing)
    else:
        routes = tuple(await _leading_there(session, row, given.routes))
    return await confirm(
        session,
        context,
        row,
        by=actor.id,
        basis=given.basis,
        kind=given.kind,
        release=given.release,
        posted_with=given.posted_with,
        over=given.over,
        routes=routes,
        backfill=False,
    )


async def _leading_there(session: AsyncSession, row: Sighting, routes: Sequence[str]) -> Sequence[str]:
    """A route to another platform is no route of this copy; an unknown one is refused by whoever takes it."""
    platform = (await session.get_one(Source, row.source_id)).platform
    return [name for name in routes if name not in ROUTES or platform in ROUTES[name].platforms]


async def confirm_one(
    session: AsyncSession,
    context: DomainContext,
    sighting: Sighting,
    given: Confirming,
    *,
    by: str,
    routes: Sequence[str] | None,
) -> RoutesTaken:
    """One copy alone, where an advocate tells it from the others. Call it with the copy locked.

    `routes`: see `confirm`. Raises RuleBroken as `confirm_item` does.
    """
    if sighting.state != SightingState.OPEN:
        raise RuleBroken(Refusal.ALREADY_DECIDED, f"this sighting is {sighting.state}")
    said = await said_of_copy(session, sighting)
    over = refuse_over_a_no(said, given.over)
    stated = await stated_of_each(session, context, [sighting], said, given.basis, at_most=1)
    return await confirm(
        session,
        context,
        sighting,
        by=by,
        basis=stated[sighting.id],
        kind=given.kind,
        release=given.release,
        posted_with=given.posted_with,
        over=over,
        routes=routes,
    )


async def dismiss_item(
    session: AsyncSession,
    context: DomainContext,
    actor: AdvocateActor,
    sighting_id: str,
    reason: Dismissal,
    *,
    expect: int | None = None,
) -> ItemDecided:
    """It is not, or nothing is to be done. Raises NotFound, RuleBroken: ALREADY_DECIDED, ITEM_CHANGED."""
    copies, case = await _open_copies(session, actor, sighting_id, expect)
    for row in copies[:MOST_AT_ONCE]:
        await dismiss(session, context, row, by=actor.id, reason=reason)
    await _as_one_decision(session, copies[:MOST_AT_ONCE])
    return ItemDecided(
        item_id=copies[0].alike_id or copies[0].id,
        case_id=case.id,
        copies=tuple(row.id for row in copies[:MOST_AT_ONCE]),
        left=len(copies[MOST_AT_ONCE:]),
        decided_at=copies[0].decided_at,
    )


async def _as_one_decision(session: AsyncSession, copies: Sequence[Sighting]) -> None:
    """What is decided together bears one moment: by it an undo knows what belongs together."""
    for row in copies:
        row.decided_at = copies[0].decided_at
    await session.flush()


async def reopen_item(
    session: AsyncSession,
    context: DomainContext,
    actor: AdvocateActor,
    sighting_id: str,
    *,
    reason: RetractReason | None = None,
    shown: Decision | None = None,
) -> ItemDecided:
    """Undo what was decided about it last: a dismissal; or the confirmation, as long as nothing about it left. After
    that a `reason` is needed, and recipients are told; see `reopen_sighting`. `shown`: the decision that the advocate
    was shown; that one is undone, and no other.

    What was decided earlier of other copies of the same picture stays: it was another decision; but not what was
    confirmed only because it is identical, where nothing is left that it is identical to. Raises NotFound,
    RuleBroken: ALREADY_DECIDED where nothing is decided, ITEM_CHANGED where what was shown does not stand any more,
    CHOOSE_REASON.
    """
    held = await held_item(session, actor, sighting_id)
    every, case = _in_order(held), held.case
    decided = [row for row in every if row.state != SightingState.OPEN and row.decided_at is not None]
    if not decided:
        raise RuleBroken(Refusal.ALREADY_DECIDED, "nothing is decided about it")
    if shown is not None:
        decided = [row for row in decided if (row.state, row.decided_at) == (shown.state, shown.at)]
    if not decided:
        raise RuleBroken(Refusal.ITEM_CHANGED, "it was decided anew")
    latest = max(decided, key=lambda row: (row.decided_at, row.id))
    together, last = (latest.state, latest.decided_at, latest.decided_by), latest.state
    mine = [row for row in decided if (row.state, row.decided_at, row.decided_by) == together]
    undone = await with_what_rests(session, held, mine[:MOST_AT_ONCE])
    if last == SightingState.CONFIRMED:
        reason = reason or await _undo_in_time(session, undone)
    for row in undone:
        why = reason if last == SightingState.CONFIRMED else None
        await reopen_held(session, context, actor, row, held.fingerprints, reason=why)
    return ItemDecided(
        item_id=every[0].alike_id or every[0].id,
        case_id=case.id,
        copies=tuple(row.id for row in undone),
        filed=await left_of_copies(session, context, undone) if last == SightingState.CONFIRMED else (),
    )


async def _undo_in_time(session: AsyncSession, copies: Sequence[Sighting]) -> RetractReason:
    """As long as no notice left, nobody is told: it was a slip. RuleBroken(CHOOSE_REASON) after that, for what somebody
    filed, and for what the person was told is gone."""
    if any(row.removed_at is not None for row in copies):
        raise RuleBroken(Refusal.CHOOSE_REASON, "a copy is gone: say why the confirmation was wrong")
    ids = [row.id for row in copies]
    if await session.scalar(select(Filing.id).where(Filing.sighting_id.in_(ids)).limit(1)) is not None:
        raise RuleBroken(Refusal.CHOOSE_REASON, "it was filed by hand: say why the confirmation was wrong")
    unsent = (*NOT_YET_SENT, NoticeState.WITHDRAWN)
    left = select(Notice.id).where(Notice.sighting_id.in_(ids), Notice.state.not_in(unsent))
    if await session.scalar(left.limit(1)) is not None:
        raise RuleBroken(Refusal.CHOOSE_REASON, "a notice left: say why the confirmation was wrong")
    return RetractReason.SENT_IN_ERROR


async def ask_about_item(
    session: AsyncSession,
    context: DomainContext,
    actor: AdvocateActor,
    sighting_id: str,
    *,
    over: PersonsWord | None = None,
) -> ItemDecided:
    """Ask the person once for the picture, about the copy that was found first. `over` and what it raises: see
    `ask_person`.
    """
    held = await held_item(session, actor, sighting_id)
    copies = _open_of(held, None)
    every = [row.id for row in held.copies]
    await ask_person(session, context, copies[0], by=actor.id, over=over, among=every)
    return ItemDecided(item_id=copies[0].alike_id or copies[0].id, case_id=held.case.id, copies=(copies[0].id,))


async def _open_copies(
    session: AsyncSession, actor: AdvocateActor, sighting_id: str, expect: int | None
) -> tuple[list[Sighting], Case]:
    held = await held_item(session, actor, sighting_id)
    return _open_of(held, expect), held.case


def _open_of(held: HeldItem, expect: int | None) -> list[Sighting]:
    copies = [row for row in _in_order(held) if row.state == SightingState.OPEN]
    if not copies:
        raise RuleBroken(Refusal.ALREADY_DECIDED, "somebody has decided about this already")
    if expect is not None and len(copies) != expect:
        raise RuleBroken(Refusal.ITEM_CHANGED, f"there are {len(copies)} open copies now")
    return copies


def _in_order(held: HeldItem) -> list[Sighting]:
    """Its copies, the first found first."""
    return sorted(held.copies, key=lambda row: (row.found_at, row.id))


async def _figures(session: AsyncSession, context: DomainContext, actor: AdvocateActor) -> Figures:
    tenant = OrganisationTenant(actor.organisation_id)
    return worked_before(await figures_by_route(session, tenant, now=context.now()))


@dataclass(frozen=True, slots=True)
class Pick:
    """One item of several, how many open copies of it were shown, and what was decided about it."""

    sighting_id: str
    expect: int | None = None
    shown: Decision | None = None


@dataclass(frozen=True, slots=True)
class SeveralDecided:
    """What became of several items."""

    decided: tuple[ItemDecided, ...] = ()
    refused: tuple[tuple[str, Refusal], ...] = field(default=())
    """Items that were not, and why: each is decided by itself, and one holds up no other."""


async def decide_several(
    database: Database, picks: Sequence[Pick], decide: Callable[[AsyncSession, Pick], Awaitable[ItemDecided]]
) -> SeveralDecided:
    """The same decision about several items, a transaction each."""
    done, refused = list[ItemDecided](), list[tuple[str, Refusal]]()
    for pick in dict.fromkeys(picks):
        try:
            async with database.begin() as session:
                done.append(await decide(session, pick))
        except RuleBroken as error:
            refused.append((pick.sighting_id, error.reason))
        except (CryptoError, RecordInvalid):
            refused.append((pick.sighting_id, Refusal.CANNOT_BE_OPENED))
    return SeveralDecided(tuple(done), tuple(refused))
