"""The person's own address stands in a notice only where its route requires it and they agreed to that very notice."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from db.models.notices import Notice
from monitor.jobs.send import Sender
from monitor.notices.route_table import use_routes
from tests.support.api_world import INTAKE, ApiWorld, Caller, api_world
from tests.support.domain_world import FakeDelivery
from tests.support.page_forms import see

ADDRESS = "person@example.org"
ROUTE = """
name = "us_tida"
required = ["common", "signature", "contact", "location_urls", "person_address"]
in_body = ["location_urls", "person_address"]
[sources]
required = { source = "the statute", date = "2026", confidence = "likely" }
"""
BODY = "Please remove {{ location_urls }}.\nReach the person depicted: {{ person_address }}\n"


@pytest.fixture
async def world(prepared_sqlite_url: str, tmp_path: Path) -> AsyncIterator[ApiWorld]:
    """With an operator's own file, whose law wants the person's address."""
    folder = tmp_path / "routes"
    (folder / "us_tida" / "en").mkdir(parents=True)
    (folder / "us_tida.toml").write_text(ROUTE, encoding="utf-8")
    (folder / "us_tida" / "en" / "body.txt").write_text(BODY, encoding="utf-8")
    async with api_world(prepared_sqlite_url, tmp_path) as made:
        use_routes(folder)
        try:
            yield made
        finally:
            use_routes(None)


async def asked(world: ApiWorld, **options: Any) -> tuple[Caller, Caller, str, str]:
    """(advocate, person, sighting, notice): written, and nothing said yet."""
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    sighting = await world.sighting(person)
    body = {"basis": "caption-context", "routes": ["us_tida"], **options}
    written = await advocate.post(f"/sightings/{sighting}/confirm", body)
    return advocate, person, sighting, written["notices"][0]["notice_id"]


async def question(person: Caller) -> dict[str, Any]:
    (one,) = (await person.get(f"/cases/{person.case_id}/addresses"))["questions"]
    return dict(one)


async def say(person: Caller, notice: str, *, yes: bool, address: str = ADDRESS) -> None:
    path = f"/cases/{person.case_id}/addresses/{notice}"
    if yes:
        await person.post(f"{path}/agree", {"address": address})
    else:
        await person.post(f"{path}/decline")


async def leaves(world: ApiWorld, notice: str) -> list[str]:
    """The bodies that the worker hands over when the minute is over."""
    delivery = FakeDelivery()
    async with world.services.database.read() as session:
        row = await session.get_one(Notice, notice)
    await Sender(world.services.database, world.context, {"smtp": delivery}).send(notice, row.attempt)
    return [one.body for one in delivery.sent]


async def send(advocate: Caller, notice: str) -> None:
    digest = (await advocate.get(f"/notices/{notice}/preview"))["digest"]
    await advocate.post(f"/notices/{notice}/send", {"digest": digest})


async def kinds(world: ApiWorld, person: Caller) -> list[tuple[str, str]]:
    async with world.services.database.read() as session:
        told = await world.context.ledger.told(session, person.case_id)
    return [(one.row.kind, str(one.by.who) if one.by else "") for one in told if one.row.kind.startswith("address-")]


async def test_it_waits_for_the_person_who_sees_notice_recipient_and_address(world: ApiWorld) -> None:
    advocate, person, sighting, notice = await asked(world)
    copy = (await advocate.get(f"/copies/{sighting}"))["copy"]
    assert (copy["state"], copy["why"], copy["mover"]) == ("waiting", "address-not-agreed", "person")
    digest = (await advocate.get(f"/notices/{notice}/preview"))["digest"]
    refused = await advocate.refused("POST", f"/notices/{notice}/send", {"digest": digest})
    assert refused == (409, "address-not-agreed")
    page = await see(world, advocate, f"/advocate/notices/{notice}?lang=ko")
    assert "본인" in page and "연락처" in page and f"/advocate/notices/{notice}/send" not in page
    one = await question(person)
    assert (one["state"], one["recipient"], one["address"]) == ("asked", "abuse@telegram.org", ADDRESS)
    assert "https://t.me/examplechannel/17" in one["text"] and f"depicted: {ADDRESS}" in one["text"]
    # Nobody says it for the person, and nobody else reads it here.
    path = f"/cases/{person.case_id}/addresses"
    assert await advocate.refused("GET", path) == (403, "only-the-person")
    assert await advocate.refused("POST", f"{path}/{notice}/agree", {"address": ADDRESS}) == (403, "only-the-person")


async def test_yes_lets_it_be_sent_and_the_ledger_says_who_said_it(world: ApiWorld) -> None:
    advocate, person, sighting, notice = await asked(world)
    await say(person, notice, yes=True)
    assert (await advocate.get(f"/copies/{sighting}"))["copy"]["state"] == "ready"
    alerts = (await advocate.get("/operations/alerts"))["alerts"]
    assert "copies-ready" in [one["kind"] for one in alerts]
    await send(advocate, notice)
    (body,) = await leaves(world, notice)
    assert f"Reach the person depicted: {ADDRESS}" in body
    assert await kinds(world, person) == [("address-asked", "advocate"), ("address-agreed", "person")]
    assert (await question(person))["state"] == "closed"
    # The yes was to this notice: another one asks anew.
    other = await world.sighting(person, post_id="18")
    written = await advocate.post(f"/sightings/{other}/confirm", {"basis": "caption-context", "routes": ["us_tida"]})
    assert (await advocate.get(f"/notices/{written['notices'][0]['notice_id']}"))["state"] == "held"


async def test_no_ends_this_notice_and_leaves_every_other_way_open(world: ApiWorld) -> None:
    advocate, person, sighting, notice = await asked(world)
    for _ in range(2):  # the second time because the answer was lost
        await say(person, notice, yes=False)
    whole = await advocate.get(f"/notices/{notice}")
    assert (whole["state"], whole["reason"]) == ("withdrawn", "address-declined")
    copy = (await advocate.get(f"/copies/{sighting}"))["copy"]
    assert (copy["state"], copy["why"]) == ("ready", "route-free")
    written = await advocate.post(f"/sightings/{sighting}/notices", {"routes": ["us_tida", "telegram_report"]})
    assert [one["route"] for one in written["notices"]] == ["telegram_report"]
    assert [(one["route"], one["reason"]) for one in written["skipped"]] == [("us_tida", "already-written")]
    # They may change their mind.
    await say(person, notice, yes=True)
    assert (await advocate.get(f"/notices/{notice}"))["state"] == "prepared"


async def test_yes_that_is_taken_back_within_the_minute_counts(world: ApiWorld) -> None:
    advocate, person, _, notice = await asked(world)
    await say(person, notice, yes=True)
    await send(advocate, notice)
    await say(person, notice, yes=False)
    assert await leaves(world, notice) == []
    assert (await advocate.get(f"/notices/{notice}"))["reason"] == "address-declined"


async def test_another_address_is_another_question(world: ApiWorld) -> None:
    advocate, person, _, notice = await asked(world)
    await say(person, notice, yes=True)
    await send(advocate, notice)
    await person.put(f"/cases/{person.case_id}/intake", {**INTAKE, "contact": "new@example.org"})
    whole = await advocate.get(f"/notices/{notice}")
    assert (whole["state"], whole["reason"]) == ("held", "address-not-agreed")
    assert await leaves(world, notice) == []
    one = await question(person)
    assert (one["state"], one["address"]) == ("asked", "new@example.org") and "new@example.org" in one["text"]
    path = f"/cases/{person.case_id}/addresses/{notice}/agree"
    assert await person.refused("POST", path, {"address": ADDRESS}) == (409, "leaves-changed")
    await say(person, notice, yes=True, address="new@example.org")
    await send(advocate, notice)
    (body,) = await leaves(world, notice)
    assert "new@example.org" in body and ADDRESS not in body


async def test_wait_for_the_police_and_the_question_are_two_things(world: ApiWorld) -> None:
    advocate, person, _, notice = await asked(world)
    intake = f"/cases/{person.case_id}/intake"
    await person.put(intake, {**INTAKE, "timing": "wait-for-police"})
    await person.put(intake, INTAKE)
    whole = await advocate.get(f"/notices/{notice}")
    assert (whole["state"], whole["reason"]) == ("held", "address-not-agreed")
    await person.put(intake, {**INTAKE, "timing": "wait-for-police"})
    await say(person, notice, yes=True)
    whole = await advocate.get(f"/notices/{notice}")
    assert (whole["state"], whole["reason"]) == ("held", "waiting-for-police")
    await person.put(intake, INTAKE)
    assert (await advocate.get(f"/notices/{notice}"))["state"] == "prepared"
    world.clock.move(hours=1)
    async with world.services.database.read() as session:
        row = (await session.scalars(select(Notice))).one()
    assert world.clock.now() - row.created_at >= timedelta(hours=1)


async def test_person_who_may_not_see_the_place_is_not_asked_blindly(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    sighting = await world.sighting(person)
    body = {"basis": "caption-context", "routes": ["us_tida"], "release": False}
    written = await advocate.post(f"/sightings/{sighting}/confirm", body)
    assert written["notices"] == [] and written["skipped"][0]["reason"] == "address-not-agreed"
