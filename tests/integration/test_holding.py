"""The person wants the police first after a notice was queued: it waits, and leaves once the wait is lifted."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from db.locking import lock_one, lock_rows
from db.models.cases import Case
from db.models.notices import Notice
from monitor.cases.intake import fill_intake, read_intake
from monitor.jobs.send import Sender
from monitor.model.facts import Timing
from monitor.notices.stopping import hold_unsent
from monitor.notices.writing import lift_hold
from tests.support.domain_world import DomainWorld, FakeDelivery, domain_world, make_advocate, make_case, make_sighting
from tests.support.leaving import look_and_send, write_and_send


@pytest.fixture
async def world(prepared_url: str, tmp_path: Path) -> AsyncIterator[DomainWorld]:
    async with domain_world(prepared_url, tmp_path) as made:
        yield made


async def queued(world: DomainWorld) -> tuple[str, str]:
    """(case, notice): a notice that waits for the sender."""
    async with world.database.begin() as session:
        advocate = await make_advocate(session)
        case = await make_case(session, world.context, advocate)
        sighting = await make_sighting(session, world.context, case, confirmed_by=advocate)
        notices, _ = await write_and_send(session, world.context, sighting, routes=None, by=advocate.id)
        return case.id, notices[0].id


async def choose(world: DomainWorld, case_id: str, timing: Timing, *, hold: bool = True) -> None:
    """The person changes their mind; without `hold` the sender is the first to notice."""
    async with world.database.begin() as session:
        case = await lock_one(session, Case, case_id)
        if timing is Timing.NOW:
            await lift_hold(session, world.context, case)
        elif hold:
            await hold_unsent(session, world.context, case)
        await fill_intake(session, world.context, case, replace(read_intake(world.context, case), timing=timing))
        if timing is Timing.NOW:
            # Lifting it sends nothing by itself: an advocate looks at what would leave now.
            for notice in await lock_rows(session, select(Notice).where(Notice.case_id == case_id)):
                await look_and_send(session, world.context, notice, by=notice.created_by)


@pytest.mark.parametrize("noticed_by", ["intake", "sender"])
async def test_notice_held_after_queueing_leaves_once_by_a_task_of_its_own(world: DomainWorld, noticed_by: str) -> None:
    case_id, notice_id = await queued(world)
    delivery = FakeDelivery()
    sender = Sender(world.database, world.context, {"telegram_report": delivery, "smtp": delivery})
    await choose(world, case_id, Timing.WAIT_FOR_POLICE, hold=noticed_by == "intake")
    await sender.send(notice_id, 1)
    assert delivery.sent == []
    await choose(world, case_id, Timing.NOW)
    tasks = [task for task in world.tasks if task.workflow == "send"]
    assert len({task.id for task in tasks}) == 2
    for task in tasks:
        await sender.send(*task.arguments)  # type: ignore[arg-type]  # ids are text, attempts numbers
    assert len(delivery.sent) == 1
    async with world.database.read() as session:
        assert (await session.scalars(select(Notice.state))).one() == "sent"
