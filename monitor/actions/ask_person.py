"""An advocate asks the person whether a possible copy is theirs, and the person answers without seeing it.

Asking is what lets the person know of it: the place and the time, never its link or words.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_rows
from db.models.cases import Case, Fingerprint
from db.models.messages import SightingQuestion
from db.models.sightings import Sighting
from db.models.sources import Source
from db.queries.actors import Actor
from db.queries.lists import only_listed
from db.queries.tenants import SOURCE_NAME, SourceName
from monitor.actions.access import only_the_person
from monitor.context.context import DomainContext
from monitor.core.errors import NotFound, RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.matching.sketch import Sketch, sketch
from monitor.model.facts import PersonsWord
from monitor.model.records.fingerprint import FingerprintRecord
from monitor.model.records.sighting import SightingRecord
from monitor.model.states import CaseState, SightingState


@dataclass(frozen=True, slots=True)
class Question:
    """What the person is told of one possible copy."""

    sighting_id: str
    source: SourceName
    posted_at: datetime
    found_at: datetime
    label: str
    """The person's own name for the photo that it looks like; empty: they have none, or it is not one of theirs."""
    own: bool
    """It looks like a photo that the person registered; else like a copy that was confirmed, or a link they entered."""
    how: str
    """Why, in words and numbers; nothing of the picture."""
    sketch: Sketch | None
    asked_at: datetime
    answer: PersonsWord | None
    answered_at: datetime | None


async def ask_person(
    session: AsyncSession,
    context: DomainContext,
    sighting: Sighting,
    *,
    by: str,
    over: PersonsWord | None = None,
    among: Sequence[str] = (),
) -> SightingQuestion:
    """Ask, or ask again. The caller holds the sighting.

    `over`: the answer that whoever asks again has read; `among`: the ids of the copies of the same picture, of which
    the latest answer counts. Raises RuleBroken: ALREADY_DECIDED, PERSON_ANSWERED where another answer stands.
    """
    if sighting.state != SightingState.OPEN:
        raise RuleBroken(Refusal.ALREADY_DECIDED, f"this sighting is already {sighting.state}")
    asked = (await answers_about(session, among or (sighting.id,))).values()
    latest = max(asked, key=lambda one: one.answered_at or one.asked_at, default=None)
    if latest is not None and latest.answer not in (None, over):
        raise RuleBroken(Refusal.PERSON_ANSWERED, f"the person said: {latest.answer}")
    row = await session.get(SightingQuestion, sighting.id, populate_existing=True)
    if row is None:
        row = SightingQuestion(sighting_id=sighting.id, case_id=sighting.case_id, asked_by=by, asked_at=context.now())
        session.add(row)
    row.asked_by, row.asked_at, row.answer, row.answered_at = by, context.now(), None, None
    await session.flush()
    await context.record(session, sighting.case_id, EntryKind.PERSON_ASKED, sighting=sighting.id)
    return row


async def questions_of(session: AsyncSession, context: DomainContext, case: Case, actor: Actor) -> Sequence[Question]:
    """What the person is asked, or answered and nobody decided yet, the oldest first."""
    only_the_person(actor)
    if case.state != CaseState.VOUCHED:
        return ()
    query = select(SightingQuestion, Sighting, SOURCE_NAME).join(Sighting, Sighting.id == SightingQuestion.sighting_id)
    query = query.join(Source, Source.id == Sighting.source_id)
    mine = (SightingQuestion.case_id == case.id, Sighting.state == SightingState.OPEN)
    rows = await session.execute(query.where(*mine).order_by(SightingQuestion.asked_at, Sighting.id))
    hidden = await only_listed(session, case.id)
    return [
        await _question(session, context, row, sighting, _named(source, hidden)) for row, sighting, source in rows.all()
    ]


def _named(source: SourceName, hidden: Collection[str]) -> SourceName:
    """A place of the centre's list has no name for the person before a copy there is released to them."""
    return SourceName("", source.platform, "") if source.id in hidden else source


async def answer_question(
    session: AsyncSession, context: DomainContext, case: Case, actor: Actor, sighting_id: str, answer: PersonsWord
) -> None:
    """Yes, no, or not sure; as long as nobody decided it can be changed. The caller holds the case.

    Raises NotFound, and RuleBroken(NOTHING_WAITS) where it was decided meanwhile.
    """
    only_the_person(actor)
    locked = await lock_rows(session, select(Sighting).where(Sighting.id == sighting_id, Sighting.case_id == case.id))
    row = await session.get(SightingQuestion, sighting_id, populate_existing=True)
    if row is None or not locked:
        raise NotFound
    if locked[0].state != SightingState.OPEN or case.state != CaseState.VOUCHED:
        raise RuleBroken(Refusal.NOTHING_WAITS, "there is nothing to answer any more")
    row.answer, row.answered_at = answer, context.now()
    await session.flush()
    await context.record(session, case.id, EntryKind.PERSON_ANSWERED, sighting=sighting_id, answer=answer)


async def answers_about(session: AsyncSession, sighting_ids: Sequence[str]) -> dict[str, SightingQuestion]:
    """What the person was asked about these, by sighting. The caller made sure that they may be seen."""
    query = select(SightingQuestion).where(SightingQuestion.sighting_id.in_(sighting_ids))
    query = query.execution_options(populate_existing=True)
    return {row.sighting_id: row for row in await session.scalars(query)}


async def _question(
    session: AsyncSession, context: DomainContext, row: SightingQuestion, sighting: Sighting, source: SourceName
) -> Question:
    evidence = context.open_record(SightingRecord, row.case_id, sighting.id, sighting.evidence)
    known = None if sighting.fingerprint_id is None else await session.get(Fingerprint, sighting.fingerprint_id)
    own = known is not None and known.origin == "registered" and known.removed_at is None
    record = (
        context.open_record(FingerprintRecord, row.case_id, known.id, known.payload)
        if known is not None and own
        else None
    )
    return Question(
        sighting_id=sighting.id,
        source=source,
        posted_at=sighting.posted_at,
        found_at=sighting.found_at,
        label="" if record is None else record.label,
        own=own,
        how=sighting.how,
        sketch=sketch(sighting.how, evidence.width, evidence.height),
        asked_at=row.asked_at,
        answer=None if row.answer is None else PersonsWord(row.answer),
        answered_at=row.answered_at,
    )
