"""What was told once of a mail that carried several copies is told until the last of them is dealt with."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from db.locking import lock_one
from db.models.sightings import Sighting
from db.models.sources import Alert, Consent
from db.queries.notices import lock_message
from monitor.context.alerts import AlertKind
from monitor.core.errors import DeliveryRefused, InDoubt
from monitor.core.refusals import Refusal
from monitor.demo.mail.catcher import MailCatcher
from monitor.notices.ending import end_notices
from monitor.notices.outcomes import alert_about
from monitor.notices.stopping import stop_unsent
from monitor.sightings.following import be_removed, lock_notices_of
from tests.integration.test_several_copies import Scene
from tests.support.api_world import api_world
from tests.support.domain_world import FakeDelivery

FAILED, DOUBT = "notice-failed", "notice-in-doubt"


@pytest.fixture
async def scene(prepared_sqlite_url: str, tmp_path: Path) -> AsyncIterator[Scene]:
    async with api_world(prepared_sqlite_url, tmp_path) as world, MailCatcher() as catcher:
        advocate = await world.advocate()
        made = Scene(world, advocate, await world.vouched(advocate), catcher)
        for post in ("17", "18", "19"):
            await made.more(post)
        await made.join()
        await made.send()
        yield made


async def told(scene: Scene, *kinds: str) -> list[tuple[str, int]]:
    """What stands open, and about which of the three."""
    async with scene.world.services.database.read() as session:
        rows = list(await session.scalars(select(Alert).where(Alert.resolved_at.is_(None)).order_by(Alert.raised_at)))
    home = (await scene.world.advocate_row()).organisation_id
    mine = [one for one in rows if one.subject in scene.notices and (not kinds or one.kind in kinds)]
    assert {one.organisation_id for one in mine} <= {home}
    return [(one.kind, scene.notices.index(one.subject)) for one in mine]


async def leave(scene: Scene, error: Exception | None = None) -> FakeDelivery:
    way = FakeDelivery()
    way.errors = [] if error is None else [error]
    await scene.leave(way)
    return way


async def give_up(scene: Scene, which: int) -> None:
    await scene.advocate.post(f"/notices/{scene.notices[which]}/withdraw")


async def close(scene: Scene, which: int) -> None:
    body = {"reason": "person-wants-no-more"}
    await scene.advocate.post(f"/copies/{scene.sightings[which]}/close", body)


async def reopen(scene: Scene, which: int) -> None:
    await scene.advocate.post(f"/sightings/{scene.sightings[which]}/reopen", {"reason": "wrong-copy"})


async def stop(scene: Scene, which: int) -> None:
    world, only = scene.world, {scene.sightings[which]}
    async with world.services.database.begin() as session:
        await stop_unsent(session, world.context, scene.person.case_id, Refusal.OWN_PAGE, only=only)


def carrier_first(scene: Scene) -> list[int]:
    """The carrier, then the others as their ids stand: that is the order in which one after another is asked about."""
    return [0, *sorted((1, 2), key=lambda one: scene.notices[one])]


@pytest.mark.parametrize("how", [give_up, close, reopen, stop])
async def test_a_failure_is_told_until_the_last_copy_is_dealt_with(scene: Scene, how: Any) -> None:
    await leave(scene, DeliveryRefused("recipient-refused-550"))
    assert await told(scene) == [(FAILED, 0)]
    first, second, third = carrier_first(scene)
    await how(scene, first)
    assert (await scene.states())[first] == "withdrawn"
    assert await told(scene) == [(FAILED, second)]
    await how(scene, third)
    assert await told(scene) == [(FAILED, second)]
    await how(scene, second)
    assert await told(scene) == []


@pytest.mark.parametrize("how", [give_up, reopen])
async def test_a_doubt_is_told_until_the_last_copy_is_dealt_with(scene: Scene, how: Any) -> None:
    await leave(scene, InDoubt("connection-lost"))
    first, second, third = carrier_first(scene)
    await how(scene, first)
    assert await told(scene) == [(DOUBT, second)]
    # Each is settled by itself now, and the next one is asked about.
    await scene.advocate.post(f"/notices/{scene.notices[second]}/settle", {"arrived": True})
    assert await told(scene) == [(DOUBT, third)]
    await scene.advocate.post(f"/notices/{scene.notices[third]}/settle", {"arrived": False})
    assert await told(scene) == []


async def test_one_that_is_sent_again_alone_leaves_the_others_told_of(scene: Scene) -> None:
    await leave(scene, DeliveryRefused("recipient-refused-550"))
    first, second, third = carrier_first(scene)
    await give_up(scene, first)
    await scene.advocate.post(f"/notices/{scene.notices[second]}/retry")
    assert await told(scene) == [(FAILED, third)]
    await scene.advocate.post(f"/notices/{scene.notices[third]}/retry")
    assert await told(scene) == []


async def test_since_when_it_is_told_stays(scene: Scene) -> None:
    await leave(scene, DeliveryRefused("recipient-refused-550"))
    since = scene.world.clock.now()
    scene.world.clock.move(hours=5)
    await give_up(scene, 0)
    (one,) = (await scene.advocate.get("/operations/alerts"))["alerts"]
    assert one["raised_at"] == since.isoformat().replace("+00:00", "Z") and one["reason"] == "recipient-refused-550"


async def test_gone_one_after_another_nothing_stays_open(scene: Scene) -> None:
    await leave(scene, DeliveryRefused("recipient-refused-550"))
    world, (first, second, third) = scene.world, carrier_first(scene)
    await give_up(scene, first)
    for which, left in ((second, 1), (third, 0)):
        async with world.services.database.begin() as session:
            sighting = await lock_one(session, Sighting, scene.sightings[which])
            await lock_notices_of(session, [sighting])
            await be_removed(session, world.context, sighting)
            await end_notices(session, world.context, sighting)
        assert len(await told(scene)) == left


async def test_nobody_is_asked_about_a_copy_that_is_gone_or_closed(scene: Scene) -> None:
    await leave(scene, DeliveryRefused("recipient-refused-550"))
    first, second, third = carrier_first(scene)
    async with scene.world.services.database.begin() as session:
        gone = update(Sighting).where(Sighting.id == scene.sightings[second])
        await session.execute(gone.values(removed_at=scene.world.clock.now()))
    await give_up(scene, first)
    assert await told(scene) == [(FAILED, third)]


@pytest.mark.parametrize("how", [close, reopen])
async def test_what_came_in_about_the_mail_is_told_where_it_is_read(scene: Scene, how: Any) -> None:
    """Answers stand at the notice that carried the others; with its copy alone they are not read."""
    await leave(scene)
    kinds = (AlertKind.PLATFORM_NEEDS_MORE, AlertKind.NOTICE_ANSWERED, AlertKind.BOUNCE_CLAIMED)
    async with scene.world.services.database.begin() as session:
        notice, _ = await lock_message(session, scene.notices[0])
        for kind in kinds:
            await alert_about(session, scene.world.context, kind, notice, "reply")
    first, second, third = carrier_first(scene)
    await how(scene, first)
    assert sorted(await told(scene, *kinds)) == sorted((kind, 0) for kind in kinds)
    await how(scene, third)
    await how(scene, second)
    # What was answered to a notice that was taken back is still to be read; that it came back is nothing any more.
    left = {kind for kind, _ in await told(scene, *kinds)}
    assert left == (set() if how is close else {AlertKind.PLATFORM_NEEDS_MORE, AlertKind.NOTICE_ANSWERED})


async def test_what_is_put_off_is_not_told_of_copies_that_wait_for_a_person(scene: Scene) -> None:
    async with scene.world.services.database.begin() as session:
        notice, _ = await lock_message(session, scene.notices[0])
        await alert_about(session, scene.world.context, AlertKind.NOTICE_WAITS, notice, "greylisted")
    await give_up(scene, 0)
    assert await scene.states() == ["withdrawn", "prepared", "prepared"] and await told(scene) == []


async def test_a_consent_that_was_taken_back_ends_all_of_it(scene: Scene) -> None:
    await leave(scene, DeliveryRefused("recipient-refused-550"))
    path = f"/cases/{scene.person.case_id}/consents"
    async with scene.world.services.database.read() as session:
        ids = list(await session.scalars(select(Consent.id).where(Consent.case_id == scene.person.case_id)))
    for one in ids:
        await scene.person.delete(f"{path}/{one}")
    assert await scene.states() == ["withdrawn"] * 3 and await told(scene) == []
