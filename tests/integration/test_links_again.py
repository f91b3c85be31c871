"""A link that the person knows is read in the end, whatever went wrong the first time; and an odd post costs itself."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from db.models.cases import KnownLink
from db.models.notices import Notice
from monitor.cases.links import enter_link
from monitor.core.errors import AccountStopped, DecoderUnavailable, PlatformFault
from monitor.demo.world.pictures import registered
from monitor.fingerprints.decoder.pool import DecoderPool
from monitor.jobs.read_link import LinkReader
from monitor.jobs.send import Sender
from monitor.jobs.sweeps import Ticks
from monitor.model.facts import PictureKind
from monitor.notices.writing import queue_notices
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


@pytest.fixture
async def world(prepared_url: str, tmp_path: Path) -> AsyncIterator[DomainWorld]:
    async with domain_world(prepared_url, tmp_path) as made:
        yield made


class Idle:
    """A worker that has no work left."""

    async def live(self, ids: Any) -> set[str]:
        return set()


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
        (notice,), _ = await queue_notices(session, world.context, sighting, routes=("us_tida",), by=advocate.id)
    await Sender(world.database, world.context, {"smtp": FakeDelivery()}).send(notice.id, 1)
    world.clock.move(hours=1)
    world.tasks.clear()
    world.platform.errors = [ValueError("nobody foresaw this")]
    await follow_up(world).verify(notice.id, 1)
    async with world.database.read() as session:
        row = await session.get_one(Notice, notice.id)
    assert (row.look, row.reason) == (1, "look-failed")
    assert [(task.arguments, task.delay) for task in notice_tasks(world.tasks)] == [((notice.id, 2), 3600)]
