"""A person lost their passphrase: a lead asks for a new one, and it is drawn only after a delay.

The person's page tells of it at once, and whoever has the old passphrase calls it off with one tap: a lead who was
deceived, or who deceives, gets in nowhere as long as the person looks at their page. While the case is on hold the page
says so too, and the delay rests: nobody can draw then. An erasure ends what was asked for.
See docs/decisions/0092-a-case-changes-its-centre-by-the-persons-yes.md.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.oversight import PassphraseReissue
from db.queries.actors import Actor, AdvocateActor, PersonActor
from db.queries.people import end_logins_of
from db.types import new_id
from monitor.cases.opening import NewPassphrase
from monitor.cases.stops import leads_only
from monitor.context.context import DomainContext
from monitor.core.errors import NotFound, RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.states import CaseState
from monitor.model.transfers import TAKE_WITHIN, ReissueState, reissue_state

DRAW_AGAIN_WITHIN = timedelta(minutes=2)
"""A button that is pressed twice draws twice, and a browser shows the second answer: those words must be the ones that
open. Nobody but the lead who drew has seen the first, and once they opened the case they stay."""


async def ask_reissue(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, case: Case
) -> PassphraseReissue:
    """A lead asks; nothing changes yet. The caller holds the case.

    Raises NotFound, RuleBroken: LEADS_ONLY, CASE_FROZEN, CASE_STATE, REISSUE_STANDS.
    """
    leads_only(actor)
    if case.organisation_id != actor.organisation_id:
        raise NotFound
    if case.frozen_at is not None:
        raise RuleBroken(Refusal.CASE_FROZEN, "a lead froze this case; it must be unfrozen first")
    if case.state != CaseState.VOUCHED:
        raise RuleBroken(Refusal.CASE_STATE, f"a case that is {case.state} gets no new passphrase")
    now, before = context.now(), await _waiting(session, case.id)
    if before is not None:
        if reissue_state(before.state, before.ends_at, now) is ReissueState.WAITING:
            raise RuleBroken(Refusal.REISSUE_STANDS, "a new passphrase was asked for already")
        before.state, before.ended_at = ReissueState.OVER, now
        await session.flush()
    due = now + context.reissue_after
    row = PassphraseReissue(
        id=new_id(),
        case_id=case.id,
        organisation_id=actor.organisation_id,
        asked_by=actor.id,
        asked_at=now,
        due_at=due,
        ends_at=due + TAKE_WITHIN,
        state=ReissueState.WAITING,
    )
    session.add(row)
    await session.flush()
    await context.record(session, case.id, EntryKind.REISSUE_ASKED, reissue=row.id, due=due.isoformat())
    return row


async def cancel_reissue(session: AsyncSession, context: DomainContext, case: Case, actor: Actor) -> None:
    """Call it off: the person, who has the old passphrase, or a lead of the centre. The caller holds the case.

    Raises NotFound, RuleBroken: LEADS_ONLY, REISSUE_OVER.
    """
    if isinstance(actor, AdvocateActor):
        leads_only(actor)
        if case.organisation_id != actor.organisation_id:
            raise NotFound
    row = await _live(session, context, case)
    row.state, row.ended_at = ReissueState.CANCELLED, context.now()
    row.ended_by = None if isinstance(actor, PersonActor) else actor.id
    await context.record(session, case.id, EntryKind.REISSUE_CANCELLED, reissue=row.id)


async def check_reissue(session: AsyncSession, context: DomainContext, actor: AdvocateActor, case: Case) -> None:
    """Whether the new passphrase may be drawn now; asked before the slow part of it.

    Raises NotFound, RuleBroken: LEADS_ONLY, CASE_FROZEN, CASE_STATE, REISSUE_OVER, REISSUE_EARLY.
    """
    leads_only(actor)
    if case.organisation_id != actor.organisation_id:
        raise NotFound
    if case.frozen_at is not None:
        raise RuleBroken(Refusal.CASE_FROZEN, "a lead froze this case; it must be unfrozen first")
    if case.state != CaseState.VOUCHED:
        raise RuleBroken(Refusal.CASE_STATE, f"a case that is {case.state} gets no new passphrase")
    row = await _to_draw(session, context, actor, case)
    if context.now() < row.due_at:
        raise RuleBroken(Refusal.REISSUE_EARLY, f"not before {row.due_at:%Y-%m-%d %H:%M} UTC")


async def reissue(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, case: Case, drawn: NewPassphrase
) -> None:
    """From now on the new words open the case, and the old ones do not: whoever is in is logged out.

    The caller holds the case, and shows the words this once. Raises what `check_reissue` raises.
    """
    await check_reissue(session, context, actor, case)
    row = await _to_draw(session, context, actor, case)
    if row.state != ReissueState.DONE:
        row.state, row.ended_at, row.ended_by = ReissueState.DONE, context.now(), actor.id
    case.passphrase_hash = drawn.hashed
    await end_logins_of(session, case.id)
    await context.record(session, case.id, EntryKind.PASSPHRASE_REISSUED, reissue=row.id)


async def change_passphrase(session: AsyncSession, context: DomainContext, case: Case, drawn: NewPassphrase) -> None:
    """The person wants other words, such as after a lead handed them some. The caller asked for the old ones."""
    case.passphrase_hash = drawn.hashed
    await end_logins_of(session, case.id)
    await context.record(session, case.id, EntryKind.PASSPHRASE_CHANGED)


async def end_reissue(session: AsyncSession, context: DomainContext, case: Case) -> None:
    """The case goes to another centre, or is being erased: what was asked for ends. The caller holds the case."""
    row = await _waiting(session, case.id)
    if row is not None:
        row.state, row.ended_at = ReissueState.OVER, context.now()
        await context.record(session, case.id, EntryKind.REISSUE_CANCELLED, reissue=row.id)


async def rest_reissue(session: AsyncSession, case: Case, rested: timedelta) -> None:
    """The hold of the case ends after so long: what was not over when it began goes on from there. It is still frozen,
    and the caller holds it."""
    row, began = await _waiting(session, case.id), case.frozen_at
    if row is None or began is None or row.ends_at <= began:
        return
    row.ends_at += rested
    if row.due_at > began:
        row.due_at += rested
    await session.flush()


async def standing_reissue(session: AsyncSession, context: DomainContext, case: Case) -> PassphraseReissue | None:
    """The one that waits, or may be drawn now. While the case is on hold: that did when the hold began."""
    row = await _waiting(session, case.id)
    now = case.frozen_at or context.now()
    if row is None or reissue_state(row.state, row.ends_at, now) is not ReissueState.WAITING:
        return None
    return row


async def own_reissues(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor
) -> Sequence[tuple[PassphraseReissue, bool]]:
    """Those of the centre that wait, the first to be due first; and whether the case is on hold, so that it rests."""
    mine = (PassphraseReissue.organisation_id == actor.organisation_id, PassphraseReissue.state == ReissueState.WAITING)
    ends = PassphraseReissue.ends_at
    stands = or_(Case.frozen_at.is_(None) & (ends > context.now()), ends > Case.frozen_at)
    query = select(PassphraseReissue, Case.frozen_at).join(Case, Case.id == PassphraseReissue.case_id)
    found = await session.execute(query.where(*mine, stands).order_by(PassphraseReissue.due_at, PassphraseReissue.id))
    return [(row, frozen is not None) for row, frozen in found]


async def _waiting(session: AsyncSession, case_id: str) -> PassphraseReissue | None:
    query = select(PassphraseReissue).where(PassphraseReissue.case_id == case_id)
    return await session.scalar(query.where(PassphraseReissue.state == ReissueState.WAITING))


async def _live(session: AsyncSession, context: DomainContext, case: Case) -> PassphraseReissue:
    row = await standing_reissue(session, context, case)
    if row is None:
        raise RuleBroken(Refusal.REISSUE_OVER, "no new passphrase is asked for any more")
    return row


async def _to_draw(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, case: Case
) -> PassphraseReissue:
    """The one that waits, or that this lead drew just now, and whose words opened nothing yet."""
    drawn = (PassphraseReissue.state == ReissueState.DONE, PassphraseReissue.ended_by == actor.id)
    lately = PassphraseReissue.ended_at > context.now() - DRAW_AGAIN_WITHIN
    query = select(PassphraseReissue).where(PassphraseReissue.case_id == case.id, *drawn, lately)
    last = await session.scalar(query.order_by(PassphraseReissue.ended_at.desc()).limit(1))
    unused = last is not None and last.ended_at is not None and (case.visited_at or last.asked_at) < last.ended_at
    if last is not None and unused and await standing_reissue(session, context, case) is None:
        return last
    return await _live(session, context, case)
