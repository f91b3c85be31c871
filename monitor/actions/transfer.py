"""A case goes from one centre to another, when the person says so and not before.

Either centre may ask: the one that has the case, or another one to which the person told their number. Until the yes
the other centre sees that something was asked, and nothing of the case; from the yes on the first one sees nothing of
it. See docs/decisions/0092-a-case-changes-its-centre-by-the-persons-yes.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_one, lock_rows
from db.models.cases import Case
from db.models.linking import PlaceReport, ReportPart
from db.models.oversight import CaseTransfer
from db.models.people import Advocate, Organisation
from db.models.sources import Source
from db.queries.actors import Actor, AdvocateActor
from db.queries.cases import find_case
from db.queries.consents import end_listed, sources_listed
from db.queries.lists import list_consents_of
from db.queries.people import who_answers, working_organisations, works_at
from db.queries.transfers import (
    case_elsewhere,
    find_transfer,
    hand_alerts_over,
    hand_clocks_over,
    is_elsewhere,
    standing_transfer,
    transfers_of,
    transfers_of_case,
)
from db.types import new_id
from monitor.actions.access import only_the_person, refuse_content
from monitor.actions.joint import take_back
from monitor.cases.reissue import end_reissue
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.core.errors import NotFound, RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.history.forgetting import forget_unless_watched
from monitor.model.place_reports import PartState, PlaceState
from monitor.model.states import CaseState
from monitor.model.transfers import MOST_DAYS, USUAL_DAYS, TransferState, transfer_state
from monitor.notices.corresponding import sign_retractions_anew
from monitor.notices.lapsing import write_steps_anew
from monitor.notices.mail_after import hold_unsent_mail
from monitor.notices.stopping import stop_unsent

SHOWN = 6
"""Signs at the end of a number by which those who had a case know which one it was."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """A transfer as one of its sides sees it."""

    transfer_id: str
    from_centre: str
    to_centre: str
    asked_by_centre: str
    """The one of the two whose advocate asked."""
    state: TransferState
    asked_at: datetime
    expires_at: datetime
    answered_at: datetime | None
    ends_with: str = ""
    """The last signs of the case's number; empty for a centre that was not told it."""
    mine: bool = False
    """The reader's own centre asked, so it can take that back."""
    incoming: bool = False
    """The reader's own centre would get the case, or got it."""


async def ask_transfer(
    session: AsyncSession,
    context: DomainContext,
    actor: AdvocateActor,
    case_id: str,
    *,
    to: str = "",
    days: int = USUAL_DAYS,
) -> CaseTransfer:
    """Ask the person whether their case may go to the centre named `to`; empty: to the asker's own.

    Raises NotFound, RuleBroken: what `refuse_content` refuses of the own case, ORGANISATION_UNKNOWN, SAME_CENTRE,
    TRANSFER_DAYS, TRANSFER_STANDS.
    """
    if not 1 <= days <= MOST_DAYS:
        raise RuleBroken(Refusal.TRANSFER_DAYS, f"a person has 1 to {MOST_DAYS} days to answer")
    names = {one.name: one.id for one in await working_organisations(session)}
    target = actor.organisation_id if not to.strip() else names.get(to.strip(), "")
    if not target:
        raise RuleBroken(Refusal.ORGANISATION_UNKNOWN, "there is no centre of this name that has an advocate")
    case = await find_case(session, actor, case_id, lock=True)
    if case is not None and case.organisation_id == actor.organisation_id:
        refuse_content(actor, case)
    else:  # one that waits in the pool needs no transfer: it is taken in hand
        case = None if target != actor.organisation_id else await case_elsewhere(session, actor, case_id)
    if case is None or case.organisation_id is None:
        raise NotFound
    if target == case.organisation_id:
        raise RuleBroken(Refusal.SAME_CENTRE, "the case is with this centre already")
    now, before = context.now(), await standing_transfer(session, case.id)
    if before is not None:
        if transfer_state(before.state, before.expires_at, now) is TransferState.ASKED:
            raise RuleBroken(Refusal.TRANSFER_STANDS, "the person is asked about another centre already")
        before.state = TransferState.OVER
        await session.flush()
    row = CaseTransfer(
        id=new_id(),
        case_id=case.id,
        from_organisation_id=case.organisation_id,
        to_organisation_id=target,
        asked_by=actor.id,
        asked_at=now,
        expires_at=now + timedelta(days=days),
        state=TransferState.ASKED,
    )
    session.add(row)
    await session.flush()
    facts = {"transfer": row.id, "from": row.from_organisation_id, "to": row.to_organisation_id}
    await context.record(session, case.id, EntryKind.TRANSFER_ASKED, **facts, until=row.expires_at.isoformat())
    return row


async def agree_to_transfer(
    session: AsyncSession, context: DomainContext, case: Case, actor: Actor, transfer_id: str
) -> int:
    """The person's yes: from this transaction on the case is the other centre's. The caller holds the case.

    Returns how many notices were stopped that had not left: they speak in the name of the centre before. So do letters
    and replies, which are stopped with them; what takes a notice back leaves in the new centre's name. Said again,
    because the answer was lost, it changes nothing and stops none.
    Raises NotFound, RuleBroken: ONLY_THE_PERSON, TRANSFER_OVER, CENTRE_EMPTY where nobody works there any more.
    """
    row = await _put_to_person(session, case, actor, transfer_id)
    if row.state == TransferState.AGREED and case.organisation_id == row.to_organisation_id:
        return 0
    _refuse_over(context, row)
    if case.state != CaseState.VOUCHED:
        raise RuleBroken(Refusal.TRANSFER_OVER, "nobody asks this any more")
    if row.to_organisation_id not in {one.id for one in await working_organisations(session)}:
        raise RuleBroken(Refusal.CENTRE_EMPTY, "nobody works there any more")
    now, before = context.now(), row.from_organisation_id
    await _end_list(session, context, case)
    held = await hold_unsent_mail(session, case.id)
    stopped = await stop_unsent(session, context, case.id, Refusal.CASE_MOVED)
    if case.resend_advocate_at is not None:
        case.resend_advocate_at = case.resend_advocate_by = None
        await context.record(session, case.id, EntryKind.RESENDING_SWITCHED, whose="advocate", on=False)
    await _leave_joint_reports(session, context, case)
    await end_reissue(session, context, case)
    case.organisation_id = row.to_organisation_id
    row.state, row.answered_at = TransferState.AGREED, now
    await session.flush()
    await hand_alerts_over(session, case.id, row.to_organisation_id)
    in_charge = await _in_charge(session, row)
    await hand_clocks_over(session, case.id, in_charge)
    await sign_retractions_anew(session, context, held, by=in_charge)
    await write_steps_anew(session, context, case)
    facts = {"transfer": row.id, "from": before, "to": row.to_organisation_id, "stopped_notices": stopped}
    await context.record(session, case.id, EntryKind.CASE_TRANSFERRED, **facts)
    arrived = AlertKind.CASE_ARRIVED
    await context.alert(session, arrived, case.id, "person-agreed", organisation_id=row.to_organisation_id)
    return stopped


async def decline_transfer(
    session: AsyncSession, context: DomainContext, case: Case, actor: Actor, transfer_id: str
) -> None:
    """The person's no: everything stays as it is. Said again it changes nothing. The caller holds the case.

    Raises NotFound, RuleBroken: ONLY_THE_PERSON, TRANSFER_OVER.
    """
    row = await _put_to_person(session, case, actor, transfer_id)
    if row.state == TransferState.DECLINED:
        return
    _refuse_over(context, row)
    row.state, row.answered_at = TransferState.DECLINED, context.now()
    await context.record(session, case.id, EntryKind.TRANSFER_DECLINED, transfer=row.id)


async def end_transfer(session: AsyncSession, context: DomainContext, actor: AdvocateActor, transfer_id: str) -> None:
    """Before the person answered: the centre that asked takes it back, or the one that would get the case cannot.

    Raises NotFound, RuleBroken: TRANSFER_OVER, ONLY_THE_PERSON for the centre that would lose the case to one that
    asked.
    """
    found = await find_transfer(session, actor, transfer_id)
    if found is None:
        raise NotFound
    await lock_one(session, Case, found.case_id)
    row = await session.get_one(CaseTransfer, transfer_id, populate_existing=True)
    if transfer_state(row.state, row.expires_at, context.now()) is not TransferState.ASKED:
        raise RuleBroken(Refusal.TRANSFER_OVER, "nobody asks this any more")
    asker = await _home_of(session, row)
    if actor.organisation_id not in (asker, row.to_organisation_id):
        raise RuleBroken(Refusal.ONLY_THE_PERSON, "whether the case goes is the person's to say")
    row.state = TransferState.TAKEN_BACK if asker == actor.organisation_id else TransferState.REFUSED
    row.answered_at = context.now()
    await context.record(session, row.case_id, EntryKind.TRANSFER_ENDED, transfer=row.id, how=row.state)


async def where_is(
    session: AsyncSession, actor: AdvocateActor, case_id: str
) -> Literal["here", "waiting", "elsewhere"]:
    """Where the case is whose whole number a person told this advocate. Raises NotFound.

    That another centre has it, and not which, is all that is told: whoever has the number has it from the person.
    """
    case = await find_case(session, actor, case_id)
    if case is not None:
        return "here" if case.organisation_id == actor.organisation_id else "waiting"
    if await is_elsewhere(session, actor, case_id):
        return "elsewhere"
    raise NotFound


async def acknowledge_arrival(session: AsyncSession, context: DomainContext, case: Case) -> None:
    """An advocate of the new centre has seen that the case is theirs."""
    await context.resolve(session, AlertKind.CASE_ARRIVED, case.id)


async def asked_of_person(session: AsyncSession, context: DomainContext, case: Case) -> Sequence[Transfer]:
    """Every transfer that the person was ever asked about, the oldest first."""
    return await _told(session, context, await transfers_of_case(session, case.id), None)


async def own_transfers(
    session: AsyncSession, context: DomainContext, actor: AdvocateActor, *, limit: int = 50, offset: int = 0
) -> tuple[Sequence[Transfer], int]:
    """A page of what the advocate's centre is one side of, the newest first, and how many there are."""
    rows, total = await transfers_of(session, actor, limit=limit, offset=offset)
    return await _told(session, context, rows, actor), total


async def _told(
    session: AsyncSession, context: DomainContext, rows: Sequence[CaseTransfer], actor: AdvocateActor | None
) -> Sequence[Transfer]:
    names = {row.id: row.name for row in await session.scalars(select(Organisation))} if rows else {}
    homes = await _homes_of(session, rows)
    told = []
    for row in rows:
        home = None if actor is None else actor.organisation_id
        asker = homes.get(row.asked_by, row.from_organisation_id)
        incoming = home == row.to_organisation_id
        # A centre that another one asked to take a case is told nothing of it before the person's yes.
        knows = home is None or not incoming or asker == home or row.state == TransferState.AGREED
        told.append(
            Transfer(
                transfer_id=row.id,
                from_centre=names.get(row.from_organisation_id, ""),
                to_centre=names.get(row.to_organisation_id, ""),
                asked_by_centre=names.get(asker, ""),
                state=transfer_state(row.state, row.expires_at, context.now()),
                asked_at=row.asked_at,
                expires_at=row.expires_at,
                answered_at=row.answered_at,
                ends_with=row.case_id[-SHOWN:] if knows else "",
                mine=home == asker,
                incoming=incoming,
            )
        )
    return told


async def _put_to_person(session: AsyncSession, case: Case, actor: Actor, transfer_id: str) -> CaseTransfer:
    only_the_person(actor)
    row = await session.get(CaseTransfer, transfer_id, populate_existing=True)
    if row is None or row.case_id != case.id:
        raise NotFound
    return row


def _refuse_over(context: DomainContext, row: CaseTransfer) -> None:
    if transfer_state(row.state, row.expires_at, context.now()) is not TransferState.ASKED:
        raise RuleBroken(Refusal.TRANSFER_OVER, "nobody asks this any more")


async def _end_list(session: AsyncSession, context: DomainContext, case: Case) -> None:
    """The list was the other centre's. That is no withdrawal: what was confirmed there goes its way."""
    now = context.now()
    given = [one for one in await list_consents_of(session, case.id) if one.withdrawn_at is None]
    standing = [one for one in given if one.expires_at > now]
    if not standing:
        return
    ids = [one.id for one in standing]
    sources = sorted(await sources_listed(session, ids))
    await lock_rows(session, select(Source).where(Source.id.in_(sources)))
    await end_listed(session, ids, now)
    for one in standing:
        one.expires_at = now
    await session.flush()
    await forget_unless_watched(session, context, sources)


async def _leave_joint_reports(session: AsyncSession, context: DomainContext, case: Case) -> None:
    """A part of a report that the centre before has not sent is not asked for, nor in it, any more."""
    unsent = select(PlaceReport.id).where(PlaceReport.state == PlaceState.PREPARED)
    mine = (ReportPart.case_id == case.id, ReportPart.state.in_((PartState.ASKED, PartState.AGREED)))
    parts = select(ReportPart).where(*mine, ReportPart.report_id.in_(unsent)).order_by(ReportPart.id)
    for part in (await session.scalars(parts)).all():
        take_back(context, part)
    await session.flush()


async def _in_charge(session: AsyncSession, row: CaseTransfer) -> str:
    """Whoever of the new centre asked for the case and works there still, or else whoever answers for it.

    Empty where nobody works there any more: then nobody is named, and nobody of the centre before.
    """
    if await works_at(session, row.asked_by, row.to_organisation_id):
        return row.asked_by
    found = await who_answers(session, row.to_organisation_id)
    return "" if found is None else found.id


async def _home_of(session: AsyncSession, row: CaseTransfer) -> str:
    return (await _homes_of(session, [row])).get(row.asked_by, row.from_organisation_id)


async def _homes_of(session: AsyncSession, rows: Sequence[CaseTransfer]) -> dict[str, str]:
    """The centre of each advocate who asked."""
    asked = {row.asked_by for row in rows}
    if not asked:
        return {}
    query = select(Advocate.id, Advocate.organisation_id).where(Advocate.id.in_(asked))
    return {row[0]: row[1] for row in await session.execute(query)}
