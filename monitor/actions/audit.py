"""Who did what in a centre, told to its leads from the ledger: chosen, in pages, and to take along.

Entries hold their doer sealed, so a choice by doer opens entries until a page is full, and never more than a bound.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from db.models.ledger import LedgerEntry
from db.queries.actors import AdvocateActor
from db.queries.audit import Wanted, count_kinds, entries_of, entries_of_kind, held_by, people_of
from db.queries.people import work_names_of
from monitor.cases.stops import Scope, leads_only
from monitor.context.context import DomainContext
from monitor.core.errors import CryptoError, KeyDestroyed
from monitor.evidence.by import By, Who
from monitor.evidence.chain import INSTALLATION
from monitor.evidence.entry_kinds import EntryKind
from monitor.evidence.ledger import Ledger
from monitor.keys.store import case_key
from monitor.model.audit import AuditPage, Deed, Position

PAGE = 50
_AT_A_TIME = 250
MOST_OPENED = 2_000
"""Entries that one page opens while it looks for those of one doer."""
MOST_EXPORTED = 20_000
LEAST = 20
"""Decisions below which no share is told: it would say nothing."""

BY_THE_PROGRAM = frozenset(
    {
        EntryKind.SIGHTING_FOUND,
        EntryKind.POST_OBSERVED,
        EntryKind.LOOKED,
        EntryKind.REMOVAL_VERIFIED,
        EntryKind.LINK_READ,
        EntryKind.REUPLOAD_FOUND,
        EntryKind.COPY_REPLACED,
        EntryKind.TEXT_DESTROYED,
        EntryKind.DAY_PUBLISHED,
        EntryKind.DAY_STAMPED,
        EntryKind.SETTINGS_CHANGED,
    }
)
"""What no advocate does: left out where one is asked for, so that a page is full sooner."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a lead looks for."""

    who: str = "people"
    """`people`, `everybody`, one of monitor.evidence.by.Who, or an advocate's id."""
    kinds: Collection[str] | None = None
    since: datetime | None = None
    until: datetime | None = None
    case_id: str | None = None


async def audit_page(
    session: AsyncSession,
    context: DomainContext,
    actor: AdvocateActor,
    choice: Choice,
    *,
    before: Position | None = None,
    size: int = PAGE,
    most: int = MOST_OPENED,
) -> AuditPage:
    """What was done in the own centre. Raises RuleBroken(LEADS_ONLY)."""
    leads_only(actor)
    team = await people_of(session, actor)
    ours = {actor.organisation_id, *team, *await held_by(session, actor)}
    found: list[Deed] = []
    opened, place, more = 0, before, True
    while more and len(found) < size and opened < most:
        rows = await entries_of(
            session, actor, _wanted(choice), installation=INSTALLATION, before=place, limit=_AT_A_TIME
        )
        more = len(rows) == _AT_A_TIME
        opened += len(rows)
        deeds = await asyncio.to_thread(_opened, context, rows)
        for row, (deed, facts) in zip(rows, deeds, strict=True):
            place = (row.at, row.case_id, row.seq)
            if _is_ours(deed, facts, ours) and _fits(deed, choice):
                found.append(deed)
            if len(found) == size:
                more = more or row is not rows[-1]
                break
    ids = [one.doer for one in found if one.doer and one.who in (Who.ADVOCATE, Who.CODE)]
    return AuditPage(found, place if more else None, await _names(session, team, ids), team)


async def audit_export(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, choice: Choice
) -> AuditPage:
    """The same without pages, at most MOST_EXPORTED deeds. Raises RuleBroken(LEADS_ONLY)."""
    most = MOST_EXPORTED
    return await audit_page(session, context, actor, choice, size=most, most=10 * most)


async def note_audit_export(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, *, form: str, deeds: int
) -> None:
    """Somebody took it along: in a transaction of its own."""
    facts = {"organisation": actor.organisation_id, "form": form, "deeds": deeds}
    await context.record_installation(session, EntryKind.AUDIT_EXPORTED, **facts)


@dataclass(frozen=True, slots=True)
class FoundWrong:
    """Decisions of a time, and how many of a time were taken back. Of the centre as a whole: of nobody alone."""

    decisions: int
    confirmations_back: int
    dismissals_back: int
    notices_back: int
    """Notices that had left and were retracted."""

    @property
    def per_hundred(self) -> float | None:
        """Decisions taken back, of a hundred; None where they are too few to say."""
        back = self.confirmations_back + self.dismissals_back
        return round(100 * back / self.decisions, 1) if self.decisions >= LEAST else None


async def found_wrong(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, since: datetime
) -> FoundWrong:
    """Decisions later found wrong, since then: opened again after they were made. Raises RuleBroken(LEADS_ONLY)."""
    leads_only(actor)
    decided = (EntryKind.SIGHTING_CONFIRMED, EntryKind.SIGHTING_DISMISSED)
    told = (*decided, EntryKind.NOTICE_RETRACTED, EntryKind.SIGHTING_REOPENED)
    counts = await count_kinds(session, actor, told, since)
    back = counts.get(EntryKind.SIGHTING_REOPENED, 0)
    rows = await entries_of_kind(session, actor, EntryKind.SIGHTING_REOPENED, since) if back else []
    opened = await asyncio.to_thread(_opened, context, rows)
    # Only a confirmation is taken back for a reason that is told to its recipients.
    confirmed = sum("reason" in facts for _, facts in opened)
    return FoundWrong(
        decisions=sum(counts.get(kind, 0) for kind in decided),
        confirmations_back=confirmed,
        dismissals_back=len(rows) - confirmed,
        notices_back=counts.get(EntryKind.NOTICE_RETRACTED, 0),
    )


async def _names(session: AsyncSession, team: Mapping[str, str], ids: Sequence[str]) -> Mapping[str, str]:
    """Own people by their name; those of a centre that had a case before by their name for work, and the centre's."""
    others = set(ids) - team.keys()
    told = await work_names_of(session, others) if others else {}
    return {**team, **{one: " · ".join(names) for one, names in told.items()}}


def _wanted(choice: Choice) -> Wanted:
    kinds = choice.kinds
    if kinds is None and choice.who not in ("everybody", Who.PROGRAM, Who.PLATFORM):
        kinds = [kind for kind in EntryKind if kind not in BY_THE_PROGRAM]
    return Wanted(kinds, choice.since, choice.until, choice.case_id)


def _fits(deed: Deed, choice: Choice) -> bool:
    if choice.who == "everybody":
        return True
    if choice.who == "people":
        return deed.who not in (Who.PROGRAM, Who.PLATFORM)
    return choice.who in (deed.who, deed.doer)


_NAMED = ("organisation", "organisation_id", "advocate", "subject", "case", "report")
"""Facts of the installation's chain that are the id of whoever, or whatever, the step is about."""


def _is_ours(deed: Deed, facts: Mapping[str, Any], ours: Collection[str]) -> bool:
    """Of the installation's chain only what one of us did, or was done to us: to all centres, to ours, to one of its
    people, or with what it holds. `ours`: the ids of all these."""
    if deed.case_id or deed.doer in ours or facts.get("scope") == Scope.ALL:
        return True
    told = [facts.get(name) for name in _NAMED] + [one["chain"] for one in facts.get("lost", ())]
    # Of a restored database: what is lost of the chain that all share may have been about anybody.
    return any(isinstance(one, str) and (one in ours or one == INSTALLATION) for one in told)


def _opened(context: DomainContext, rows: Sequence[LedgerEntry]) -> list[tuple[Deed, Mapping[str, object]]]:
    """It waits for the key store: call it in a thread."""
    ids = {row.case_id for row in rows if row.case_id != INSTALLATION}
    ledger = context.ledger.using(context.keys.holding([case_key(one) for one in ids]))
    return [_deed(ledger, row) for row in rows]


def _deed(ledger: Ledger, row: LedgerEntry) -> tuple[Deed, Mapping[str, object]]:
    by, facts = None, dict[str, object]()
    try:
        opened = ledger.open(row)
        if opened is not None:
            told = opened.told
            by, facts = By.from_json(told["by"]), told["facts"]
    except (CryptoError, KeyDestroyed):  # one damaged entry hides no other; `ledger verify` names it
        pass
    shared = row.case_id == INSTALLATION
    deed = Deed(
        at=row.at,
        kind=row.kind,
        who="" if by is None else by.who,
        door="" if by is None else by.door,
        doer=None if by is None else by.id,
        case_id="" if shared else row.case_id,
        seq=None if shared else row.seq,
        entry_hash=row.entry_hash,
        prev_hash="" if shared else row.prev_hash,
    )
    return deed, facts
