"""The person's own address in a notice: only where its route requires it, and they agreed to that very notice.

Until they say yes the notice is held; a no ends it, and every other route stays open. Whoever changes the address, or
the recipient, asks anew.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_unless_there
from db.locking import lock_rows
from db.models.cases import Case
from db.models.copies import CopyClosing
from db.models.notices import AddressAgreement, Notice
from db.models.sightings import Sighting
from monitor.cases.intake import read_intake
from monitor.context.context import DomainContext
from monitor.core.errors import NotFound, RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.facts import Timing
from monitor.model.notice_states import UNSENT, NoticeState, move
from monitor.model.records.address import AddressRecord
from monitor.model.records.notice import NoticeRecord
from monitor.model.states import CaseState, SightingState
from monitor.notices.fields import PERSON_ADDRESS, clean
from monitor.notices.route_table import ROUTES


@dataclass(frozen=True, slots=True)
class AddressAsked:
    """What the person is asked: may this address stand in this notice?"""

    notice_id: str
    route: str
    state: str
    """asked, agreed or declined; `closed` where there is nothing to answer any more."""
    recipient: str = field(repr=False)
    address: str = field(repr=False)
    language: str
    """Of the text."""
    text: str = field(repr=False)
    """The whole notice, with the address in its place."""
    asked_at: datetime
    answered_at: datetime | None


def needs_address(route: str) -> bool:
    """Does the file of this route require the person's own address?"""
    return PERSON_ADDRESS in ROUTES[route].required


async def ask_for_address(
    session: AsyncSession, context: DomainContext, case: Case, notice: Notice, recipient: str
) -> None:
    """The notice was just written, and is held: the person is asked, in place of whatever was asked about it before."""
    record = AddressRecord(recipient=recipient, address=_address(context, case))
    content = context.seal_record(case.id, notice.id, record)
    new = await insert_unless_there(
        session, AddressAgreement, notice_id=notice.id, case_id=case.id, content=content, asked_at=context.now()
    )
    if not new:
        row = await session.get_one(AddressAgreement, notice.id, populate_existing=True)
        row.content, row.asked_at, row.agreed, row.answered_at = content, context.now(), None, None
        await session.flush()
    facts = {"notice": notice.id, "sighting": notice.sighting_id, "address_sha256": _hash(record.address)}
    await context.record(session, case.id, EntryKind.ADDRESS_ASKED, **facts)


async def has_agreed(session: AsyncSession, context: DomainContext, notice: Notice) -> bool:
    """May it leave as far as the person's address goes? Always where its route does not require that."""
    if not needs_address(notice.route):
        return True
    row = await session.get(AddressAgreement, notice.id, populate_existing=True)
    if row is None or not row.agreed:
        return False
    record = context.open_record(AddressRecord, notice.case_id, notice.id, row.content)
    case = await session.get_one(Case, notice.case_id)
    return record == AddressRecord(recipient=_recipient(context, notice), address=_address(context, case))


async def refuse_without_address(session: AsyncSession, context: DomainContext, notice: Notice) -> None:
    """RuleBroken(ADDRESS_NOT_AGREED) until the person said yes to this notice."""
    if not await has_agreed(session, context, notice):
        raise RuleBroken(Refusal.ADDRESS_NOT_AGREED, "the person is asked on their page")


async def asked_of(session: AsyncSession, context: DomainContext, case: Case) -> list[AddressAsked]:
    """What the person of a case is asked, or was, the oldest first; of copies whose place they see."""
    query = select(AddressAgreement, Notice).join(Notice, Notice.id == AddressAgreement.notice_id)
    query = query.join(Sighting, Sighting.id == Notice.sighting_id).where(
        AddressAgreement.case_id == case.id,
        Sighting.released_at.is_not(None),
        Sighting.state == SightingState.CONFIRMED,
    )
    rows = await session.execute(query.order_by(AddressAgreement.asked_at, AddressAgreement.notice_id))
    return [await _asked(session, context, case, row, notice) for row, notice in rows]


async def answer_address(
    session: AsyncSession, context: DomainContext, case: Case, notice_id: str, *, agree: bool, address: str = ""
) -> None:
    """The person says yes to the `address` that they saw, or no; until it has left they may say something else. A no
    that is said again changes nothing.

    The caller holds the case. NotFound; RuleBroken: NOTHING_WAITS, LEAVES_CHANGED where it is another address by now.
    """
    locked = await lock_rows(session, select(Notice).where(Notice.id == notice_id, Notice.case_id == case.id))
    row = await session.get(AddressAgreement, notice_id, populate_existing=True)
    shown = {one.notice_id: one for one in await asked_of(session, context, case)}
    if row is None or not locked or notice_id not in shown:
        raise NotFound
    notice, asked = locked[0], shown[notice_id]
    if not agree and asked.state == "declined":
        return
    if asked.state == "closed":
        raise RuleBroken(Refusal.NOTHING_WAITS, "there is nothing to answer any more")
    if agree and clean(address) != asked.address:
        raise RuleBroken(Refusal.LEAVES_CHANGED, "the address has changed; look at it again")
    record = AddressRecord(recipient=_recipient(context, notice), address=asked.address)
    row.content, row.agreed = context.seal_record(case.id, notice_id, record), agree
    row.answered_at = context.now()
    before = notice.state
    if not agree:
        notice.state, notice.reason = move(notice.state, NoticeState.WITHDRAWN), Refusal.ADDRESS_DECLINED
        notice.due_at = None
    elif notice.state == NoticeState.WITHDRAWN or notice.reason == Refusal.ADDRESS_NOT_AGREED:
        waits = read_intake(context, case).timing is Timing.WAIT_FOR_POLICE
        first = NoticeState.HELD if waits else NoticeState.PREPARED
        notice.state = first if notice.state == first else move(notice.state, first)
        notice.reason = Refusal.WAITING_FOR_POLICE if waits else None
        notice.attempt += 1 if before == NoticeState.WITHDRAWN else 0
    await session.flush()
    kind = EntryKind.ADDRESS_AGREED if agree else EntryKind.ADDRESS_DECLINED
    facts = {"notice": notice.id, "sighting": notice.sighting_id, "address_sha256": _hash(asked.address)}
    await context.record(session, case.id, kind, **facts)


async def lock_unsent(session: AsyncSession, case: Case) -> Sequence[Notice]:
    """What has not left, before the person's address is changed: `ask_again` works on it, after the ledger."""
    return await lock_rows(session, select(Notice).where(Notice.case_id == case.id, Notice.state.in_(UNSENT)))


async def ask_again(session: AsyncSession, context: DomainContext, case: Case, unsent: Sequence[Notice]) -> int:
    """The person's address changed: notices to which they had agreed with another one are held, and asked about anew.

    `unsent`: locked before. Returns how many.
    """
    asked = 0
    for notice in unsent:
        if notice.state not in UNSENT or not needs_address(notice.route):
            continue
        row = await session.get(AddressAgreement, notice.id, populate_existing=True)
        if row is None or not row.agreed or await has_agreed(session, context, notice):
            continue
        if notice.state in (NoticeState.PREPARED, NoticeState.QUEUED):
            notice.state, notice.reason = move(notice.state, NoticeState.HELD), Refusal.ADDRESS_NOT_AGREED
            notice.due_at = None
            notice.attempt += 1
        await ask_for_address(session, context, case, notice, _recipient(context, notice))
        asked += 1
    return asked


async def _asked(
    session: AsyncSession, context: DomainContext, case: Case, row: AddressAgreement, notice: Notice
) -> AddressAsked:
    record = context.open_record(AddressRecord, case.id, notice.id, row.content)
    written = context.open_record(NoticeRecord, case.id, notice.id, notice.content)
    address = _address(context, case)
    sighting = await session.get_one(Sighting, notice.sighting_id)
    declined = notice.state == NoticeState.WITHDRAWN and notice.reason == Refusal.ADDRESS_DECLINED
    over = (
        case.state != CaseState.VOUCHED
        or sighting.removed_at is not None
        or await session.get(CopyClosing, sighting.id) is not None
        or not (declined or notice.state in UNSENT)
    )
    state = "asked" if row.agreed is None or (row.agreed and record.address != address) else "agreed"
    state = "declined" if row.agreed is False else state
    return AddressAsked(
        notice_id=notice.id,
        route=notice.route,
        state="closed" if over else state,
        recipient=written.recipient,
        address=record.address if over else address,
        language=notice.language,
        # As it would leave: written with the address that it was last written with.
        text=written.body if over else written.body.replace(written.fields.get(PERSON_ADDRESS, address), address),
        asked_at=row.asked_at,
        answered_at=row.answered_at,
    )


def _address(context: DomainContext, case: Case) -> str:
    return clean(read_intake(context, case).contact)


def _recipient(context: DomainContext, notice: Notice) -> str:
    return context.open_record(NoticeRecord, notice.case_id, notice.id, notice.content).recipient


def _hash(address: str) -> str:
    return hashlib.sha256(address.encode()).hexdigest()
