"""Erasing a case: hidden and stopped at once, its key destroyed after a delay in which it can be taken back."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case, Fingerprint
from db.models.notices import Notice
from db.models.sources import Consent
from monitor import tasks
from monitor.cases.looking_back import look_back_for
from monitor.cases.state import CaseState, move_case
from monitor.cases.watching import stop_unsent
from monitor.desk import Desk
from monitor.errors import RuleBroken
from monitor.evidence.kinds import Kind
from monitor.keys import case_key
from monitor.notices.state import FOLLOWED
from monitor.quarantine import ALERT
from monitor.seen import forget_unless_watched

DELAY = timedelta(days=7)


async def ask_erasure(session: AsyncSession, desk: Desk, case: Case) -> datetime:
    """Hide the case and stop its work now; returns when its key is destroyed. Asking again changes nothing."""
    if case.state == CaseState.ERASING and case.erase_at is not None:
        return case.erase_at
    case.state = move_case(case.state, CaseState.ERASING)
    case.erase_at = desk.now() + DELAY
    # Before the notices: a source is locked before them.
    consented = await session.scalars(select(Consent.source_id).where(Consent.case_id == case.id))
    await forget_unless_watched(session, desk, consented.all())
    await stop_unsent(session, desk, case.id, "case-erased")
    await desk.record(session, case.id, Kind.ERASURE_ASKED, erase_at=case.erase_at.isoformat())
    await desk.alert(session, "case-erasing", case.id, "asked-by-person", organisation_id=case.organisation_id)
    return case.erase_at


async def cancel_erasure(session: AsyncSession, desk: Desk, case: Case) -> None:
    """Take an erasure back before its time. Consents hold again; notices that were stopped stay stopped.

    Those that had left are looked after again.
    """
    if case.state != CaseState.ERASING:
        raise RuleBroken("case-state", "this case is not being erased")
    before = CaseState.OPEN if case.vouched_at is None else CaseState.VOUCHED
    case.state, case.erase_at = move_case(case.state, before), None
    if case.state == CaseState.VOUCHED:
        await look_back_for(session, desk, case.id)
    await _follow_again(session, desk, case.id)
    await desk.record(session, case.id, Kind.ERASURE_CANCELLED)
    await desk.resolve(session, "case-erasing", case.id)


async def _follow_again(session: AsyncSession, desk: Desk, case_id: str) -> None:
    """Looks that came due while the case was closed led nowhere; their tasks are spent, so each gets a new one."""
    query = select(Notice).where(Notice.case_id == case_id, Notice.state.in_(FOLLOWED), Notice.due_at.is_(None))
    for notice in (await session.scalars(query.order_by(Notice.id).with_for_update())).all():
        notice.look += 1
        notice.due_at = desk.now()
        await desk.enqueue(session, tasks.verify(notice.id, notice.look + 1, delay=0))


async def due_erasures(session: AsyncSession, now: datetime) -> Sequence[Case]:
    """Cases whose delay is over."""
    query = select(Case).where(Case.state == CaseState.ERASING, Case.erase_at <= now)
    return (await session.scalars(query.order_by(Case.id).with_for_update(key_share=True))).all()


async def erase(session: AsyncSession, desk: Desk, case: Case) -> None:
    """Mark the case erased; `destroy_key` must follow once this is committed."""
    await desk.ledger.destroy_payloads(session, case.id, at=desk.now())
    case.state, case.intake, case.passphrase_hash = move_case(case.state, CaseState.ERASED), None, ""
    await desk.resolve(session, "case-erasing", case.id)
    paused = select(Fingerprint.id).where(Fingerprint.case_id == case.id, Fingerprint.quarantined_at.is_not(None))
    for fingerprint_id in (await session.scalars(paused)).all():
        await desk.resolve(session, ALERT, fingerprint_id)


def destroy_key(desk: Desk, case_id: str) -> None:
    """From here on nobody can open anything of the case, in the database or in any backup of it."""
    desk.keys.destroy(case_key(case_id))
