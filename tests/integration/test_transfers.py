"""A case goes to another centre by the person's yes alone, and a passphrase is drawn anew only after a delay."""

import json
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from api.pages.forms import form_token
from db.models.centres import ListConsent
from db.models.notices import NoticeClock
from db.models.people import Advocate
from db.models.sources import Alert, Consent
from db.queries.consents import sources_to_read
from db.queries.tenants import OrganisationTenant, sources_of
from monitor.evidence.entry_kinds import EntryKind
from tests.support.api_world import ApiWorld, Caller, good
from tests.support.page_forms import ORIGIN, see, send_form

A, B = "Centre A", "Centre B"


async def deeds(world: ApiWorld, case_id: str) -> list[tuple[str, str | None, dict[str, object]]]:
    """Kind, who and facts of every entry of the case."""
    async with world.services.database.read() as session:
        told = await world.context.ledger.told(session, case_id)
    return [(one.row.kind, None if one.by is None else one.by.who, dict(one.facts or {})) for one in told]


async def everything_of(who: Caller, person: Caller, *ids: str) -> list[int]:
    """What each address of the case, and of what is in it, answers this advocate."""
    path = f"/cases/{person.case_id}"
    paths = [path, *(f"{path}/{one}" for one in ("intake", "sightings", "notices", "links", "messages", "consents"))]
    paths += [f"/sightings/{one}" for one in ids]
    return [(await who.call("GET", one)).status_code for one in paths]


async def test_a_case_goes_over_with_the_persons_yes_and_with_everything_that_runs(world: ApiWorld) -> None:
    old, new, third = (
        await world.advocate(),
        await world.advocate("second", B),
        await world.advocate("third", "Centre C"),
    )
    home_b = (await world.advocate_row("second")).organisation_id
    await old.post("/centre/places", {"platform": "telegram", "sources": ["@secretofa"]})
    person = await world.vouched(old)
    path = f"/cases/{person.case_id}"
    await person.post(f"{path}/consents", {"platform": "telegram", "source": "@named", "purposes": ["watch", "follow"]})
    await person.put(f"{path}/list", {"places": 1, "purposes": ["watch"]})
    sent, unsent = [await world.sighting(person, source="named", post_id=post) for post in ("7", "8")]
    body = {"basis": "caption-context", "routes": ["us_tida"]}
    left = (await old.post(f"/sightings/{sent}/confirm", body))["notices"][0]["notice_id"]
    waits = (await old.confirm(unsent, body))["notices"][0]["notice_id"]
    await person.put(f"{path}/resending", {"on": True})
    await old.put(f"{path}/resending", {"on": True})
    await old.post(f"{path}/messages", {"text": "between A and the person"})

    # Nobody is asked by whom it does not concern, and nothing is seen by whoever is to get it.
    assert await old.refused("POST", "/transfers", {"case_id": person.case_id, "to": A}) == (409, "same-centre")
    unknown = {"case_id": person.case_id, "to": "Nowhere"}
    assert await old.refused("POST", "/transfers", unknown) == (409, "organisation-unknown")
    assert await third.refused("POST", "/transfers", {"case_id": person.case_id, "to": B}) == (404, "not-found")
    wanted = {"case_id": person.case_id, "to": B, "days": 7}
    (asked,) = (await old.post("/transfers", wanted))["transfers"]
    assert await old.refused("POST", "/transfers", wanted) == (409, "transfer-stands")
    assert (asked["state"], asked["mine"], asked["ends_with"]) == ("asked", True, person.case_id[-6:])
    (incoming,) = (await new.get("/transfers"))["transfers"]
    assert incoming["incoming"] and incoming["ends_with"] == "" and incoming["state"] == "asked"
    assert person.case_id not in json.dumps(incoming)
    assert (await third.get("/transfers"))["total"] == 0
    assert set(await everything_of(new, person, sent, unsent)) == {404}
    shown = await see(world, new, "/advocate/transfers?lang=en")
    assert "We cannot take a case now" in shown and person.case_id[-6:] not in shown

    # The person is told, and decides alone.
    assert (await person.get(f"{path}/standing"))["asked"] == 1
    (question,) = (await person.get(f"{path}/transfers"))["transfers"]
    yes = f"{path}/transfers/{question['transfer_id']}/agree"
    assert (question["from_centre"], question["to_centre"], question["asked_by_centre"]) == (A, B, A)
    assert await old.refused("POST", yes) == (403, "only-the-person")
    assert await new.refused("POST", yes) == (404, "not-found")
    before = len(await deeds(world, person.case_id))
    await person.post(yes)
    # The answer was lost, and they press again: it is so, and nothing is done twice.
    entries = len(await deeds(world, person.case_id))
    assert (await person.post(yes))["stopped_notices"] == 0
    assert len(await deeds(world, person.case_id)) == entries
    assert await person.refused("POST", yes.replace("/agree", "/decline")) == (409, "transfer-over")

    # The old centre sees nothing from this moment on, the new one all of it but what was between A and the person.
    assert set(await everything_of(old, person, sent, unsent)) == {404}
    assert set(await everything_of(new, person, sent, unsent)) == {200}
    assert [one["state"] for one in (await old.get("/transfers"))["transfers"]] == ["agreed"]
    assert person.case_id in json.dumps(await new.get("/cases")) and person.case_id not in json.dumps(
        await old.get("/cases")
    )
    assert (await new.get(f"{path}/messages"))["messages"] == []
    assert len((await person.get(f"{path}/messages"))["messages"]) == 1, "the person keeps what they were written"
    for page in ("/advocate/cases", "/advocate", "/advocate/copies", "/advocate/notices", "/advocate/alerts"):
        assert person.case_id not in await see(world, old, page)

    # What has left goes on with somebody of the new centre in charge; what has not can be written anew there.
    for one in (left, waits):
        notice = await new.get(f"/notices/{one}")
        assert (notice["state"], notice["reason"]) == ("withdrawn", "case-moved")
    again = await new.post(f"/sightings/{sent}/notices", {"routes": ["us_tida"]})
    assert again["notices"][0]["state"] == "prepared"
    async with world.services.database.read() as session:
        clocks = (await session.scalars(select(NoticeClock).where(NoticeClock.case_id == person.case_id))).all()
        alerts = (await session.scalars(select(Alert).where(Alert.resolved_at.is_(None)))).all()
        listed = (await session.scalars(select(ListConsent).where(ListConsent.case_id == person.case_id))).one()
        consents = (await session.scalars(select(Consent).where(Consent.case_id == person.case_id))).all()
        read = {one.handle for one in await sources_to_read(session, world.clock.time)}
        named = {one.name.handle for one in await sources_of(session, OrganisationTenant(home_b))}
    second = (await world.advocate_row("second")).id
    assert {one.advocate_id for one in clocks} <= {second}
    assert {one.organisation_id for one in alerts if one.subject == person.case_id} == {home_b}
    assert "case-arrived" in {one.kind for one in alerts}
    # Consents stand as the person gave them; the yes to A's list ends, no withdrawal, and B never learns a name of it.
    assert read == {"named"} == named and listed.withdrawn_at is None
    assert [one.withdrawn_at for one in consents] == [None] * len(consents)
    resending = await person.get(f"{path}/resending")
    assert (resending["person"], resending["advocate"]) == (True, False)
    await person.post("/log-ins/person", {"case_id": person.case_id, "passphrase": person.passphrase})  # its keys too

    # Both deeds stand in the ledger, each with its doer.
    told = await deeds(world, person.case_id)
    (ask,) = [one for one in told if one[0] == EntryKind.TRANSFER_ASKED]
    (moved,) = [one for one in told[before:] if one[0] == EntryKind.CASE_TRANSFERRED]
    assert (ask[1], moved[1], moved[2]["to"]) == ("advocate", "person", home_b)

    shown = await see(world, new, "/advocate/alerts?lang=en")
    assert "A case came to your centre" in shown
    assert "arrival-seen" in await send_form(world, new, "/advocate/alerts/arrived", {"case": person.case_id})
    assert "A case came to your centre" not in await see(world, new, "/advocate/alerts?lang=en")


async def test_a_no_a_refusal_and_time_leave_everything_as_it_was(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    old, new = await world.advocate(), await world.advocate("second", B)
    person = await world.vouched(old)
    path = f"/cases/{person.case_id}"
    wanted = {"case_id": person.case_id, "to": B, "days": 3}

    async def ask() -> str:
        world.clock.time += timedelta(minutes=1)
        return str((await old.post("/transfers", wanted))["transfers"][0]["transfer_id"])

    first = await ask()
    for _ in range(2):  # the second time because the answer was lost
        await person.post(f"{path}/transfers/{first}/decline")
    assert await person.refused("POST", f"{path}/transfers/{first}/agree") == (409, "transfer-over")
    await ask()
    (one, _) = (await new.get("/transfers"))["transfers"]
    await new.delete(f"/transfers/{one['transfer_id']}")
    assert await new.refused("DELETE", f"/transfers/{one['transfer_id']}") == (409, "transfer-over")
    third = await ask()
    await old.delete(f"/transfers/{third}")
    late = await ask()
    world.clock.time += timedelta(days=4)
    assert await person.refused("POST", f"{path}/transfers/{late}/agree") == (409, "transfer-over")
    states = [one["state"] for one in (await old.get("/transfers"))["transfers"]]
    assert sorted(states) == ["declined", "over", "refused", "taken-back"]
    assert sorted(one["state"] for one in (await new.get("/transfers"))["transfers"]) == sorted(states)
    assert (await person.get(f"{path}/standing"))["asked"] == 0
    assert (await old.call("GET", path)).status_code == 200 and (await new.call("GET", path)).status_code == 404
    await ask()  # what ran out is in nobody's way
    kinds = [kind for kind, _, _ in await deeds(world, person.case_id)]
    assert (kinds.count("transfer-asked"), kinds.count("transfer-declined"), kinds.count("transfer-ended")) == (5, 1, 2)
    assert await old.refused("POST", "/transfers", {**wanted, "days": 61}) == (422, "invalid")
    assert "transfer-days" in await send_form(
        world, old, "/advocate/transfers/ask", {"case": person.case_id, "to": B, "days": "900"}
    )


async def test_another_centre_is_answered_when_the_person_brings_the_number(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    old, new = await world.advocate(), await world.advocate("second", B)
    person, waiting = await world.vouched(old), await world.person()
    for caller, number, where in (
        (old, person, "here"),
        (new, person, "elsewhere"),
        (new, waiting, "waiting"),
    ):
        assert (await caller.get(f"/numbers/{number.case_id}"))["where"] == where
    assert await new.refused("GET", f"/numbers/{'a' * 26}") == (404, "not-found")
    assert await person.refused("GET", f"/numbers/{person.case_id}") == (403, "advocates-only")
    shown = await see(world, new, f"/advocate/cases?lang=en&number={person.case_id.upper()}")
    assert "Another centre looks after this case" in shown and "Centre A" not in shown
    asked = {"case": person.case_id, "days": "14"}
    assert "transfer-asked" in await send_form(world, new, "/advocate/transfers/ask", asked)
    (mine,) = (await old.get("/transfers"))["transfers"]
    assert (mine["asked_by_centre"], mine["mine"], mine["incoming"]) == (B, False, False)
    path = f"/cases/{person.case_id}"
    (question,) = (await person.get(f"{path}/transfers"))["transfers"]
    await person.post(f"{path}/transfers/{question['transfer_id']}/agree")
    assert (await new.get(path))["state"] == "vouched" and (await old.call("GET", path)).status_code == 404


HOLD = {"reason": "a doubt", "speak_to": "Desk, 02-000"}


async def test_the_person_reads_and_ends_a_new_passphrase_while_their_case_is_on_hold(world: ApiWorld) -> None:
    lead, plain = await world.advocate(), await world.advocate("third")
    person = await world.vouched(lead)
    path = f"/cases/{person.case_id}"
    await lead.post(f"{path}/reissue")
    await lead.put(f"{path}/freeze", HOLD)
    told = (await person.get(f"{path}/reissue"))["waiting"]
    assert (told["centre"], told["on_hold"]) == (A, True)
    # Nothing else of a case on hold is shown by that, and to advocates as little as before.
    assert await person.refused("GET", f"{path}/standing") == (409, "case-frozen")
    for who in (lead, plain):
        assert await who.refused("GET", f"{path}/reissue") == (409, "case-frozen")
        assert await who.refused("DELETE", f"{path}/reissue") == (409, "case-frozen")
    await person.delete(f"{path}/reissue")
    assert (await person.get(f"{path}/reissue"))["waiting"] is None
    await lead.delete(f"{path}/freeze")
    world.clock.move(days=4)
    assert await lead.refused("POST", f"{path}/reissue/draw") == (409, "reissue-over")


async def test_the_delay_of_a_new_passphrase_rests_while_the_case_is_on_hold(world: ApiWorld) -> None:
    lead = await world.advocate()
    person = await world.vouched(lead)
    path = f"/cases/{person.case_id}"
    asked = await lead.post(f"{path}/reissue")
    world.clock.move(days=1)
    await lead.put(f"{path}/freeze", HOLD)
    # Longer than it could ever have been drawn: it waits, and both sides see that it does.
    world.clock.move(days=40)
    assert (await person.get(f"{path}/reissue"))["waiting"]["asked_at"] == asked["asked_at"]
    (seen,) = (await lead.get("/reissues"))["waiting"]
    assert (seen["case_id"], seen["on_hold"]) == (person.case_id, True)
    page = await see(world, lead, "/advocate/passphrases?lang=en")
    assert "is on hold" in page and "Draw the new passphrase now" not in page
    await lead.delete(f"{path}/freeze")
    assert await lead.refused("POST", f"{path}/reissue/draw") == (409, "reissue-early")
    waiting = (await person.get(f"{path}/reissue"))["waiting"]
    for name in ("due_at", "ends_at"):
        assert datetime.fromisoformat(waiting[name]) - datetime.fromisoformat(asked[name]) == timedelta(days=40), name
    assert waiting["on_hold"] is False
    world.clock.move(days=1, hours=23)
    assert await lead.refused("POST", f"{path}/reissue/draw") == (409, "reissue-early")
    world.clock.move(hours=2)
    # What could be drawn before a hold can be drawn after it, for as long as was left.
    await lead.put(f"{path}/freeze", HOLD)
    world.clock.move(days=20)
    await lead.delete(f"{path}/freeze")
    assert (await lead.post(f"{path}/reissue/draw"))["passphrase"]


async def test_what_was_over_before_a_hold_stays_over(sqlite_world: ApiWorld) -> None:
    lead = await sqlite_world.advocate()
    person = await sqlite_world.vouched(lead)
    path = f"/cases/{person.case_id}"
    await lead.post(f"{path}/reissue")
    sqlite_world.clock.move(days=18)
    await lead.put(f"{path}/freeze", HOLD)
    assert (await person.get(f"{path}/reissue"))["waiting"] is None
    await lead.delete(f"{path}/freeze")
    assert await lead.refused("POST", f"{path}/reissue/draw") == (409, "reissue-over")


@pytest.mark.parametrize("asked_by", ["person", "advocate"])
async def test_an_erasure_ends_a_new_passphrase_that_was_asked_for(sqlite_world: ApiWorld, asked_by: str) -> None:
    """The page of a case that is being erased says nothing of it: it must not come due meanwhile."""
    lead = await sqlite_world.advocate()
    person = await sqlite_world.vouched(lead)
    path = f"/cases/{person.case_id}"
    await lead.post(f"{path}/reissue")
    if asked_by == "person":
        await person.post(f"{path}/erasure", {"passphrase": person.passphrase})
    else:
        await lead.post(f"{path}/erasure")
        mandate = {"kind": "written", "dated": "2026-01-01", "covers": ["erasure"]}
        await lead.post(f"{path}/mandates", mandate)
    assert (await person.get(path))["state"] == "erasing"
    sqlite_world.clock.move(days=4)
    await person.delete(f"{path}/erasure")
    assert (await person.get(f"{path}/standing"))["reissue_due_at"] is None
    assert await lead.refused("POST", f"{path}/reissue/draw") == (409, "reissue-over")


async def test_a_new_passphrase_comes_after_a_delay_that_the_old_one_can_end(
    sqlite_world: ApiWorld,
) -> None:
    world = sqlite_world
    lead, other = await world.advocate(), await world.advocate("second", B)
    plain = await world.advocate("third")  # of the same centre, and no lead
    person = await world.vouched(lead)
    path = f"/cases/{person.case_id}"
    assert await plain.refused("POST", f"{path}/reissue") == (403, "leads-only")
    assert await plain.refused("GET", "/reissues") == (403, "leads-only")
    assert await other.refused("POST", f"{path}/reissue") == (404, "not-found")
    assert await person.refused("POST", f"{path}/reissue") == (403, "advocates-only")
    asked = await lead.post(f"{path}/reissue")
    assert await lead.refused("POST", f"{path}/reissue") == (409, "reissue-stands")
    assert await lead.refused("POST", f"{path}/reissue/draw") == (409, "reissue-early")
    # The person's page says so at once, and one tap ends it.
    assert (await person.get(f"{path}/standing"))["reissue_due_at"] == asked["due_at"]
    assert (await person.get(f"{path}/reissue"))["waiting"]["centre"] == A
    assert await plain.refused("DELETE", f"{path}/reissue") == (403, "leads-only")
    await person.delete(f"{path}/reissue")
    assert (await person.get(f"{path}/standing"))["reissue_due_at"] is None
    world.clock.time += timedelta(days=4)
    assert await lead.refused("POST", f"{path}/reissue/draw") == (409, "reissue-over")

    # Nobody says anything: after three days the words are shown once, and the old ones open nothing.
    form = {"case": person.case_id, "sure": "on"}
    assert "leads-only" in await send_form(world, plain, "/advocate/passphrases/ask", form)
    assert "reissue-asked" in await send_form(world, lead, "/advocate/passphrases/ask", form)
    assert person.case_id in await see(world, lead, "/advocate/passphrases")
    assert person.case_id not in await see(world, plain, "/advocate/passphrases")
    world.clock.time += timedelta(days=2, hours=23)
    assert await lead.refused("POST", f"{path}/reissue/draw") == (409, "reissue-early")
    world.clock.time += timedelta(hours=2)
    headers = {"Cookie": f"__Host-jikimi_login={lead.token}", "Origin": ORIGIN}
    data = {"token": form_token(lead.token or ""), "case": person.case_id}
    page = await world.http.post("/advocate/passphrases/draw", headers=headers, data=data)
    words = page.text.partition('<p class="words">')[2].partition("</p>")[0]
    assert page.status_code == 200 and len(words.split()) == 7 and "no-store" in page.headers["cache-control"]
    old = {"case_id": person.case_id, "passphrase": person.passphrase}
    assert (await world.nobody().call("POST", "/log-ins/person", old)).status_code == 401
    assert (await person.call("GET", path)).status_code == 401, "whoever was in is out"
    again = good(await world.nobody().call("POST", "/log-ins/person", {**old, "passphrase": words}))

    # Whom the lead handed words draws others that nobody else knows.
    back = Caller(world.http, again["token"], person.case_id, words)
    needed, over = (403, "passphrase-needed"), (422, "new-words-over")
    assert await back.refused("POST", f"{path}/passphrase/words", {"passphrase": person.passphrase}) == needed
    drawn = await back.post(f"{path}/passphrase/words", {"passphrase": words})
    assert drawn["passphrase"] != words and (await back.get(path))["state"] == "vouched", "nothing changed yet"
    for wrong in ({"passphrase": words}, {"mark": "1." + "0" * 64}, {"mark": "x"}, {"mark": drawn["mark"][:-1]}):
        assert await back.refused("POST", f"{path}/passphrase", drawn | wrong) == over, wrong
    taken = await back.post(f"{path}/passphrase", drawn)
    assert (await back.call("GET", path)).status_code == 401
    own = Caller(world.http, taken["token"], person.case_id)
    assert await own.refused("POST", f"{path}/passphrase", drawn) == over, "the passphrase is another one now"
    late = await own.post(f"{path}/passphrase/words", {"passphrase": drawn["passphrase"]})
    world.clock.move(minutes=31)
    assert await own.refused("POST", f"{path}/passphrase", late) == over
    assert (await own.get(path))["state"] == "vouched"
    assert (await world.nobody().call("POST", "/log-ins/person", {**old, "passphrase": words})).status_code == 401
    told = [
        (kind, who) for kind, who, _ in await deeds(world, person.case_id) if "ssue" in kind or "passphrase" in kind
    ]
    assert told == [
        ("reissue-asked", "advocate"),
        ("reissue-cancelled", "person"),
        ("reissue-asked", "advocate"),
        ("passphrase-reissued", "advocate"),
        ("passphrase-changed", "person"),
    ]
    # Not drawn in time, it must be asked for again.
    await lead.post(f"{path}/reissue")
    world.clock.time += timedelta(days=18)
    assert await lead.refused("POST", f"{path}/reissue/draw") == (409, "reissue-over")
    assert (await lead.get("/reissues"))["waiting"] == []


async def move(old: Caller, person: Caller) -> None:
    """The person agrees that the case goes to centre B."""
    await old.post("/transfers", {"case_id": person.case_id, "to": B})
    (question,) = (await person.get(f"/cases/{person.case_id}/transfers"))["transfers"]
    await person.post(f"/cases/{person.case_id}/transfers/{question['transfer_id']}/agree")


async def take_in_charge(world: ApiWorld, advocate: Caller, person: Caller) -> None:
    assert "done=" in await send_form(world, advocate, f"/advocate/cases/{person.case_id}/hand-over", {"to": "me"})


@pytest.mark.parametrize("in_charge", [False, True])
async def test_what_is_written_after_a_move_names_nobody_of_the_centre_before(
    sqlite_world: ApiWorld, in_charge: bool
) -> None:
    world = sqlite_world
    old, lead, new = [
        await world.advocate(login, centre) for login, centre in (("first", A), ("second", B), ("third", B))
    ]
    for who, alias in ((old, "Before"), (lead, "Lead"), (new, "After")):
        await who.put("/account/alias", {"alias": alias})
    person = await world.vouched(old)
    sighting = await world.sighting(person)
    await old.post(f"/sightings/{sighting}/confirm", {"basis": "caption-context", "routes": []})
    await move(old, person)
    if in_charge:
        await take_in_charge(world, new, person)
    written = await new.post(f"/sightings/{sighting}/notices", {"routes": ["us_tida"]})
    leaves = await new.get(f"/notices/{written['notices'][0]['notice_id']}/preview")
    name = "After" if in_charge else "Lead"
    assert leaves["envelope"]["sender"].startswith(f'"{B}') and name in leaves["envelope"]["sender"]
    assert f"{name}, who took this over from the centre that confirmed it" in leaves["text"]
    assert "Before" not in json.dumps(leaves) and A not in json.dumps(leaves)


async def test_nobody_of_the_centre_before_is_in_charge_of_what_was_filed_and_of_a_duty(
    sqlite_world: ApiWorld,
) -> None:
    world, old = sqlite_world, await sqlite_world.advocate()
    new = await world.advocate("second", B)
    person = await world.vouched(old, intake={"age_group": "minor"})
    filed, untold = [await world.sighting(person, post_id=post) for post in ("7", "8")]
    for one in (filed, untold):
        await old.post(f"/sightings/{one}/confirm", {"basis": "caption-context"})
    await old.post(f"/copies/{filed}/filings", {"step": "kr_commission", "reference": "P-1"})
    before = (await old.get("/clocks"))["clocks"]
    assert {one["advocate_id"] for one in before} == {(await world.advocate_row()).id}
    await move(old, person)
    clocks = (await new.get("/clocks"))["clocks"]
    assert [one["kind"] for one in clocks] == [one["kind"] for one in before]
    assert {one["advocate_id"] for one in clocks} == {""}
    await take_in_charge(world, new, person)
    assert all(one["mine"] for one in (await new.get("/clocks"))["clocks"])


async def test_the_centre_that_has_the_case_does_not_keep_the_question_from_the_person(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    old, new = await world.advocate(), await world.advocate("second", B)
    person = await world.vouched(old)
    asked = (await new.post("/transfers", {"case_id": person.case_id}))["transfers"][0]["transfer_id"]
    assert await old.refused("DELETE", f"/transfers/{asked}") == (403, "only-the-person")
    shown = await see(world, old, "/advocate/transfers?lang=en")
    assert "Whether the case goes is theirs to say" in shown and 'action="/advocate/transfers/end"' not in shown
    assert 'action="/advocate/transfers/end"' in await see(world, new, "/advocate/transfers")
    await person.post(f"/cases/{person.case_id}/transfers/{asked}/agree")
    assert (await new.call("GET", f"/cases/{person.case_id}")).status_code == 200


async def test_no_case_goes_where_nobody_works_any_more(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    old, _ = await world.advocate(), await world.advocate("second", B)
    person = await world.vouched(old)
    asked = (await old.post("/transfers", {"case_id": person.case_id, "to": B}))["transfers"][0]["transfer_id"]
    async with world.services.database.begin() as session:
        (await session.get_one(Advocate, (await world.advocate_row("second")).id)).disabled_at = world.clock.now()
    yes = f"/cases/{person.case_id}/transfers/{asked}/agree"
    assert await person.refused("POST", yes) == (409, "centre-empty")
    assert (await old.call("GET", f"/cases/{person.case_id}")).status_code == 200
    await person.post(yes.replace("/agree", "/decline"))


async def test_the_record_calls_people_of_the_centre_before_by_their_name_for_work(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    old, new = await world.advocate(), await world.advocate("second", B)
    own, theirs = (await world.advocate_row("second")).name, "Their Own"
    async with world.services.database.begin() as session:
        (await session.get_one(Advocate, (await world.advocate_row()).id)).name = theirs
    for who, alias in ((old, "Before"), (new, "After")):
        await who.put("/account/alias", {"alias": alias})
    person = await world.vouched(old)
    await old.post(f"/sightings/{await world.sighting(person)}/confirm", {"basis": "caption-context", "routes": []})
    await move(old, person)
    await new.put(f"/cases/{person.case_id}/desk", {"name": "Blue", "tags": []})
    record = await see(world, new, f"/advocate/cases/{person.case_id}/record")
    police = await see(world, new, f"/advocate/cases/{person.case_id}/police")
    told = json.dumps((await new.get(f"/cases/{person.case_id}/record"))["entries"])
    assert all("Before" in one for one in (record, police, told))
    assert theirs not in record + police + told and f"{own} · {B}" in record
