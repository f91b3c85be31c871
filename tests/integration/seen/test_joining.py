"""Once an advocate confirmed a post, its media join the case's watch."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, update

from db.locking import lock_one, lock_rows
from db.models.cases import Case, Fingerprint
from db.models.sightings import Sighting
from monitor.actions.confirm import confirm
from monitor.model.facts import Basis
from monitor.model.medium_hashes import MediumHashes
from monitor.model.records.fingerprint import FingerprintRecord
from monitor.watch.benign import add_benign
from monitor.watch.joining import join_watch
from tests.support.domain_world import DomainWorld, make_advocate, run_backfills
from tests.support.seen_world import (
    OTHERS,
    PICTURES,
    bare_case,
    crawl,
    found,
    inspected,
    new_case,
    post,
    register,
    show,
)


async def test_all_media_of_a_confirmed_post_join_the_watch(world: DomainWorld) -> None:
    case_id = await new_case(world, picture=PICTURES[0])
    show(world, post(1, PICTURES[0], PICTURES[1]), post(2, PICTURES[1]), post(3, OTHERS[0]))
    await crawl(world)
    assert await found(world, case_id) == ["1"]
    async with world.database.begin() as session:
        advocate = await make_advocate(session, "Deciding")
        (sighting,) = await lock_rows(session, select(Sighting))
        await confirm(session, world.context, sighting, by=advocate.id, basis=Basis.PERSON_VIEWED)
    async with world.database.read() as session:
        origins = (await session.scalars(select(Fingerprint.origin).order_by(Fingerprint.origin))).all()
    assert origins == ["beside", "confirmed", "registered"]
    await run_backfills(world)
    assert await found(world, case_id) == ["1", "1", "2"]
    async with world.database.read() as session:
        identical = (await session.scalars(select(Sighting.identical))).all()
    assert identical == [False, False, False]


@pytest.mark.parametrize(("told", "beside"), [("adult", None), ("minor", "minor"), ("unsure", "unsure"), (None, None)])
async def test_of_what_was_told_of_a_picture_only_what_protects_reaches_those_beside_it(
    world: DomainWorld, told: str | None, beside: str | None
) -> None:
    await new_case(world, picture=PICTURES[0])
    async with world.database.begin() as session:
        await session.execute(update(Fingerprint).values(age_group=told))
    show(world, post(1, PICTURES[0], PICTURES[1]))
    await crawl(world)
    async with world.database.begin() as session:
        advocate = await make_advocate(session, "Deciding")
        (sighting,) = await lock_rows(session, select(Sighting))
        await confirm(session, world.context, sighting, by=advocate.id, basis=Basis.PERSON_VIEWED)
    async with world.database.read() as session:
        joined = {one.origin: one.age_group for one in await session.scalars(select(Fingerprint))}
    assert joined == {"registered": told, "confirmed": told, "beside": beside}


async def test_medium_beside_a_confirmed_one_that_was_dismissed_does_not_join(world: DomainWorld) -> None:
    case_id = await new_case(world, picture=PICTURES[0])
    async with world.database.begin() as session:
        await register(world, session, await lock_one(session, Case, case_id), PICTURES[1])
    show(world, post(1, PICTURES[0], PICTURES[1]))
    await crawl(world)
    async with world.database.begin() as session:
        advocate = await make_advocate(session, "Deciding")
        own, beside = sorted(await lock_rows(session, select(Sighting)), key=lambda one: one.media_id)
        beside.state = "dismissed"
        await confirm(session, world.context, own, by=advocate.id, basis=Basis.PERSON_VIEWED)
    async with world.database.read() as session:
        origins = (await session.scalars(select(Fingerprint.origin).order_by(Fingerprint.origin))).all()
    assert origins == ["confirmed", "registered", "registered"]


async def joined(world: DomainWorld, **hashes: Any) -> tuple[str | None, list[FingerprintRecord]]:
    """Why a medium did not join a new case's watch, and what did."""
    case_id = await bare_case(world)
    given = replace(MediumHashes.of(inspected(PICTURES[1])), **{"quality": 90, **hashes})
    async with world.database.begin() as session:
        reason = await join_watch(session, world.context, given, case_id=case_id, kind="intimate", origin="confirmed")
    async with world.database.read() as session:
        rows = (await session.scalars(select(Fingerprint).where(Fingerprint.case_id == case_id))).all()
    return reason, [world.context.open_record(FingerprintRecord, case_id, row.id, row.payload) for row in rows]


async def test_plain_or_harmless_picture_does_not_join(sqlite_world: DomainWorld) -> None:
    assert (await joined(sqlite_world))[0] is None
    assert await joined(sqlite_world, quality=49) == ("too-plain", [])
    async with sqlite_world.database.begin() as session:
        code = inspected(PICTURES[1]).whole.code
        await add_benign(session, code, note="card", by="operator", now=sqlite_world.clock.now())
    assert await joined(sqlite_world) == ("too-plain", [])


async def test_video_with_a_plain_or_harmless_beginning_joins_by_its_other_frames(sqlite_world: DomainWorld) -> None:
    harmless, telling = inspected(OTHERS[0]).whole, inspected(PICTURES[0]).whole
    async with sqlite_world.database.begin() as session:
        await add_benign(session, harmless.code, note="card", by="operator", now=sqlite_world.clock.now())
    frames = ((1.0, harmless.hex), (2.0, telling.hex))
    reason, (record,) = await joined(sqlite_world, quality=3, frames=frames)
    assert reason is None
    assert (record.pdq, record.frames, record.phash) == (telling.hex, (), None)
