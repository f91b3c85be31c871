"""Separation of duties: one advocate does not vouch, enter the person's permission and send, all alone."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.models.mandates import Mandate
from db.models.people import Organisation, VouchCode
from db.queries.people import count_active
from monitor.cases.entered import read_entered
from monitor.context.context import DomainContext
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.model.entered import Matter
from monitor.model.states import CaseState

SIGNING = (Matter.SIGNATURE, Matter.PERMISSION)


async def is_one_hand(session: AsyncSession, context: DomainContext, case: Case, sender: str | None) -> bool:
    """Did `sender` (an advocate's id) vouch for the case, and speak for the person, who has not confirmed it?"""
    if sender is None or sender not in await speaking_for_person(session, context, case):
        return False
    return await _voucher(session, case) == sender


async def speaking_for_person(session: AsyncSession, context: DomainContext, case: Case) -> set[str]:
    """The advocates whose word stands for the person's: who entered what counts under a mandate and is not confirmed,
    and who saw that mandate, for without it nothing of what another entered would count."""
    if case.state != CaseState.VOUCHED:
        return set()  # nothing leaves, and of an erased case nothing opens
    resting = [one for one in read_entered(context, case).unconfirmed.values() if one.in_effect and one.mandate]
    mandates = [await session.get(Mandate, one.mandate) for one in resting]
    return {*(one.by for one in resting), *(one.seen_by for one in mandates if one is not None)}


async def has_sole_advocate(session: AsyncSession, case: Case) -> bool:
    """Does the organisation say that it has one advocate only, and is that so now?"""
    says_so = await session.scalar(select(Organisation.sole_advocate).where(Organisation.id == case.organisation_id))
    return bool(says_so) and await count_active(session, case.organisation_id) <= 1


async def refuse_one_hand(session: AsyncSession, context: DomainContext, case: Case, sender: str) -> bool:
    """RuleBroken(SECOND_ADVOCATE) where one hand would do it all; True where that is allowed, and is to be marked."""
    if not await is_one_hand(session, context, case, sender):
        return False
    if not await has_sole_advocate(session, case):
        raise RuleBroken(Refusal.SECOND_ADVOCATE, "another advocate of the organisation must send this")
    return True


def waits_for_person(context: DomainContext, case: Case) -> bool:
    """Does a signature or a permission wait for the person's word?"""
    return bool(set(SIGNING) & set(read_entered(context, case).waiting))


def refuse_while_unconfirmed(context: DomainContext, case: Case) -> None:
    """RuleBroken(WAITS_FOR_PERSON) while a signature or a permission waits for the person's word."""
    if waits_for_person(context, case):
        raise RuleBroken(Refusal.WAITS_FOR_PERSON, "the person has not confirmed what was entered for them")


async def _voucher(session: AsyncSession, case: Case) -> str | None:
    """Whoever vouched, or made the code that the case was opened with."""
    if case.vouched_by is not None:
        return case.vouched_by
    return await session.scalar(select(VouchCode.created_by).where(VouchCode.used_by_case == case.id))
