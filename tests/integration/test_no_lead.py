"""A case that moved bears the name of whoever works at its new centre, and of nobody of the one before."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from db.models.cases import Case
from db.models.desk import CaseDesk
from db.models.notices import NoticeClock
from db.models.people import Advocate
from db.models.sightings import Sighting
from db.models.sources import Alert
from db.models.stops import Stop
from monitor.evidence.entry_kinds import EntryKind
from monitor.jobs.reminders import remind
from monitor.jobs.send_letter import LetterSender
from monitor.sightings.facts import copy_facts
from tests.integration.test_letters_stopped import A, B, deeds, letter_row, move, out, queued, run
from tests.support.api_world import ApiWorld, Caller
from tests.support.domain_world import FakeDelivery
from tests.support.page_forms import see

SIGNER = {"first": "Old Signer", "second": "Leading Lee", "third": "Working Kim"}


async def staff(world: ApiWorld) -> dict[str, Caller]:
    """One advocate at centre A; a lead and another one at centre B."""
    callers = {"first": await world.advocate(), "second": await world.advocate("second", B)}
    callers["third"] = await world.advocate("third", B)
    async with world.services.database.begin() as session:
        for login, name in SIGNER.items():
            about = update(Advocate).where(Advocate.login == login)
            await session.execute(about.values(name=name, lead=login != "third"))
    return callers


async def lock_out(world: ApiWorld, *logins: str) -> None:
    async with world.services.database.begin() as session:
        about = update(Advocate).where(Advocate.login.in_(logins))
        await session.execute(about.values(disabled_at=world.clock.now()))


async def ask(world: ApiWorld, old: Caller, person: Caller) -> str:
    """The person is asked; their yes."""
    await old.post("/transfers", {"case_id": person.case_id, "to": B})
    (question,) = (await person.get(f"/cases/{person.case_id}/transfers"))["transfers"]
    return f"/cases/{person.case_id}/transfers/{question['transfer_id']}/agree"


async def in_charge(world: ApiWorld, notice: str) -> set[str]:
    """The names of whoever is in charge of its clocks."""
    async with world.services.database.read() as session:
        names = {one.id: one.name for one in await session.scalars(select(Advocate))}
        clocks = await session.scalars(select(NoticeClock.advocate_id).where(NoticeClock.notice_id == notice))
        return {names.get(one, one) for one in clocks}


async def confirmer(world: ApiWorld, person: Caller) -> str:
    """Who would be named as having taken over what centre A confirmed."""
    async with world.services.database.read() as session:
        sighting = (await session.scalars(select(Sighting).where(Sighting.case_id == person.case_id))).one()
        return (await copy_facts(session, world.context, sighting)).reviewer


@pytest.mark.parametrize(("gone", "named"), [((), "Leading Lee"), (("second",), "Working Kim")])
async def test_clocks_and_retractions_bear_no_name_of_the_centre_before(
    world: ApiWorld, gone: tuple[str, ...], named: str
) -> None:
    old = (await staff(world))["first"]
    person, notice = await out(world, old)
    await old.post(f"/notices/{notice}/retract", {"reason": "wrong-copy"})
    yes = await ask(world, old, person)
    await lock_out(world, *gone)
    await person.post(yes)
    assert await in_charge(world, notice) == {named}
    (left,) = (await run(world, notice, 2)).sent
    assert left.sender.startswith(f'"{B} ({named})"') and SIGNER["first"] not in left.body and A not in left.body
    assert f"{B}, {named}\n" in left.body
    assert all(SIGNER["first"] not in one.text for one in left.attachments)
    assert await confirmer(world, person) == named
    signed = [facts for who, facts in await deeds(world, person.case_id, EntryKind.LETTER_WRITTEN) if who == "person"]
    assert [bool(one.get("by")) for one in signed] == [True]


@pytest.mark.parametrize(("gone", "named"), [(("second",), "Working Kim"), (("second", "third"), "")])
async def test_a_retraction_that_was_quicker_than_the_move_neither(
    world: ApiWorld, gone: tuple[str, ...], named: str
) -> None:
    old = (await staff(world))["first"]
    person, notice = await out(world, old)
    await old.post(f"/notices/{notice}/retract", {"reason": "wrong-copy"})
    await lock_out(world, *gone)
    home = (await world.advocate_row("second")).organisation_id
    async with world.services.database.begin() as session:
        await session.execute(update(Case).where(Case.id == person.case_id).values(organisation_id=home))
    (left,) = (await run(world, notice, 2)).sent
    assert left.sender.startswith(f'"{B} ({named})"' if named else f'"{B}"')
    assert SIGNER["first"] not in left.body and (f"{B}, {named}\n" if named else f"\n{B}\n") in left.body


async def test_whoever_asked_for_the_case_and_left_since_is_not_in_charge(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    callers = await staff(world)
    person, notice = await out(world, callers["first"])
    await callers["second"].post("/transfers", {"case_id": person.case_id})
    (question,) = (await person.get(f"/cases/{person.case_id}/transfers"))["transfers"]
    await lock_out(world, "second")
    await person.post(f"/cases/{person.case_id}/transfers/{question['transfer_id']}/agree")
    assert await in_charge(world, notice) == {"Working Kim"}


async def test_whoever_is_in_charge_and_left_since_confirms_nothing(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    callers = await staff(world)
    person, _ = await out(world, callers["first"])
    await move(world, callers["first"], person)
    second = (await world.advocate_row("second")).id
    async with world.services.database.begin() as session:
        home = (await session.get_one(Advocate, second)).organisation_id
        session.add(CaseDesk(case_id=person.case_id, organisation_id=home, in_charge=second))
    assert await confirmer(world, person) == "Leading Lee"
    await lock_out(world, "second")
    assert await confirmer(world, person) == "Working Kim"


async def test_one_who_is_stopped_is_named_where_nobody_else_works(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    callers = await staff(world)
    person, _ = await out(world, callers["first"])
    await move(world, callers["first"], person)
    row = await world.advocate_row("second")
    async with world.services.database.begin() as session:
        made = Stop(id=f"advocate:{row.id}", scope="advocate", subject=row.id, reason=b"", stopped_at=row.created_at)
        made.stopped_by = "operator:test"
        session.add(made)
    assert await confirmer(world, person) == "Working Kim"
    await lock_out(world, "third")
    assert await confirmer(world, person) == "Leading Lee"


async def test_a_request_anew_that_was_leaving_when_the_case_went_is_the_new_centres_to_watch(
    sqlite_world: ApiWorld,
) -> None:
    world = sqlite_world
    old = (await staff(world))["first"]
    person, notice = await out(world, old)
    number = await queued(old, notice, "refiling")

    class Moving(FakeDelivery):
        async def send(self, outgoing: Any) -> Any:
            receipt = await super().send(outgoing)
            await move(world, old, person)
            return receipt

    row, way = await letter_row(world, notice, number), Moving()
    world.clock.time += timedelta(minutes=2)
    await LetterSender(world.services.database, world.context, way).send(row.id, row.attempt)
    assert len(way.sent) == 1 and await in_charge(world, notice) == {"Leading Lee"}


async def test_everybody_is_reminded_of_a_clock_that_nobody_is_in_charge_of(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    old = (await staff(world))["first"]
    person, notice = await out(world, old)
    await person.post(await ask(world, old, person))
    await lock_out(world, "second", "third")
    async with world.services.database.begin() as session:  # as an older program let it go where nobody worked
        await session.execute(update(NoticeClock).where(NoticeClock.notice_id == notice).values(advocate_id=""))
    await world.advocate("fourth", B)
    world.clock.time += timedelta(hours=47)
    await remind(world.services.database, world.context)
    async with world.services.database.read() as session:
        (alert,) = await session.scalars(select(Alert).where(Alert.kind == "deadline-near", Alert.subject == notice))
    assert alert.advocate_id is None
    fourth = await world.advocate("fourth", B)
    assert {one["advocate_id"] for one in (await fourth.get("/clocks"))["clocks"]} == {""}
    page = await see(world, fourth, "/advocate/clocks?lang=en")
    assert "in charge:" not in page
