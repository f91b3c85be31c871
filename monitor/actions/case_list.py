"""The centre's cases as its advocates work through them: narrowed, looked through and ordered, a page at a time.

Names and tags are sealed under each case's key, so they are opened to be looked through: in memory, in a thread, at
most MOST_OPENED of them, and only where somebody looks for a word, a tag or an order by name. See
docs/decisions/0094-names-of-cases-are-opened-to-be-searched.md.
"""

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.queries.actors import AdvocateActor
from db.queries.desk import Colleague, DeskRow, WaitingCounts, colleagues_of, desk_rows, waiting_counts
from monitor.actions.desk import called_of
from monitor.context.context import DomainContext
from monitor.core.errors import JikimiError
from monitor.model.case_numbers import end_of_number
from monitor.model.desk import (
    Called,
    Order,
    Standing,
    Waits,
    has_tag,
    is_called,
    looked_for,
    place_looked_for,
)
from monitor.model.notice_states import NEEDS_A_PERSON
from monitor.model.states import CaseState

MOST_OPENED = 3000
"""Cases whose names are opened for one search: a quarter of a second on a small server. The newest ones."""
NOBODY, ME = "nobody", "me"
"""Nobody who works in the centre now: who left is in charge of nothing."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list of cases is narrowed to; everything empty: all of them."""

    text: str = field(default="", repr=False)
    """In a number, a name, a tag, or the name of a channel or an account."""
    tag: str = field(default="", repr=False)
    standing: Standing | None = None
    in_charge: str = ""
    """An advocate's id, ME or NOBODY."""
    waits: Waits | None = None
    order: Order = Order.WAITS


@dataclass(frozen=True, slots=True)
class ListedCase:
    """A case with what waits in it."""

    row: DeskRow
    called: Called
    waiting: WaitingCounts
    next_clock: datetime | None
    """Of a notice, of the time in hand, or of an erasure."""
    taken: bool
    """It was handed over to the one who asks, who has not opened it since."""
    in_charge_left: bool
    """Whoever is in charge is no advocate of the centre any more: nobody does its work."""

    @property
    def standing(self) -> Standing:
        """In which state it is shown."""
        return standing_of(self.row)


@dataclass(frozen=True, slots=True)
class CaseListPage:
    """A page, how many there are in all, and how many of each state the centre has."""

    cases: Sequence[ListedCase]
    total: int
    counts: Mapping[Standing, int]
    every: int
    mine: int
    """In which the one who asks is in charge."""
    colleagues: Mapping[str, Colleague]
    left_out: int = 0
    """Cases whose names were not looked through, since there are too many."""


def standing_of(row: DeskRow) -> Standing:
    """The weightiest state."""
    return _standing(row.state, on_hold=row.frozen_at is not None, rests=row.rests_since is not None)


def standing_of_case(case: Case) -> Standing:
    """The same of a whole case."""
    return _standing(case.state, on_hold=case.frozen_at is not None, rests=case.watching_paused_at is not None)


def _standing(state: str, *, on_hold: bool, rests: bool) -> Standing:
    if state == CaseState.ERASING:
        return Standing.ERASING
    if on_hold:
        return Standing.ON_HOLD
    if state == CaseState.OPEN:
        return Standing.IN_HAND
    return Standing.RESTS if rests else Standing.VOUCHED


async def case_list(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, wanted: Wanted, *, limit: int, offset: int = 0
) -> CaseListPage:
    """A page of the centre's cases. Five statements, whatever there is."""
    now, text, number = context.now(), looked_for(wanted.text), end_of_number(wanted.text)
    rows = await desk_rows(session, actor, place=place_looked_for(wanted.text) if text else "")
    waiting = await waiting_counts(session, actor, needs_a_person=sorted(NEEDS_A_PERSON), now=now)
    colleagues = await colleagues_of(session, actor)
    counts = dict.fromkeys(Standing, 0)
    for row in rows:
        counts[standing_of(row)] += 1
    here = {one.id for one in colleagues.values() if one.active}
    listed = [_listed(row, waiting.get(row.case_id), actor, here) for row in rows]
    kept = [one for one in listed if _fits(one, wanted, actor)]
    words = bool(text or wanted.tag or wanted.order is Order.NAME)
    opened, left_out = kept, 0
    if words:
        named = [one for one in kept if one.row.called is not None][:MOST_OPENED]
        left_out = max(0, sum(one.row.called is not None for one in kept) - MOST_OPENED)
        known = {one.row.case_id: one for one in await _opened(context, actor, named)}
        opened = [known.get(one.row.case_id, one) for one in kept]
    found = [one for one in opened if _is_found(one, text, number, looked_for(wanted.tag))]
    found.sort(key=_ORDERS[wanted.order])
    page = found[offset : offset + limit]
    return CaseListPage(
        cases=page if words else await _opened(context, actor, page),
        total=len(found),
        counts=counts,
        every=len(rows),
        mine=sum(row.in_charge == actor.id for row in rows),
        colleagues=colleagues,
        left_out=left_out,
    )


def _listed(row: DeskRow, waiting: WaitingCounts | None, actor: AdvocateActor, here: Collection[str]) -> ListedCase:
    waiting = waiting or WaitingCounts()
    ends = (waiting.next_clock, row.in_hand_until if row.state == CaseState.OPEN else None, row.erase_at)
    return ListedCase(
        row=row,
        called=Called(),
        waiting=waiting,
        next_clock=min((one for one in ends if one is not None), default=None),
        taken=row.in_charge == actor.id and row.handed_by is not None and row.seen_at is None,
        in_charge_left=row.in_charge is not None and row.in_charge not in here,
    )


def _fits(one: ListedCase, wanted: Wanted, actor: AdvocateActor) -> bool:
    if wanted.standing is not None and one.standing is not wanted.standing:
        return False
    if wanted.in_charge == NOBODY and one.row.in_charge is not None and not one.in_charge_left:
        return False
    who = actor.id if wanted.in_charge == ME else wanted.in_charge
    if who and wanted.in_charge != NOBODY and one.row.in_charge != who:
        return False
    counted = {
        Waits.DECIDE: one.waiting.decide,
        Waits.NOTICES: one.waiting.notices,
        Waits.MESSAGES: one.waiting.messages,
        Waits.TAKEN: one.taken,
    }
    return wanted.waits is None or bool(counted[wanted.waits])


def _is_found(one: ListedCase, text: str, number: str, tag: str) -> bool:
    if tag and not has_tag(one.called, tag):
        return False
    if not text or one.row.at_place or (number and one.row.case_id.endswith(number)):
        return True
    return is_called(one.called, text)


async def _opened(context: DomainContext, actor: AdvocateActor, cases: Sequence[ListedCase]) -> list[ListedCase]:
    """The same with the centre's words. In a thread: of thousands it takes longer than the loop may stand still."""

    def open_all() -> list[ListedCase]:
        # Nothing of a case on hold, or one that is being erased, is opened.
        shown = {
            one.row.case_id
            for one in cases
            if one.row.called is not None and one.standing not in (Standing.ON_HOLD, Standing.ERASING)
        }
        held = context.holding(shown) if shown else context
        return [_named(held, actor, one) if one.row.case_id in shown else one for one in cases]

    return await asyncio.to_thread(open_all)


def _named(context: DomainContext, actor: AdvocateActor, one: ListedCase) -> ListedCase:
    try:
        called = called_of(context, one.row.case_id, actor.organisation_id, one.row.called)
    except JikimiError:
        return one  # a case whose key was lost is listed all the same
    return replace(one, called=called)


def _far(one: ListedCase) -> tuple[bool, float]:
    return (one.next_clock is None, 0.0 if one.next_clock is None else one.next_clock.timestamp())


def _newest(one: ListedCase) -> tuple[float, str]:
    return (-one.row.opened_at.timestamp(), one.row.case_id)


def _by_waiting(one: ListedCase) -> tuple[object, ...]:
    waits = one.taken or one.waiting.messages or one.waiting.notices or one.waiting.decide
    return (not one.taken, not waits, *_far(one), *_newest(one))


_ORDERS: Mapping[Order, Callable[[ListedCase], tuple[object, ...]]] = {
    Order.WAITS: _by_waiting,
    Order.CLOCK: lambda one: (*_far(one), *_newest(one)),
    Order.NEWEST: _newest,
    Order.NAME: lambda one: (not one.called.name, looked_for(one.called.name), *_newest(one)),
}
