"""Once an advocate confirmed a post, its media join the case's watch."""

from sqlalchemy import select

from db.models.cases import Case, Fingerprint
from db.models.sightings import Sighting
from monitor.cases.facts import Basis
from monitor.cases.reviewing import confirm
from tests.support.desk_world import DeskWorld, look_back, make_advocate
from tests.support.seen_world import (
    OTHERS,
    PICTURES,
    crawl,
    found,
    new_case,
    post,
    register,
    show,
)


async def test_all_media_of_a_confirmed_post_join_the_watch(world: DeskWorld) -> None:
    case_id = await new_case(world, picture=PICTURES[0])
    show(world, post(1, PICTURES[0], PICTURES[1]), post(2, PICTURES[1]), post(3, OTHERS[0]))
    await crawl(world)
    assert await found(world, case_id) == ["1"]
    async with world.database.begin() as session:
        advocate = await make_advocate(session, "Deciding")
        sighting = (await session.scalars(select(Sighting))).one()
        await confirm(session, world.desk, sighting, advocate, basis=Basis.PERSON_VIEWED)
    async with world.database.read() as session:
        origins = (await session.scalars(select(Fingerprint.origin).order_by(Fingerprint.origin))).all()
    assert origins == ["beside", "confirmed", "registered"]
    await look_back(world)
    assert await found(world, case_id) == ["1", "1", "2"]
    async with world.database.read() as session:
        identical = (await session.scalars(select(Sighting.identical))).all()
    assert identical == [False, False, False]


async def test_medium_beside_a_confirmed_one_that_was_dismissed_does_not_join(world: DeskWorld) -> None:
    case_id = await new_case(world, picture=PICTURES[0])
    async with world.database.begin() as session:
        await register(world, session, await session.get_one(Case, case_id), PICTURES[1])
    show(world, post(1, PICTURES[0], PICTURES[1]))
    await crawl(world)
    async with world.database.begin() as session:
        advocate = await make_advocate(session, "Deciding")
        own, beside = (await session.scalars(select(Sighting).order_by(Sighting.media_id))).all()
        beside.state = "dismissed"
        await confirm(session, world.desk, own, advocate, basis=Basis.PERSON_VIEWED)
    async with world.database.read() as session:
        origins = (await session.scalars(select(Fingerprint.origin).order_by(Fingerprint.origin))).all()
    assert origins == ["confirmed", "registered", "registered"]
