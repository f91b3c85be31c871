"""The person's yes to a public source."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.sources import Consent
from db.types import new_id
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.history.backfill import request_backfill
from monitor.history.forgetting import forget_unless_watched
from monitor.model.consent import OVER, ends_at, stands
from monitor.model.states import CaseState, Purpose
from monitor.platforms.base import PlatformName
from monitor.platforms.links import names_in, source_handle
from monitor.sources.sources import source_named

MOST_SOURCES = 50


async def give_consent(
    session: AsyncSession,
    context: DomainContext,
    case: Case,
    *,
    platform: PlatformName,
    source: str,
    purposes: Sequence[Purpose],
    days: float | None = None,
) -> tuple[Consent, ...]:
    """The person's yes to a public source, for each purpose apart, with an end.

    Before vouching nothing is done here that depends on whether others have the source read, not even for a moment.
    """
    handle = source_handle(platform, source)
    if handle is None and len(names_in(source)) > 1:
        raise RuleBroken(Refusal.ONE_AT_A_TIME)
    if handle is None:
        raise RuleBroken(Refusal.SOURCE_UNREADABLE, "name a public channel or account, such as @name or its link")
    now = context.now()
    row = await source_named(session, platform, handle, now)
    # Those of a list have no part in it: how many there are would tell whether this source is among them.
    named = (Consent.case_id == case.id, Consent.list_consent_id.is_(None))
    given = (await session.scalars(select(Consent).where(*named))).all()
    # Said again, a yes to a place that rests does not wake it: only the person's own "go on" does.
    paused = {one.source_id: one.paused_at for one in given if one.paused_at and stands(one, now).allowed}
    # Those of a case that waits for an advocate count too, or the limit would end where the case is vouched for.
    watched = {one.source_id for one in given if stands(one, now).reason not in OVER}
    if row.id not in watched and len(watched) >= MOST_SOURCES:
        raise RuleBroken(Refusal.TOO_MANY_SOURCES, f"a case watches at most {MOST_SOURCES} sources")
    if Purpose.WATCH in purposes and case.state == CaseState.VOUCHED:
        # What was kept for consents that ended a moment ago is not handed on to this one.
        await forget_unless_watched(session, context, [row.id])
        await request_backfill(session, context, case.id, [row.id])
    made = []
    for purpose in dict.fromkeys(purposes):
        ends = ends_at(days, now)
        consent = Consent(
            id=new_id(),
            case_id=case.id,
            source_id=row.id,
            purpose=purpose,
            given_at=now,
            expires_at=ends,
            paused_at=paused.get(row.id, case.watching_paused_at),
            entered_by=context.by.advocate_id,
        )
        session.add(consent)
        await session.flush()
        made.append(consent)
        facts = {"consent": consent.id, "source": row.id, "purpose": purpose, "expires_at": ends.isoformat()}
        await context.record(session, case.id, EntryKind.CONSENT_GIVEN, **facts)
    return tuple(made)
