"""What leads see of their centre, who did what, and what an advocate sees of their own days, at both doors."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

from sqlalchemy import update

from api.pages.forms import form_token
from db.models.people import Advocate
from monitor.evidence.chain import GENESIS, INSTALLATION
from monitor.exports.audit import message_of, row_hash
from tests.support.api_world import ApiWorld, Caller, good
from tests.support.page_forms import ORIGIN, see, send_form
from tests.support.statements import statements_of

TOLD = "A text that nobody may read in an audit."


async def fetched(world: ApiWorld, who: Caller, **values: str) -> str:
    """The file that the page's form gives."""
    headers = {"Cookie": f"__Host-jikimi_login={who.token}", "Origin": ORIGIN}
    data = {"token": form_token(who.token or ""), **values}
    answer = await world.http.post("/advocate/audit/export", headers=headers, data=data)
    assert answer.status_code == 200 and "attachment" in answer.headers["content-disposition"]
    return answer.content.decode("utf-8-sig")


async def test_a_lead_reads_who_did_what_chooses_pages_and_takes_it_along(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    lead, mate = await world.advocate(), await world.advocate("second")
    other = await world.advocate("third", "Centre B")
    ids = {login: (await world.advocate_row(login)).id for login in ("first", "second", "third")}
    person, theirs = await world.vouched(lead), await world.vouched(other)
    await mate.post(f"/cases/{person.case_id}/messages", {"text": TOLD})
    mine = await world.sighting(person)
    await mate.post(f"/sightings/{mine}/dismiss", {"reason": "harmless"})
    world.clock.time += timedelta(days=2)
    await lead.post(f"/sightings/{mine}/reopen")
    await other.post(f"/cases/{theirs.case_id}/messages", {"text": "of another centre"})

    # Leads only, at every door.
    for path in ("/audit", "/overview"):
        assert await mate.refused("GET", path) == (403, "leads-only")
        assert (await world.http.get(f"/advocate{path}", headers=_cookie(mate))).status_code == 403
    assert await mate.refused("POST", "/audit/export", {"form": "csv"}) == (403, "leads-only")

    whole = await lead.get("/audit")
    kinds = [(one["kind"], one["name"] or one["who"]) for one in whole["deeds"]]
    assert kinds[0] == ("sighting-reopened", "Signing Advocate") and ("message-written", "Signing Advocate") in kinds
    assert ("case-opened", "person") in kinds and ("codes-made", "Signing Advocate") in kinds
    assert "sighting-found" not in {kind for kind, _ in kinds}, "what the program does is asked for apart"
    assert ids["third"] not in json.dumps(whole) and theirs.case_id not in json.dumps(whole)
    assert TOLD not in json.dumps(whole) and whole["following"] is None

    async def chosen(**asked: str) -> set[str]:
        found = await lead.get("/audit?" + "&".join(f"{name}={value}" for name, value in asked.items()))
        return {one["kind"] for one in found["deeds"]}

    assert await chosen(who=ids["second"]) == {"logged-in", "message-written", "sighting-dismissed"}
    assert await chosen(group="deciding") == {"sighting-dismissed", "sighting-reopened"}
    assert "sighting-found" in await chosen(who="program")
    day = (world.clock.time + timedelta(hours=9)).date()
    assert await chosen(since=day.isoformat(), group="deciding") == {"sighting-reopened"}
    assert await chosen(until=(day - timedelta(days=1)).isoformat(), group="deciding") == {"sighting-dismissed"}
    assert await chosen(case_id=theirs.case_id) == set(), "another centre's case has no entries here"
    # A case on hold shows nothing of what was done in it.
    await lead.put(f"/cases/{person.case_id}/freeze", {"reason": "a doubt", "speak_to": "the desk"})
    assert await chosen(group="deciding") == set()
    await lead.delete(f"/cases/{person.case_id}/freeze")

    # The page says it in words, in both languages, and leads on where there is more.
    shown = await see(world, lead, "/advocate/audit?lang=en")
    assert "A decision about a copy was undone." in shown and "Logged in." in shown and "the person" in shown
    korean = await see(world, lead, "/advocate/audit?lang=ko")
    assert "사본에 대한 판단을 취소했어요" in korean and "undone" not in korean
    for number in range(30):
        await mate.post(f"/cases/{person.case_id}/messages", {"text": f"again {number}"})
        await person.get(f"/cases/{person.case_id}/messages")
    first = await lead.get("/audit")
    second = await lead.get(f"/audit?after={first['following'].replace('+', '%2B')}")
    places = [one["entry_hash"] for page in (first, second) for one in page["deeds"]]
    # Of the chain that all centres share neither numbers nor neighbours: they would tell what others do.
    shared = [one for page in (first, second) for one in page["deeds"] if not one["case_id"]]
    assert shared and {(one["seq"], one["prev_hash"]) for one in shared} == {(None, "")}
    assert len(first["deeds"]) == 50 and len(set(places)) == len(places) and second["deeds"]
    assert "Older" in await see(world, lead, "/advocate/audit?lang=en")

    # Taken along: signed, chained, and with the ledger's own hashes. That it was taken is in the ledger.
    document = good(await lead.call("POST", "/audit/export", {"form": "json", "language": "en"}))
    public = world.services.keys.signing_key().public_key()
    public.verify(bytes.fromhex(document["signature"]), message_of(document["signed_at"], document["deeds"]))
    assert document["whole"] and len(document["deeds"]) >= len(places)
    async with world.services.database.read() as session:
        rows = await world.context.ledger.told(session, person.case_id)
        ours = await world.context.ledger.told(session, INSTALLATION)
    hashes = {one.row.seq: one.row.entry_hash for one in rows}
    of_case = [one for one in document["deeds"] if one["case"] == person.case_id]
    assert of_case and all(one["entry_hash"] == hashes[one["seq"]] for one in of_case)
    assert [one.row.kind for one in ours][-1] == "audit-exported"
    header, *lines = csv.reader(io.StringIO(await fetched(world, lead, form="csv", group="deciding")))
    *deeds, signed = lines
    last = GENESIS
    for line in deeds:
        last = row_hash(last, line[:-1])
        assert line[-1] == last
    assert header[-1] == "row_hash" and signed[-1] == last and len(deeds) == 2
    public.verify(bytes.fromhex(signed[2]), f"jikimi-audit-1\n{signed[0]}\n{last}\n".encode())
    with statements_of(world.services.database) as asked:
        await see(world, lead, "/advocate/audit?lang=en")
        audit = len(asked)
        asked.clear()
        await see(world, lead, "/advocate/overview?lang=en")
        overview = len(asked)
        asked.clear()
        await see(world, lead, "/advocate/rest?lang=en")
    assert max(audit, overview, len(asked)) <= 12, "however many deeds and people there are"


async def test_a_leads_view_counts_what_waits_and_what_was_taken_back_and_ranks_nobody(
    sqlite_world: ApiWorld,
) -> None:
    world = sqlite_world
    lead, _ = await world.advocate(), await world.advocate("second")
    person, _waiting = await world.vouched(lead), await world.person()
    await person.post(f"/cases/{person.case_id}/messages", {"text": "a question"})
    for number in range(20):
        sighting = await world.sighting(person, post_id=str(100 + number))
        await lead.post(f"/sightings/{sighting}/dismiss", {"reason": "harmless"})
    await lead.post(f"/sightings/{sighting}/reopen")
    confirmed = await world.sighting(person, post_id="7")
    await lead.confirm(confirmed, {"basis": "caption-context", "routes": ["us_tida"]})
    await lead.post(f"/sightings/{confirmed}/reopen", {"reason": "wrong-copy"})
    world.clock.time += timedelta(days=4)
    found = await lead.get("/overview")
    assert (found["in_pool"], found["late_in_pool"], found["unread"], found["undecided"]) == (1, 1, 1, 2)
    wrong = found["wrong"]
    assert (wrong["decisions"], wrong["dismissals_back"], wrong["confirmations_back"]) == (21, 1, 1)
    assert wrong["per_hundred"] == round(200 / 21, 1)
    assert [one["name"] for one in found["load"]] == ["Signing Advocate"] * 2
    assert not {"decided", "decisions", "rank", "per_hour"} & set(found["load"][0])
    shown = await see(world, lead, "/advocate/overview?lang=en")
    assert "Of a hundred decisions 9.5 were taken back later." in shown and "not who is faster" in shown
    world.clock.time += timedelta(days=90)
    assert (await lead.get("/overview"))["wrong"]["per_hundred"] is None, "too few to say"


async def test_an_advocate_sees_what_they_opened_alone_and_is_reminded_gently(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    mine, other = await world.advocate(), await world.advocate("second")
    start = await mine.get("/rest")
    assert len(start["days"]) == 14 and start["minutes"] == 60 and start["next_at"]
    token = {"token": form_token(mine.token or "")}
    answer = await world.http.post("/advocate/rest/opened", headers=_cookie(mine), data=token)
    assert answer.json() == {"today": 1}
    assert (await mine.post("/rest/opened"))["today"] == 2
    assert (await mine.get("/rest"))["days"][0]["opened"] == 2
    assert (await other.get("/rest"))["days"][0]["opened"] == 0, "nobody sees another's"
    assert "opened" not in json.dumps(await mine.get("/overview"))

    async def due() -> bool:
        return "A short break does you good" in await see(world, mine, "/advocate/cases?lang=en")

    async def pass_by(minutes: int) -> None:
        """As if so many minutes had gone."""
        async with world.services.database.begin() as session:
            at = datetime.now(UTC) - timedelta(minutes=minutes) + timedelta(minutes=60)
            await session.execute(update(Advocate).where(Advocate.login == "first").values(next_break_at=at))

    assert not await due()
    await pass_by(61)
    assert await due()
    assert await send_form(world, mine, "/advocate/rest/later", {"to": "/advocate/cases"}) == "/advocate/cases"
    assert not await due()
    next_at = datetime.fromisoformat((await mine.get("/rest"))["next_at"])
    assert timedelta(minutes=9) < next_at - datetime.now(UTC) <= timedelta(minutes=10)
    await pass_by(61)
    assert "break-taken" in await send_form(world, mine, "/advocate/rest/had", {"to": "//elsewhere.example"})
    assert not await due()
    assert "break-kept" in await send_form(world, mine, "/advocate/rest/setting", {"minutes": "0"})
    assert (await mine.get("/rest"))["next_at"] is None and not await due()
    assert "invalid" in await send_form(world, mine, "/advocate/rest/setting", {"minutes": "5"})
    assert (await mine.put("/rest", {"minutes": 25}))["minutes"] == 25


def _cookie(who: Caller) -> dict[str, str]:
    return {"Cookie": f"__Host-jikimi_login={who.token}", "Origin": ORIGIN}
