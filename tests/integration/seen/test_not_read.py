"""What a post holds and nobody can read is told as such; what belongs to somebody else joins no watch with it."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from db.locking import lock_one, lock_rows
from db.models.cases import Case, Fingerprint, KnownLink
from db.models.sightings import Sighting
from db.models.sources import Inspection
from db.queries.tenants import CaseTenant, sources_of
from monitor.actions.confirm import confirm
from monitor.cases.links import enter_link
from monitor.jobs.read_link import LinkReader
from monitor.model.facts import Basis, PictureKind
from monitor.platforms.base import Media, MediaKind, Post
from monitor.sources.media_reader import MediaReader
from tests.support.domain_world import START, DomainWorld, make_advocate
from tests.support.seen_world import OTHERS, PICTURES, InProcess, bare_case, crawl, found, new_case, show


def _post(*media: Media) -> Post:
    return Post("1", "https://t.me/channel/1", START - timedelta(hours=1), media)


def _medium(media_id: str, data: bytes) -> Media:
    return Media(media_id, MediaKind.PHOTO, token=data)


async def test_what_cannot_be_read_is_told_to_the_person(world: DomainWorld) -> None:
    case_id = await new_case(world, picture=PICTURES[0])
    unread = [Media("other:1", MediaKind.UNSUPPORTED, unread="in-part"), Media("story:4", MediaKind.UNSUPPORTED)]
    show(world, _post(_medium("photo:1", OTHERS[0]), *unread))
    await crawl(world)
    async with world.database.read() as session:
        rows = {row.media_id: row.outcome for row in await session.scalars(select(Inspection))}
        (told,) = await sources_of(session, CaseTenant(case_id))
    assert rows == {"photo:1": "inspected", "other:1": "in-part", "story:4": "unsupported"}
    assert told.not_inspected == 2


async def test_quoted_and_linked_pictures_are_compared(world: DomainWorld) -> None:
    case_id = await new_case(world, picture=PICTURES[0])
    for number, place in enumerate(("preview", "quoted", "page"), 1):
        media = (_medium(f"{place}:{number}", PICTURES[0]),)
        world.platform.posts[str(number)] = Post(str(number), "u", START - timedelta(hours=1), media)
    await crawl(world)
    assert await found(world, case_id) == ["1", "2", "3"]


async def test_pictures_of_others_beside_a_confirmed_one_do_not_join(world: DomainWorld) -> None:
    await new_case(world, picture=PICTURES[0])
    others = [_medium(f"{place}:9", OTHERS[number]) for number, place in enumerate(("preview", "quoted", "page"))]
    show(world, _post(_medium("photo:1", PICTURES[0]), _medium("photo:2", PICTURES[1]), *others))
    await crawl(world)
    async with world.database.begin() as session:
        advocate = await make_advocate(session, "Deciding")
        (sighting,) = await lock_rows(session, select(Sighting))
        await confirm(session, world.context, sighting, by=advocate.id, basis=Basis.PERSON_VIEWED)
    async with world.database.read() as session:
        origins = (await session.scalars(select(Fingerprint.origin).order_by(Fingerprint.origin))).all()
    assert origins == ["beside", "confirmed", "registered"]


@pytest.mark.parametrize(
    ("places", "joined"),
    [
        (("photo", "quoted", "page"), 1),
        (("preview", "quoted", "page"), 2),
        (("page", "page"), 2),
    ],
)
async def test_link_brings_in_what_stands_nearest(
    sqlite_world: DomainWorld, places: tuple[str, ...], joined: int
) -> None:
    world = sqlite_world
    case_id = await bare_case(world)
    async with world.database.begin() as session:
        case = await lock_one(session, Case, case_id)
        link = await enter_link(session, world.context, case, url="https://t.me/channel/1", kind=PictureKind.FAKED)
    show(world, _post(*(_medium(f"{place}:{number}", OTHERS[number]) for number, place in enumerate(places))))
    reader = MediaReader(InProcess(), 20_000_000)  # type: ignore[arg-type]
    await LinkReader(world.database, world.context, world.accounts, reader).read_link(link.id)
    async with world.database.read() as session:
        origins = (await session.scalars(select(Fingerprint.origin))).all()
    assert origins == ["link"] * joined


async def test_link_says_that_a_part_was_not_looked_at(sqlite_world: DomainWorld) -> None:
    world = sqlite_world
    case_id = await bare_case(world)
    async with world.database.begin() as session:
        case = await lock_one(session, Case, case_id)
        link = await enter_link(session, world.context, case, url="https://t.me/channel/1", kind=PictureKind.FAKED)
    show(world, _post(_medium("photo:1", OTHERS[0]), Media("other:1", MediaKind.UNSUPPORTED, unread="live-photo")))
    reader = MediaReader(InProcess(), 20_000_000)  # type: ignore[arg-type]
    await LinkReader(world.database, world.context, world.accounts, reader).read_link(link.id)
    async with world.database.read() as session:
        told = await session.get_one(KnownLink, link.id)
    assert (told.state, told.reason) == ("read", "partial")
