"""The person's yes to everything on their centre's list, in one act: they are told the number, and never the names.

Each place of the list then has a consent of its own, so that whatever asks for consents asks the one rule.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_rows
from db.models.cases import Case
from db.models.centres import ListConsent, ListPlace
from db.models.sightings import Sighting
from db.models.sources import Consent, Source
from db.queries.actors import Actor
from db.queries.consents import end_listed, sources_listed, watched_by_name, withdraw_listed
from db.queries.lists import changes_since, count_places, list_consents_of, on_list
from db.types import new_id
from monitor.actions.access import get_open_case, only_the_person
from monitor.actions.centre_list import list_key, open_place
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.history.backfill import request_backfill
from monitor.history.forgetting import forget_unless_watched
from monitor.model.consent import ends_at, is_to_be_renewed, stands
from monitor.model.states import CaseState, Purpose
from monitor.notices.stopping import stop_unsent
from monitor.sources.sources import source_named


@dataclass(frozen=True, slots=True)
class AgreedList:
    """A yes that stands, to one purpose."""

    purpose: str
    places: int
    """How many the person was told."""
    given_at: datetime
    expires_at: datetime
    renewal: bool
    added: int
    """Places that joined the list since: they are not read before the person agrees again."""
    removed: int
    """Of those that the person agreed to, how many the centre took off: they are read no more."""


@dataclass(frozen=True, slots=True)
class ListTold:
    """What a person is told of their centre's list."""

    places: int | None
    """How many stand on it now; None: no centre has vouched yet."""
    agreed: Sequence[AgreedList]


async def list_told(session: AsyncSession, context: DomainContext, case: Case) -> ListTold:
    """Numbers, and nothing else."""
    if case.state != CaseState.VOUCHED or case.organisation_id is None:
        return ListTold(None, ())
    now, agreed = context.now(), []
    for one in await _standing(session, case.id, now):
        added, removed = await changes_since(session, case.organisation_id, one.given_at)
        renewal = is_to_be_renewed(one, now)
        agreed.append(
            AgreedList(one.purpose, one.places, one.given_at, one.expires_at, renewal, added, min(removed, one.places))
        )
    return ListTold(await count_places(session, case.organisation_id), agreed)


async def agree_list(
    session: AsyncSession,
    context: DomainContext,
    actor: Actor,
    case_id: str,
    *,
    places: int,
    purposes: Sequence[Purpose],
    days: float | None = None,
) -> Case:
    """Say yes to the whole list as it stands, for each purpose apart. `places`: the number that the person was shown.

    Said again it takes the place of the yes before. Raises RuleBroken: ONLY_THE_PERSON, NOT_VOUCHED, LIST_CHANGED where
    the list has another number of places by now, LIST_EMPTY.
    """
    home = (await get_open_case(session, actor, case_id)).organisation_id or ""
    only_the_person(actor)
    # Before the case: whoever removes a place locks it, and then the cases that said yes to it.
    rows = await lock_rows(session, select(ListPlace).where(on_list(home)))
    case = await get_open_case(session, actor, case_id, lock=True)
    if case.state != CaseState.VOUCHED or case.organisation_id != home:
        raise RuleBroken(Refusal.NOT_VOUCHED, "a list is a centre's, so one must have vouched first")
    if len(rows) != places:
        raise RuleBroken(Refusal.LIST_CHANGED, "the list has another number of places by now; look again")
    if not rows:
        raise RuleBroken(Refusal.LIST_EMPTY, "there is nothing on this list yet")
    now, ends, key = context.now(), ends_at(days, context.now()), list_key(context, home)
    named = sorted((record.platform, record.handle) for record in (open_place(key, row) for row in rows))
    sources = [await source_named(session, platform, handle, now) for platform, handle in named]
    ids = [source.id for source in sources]
    if Purpose.WATCH in purposes:
        # What was kept for consents that ended a moment ago is not handed on to these.
        await forget_unless_watched(session, context, ids)
    known = (await session.scalars(select(Consent).where(Consent.case_id == case.id))).all()
    # What rests is not woken by a yes that is said again: only the person's own "go on" does that.
    paused = {one.source_id: one.paused_at for one in known if one.paused_at and stands(one, now).allowed}
    given = []
    for purpose in dict.fromkeys(purposes):
        before = [one for one in await _standing(session, case.id, now) if one.purpose == purpose]
        await end_listed(session, [one.id for one in before], now)
        for one in before:
            one.expires_at = now
        agreed = ListConsent(
            id=new_id(),
            case_id=case.id,
            organisation_id=home,
            purpose=purpose,
            places=len(rows),
            given_at=now,
            expires_at=ends,
        )
        common = {"case_id": case.id, "purpose": purpose, "given_at": now, "expires_at": ends}
        session.add(agreed)
        for source_id in ids:
            rests = {"list_consent_id": agreed.id, "paused_at": paused.get(source_id, case.watching_paused_at)}
            session.add(Consent(id=new_id(), source_id=source_id, **rests, **common))
        given.append(agreed)
    await session.flush()
    if Purpose.WATCH in purposes:
        # Each is read in its next turn: hundreds of reads at once would hold up everybody else's.
        await request_backfill(session, context, case.id, ids, crawl=False)
    for agreed in given:
        facts = {"list_consent": agreed.id, "purpose": agreed.purpose, "places": agreed.places}
        await context.record(session, case.id, EntryKind.LIST_AGREED, **facts, expires_at=ends.isoformat())
    return case


async def take_back_list(session: AsyncSession, context: DomainContext, case: Case, actor: Actor) -> int:
    """Take the whole yes back, at any time: reading stops with this transaction, and so do notices that have not left.

    Sources that the person named themselves stay as they are. Returns how many notices were stopped.
    """
    only_the_person(actor)
    return await end_yes_to_list(session, context, case)


async def end_yes_to_list(
    session: AsyncSession, context: DomainContext, case: Case, *, stopped_already: bool = False
) -> int:
    """The same for whoever takes back everything. Call it with the case locked, and its sources or nothing after it.

    `stopped_already`: the notices that end with it; its sources are locked, too, and the ledger may be.
    """
    now, stopped = context.now(), 0
    given = [one for one in await list_consents_of(session, case.id) if one.withdrawn_at is None]
    if not given:
        return 0
    ids = [one.id for one in given]
    sources = sorted(await sources_listed(session, ids))
    watched = case.state == CaseState.VOUCHED
    if watched:
        await lock_rows(session, select(Source).where(Source.id.in_(sources)))
    if watched and not stopped_already:
        alone = set(sources) - await watched_by_name(session, case.id, now)
        there = select(Sighting.id).where(Sighting.case_id == case.id, Sighting.source_id.in_(alone))
        found = (await session.scalars(there)).all()
        if found:
            stopped = await stop_unsent(session, context, case.id, Refusal.CONSENT_WITHDRAWN, only=found)
    await withdraw_listed(session, ids, now)
    for one in given:
        one.withdrawn_at = now
        await context.record(session, case.id, EntryKind.LIST_TAKEN_BACK, list_consent=one.id, purpose=one.purpose)
    if watched:
        await forget_unless_watched(session, context, sources)
    return stopped


async def _standing(session: AsyncSession, case_id: str, now: datetime) -> list[ListConsent]:
    return [one for one in await list_consents_of(session, case_id) if stands(one, now).allowed]
