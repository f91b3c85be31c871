"""Who works here: what a lead sees of the accounts of their centre, and an operator of every centre's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.accounts import Passkey
from db.models.people import Advocate, Organisation
from db.queries.actors import AdvocateActor, OperatorActor
from monitor.cases.accounts.desk import Desk, EventKind, tell
from monitor.cases.accounts.resets import asked
from monitor.cases.accounts.speakers import names_of_speakers
from monitor.cases.advocates import change_lead
from monitor.cases.roles import Role
from monitor.core.errors import NotFound, RuleBroken
from monitor.core.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Colleague:
    """An account, as those who manage it see it. Nothing in it tells of cases."""

    id: str
    name: str
    login: str
    work_alias: str
    organisation: str
    role: Role
    disabled_at: datetime | None
    passkeys: int
    reset_asked: bool
    """One person has said that a lost phone shall be replaced."""
    reset_asked_by: str
    """Their name; empty for an operator."""
    asked_by_me: bool
    enrols: bool


async def colleagues_of(session: AsyncSession, actor: AdvocateActor | OperatorActor, desk: Desk) -> Sequence[Colleague]:
    """By organisation and name, those who are disabled last."""
    query = select(Advocate, Organisation.name).join(Organisation, Organisation.id == Advocate.organisation_id)
    if isinstance(actor, AdvocateActor):
        query = query.where(Advocate.organisation_id == actor.organisation_id)
    order = (Organisation.name, Advocate.disabled_at.is_not(None), Advocate.name, Advocate.id)
    rows = (await session.execute(query.order_by(*order))).all()
    counted = select(Passkey.advocate_id, func.count()).group_by(Passkey.advocate_id)
    keys = {row[0]: row[1] for row in await session.execute(counted)}
    names = await names_of_speakers(session, [one.reset_asked_by or "" for one, _ in rows])
    return [
        Colleague(
            id=one.id,
            name=one.name,
            login=one.login,
            work_alias=one.work_alias or "",
            organisation=home,
            role=Role.OPERATOR if one.operator else Role.LEAD if one.lead else Role.ADVOCATE,
            disabled_at=one.disabled_at,
            passkeys=keys.get(one.id, 0),
            reset_asked=asked(one, desk.now),
            reset_asked_by=names.get(one.reset_asked_by or "", ""),
            asked_by_me=asked(one, desk.now) and one.reset_asked_by == desk.speaker,
            enrols=one.enrols,
        )
        for one, home in rows
    ]


async def give_role(session: AsyncSession, desk: Desk, account: Advocate, *, lead: bool) -> None:
    """Make somebody a lead, or a lead no more; they are told. Raises RuleBroken: LAST_LEAD, NOT_ONESELF; NotFound."""
    if account.disabled_at is not None:
        raise NotFound
    if account.id == desk.by.advocate_id and lead:
        raise RuleBroken(Refusal.NOT_ONESELF, "another lead gives this role")
    if account.lead == lead:
        return
    await tell(session, desk, account, EventKind.ROLE_CHANGED, desk.speaker)
    await change_lead(session, desk.keys, account, lead=lead, by=desk.by, now=desk.at)
