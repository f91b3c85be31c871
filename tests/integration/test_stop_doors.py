"""Stopping and freezing through both doors, and what each reader is told."""

import re
from datetime import timedelta

import pytest

from api.ready import Readiness
from db.locking import lock_one
from db.models.cases import Case
from monitor.cases.in_hand import end_stale
from monitor.cases.stops import EVERYTHING, Scope, Target, resume, stop
from monitor.cases.waiting import due_endings
from monitor.core.errors import RuleBroken
from monitor.evidence.by import By
from monitor.jobs.send import Sender
from monitor.work.pulses import beat
from tests.support.api_world import INTAKE, PDQ, ApiWorld, Caller
from tests.support.browser import Browser
from tests.support.domain_world import FakeDelivery
from tests.support.page_routes import application

FIRST, SECOND = "first operator", "second operator"
LANGUAGES = ("en", "ko")
OURS = {"advocate_id": None}


async def operator_stops(world: ApiWorld, target: Target = EVERYTHING) -> None:
    async with world.services.database.begin() as session:
        await stop(session, world.services.context.acting(By.operator("stop")), target, reason="a doubt", name=FIRST)


async def operators_resume(world: ApiWorld, *names: str, target: Target = EVERYTHING) -> None:
    for name in names:
        async with world.services.database.begin() as session:
            await resume(session, world.services.context.acting(By.operator("resume")), target, name=name)


async def installation(world: ApiWorld) -> list[tuple[str, dict[str, str]]]:
    """Kinds of the installation's entries, each with who did it."""
    async with world.services.database.read() as session:
        told = await world.context.ledger.told(session, "installation")
    return [(entry.row.kind, {} if entry.by is None else entry.by.as_json()) for entry in told]


async def confirmed(world: ApiWorld, advocate: Caller, person: Caller) -> tuple[str, str]:
    sighting = await world.sighting(person)
    body = {"basis": "caption-context", "routes": ["us_tida"]}
    return sighting, (await advocate.confirm(sighting, body))["notices"][0]["notice_id"]


async def test_lead_stops_and_a_second_advocate_lets_it_go_on(world: ApiWorld) -> None:
    lead, second = await world.advocate(), await world.advocate("second")
    other = await world.advocate("foreign", "Centre B")
    person = await world.vouched(lead)
    await confirmed(world, lead, person)
    assert await second.refused("POST", "/stops", OURS) == (403, "leads-only")
    await lead.post("/stops", {**OURS, "reason": "a doubt"})
    (told,) = (await second.get("/stops"))["stops"]
    assert (told["scope"], told["reason"], told["by_operator"], told["may_ask"]) == (
        "organisation",
        "a doubt",
        False,
        False,
    )
    assert (await other.get("/stops"))["stops"] == []
    assert (await lead.get("/operations/health"))["stopped"] is True
    assert (await other.get("/operations/health"))["stopped"] is False
    assert "organisation-stopped" in {one["kind"] for one in (await second.get("/operations/alerts"))["alerts"]}
    assert (await other.get("/operations/alerts"))["alerts"] == []
    paused = (await person.get(f"/cases/{person.case_id}"))["paused"]
    assert (paused["reason"], paused["organisation"]) == ("work-stopped", "Centre A")

    assert await second.refused("POST", "/stops/resume", OURS) == (403, "leads-only")
    assert (await lead.post("/stops/resume", OURS))["done"] is False
    assert await lead.refused("POST", "/stops/resume", OURS) == (409, "same-person")
    assert (await second.get("/stops"))["stops"][0]["may_approve"] is True
    assert (await second.post("/stops/resume", OURS))["done"] is True
    assert (await lead.get("/stops"))["stops"] == []
    assert (await person.get(f"/cases/{person.case_id}"))["paused"] is None
    assert await lead.refused("POST", "/stops/resume", OURS) == (409, "not-stopped")
    first, asked, done = [
        entry for entry in await installation(world) if entry[0] not in ("logged-in", "advocate-added")
    ][-3:]
    assert [first[0], asked[0], done[0]] == ["work-stopped", "resuming-asked", "work-resumed"]
    assert first[1]["who"] == "advocate" and asked[1]["id"] != done[1]["id"]


async def test_stopped_advocate_is_out_at_once_and_their_codes_open_nothing(world: ApiWorld) -> None:
    lead, second = await world.advocate(), await world.advocate("second")
    code = (await second.post("/codes", {"count": 1, "days": 7}))["codes"][0]
    advocate_id = (await world.advocate_row("second")).id
    foreign = await world.advocate("foreign", "Centre B")
    assert await foreign.refused("POST", "/stops", {"advocate_id": advocate_id}) == (404, "not-found")
    await lead.post("/stops", {"advocate_id": advocate_id, "reason": "a lost phone"})
    assert await second.refused("GET", "/cases") == (401, "not-logged-in")
    body = {"login": "second", "password": "a long test password", "totp": world.totp("second")}
    assert await world.nobody().refused("POST", "/log-ins/advocate", body) == (401, "log-in-wrong")
    opening = {"language": "en", "code": code}
    assert await world.nobody().refused("POST", "/cases", opening) == (403, "code-invalid")
    third = await world.advocate("third")
    assert (await lead.post("/stops/resume", {"advocate_id": advocate_id}))["done"] is False
    assert (await third.post("/stops/resume", {"advocate_id": advocate_id}))["done"] is True
    again = await world.nobody().post("/log-ins/advocate", body)  # the code was not used up
    assert (await Caller(world.http, again["token"]).get("/cases"))["total"] == 0
    assert (await world.nobody().post("/cases", opening))["state"] == "vouched"


async def test_what_the_operator_stopped_needs_the_operator(world: ApiWorld) -> None:
    lead, second = await world.advocate(), await world.advocate("second")
    ours = Target(Scope.ORGANISATION, (await world.advocate_row()).organisation_id)
    await operator_stops(world, ours)
    assert (await lead.post("/stops/resume", OURS))["done"] is False
    assert (await second.get("/stops"))["stops"][0]["may_approve"] is False
    assert await second.refused("POST", "/stops/resume", OURS) == (409, "operator-needed")
    await operators_resume(world, FIRST, target=ours)
    assert (await lead.get("/stops"))["stops"] == []


async def test_everything_stopped_is_said_everywhere_and_the_pages_stay_up(world: ApiWorld) -> None:
    lead = await world.advocate()
    person = await world.vouched(lead)
    await beat(world.services.database, "one")
    await operator_stops(world)
    application(world).state.readiness = Readiness(world.services.database)
    answer = await world.http.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "stopped", "reasons": ["work-stopped"]})
    assert "work-stopped" in {one["kind"] for one in (await lead.get("/operations/alerts"))["alerts"]}
    assert (await person.get(f"/cases/{person.case_id}"))["paused"]["reason"] == "work-stopped"
    browser = Browser(world, lead)
    for language, words in (("en", "All work is stopped"), ("ko", "모든 작업이 멈춰 있어요")):
        for page in ("/advocate", "/advocate/cases", "/advocate/stop"):
            assert words in await browser.see(f"{page}?lang={language}")
    assert "stop/resume" not in await browser.see("/advocate/stop"), "an organisation has no say over everything"
    with pytest.raises(RuleBroken):
        await operators_resume(world, FIRST, FIRST.title())
    await operators_resume(world, SECOND)
    assert "All work is stopped" not in await browser.see("/advocate?lang=en")


async def test_pages_stop_and_resume(world: ApiWorld) -> None:
    lead, second = Browser(world, await world.advocate()), Browser(world, await world.advocate("second"))
    assert "Stop at once" in await lead.see("/advocate/stop?lang=en")
    assert "Stop at once" not in await second.see("/advocate/stop?lang=en")
    refused = await second.send("/advocate/stop/now", advocate="")
    assert "problem=leads-only" in refused.headers["location"]
    assert "done=stopped" in (await lead.send("/advocate/stop/now", advocate="", reason="a doubt")).headers["location"]
    page = await second.see("/advocate/stop?lang=en")
    assert "a doubt" in page and "A lead of your organisation asks first" in page
    assert "done=resuming-asked" in (await lead.send("/advocate/stop/resume", advocate="")).headers["location"]
    assert "problem=same-person" in (await lead.send("/advocate/stop/resume", advocate="")).headers["location"]
    assert "Let it go on" in await second.see("/advocate/stop?lang=en")
    assert "done=resumed" in (await second.send("/advocate/stop/resume", advocate="")).headers["location"]
    long = await lead.send("/advocate/stop/now", advocate="", reason="x" * 600)
    assert "problem=too-large" in long.headers["location"]
    assert "Nothing is stopped." in await lead.see("/advocate/stop?lang=en")


FREEZE = {"reason": "The voice on the phone was another's.", "speak_to": "Desk, 02-000-0000"}


async def test_frozen_case_shows_no_place_to_anybody_and_tells_the_person_whom_to_ask(world: ApiWorld) -> None:
    lead, second = await world.advocate(), await world.advocate("second")
    other = await world.advocate("foreign", "Centre B")
    person = await world.vouched(lead)
    case = f"/cases/{person.case_id}"
    await person.post(f"{case}/fingerprints", {"pdq": PDQ, "quality": 90, "kind": "intimate"})
    await person.post(f"{case}/links", {"url": "https://t.me/examplechannel/99", "kind": "intimate"})
    sighting, notice = await confirmed(world, lead, person)
    open_one = await world.sighting(person, post_id="18")
    assert await second.refused("PUT", f"{case}/freeze", FREEZE) == (403, "leads-only")
    assert await other.refused("PUT", f"{case}/freeze", FREEZE) == (404, "not-found")
    assert await person.refused("PUT", f"{case}/freeze", FREEZE) == (403, "advocates-only")
    assert await lead.refused("PUT", f"{case}/freeze", {**FREEZE, "reason": " "}) == (422, "reason-needed")
    await lead.put(f"{case}/freeze", FREEZE)
    assert await lead.refused("PUT", f"{case}/freeze", FREEZE) == (409, "case-frozen")

    gone = re.compile(r"examplechannel|t\.me/|4 of 256")
    for who in (person, second, lead):
        seen = await who.get(case)
        assert seen["paused"]["reason"] == "case-frozen" and "sightings_confirmed" not in seen
        for noun in ("sightings", "notices", "receipts", "links", "fingerprints", "consents", "intake"):
            assert await who.refused("GET", f"{case}/{noun}") == (409, "case-frozen"), noun
        assert await who.refused("GET", f"/notices/{notice}") == (404, "not-found")
    for who in (second, lead):
        assert await who.refused("GET", f"{case}/ledger") == (409, "case-frozen")
        for number in (sighting, open_one):
            assert await who.refused("GET", f"/sightings/{number}") == (404, "not-found")
        for noun in ("sightings", "notices"):
            assert (await who.get(f"/{noun}"))["total"] == 0
        browser = Browser(world, who)
        for page in ("/advocate", "/advocate/cases", "/advocate/notices", "/advocate/alerts"):
            assert not gone.search(await browser.see(page)), page
    told = (await person.get(case))["paused"]
    assert (told["organisation"], told["speak_to"]) == ("Centre A", FREEZE["speak_to"])
    assert FREEZE["reason"] not in (await person.call("GET", case)).text

    mail = FakeDelivery()
    await Sender(world.services.database, world.context, {"smtp": mail}).send(notice, 1)
    assert mail.sent == []
    assert await person.refused("PUT", f"{case}/intake", INTAKE) == (409, "case-frozen")

    assert await second.refused("DELETE", f"{case}/freeze") == (403, "leads-only")
    await lead.delete(f"{case}/freeze")
    assert await lead.refused("DELETE", f"{case}/freeze") == (409, "not-frozen")
    assert (await lead.get(f"/notices/{notice}"))["state"] == "queued"
    assert (await person.get(f"{case}/sightings"))["total"] == 1
    entries = (await lead.get(f"{case}/ledger"))["entries"]
    assert [one["kind"] for one in entries if "frozen" in one["kind"]] == ["case-frozen", "case-unfrozen"]
    async with world.services.database.read() as session:
        by = {entry.row.kind: entry.by for entry in await world.context.ledger.told(session, person.case_id)}
    assert by["case-frozen"] == By.advocate((await world.advocate_row()).id, by["case-frozen"].door)  # type: ignore[union-attr]


async def test_person_of_a_frozen_case_may_erase_and_take_consents_back(world: ApiWorld) -> None:
    lead = await world.advocate()
    person = await world.vouched(lead)
    case = f"/cases/{person.case_id}"
    given = await person.post(
        f"{case}/consents", {"platform": "telegram", "source": "@somechannel", "purposes": ["watch"]}
    )
    consent = given["consents"][0]["consent_id"]
    await lead.put(f"{case}/freeze", FREEZE)
    assert await lead.refused("DELETE", f"{case}/consents/{consent}") == (409, "case-frozen")
    assert (await person.delete(f"{case}/consents/{consent}"))["stopped_notices"] == 0
    assert await lead.refused("POST", f"{case}/erasure", {}) == (403, "only-the-person")
    assert (await person.post(f"{case}/erasure", {"passphrase": person.passphrase}))["state"] == "erasing"
    kinds = {one["kind"] for one in (await lead.get("/operations/alerts"))["alerts"]}
    assert {"frozen-erasing", "case-erasing"} <= kinds
    assert (await person.get(case))["paused"]["reason"] == "case-frozen"
    await person.delete(f"{case}/erasure")
    assert await person.refused("GET", f"{case}/links") == (409, "case-frozen"), "it is still frozen"


async def test_clock_of_an_unvouched_case_rests_while_it_is_frozen(world: ApiWorld) -> None:
    lead = await world.advocate()
    person = await world.person()
    assert await lead.refused("PUT", f"/cases/{person.case_id}/freeze", FREEZE) == (404, "not-found")
    await lead.post(f"/cases/{person.case_id}/in-hand")
    before = await lead.get(f"/cases/{person.case_id}")
    await lead.put(f"/cases/{person.case_id}/freeze", FREEZE)
    assert await lead.refused("POST", f"/cases/{person.case_id}/vouch") == (409, "case-frozen")
    assert await person.refused("DELETE", f"/cases/{person.case_id}/in-hand") == (409, "case-frozen")
    world.clock.move(days=40)
    async with world.services.database.begin() as session:
        assert await due_endings(session, world.context) == []
        await end_stale(session, world.context)
    await lead.delete(f"/cases/{person.case_id}/freeze")
    after = await lead.get(f"/cases/{person.case_id}")
    assert after["in_hand_until"] > before["in_hand_until"]
    async with world.services.database.begin() as session:
        case = await lock_one(session, Case, person.case_id)
        assert case.in_hand_until is not None and case.in_hand_until - world.clock.now() > timedelta(days=13)


async def test_page_puts_a_case_on_hold(sqlite_world: ApiWorld) -> None:
    world, lead = sqlite_world, Browser(sqlite_world, await sqlite_world.advocate())
    second = Browser(world, await world.advocate("second"))
    person = await world.vouched(await world.advocate("third"))
    number = f"/advocate/cases?number={person.case_id}&lang=en"
    assert "Put on hold now" in await lead.see(number)
    assert "Put on hold now" not in await second.see(number)
    wrong = await second.send("/advocate/cases/freeze", case=person.case_id, **FREEZE)
    assert "problem=leads-only" in wrong.headers["location"]
    assert (
        "done=frozen" in (await lead.send("/advocate/cases/freeze", case=person.case_id, **FREEZE)).headers["location"]
    )
    assert "On hold since" in await second.see(number)
    assert "End the hold" in await lead.see(number)
    assert "done=unfrozen" in (await lead.send("/advocate/cases/unfreeze", case=person.case_id)).headers["location"]
    for language in LANGUAGES:
        assert (await world.http.get(f"/case?lang={language}")).status_code == 200
