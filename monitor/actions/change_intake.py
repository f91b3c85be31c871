"""What the person told us changes, and with it what has not left yet."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.notices import Escalation, Notice
from db.queries.actors import Actor, PersonActor
from db.queries.notices import visible_notices
from monitor.actions.access import only_the_person
from monitor.actions.copies import Stood, stood
from monitor.actions.prepare_ready import hold_copies, prepare_ready
from monitor.cases.cut_outs import drop_unguarded, note_dropped
from monitor.cases.entered import covering, keep_entered, read_entered
from monitor.cases.fingerprints import has_grown_picture
from monitor.cases.intake import fill_intake, read_intake
from monitor.context.context import DomainContext
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.entered import Matter, Unconfirmed, by_advocate, by_person
from monitor.model.facts import Intake, Timing
from monitor.notices.address import ask_again, lock_unsent
from monitor.notices.fields import clean
from monitor.notices.stopping import hold_unsent, stop_unsent
from monitor.notices.under_age import StoppedForMinor, stop_adult_routes, take_back_the_telling
from monitor.notices.writing import lift_hold


@dataclass(frozen=True, slots=True)
class IntakeChanged:
    """The intake as it is kept now, and how many notices that had not left it moved."""

    intake: Intake
    stopped: int = 0
    held: int = 0
    lifted: int = 0
    steps_stopped: int = 0
    """Next steps that were prepared for an adult, and are shown no more."""
    sent_before: int = 0
    """Notices for an adult that had left when the person said otherwise: an advocate is told of each."""
    waiting: tuple[Matter, ...] = ()
    """What an advocate entered, and has no effect before the person said yes."""


async def change_intake(
    session: AsyncSession, context: DomainContext, case: Case, actor: Actor, told: Intake, *, permitted: bool
) -> IntakeChanged:
    """Replace the intake by what was `told`. `permitted`: notices may be sent; when that was said first is kept.

    What the person changes is theirs. What an advocate enters for them is marked; a signature, a permission and an
    adult's age wait for the person's word unless a mandate covers them. Of who may be a child nothing of it is kept.
    """
    before, copies = read_intake(context, case), await stood(session, context, case)
    since = (before.permission_to_send_at or context.now()) if permitted else None
    known, grown = read_entered(context, case), await has_grown_picture(session, case)
    told = replace(told, permission_to_send_at=since).asked_of(grown=grown or Matter.AGE in known.waiting)
    if isinstance(actor, PersonActor):
        counts, left = told, by_person(known, before, told, at=context.now())
    else:
        covered = await covering(session, case.id, known)
        counts, left = by_advocate(known, before, told, covered=covered, by=actor.id, at=context.now())
    if counts.age_group.counts_as_minor and not grown and Matter.AGE not in left.waiting:
        left = left.without(Matter.SIGNATURE).without(Matter.PERMISSION)
    if left != known:
        keep_entered(context, case, left)
    done = await bring_into_effect(session, context, case, actor, before, counts, copies=copies)
    for matter, entered in left.unconfirmed.items():
        if known.unconfirmed.get(matter) != entered:
            await _note(session, context, case, matter, entered)
    return replace(done, waiting=left.waiting)


async def bring_into_effect(
    session: AsyncSession,
    context: DomainContext,
    case: Case,
    actor: Actor,
    before: Intake,
    intake: Intake,
    *,
    unsigned: bool = False,
    copies: Stood | None = None,
) -> IntakeChanged:
    """From now on `intake` counts. `unsigned`: the signature that was in it counts no more. `copies`: how they stood
    before anything of what the person said was kept; None: as they stand now.

    Taking the permission or a signature back stops what has not left, and so does an age that is not, or may not be,
    an adult's. A wait for the police holds it, and only the person lifts that. What may be written only now is written:
    an advocate looks at it and sends it.
    """
    # An adult's age that waits for the person may count soon: until they decided, what came with it stays.
    age_waits = Matter.AGE in read_entered(context, case).waiting
    intake = intake.asked_of(grown=age_waits or await has_grown_picture(session, case))
    dropped = await drop_unguarded(session, context, case, for_all=intake.age_group)
    copies = await stood(session, context, case) if copies is None else copies
    waited, waits = before.timing is Timing.WAIT_FOR_POLICE, intake.timing is Timing.WAIT_FOR_POLICE
    if waited and not waits:
        only_the_person(actor, "only the person lifts the wait for the police, with their passphrase")
    held = lifted = 0
    # Before every stop, each of which ends with the ledger.
    await hold_copies(session, case)
    asked = await lock_unsent(session, case) if clean(before.contact) != clean(intake.contact) else ()
    minor, for_adults = intake.age_group.counts_as_minor, StoppedForMinor()
    why = Refusal.WAITS_FOR_PERSON if unsigned else None
    if intake.permission_to_send_at is None:
        why = Refusal.NO_PERMISSION
    if minor:
        # Whatever else stops, in one go: each stop ends with the ledger, which is locked after every notice.
        for_adults = await stop_adult_routes(session, context, case, others=why)
    elif before.age_group.counts_as_minor:
        await take_back_the_telling(session, context, case)
    stopped = for_adults.stopped
    if why is not None:
        stopped += 0 if minor else await stop_unsent(session, context, case.id, why)
    elif waits and not waited:
        held = await hold_unsent(session, context, case)
    elif waited and not waits:
        lifted = await lift_hold(session, context, case)
    # After the notices: the ledger is locked last.
    await fill_intake(session, context, case, intake)
    await ask_again(session, context, case, asked)
    await note_dropped(session, context, case, dropped)
    await prepare_ready(session, context, case, copies)
    return IntakeChanged(intake, stopped, held, lifted, *await _told_to(session, actor, for_adults.left))


async def _note(
    session: AsyncSession, context: DomainContext, case: Case, matter: Matter, entered: Unconfirmed
) -> None:
    """The ledger tells what the person is asked about, and what it counts under meanwhile; never the words."""
    if not entered.in_effect:
        await context.record(session, case.id, EntryKind.ENTRY_WAITS, matter=matter)
    elif entered.mandate is not None:
        await context.record(session, case.id, EntryKind.ENTRY_COVERED, matter=matter, mandate=entered.mandate)


async def _told_to(session: AsyncSession, actor: Actor, left: Sequence[str]) -> tuple[int, int]:
    """How many next steps ended, and how many notices left before, of those that this actor sees."""
    if not left:
        return 0, 0
    seen = visible_notices(actor).where(Notice.id.in_(left)).with_only_columns(Notice.id)
    ids = (await session.scalars(seen)).all()
    steps = select(func.count()).select_from(Escalation).where(Escalation.notice_id.in_(ids))
    return await session.scalar(steps) or 0, len(ids)
