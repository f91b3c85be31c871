"""A picture turns out to be a minor's: what was written for adults stops at once, and what left is told to somebody."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import select, update

from api.pages.forms import form_token
from db.models.notices import Escalation, Notice
from db.models.sources import Alert, Source
from db.types import new_id
from monitor.jobs.send import Sender
from monitor.model.notice_states import UNSENT, NoticeState
from monitor.model.records.escalation import EscalationRecord
from tests.support.api_world import INTAKE, ApiWorld, Caller
from tests.support.databases import on_sqlite
from tests.support.domain_world import FakeDelivery

AGES = ("minor", "unsure")


async def written(world: ApiWorld, advocate: Caller, person: Caller, post_id: str, *, on_x: bool = False) -> str:
    """A notice for an adult about a new copy; on X a prepared form."""
    source = f"account{post_id}" if on_x else "examplechannel"
    sighting = await world.sighting(person, post_id=post_id, source=source)
    if on_x:
        async with world.services.database.begin() as session:
            await session.execute(update(Source).where(Source.handle == source).values(platform="x"))
    route = "x_tida" if on_x else "us_tida"
    body = {"basis": "caption-context", "routes": [route]}
    return str((await advocate.confirm(sighting, body))["notices"][0]["notice_id"])


async def force(world: ApiWorld, notice_id: str, state: NoticeState) -> None:
    """Bring a notice where the sender would have brought it."""
    sent_at = world.clock.now() if state in (NoticeState.SENT, NoticeState.LAPSED, NoticeState.REMOVED) else None
    async with world.services.database.begin() as session:
        values = {"state": state, "sent_at": sent_at}
        await session.execute(update(Notice).where(Notice.id == notice_id).values(**values))


async def tell_age(person: Caller, age: str) -> Any:
    return await person.put(f"/cases/{person.case_id}/intake", {**INTAKE, "age_group": age})


async def alerts(world: ApiWorld) -> set[str]:
    """Ids of the notices that somebody must put right."""
    async with world.services.database.read() as session:
        query = select(Alert.subject).where(Alert.kind == "sent-for-minor", Alert.resolved_at.is_(None))
        return set(await session.scalars(query))


@pytest.mark.parametrize("age", AGES)
async def test_change_to_minor_stops_prepared_forms_at_once_and_says_how_many(world: ApiWorld, age: str) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    forms = [await written(world, advocate, person, str(number), on_x=True) for number in (1, 2, 3)]
    kept = await tell_age(person, age)
    assert (kept["notices_stopped"], kept["notices_sent_before"]) == (3, 0)
    for notice in forms:
        told = await advocate.get(f"/notices/{notice}")
        assert (told["state"], told["reason"]) == ("withdrawn", "minor-or-unsure")
        path = f"/notices/{notice}/submission"
        assert await advocate.refused("POST", path, {"reference": "AB-1"}) == (409, "notice-state")


@pytest.mark.parametrize("state", sorted(UNSENT))
@on_sqlite
async def test_adult_route_stops_in_every_state_in_which_it_has_not_left(world: ApiWorld, state: NoticeState) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    notice = await written(world, advocate, person, "1", on_x=state is NoticeState.PREPARED)
    await force(world, notice, state)
    assert (await tell_age(person, "unsure"))["notices_stopped"] == 1
    assert (await advocate.get(f"/notices/{notice}"))["state"] == "withdrawn"
    if state is not NoticeState.PREPARED:  # a form is submitted by people only
        delivery = FakeDelivery()
        await Sender(world.services.database, world.context, {"smtp": delivery}).send(notice, 1)
        assert delivery.sent == []


@on_sqlite
async def test_nothing_of_an_older_database_leaves_for_a_minor_either(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    form = await written(world, advocate, person, "1", on_x=True)
    queued = await written(world, advocate, person, "2")
    await tell_age(person, "minor")
    # As the program before left them.
    await force(world, form, NoticeState.PREPARED)
    await force(world, queued, NoticeState.QUEUED)
    path = f"/notices/{form}/submission"
    assert await advocate.refused("POST", path, {"reference": "AB-1"}) == (409, "minor-or-unsure")
    delivery = FakeDelivery()
    await Sender(world.services.database, world.context, {"smtp": delivery}).send(queued, 1)
    assert delivery.sent == []
    assert (await advocate.get(f"/notices/{queued}"))["reason"] == "minor-or-unsure"


@on_sqlite
async def test_what_left_before_is_listed_for_the_advocate_with_what_to_do(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    left = {await written(world, advocate, person, "1"), await written(world, advocate, person, "2", on_x=True)}
    for notice in left:
        await force(world, notice, NoticeState.SENT)
    gone = await written(world, advocate, person, "3")
    await force(world, gone, NoticeState.REMOVED)
    kept = await tell_age(person, "minor")
    assert (kept["notices_stopped"], kept["notices_sent_before"]) == (0, 3)
    assert await alerts(world) == left
    told = (await advocate.get("/operations/alerts"))["alerts"]
    assert {one["subject"] for one in told if one["kind"] == "sent-for-minor"} == left
    for notice in left:
        shown = (await advocate.get(f"/notices/{notice}"))["for_minor"]
        assert shown["left"] and len(shown["what_to_do"]) == 3
        assert {"kr_police", "kr_d4u"} <= {route["route"] for route in shown["routes"]}
        # The person is told of the routes; what an advocate does is for advocates.
        assert (await person.get(f"/notices/{notice}"))["for_minor"]["what_to_do"] == []
    assert (await tell_age(person, "adult"))["notices_sent_before"] == 0
    assert await alerts(world) == set()


@on_sqlite
async def test_pages_list_what_left_with_what_to_do_and_offer_no_form(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    sent, form = await written(world, advocate, person, "1"), await written(world, advocate, person, "2", on_x=True)
    await force(world, sent, NoticeState.SENT)
    await tell_age(person, "minor")
    await force(world, form, NoticeState.PREPARED)
    cookie = {"Cookie": f"__Host-jikimi_login={advocate.token}; jikimi_language=en"}
    listed = (await advocate.http.get("/advocate/alerts?lang=en", headers=cookie)).text
    assert f"/advocate/notices/{sent}" in listed and "the picture may be a minor" in listed
    page = (await advocate.http.get(f"/advocate/notices/{sent}?lang=en", headers=cookie)).text
    assert "What to do" in page and "stopCA@telegram.org" in page and "112" in page
    prepared = (await advocate.http.get(f"/advocate/notices/{form}?lang=en", headers=cookie)).text
    assert 'name="reference"' not in prepared and "it is not sent" in prepared
    assert form_token(advocate.token or "") in prepared  # logged in, so what is missing is not the login


@on_sqlite
async def test_prepared_next_steps_for_an_adult_are_shown_no_more(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    notice = await written(world, advocate, person, "1")
    await force(world, notice, NoticeState.LAPSED)
    async with world.services.database.begin() as session:
        row_id, context = new_id(), world.services.context
        step = EscalationRecord(
            address="a", channel="form", subject="s", body="b", fields={}, missing=(), confirmed=True
        )
        session.add(
            Escalation(
                id=row_id,
                case_id=person.case_id,
                notice_id=notice,
                step="ftc_complaint",
                content=context.seal_record(person.case_id, row_id, step),
                prepared_at=context.now(),
            )
        )
    assert len((await advocate.get(f"/notices/{notice}"))["escalations"]) == 1
    assert (await tell_age(person, "unsure"))["steps_stopped"] == 1
    assert (await advocate.get(f"/notices/{notice}"))["escalations"] == []


@on_sqlite
async def test_doubt_about_a_minors_notice_is_settled_and_nothing_is_sent_again(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    lost, there = await written(world, advocate, person, "1"), await written(world, advocate, person, "2")
    for notice in (lost, there):
        await force(world, notice, NoticeState.IN_DOUBT)
    assert (await tell_age(person, "minor"))["notices_sent_before"] == 2
    settled = await advocate.post(f"/notices/{lost}/settle", {"arrived": False})
    assert (settled["state"], settled["reason"]) == ("withdrawn", "minor-or-unsure")
    assert (await advocate.post(f"/notices/{there}/settle", {"arrived": True}))["state"] == "sent"
    assert await alerts(world) == {there}


@on_sqlite
async def test_what_was_stopped_is_written_anew_when_the_person_was_an_adult_after_all(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    notice = await written(world, advocate, person, "1", on_x=True)
    await tell_age(person, "unsure")
    sighting = (await advocate.get(f"/notices/{notice}"))["sighting_id"]
    refused = await advocate.post(f"/sightings/{sighting}/notices", {"routes": ["x_tida"]})
    assert [one["reason"] for one in refused["skipped"]] == ["minor-or-unsure"]
    await tell_age(person, "adult")
    assert (await advocate.get(f"/notices/{notice}"))["state"] == "prepared"


@on_sqlite
async def test_person_is_told_nothing_of_copies_that_were_not_released(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    sighting = await world.sighting(person)
    body = {"basis": "caption-context", "routes": ["us_tida"], "release": False}
    notice = (await advocate.confirm(sighting, body))["notices"][0]["notice_id"]
    await force(world, notice, NoticeState.SENT)
    assert (await tell_age(person, "minor"))["notices_sent_before"] == 0
    assert await alerts(world) == {notice}


async def test_notice_that_is_written_while_the_age_changes_is_stopped_or_refused(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    sighting = await world.sighting(person)
    body = {"basis": "caption-context", "routes": ["us_tida"]}
    confirming = advocate.call("POST", f"/sightings/{sighting}/confirm", body)
    await asyncio.gather(confirming, tell_age(person, "minor"))
    async with world.services.database.read() as session:
        assert set(await session.scalars(select(Notice.state))) <= {"withdrawn"}
