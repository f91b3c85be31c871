"""Stopping work, and letting it go on: one person stops at once, two let it go on.

What stops nothing but a row does: queries ask it (db/queries/stops.py), at the moment of reading and of sending.
See docs/decisions/0062-one-stops-two-resume.md.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_or_lock
from db.locking import lock_if_there
from db.models.notices import Notice
from db.models.people import Advocate
from db.models.stops import Stop
from db.queries import people
from db.queries.actors import AdvocateActor
from db.queries.stops import drop_word_of
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext, SharedContext
from monitor.core.errors import NotFound, RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.by import By, Who
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.notice_states import NoticeState

KEY = "system:stops"
"""Name of the key that seals why something was stopped."""
LONGEST_REASON, LONGEST_NAME = 500, 100
ASK_LASTS = timedelta(days=1)
"""How long the first of two people's word counts."""
OPERATOR, ADVOCATE = "operator:", "advocate:"


class Scope(StrEnum):
    """How much is stopped. The values are stored."""

    ALL = "all"
    ORGANISATION = "organisation"
    """Its cases are neither read for nor is anything sent for them."""
    ADVOCATE = "advocate"
    """They can do nothing, and what they decided about or wrote and did not leave yet does not leave."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is stopped. `subject`: the organisation's or the advocate's id."""

    scope: Scope
    subject: str = ""

    @property
    def id(self) -> str:
        """Of the row that says so."""
        return f"{self.scope}:{self.subject}" if self.subject else self.scope.value

    @classmethod
    def of(cls, row: Stop) -> "Target":
        """What this row stops."""
        return cls(Scope(row.scope), row.subject)


EVERYTHING = Target(Scope.ALL)


@dataclass(frozen=True, slots=True)
class Resumed:
    """What became of somebody's word that work shall go on."""

    done: bool
    """Two people said so, and it goes on; else one has."""
    asked_by: str
    """Who was the first."""


def person(by: By, name: str = "") -> str:
    """Who speaks, so that two can be told apart: an advocate by id, an operator by the name that they give."""
    if by.who is Who.ADVOCATE:
        return f"{ADVOCATE}{by.id}"
    normal = " ".join(unicodedata.normalize("NFKC", name).split())
    if not 0 < len(normal) <= LONGEST_NAME or not normal.isprintable():
        raise RuleBroken(Refusal.NAME_INVALID, f"say who you are: a name of 1 to {LONGEST_NAME} characters")
    return f"{OPERATOR}{normal}"


async def stop(
    session: AsyncSession, context: DomainContext, target: Target, *, reason: str = "", name: str = ""
) -> int:
    """Stop it now. Returns how many notices were being handed over at this moment, and may leave all the same.

    `name`: of the operator. Said again it stays stopped, and whoever asked meanwhile that it goes on must ask anew.
    """
    who, now, said = person(context.by, name), context.now(), " ".join(reason.split())[:LONGEST_REASON]
    sealed = context.keys.create(KEY).seal(said.encode(), f"stop:{target.id}")
    told = {"reason": sealed, "stopped_at": now, "stopped_by": who}
    values = {**told, "scope": target.scope.value, "subject": target.subject, "caught_up": False}
    row = await insert_or_lock(session, Stop, unique="id", id=target.id, **values)
    # A lead's word does not take the operator's place: then two of an organisation could undo it.
    if row.ended_at is not None or who.startswith(OPERATOR):
        row.reason, row.stopped_at, row.stopped_by = sealed, now, who
    row.ended_at = row.asked_at = row.asked_by = None
    row.caught_up = False
    if target.scope is Scope.ADVOCATE:
        await people.end_logins_of(session, target.subject)
        await drop_word_of(session, target.subject)
    await session.flush()
    await _tell(session, context, target)
    handed_over = select(func.count()).select_from(Notice).where(Notice.state == NoticeState.SENDING)
    leaving = await session.scalar(handed_over) or 0
    await context.record_installation(
        session, EntryKind.WORK_STOPPED, scope=target.scope.value, subject=target.subject, by_whom=who, reason=said
    )
    return leaving


async def resume(session: AsyncSession, context: DomainContext, target: Target, *, name: str = "") -> Resumed:
    """One person says that it may go on; with the word of a second it does.

    Raises RuleBroken: NOT_STOPPED, SAME_PERSON, and OPERATOR_NEEDED where an operator stopped it and two of an
    organisation ask.
    """
    who, now = person(context.by, name), context.now()
    row = await lock_if_there(session, Stop, target.id)
    if row is None or row.ended_at is not None:
        raise RuleBroken(Refusal.NOT_STOPPED, "this is not stopped")
    facts = {"scope": target.scope.value, "subject": target.subject, "by_whom": who}
    first = row.asked_by if asked(row, now) else None
    if first is None:
        row.asked_at, row.asked_by = now, who
        await context.record_installation(session, EntryKind.RESUMING_ASKED, **facts)
        return Resumed(done=False, asked_by=who)
    if first.casefold() == who.casefold():
        raise RuleBroken(Refusal.SAME_PERSON, "you have asked already: a second person must say so too")
    if row.stopped_by.startswith(OPERATOR) and not any(one.startswith(OPERATOR) for one in (first, who)):
        raise RuleBroken(Refusal.OPERATOR_NEEDED, "the operator stopped this, so the operator must be one of the two")
    row.ended_at, row.caught_up = now, target.scope is Scope.ADVOCATE
    await session.flush()
    for kind in (AlertKind.WORK_STOPPED, AlertKind.ORGANISATION_STOPPED, AlertKind.PART_STOPPED):
        await context.resolve(session, kind, target.id)
    await context.record_installation(session, EntryKind.WORK_RESUMED, **facts, first=first)
    return Resumed(done=True, asked_by=first)


def asked(row: Stop, now: datetime) -> bool:
    """Whether one person's word that it may go on still counts."""
    return row.asked_at is not None and now - row.asked_at < ASK_LASTS


def why(context: SharedContext, row: Stop) -> str:
    """The reason as it was given; empty where none was."""
    return context.keys.create(KEY).open(row.reason, f"stop:{row.id}").decode()


async def _tell(session: AsyncSession, context: DomainContext, target: Target) -> None:
    """The operator in any case; of a part, the organisation that it is a part of, and no other."""
    if target.scope is Scope.ALL:
        await context.alert(session, AlertKind.WORK_STOPPED, target.id, "until-two-resume")
        return
    await context.alert(session, AlertKind.PART_STOPPED, target.id, "until-two-resume")
    organisation_id = target.subject
    if target.scope is Scope.ADVOCATE:
        organisation_id = (await session.get_one(Advocate, target.subject)).organisation_id
    await context.alert(
        session, AlertKind.ORGANISATION_STOPPED, target.id, "until-two-resume", organisation_id=organisation_id
    )


def leads_only(actor: AdvocateActor) -> None:
    """RuleBroken for an advocate who is no lead."""
    if not actor.lead:
        raise RuleBroken(Refusal.LEADS_ONLY, "only a lead of your organisation can do this")


async def own_target(session: AsyncSession, actor: AdvocateActor, advocate_id: str | None) -> Target:
    """The advocate's own organisation, or an advocate of it. Raises NotFound for anybody else.

    One who was disabled too: what they wrote may wait here, and who was stopped before must be let go on.
    """
    if advocate_id is None:
        return Target(Scope.ORGANISATION, actor.organisation_id)
    found = await session.get(Advocate, advocate_id)
    if found is None or found.organisation_id != actor.organisation_id:
        raise NotFound
    return Target(Scope.ADVOCATE, advocate_id)


async def resume_own(session: AsyncSession, context: DomainContext, actor: AdvocateActor, target: Target) -> Resumed:
    """The same as `resume`, said by an advocate of what is their organisation's: a lead asks, anybody approves."""
    row = await lock_if_there(session, Stop, target.id)
    if row is None or row.ended_at is not None or not asked(row, context.now()):
        leads_only(actor)
    return await resume(session, context, target)


async def colleagues(session: AsyncSession, actor: AdvocateActor) -> Sequence[Advocate]:
    """Everybody of the organisation who is not disabled, by name."""
    mine = (Advocate.organisation_id == actor.organisation_id, Advocate.disabled_at.is_(None))
    return (await session.scalars(select(Advocate).where(*mine).order_by(Advocate.name, Advocate.id))).all()
