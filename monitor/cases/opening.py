"""Opening a case and vouching for it."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case, KnownLink
from db.models.people import Advocate, VouchCode
from db.models.sources import Consent
from db.queries.stops import not_stopped
from db.session import after_rollback
from db.types import new_id
from monitor.cases.code_words import code_typed
from monitor.cases.in_hand import refuse_elsewhere
from monitor.cases.passphrase import hash_secret, new_passphrase, normalise
from monitor.cases.quarantine import set_harmless_aside, tell_of_quarantine
from monitor.cases.waiting import origin_tag, resolve_overdue
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext, SharedContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.by import By
from monitor.evidence.entry_kinds import EntryKind
from monitor.history.backfill import request_case_backfill
from monitor.history.forgetting import forget_unless_watched
from monitor.keys.store import case_key
from monitor.model.states import CaseState, LinkState, move_case
from monitor.work import tasks

VOUCH_WITHIN = timedelta(days=3)
"""How long a person may wait for an advocate before somebody is alerted."""


@dataclass(frozen=True, slots=True)
class NewPassphrase:
    """Seven words that were drawn for somebody, and what is stored of them."""

    words: str = field(repr=False)
    hashed: str = field(repr=False)


async def draw_passphrase(language: str, hasher: PasswordHasher, *, origin: str = "") -> NewPassphrase:
    """Slow by design, so before a transaction's first statement: on SQLite that one keeps all other writers away.

    `origin`: who causes the work. Raises Overloaded where too many wait.
    """
    words = new_passphrase(language)
    return NewPassphrase(words, await hash_secret(normalise(words), hasher, origin=origin))


async def open_case(
    session: AsyncSession,
    context: DomainContext,
    *,
    language: str,
    code: str | None = None,
    origin: str = "",
    any_centre: bool = False,
    passphrase: NewPassphrase | None = None,
) -> tuple[Case, str]:
    """Open a case. Returns it with its passphrase, which is shown once and stored only as an argon2id hash.

    A one-time code of a helpline opens it vouched for; without one it waits in the pool, where `any_centre` lets any
    centre take it. `origin`: who asks. `passphrase`: drawn before, where this is not the transaction's first statement.
    Raises RuleBroken(CODE_INVALID) for a wrong or used code, Overloaded where too many ask.
    """
    now = context.now()
    drawn = passphrase or await draw_passphrase(language, context.hasher, origin=origin)
    case = Case(
        id=new_id(),
        organisation_id=None,
        state=CaseState.OPEN,
        language=language,
        passphrase_hash=drawn.hashed,
        opened_at=now,
        vouch_due_at=now + VOUCH_WITHIN,
        ends_at=now + context.unvouched_for,
        origin_tag=None if code is not None else origin_tag(context, origin),
        any_centre=any_centre and code is None,
    )
    maker = None if code is None else await _claim_code(session, context, case, code)
    session.add(case)
    await session.flush()
    # The key store has transactions of its own: a case that is not kept after all takes its key along.
    after_rollback(session, lambda: context.keys.destroy(case_key(case.id)))
    context.keys.create(case_key(case.id))
    ticked = {"any_centre": True} if case.any_centre else {}
    await context.record(session, case.id, EntryKind.CASE_OPENED, language=language, **ticked)
    if maker is not None:
        await maker.record(session, case.id, EntryKind.CASE_VOUCHED, by="one-time-code")
    return case, drawn.words


async def check_code(session: AsyncSession, context: SharedContext, code: str) -> None:
    """Raise RuleBroken(CODE_INVALID) for a code that opens nothing. One look, before anything dear is done for it."""
    good = select(VouchCode.code_hash).where(*_good(code, context.now()))
    if await session.scalar(good) is None:
        raise _wrong_code()


async def _claim_code(session: AsyncSession, context: DomainContext, case: Case, code: str) -> DomainContext:
    """Vouch by the code. Returns the context of whoever made it: they vouch, the person only hands it in."""
    organisation_id, maker = await _use_code(session, context, case, code)
    case.organisation_id = organisation_id
    case.state, case.vouched_at = move_case(case.state, CaseState.VOUCHED), context.now()
    return maker


async def _use_code(session: AsyncSession, context: DomainContext, case: Case, code: str) -> tuple[str, DomainContext]:
    """The organisation that it vouches for, and the context of whoever made it."""
    now = context.now()
    claim = (
        update(VouchCode)
        .where(*_good(code, now))
        .values(used_at=now, used_by_case=case.id)
        .returning(VouchCode.organisation_id, VouchCode.created_by)
    )
    claimed = (await session.execute(claim)).one_or_none()
    if claimed is None:
        raise _wrong_code()
    return claimed.organisation_id, context.acting(By.code(claimed.created_by, context.by.door))


def _good(code: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    # Whoever is stopped or locked out vouches for nobody, by a code neither.
    active = VouchCode.created_by.in_(select(Advocate.id).where(Advocate.disabled_at.is_(None)))
    maker = or_(VouchCode.created_by.is_(None), active & not_stopped(VouchCode.created_by))
    return VouchCode.code_hash == code_hash(code), VouchCode.used_at.is_(None), VouchCode.expires_at > now, maker


def _wrong_code() -> RuleBroken:
    return RuleBroken(Refusal.CODE_INVALID, "this code is wrong, used or over; you can open the case without one")


def code_hash(code: str) -> str:
    """One-time codes are random (60 bits), so a plain SHA-256 is enough to store them. As letters or as words."""
    return hashlib.sha256(code_typed(code).replace("-", "").encode()).hexdigest()


async def vouch(session: AsyncSession, context: DomainContext, case: Case, advocate_id: str) -> None:
    """An advocate knows this person: the case is their organisation's, its sources and the links entered are read.

    Raises RuleBroken: CASE_STATE, CASE_FROZEN, IN_HAND_ELSEWHERE.
    """
    if case.state != CaseState.OPEN:
        # An erasure is called off by the person alone, so not by vouching either.
        raise RuleBroken(Refusal.CASE_STATE, f"a case that is {case.state} cannot be vouched for")
    mine = (await session.get_one(Advocate, advocate_id)).organisation_id
    # First: that a lead put the case on hold is no other centre's to know.
    refuse_elsewhere(case, mine)
    if case.frozen_at is not None:
        raise RuleBroken(Refusal.CASE_FROZEN, "a lead froze this case; it must be unfrozen first")
    await _take_on(session, context, case, mine, vouched_by=advocate_id, maker=context, told=advocate_id)


async def vouch_by_code(session: AsyncSession, context: DomainContext, case: Case, code: str) -> None:
    """The same by a helpline's code, for a case that holds something already. Raises RuleBroken(CODE_INVALID)."""
    organisation_id, maker = await _use_code(session, context, case, code)
    await _take_on(session, context, case, organisation_id, vouched_by=None, maker=maker, told="one-time-code")


async def vouch_later_by_code(session: AsyncSession, context: DomainContext, case: Case, code: str) -> None:
    """The same while the case waits, for days perhaps, and its rows may be others' to lock.

    A centre that has the case in hand meanwhile need not be the code's: whom they spoke with is the person's to say.
    Raises RuleBroken: CASE_STATE, CASE_FROZEN, CODE_INVALID.
    """
    if case.state != CaseState.OPEN:
        raise RuleBroken(Refusal.CASE_STATE, f"a case that is {case.state} cannot be vouched for")
    if case.frozen_at is not None:
        raise RuleBroken(Refusal.CASE_FROZEN, "a lead froze this case; it must be unfrozen first")
    usable = select(VouchCode.organisation_id, VouchCode.created_by).where(*_good(code, context.now()))
    good = (await session.execute(usable)).one_or_none()
    if good is None:
        raise _wrong_code()
    maker = context.acting(By.code(good.created_by, context.by.door))
    await _take_on(session, context, case, good.organisation_id, vouched_by=None, maker=maker, told="one-time-code")
    # Last, as codes are locked after ledgers: whoever used it a moment ago undoes all of this.
    await _use_code(session, context, case, code)


async def _take_on(
    session: AsyncSession,
    context: DomainContext,
    case: Case,
    organisation_id: str,
    *,
    vouched_by: str | None,
    maker: DomainContext,
    told: str,
) -> None:
    """From now on the case is theirs, and what it names is read. `maker`: whose word it was; `told`: in the ledger."""
    # What was kept for consents that ended a moment ago is not handed on to those that begin to count now.
    consented = await session.scalars(select(Consent.source_id).where(Consent.case_id == case.id))
    await forget_unless_watched(session, context, consented.all())
    aside = await set_harmless_aside(session, context, case)
    case.state, case.organisation_id = move_case(case.state, CaseState.VOUCHED), organisation_id
    case.vouched_at, case.vouched_by, case.origin_tag = context.now(), vouched_by, None
    case.in_hand_since = case.in_hand_until = None
    await request_case_backfill(session, context, case.id)
    await maker.record(session, case.id, EntryKind.CASE_VOUCHED, by=told)
    await tell_of_quarantine(session, context, case, aside)
    await resolve_overdue(session, context)
    await context.resolve(session, AlertKind.IN_HAND_OVER, case.id)
    waiting = await session.scalars(
        select(KnownLink).where(KnownLink.case_id == case.id, KnownLink.state == LinkState.ENTERED, KnownLink.public)
    )
    for link in waiting:
        if link.platform is not None and link.platform in context.accounts:
            await context.enqueue(session, tasks.read_link(link.id, context.accounts[link.platform]))
