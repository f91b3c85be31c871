"""A consent is taken back: watching stops, and so do notices that have not left."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.sources import Consent
from db.queries.consents import consents_of_case, not_withdrawn
from monitor.actions.agree_list import end_yes_to_list
from monitor.context.context import DomainContext
from monitor.core.errors import NotFound
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.history.forgetting import forget_unless_watched
from monitor.model.consent import stands
from monitor.model.states import CaseState, Purpose
from monitor.notices.stopping import stop_unsent
from monitor.sources.sources import locked


async def withdraw_consent(session: AsyncSession, context: DomainContext, case: Case, consent_id: str) -> int:
    """Take a consent back. Watching stops with this transaction, and so do its unsent notices; returns how many.

    When nobody else watches the source, what was kept of it is destroyed.
    """
    query = select(Consent).where(Consent.case_id == case.id, Consent.id == consent_id)
    consent = await session.scalar(query)
    if consent is None or consent.list_consent_id is not None:
        raise NotFound("there is no such consent")
    if consent.withdrawn_at is not None:
        return 0
    # Before vouching the source was never read for this case, and how long this takes tells nothing of others.
    watched = consent.purpose == Purpose.WATCH and case.state == CaseState.VOUCHED
    stopped = 0
    if watched:
        await locked(session, consent.source_id)
        stopped = await stop_unsent(session, context, case.id, Refusal.CONSENT_WITHDRAWN, consent.source_id)
    await _take_back(session, context, case, consent)
    return stopped


async def _take_back(session: AsyncSession, context: DomainContext, case: Case, consent: Consent) -> None:
    """After the notices that end with it: the ledger is locked last."""
    now = context.now()
    # The same yes given twice is taken back whole: the person means the source, not one row.
    for one in await not_withdrawn(session, consent):
        one.withdrawn_at = now
        await context.record(
            session, case.id, EntryKind.CONSENT_WITHDRAWN, consent=one.id, source=one.source_id, purpose=one.purpose
        )
    if consent.purpose == Purpose.WATCH and case.state == CaseState.VOUCHED:
        await forget_unless_watched(session, context, [consent.source_id])


@dataclass(frozen=True, slots=True)
class EveryYesEnded:
    """What a person took back at once, of what stood."""

    places: int
    """That they had named, whatever they had said yes to there."""
    listed: bool
    """The yes to their centre's list too: how many places it has for them is no number of theirs."""


async def withdraw_every_consent(session: AsyncSession, context: DomainContext, case: Case) -> EveryYesEnded:
    """Take every consent of a case back in one transaction: nothing is read any more, and nothing leaves.

    No yes covers the links that the person entered, nor what was found by them. So all of it rests, as they see it,
    until they let it go on.
    """
    live = sorted(await consents_of_case(session, case.id), key=lambda one: (one.source_id, one.id))
    if case.state == CaseState.VOUCHED:
        for source_id in dict.fromkeys(one.source_id for one in live):
            await locked(session, source_id)  # all of them before any notice: see db/locking.py
        # And every notice before the ledger.
        await stop_unsent(session, context, case.id, Refusal.CONSENT_WITHDRAWN)
    now = context.now()
    standing = [one for one in live if stands(one, now).allowed]
    ended = EveryYesEnded(
        len({one.source_id for one in standing if one.list_consent_id is None}),
        any(one.list_consent_id is not None for one in standing),
    )
    for one in live:
        if one.list_consent_id is None and one.withdrawn_at is None:
            await _take_back(session, context, case, one)
    await end_yes_to_list(session, context, case, stopped_already=True)
    if case.watching_paused_at is None:
        case.watching_paused_at = now
        await context.record(session, case.id, EntryKind.WATCHING_PAUSED, source=None)
    return ended
