"""What the police ask platforms to keep: drafts at both doors, what they told us of, the reminder before its end."""

import re
from datetime import timedelta

from db.models.sightings import Sighting
from db.models.sources import Source
from monitor.core.refusals import Refusal
from monitor.exports.custody.recording import tell_ending
from tests.support.api_world import ApiWorld, Caller


async def confirmed(world: ApiWorld) -> tuple[Caller, Caller]:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    sighting = await world.sighting(person)
    await advocate.post(f"/sightings/{sighting}/confirm", {"basis": "caption-context", "routes": []})
    async with world.services.database.begin() as session:
        row = await session.get_one(Sighting, sighting)
        (await session.get_one(Source, row.source_id)).remote_id = "1500000042"
    return advocate, person


async def alerts(advocate: Caller) -> list[str]:
    return [one["kind"] for one in (await advocate.get("/operations/alerts"))["alerts"]]


async def test_drafts_name_the_copies_and_that_they_were_read_is_noted(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    advocate, person = await confirmed(world)
    told = await advocate.get(f"/cases/{person.case_id}/preservation")
    assert [(one["platform"], one["language"]) for one in told["drafts"]] == [("telegram", "ko"), ("telegram", "en")]
    assert all("1500000042" in one["body"] and person.case_id in one["body"] for one in told["drafts"])
    assert told["recorded"] == []
    steps = [(one["act"], one["kind"], one["who"], one["name"]) for one in told["custody"]]
    assert any(step[:2] == ("collected", "sighting-found") for step in steps)
    assert any(step[:3] == ("decided", "sighting-confirmed", "advocate") and step[3] for step in steps)
    assert steps[-1][:3] == ("seen", "evidence-read", "advocate")
    kinds = [one["kind"] for one in (await advocate.get(f"/cases/{person.case_id}/ledger"))["entries"]]
    assert kinds.count("evidence-read") == 1
    other = await world.advocate("second", "Centre B")
    assert await other.refused("GET", f"/cases/{person.case_id}/preservation") == (404, Refusal.NOT_FOUND)


async def test_advocate_who_opens_a_copy_leaves_an_entry(sqlite_world: ApiWorld) -> None:
    advocate = await sqlite_world.advocate()
    person = await sqlite_world.vouched(advocate)
    sighting = await sqlite_world.sighting(person)
    await advocate.get(f"/sightings/{sighting}")
    kinds = [one["kind"] for one in (await advocate.get(f"/cases/{person.case_id}/ledger"))["entries"]]
    assert kinds[-1] == "evidence-read"


async def test_request_runs_for_90_days_and_its_renewal_is_asked_for_a_week_before(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    advocate, person = await confirmed(world)
    path, now = f"/cases/{person.case_id}/preservation", world.clock.now()
    body = {"platform": "telegram", "sent_at": now.isoformat(), "reference": "#2026-77"}
    told = await advocate.post(path, body)
    (one,) = told["recorded"]
    assert (one["reference"], one["latest"]) == ("2026-77", True)
    assert "renewal" in told["drafts"][1]["subject"].lower() and "연장" in told["drafts"][0]["subject"]

    async def tick() -> None:
        async with world.services.database.begin() as session:
            await tell_ending(session, world.context)

    await tick()
    assert "preservation-ends" not in await alerts(advocate)
    world.clock.move(days=83, minutes=1)
    await tick()
    assert "preservation-ends" in await alerts(advocate)
    await advocate.post(path, {"platform": "telegram", "sent_at": world.clock.now().isoformat()})
    assert "preservation-ends" not in await alerts(advocate)
    world.clock.move(days=91)
    await tick()
    assert "preservation-ends" not in await alerts(advocate)  # it is over: nothing is left to renew
    assert "renewal" not in (await advocate.get(path))["drafts"][1]["subject"].lower()


async def test_times_that_cannot_be_are_refused(sqlite_world: ApiWorld) -> None:
    advocate, person = await confirmed(sqlite_world)
    path, now = f"/cases/{person.case_id}/preservation", sqlite_world.clock.now()
    for at in (now + timedelta(hours=1), now - timedelta(days=91)):
        body = {"platform": "telegram", "sent_at": at.isoformat()}
        assert await advocate.refused("POST", path, body) == (422, Refusal.PRESERVATION_TIME)
    elsewhere = {"platform": "x", "sent_at": now.isoformat()}
    assert (await advocate.refused("POST", path, elsewhere))[1] == Refusal.PLATFORM_MISMATCH


async def test_page_shows_drafts_in_both_languages_and_records(sqlite_world: ApiWorld) -> None:
    advocate, person = await confirmed(sqlite_world)
    cookie = {"Cookie": f"__Host-jikimi_login={advocate.token}"}
    address = f"/advocate/cases/{person.case_id}/police"
    page = (await sqlite_world.http.get(f"{address}?lang=en", headers=cookie)).text
    assert (
        "Nothing is recorded yet" in page and "DRAFT for a law enforcement agency" in page and "수사기관용 초안" in page
    )
    assert "(?) No page of the platform" in page
    token = re.search(r'name="token" value="([0-9a-f]+)"', page)
    assert token is not None
    at = f"{sqlite_world.clock.now() - timedelta(hours=2):%Y-%m-%dT%H:%M}"
    form = {"token": token[1], "platform": "telegram", "sent_at": at, "zone": "UTC", "reference": ""}
    headers = cookie | {"Origin": "https://jikimi.example.org"}
    sent = await sqlite_world.http.post(f"{address}/sent", data=form, headers=headers)
    assert sent.headers["location"].endswith("done=preservation-recorded")
    page = (await sqlite_world.http.get(f"{address}?lang=ko", headers=cookie)).text
    assert "진행 중" in page and "경찰에 전할 것" in page
    none = await sqlite_world.http.post(f"{address}/sent", data=form | {"sent_at": ""}, headers=headers)
    assert "problem=preservation-time" in none.headers["location"]
    case_page = (await sqlite_world.http.get(f"{address.removesuffix('/police')}?lang=en", headers=cookie)).text
    assert f'href="{address}"' in case_page
