"""The person's word about what an advocate entered for them; and the mandates that stand in its place."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.mandates import Mandate
from db.queries.actors import Actor, AdvocateActor
from monitor.actions.access import only_the_person
from monitor.actions.change_intake import bring_into_effect
from monitor.actions.copies import stood
from monitor.actions.erase import ASKED_AND_CONFIRMED, ASKED_UNDER_MANDATE, begin_erasure
from monitor.cases.cut_outs import drop_unguarded, note_dropped
from monitor.cases.entered import add_mandate, covered_by, covering, keep_entered, mandate_of, read_entered
from monitor.cases.intake import read_intake
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.entered import EnteredForPerson, MandateKind, Mark, Matter, Unconfirmed, values_of, with_values


async def confirm_entry(
    session: AsyncSession,
    context: DomainContext,
    case: Case,
    actor: Actor,
    matter: Matter,
    *,
    seen: datetime | None = None,
) -> None:
    """The person says that it is right: from now on it is theirs, and counts. Raises RuleBroken(NOTHING_WAITS).

    `seen`: when that was entered which they saw. What an advocate put in its place since is not what they confirm. Said
    again of the same, because the answer was lost, it changes nothing.
    """
    only_the_person(actor)
    if seen is not None and read_entered(context, case).is_confirmed(matter, seen):
        return
    known, told = _asked(context, case, matter, seen)
    now = context.now()
    copies = await stood(session, context, case)
    marks = {name: Mark(by=told.by, at=told.at, confirmed_at=now) for name in told.values}
    known = known.without(matter).marked(marks)
    # A yes to an erasure is not known again: the person may have kept the case since.
    keep_entered(context, case, known if matter is Matter.ERASURE else known.answered(matter, told, yes=True))
    if matter is Matter.ERASURE:
        await begin_erasure(session, context, case, ASKED_AND_CONFIRMED)
    elif not told.in_effect:
        before = read_intake(context, case)
        counts = with_values(before, told.values, now)
        await bring_into_effect(session, context, case, actor, before, counts, copies=copies)
    await context.record(session, case.id, EntryKind.ENTRY_CONFIRMED, matter=matter, entered_by=told.by)


async def reject_entry(
    session: AsyncSession,
    context: DomainContext,
    case: Case,
    actor: Actor,
    matter: Matter,
    *,
    seen: datetime | None = None,
) -> None:
    """The person says that it is wrong: what counted already is undone. Raises RuleBroken(NOTHING_WAITS).

    A mandate of before does not let it count again. `seen`: as for a yes; what they never saw they do not reject. Said
    again of the same it changes nothing. What they said themselves since counts, whatever the entry was: then it is
    refused (SAID_SINCE), for a no would be thanked for that undid nothing.
    """
    only_the_person(actor)
    if seen is not None:
        before = read_entered(context, case)
        if before.is_rejected(matter, seen):
            return
        if before.is_decided_since(matter, seen):
            raise RuleBroken(Refusal.SAID_SINCE, "the person said it themselves since; they change it in the intake")
    known, told = _asked(context, case, matter, seen)
    known = known.said_at(context.now(), matter).answered(matter, told, yes=False)
    keep_entered(context, case, _unmarked(known.without(matter), told))
    if told.in_effect:
        await _undo(session, context, case, actor, {matter: told})
    elif matter is Matter.AGE:
        # What was kept in case that they were an adult goes with it.
        intake = read_intake(context, case)
        if intake != intake.asked_of(grown=False):
            await bring_into_effect(session, context, case, actor, intake, intake)
    await context.record(session, case.id, EntryKind.ENTRY_REJECTED, matter=matter, entered_by=told.by)


async def take_back_entry(
    session: AsyncSession, context: DomainContext, case: Case, matter: Matter, *, seen: datetime | None = None
) -> None:
    """An advocate takes back what waits for the person. Raises RuleBroken(NOTHING_WAITS), also where it counts.

    `seen`: as for the person's yes; what a colleague put in its place since stays.
    """
    known, told = _asked(context, case, matter, seen)
    if told.in_effect:
        raise RuleBroken(Refusal.NOTHING_WAITS, "it counts already; only the person says no to it now")
    keep_entered(context, case, known.without(matter))
    await context.record(session, case.id, EntryKind.ENTRY_TAKEN_BACK, matter=matter, entered_by=told.by)


async def record_mandate(
    session: AsyncSession,
    context: DomainContext,
    case: Case,
    actor: AdvocateActor,
    *,
    kind: MandateKind,
    dated: date,
    covers: Collection[Matter],
    reference: str = "",
) -> Mandate:
    """An advocate saw what lets them speak for the person. What waits for the person, and it covers, counts now."""
    given = {"kind": kind, "dated": dated, "covers": covers, "reference": reference}
    row = await add_mandate(session, context, case, seen_by=actor.id, **given)  # type: ignore[arg-type]
    known = read_entered(context, case)
    now_counting = [matter for matter in known.waiting if matter in covers]
    if Matter.ERASURE in now_counting:
        # Nothing else matters then: all work stops.
        now_counting = [Matter.ERASURE]
        await begin_erasure(session, context, case, ASKED_UNDER_MANDATE, mandate=row.id)
    elif now_counting:
        before = intake = read_intake(context, case)
        copies = await stood(session, context, case)
        for matter in now_counting:
            told = known.unconfirmed[matter]
            were = values_of(before, tuple(told.values))
            known = known.having(matter, replace(told, in_effect=True, mandate=row.id, before=were))
            known = known.unanswered(matter)
            known = known.marked({name: Mark(by=told.by, at=told.at) for name in told.values})
            intake = with_values(intake, told.values, context.now())
        keep_entered(context, case, known)
        await bring_into_effect(session, context, case, actor, before, intake, copies=copies)
    told_of = {"mandate": row.id, "mandate_kind": kind, "dated": dated.isoformat(), "covers": list(covered_by(row))}
    await context.record(session, case.id, EntryKind.MANDATE_RECORDED, **told_of)
    for matter in now_counting:
        await context.record(session, case.id, EntryKind.ENTRY_COVERED, matter=matter, mandate=row.id)
    return row


async def revoke_mandate(
    session: AsyncSession, context: DomainContext, case: Case, actor: Actor, mandate_id: str
) -> None:
    """It counts no more. What rested on it alone is undone, and waits for the person again."""
    row = await mandate_of(session, case, mandate_id)
    if row.revoked_at is not None:
        return
    row.revoked_at = context.now()
    await session.flush()
    dropped = await drop_unguarded(session, context, case)
    known = read_entered(context, case)
    others = await covering(session, case.id, known)
    undone: dict[Matter, Unconfirmed] = {}
    for matter, told in known.unconfirmed.items():
        if told.mandate != row.id:
            continue
        other = others.get(matter)
        if other is None:
            undone[matter] = told
            known = _unmarked(known, told)
        known = known.having(matter, replace(told, mandate=other, in_effect=other is not None))
    keep_entered(context, case, known)
    if undone:
        await _undo(session, context, case, actor, undone)
    await context.record(session, case.id, EntryKind.MANDATE_REVOKED, mandate=row.id)
    await note_dropped(session, context, case, dropped)
    for matter in undone:
        await context.record(session, case.id, EntryKind.ENTRY_WAITS, matter=matter)


def _asked(
    context: DomainContext, case: Case, matter: Matter, seen: datetime | None = None
) -> tuple[EnteredForPerson, Unconfirmed]:
    known = read_entered(context, case)
    told = known.unconfirmed.get(matter)
    if told is None:
        raise RuleBroken(Refusal.NOTHING_WAITS, "nothing of this kind is there to be confirmed")
    if seen is not None and seen != told.at:
        raise RuleBroken(Refusal.NOTHING_WAITS, "this was changed since you saw it; look again")
    return known, told


def _unmarked(known: EnteredForPerson, told: Unconfirmed) -> EnteredForPerson:
    """Without the marks of what is undone."""
    return replace(known, marks={name: mark for name, mark in known.marks.items() if name not in told.values})


async def _undo(
    session: AsyncSession, context: DomainContext, case: Case, actor: Actor, undone: dict[Matter, Unconfirmed]
) -> None:
    before = intake = read_intake(context, case)
    for told in undone.values():
        intake = with_values(intake, told.before, context.now())
    # What was written in a name that does not count any more has not left, and must not.
    unsigned = Matter.SIGNATURE in undone
    await bring_into_effect(session, context, case, actor, before, intake, unsigned=unsigned)
