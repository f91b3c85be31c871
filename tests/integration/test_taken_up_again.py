"""What went wrong once is taken up again: links, checks, notices. And one that cannot be keeps no other waiting."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from db.locking import lock_one
from db.models.cases import Case, KnownLink
from db.models.notices import Notice
from db.models.sources import Alert
from db.queries.actors import PersonActor
from monitor.actions.erase import ask_erasure
from monitor.cases.erasure import erase
from monitor.cases.links import enter_link
from monitor.core.errors import AccountStopped, DecoderUnavailable, InDoubt, PlatformFault
from monitor.demo.world.pictures import registered
from monitor.fingerprints.decoder.pool import DecoderPool
from monitor.jobs.read_link import LinkReader
from monitor.jobs.send import Sender
from monitor.jobs.sweeps import Ticks
from monitor.keys.store import case_key
from monitor.model.facts import PictureKind
from monitor.model.notice_states import NoticeState
from monitor.model.states import CaseState
from monitor.platforms.base import Media, MediaKind, Post
from monitor.sources.media_reader import MediaReader
from tests.support.databases import on_sqlite
from tests.support.domain_world import (
    START,
    DomainWorld,
    FakeDelivery,
    domain_world,
    follow_up,
    make_advocate,
    make_case,
    make_sighting,
    notice_tasks,
)
from tests.support.leaving import write_and_send


@pytest.fixture
async def world(prepared_url: str, tmp_path: Path) -> AsyncIterator[DomainWorld]:
    async with domain_world(prepared_url, tmp_path) as made:
        yield made


class Idle:
    """A worker that has no work left."""

    async def live(self, ids: Any) -> set[str]:
        return set()

    async def forget_finished(self, older_than_s: float) -> int:
        return 0


def ticks(world: DomainWorld, folder: Path) -> Ticks:
    idle: Any = Idle()
    return Ticks(
        world.database,
        world.context,
        idle,
        heads_file=folder / "heads",
        interval=timedelta(minutes=15),
        seen_for=timedelta(days=30),
    )


def reads(world: DomainWorld) -> list[str]:
    """The ids of the links that are to be read."""
    found = [str(task.arguments[0]) for task in world.tasks if task.workflow == "read_link"]
    world.tasks.clear()
    return found


@pytest.mark.parametrize(
    "error",
    [PlatformFault("http-503"), DecoderUnavailable("closed"), AccountStopped("revoked"), ValueError("nobody foresaw")],
    ids=lambda error: type(error).__name__,
)
async def test_link_that_met_a_passing_fault_is_asked_for_again(
    world: DomainWorld, decoders: DecoderPool, tmp_path: Path, error: Exception
) -> None:
    async with world.database.begin() as session:
        case = await make_case(session, world.context, await make_advocate(session))
        link = await enter_link(session, world.context, case, url="https://t.me/channel/5", kind=PictureKind.FAKED)
    medium = Media("photo:50", MediaKind.PHOTO, token=registered(1)[1])
    world.platform.posts["5"] = Post("5", "https://t.me/channel/5", START - timedelta(hours=1), (medium,))
    job = LinkReader(world.database, world.context, world.accounts, MediaReader(decoders, 20_000_000))
    assert reads(world) == [link.id]
    world.platform.errors = [error]
    await job.read_link(link.id)
    assert reads(world) == []
    world.clock.move(hours=1)
    await ticks(world, tmp_path).sweep()
    assert reads(world) == [link.id]
    await job.read_link(link.id)
    async with world.database.read() as session:
        assert (await session.get_one(KnownLink, link.id)).state == "read"
    world.clock.move(hours=1)
    world.tasks.clear()
    await ticks(world, tmp_path).sweep()
    assert reads(world) == []


@on_sqlite
async def test_check_that_meets_what_nobody_foresaw_is_made_again_in_its_time(world: DomainWorld) -> None:
    async with world.database.begin() as session:
        advocate = await make_advocate(session)
        case = await make_case(session, world.context, advocate)
        sighting = await make_sighting(session, world.context, case, confirmed_by=advocate)
        (notice,), _ = await write_and_send(session, world.context, sighting, routes=("us_tida",), by=advocate.id)
    await Sender(world.database, world.context, {"smtp": FakeDelivery()}).send(notice.id, 1)
    world.clock.move(hours=1)
    world.tasks.clear()
    world.platform.errors = [ValueError("nobody foresaw this")]
    await follow_up(world).verify(notice.id, 1)
    async with world.database.read() as session:
        row = await session.get_one(Notice, notice.id)
    assert (row.look, row.reason) == (1, "look-failed")
    assert [(task.arguments, task.delay) for task in notice_tasks(world.tasks)] == [((notice.id, 2), 3600)]


async def sent_notice(world: DomainWorld, centre: str, delivery: FakeDelivery) -> Notice:
    async with world.database.begin() as session:
        advocate = await make_advocate(session, centre)
        case = await make_case(session, world.context, advocate)
        sighting = await make_sighting(session, world.context, case, confirmed_by=advocate)
        (notice,), _ = await write_and_send(session, world.context, sighting, routes=("us_tida",), by=advocate.id)
    await Sender(world.database, world.context, {"smtp": delivery}).send(notice.id, 1)
    return notice


async def test_notice_of_an_erased_case_keeps_no_other_one_waiting(world: DomainWorld, tmp_path: Path) -> None:
    """It was being sent when every worker died, and its case was erased before one came back."""
    notices = [await sent_notice(world, f"Centre {number}", FakeDelivery()) for number in range(3)]
    async with world.database.begin() as session:
        for notice in notices:
            row = await session.get_one(Notice, notice.id)
            row.state, row.due_at = NoticeState.SENDING, None
    world.context.keys.destroy(case_key(notices[0].case_id))
    await ticks(world, tmp_path).sweep()
    async with world.database.read() as session:
        states = [(await session.get_one(Notice, notice.id)).state for notice in notices]
    assert states == [NoticeState.SENDING, NoticeState.IN_DOUBT, NoticeState.IN_DOUBT]


@on_sqlite
async def test_erased_case_leaves_no_alert_that_nobody_can_end(world: DomainWorld) -> None:
    delivery = FakeDelivery()
    delivery.errors = [InDoubt("no-reply")]
    notice = await sent_notice(world, "Centre", delivery)
    async with world.database.begin() as session:
        case = await lock_one(session, Case, notice.case_id)
        await ask_erasure(session, world.context, case, PersonActor(case.id))
    world.clock.move(days=8)
    async with world.database.begin() as session:
        await erase(session, world.context, await lock_one(session, Case, notice.case_id))
    async with world.database.read() as session:
        assert await session.scalar(select(Alert.kind).where(Alert.resolved_at.is_(None))) is None


async def test_case_that_cannot_be_erased_keeps_no_other_one_waiting(world: DomainWorld, tmp_path: Path) -> None:
    """Its key is lost, say, with an older copy of the key store."""
    notices = [await sent_notice(world, f"Centre {number}", FakeDelivery()) for number in range(3)]
    for notice in notices:
        async with world.database.begin() as session:
            case = await lock_one(session, Case, notice.case_id)
            await ask_erasure(session, world.context, case, PersonActor(case.id))
    world.context.keys.destroy(case_key(notices[1].case_id))
    world.clock.move(days=8)
    await ticks(world, tmp_path).tidy()
    async with world.database.read() as session:
        states = [(await session.get_one(Case, notice.case_id)).state for notice in notices]
    assert states == [CaseState.ERASED, CaseState.ERASING, CaseState.ERASED]
