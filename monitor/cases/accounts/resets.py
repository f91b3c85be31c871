"""A lost phone: two people replace it, the one concerned is told, and their password stays what only they know.

The two are leads of the centre, neither of them the one concerned, or one of them an operator. Two operators may do it
alone, or a centre whose only lead lost a phone would stand still. Whoever spoke last is shown a code, which opens the
account beside the password only, for three days; then another way to log in is set up before anything else.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pyotp
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_if_there
from db.models.accounts import AccountEvent
from db.models.people import Advocate
from db.queries import people
from db.queries.actors import AdvocateActor, OperatorActor
from monitor.cases.accounts.desk import OPERATOR, Desk, EventKind, tell
from monitor.cases.accounts.recovery import count_left, make_reset_code
from monitor.cases.advocates import ADVOCATES
from monitor.cases.roles import Right, may, require, role_of
from monitor.core.errors import NotFound, RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind

ASK_LASTS = timedelta(days=1)
"""How long the first of two people's word counts."""
AGAIN_WITHIN = timedelta(minutes=2)
"""A button that is pressed twice makes two codes, and a browser shows the second answer: that code must be the one that
opens."""


@dataclass(frozen=True, slots=True)
class Reset:
    """What became of somebody's word that a lost phone shall be replaced."""

    code: str = field(default="", repr=False)
    """With the second word: to hand over, shown once. Empty: one has spoken."""


def asked(account: Advocate, now: datetime) -> bool:
    """Whether one person's word still stands. `now`: real time."""
    return account.reset_asked_at is not None and now - account.reset_asked_at < ASK_LASTS


async def account_for(session: AsyncSession, actor: AdvocateActor | OperatorActor, account_id: str) -> Advocate:
    """An active account that this actor may manage, locked. Raises NotFound, RuleBroken: LEADS_ONLY."""
    role = role_of(actor)
    require(role, Right.MANAGE_COLLEAGUES, Right.MANAGE_ACCOUNTS)
    row = await lock_if_there(session, Advocate, account_id)
    foreign = isinstance(actor, AdvocateActor) and row is not None and row.organisation_id != actor.organisation_id
    if row is None or (foreign and not may(role, Right.MANAGE_ACCOUNTS)):
        raise NotFound
    return row


async def reset(session: AsyncSession, desk: Desk, account: Advocate) -> Reset:
    """Say that somebody's lost phone shall be replaced; with the word of a second person it is.

    Raises RuleBroken: NOT_ONESELF, SAME_PERSON, NAME_INVALID; NotFound for whoever may not log in.
    """
    who = desk.speaker
    if account.disabled_at is not None:
        raise NotFound
    if who == f"advocate:{account.id}":
        raise RuleBroken(Refusal.NOT_ONESELF, "this is your own account: two others replace a lost phone")
    first = account.reset_asked_by if asked(account, desk.now) else None
    if first is not None and not await _still_counts(session, account, first):
        first = None
    first = first or await _first_of_last(session, desk, account)
    if first is None:
        account.reset_asked_at, account.reset_asked_by = desk.now, who
        await tell(session, desk, account, EventKind.RESET_ASKED, who)
        await desk.record(session, EntryKind.RESET_ASKED, account, by_whom=who)
        return Reset()
    if first.casefold() == who.casefold():
        raise RuleBroken(Refusal.SAME_PERSON, "you have asked already: a second person must say so too")
    account.reset_asked_at = account.reset_asked_by = None
    # Codes of the lost phone fit nothing any more; nobody knows this one's.
    fresh = pyotp.random_base32().encode()
    account.totp_secret = desk.keys.create(ADVOCATES).seal(fresh, f"totp|{account.id}")
    account.totp_last_step, account.enrols = 0, True
    await people.forget_ways_in(session, account.id)
    await people.end_logins_of(session, account.id)
    code = await make_reset_code(session, desk, account)
    await tell(session, desk, account, EventKind.RESET, f"{first} {who}"[:120])
    await desk.record(session, EntryKind.ACCOUNT_RESET, account, first=first, by_whom=who)
    return Reset(code)


async def call_off(session: AsyncSession, desk: Desk, account: Advocate) -> None:
    """Whose account it is, or anybody who may speak, says no: the first word counts no more."""
    if account.reset_asked_at is None:
        return
    account.reset_asked_at = account.reset_asked_by = None
    await tell(session, desk, account, EventKind.RESET_CALLED_OFF, desk.speaker)
    await desk.record(session, EntryKind.RESET_CALLED_OFF, account)


async def _still_counts(session: AsyncSession, account: Advocate, first: str) -> bool:
    """Whoever spoke first may have been disabled, stopped, or lead no more since."""
    kind, _, name = first.partition(":")
    if f"{kind}:" == OPERATOR:
        row = await people.active_advocate(session, name) if len(name) == 26 else None
        known = await session.get(Advocate, name) if len(name) == 26 else None
        return known is None or row is not None  # else an operator at the command line, by name
    row = await people.active_advocate(session, name)
    return row is not None and row.lead and row.organisation_id == account.organisation_id


async def _first_of_last(session: AsyncSession, desk: Desk, account: Advocate) -> str | None:
    """Who spoke first, where this speaker replaced the phone just now and the code of it opened nothing yet."""
    mine = (AccountEvent.advocate_id == account.id, AccountEvent.kind == EventKind.RESET)
    query = select(AccountEvent.by_whom).where(*mine, AccountEvent.at > desk.now - AGAIN_WITHIN)
    both = await session.scalar(query.order_by(AccountEvent.at.desc()).limit(1)) or ""
    unused = account.enrols and await count_left(session, account.id, desk.now) > 0
    return both.removesuffix(f" {desk.speaker}") if unused and both.endswith(f" {desk.speaker}") else None
