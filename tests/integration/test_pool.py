"""The pool of waiting cases: seen by every centre, taken with the number that the person tells or their tick, and in
the hands of one centre at a time without anybody being able to park a case."""

import argparse
import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from api.pages.forms import form_token
from api.refusals import TEXTS
from db.models.cases import Case
from db.models.sources import Alert
from monitor.cases.in_hand import IN_HAND_FOR
from monitor.commands import check
from monitor.context.alerts import AlertKind
from monitor.core.refusals import Refusal
from monitor.evidence.by import Door
from monitor.jobs.sweeps import Ticks
from tests.integration.test_api_access import FOR_ADVOCATES, ONLY_OWNERS
from tests.support.api_world import INTAKE, PDQ, PROXY, ApiWorld, Caller, api_world
from tests.support.databases import on_sqlite

MONTH = timedelta(days=30)
CONTACT = "02-000-0000, Mon to Fri"


@pytest.fixture
async def town(prepared_url: str, tmp_path: Path) -> AsyncIterator[ApiWorld]:
    """The application behind a declared proxy; the operator wrote how one of the centres is reached."""
    async with api_world(prepared_url, tmp_path, trusted_proxies=[PROXY], centres={"Centre B": CONTACT}) as made:
        yield made


async def open_case(world: ApiWorld, address: str = "198.51.100.1", **body: Any) -> Caller:
    """Somebody opens a case there, after everybody else."""
    world.clock.time += timedelta(seconds=1)
    answer = await world.nobody().call(
        "POST", "/cases", {"language": "en", **body}, headers={"X-Forwarded-For": address}
    )
    opened = answer.json()
    return Caller(world.http, opened["token"], opened["case_id"], opened["passphrase"])


async def page(caller: Caller, address: str) -> str:
    """A page of the advocate, in English."""
    headers = {"Cookie": f"__Host-jikimi_login={caller.token}", "Accept-Language": "en"}
    answer = await caller.http.get(address, headers=headers)
    assert answer.status_code == 200
    return answer.text


async def send(caller: Caller, path: str, **fields: str) -> str:
    """A form of the advocate; returns what the page it leads to says."""
    headers = {"Cookie": f"__Host-jikimi_login={caller.token}", "Origin": "https://jikimi.example.org"}
    data = {"token": form_token(caller.token or ""), **fields}
    answer = await caller.http.post(path, data=data, headers=headers)
    assert answer.status_code == 303
    return await page(caller, answer.headers["location"])


async def pool(caller: Caller, query: str = "") -> list[dict[str, Any]]:
    """Every case that the API tells of."""
    return [case for group in (await caller.get(f"/pool{query}"))["groups"] for case in group["cases"]]


class NoWorkflows:
    """There are none to forget."""

    async def forget_finished(self, _older_than_s: float) -> int:
        return 0


async def tidy(world: ApiWorld) -> None:
    """What the clock does."""
    ticks = Ticks(
        world.services.database,
        world.context,
        NoWorkflows(),  # type: ignore[arg-type]
        heads_file=Path("unused"),
        interval=timedelta(minutes=15),
        seen_for=MONTH,
    )
    await ticks.tidy()


async def entries(world: ApiWorld, case_id: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Kind, actor and facts of every entry."""
    async with world.services.database.read() as session:
        told = await world.context.ledger.told(session, case_id)
    return [(one.row.kind, str(one.by.who if one.by else ""), dict(one.facts or {})) for one in told]


async def alerts(caller: Caller) -> list[tuple[str, str]]:
    """Kind and subject."""
    return [(one["kind"], one["subject"]) for one in (await caller.get("/operations/alerts"))["alerts"]]


# Who sees what.


async def test_case_without_a_code_belongs_to_no_organisation_and_every_one_sees_that_it_waits(town: ApiWorld) -> None:
    first, second = await town.advocate(), await town.advocate("second", "Centre B")
    person = await open_case(town)
    async with town.services.database.read() as session:
        assert (await session.get_one(Case, person.case_id)).organisation_id is None
    town.clock.time += timedelta(hours=50)
    for advocate in (first, second):
        assert (await advocate.get("/cases"))["total"] == 0
        assert await pool(advocate) == [
            {
                "case_id": None,
                "ends_with": person.case_id[-4:],
                "waiting_hours": 50,
                "language": "en",
                "in_hand": False,
            }
        ]
        assert "waiting for 2 d 2 h" in await page(advocate, "/advocate/cases/waiting")


async def test_case_that_was_opened_before_there_was_any_centre_waits_for_all_of_them(town: ApiWorld) -> None:
    person = await open_case(town)
    for login, centre in (("first", "Centre A"), ("second", "Centre B")):
        assert [one["ends_with"] for one in await pool(await town.advocate(login, centre))] == [person.case_id[-4:]]


async def test_nothing_that_a_waiting_person_told_changes_what_the_pool_shows(town: ApiWorld) -> None:
    advocate = await town.advocate()
    person = await open_case(town)
    before = await pool(advocate), await page(advocate, "/advocate/cases/waiting")
    await person.put(f"/cases/{person.case_id}/intake", {**INTAKE, "age_group": "minor"})
    await person.post(f"/cases/{person.case_id}/fingerprints", {"pdq": PDQ, "quality": 90, "kind": "intimate"})
    await person.post(f"/cases/{person.case_id}/links", {"url": "https://t.me/channel/5", "kind": "intimate"})
    consent = {"platform": "telegram", "source": "@channel", "purposes": ["watch"]}
    await person.post(f"/cases/{person.case_id}/consents", consent)
    assert (await pool(advocate), await page(advocate, "/advocate/cases/waiting")) == before
    for method, path in (("GET", "/intake"), ("GET", "/links"), ("GET", "/consents"), ("GET", "/ledger")):
        refused = await advocate.refused(method, f"/cases/{person.case_id}{path}")
        assert refused == (409, "not-vouched"), path


async def test_only_the_end_of_a_number_stands_in_the_pool(town: ApiWorld) -> None:
    advocate = await town.advocate()
    person, ticked = await open_case(town), await open_case(town, "198.51.100.2", any_centre=True)
    numbers = [one["case_id"] for one in await pool(advocate)]
    assert numbers == [None, ticked.case_id]
    text = await page(advocate, "/advocate/cases/waiting")
    assert person.case_id not in text and f"…{person.case_id[-4:]}" in text
    assert text.count('action="/advocate/cases/vouch"') == 1 and f'value="{ticked.case_id}"' in text
    # What the page shows of it is no number that anything can be done with.
    for known in (person.case_id[-4:], f"…{person.case_id[-4:]}"):
        told = await send(advocate, "/advocate/cases/vouch", case=known, known="on")
        assert "There is no such thing here" in told
        assert "There is no such case here" in await page(advocate, f"/advocate/cases?number={known}")


@pytest.mark.parametrize("door", [Door.API, Door.PAGE])
async def test_number_that_the_person_tells_lets_any_centre_vouch(town: ApiWorld, door: Door) -> None:
    first, second = await town.advocate(), await town.advocate("second", "Centre B")
    person = await open_case(town)
    await person.put(f"/cases/{person.case_id}/intake", INTAKE)
    if door == Door.API:
        await second.post(f"/cases/{person.case_id}/vouch")
    else:
        assert f'value="{person.case_id}"' in await page(second, f"/advocate/cases?number={person.case_id}")
        await send(second, "/advocate/cases/vouch", case=person.case_id, known="on")
    assert (await second.get(f"/cases/{person.case_id}/intake"))["signature"] == INTAKE["signature"]
    assert await first.refused("GET", f"/cases/{person.case_id}") == (404, "not-found")
    assert await pool(first) == await pool(second) == []
    told = await person.get(f"/cases/{person.case_id}")
    assert (told["centre"], told["centres"]) == ({"name": "Centre B", "contact": CONTACT}, [])


async def test_two_centres_that_vouch_at_the_same_moment_do_not_both_have_the_case(town: ApiWorld) -> None:
    first, second = await town.advocate(), await town.advocate("second", "Centre B")
    person = await open_case(town, any_centre=True)
    path = f"/cases/{person.case_id}/vouch"
    answers = await asyncio.gather(first.call("POST", path), second.call("POST", path))
    assert sorted(one.status_code for one in answers) == [200, 404]


# The tick.


async def test_tick_is_the_persons_and_stands_in_the_ledger(town: ApiWorld) -> None:
    advocate = await town.advocate()
    person = await open_case(town, any_centre=True)
    path = f"/cases/{person.case_id}/any-centre"
    assert (await person.get(f"/cases/{person.case_id}"))["any_centre"] is True
    assert (await person.put(path, {"allowed": True}))["any_centre"] is True
    assert (await person.put(path, {"allowed": False}))["any_centre"] is False
    assert [one["case_id"] for one in await pool(advocate)] == [None]
    await person.put(path, {"allowed": True})
    assert [one["case_id"] for one in await pool(advocate)] == [person.case_id]
    assert await advocate.refused("PUT", path, {"allowed": False}) == (403, "only-the-person")
    assert await person.refused("PUT", path, {"allowed": "yes"}) == (422, "invalid")
    steps = await entries(town, person.case_id)
    assert steps[0][:2] == ("case-opened", "person") and steps[0][2]["any_centre"] is True
    assert steps[1:] == [
        ("any-centre-changed", "person", {"allowed": False}),
        ("any-centre-changed", "person", {"allowed": True}),
    ]
    await advocate.post(f"/cases/{person.case_id}/vouch")
    assert await person.refused("PUT", path, {"allowed": False}) == (409, "case-state")


# In hand.


async def test_while_a_centre_has_a_case_in_hand_others_see_that_and_cannot_vouch(town: ApiWorld) -> None:
    first, second = await town.advocate(), await town.advocate("second", "Centre B")
    person = await open_case(town, any_centre=True)
    path = f"/cases/{person.case_id}"
    taken = await second.post(f"{path}/in-hand")
    until = town.clock.time + IN_HAND_FOR
    assert (taken["state"], taken["in_hand"], taken["ends_at"]) == ("open", True, None)
    assert datetime.fromisoformat(taken["in_hand_until"]) == until
    told = await person.get(path)
    assert told["in_hand"] and told["centre"] == {"name": "Centre B", "contact": CONTACT}
    assert datetime.fromisoformat(told["in_hand_until"]) == until

    assert [one["in_hand"] for one in await pool(first)] == [True]
    assert "another centre is in touch" in await page(first, "/advocate/cases/waiting")
    seen = await first.get(path)
    assert seen["in_hand"] and seen["in_hand_until"] is None and "Centre B" not in json.dumps(seen)
    words = TEXTS[Refusal.IN_HAND_ELSEWHERE]
    for act in ("vouch", "in-hand"):
        assert await first.refused("POST", f"{path}/{act}") == (409, "in-hand-elsewhere")
        assert words in await send(first, f"/advocate/cases/{act}", case=person.case_id, known="on")
    assert await first.refused("DELETE", f"{path}/in-hand") == (409, "not-in-hand")
    found = await page(first, f"/advocate/cases?number={person.case_id}")
    assert "only that centre can vouch now" in found and "/advocate/cases/vouch" not in found

    mine = await page(second, "/advocate/cases/waiting")
    assert "In your hands" in mine and mine.count(f'id="c-{person.case_id}"') == 1
    assert await pool(second) == [] and (await second.get("/cases?state=open"))["total"] == 1
    assert await second.refused("GET", f"{path}/intake") == (409, "not-vouched")
    await second.post(f"{path}/vouch")
    assert await first.refused("POST", f"{path}/vouch") == (404, "not-found")
    assert (await person.get(path))["in_hand"] is False


@pytest.mark.parametrize("by", ["centre", "person", "page"])
async def test_case_that_is_handed_back_waits_for_any_centre_again(town: ApiWorld, by: str) -> None:
    first, second = await town.advocate(), await town.advocate("second", "Centre B")
    person = await open_case(town)
    path = f"/cases/{person.case_id}/in-hand"
    await second.post(path)
    if by == "page":
        assert "handed back" in await send(second, "/advocate/cases/hand-back", case=person.case_id)
    else:
        await (person if by == "person" else second).delete(path)
    assert [one["in_hand"] for one in await pool(first)] == [False]
    kinds = [(kind, who) for kind, who, _ in await entries(town, person.case_id)]
    who = "person" if by == "person" else "advocate"
    assert kinds == [("case-opened", "person"), ("case-in-hand", "advocate"), ("case-handed-back", who)]
    await person.delete(path)  # the answer to the first press was lost: it is so, and no second entry is written
    assert len(await entries(town, person.case_id)) == len(kinds)
    await first.post(f"/cases/{person.case_id}/vouch")


async def test_time_stands_still_while_a_centre_has_the_case_in_hand(town: ApiWorld) -> None:
    advocate = await town.advocate()
    person = await open_case(town)
    path = f"/cases/{person.case_id}"
    town.clock.time += timedelta(days=29)
    await advocate.post(f"{path}/in-hand")
    for _ in range(3):
        town.clock.time += timedelta(days=13)
        await tidy(town)
        await advocate.post(f"{path}/in-hand")
    assert (await person.get(path))["state"] == "open" and await alerts(advocate) == []
    await advocate.delete(f"{path}/in-hand")
    told = await person.get(path)
    assert datetime.fromisoformat(told["ends_at"]) == town.clock.time + timedelta(days=1)
    town.clock.time += timedelta(days=1, minutes=1)
    await tidy(town)
    assert (await person.get(path))["nobody_vouched"] is True


async def test_case_that_is_left_alone_in_hand_goes_back_and_the_centre_is_told(town: ApiWorld) -> None:
    first, second = await town.advocate(), await town.advocate("second", "Centre B")
    person = await open_case(town)
    path = f"/cases/{person.case_id}"
    await second.post(f"{path}/in-hand")
    town.clock.time += IN_HAND_FOR - timedelta(minutes=1)
    await tidy(town)
    assert (await person.get(path))["in_hand"]
    town.clock.time += timedelta(minutes=2)
    await tidy(town)
    told = await person.get(path)
    assert (told["in_hand"], told["centre"]) == (False, None)
    assert datetime.fromisoformat(told["ends_at"]) == town.clock.time + MONTH
    kind, who, facts = (await entries(town, person.case_id))[-1]
    assert (kind, who, facts) == ("case-handed-back", "program", {"reason": "nothing-done"})
    assert ("in-hand-over", person.case_id) in await alerts(second)
    assert ("in-hand-over", person.case_id) not in await alerts(first)
    text = await page(second, "/advocate/alerts")
    assert "waits for any centre again" in text and f"/advocate/cases?number={person.case_id}" in text
    # Another centre has it next, leaves it alone as well, and it is that one which is told then.
    await first.post(f"{path}/in-hand")
    assert ("in-hand-over", person.case_id) not in await alerts(second)
    town.clock.time += IN_HAND_FOR + timedelta(minutes=1)
    await tidy(town)
    assert ("in-hand-over", person.case_id) in await alerts(first)
    assert ("in-hand-over", person.case_id) not in await alerts(second)
    town.clock.time += timedelta(days=15)
    await tidy(town)
    assert ("in-hand-over", person.case_id) not in await alerts(first)


async def test_person_who_erases_a_case_that_a_centre_has_in_hand_keeps_it_there_when_they_come_back(
    town: ApiWorld,
) -> None:
    advocate = await town.advocate()
    person = await open_case(town)
    path = f"/cases/{person.case_id}"
    town.clock.time += timedelta(days=25)
    await advocate.post(f"{path}/in-hand")
    town.clock.time += timedelta(days=10)  # past the thirty days, which stand still
    await person.post(f"{path}/erasure", {"passphrase": person.passphrase})
    assert (await person.get(path))["nobody_vouched"] is False
    assert await alerts(advocate) == [("case-erasing", person.case_id)]
    await person.delete(f"{path}/erasure")
    told = await person.get(path)
    assert (told["state"], told["in_hand"]) == ("open", True)
    await advocate.delete(f"{path}/in-hand")
    assert datetime.fromisoformat((await person.get(path))["ends_at"]) == town.clock.time + MONTH


@on_sqlite
async def test_erasure_in_the_pool_alerts_nobody(town: ApiWorld) -> None:
    advocate = await town.advocate()
    person = await open_case(town)
    await person.post(f"/cases/{person.case_id}/erasure", {"passphrase": person.passphrase})
    assert await alerts(advocate) == [] and await pool(advocate) == []
    async with town.services.database.read() as session:
        assert (await session.scalars(select(Alert))).all() == []


# Alerts and floods.


async def test_overdue_alert_is_everybodys_and_ends_with_the_last_that_a_centre_takes(town: ApiWorld) -> None:
    readers = [await town.advocate(), await town.advocate("second", "Centre B")]
    people = [await open_case(town), await open_case(town, "198.51.100.2")]
    town.clock.time += timedelta(days=4)
    await tidy(town)
    pooled = (AlertKind.VOUCH_OVERDUE.value, "pool")
    assert [await alerts(one) for one in readers] == [[pooled], [pooled]]
    await readers[0].post(f"/cases/{people[0].case_id}/vouch")
    assert [await alerts(one) for one in readers] == [[pooled], [pooled]]
    await readers[1].post(f"/cases/{people[1].case_id}/in-hand")
    assert [await alerts(one) for one in readers] == [[], []]
    await readers[1].delete(f"/cases/{people[1].case_id}/in-hand")
    await tidy(town)
    assert [await alerts(one) for one in readers] == [[pooled], [pooled]]


async def test_flood_from_one_place_is_one_line_in_the_pool_and_languages_are_kept_apart(town: ApiWorld) -> None:
    advocate = await town.advocate()
    for _ in range(5):
        await open_case(town, any_centre=True)
    honest = await open_case(town, "198.51.100.2", language="ko")
    told = await advocate.get("/pool")
    assert [(group["total"], len(group["cases"])) for group in told["groups"]] == [(5, 5), (1, 1)]
    assert told["total"] == 2
    assert (await advocate.get("/pool?limit=1&offset=1"))["groups"] == told["groups"][1:]
    assert [one["ends_with"] for one in await pool(advocate, "?language=ko")] == [honest.case_id[-4:]]
    assert await advocate.refused("GET", "/pool?language=fr") == (422, "invalid")
    text = await page(advocate, "/advocate/cases/waiting")
    assert "5 cases that were opened from one place on one day" in text and honest.case_id[-4:] in text
    text = await page(advocate, "/advocate/cases?spoken=ko")
    assert "opened from one place" not in text and f"…{honest.case_id[-4:]}" in text


# What the person sees.


async def test_person_who_waits_is_told_which_centres_there_are_and_how_to_reach_them(town: ApiWorld) -> None:
    await town.advocate()
    await town.add_advocate("second", "Centre B")
    person = await open_case(town)
    told = await person.get(f"/cases/{person.case_id}")
    assert told["centres"] == [{"name": "Centre A", "contact": ""}, {"name": "Centre B", "contact": CONTACT}]
    assert (told["centre"], told["in_hand"], told["any_centre"]) == (None, False, False)


@on_sqlite
@pytest.mark.parametrize(
    ("centres", "words"),
    [
        ('{ "Centre A" = "02-1", "Centre X" = "02-2" }', "no organisation with an advocate: Centre X"),
        ('{ "Centre A" = "02-1" }', "are not told how to reach: Centre B"),
        ('{ "Centre A" = "02-1", "Centre B" = "02-2" }', "told how to reach every centre"),
    ],
)
async def test_operator_is_told_of_a_centre_that_nobody_can_reach(
    town: ApiWorld, tmp_path: Path, capsys: pytest.CaptureFixture[str], centres: str, words: str
) -> None:
    await town.add_advocate()
    await town.add_advocate("second", "Centre B")
    config = tmp_path / "config.toml"
    config.write_text(f'[database]\nurl = "{town.services.settings.database.url}"\n[cases]\ncentres = {centres}\n')
    await asyncio.to_thread(check.run, argparse.Namespace(config=config))
    (line,) = [line for line in capsys.readouterr().out.splitlines() if line[4:].startswith("centres")]
    assert words in line and line.startswith("ok" if "every" in words else "low")


async def test_waiting_case_is_nobodys_but_the_persons_own_and_an_advocates_who_knows_its_number(
    town: ApiWorld,
) -> None:
    advocate = await town.advocate()
    owner, stranger = await open_case(town, any_centre=True), await open_case(town, "198.51.100.2", any_centre=True)
    for method, path, body in ONLY_OWNERS:
        assert await stranger.refused(method, f"/cases/{owner.case_id}{path}", body) == (404, "not-found"), path
        assert await town.nobody().refused(method, f"/cases/{owner.case_id}{path}", body) == (401, "not-logged-in")
    for method, path, body in FOR_ADVOCATES:
        if "{sighting}" not in path and "{notice}" not in path:
            address = path.format(case=owner.case_id)
            assert await owner.refused(method, address, body) == (403, "advocates-only"), path
    allowed = {("GET", ""), ("DELETE", "/in-hand")}
    for method, path, body in ONLY_OWNERS:
        if (method, path) not in allowed:
            refused = await advocate.refused(method, f"/cases/{owner.case_id}{path}", body)
            assert refused in ((409, "not-vouched"), (409, "not-in-hand"), (403, "only-the-person")), path
