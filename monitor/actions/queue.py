"""The queue as an advocate works through it: a line an item, and one item with all that helps to decide. It only reads.

No picture is here, and none is asked for: what is shown is what the record tells.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.messages import SightingQuestion
from db.models.sightings import Sighting
from db.queries import queue
from db.queries.actors import AdvocateActor
from db.queries.queue import ChannelBefore, CopyOfItem, ItemRow, Said, Wanted
from db.queries.tenants import OrganisationTenant, SourceName, sources_called
from monitor.actions.desk import called_of, open_called
from monitor.actions.grounds import offered_grounds, word_of_person
from monitor.actions.reopen import Decision, StandingFiling, left_of_copies
from monitor.cases.entered import read_entered
from monitor.cases.intake import read_intake
from monitor.context.context import DomainContext
from monitor.core.errors import JikimiError, NotFound
from monitor.matching.sketch import Sketch, sketch
from monitor.model.desk import Called
from monitor.model.facts import PersonsWord, Timing
from monitor.model.grounds import ANSWER, Ground
from monitor.model.queue_filters import AGES, QueueFilter, Unknown
from monitor.model.records.intake import IntakeRecord
from monitor.model.records.sighting import SightingRecord
from monitor.model.states import SightingState
from monitor.sightings.age import age_of
from monitor.sightings.own_pages import own_pages, stands_on

MOST_SHOWN = 10
"""Copies of one item that are opened to be shown: they are one picture, and the rest is counted."""
MOST_PLACES = 200
"""Channels and accounts to choose from."""


@dataclass(frozen=True, slots=True)
class QueuePage:
    """A page of lines."""

    lines: Sequence[ItemRow]
    total: int
    """Items that fit what was asked for."""
    unknown: tuple[Unknown, ...] = ()
    """A case or a channel that this centre has nothing of."""
    called: Mapping[str, Called] = field(default_factory=dict, repr=False)
    """What the centre calls the lines' cases, those that have a name or tags."""


@dataclass(frozen=True, slots=True)
class ShownCopy:
    """One copy, as it was found."""

    row: Sighting
    source: SourceName
    url: str = field(repr=False)
    caption: str = field(repr=False)
    title: str = field(repr=False)
    """What the channel calls itself; empty where that was not noted."""
    author: str = field(repr=False)
    number: int | None
    """Which picture of its post it is, from 1."""
    album: bool
    """It was posted together with others."""
    own_page: bool
    question: SightingQuestion | None


@dataclass(frozen=True, slots=True)
class WholeItem:
    """Everything that is known of one picture's copies in one state."""

    item_id: str
    case: Case
    called: Called = field(repr=False)
    copies: Sequence[ShownCopy]
    """The first of them; the first found is shown for all."""
    count: int
    minor: bool
    held: bool
    unconfirmed: bool
    origin: str
    sketch: Sketch | None
    grounds: tuple[Ground, ...]
    said: Sequence[Said]
    """By the person who was asked, and by whoever looked, in order."""
    before: ChannelBefore
    """Of the channel of the first one."""
    decision: Decision | None
    """The last one about any of these copies: what an undo takes back."""
    filed: tuple[StandingFiling, ...] = ()
    """What stands with its recipients although these copies are confirmed no more."""

    @property
    def head(self) -> ShownCopy:
        """The copy that is shown for all."""
        return self.copies[0]

    @property
    def asked(self) -> Said | None:
        """What the person was asked about any of them last, and said."""
        return next((one for one in reversed(self.said) if one.who == ANSWER), None)

    @property
    def person_says(self) -> PersonsWord | None:
        """Their last word, asked or to the centre."""
        return word_of_person(self.said)

    @property
    def may_confirm(self) -> bool:
        """Some of them stand elsewhere than on a page of the person's own."""
        return not all(one.own_page for one in self.copies)


async def queue_page(
    session: AsyncSession,
    context: DomainContext,
    actor: AdvocateActor,
    asked: QueueFilter,
    *,
    limit: int,
    beyond: int | None = None,
) -> QueuePage:
    """The items that are asked for, what harms most first. Whoever asks for nobody's case or channel is told so.

    `beyond`: how many copies wait beyond the daily budget of reviews, where that is known: of none, none is looked for.
    """
    sources = None
    if asked.source:
        sources = await sources_called(session, OrganisationTenant(actor.organisation_id), *asked.place)
        if not sources:
            return QueuePage((), 0, (Unknown("source", asked.source),))
    a_day = None if beyond == 0 else context.most_reviews_a_day
    wanted = await _wanted(session, context, actor, asked, sources, a_day)
    lines, total = await queue.items_of(session, actor, wanted, limit=limit, offset=(asked.page - 1) * limit)
    if not lines and asked.case and not await queue.sees_case(session, actor, asked.case):
        return QueuePage((), 0, (Unknown("case", asked.case),))
    if not lines and asked.page > 1:
        return QueuePage((), 0, (Unknown("page", str(asked.page)),))
    called = {line.case_id: line.called for line in lines if line.called is not None}
    return QueuePage(lines, total, called=await open_called(context, actor, called))


async def _wanted(
    session: AsyncSession,
    context: DomainContext,
    actor: AdvocateActor,
    asked: QueueFilter,
    sources: Sequence[str] | None,
    a_day: int | None,
) -> Wanted:
    at_most, more_than = AGES.get(asked.age, (None, None))
    now = context.now()
    return Wanted(
        state=asked.state,
        a_day=a_day,
        minors=await minors_of(session, context, actor, asked.state),
        case_id=asked.case or None,
        source_ids=None if sources is None else tuple(sources),
        verdict=asked.verdict or None,
        found_from=None if at_most is None else now - at_most,
        found_until=None if more_than is None else now - more_than,
        fingerprint_id=asked.fingerprint or None,
    )


_told: dict[str, tuple[int, bool]] = {}
"""Case -> a digest of what its person told, sealed, and whether that counts as a minor's: opening hundreds of them for
each page takes longer than all the rest. Only that one word of it is kept, in memory alone."""
_MOST_TOLD = 20_000
_fresh: dict[tuple[str, str], tuple[float, frozenset[str]]] = {}
_FRESH_S = 5.0
"""Whoever decides one item after the other asks for the order of them each time: an age told just now may wait."""


async def minors_of(session: AsyncSession, context: DomainContext, actor: AdvocateActor, state: str) -> frozenset[str]:
    """Cases with something in this state whose person counts as a minor, where nothing was told of the picture."""
    if len(_told) > _MOST_TOLD:
        _told.clear()
        _fresh.clear()
    known = _fresh.get((actor.organisation_id, state))
    if known is not None and monotonic() < known[0]:
        return known[1]
    rows = [(case_id, sealed, hash(sealed)) for case_id, sealed in await queue.minors_told(session, actor, state)]
    fresh = [row for row in rows if _told.get(row[0], (None, False))[0] != row[2]]
    if fresh:  # in a thread: hundreds of keys are fetched, once a process
        _told.update(await asyncio.to_thread(_read_ages, context, fresh))
    found = frozenset(case_id for case_id, _, digest in rows if _told.get(case_id) == (digest, True))
    _fresh[actor.organisation_id, state] = (monotonic() + _FRESH_S, found)
    return found


def _read_ages(context: DomainContext, rows: Sequence[tuple[str, bytes | None, int]]) -> dict[str, tuple[int, bool]]:
    holding = context.holding([case_id for case_id, _, _ in rows])
    return {case_id: (digest, _is_minor(holding, case_id, sealed)) for case_id, sealed, digest in rows}


def _is_minor(context: DomainContext, case_id: str, sealed: bytes | None) -> bool:
    """Not sure counts as a minor; so does a case whose key is lost."""
    if sealed is None:
        return True
    try:
        told = context.open_record(IntakeRecord, case_id, case_id, sealed).intake()
    except JikimiError:
        return True
    return told.age_group.counts_as_minor


async def whole_item(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, sighting_id: str, state: str | None = None
) -> WholeItem:
    """The item that a sighting belongs to, its copies in one state or all. Raises NotFound."""
    rows = await queue.copies_of_item(session, actor, sighting_id, state, limit=MOST_SHOWN)
    if not rows:
        raise NotFound
    first = rows[0]
    case = first.case
    pages = await own_pages(session, context, case.id)
    evidence = [context.open_record(SightingRecord, case.id, one.row.id, one.row.evidence) for one in rows]
    copies = [_shown(one, record, pages) for one, record in zip(rows, evidence, strict=True)]
    item_id = first.row.alike_id or first.row.id
    said = await queue.said_of_item(session, item_id)
    intake = read_intake(context, case)
    confirmable = [one for one in copies if not one.own_page] or copies
    left = [one.row for one in rows if one.may_be_left and one.row.state != SightingState.CONFIRMED]
    return WholeItem(
        item_id=item_id,
        case=case,
        called=called_of(context, case.id, actor.organisation_id, first.called),
        copies=copies,
        count=first.copies,
        minor=any(age_of(one.row, intake).counts_as_minor for one in rows),
        held=intake.timing is Timing.WAIT_FOR_POLICE,
        unconfirmed=bool(read_entered(context, case).waiting),
        origin=first.origin,
        sketch=sketch(first.row.how, evidence[0].width, evidence[0].height),
        grounds=await offered_grounds(
            session,
            context,
            said,
            [(one.row, one.url) for one in confirmable],
            text=any(one.caption for one in copies),
        ),
        said=said,
        before=await queue.channel_before(session, actor, first.row.source_id),
        decision=_decision(first),
        filed=await left_of_copies(session, context, left) if left else (),
    )


def _decision(one: CopyOfItem) -> Decision | None:
    known = ((SightingState.CONFIRMED, one.confirmed_at), (SightingState.DISMISSED, one.dismissed_at))
    return max((Decision(state, at) for state, at in known if at is not None), key=lambda it: it.at, default=None)


async def grounds_of_copy(
    session: AsyncSession, context: DomainContext, sighting: Sighting
) -> tuple[tuple[Ground, ...], PersonsWord | None]:
    """What is taken when this copy alone is confirmed, and the person's last word of any copy of its picture. The
    caller made sure that it may be seen."""
    opened = context.open_record(SightingRecord, sighting.case_id, sighting.id, sighting.evidence)
    said = await queue.said_of_item(session, sighting.alike_id or sighting.id)
    copies, text = [(sighting, opened.url)], bool(opened.caption)
    return await offered_grounds(session, context, said, copies, text=text), word_of_person(said)


async def item_to_decide(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, sighting_id: str
) -> WholeItem:
    """What of an item is to be decided; where nothing is, all of it. Raises NotFound."""
    try:
        return await whole_item(session, context, actor, sighting_id, SightingState.OPEN)
    except NotFound:
        return await whole_item(session, context, actor, sighting_id)


def _shown(one: CopyOfItem, record: SightingRecord, pages: frozenset[tuple[str, str]]) -> ShownCopy:
    seen = record.observed
    return ShownCopy(
        row=one.row,
        source=one.source,
        url=record.url,
        caption=record.caption or "",
        title=record.place_title or "",
        author="" if seen is None else seen.author_name or "",
        number=None if record.media_index is None else record.media_index + 1,
        album=record.group_id is not None or bool(record.media_index),
        own_page=stands_on(pages, one.source.platform, one.source.handle, record.url) if pages else False,
        question=one.question,
    )
