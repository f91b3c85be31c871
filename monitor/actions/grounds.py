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
from monitor.model.facts import Basis, PersonsWord
from monitor.model.grounds import (
    ANSWER,
    LOOKED,
    Ground,
    OnRecord,
    can_have_seen,
    grounds_of,
    persons_word,
    supports,
)
from monitor.model.records.link import LinkRecord
from monitor.model.records.sighting import SightingRecord
from monitor.platforms.links import parse_link
from monitor.sightings.identical import another_stands


def on_record(said: Sequence[Said], *, links_at: datetime | None, text: bool) -> OnRecord:
    """What was said of the copies of one picture. Who looked before the post was there did not look at it."""
    said = [one for one in said if not _is_yes(one) or _saw(one, one.sighting_id, one.posted_at, one.posted_at)]
    return OnRecord(
        answers=[(one.said, one.at) for one in said if one.who == ANSWER],
        links_at=links_at,
        viewings=[(one.who, one.said, one.at) for one in said if one.who != ANSWER],
        text=text,
    )


def word_of_person(said: Sequence[Said]) -> PersonsWord | None:
    """What the person said last of any of these."""
    return persons_word((one.who, one.said, one.at) for one in said)


def refuse_over_a_no(said: Sequence[Said], over: PersonsWord | None) -> PersonsWord | None:
    """The "no" that is overruled; None: there is none. RuleBroken(PERSON_SAYS_NO) where the person says that it is not
    theirs and whoever confirms does not say that they confirm it all the same."""
    word = word_of_person(said)
    if word is not PersonsWord.NO:
        return None
    if over is not word:
        raise RuleBroken(Refusal.PERSON_SAYS_NO, "the person says that it is not theirs")
    return word


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


async def offered_grounds(
    session: AsyncSession,
    context: DomainContext,
    said: Sequence[Said],
    copies: Sequence[tuple[Sighting, str]],
    *,
    text: bool,
) -> tuple[Ground, ...]:
    """What is taken when these copies of one picture, each with its address, are confirmed together.

    `said`: see `said_of_item`; `text`: any of the posts has one.
    """
    first = copies[0][0]
    links_at = await linked_at(session, context, first.case_id, copies)
    grounds = grounds_of(on_record(said, links_at=links_at, text=text))
    alone = {one for one in LOOKED if any(_is_own(said, row, one, None) for row, _ in copies)}
    if links_at is not None:
        alone.add(Basis.PERSON_VIEWED)  # it is the link to one of these
    resting = {one.basis for one in grounds} & LOOKED - alone
    if resting and not await another_stands(session, first):
        return tuple(one for one in grounds if one.basis not in resting)
    return grounds


async def stated_of_each(
    session: AsyncSession,
    context: DomainContext,
    copies: Sequence[Sighting],
    said: Sequence[Said],
    basis: Basis,
    *,
    at_most: int,
) -> Mapping[str, Basis]:
    """What a notice about each of these states, by the sighting's id: of `at_most` of them, those first of which
    somebody said it. `copies`: of one picture, all to be confirmed together; `said`: see `said_of_item`.

    That somebody viewed a post is stated where they can have: of a link that the person gave, and of what stood there
    when they looked. Of any other copy it is stated that it is identical, as long as there is one of which more is.
    RuleBroken(BASIS_NOT_ON_RECORD) where a notice would state what nobody said.
    """
    if basis is Basis.CAPTION_CONTEXT:
        return {row.id: basis for row in copies[:at_most]}  # whoever decides reads it from the post
    case_id = copies[0].case_id
    opened = (
        [(row, context.open_record(SightingRecord, case_id, row.id, row.evidence).url) for row in copies]
        if basis is Basis.PERSON_VIEWED
        else []
    )
    links = await linked_at(session, context, case_id, opened)
    if not supports(grounds_of(on_record(said, links_at=links, text=False)), basis):
        raise RuleBroken(Refusal.BASIS_NOT_ON_RECORD, "nobody said that so far: ask the person, or note who looked")
    if basis not in LOOKED:
        return {row.id: basis for row in copies[:at_most]}  # of the picture, whatever shows it
    own = set[str]()
    for row in copies:
        mine = [pair for pair in opened if pair[0] is row]
        link = await linked_at(session, context, case_id, mine) if links is not None else None
        if _is_own(said, row, basis, link):
            own.add(row.id)
    if not own and not await another_stands(session, copies[0]):
        raise RuleBroken(Refusal.BASIS_NOT_ON_RECORD, "whoever looked did not look at this copy")
    now = sorted(copies, key=lambda row: row.id not in own)[:at_most]
    return {row.id: basis if row.id in own else Basis.IDENTICAL_COPY for row in now}


async def said_of_copy(session: AsyncSession, sighting: Sighting) -> Sequence[Said]:
    """What was said of any copy of its picture."""
    return await said_of_item(session, sighting.alike_id or sighting.id)


def _is_own(said: Sequence[Said], row: Sighting, basis: Basis, links_at: datetime | None) -> bool:
    """Whether it was said of this very copy. What was denied is denied of every copy."""
    of_this = [one for one in said if not _is_yes(one) or _saw(one, row.id, row.posted_at, row.found_at)]
    return supports(grounds_of(on_record(of_this, links_at=links_at, text=False)), basis)


def _is_yes(one: Said) -> bool:
    """Somebody looked, and said that it is the person's."""
    return one.who != ANSWER and one.said == PersonsWord.YES


def _saw(one: Said, sighting_id: str, posted_at: datetime, found_at: datetime) -> bool:
    this_one = one.sighting_id == sighting_id
    return one.at is not None and can_have_seen(one.at, posted_at=posted_at, found_at=found_at, this_one=this_one)
