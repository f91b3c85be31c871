"""The list that a centre keeps: a person says yes to all of it by its number, and never learns a name of it."""

import json
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from api.pages.forms import form_token
from db.locking import lock_one
from db.models.case_reading import CaseSource
from db.models.cases import Case
from db.models.centres import ListConsent, ListPlace
from db.models.sources import Consent, Source
from db.queries.consents import cases_consenting, consents, sources_to_read, was_withdrawn
from monitor.evidence.chain import INSTALLATION
from monitor.evidence.entry_kinds import EntryKind
from monitor.model.consent import may_use, was_taken_back
from monitor.model.states import Purpose
from tests.support.api_world import ApiWorld, Caller, api_world
from tests.support.page_forms import ORIGIN, see, send_form

NAMES = ("hiddenone", "hiddentwo", "hiddenthree")
YES = {"places": 3, "purposes": ["watch"]}


@pytest.fixture
async def town(prepared_url: str, tmp_path: Path) -> AsyncIterator[ApiWorld]:
    """On each kind of database: what is read follows from queries."""
    async with api_world(prepared_url, tmp_path) as made:
        yield made


async def listed(world: ApiWorld, advocate: Caller, names: Sequence[str] = NAMES) -> dict[str, str]:
    """Put them on the list; their ids by name."""
    body = {"platform": "telegram", "sources": [f"https://t.me/{name}" for name in names], "note": "seen in November"}
    told = await advocate.post("/centre/places", body)
    return {one["source"]: one["place_id"] for one in told["places"]}


async def watched(world: ApiWorld) -> set[str]:
    """Names of everything that may be read now; each also as the crawler asks, and as the rule says of every row."""
    now = world.clock.time
    async with world.services.database.read() as session:
        found = {one.handle for one in await sources_to_read(session, now)}
        everybody = {one.id: one for one in (await session.scalars(select(Case))).all()}
        rows = (
            await session.execute(select(Consent, Source.handle).join(Source, Source.id == Consent.source_id))
        ).all()
        by_rule = {name for row, name in rows if may_use(everybody[row.case_id].state, row, Purpose.WATCH, now).allowed}
        assert found == by_rule
        for case_id, source_id in {(row.case_id, row.source_id) for row, _ in rows}:
            mine = [row for row, _ in rows if (row.case_id, row.source_id) == (case_id, source_id)]
            allowed = any(may_use(everybody[case_id].state, row, Purpose.WATCH, now).allowed for row in mine)
            asked: dict[str, Any] = {"source_id": source_id, "now": now}
            assert await consents(session, case_id=case_id, purpose="watch", **asked) is allowed
            assert (case_id in await cases_consenting(session, source_id, "watch", now)) is allowed
            to_watch = [row for row in mine if row.purpose == Purpose.WATCH]
            assert await was_withdrawn(session, case_id=case_id, **asked) is was_taken_back(to_watch, now)
    return found


async def told_to(person: Caller) -> str:
    """Everything that the person's page asks for, as one text."""
    path = f"/cases/{person.case_id}"
    parts = (
        "",
        "/list",
        "/places",
        "/standing",
        "/consents",
        "/sightings",
        "/notices",
        "/receipts",
        "/links",
        "/entries",
        "/intake",
    )
    return json.dumps([await person.get(path + part) for part in parts])


async def test_one_yes_has_every_place_watched_and_tells_the_person_numbers_alone(town: ApiWorld) -> None:
    advocate, other = await town.advocate(), await town.advocate("second", "Centre B")
    ids, person = await listed(town, advocate), await town.vouched(advocate)
    path = f"/cases/{person.case_id}/list"
    assert await person.get(path) == {"places": 3, "agreed": []}
    assert await watched(town) == set()
    assert await advocate.refused("PUT", path, YES) == (403, "only-the-person")
    assert await person.refused("PUT", path, {**YES, "places": 2}) == (409, "list-changed")
    told = await person.call("PUT", path, YES)
    (agreed,) = told.json()["agreed"]
    assert (agreed["purpose"], agreed["places"], agreed["added"], agreed["removed"]) == ("watch", 3, 0, 0)
    assert await watched(town) == set(NAMES)
    coverage = (await person.get(f"/cases/{person.case_id}/standing"))["coverage"]
    assert (coverage["places"], coverage["listed"]) == (0, 3)  # so the page does not say that no place is watched
    waiting = await town.person()
    assert await waiting.get(f"/cases/{waiting.case_id}/list") == {"places": None, "agreed": []}
    assert await waiting.refused("PUT", f"/cases/{waiting.case_id}/list", YES) == (409, "not-vouched")

    # No name of it reaches the person: in no answer, no count, and by no id that could be asked with.
    heard = told.text + await told_to(person)
    async with town.services.database.read() as session:
        sources = {one.id for one in (await session.scalars(select(Source))).all()}
        rows = (await session.scalars(select(Consent))).all()
        places = (await session.scalars(select(ListPlace))).all()
    assert not any(each in heard for each in (*NAMES, *sources, *ids.values(), *(row.id for row in rows)))
    assert (await person.get(f"/cases/{person.case_id}"))["consents"] == 0
    assert await person.refused("DELETE", f"/cases/{person.case_id}/consents/{rows[0].id}") == (404, "not-found")
    assert await person.refused("GET", "/centre/places") == (403, "advocates-only")
    # Nor another centre, nor whoever reads the database.
    assert (await other.get("/centre/places"))["places"] == []
    some = ids["hiddenone"]
    assert await other.refused("DELETE", f"/centre/places/{some}") == (404, "not-found")
    assert not any(name.encode() in one.payload for one in places for name in NAMES)

    async with town.services.database.read() as session:
        mine = await town.context.ledger.told(session, person.case_id)
        ours = await town.context.ledger.told(session, INSTALLATION)
    assert [(one.facts or {})["places"] for one in mine if one.row.kind == EntryKind.LIST_AGREED] == [3]
    doer = (await town.advocate_row()).id
    changes = [
        (one.by.id if one.by else None, one.facts or {})
        for one in ours
        if one.row.kind == EntryKind.CENTRE_LIST_CHANGED
    ]
    assert [(by, facts["act"], len(facts["places"])) for by, facts in changes] == [(doer, "added", 3)]
    assert not any(name in json.dumps([one.facts for one in (*mine, *ours)]) for name in NAMES)


async def test_what_a_centre_adds_is_read_only_after_another_yes_and_what_it_removes_at_once_no_more(
    town: ApiWorld,
) -> None:
    advocate = await town.advocate()
    ids, person, second = await listed(town, advocate), await town.vouched(advocate), await town.vouched(advocate)
    path = f"/cases/{person.case_id}/list"
    for one in (person, second):
        await one.put(f"/cases/{one.case_id}/list", YES)
    town.clock.time += timedelta(minutes=5)
    await listed(town, advocate, ["hiddenfour", "HiddenOne"])  # one of them stands there already
    await advocate.delete(f"/centre/places/{ids['hiddentwo']}")
    assert await watched(town) == {"hiddenone", "hiddenthree"}
    told = await person.get(path)
    (agreed,) = told["agreed"]
    assert (told["places"], agreed["places"], agreed["added"], agreed["removed"]) == (3, 3, 1, 1)
    # It was the centre's doing: nobody took anything back, so what was confirmed there goes its way.
    async with town.services.database.read() as session:
        source = (await session.scalars(select(Source).where(Source.handle == "hiddentwo"))).one()
        assert not await was_withdrawn(session, case_id=person.case_id, source_id=source.id, now=town.clock.time)
    (again,) = (await person.put(path, YES))["agreed"]
    assert (again["places"], again["added"], again["removed"]) == (3, 0, 0)
    assert await watched(town) == {"hiddenone", "hiddenthree", "hiddenfour"}
    async with town.services.database.read() as session:
        given = (await session.scalars(select(ListConsent).where(ListConsent.case_id == person.case_id))).all()
        assert sorted(one.expires_at <= town.clock.time for one in given) == [False, True]
    # Each yes has its own end, and is asked for again before.
    town.clock.time += timedelta(days=85)
    assert [one["renewal"] for one in (await person.get(path))["agreed"]] == [True]
    town.clock.time += timedelta(days=10)
    assert await watched(town) == set() and (await person.get(path))["agreed"] == []


async def test_the_yes_can_be_taken_back_at_any_time_and_what_was_named_stays(town: ApiWorld) -> None:
    advocate = await town.advocate()
    await listed(town, advocate)
    person = await town.vouched(advocate)
    path = f"/cases/{person.case_id}"
    await person.put(f"{path}/list", {**YES, "purposes": ["watch", "follow"]})
    town.clock.time += timedelta(minutes=1)
    named = {"platform": "telegram", "source": "@hiddenone", "purposes": ["watch"]}
    await person.post(f"{path}/consents", named)
    here = await town.sighting(person, source="hiddentwo", post_id="7")
    there = await town.sighting(person, source="hiddenone", post_id="8")
    async with town.services.database.begin() as session:  # which came with a yes of its own to either
        of_two = select(Source.id).where(Source.handle == "hiddentwo")
        await session.execute(delete(Consent).where(Consent.list_consent_id.is_(None), Consent.source_id.in_(of_two)))
    notices = [
        (await advocate.post(f"/sightings/{one}/confirm", {"basis": "caption-context", "routes": ["us_tida"]}))[
            "notices"
        ]
        for one in (here, there)
    ]
    assert (await person.delete(f"{path}/list"))["stopped_notices"] == 1
    assert await watched(town) == {"hiddenone"} and (await person.get(f"{path}/list"))["agreed"] == []
    states = [(await advocate.get(f"/notices/{one[0]['notice_id']}"))["state"] for one in notices]
    assert states == ["withdrawn", "prepared"]
    assert (await person.delete(f"{path}/list"))["stopped_notices"] == 0, "again changes nothing"
    # The other way round: what they named is taken back, and the list that they agree to again reads on.
    consent = next(one for one in (await person.get(f"{path}/consents"))["consents"] if one["purpose"] == "watch")
    await person.put(f"{path}/list", YES)
    town.clock.time += timedelta(minutes=1)
    await person.delete(f"{path}/consents/{consent['consent_id']}")
    assert await watched(town) == {"hiddentwo", "hiddenthree"}, "whoever says no to a place means the place"
    assert (await person.get(f"{path}/list"))["agreed"][0]["places"] == 3, "and the number does not tell which"
    # While a lead has the case on hold it can be taken back, too.
    await advocate.put(f"{path}/freeze", {"reason": "a doubt", "speak_to": "the desk"})
    await person.delete(f"{path}/list")
    await advocate.delete(f"{path}/freeze")
    assert await watched(town) == set()


async def test_a_question_about_a_place_of_the_list_names_it_only_once_it_is_released(town: ApiWorld) -> None:
    advocate = await town.advocate()
    await listed(town, advocate)
    person = await town.vouched(advocate)
    path = f"/cases/{person.case_id}"
    await person.put(f"{path}/list", YES)
    ids = [
        await town.sighting(person, source=name, post_id=post) for name, post in (("hiddenone", "7"), ("ownplace", "8"))
    ]
    async with town.services.database.begin() as session:  # the first came with a yes of its own
        of_one = select(Source.id).where(Source.handle == "hiddenone")
        await session.execute(delete(Consent).where(Consent.list_consent_id.is_(None), Consent.source_id.in_(of_one)))
    for one in ids:
        await advocate.post(f"/sightings/{one}/ask")
    told = (await person.get(f"{path}/questions"))["questions"]
    assert sorted(one["source"] for one in told) == ["", "ownplace"]
    assert "hiddenone" not in json.dumps(told) + await told_to(person)


async def test_naming_a_place_of_the_list_tells_nothing_of_what_was_read_there_before(town: ApiWorld) -> None:
    advocate = await town.advocate()
    await listed(town, advocate)
    person = await town.vouched(advocate)
    path = f"/cases/{person.case_id}"
    await person.put(f"{path}/list", YES)
    async with town.services.database.begin() as session:
        source = (await session.scalars(select(Source).where(Source.handle == "hiddenone"))).one()
        await lock_one(session, Case, person.case_id)
        at = town.clock.time
        session.add(CaseSource(case_id=person.case_id, source_id=source.id, since=at, noted_at=at, read_at=at))
    town.clock.time += timedelta(minutes=1)
    for name in ("hiddenone", "otherplace"):
        await person.post(f"{path}/consents", {"platform": "telegram", "source": name, "purposes": ["watch"]})
    one, two = (await person.get(f"{path}/consents"))["consents"]
    hidden = {"consent_id", "source", "source_id", "given_at", "expires_at"}
    assert {key: value for key, value in one.items() if key not in hidden} == {
        key: value for key, value in two.items() if key not in hidden
    }
    # A case may name fifty places beside the list.
    for number in range(48):
        body = {"platform": "telegram", "source": f"ownplace{number:02d}", "purposes": ["watch"]}
        await person.post(f"{path}/consents", body)
    body = {"platform": "telegram", "source": "onetoomany", "purposes": ["watch"]}
    assert await person.refused("POST", f"{path}/consents", body) == (409, "too-many-sources")
    body["source"] = "hiddentwo"
    assert await person.refused("POST", f"{path}/consents", body) == (409, "too-many-sources"), "of the list or not"


async def test_the_page_adds_many_at_once_keeps_what_was_typed_and_notes_and_removes(town: ApiWorld) -> None:
    advocate, page = await town.advocate(), "/advocate/centre/places"
    assert "Nothing stands on our list yet" in await see(town, advocate, f"{page}?lang=en")
    typed = {"platform": "telegram", "sources": "@hiddenone\nhttps://t.me/hiddentwo, not/a/name", "note": "x"}
    answer = await town.http.post(f"{page}/add", headers=_headers(advocate), data={"token": _token(advocate), **typed})
    assert (
        answer.status_code == 422
        and "not/a/name" in answer.text
        and (await advocate.get("/centre/places"))["places"] == []
    )
    assert "places-added" in await send_form(
        town, advocate, f"{page}/add", {**typed, "sources": "@hiddenone hiddentwo"}
    )
    shown = await see(town, advocate, f"{page}?lang=en")
    assert "@hiddenone" in shown and "@hiddentwo" in shown and "never the names" in shown
    one, two = (await advocate.get("/centre/places"))["places"]
    await send_form(town, advocate, f"{page}/note", {"place": one["place_id"], "note": "moved here in May"})
    await send_form(town, advocate, f"{page}/remove", {"place": two["place_id"]})
    (left,) = (await advocate.get("/centre/places"))["places"]
    assert (left["source"], left["note"], left["added_by"]) == ("hiddenone", "moved here in May", "Signing Advocate")
    # A place that comes back is a new one.
    await send_form(town, advocate, f"{page}/add", {**typed, "sources": "hiddentwo"})
    assert [each["source"] for each in (await advocate.get("/centre/places"))["places"]] == ["hiddenone", "hiddentwo"]
    async with town.services.database.begin() as session:
        await session.execute(update(ListPlace).values(removed_at=town.clock.time))
    person = await town.vouched(advocate)
    assert await person.refused("PUT", f"/cases/{person.case_id}/list", {**YES, "places": 0}) == (409, "list-empty")


def _token(who: Caller) -> str:
    return form_token(who.token or "")


def _headers(who: Caller) -> dict[str, str]:
    return {"Cookie": f"__Host-jikimi_login={who.token}", "Origin": ORIGIN}
