"""A wrong order of locks fails in a test, on both databases; what deadlocked before does not."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_unless_there
from db.locking import lock_ledger, lock_one, lock_rows
from db.models.cases import Case, KnownLink
from db.models.notices import Notice
from db.models.sightings import Sighting
from db.models.sources import Source
from monitor.cases.links import enter_link
from monitor.evidence.entry_kinds import EntryKind
from monitor.jobs.read_link import LinkReader
from monitor.model.facts import PictureKind
from monitor.platforms.base import Media, MediaKind, Post
from monitor.sources.media_reader import MediaReader, ReadMedium
from monitor.sources.sources import locked
from tests.support.domain_world import (
    INSPECTION,
    START,
    DomainWorld,
    domain_world,
    make_advocate,
    make_case,
    make_sighting,
)
from tests.support.lock_order import LockOrder, LockOrderBroken

Step = Callable[[AsyncSession], Awaitable[object]]


@pytest.fixture
async def world(prepared_url: str, tmp_path: Path) -> AsyncIterator[DomainWorld]:
    """On both databases."""
    async with domain_world(prepared_url, tmp_path) as made:
        yield made


@pytest.fixture
async def scene(world: DomainWorld) -> dict[str, str]:
    """Ids of a case and of a copy that was found for it."""
    async with world.database.begin() as session:
        case = await make_case(session, world.context, await make_advocate(session))
        sighting = await make_sighting(session, world.context, case)
        return {"case": case.id, "sighting": sighting.id, "source": sighting.source_id}


def steps(scene: dict[str, str]) -> dict[str, Step]:
    """Ways to lock a row, by name."""
    return {
        "case": lambda session: lock_one(session, Case, scene["case"]),
        "source": lambda session: lock_one(session, Source, scene["source"]),
        "sighting": lambda session: lock_one(session, Sighting, scene["sighting"]),
        "no notice": lambda session: lock_rows(session, select(Notice).where(Notice.case_id == scene["case"])),
        "ledger": lambda session: lock_ledger(session, scene["case"]),
        "bulk": lambda session: session.execute(update(Source).values(title="new")),
        "flush": lambda session: _retitle(session, scene["source"]),
    }


async def _retitle(session: AsyncSession, source_id: str) -> None:
    (await session.get_one(Source, source_id)).title = "new"
    await session.flush()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("sighting", "source"),
        ("source", "case"),
        ("ledger", "sighting"),
        ("ledger", "no notice"),
        ("sighting", "bulk"),
        ("sighting", "flush"),
    ],
)
async def test_wrong_order_fails_and_names_both_places(
    world: DomainWorld, scene: dict[str, str], lock_order: LockOrder, first: str, second: str
) -> None:
    ways = steps(scene)
    with pytest.raises(LockOrderBroken) as raised:
        async with world.database.begin() as session:
            await ways[first](session)
            await ways[second](session)
    assert str(raised.value).count("tests/integration/test_lock_order.py:") >= 2
    assert lock_order.broken == [str(raised.value)]
    lock_order.broken.clear()


async def test_right_order_passes_and_what_is_held_may_be_locked_again(
    world: DomainWorld, scene: dict[str, str], lock_order: LockOrder
) -> None:
    ways = steps(scene)
    async with world.database.begin() as session:
        for name in ("case", "source", "flush", "sighting", "no notice", "ledger", "source", "flush", "sighting"):
            await ways[name](session)
    assert lock_order.broken == []


async def test_rows_of_one_table_are_locked_in_the_order_of_their_keys(
    world: DomainWorld, lock_order: LockOrder
) -> None:
    async with world.database.begin() as session:
        advocate = await make_advocate(session)
        first, second = sorted([(await make_case(session, world.context, advocate)).id for _ in range(2)])
    async with world.database.begin() as session:
        await lock_one(session, Case, first)
        await lock_one(session, Case, second)
    async with world.database.begin() as session:
        assert [case.id for case in await lock_rows(session, select(Case))] == [first, second]
    with pytest.raises(LockOrderBroken, match="cases"):
        async with world.database.begin() as session:
            await lock_one(session, Case, second)
            await lock_one(session, Case, first)
    lock_order.broken.clear()


async def test_what_a_transaction_made_itself_it_may_lock_at_any_time(
    world: DomainWorld, scene: dict[str, str]
) -> None:
    async with world.database.begin() as session:
        await steps(scene)["ledger"](session)
        session.add(Source(id="made", platform="x", handle="made", posts_seen=0, added_at=START))
        await session.flush()
        await lock_one(session, Source, "made")


async def test_two_transactions_in_a_wrong_order_deadlock_and_in_the_right_one_wait(
    prepared_postgres_url: str, tmp_path: Path, lock_order: LockOrder
) -> None:
    async with domain_world(prepared_postgres_url, tmp_path) as world:
        async with world.database.begin() as session:
            case = await make_case(session, world.context, await make_advocate(session))
            sighting = await make_sighting(session, world.context, case)
        ways = steps({"case": case.id, "sighting": sighting.id, "source": sighting.source_id})

        async def one(names: Sequence[str], met: asyncio.Barrier | None) -> None:
            async with world.database.begin() as session:
                await ways[names[0]](session)
                if met is not None:
                    await met.wait()
                await ways[names[1]](session)

        right, wrong = ("sighting", "ledger"), ("ledger", "sighting")
        met = asyncio.Barrier(2)
        found = await asyncio.gather(one(right, met), one(wrong, met), return_exceptions=True)
        # The server ended one of them; the wrong one, where it was let through, is found out as well.
        assert [type(error) for error in found] in (
            [type(None), OperationalError],
            [OperationalError, LockOrderBroken],
        )
        lock_order.broken.clear()
        assert list(await asyncio.gather(one(right, None), one(right, None))) == [None, None]


async def test_link_and_crawl_of_the_same_post_do_not_wait_for_each_other(
    prepared_postgres_url: str, tmp_path: Path
) -> None:
    """The link's reader wrote a copy and the ledger, then met the crawl's other copy, which waited for the ledger."""
    async with domain_world(prepared_postgres_url, tmp_path) as world:
        media = [Media(f"photo:{number}", MediaKind.PHOTO) for number in (1, 2)]
        post = Post("17", "https://t.me/examplechannel/17", START, tuple(media))
        async with world.database.begin() as session:
            case = await make_case(session, world.context, await make_advocate(session))
            sighting = await make_sighting(session, world.context, case, post_id="1")
            url = "https://t.me/examplechannel/17"
            link = await enter_link(session, world.context, case, url=url, kind=PictureKind.INTIMATE)
        copy = {"verdict": "review", "how": "", "evidence": b"", "state": "open", "looks": 0, "gone_looks": 0}
        place = {"case_id": case.id, "source_id": sighting.source_id, "post_id": "17", "media_id": "photo:2"}
        written = asyncio.Event()

        async def crawl() -> None:
            """What a crawl does, slowly: the source, the second picture's copy, the ledger."""
            async with world.database.begin() as session:
                await locked(session, sighting.source_id)
                times = {"posted_at": START, "found_at": START}
                await insert_unless_there(session, Sighting, id="crawled", kind="intimate", **place, **copy, **times)
                written.set()
                await asyncio.sleep(1)
                await world.context.record(session, case.id, EntryKind.SIGHTING_FOUND, sighting="crawled")

        async def read() -> None:
            await written.wait()
            reader = LinkReader(world.database, world.context, world.accounts, MediaReader(None, 0))  # type: ignore[arg-type]  # nothing is decoded
            read = [ReadMedium(post, one, INSPECTION, "inspected") for one in media]
            await reader._finish_link(link.id, source_id=sighting.source_id, read=read, reason=None, passing=False)

        await asyncio.wait_for(asyncio.gather(crawl(), read()), 20)
        async with world.database.read() as session:
            found = await session.scalars(select(Sighting.media_id).where(Sighting.post_id == "17"))
            assert sorted(found) == ["photo:1", "photo:2"]
            assert (await session.get_one(KnownLink, link.id)).state == "read"
