"""An advocate names a case, tags it, writes notes, takes it on and hands it over. All of it is the centre's own.

The words are sealed under the case's key: with it they are destroyed, and nobody else's key opens them. The ledger
keeps who did what, and never the words.
"""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.desk import CaseDesk, CaseNote
from db.queries.actors import AdvocateActor
from db.queries.desk import called_sealed, count_notes, find_desk, is_colleague, notes_of, notes_since
from db.types import new_id
from monitor.actions.messages import refuse_talk
from monitor.context.context import DomainContext
from monitor.core.errors import JikimiError, NotFound, RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.desk import (
    LONGEST_NAME,
    LONGEST_NOTE,
    LONGEST_TAG,
    MOST_NOTES,
    MOST_TAGS,
    Called,
    NoteKind,
    tags_of,
)
from monitor.model.records.desk import CaseDeskRecord, CaseNoteRecord

SAME_WITHIN = timedelta(minutes=1)
"""The same note once more so soon is a form that was sent twice."""


@dataclass(frozen=True, slots=True)
class ToldNote:
    """A note as colleagues see it."""

    note_id: str
    kind: NoteKind
    by: str
    """The advocate's id."""
    handed_to: str | None
    text: str = field(repr=False)
    """Empty once its writer took it back."""
    written_at: datetime
    taken_back_at: datetime | None


def called_of(context: DomainContext, case_id: str, organisation_id: str, sealed: bytes | None) -> Called:
    """What the centre calls a case."""
    if sealed is None:
        return Called()
    return context.open_record(CaseDeskRecord, case_id, organisation_id, sealed).called()


async def open_called(
    context: DomainContext, actor: AdvocateActor, sealed: Mapping[str, bytes]
) -> Mapping[str, Called]:
    """What the centre calls these cases. Of one whose key is lost nothing is told: it is shown by its number."""
    if not sealed:
        return {}

    def open_all() -> dict[str, Called]:
        holding, found = context.holding(list(sealed)), dict[str, Called]()
        for case_id, content in sealed.items():
            with suppress(JikimiError):
                found[case_id] = called_of(holding, case_id, actor.organisation_id, content)
        return found

    return await asyncio.to_thread(open_all)


async def called_among(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, case_ids: Collection[str]
) -> Mapping[str, Called]:
    """The same for cases that the caller knows to be the centre's: those that have a name or tags."""
    return await open_called(context, actor, await called_sealed(session, actor, case_ids))


async def call_case(
    session: AsyncSession,
    context: DomainContext,
    case: Case,
    actor: AdvocateActor,
    *,
    name: str,
    tags: Iterable[str],
    version: str | None = None,
) -> Called:
    """Give a case a name and tags in place of those it has. The caller holds the case.

    `version`: of those that the caller was shown; None: whatever stands there is replaced. Raises RuleBroken:
    CASE_NAME_TOO_LONG, TOO_MANY_TAGS, CASE_CALLED_MEANWHILE, and as refuse_talk.
    """
    refuse_talk(actor, case)
    called = Called(" ".join(name.split()), tags_of(tags))
    if len(called.name) > LONGEST_NAME:
        raise RuleBroken(Refusal.CASE_NAME_TOO_LONG, f"a name has at most {LONGEST_NAME} characters")
    if len(called.tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in called.tags):
        raise RuleBroken(Refusal.TOO_MANY_TAGS, f"at most {MOST_TAGS} tags of at most {LONGEST_TAG} characters")
    row = await _desk(session, case, actor)
    kept = called_of(context, case.id, actor.organisation_id, row.content)
    if called == kept:
        return called
    if version not in (None, kept.version):
        raise RuleBroken(Refusal.CASE_CALLED_MEANWHILE, "another name, or other tags, were kept meanwhile")
    record, empty = CaseDeskRecord.of(called), called == Called()
    row.content = None if empty else context.seal_record(case.id, actor.organisation_id, record)
    await session.flush()
    await context.record(session, case.id, EntryKind.CASE_NAMED, named=bool(called.name), tags=len(called.tags))
    return called


async def hand_over(
    session: AsyncSession,
    context: DomainContext,
    case: Case,
    actor: AdvocateActor,
    *,
    to: str | None,
    note: str = "",
    shown: str | None = None,
) -> None:
    """Somebody of the centre is in charge from now on; None: whoever comes first. The caller holds the case.

    `shown`: who was in charge on the page that was looked at, empty for nobody; None from whoever does not say.

    Handed to somebody else it goes with a note, so that nobody begins from nothing. The same again changes nothing; a
    note is kept also where whoever it is for has the case meanwhile, and is new to them.
    Raises RuleBroken: COLLEAGUE_UNKNOWN, NOTE_NEEDED, NOTE_TOO_LONG, CHARGE_CHANGED where that is not so any more, and
    as refuse_talk.
    """
    refuse_talk(actor, case)
    text, other = note.strip(), to is not None and to != actor.id
    if to is not None and not await is_colleague(session, actor, to):
        raise RuleBroken(Refusal.COLLEAGUE_UNKNOWN, "this is no active advocate of your centre")
    row = await _desk(session, case, actor)
    same = row.in_charge == to
    if same and (not text or await _just_written(session, context, case, actor, text, NoteKind.HAND_OVER, to)):
        return
    if not same and shown is not None and shown != (row.in_charge or ""):
        raise RuleBroken(Refusal.CHARGE_CHANGED, "look at who is in charge now")
    if other and not text:
        raise RuleBroken(Refusal.NOTE_NEEDED, "write what your colleague should know")
    if not same:
        row.in_charge, row.in_charge_since = to, None if to is None else context.now()
    row.handed_by, row.seen_at = (actor.id, None) if other else (None, context.now())
    note_id = None
    if text:
        written = await _add_note(session, context, case, actor, text, kind=NoteKind.HAND_OVER, handed_to=to)
        note_id = written.id
    await session.flush()
    await context.record(session, case.id, EntryKind.CASE_HANDED_OVER, to=to, note=note_id)


async def write_note(
    session: AsyncSession, context: DomainContext, case: Case, actor: AdvocateActor, text: str
) -> CaseNote:
    """A note for the colleagues. The caller holds the case. The same once more within a moment changes nothing.

    Raises RuleBroken: NOTE_NEEDED, NOTE_TOO_LONG, TOO_MANY_NOTES, and as refuse_talk.
    """
    refuse_talk(actor, case)
    text = text.strip()
    if not text:
        raise RuleBroken(Refusal.NOTE_NEEDED, "write something first")
    if kept := await _just_written(session, context, case, actor, text, NoteKind.NOTE):
        return kept
    row = await _add_note(session, context, case, actor, text, kind=NoteKind.NOTE, handed_to=None)
    await session.flush()
    await context.record(session, case.id, EntryKind.CASE_NOTED, note=row.id)
    return row


async def take_back_note(
    session: AsyncSession, context: DomainContext, case: Case, actor: AdvocateActor, note_id: str
) -> None:
    """Its writer takes a note back: the words are destroyed, that there was one stays. The caller holds the case.

    Raises NotFound, RuleBroken(NOT_YOUR_NOTE). The same again changes nothing.
    """
    refuse_talk(actor, case)
    row = await session.get(CaseNote, note_id, populate_existing=True)
    if row is None or row.case_id != case.id or row.organisation_id != actor.organisation_id:
        raise NotFound("there is no such note")
    if row.written_by != actor.id:
        raise RuleBroken(Refusal.NOT_YOUR_NOTE, "only its writer takes a note back")
    if row.taken_back_at is not None:
        return
    row.content, row.taken_back_at = None, context.now()
    await session.flush()
    await context.record(session, case.id, EntryKind.CASE_NOTE_TAKEN_BACK, note=row.id)


async def told_notes(
    session: AsyncSession, context: DomainContext, case: Case, actor: AdvocateActor, *, limit: int, offset: int = 0
) -> Sequence[ToldNote]:
    """A page of the notes about a case, the latest first, opened."""
    refuse_talk(actor, case)
    return [
        ToldNote(
            note_id=row.id,
            kind=NoteKind(row.kind),
            by=row.written_by,
            handed_to=row.handed_to,
            text="" if row.content is None else context.open_record(CaseNoteRecord, case.id, row.id, row.content).text,
            written_at=row.written_at,
            taken_back_at=row.taken_back_at,
        )
        for row in await notes_of(session, actor, case.id, limit=limit, offset=offset)
    ]


async def count_told(session: AsyncSession, actor: AdvocateActor, case: Case) -> int:
    """How many notes there are, taken back ones too."""
    return await count_notes(session, actor, case.id)


async def note_opened(
    session: AsyncSession, context: DomainContext, row: CaseDesk | None, actor: AdvocateActor
) -> bool:
    """Whoever it was handed to has opened it: it stands no more under what is new. Returns whether it was new."""
    if row is None or row.in_charge != actor.id or row.seen_at is not None:
        return False
    row.seen_at = context.now()
    await session.flush()
    return True


async def _desk(session: AsyncSession, case: Case, actor: AdvocateActor) -> CaseDesk:
    """The centre's row, made now if there is none: whoever holds the case writes it alone."""
    row = await find_desk(session, actor, case.id)
    if row is None:
        row = CaseDesk(case_id=case.id, organisation_id=actor.organisation_id)
        session.add(row)
    return row


async def _just_written(
    session: AsyncSession,
    context: DomainContext,
    case: Case,
    actor: AdvocateActor,
    text: str,
    kind: NoteKind,
    handed_to: str | None = None,
) -> CaseNote | None:
    """This very note of theirs, of a moment ago: its form was sent twice."""
    for row in await notes_since(session, actor, case.id, kind, context.now() - SAME_WITHIN):
        same = row.handed_to == handed_to and row.content is not None
        if same and context.open_record(CaseNoteRecord, case.id, row.id, row.content or b"").text == text:
            return row
    return None


async def _add_note(
    session: AsyncSession,
    context: DomainContext,
    case: Case,
    actor: AdvocateActor,
    text: str,
    *,
    kind: NoteKind,
    handed_to: str | None,
) -> CaseNote:
    if len(text) > LONGEST_NOTE:
        raise RuleBroken(Refusal.NOTE_TOO_LONG, f"a note has at most {LONGEST_NOTE} characters")
    if await count_notes(session, actor, case.id) >= MOST_NOTES:
        raise RuleBroken(Refusal.TOO_MANY_NOTES, f"a case has at most {MOST_NOTES} notes")
    row = CaseNote(
        id=new_id(),
        case_id=case.id,
        organisation_id=actor.organisation_id,
        kind=kind,
        written_by=actor.id,
        handed_to=handed_to,
        written_at=context.now(),
    )
    row.content = context.seal_record(case.id, row.id, CaseNoteRecord(text=text))
    session.add(row)
    return row
