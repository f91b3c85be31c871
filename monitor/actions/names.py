"""The person lets their names be looked for, gives the words, and takes all of it back; an advocate approves each.

Off unless the operator switched it on; then off for each person until they say yes, with the risk told.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.own import NameTerm
from db.queries.actors import Actor, AdvocateActor
from db.queries.names import terms_of
from db.types import new_id
from monitor.actions.access import only_the_person
from monitor.context.context import DomainContext
from monitor.core.errors import NotFound, RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.names import MOST_TERMS, TermKind, TermState, term_of
from monitor.model.records.name_term import NameTermRecord


@dataclass(frozen=True, slots=True)
class KeptTerm:
    """A word as the person and their advocates see it."""

    id: str
    kind: str
    term: str = field(repr=False)
    state: str
    entered_at: datetime
    decided_at: datetime | None
    decided_by: str | None


async def terms_told(session: AsyncSession, context: DomainContext, case: Case) -> Sequence[KeptTerm]:
    """Every word of the case, opened."""
    found = []
    for row in await terms_of(session, case.id):
        told = context.open_record(NameTermRecord, case.id, row.id, row.payload)
        found.append(KeptTerm(row.id, told.kind, told.term, row.state, row.entered_at, row.decided_at, row.decided_by))
    return found


async def switch_names(session: AsyncSession, context: DomainContext, case: Case, actor: Actor, *, on: bool) -> None:
    """The person lets their names be looked for; off: nothing is looked for any more, and the words are destroyed.

    Raises RuleBroken: ONLY_THE_PERSON, NAMES_OFF where the operator did not switch it on.
    """
    only_the_person(actor)
    if on and not context.names:
        raise RuleBroken(Refusal.NAMES_OFF, "names are not looked for here")
    if on == (case.names_at is not None):
        return
    case.names_at = context.now() if on else None
    if not on:
        await session.execute(delete(NameTerm).where(NameTerm.case_id == case.id))
    await context.record(session, case.id, EntryKind.NAMES_SWITCHED, on=on)


async def give_term(
    session: AsyncSession, context: DomainContext, case: Case, actor: Actor, *, kind: TermKind, text: str
) -> None:
    """A word for an advocate to approve; the same again changes nothing.

    Raises RuleBroken: ONLY_THE_PERSON, NAMES_OFF, TERM_UNUSABLE, TOO_MANY_TERMS.
    """
    only_the_person(actor)
    if not context.names or case.names_at is None:
        raise RuleBroken(Refusal.NAMES_OFF, "names are not looked for; switch that on first")
    word = term_of(text)
    if word is None:
        raise RuleBroken(Refusal.TERM_UNUSABLE, "a word has two letters or more, and is no longer than a name")
    known = await terms_told(session, context, case)
    if word in {one.term for one in known}:
        return
    if len(known) >= MOST_TERMS:
        raise RuleBroken(Refusal.TOO_MANY_TERMS, f"at most {MOST_TERMS} words")
    row = NameTerm(id=new_id(), case_id=case.id, payload=b"", state=TermState.ASKED, entered_at=context.now())
    row.payload = context.seal_record(case.id, row.id, NameTermRecord(kind=kind, term=word))
    session.add(row)
    await session.flush()
    await context.record(session, case.id, EntryKind.NAME_TERM_GIVEN, term=row.id)


async def take_back_term(session: AsyncSession, context: DomainContext, case: Case, actor: Actor, term_id: str) -> None:
    """It is looked for no more, and destroyed. Raises NotFound, RuleBroken(ONLY_THE_PERSON)."""
    only_the_person(actor)
    mine = (NameTerm.id == term_id, NameTerm.case_id == case.id)
    gone = await session.execute(delete(NameTerm).where(*mine).returning(NameTerm.id))
    if gone.first() is None:
        raise NotFound("there is no such word")
    await context.record(session, case.id, EntryKind.NAME_TERM_TAKEN_BACK, term=term_id)


async def decide_term(
    session: AsyncSession, context: DomainContext, case: Case, actor: AdvocateActor, term_id: str, *, approved: bool
) -> None:
    """An advocate says whether a word is this person's. Raises NotFound. The same again changes nothing."""
    row = await session.get(NameTerm, term_id, populate_existing=True)
    if row is None or row.case_id != case.id:
        raise NotFound("there is no such word")
    state = TermState.APPROVED if approved else TermState.DECLINED
    if row.state != state:
        row.state, row.decided_by, row.decided_at = state, actor.id, context.now()
        await session.flush()
        await context.record(session, case.id, EntryKind.NAME_TERM_DECIDED, term=term_id, approved=approved)
