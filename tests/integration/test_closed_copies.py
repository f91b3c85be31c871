"""Of a copy that was closed nothing more is done, by whatever door; decided about anew, it is as new."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from db.models.copies import CopyClosing
from db.models.notices import Letter, Notice
from db.models.sources import Alert
from monitor.core.errors import InDoubt, NotSent
from monitor.jobs.escalate import Escalator
from monitor.jobs.reminders import remind
from monitor.jobs.send import Sender
from monitor.jobs.send_letter import LetterSender
from tests.support.api_world import ApiWorld, Caller, api_world
from tests.support.domain_world import FakeDelivery

CLOSED = (409, "copy-closed")


@pytest.fixture
async def world(prepared_sqlite_url: str, tmp_path: Path) -> AsyncIterator[ApiWorld]:
    async with api_world(prepared_sqlite_url, tmp_path) as made:
        yield made


async def written(world: ApiWorld, advocate: Caller, person: Caller) -> tuple[str, str]:
    """(copy, notice): queued for an e-mail."""
    sighting = await world.sighting(person)
    told = await advocate.confirm(sighting, {"basis": "caption-context", "routes": ["us_tida"]})
    return sighting, told["notices"][0]["notice_id"]


async def deliver(world: ApiWorld, notice: str, *errors: Exception) -> FakeDelivery:
    """One attempt to send it."""
    delivery = FakeDelivery()
    delivery.errors = list(errors)
    async with world.services.database.read() as session:
        attempt = (await session.get_one(Notice, notice)).attempt
    await Sender(world.services.database, world.context, {"smtp": delivery}).send(notice, attempt)
    return delivery


async def alerts(world: ApiWorld) -> set[str]:
    async with world.services.database.read() as session:
        return set(await session.scalars(select(Alert.kind).where(Alert.resolved_at.is_(None))))


async def letter_of(world: ApiWorld, notice: str, number: int) -> str:
    async with world.services.database.read() as session:
        query = select(Letter.id).where(Letter.notice_id == notice, Letter.number == number)
        return (await session.scalars(query)).one()


async def close(advocate: Caller, sighting: str, reason: str = "person-wants-no-more") -> None:
    await advocate.post(f"/copies/{sighting}/close", {"reason": reason})


async def state_of(advocate: Caller, sighting: str) -> tuple[str, str]:
    told = (await advocate.get(f"/copies/{sighting}"))["copy"]
    return told["state"], told["why"]


async def test_a_copy_that_was_closed_and_decided_about_anew_is_open(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    sighting, _ = await written(world, advocate, person)
    await close(advocate, sighting, "confirmed-by-mistake")
    await advocate.post(f"/sightings/{sighting}/reopen", {"reason": "wrong-copy"})
    async with world.services.database.read() as session:
        assert await session.get(CopyClosing, sighting) is None
    await advocate.post(f"/sightings/{sighting}/confirm", {"basis": "caption-context", "routes": []})
    assert await state_of(advocate, sighting) == ("ready", "route-free")
    assert await advocate.refused("POST", f"/copies/{sighting}/reopen") == (409, "copy-not-closed")


async def test_nothing_is_written_about_a_closed_copy(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    sighting, notice = await written(world, advocate, person)
    await close(advocate, sighting)
    assert await advocate.refused("POST", f"/sightings/{sighting}/notices", {"routes": ["us_tida"]}) == CLOSED
    assert (await advocate.get(f"/notices/{notice}"))["state"] == "withdrawn"
    await advocate.post(f"/copies/{sighting}/reopen")
    assert (await advocate.post(f"/sightings/{sighting}/notices", {"routes": ["us_tida"]}))["notices"]


async def test_what_was_being_handed_over_when_a_copy_was_closed_is_not_tried_again(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    sighting, notice = await written(world, advocate, person)

    class Meanwhile(FakeDelivery):
        async def send(self, outgoing: Any) -> Any:
            await close(advocate, sighting)
            raise NotSent("no-connection")

    await Sender(world.services.database, world.context, {"smtp": Meanwhile()}).send(notice, 1)
    told = await advocate.get(f"/notices/{notice}")
    assert (told["state"], told["reason"]) == ("withdrawn", "copy-closed")
    assert (await deliver(world, notice)).sent == []


async def test_a_doubt_about_a_closed_copy_is_settled_and_not_sent_anew(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    sighting, notice = await written(world, advocate, person)
    await deliver(world, notice, InDoubt("connection-lost"))
    await close(advocate, sighting)
    assert await advocate.refused("POST", f"/notices/{notice}/settle", {"arrived": False}) == CLOSED
    assert (await advocate.post(f"/notices/{notice}/settle", {"arrived": True}))["state"] == "sent"


async def test_what_comes_back_after_closing_is_not_sent_again(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    sighting, notice = await written(world, advocate, person)
    await deliver(world, notice)
    await close(advocate, sighting)
    await advocate.post(f"/notices/{notice}/returned")
    assert await advocate.refused("POST", f"/notices/{notice}/retry") == CLOSED


async def test_no_letter_but_a_retraction_follows_about_a_closed_copy(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    sighting, notice = await written(world, advocate, person)
    await deliver(world, notice)
    made = await advocate.post(f"/notices/{notice}/letters", {"purpose": "reminder", "text": ""})
    await advocate.post(f"/notices/{notice}/letters/2/send", {"digest": made["leaving"]["digest"]})
    await close(advocate, sighting)
    delivery = FakeDelivery()
    sender = LetterSender(world.services.database, world.context, delivery)
    await sender.send(await letter_of(world, notice, 2), 1)
    assert delivery.sent == []
    assert await advocate.refused("POST", f"/notices/{notice}/letters", {"purpose": "reminder", "text": ""}) == CLOSED
    assert (await advocate.post(f"/notices/{notice}/retract", {"reason": "wrong-copy"}))["state"] == "withdrawn"
    await sender.send(await letter_of(world, notice, 3), 1)
    assert len(delivery.sent) == 1


async def test_what_was_confirmed_by_mistake_is_not_closed_while_a_notice_about_it_is_out(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    sighting, notice = await written(world, advocate, person)
    await deliver(world, notice)
    body = {"reason": "confirmed-by-mistake"}
    assert await advocate.refused("POST", f"/copies/{sighting}/close", body) == (409, "retract-first")
    await advocate.post(f"/notices/{notice}/retract", {"reason": "wrong-copy"})
    await advocate.post(f"/copies/{sighting}/close", body)
    assert await state_of(advocate, sighting) == ("closed", "confirmed-by-mistake")


async def test_no_clock_of_a_closed_copy_calls_anybody(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    sighting, notice = await written(world, advocate, person)
    await deliver(world, notice)
    await close(advocate, sighting)
    world.clock.time += timedelta(hours=47)
    await remind(world.services.database, world.context)
    assert await alerts(world) == set() and (await advocate.get("/clocks"))["clocks"] == []
    world.clock.time += timedelta(hours=2)
    await Escalator(world.services.database, world.context).escalate(notice)
    assert "deadline-lapsed" not in await alerts(world)
    # Opened again it is overdue, with the next step prepared.
    await advocate.post(f"/copies/{sighting}/reopen")
    assert await state_of(advocate, sighting) == ("overdue", "lapsed")
    assert (await advocate.get(f"/copies/{sighting}"))["steps"]


async def test_what_was_confirmed_by_mistake_is_not_closed_while_its_notice_is_leaving(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    sighting, notice = await written(world, advocate, person)
    told: list[tuple[int, str]] = []

    class Meanwhile(FakeDelivery):
        async def send(self, outgoing: Any) -> Any:
            body = {"reason": "confirmed-by-mistake"}
            told.append(await advocate.refused("POST", f"/copies/{sighting}/close", body))
            return await super().send(outgoing)

    await Sender(world.services.database, world.context, {"smtp": Meanwhile()}).send(notice, 1)
    assert told == [(409, "try-again")]
    assert (await state_of(advocate, sighting))[0] == "sent"
