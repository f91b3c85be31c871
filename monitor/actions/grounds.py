"""What is on record of a copy before an advocate says how it is known; weighed in `monitor/model/grounds.py`."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.sightings import Sighting
from db.queries.cases import links_of
from db.queries.queue import Said, said_of_item
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.model.facts import Basis
from monitor.model.grounds import OnRecord, grounds_of, supports
from monitor.model.records.link import LinkRecord
from monitor.model.records.sighting import SightingRecord
from monitor.platforms.links import parse_link

ANSWER = "answer"
"""Who said it: the person, asked on their page."""


def on_record(said: Sequence[Said], *, links_at: datetime | None, text: bool) -> OnRecord:
    """What was said of the copies of one picture."""
    return OnRecord(
        answers=[(one.said, one.at) for one in said if one.who == ANSWER],
        links_at=links_at,
        viewings=[(one.who, one.said, one.at) for one in said if one.who != ANSWER],
        text=text,
    )


async def linked_at(
    session: AsyncSession, context: DomainContext, case_id: str, copies: Sequence[tuple[Sighting, str]]
) -> datetime | None:
    """When the person gave the link to one of these posts; None: they did not, or an advocate entered it.

    `copies`: each with its address.
    """
    posts = [parse_link(url) for row, url in copies if row.fingerprint_id is None]
    if not posts:
        return None  # what a picture led to did not come from a link
    for row in await links_of(session, case_id):
        record = context.open_record(LinkRecord, case_id, row.id, row.payload)
        if row.entered_by is None and any(post is not None and record.names(post) for post in posts):
            return row.entered_at
    return None


async def stated_of_each(
    session: AsyncSession, context: DomainContext, copies: Sequence[Sighting], basis: Basis
) -> Mapping[str, Basis]:
    """What a notice about each of these states, by the sighting's id. `copies`: of one picture.

    That somebody viewed a post is stated where they can have: of a link that the person gave, and of what was found
    before somebody looked. Of any other copy that it is identical is stated.
    RuleBroken(BASIS_NOT_ON_RECORD) where a notice would state what nobody said.
    """
    every = dict.fromkeys((row.id for row in copies), basis)
    if basis is Basis.CAPTION_CONTEXT:
        return every  # whoever decides reads it from the post
    first = copies[0]
    opened = (
        [(row, context.open_record(SightingRecord, row.case_id, row.id, row.evidence).url) for row in copies]
        if basis is Basis.PERSON_VIEWED
        else []
    )
    links = await linked_at(session, context, first.case_id, opened)
    said = await said_of_item(session, first.alike_id or first.id)
    if not supports(grounds_of(on_record(said, links_at=links, text=False)), basis):
        raise RuleBroken(Refusal.BASIS_NOT_ON_RECORD, "nobody said that so far: ask the person, or note who looked")
    if basis is Basis.PERSON_SAID:
        return every  # of the picture, whatever shows it
    for row in copies:
        of_this = [one for one in said if one.at is not None and one.at >= row.found_at]
        own = [pair for pair in opened if pair[0] is row]
        link = await linked_at(session, context, row.case_id, own) if links is not None else None
        if not supports(grounds_of(on_record(of_this, links_at=link, text=False)), basis):
            every[row.id] = Basis.IDENTICAL_COPY
    return every
