"""While a person lets their places rest nothing is read for them; afterwards what was posted meanwhile is looked at."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from db.locking import lock_one
from db.models.cases import Case
from db.models.sightings import Sighting
from db.models.sources import Consent
from db.queries.actors import PersonActor
from db.queries.cases import links_to_read
from monitor.actions.watching import pause_watching, places_of, resume_watching
from monitor.cases.consents import give_consent
from monitor.cases.fingerprints import add_fingerprint
from monitor.cases.links import enter_link
from monitor.demo.world.pictures import registered
from monitor.fingerprints.decoder.pool import DecoderPool
from monitor.fingerprints.image import hash_picture
from monitor.jobs.backfill import BackfillJob
from monitor.jobs.crawl import Crawler
from monitor.jobs.read_link import LinkReader
from monitor.model.facts import PictureKind
from monitor.model.states import Purpose
from monitor.platforms.base import Media, MediaKind, PlatformName, Post
from monitor.sources.media_reader import MediaReader
from tests.support.domain_world import START, DomainWorld, domain_world, make_advocate, make_case

BOTH = (Purpose.WATCH, Purpose.FOLLOW)


@pytest.fixture
async def world(prepared_sqlite_url: str, tmp_path: Path) -> AsyncIterator[DomainWorld]:
    async with domain_world(prepared_sqlite_url, tmp_path) as made:
        yield made


def post(number: int) -> Post:
    media = (Media(f"photo:{number}", MediaKind.PHOTO, token=registered(1)[0]),)
    return Post(str(number), f"https://t.me/channel/{number}", START - timedelta(hours=1), media)


async def watching(world: DomainWorld, centre: str = "Centre") -> tuple[str, str]:
    """A vouched case that watches one channel for one picture: ids of case and source."""
    picture = hash_picture(registered(1)[0]).whole
    async with world.database.begin() as session:
        case = await make_case(session, world.context, await make_advocate(session, centre))
        await add_fingerprint(
            session, world.context, case, pdq=picture.hex, quality=picture.quality, kind=PictureKind.INTIMATE
        )
        consent, _ = await give_consent(
            session, world.context, case, platform=PlatformName.TELEGRAM, source="channel", purposes=BOTH
        )
        return case.id, consent.source_id


async def pause(world: DomainWorld, case_id: str, source_id: str | None, *, paused: bool) -> None:
    act = pause_watching if paused else resume_watching
    async with world.database.begin() as session:
        await act(session, world.context, await lock_one(session, Case, case_id), PersonActor(case_id), source_id)


async def found(world: DomainWorld) -> list[tuple[str, str]]:
    async with world.database.read() as session:
        rows = await session.execute(select(Sighting.case_id, Sighting.post_id).order_by(Sighting.post_id))
        return [(case_id, post_id) for case_id, post_id in rows]


async def kinds(world: DomainWorld, case_id: str) -> list[str]:
    async with world.database.read() as session:
        told = await world.context.ledger.told(session, case_id)
    return [one.row.kind for one in told if one.row.kind.startswith("watching-")]


@pytest.mark.parametrize("everything", [False, True])
async def test_nothing_is_read_while_paused_and_what_came_meanwhile_is_found_afterwards(
    world: DomainWorld, decoders: DecoderPool, everything: bool
) -> None:
    case_id, source_id = await watching(world)
    read = Crawler(
        world.database,
        world.context,
        world.accounts,
        decoders,
        first_look=timedelta(days=7),
        max_media_bytes=20_000_000,
    )
    where = None if everything else source_id
    await pause(world, case_id, where, paused=True)
    await pause(world, case_id, where, paused=True)  # said again
    world.platform.posts["1"] = post(1)
    await read.crawl(source_id)
    await read.crawl(source_id, case_id)
    assert world.platform.calls == [] and await found(world) == []

    # Somebody else reads the same channel: nothing of it is told to the one that rests.
    other, _ = await watching(world, "Other centre")
    await read.crawl(source_id)
    assert await found(world) == [(other, "1")]

    world.tasks.clear()
    await pause(world, case_id, where, paused=False)
    assert [task.workflow for task in world.tasks] == ["crawl", "look_back"]
    job = BackfillJob(
        world.database, world.context, world.accounts, first_look=timedelta(days=7), seen_for=timedelta(days=30)
    )
    await read.crawl(source_id, case_id)
    for task in world.tasks:
        if task.workflow == "look_back":
            await job.backfill(*task.arguments)  # type: ignore[arg-type]  # ids and a number
    assert sorted(await found(world)) == sorted([(other, "1"), (case_id, "1")])
    assert await kinds(world, case_id) == ["watching-paused", "watching-resumed"]


async def test_all_that_is_paused_holds_links_and_places_that_are_added_too(
    world: DomainWorld, decoders: DecoderPool
) -> None:
    case_id, source_id = await watching(world)
    await pause(world, case_id, None, paused=True)
    async with world.database.begin() as session:
        case = await lock_one(session, Case, case_id)
        (later,) = await give_consent(
            session, world.context, case, platform=PlatformName.TELEGRAM, source="later", purposes=[Purpose.WATCH]
        )
        assert later.paused_at
    async with world.database.begin() as session:
        case = await lock_one(session, Case, case_id)
        again = await give_consent(
            session, world.context, case, platform=PlatformName.TELEGRAM, source="channel", purposes=BOTH
        )
        assert all(one.paused_at for one in again)
    async with world.database.begin() as session:
        case = await lock_one(session, Case, case_id)
        link = await enter_link(session, world.context, case, url="https://t.me/channel/9", kind=PictureKind.INTIMATE)
    world.platform.posts["9"] = post(9)
    await LinkReader(world.database, world.context, world.accounts, MediaReader(decoders, 20_000_000)).read_link(
        link.id
    )
    async with world.database.read() as session:
        assert await links_to_read(session) == []
    assert world.platform.calls == []

    # One place goes on, and the others rest.
    await pause(world, case_id, source_id, paused=False)
    async with world.database.read() as session:
        case = await session.get_one(Case, case_id)
        places = {one.source.name.handle: one for one in await places_of(session, world.context, case)}
        assert {name: one.paused_at is None for name, one in places.items()} == {"channel": True, "later": False}
        # One row a place, with both purposes; the yes that was given twice stands there once.
        assert [one.purpose for one in places["channel"].consents] == ["watch", "follow"]
    world.tasks.clear()
    await pause(world, case_id, None, paused=False)
    assert [task for task in world.tasks if task.workflow == "read_link"], "the link is read after all"
    async with world.database.read() as session:
        assert (await session.get_one(Case, case_id)).watching_paused_at is None
        assert {one.paused_at for one in await session.scalars(select(Consent))} == {None}
