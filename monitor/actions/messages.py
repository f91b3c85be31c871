"""A person and the centre that has their case write to each other. Sealed, plain text, no attachment."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.messages import Message
from db.models.people import Organisation
from db.queries.actors import Actor, AdvocateActor, PersonActor
from db.queries.messages import count_messages, last_message, mark_read, messages_between
from db.queries.people import work_names_of
from db.types import new_id
from monitor.actions.access import is_elsewhere
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.records.message import MessageRecord
from monitor.model.states import CaseState

LONGEST = 2000
"""Characters."""
MOST = 1000
"""Messages of a case with one centre."""
MOST_UNREAD = 30
"""Of the person's, that nobody of the centre has read: then they wait, and call. What another centre had before and
never read counts for nothing: nobody can read it any more."""


SAME_WITHIN = timedelta(minutes=10)
"""The same words of the same side within so long are one message: the answer to the first was lost."""


@dataclass(frozen=True, slots=True)
class ToldMessage:
    """A message as both sides see it."""

    message_id: str
    mine: bool
    """Whoever asks wrote it, or somebody of their centre did."""
    by: str
    """The advocate's name for work, and their centre; empty: the person."""
    text: str = field(repr=False)
    written_at: datetime
    read_at: datetime | None
    former: str = ""
    """To the person, of what they wrote to a centre that has the case no more: its name. It reads nothing now."""


@dataclass(frozen=True, slots=True)
class Talk:
    """Everything that was written."""

    messages: Sequence[ToldMessage]
    centre: str
    """Who reads what the person writes now; empty: no centre has the case."""


def refuse_talk(actor: Actor, case: Case) -> None:
    """Raise RuleBroken unless these two may write to each other now: only the centre that has the case takes part.

    While a case waits that is the one that has it in hand. A hold and an erasure hide everything.
    """
    if isinstance(actor, AdvocateActor) and (case.organisation_id is None or is_elsewhere(actor, case)):
        raise RuleBroken(Refusal.NOT_IN_HAND, "no centre, or another one, has this case in hand")
    if case.frozen_at is not None:
        raise RuleBroken(Refusal.CASE_FROZEN, "a lead of the centre froze this case; speak with them")
    if case.state not in (CaseState.OPEN, CaseState.VOUCHED):
        raise RuleBroken(Refusal.CASE_CLOSED, "this case is being erased; only the person can call that off")


async def write_message(
    session: AsyncSession, context: DomainContext, case: Case, actor: Actor, text: str, *, centre: str | None = None
) -> Message:
    """Write to the other side. The caller holds the case.

    `centre`: the name of the one that was shown as its reader. Where another one has the case by now, that one is not
    handed what was meant for the first.

    Raises RuleBroken: NOBODY_READS where no centre has the case, CENTRE_CHANGED, MESSAGE_EMPTY, TOO_MANY_MESSAGES, and
    as refuse_talk.
    """
    refuse_talk(actor, case)
    if case.organisation_id is None:
        raise RuleBroken(Refusal.NOBODY_READS, "no centre has this case yet, so nobody could read it")
    if centre is not None and centre != (await session.get_one(Organisation, case.organisation_id)).name.strip():
        raise RuleBroken(Refusal.CENTRE_CHANGED, "another centre has this case by now")
    text = text.strip()
    if not text:
        raise RuleBroken(Refusal.MESSAGE_EMPTY, "write something first")
    if len(text) > LONGEST:
        raise RuleBroken(Refusal.MESSAGE_TOO_LONG, f"a message has at most {LONGEST} characters")
    last = await last_message(session, case.id)
    if last is not None and _is_same(context, case, actor, last, text):
        return last
    person = isinstance(actor, PersonActor)
    both = (case.id, case.organisation_id)
    unread = await count_messages(session, *both, unread_of_person=True) if person else 0
    if unread >= MOST_UNREAD or await count_messages(session, *both) >= MOST:
        raise RuleBroken(Refusal.TOO_MANY_MESSAGES, "wait until the others were read")
    row = Message(
        id=new_id(),
        case_id=case.id,
        number=1 if last is None else last.number + 1,
        organisation_id=case.organisation_id,
        written_by=None if isinstance(actor, PersonActor) else actor.id,
        content=b"",
        written_at=context.now(),
    )
    row.content = context.seal_record(case.id, row.id, MessageRecord(text=text))
    session.add(row)
    await session.flush()
    await context.record(session, case.id, EntryKind.MESSAGE_WRITTEN, message=row.id, characters=len(text))
    return row


def _is_same(context: DomainContext, case: Case, actor: Actor, last: Message, text: str) -> bool:
    """Whether this side said so just now, to the same centre."""
    by = None if isinstance(actor, PersonActor) else actor.id
    if (last.written_by, last.organisation_id) != (by, case.organisation_id):
        return False
    if last.written_at < context.now() - SAME_WITHIN:
        return False
    return context.open_record(MessageRecord, case.id, last.id, last.content).text == text


async def read_messages(session: AsyncSession, context: DomainContext, case: Case, actor: Actor) -> Talk:
    """Everything that this actor sees; what the other side wrote counts as read. The caller holds the case."""
    refuse_talk(actor, case)
    new = await mark_read(session, actor, case.id, context.now())
    if new:
        await context.record(session, case.id, EntryKind.MESSAGES_READ, count=new)
    return await told_talk(session, context, case, actor)


async def told_talk(session: AsyncSession, context: DomainContext, case: Case, actor: Actor) -> Talk:
    """The same, and nothing counts as read by it."""
    refuse_talk(actor, case)
    rows = await messages_between(session, actor, case.id)
    names = await work_names_of(session, [one.written_by for one in rows if one.written_by is not None])
    home = None if case.organisation_id is None else await session.get(Organisation, case.organisation_id)
    person = isinstance(actor, PersonActor)
    gone = {one.organisation_id for one in rows if one.written_by is None} - {case.organisation_id} if person else set()
    former = {one: (await session.get_one(Organisation, one)).name for one in sorted(gone)}
    return Talk(
        [
            ToldMessage(
                message_id=row.id,
                mine=(row.written_by is None) == person,
                by="" if row.written_by is None else " · ".join(names.get(row.written_by, ("", ""))),
                text=context.open_record(MessageRecord, case.id, row.id, row.content).text,
                written_at=row.written_at,
                read_at=row.read_at,
                former="" if row.written_by is not None else former.get(row.organisation_id, ""),
            )
            for row in rows
        ],
        "" if home is None else home.name,
    )
