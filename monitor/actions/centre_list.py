"""The list of public channels and accounts that a centre keeps: any of its advocates adds, notes and removes.

What is added widens nobody's consent: a person agrees to the list as it stands, and is asked again. What is removed is
read for nobody any more through the list, at once. See docs/decisions/0088-a-yes-to-a-list-is-a-yes-to-each-place.md.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_if_there, lock_rows
from db.models.cases import Case
from db.models.centres import ListPlace
from db.models.sources import Source
from db.queries.actors import AdvocateActor
from db.queries.consents import end_listed
from db.queries.lists import count_places, list_consents_to, standing_places
from db.types import new_id
from monitor.context.context import DomainContext
from monitor.core.errors import NotFound, RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.history.forgetting import forget_unless_watched
from monitor.keys.envelope import Key
from monitor.model.records.list_place import ListPlaceRecord
from monitor.platforms.base import PlatformName
from monitor.platforms.links import source_handle

MOST_PLACES = 300
LONGEST_NOTE = 300


@dataclass(frozen=True, slots=True)
class KeptPlace:
    """A place as the centre's advocates see it."""

    id: str
    platform: str
    handle: str = field(repr=False)
    note: str = field(repr=False)
    added_at: datetime
    added_by: str
    """The advocate's id."""


async def places_of(session: AsyncSession, context: DomainContext, actor: AdvocateActor) -> Sequence[KeptPlace]:
    """The own centre's list, in the order it was made."""
    key = list_key(context, actor.organisation_id)
    rows = (await session.scalars(standing_places(actor.organisation_id))).all()
    return sorted((_kept(key, row) for row in rows), key=lambda one: (one.added_at, one.platform, one.handle))


async def add_places(
    session: AsyncSession,
    context: DomainContext,
    actor: AdvocateActor,
    *,
    platform: PlatformName,
    sources: Sequence[str],
    note: str = "",
) -> int:
    """Put public channels or accounts on the list; returns how many are new. All of them, or none.

    Raises RuleBroken: SOURCE_UNREADABLE, TOO_MANY_PLACES, TOO_LARGE.
    """
    handles = list(dict.fromkeys(_handle(platform, one) for one in sources))
    key, now = list_key(context, actor.organisation_id), context.now()
    tags = {key.tag(f"{platform}|{handle}", "list-place"): handle for handle in handles}
    rows = (await session.scalars(standing_places(actor.organisation_id))).all()
    new = {tag: handle for tag, handle in tags.items() if tag not in {row.tag for row in rows}}
    if len(rows) + len(new) > MOST_PLACES:
        raise RuleBroken(Refusal.TOO_MANY_PLACES, f"a list holds at most {MOST_PLACES} places")
    added = []
    for tag, handle in new.items():
        place_id = new_id()
        record = ListPlaceRecord(platform=platform, handle=handle, note=_note(note))
        sealed = key.seal_json(record.as_json(), ListPlaceRecord.place(place_id))
        kept = {"organisation_id": actor.organisation_id, "added_at": now, "added_by": actor.id}
        session.add(ListPlace(id=place_id, tag=tag, payload=sealed, **kept))
        added.append(place_id)
    await session.flush()
    if added:
        await _tell(session, context, actor, "added", added)
    return len(added)


async def note_place(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, place_id: str, note: str
) -> None:
    """Write beside a place what the centre knows of it. Raises NotFound, RuleBroken(TOO_LARGE)."""
    row, key = await _mine(session, actor, place_id), list_key(context, actor.organisation_id)
    record = _opened(key, row)
    if record.note != _note(note):
        noted = ListPlaceRecord(platform=record.platform, handle=record.handle, note=_note(note))
        row.payload = key.seal_json(noted.as_json(), ListPlaceRecord.place(row.id))
        await session.flush()
        await _tell(session, context, actor, "noted", [row.id])


async def remove_place(session: AsyncSession, context: DomainContext, actor: AdvocateActor, place_id: str) -> None:
    """Take a place off the list: through the list it is read for nobody any more. Raises NotFound.

    That is no withdrawal of the person's, so what was confirmed there goes its way.
    """
    row = await _mine(session, actor, place_id)
    record, now = _opened(list_key(context, actor.organisation_id), row), context.now()
    given = await list_consents_to(session, actor.organisation_id)
    await lock_rows(session, select(Case).where(Case.id.in_({one.case_id for one in given})))
    row.removed_at, row.removed_by = now, actor.id
    known = (Source.platform == record.platform, Source.handle == record.handle)
    source = await session.scalar(select(Source).where(*known))
    if source is not None and given:
        await end_listed(session, [one.id for one in given], now, source_id=source.id)
        await forget_unless_watched(session, context, [source.id])
    await _tell(session, context, actor, "removed", [row.id])


async def size_of_list(session: AsyncSession, actor: AdvocateActor) -> int:
    """How many places stand on the own centre's list."""
    return await count_places(session, actor.organisation_id)


def list_key(context: DomainContext, organisation_id: str) -> Key:
    """The key of a centre's list."""
    return context.keys.create(f"centre-list:{organisation_id}")


def open_place(key: Key, row: ListPlace) -> ListPlaceRecord:
    """What is sealed of a place."""
    return _opened(key, row)


async def _mine(session: AsyncSession, actor: AdvocateActor, place_id: str) -> ListPlace:
    row = await lock_if_there(session, ListPlace, place_id)
    if row is None or row.organisation_id != actor.organisation_id or row.removed_at is not None:
        raise NotFound
    return row


def _handle(platform: PlatformName, text: str) -> str:
    handle = source_handle(platform, text)
    if handle is None:
        raise RuleBroken(Refusal.SOURCE_UNREADABLE, "name a public channel or account, such as @name or its link")
    return handle.lower()


def _note(text: str) -> str:
    note = unicodedata.normalize("NFC", text).strip()
    if len(note) > LONGEST_NOTE:
        raise RuleBroken(Refusal.TOO_LARGE, f"a note has at most {LONGEST_NOTE} characters")
    return note


async def _tell(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, act: str, place_ids: Sequence[str]
) -> None:
    # Ids alone: the names are nobody's who reads the chain.
    facts = {"organisation": actor.organisation_id, "act": act, "places": list(place_ids)}
    await context.record_installation(session, EntryKind.CENTRE_LIST_CHANGED, **facts)


def _kept(key: Key, row: ListPlace) -> KeptPlace:
    record = _opened(key, row)
    return KeptPlace(row.id, record.platform, record.handle, record.note, row.added_at, row.added_by)


def _opened(key: Key, row: ListPlace) -> ListPlaceRecord:
    return ListPlaceRecord.opened(key.open(row.payload, ListPlaceRecord.place(row.id)))
