"""Cases that wait for somebody to vouch: a flood takes one place, tells one alert, and ends; the honest are found."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from db.models.cases import Case
from db.models.sources import Alert
from db.types import new_id
from monitor.actions.erase import DELAY, end_unvouched
from monitor.cases.erasure import due_erasures, erase
from monitor.cases.waiting import due_endings, forget_origins, tell_overdue
from monitor.context.alerts import AlertKind
from tests.support.api_world import PROXY, ApiWorld, Caller, api_world
from tests.support.databases import on_sqlite

MONTH = timedelta(days=30)


@pytest.fixture
async def town(prepared_url: str, tmp_path: Path) -> AsyncIterator[ApiWorld]:
    """The application behind a declared proxy, so that a test says where a request comes from."""
    async with api_world(prepared_url, tmp_path, trusted_proxies=[PROXY]) as made:
        yield made


async def open_at(world: ApiWorld, address: str) -> Caller:
    """A case that somebody opened there."""
    answer = await world.nobody().call("POST", "/cases", {"language": "en"}, headers={"X-Forwarded-For": address})
    opened = answer.json()
    return Caller(world.http, opened["token"], opened["case_id"], opened["passphrase"])


async def multiply(world: ApiWorld, case_id: str, count: int) -> None:
    """As many more as this one, opened an hour earlier: the flood is the first in every list."""
    async with world.services.database.begin() as session:
        one = await session.get_one(Case, case_id)
        for _ in range(count):
            kept = {name: getattr(one, name) for name in ("state", "language", "origin_tag")}
            opened = one.opened_at - timedelta(hours=1)
            due, ends = opened + timedelta(days=3), opened + MONTH
            session.add(Case(id=new_id(), passphrase_hash="", opened_at=opened, vouch_due_at=due, ends_at=ends, **kept))


async def end_what_is_due(world: ApiWorld) -> int:
    """What the clock does; returns how many ended."""
    context = world.context
    async with world.services.database.begin() as session:
        due = await due_endings(session, context)
        for case in due:
            await end_unvouched(session, context, case)
    async with world.services.database.begin() as session:
        for case in await due_erasures(session, context.now()):
            await erase(session, context, case)
    return len(due)


async def alerts(world: ApiWorld, kind: AlertKind) -> list[Alert]:
    """Those that are open."""
    async with world.services.database.read() as session:
        query = select(Alert).where(Alert.kind == kind, Alert.resolved_at.is_(None))
        return list(await session.scalars(query))


async def page(world: ApiWorld, advocate: Caller, address: str) -> str:
    """A page of the advocate, in English."""
    headers = {"Cookie": f"__Host-jikimi_login={advocate.token}", "Accept-Language": "en"}
    answer = await world.http.get(address, headers=headers)
    assert answer.status_code == 200
    return answer.text


async def test_520_cases_from_one_place_do_not_hide_the_honest_one(town: ApiWorld) -> None:
    advocate = await town.advocate()
    flood, honest = await open_at(town, "198.51.100.1"), await open_at(town, "198.51.100.2")
    await multiply(town, flood.case_id, 519)
    text = await page(town, advocate, "/advocate/cases/waiting")
    assert honest.case_id[-4:] in text and honest.case_id not in text
    assert "520 cases that were opened from one place" in text and text.count("<article") < 30
    assert len(text) < 60_000
    assert "198.51.100" not in text


async def test_case_is_found_by_the_number_that_the_person_tells(town: ApiWorld) -> None:
    advocate, other = await town.advocate(), await town.advocate("other", "Centre B")
    person = await open_at(town, "198.51.100.1")
    await multiply(town, person.case_id, 40)
    spoken = " ".join((person.case_id[:13].upper(), person.case_id[13:]))
    text = await page(town, advocate, f"/advocate/cases?number={spoken}")
    assert f'value="{person.case_id}"' in text and text.count("<article") == 1
    assert "There is no such case here" in await page(town, advocate, "/advocate/cases?number=nothing")
    assert f'value="{person.case_id}"' in await page(town, other, f"/advocate/cases?number={person.case_id}")


@on_sqlite
async def test_lists_are_paged(town: ApiWorld) -> None:
    advocate = await town.advocate()
    person = await open_at(town, "198.51.100.1")
    await multiply(town, person.case_id, 119)
    async with town.services.database.begin() as session:
        await session.execute(update(Case).values(origin_tag=None, any_centre=True))
    seen = set()
    for offset in ("/waiting", *(f"?waiting={begin}" for begin in range(20, 120, 20))):
        text = await page(town, advocate, f"/advocate/cases{offset}")
        found = {part.split('"')[0] for part in text.split('id="c-')[1:]}
        assert len(found) == 20
        seen |= found
    assert len(seen) == 120


async def test_tag_tells_no_address_and_goes_when_somebody_vouches(town: ApiWorld) -> None:
    advocate = await town.advocate()
    first, second = await open_at(town, "198.51.100.1"), await open_at(town, "198.51.100.1")
    other, vouched = await open_at(town, "198.51.100.2"), await open_at(town, "198.51.100.1")
    town.clock.time += timedelta(days=1)
    tomorrow = await open_at(town, "198.51.100.1")
    await advocate.post(f"/cases/{vouched.case_id}/vouch")
    async with town.services.database.read() as session:
        tags = {row.id: row.origin_tag for row in await session.scalars(select(Case))}
    assert tags[first.case_id] == tags[second.case_id] is not None
    assert len({tags[each.case_id] for each in (first, other, tomorrow)}) == 3
    assert tags[vouched.case_id] is None
    keys, context = town.services.keys, town.context
    assert len(keys.names("origins:")) == 2
    town.clock.time += timedelta(days=1)
    forget_origins(context)
    assert len(keys.names("origins:")) == 1
    town.clock.time += timedelta(days=5)
    forget_origins(context)
    assert keys.names("origins:") == []


async def test_case_that_nobody_vouches_for_ends_like_an_erasure_and_the_person_can_take_it_back(
    world: ApiWorld,
) -> None:
    await world.advocate()
    person = await world.person()
    told = await person.get(f"/cases/{person.case_id}")
    assert told["ends_at"][:10] == (world.clock.time + MONTH).date().isoformat()
    world.clock.time += MONTH - timedelta(minutes=1)
    assert await end_what_is_due(world) == 0
    world.clock.time += timedelta(minutes=2)
    assert await end_what_is_due(world) == 1
    again = (
        await world.nobody().post("/log-ins/person", {"case_id": person.case_id, "passphrase": person.passphrase})
    )["token"]
    person = Caller(world.http, again, person.case_id, person.passphrase)
    told = await person.get(f"/cases/{person.case_id}")
    assert (told["state"], told["nobody_vouched"]) == ("erasing", True)
    assert await person.delete(f"/cases/{person.case_id}/erasure") == {"state": "open", "erase_at": None}
    assert await end_what_is_due(world) == 0
    told = await person.get(f"/cases/{person.case_id}")
    assert told["ends_at"][:10] == (world.clock.time + MONTH).date().isoformat()
    assert (await person.get(f"/cases/{person.case_id}/intake"))["signature"]  # nothing was lost
    world.clock.time += MONTH + timedelta(minutes=1)
    assert await end_what_is_due(world) == 1
    world.clock.time += DELAY + timedelta(minutes=1)
    await end_what_is_due(world)
    async with world.services.database.read() as session:
        assert (await session.get_one(Case, person.case_id)).state == "erased"
    assert await alerts(world, AlertKind.CASE_ERASING) == []


async def test_vouched_case_does_not_end(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.person()
    await advocate.post(f"/cases/{person.case_id}/vouch")
    by_code = await world.vouched(advocate)
    world.clock.time += MONTH * 5
    assert await end_what_is_due(world) == 0
    for each in (person, by_code):
        told = await advocate.get(f"/cases/{each.case_id}")
        assert (told["state"], told["ends_at"], told["nobody_vouched"]) == ("vouched", None, False)


@on_sqlite
async def test_erasure_that_the_person_asked_for_is_not_called_an_end(world: ApiWorld) -> None:
    person = await world.person()
    await person.post(f"/cases/{person.case_id}/erasure", {"passphrase": person.passphrase})
    told = await person.get(f"/cases/{person.case_id}")
    assert (told["state"], told["nobody_vouched"]) == ("erasing", False)


async def test_case_of_an_older_version_gets_its_month_from_now_on(world: ApiWorld) -> None:
    person = await world.person()
    async with world.services.database.begin() as session:
        await session.execute(update(Case).values(ends_at=None, opened_at=world.clock.time - MONTH * 12))
    assert await end_what_is_due(world) == 0
    told = await person.get(f"/cases/{person.case_id}")
    assert told["ends_at"][:10] == (world.clock.time + MONTH).date().isoformat()


async def test_all_that_wait_too_long_raise_one_alert_that_every_organisation_reads(town: ApiWorld) -> None:
    advocate, other = await town.advocate(), await town.advocate("other", "Centre B")
    first, last = await open_at(town, "198.51.100.1"), await open_at(town, "198.51.100.2")
    await multiply(town, first.case_id, 200)
    town.clock.time += timedelta(days=4)
    context = town.context
    async with town.services.database.begin() as session:
        await tell_overdue(session, context)
    (alert,) = await alerts(town, AlertKind.VOUCH_OVERDUE)
    assert (alert.subject, alert.organisation_id) == ("pool", None)
    for reader in (advocate, other):
        text = await page(town, reader, "/advocate/alerts")
        assert text.count("Somebody has waited too long") == 1 and 'href="/advocate/cases/waiting"' in text
        (told,) = (await reader.get("/operations/alerts"))["alerts"]
        assert (told["kind"], told["audience"], told["subject"]) == ("vouch-overdue", "everybody", "pool")
    async with town.services.database.begin() as session:
        await session.execute(update(Case).where(Case.id != last.case_id).values(state="erased"))
    await advocate.post(f"/cases/{last.case_id}/vouch")
    assert await alerts(town, AlertKind.VOUCH_OVERDUE) == []


async def test_alerts_of_an_older_version_about_single_cases_are_resolved(world: ApiWorld) -> None:
    await world.advocate()
    person, context = await world.person(), world.context
    world.clock.time += timedelta(days=4)
    async with world.services.database.begin() as session:
        await context.alert(session, AlertKind.VOUCH_OVERDUE, person.case_id, "nobody-vouched-yet")
    for _ in range(2):
        async with world.services.database.begin() as session:
            await tell_overdue(session, context)
    (alert,) = await alerts(world, AlertKind.VOUCH_OVERDUE)
    assert alert.subject == "pool"
    async with world.services.database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Alert)) == 2
