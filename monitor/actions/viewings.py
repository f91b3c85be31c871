"""A body that may view such pictures is asked to look, and what it said is noted: nobody here looks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.people import Organisation
from db.models.viewings import Viewing
from db.queries.actors import AdvocateActor
from db.queries.queue import lock_item
from db.types import new_id
from monitor.actions.queue import WholeItem, item_to_decide
from monitor.context.context import DomainContext
from monitor.core.errors import NotFound, RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.facts import PersonsWord
from monitor.model.records.viewing import ViewingRecord
from monitor.model.viewings import Viewer
from monitor.notices.viewing_text import ToView, ViewingRequest, viewing_text
from monitor.platforms.base import PlatformName

LONGEST = 200
"""Characters of a body's name, and of its number."""


@dataclass(frozen=True, slots=True)
class Noted:
    """What an advocate writes down of somebody who looked."""

    viewer: Viewer
    said: PersonsWord
    at: datetime | None = None
    """None: now."""
    who: str = field(default="", repr=False)
    reference: str = field(default="", repr=False)


async def hand_over(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, sighting_id: str, viewer: Viewer, language: str
) -> str:
    """The text to take there; that it was given out is recorded, and its answer is waited for. Raises NotFound.

    RuleBroken(CHOOSE_VIEWER) for the person: they are asked on their page.
    """
    if viewer is Viewer.PERSON:
        raise RuleBroken(Refusal.CHOOSE_VIEWER, "the person is asked on their page, without a link")
    ids, _ = await _held(session, actor, sighting_id)
    item = await item_to_decide(session, context, actor, sighting_id)
    if await _waiting(session, ids, viewer) is not None:  # pressed twice, or the text is wanted once more
        return await text_for(session, actor, item, language)
    row = Viewing(
        id=new_id(),
        case_id=item.case.id,
        sighting_id=item.head.row.id,
        body=viewer,
        asked_at=context.now(),
        asked_by=actor.id,
        content=b"",
    )
    row.content = context.seal_record(item.case.id, row.id, ViewingRecord())
    session.add(row)
    await session.flush()
    shown = [one.row.id for one in item.copies]
    await context.record(session, item.case.id, EntryKind.VIEWING_ASKED, sightings=shown, body=viewer)
    return await text_for(session, actor, item, language)


async def text_for(session: AsyncSession, actor: AdvocateActor, item: WholeItem, language: str) -> str:
    """What a body is given."""
    centre = await session.get_one(Organisation, actor.organisation_id)
    asked = ViewingRequest(
        centre=centre.name,
        reference=item.item_id,
        minor=item.minor,
        distance=item.head.row.distance,
        copies=[
            ToView(
                platform=PlatformName(one.source.platform),
                url=one.url,
                post_id=one.row.post_id,
                number=one.number,
                posted_at=one.row.posted_at,
                found_at=one.row.found_at,
            )
            for one in item.copies
        ],
        left_out=item.count - len(item.copies),
    )
    return viewing_text(asked, language)


async def note_viewing(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, sighting_id: str, noted: Noted
) -> None:
    """Somebody looked and said what it is. It answers what was asked of the same body, where that waits.

    Raises NotFound, and RuleBroken: VIEWED_IN_FUTURE, FIELD_TOO_LONG.
    """
    now = context.now()
    if noted.at is not None and noted.at > now:
        raise RuleBroken(Refusal.VIEWED_IN_FUTURE, "this time has not come yet")
    if max(len(noted.who), len(noted.reference)) > LONGEST:
        raise RuleBroken(Refusal.FIELD_TOO_LONG, f"at most {LONGEST} characters")
    ids, case_id = await _held(session, actor, sighting_id)
    row = await _waiting(session, ids, noted.viewer)
    if row is None:
        row = Viewing(id=new_id(), case_id=case_id, sighting_id=sighting_id, body=noted.viewer, content=b"")
        session.add(row)
    row.said, row.said_at, row.noted_by = noted.said, noted.at or now, actor.id
    row.content = context.seal_record(case_id, row.id, ViewingRecord(who=noted.who, reference=noted.reference))
    await session.flush()
    told = {"sighting": row.sighting_id, "body": noted.viewer, "said": noted.said, "said_at": row.said_at.isoformat()}
    await context.record(session, case_id, EntryKind.VIEWING_NOTED, **told)


async def _held(session: AsyncSession, actor: AdvocateActor, sighting_id: str) -> tuple[list[str], str]:
    """Every copy of the item, locked, and its case."""
    held = await lock_item(session, actor, sighting_id)
    if held is None:
        raise NotFound
    return [row.id for row in held.copies], held.case.id


async def _waiting(session: AsyncSession, sighting_ids: Sequence[str], viewer: Viewer) -> Viewing | None:
    query = select(Viewing).where(Viewing.sighting_id.in_(sighting_ids), Viewing.body == viewer)
    query = query.where(Viewing.said.is_(None)).order_by(Viewing.asked_at, Viewing.id).limit(1)
    found: Viewing | None = await session.scalar(query)
    return found
