"""Builds the first day in an empty installation, before its programs start: no network, no waiting."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.queries.actors import AdvocateActor
from db.queries.people import advocate_known
from monitor.app.bootstrap import Services
from monitor.cases.opening import draw_passphrase
from monitor.context.context import SharedContext
from monitor.demo.first_day.cases import STORIES
from monitor.demo.first_day.day import Day, DayClock, Told
from monitor.demo.world.world import DemoWorld
from monitor.model.states import CaseState
from monitor.work.tasks import Task


@dataclass(frozen=True, slots=True)
class FirstDay:
    """What stands in the database now."""

    cases: Sequence[Told]
    passphrase: str = field(repr=False)
    """It opens each of the cases that still opens."""
    tasks: Sequence[Task]
    """What the programs have to do next: for their queue, once they have made it."""


async def build(services: Services, world: DemoWorld, *, login: str, colleague: str, seed: int) -> FirstDay:
    """Tell every story, one after the other.

    `login`: of the advocate whose day it is, who leads their centre; `colleague`: of the one whose work is stopped.
    """
    clock, tasks = DayClock(services.clock), list[Task]()

    async def remember(_session: AsyncSession, task: Task) -> None:
        tasks.append(task)

    standing: Any = clock
    shared: SharedContext = replace(services.context, clock=standing, enqueue=remember)
    # One for all: hashing is slow by design, and nobody here has a secret.
    passphrase = await draw_passphrase("ko", shared.hasher)
    world.open_first_places()
    day = Day(
        database=services.database,
        shared=shared,
        world=world,
        clock=clock,
        advocate=await _actor(services, login),
        colleague=await _actor(services, colleague),
        passphrase=passphrase,
        seed=seed,
    )
    try:
        for story in STORIES:
            await story(day)
    finally:
        await day.accounts.close()
    async with services.database.read() as session:
        erased = set(await session.scalars(select(Case.id).where(Case.state == CaseState.ERASED)))
    cases = [replace(one, opens=one.case_id not in erased) for one in day.cases]
    return FirstDay(cases, passphrase.words, tasks)


async def _actor(services: Services, login: str) -> AdvocateActor:
    async with services.database.read() as session:
        found = await advocate_known(session, login)
    if found is None:
        raise ValueError("this advocate was made before")
    return AdvocateActor(found.id, found.organisation_id, found.name, lead=found.lead)
