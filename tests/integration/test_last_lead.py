"""A centre keeps a lead, also when two people change at the same moment who leads."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from db.queries.actors import AdvocateActor
from db.queries.people import leads
from monitor.cases.accounts.colleagues import give_role
from monitor.cases.accounts.desk import Desk
from monitor.cases.accounts.resets import account_for
from monitor.cases.advocates import add_advocate, disable_advocate, set_lead
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.by import By, Door
from tests.integration.test_accounts import account, make
from tests.support.api_world import PASSWORD, ApiWorld
from tests.support.lock_order import LockOrder
from tests.support.quick_hasher import QUICK

Step = Callable[[AsyncSession], Awaitable[object]]
OPERATOR = By.operator("advocate")


async def who_leads(world: ApiWorld) -> list[str]:
    home = (await account(world, "first")).organisation_id
    async with world.services.database.read() as session:
        return sorted(one.login for one in await leads(session, home))


def demoted(world: ApiWorld, login: str) -> Step:
    """At the command line."""

    async def step(session: AsyncSession) -> None:
        now = datetime.now(UTC)
        await set_lead(session, world.services.keys, login=login, lead=False, by=OPERATOR, now=now)

    return step


def disabled(world: ApiWorld, login: str) -> Step:
    """The same; whether the centre still has a lead."""

    async def step(session: AsyncSession) -> bool:
        return await disable_advocate(session, world.services.keys, login=login, by=OPERATOR, now=datetime.now(UTC))

    return step


def added(world: ApiWorld, login: str) -> Step:
    """Somebody new, who leads where nobody does."""

    async def step(session: AsyncSession) -> None:
        told = {"login": login, "name": login, "organisation": "Centre A", "password": PASSWORD}
        more = {"by": OPERATOR, "now": datetime.now(UTC), "hasher": QUICK}
        await add_advocate(session, world.services.keys, **told, **more)  # type: ignore[arg-type]  # told as the test has it

    return step


async def at_once(world: ApiWorld, *steps: Step) -> list[object]:
    """Each in a transaction of its own, begun before any other's end where the database lets several write."""
    several = world.services.database.engine.dialect.name == "postgresql"
    begun, done = asyncio.Barrier(len(steps)), asyncio.Event()

    async def one(step: Step, last: bool) -> object:
        async with world.services.database.begin() as session:
            if several:
                await begun.wait()
            answer = await step(session)
            if several and not last:
                # So long the other waits, if it waits at all.
                await asyncio.wait([asyncio.ensure_future(done.wait())], timeout=0.4)
            done.set()
            return answer

    running = (one(step, step is steps[-1]) for step in steps)
    return list(await asyncio.gather(*running, return_exceptions=True))


def refusals(answers: list[object]) -> list[Refusal]:
    assert all(one is None or isinstance(one, RuleBroken | bool) for one in answers), answers
    return [one.reason for one in answers if isinstance(one, RuleBroken)]


async def test_two_leads_who_demote_each_other_leave_one(world: ApiWorld, lock_order: LockOrder) -> None:
    await world.advocate()
    await make(world, "why", lead=True)
    rows = {login: await account(world, login) for login in ("first", "why")}

    def demotes(who: str, whom: str) -> Step:
        async def step(session: AsyncSession) -> None:
            own = rows[who]
            actor = AdvocateActor(own.id, own.organisation_id, own.name, lead=True)
            context = world.services.context.acting(By.advocate(own.id, Door.PAGE))
            await give_role(session, Desk.of(context), await account_for(session, actor, rows[whom].id), lead=False)

        return step

    assert refusals(await at_once(world, demotes("first", "why"), demotes("why", "first"))) == [Refusal.LAST_LEAD]
    assert len(await who_leads(world)) == 1 and lock_order.broken == []


@pytest.mark.parametrize("twice", [("first", "why"), ("why", "first")])
async def test_a_lead_who_is_disabled_while_the_other_is_demoted_leaves_one_or_says_so(
    world: ApiWorld, twice: tuple[str, str]
) -> None:
    await world.advocate()
    await make(world, "why", lead=True)
    demoted_one, disabled_one = twice
    answers = await at_once(world, demoted(world, demoted_one), disabled(world, disabled_one))
    # Whoever must be kept out is kept out; then the other stays a lead, or the operator is told that nobody leads.
    left = await who_leads(world)
    assert (refusals(answers), answers[1], left) in (
        ([Refusal.LAST_LEAD], True, [demoted_one]),
        ([], False, []),
    )


async def test_two_leads_who_are_disabled_at_once_are_told_to_be_the_last(world: ApiWorld) -> None:
    await world.advocate()
    await make(world, "why", lead=True)
    answers = await at_once(world, disabled(world, "first"), disabled(world, "why"))
    assert sorted(answers, key=bool) == [False, True], "one of them was the last: the operator is told"
    assert await who_leads(world) == []


async def test_who_is_added_while_the_only_lead_is_disabled_leads_or_it_is_said(world: ApiWorld) -> None:
    await world.advocate()
    answers = await at_once(world, disabled(world, "first"), added(world, "new"))
    assert refusals(answers) == []
    # Whichever came first: somebody leads now, or the operator was told that nobody does.
    assert await who_leads(world) == ["new"] or answers[0] is False


async def test_the_same_demotion_twice_is_done_once(world: ApiWorld) -> None:
    await world.advocate()
    await make(world, "why", lead=True)
    assert refusals(await at_once(world, demoted(world, "why"), demoted(world, "why"))) == []
    assert await who_leads(world) == ["first"]
