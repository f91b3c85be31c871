"""What the police ask platforms to keep: drafts at both doors, what they told us of, the reminder before its end."""

import re
from datetime import timedelta

from sqlalchemy import select

from db.locking import lock_one
from db.models.cases import Case
from db.models.preservations import Preservation
from db.models.sightings import Sighting
from db.models.sources import Alert, Source
from db.types import new_id
from monitor.actions.clocks import clocks_that_run
from monitor.core.refusals import Refusal
from monitor.exports.custody.recording import tell_ending
from monitor.jobs.reminders import AHEAD, body_of
from monitor.model.records.preservation import PreservationRecord
from tests.support.api_world import ApiWorld, Caller
from tests.support.page_forms import see, send_form


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
    assert "preservation-ends" in await alerts(advocate)  # nobody renewed it, and nobody said that it is not needed
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


async def tick(world: ApiWorld) -> None:
    async with world.services.database.begin() as session:
        await tell_ending(session, world.context)


async def ends(advocate: Caller) -> list[str]:
    told = (await advocate.get("/operations/alerts"))["alerts"]
    return [one["reason"] for one in told if one["kind"] == "preservation-ends"]


async def clocks(advocate: Caller, case_id: str) -> list[dict[str, object]]:
    found = (await advocate.get("/clocks"))["clocks"]
    return [one for one in found if one["case_id"] == case_id and one["kind"] == "preservation"]


async def test_one_that_ran_out_is_told_until_somebody_answers(world: ApiWorld) -> None:
    advocate, person = await confirmed(world)
    path, now = f"/cases/{person.case_id}/preservation", world.clock.now()
    (one,) = (await advocate.post(path, {"platform": "telegram", "sent_at": now.isoformat()}))["recorded"]
    first = (await world.advocate_row()).id
    (clock,) = await clocks(advocate, person.case_id)
    assert (clock["ends_at"], clock["route"], clock["sighting_id"]) == (one["ends_at"], "telegram", None)
    assert (clock["advocate_id"], clock["mine"]) == (first, True)
    world.clock.move(days=84)
    await tick(world)
    assert await ends(advocate) == ["ends-soon"]
    async with world.services.database.read() as session:
        named = select(Alert.advocate_id).where(Alert.kind == "preservation-ends")
        assert (await session.scalars(named)).all() == [first]
    # Its time is over and nobody renewed it: told anew, and it stays, however long.
    for days in (7, 60, 200):
        world.clock.move(days=days)
        await tick(world)
        assert await ends(advocate) == ["ended-unrenewed"]
        assert [one["route"] for one in await clocks(advocate, person.case_id)] == ["telegram"]
    page = await see(world, advocate, "/advocate/alerts?lang=en")
    assert "Its time is over and no renewal is recorded" in page and "ended-unrenewed" not in page
    page = await see(world, advocate, "/advocate/clocks?lang=en")
    assert f'href="/advocate/cases/{person.case_id}/police"' in page and "Kept for the police" in page
    async with world.services.database.read() as session:
        home = (await world.advocate_row()).organisation_id
        mailed = await clocks_that_run(session, world.context, home, before=world.clock.now() + AHEAD)
    assert "preservation" in body_of(mailed, "https://jikimi.example.org")
    # Renewed, it runs again; what is not needed any more is not told of.
    (_, two) = sorted(
        (await advocate.post(path, {"platform": "telegram", "sent_at": world.clock.now().isoformat()}))["recorded"],
        key=lambda each: str(each["sent_at"]),
    )
    assert await ends(advocate) == []
    world.clock.move(days=100)
    await tick(world)
    assert await ends(advocate) == ["ended-unrenewed"]
    other = await world.advocate("second", "Centre B")
    drop = f"{path}/{two['preservation_id']}/not-needed"
    assert await other.refused("POST", drop) == (404, Refusal.NOT_FOUND)
    assert await advocate.refused("POST", f"{path}/{one['preservation_id']}/not-needed") == (404, Refusal.NOT_FOUND)
    told = await advocate.post(drop)
    assert [(each["latest"], each["needed"]) for each in told["recorded"]] == [(True, False), (False, False)]
    assert await advocate.refused("POST", drop) == (404, Refusal.NOT_FOUND)
    await tick(world)
    assert await ends(advocate) == [] and await clocks(advocate, person.case_id) == []
    kinds = [each["kind"] for each in (await advocate.get(f"/cases/{person.case_id}/ledger"))["entries"]]
    assert kinds.count("preservation-dropped") == 1
    # The police ask after all: that counts from then on.
    world.clock.move(days=1)
    await advocate.post(path, {"platform": "telegram", "sent_at": world.clock.now().isoformat()})
    assert len(await clocks(advocate, person.case_id)) == 1


async def test_the_page_records_that_one_is_not_needed_any_more(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    advocate, person = await confirmed(world)
    path, page = f"/cases/{person.case_id}/preservation", f"/advocate/cases/{person.case_id}/police"
    body = {"platform": "telegram", "sent_at": world.clock.now().isoformat()}
    (one,) = (await advocate.post(path, body))["recorded"]
    values = {"preservation": one["preservation_id"]}
    assert "problem=not-sure" in await send_form(world, advocate, f"{page}/not-needed", values)
    sent = await send_form(world, advocate, f"{page}/not-needed", {**values, "sure": "on"})
    assert sent.endswith("done=preservation-dropped")
    seen = await see(world, advocate, f"{page}?lang=en")
    assert "not needed any more</span>" in seen and f"{page}/not-needed" not in seen
    assert "renewal" not in (await advocate.get(path))["drafts"][1]["subject"].lower()


async def test_whoever_has_the_case_now_is_in_charge_of_what_the_centre_before_recorded(
    sqlite_world: ApiWorld,
) -> None:
    world = sqlite_world
    old, person = await confirmed(world)
    new = await world.advocate("second", "Centre B")
    sent_at = world.clock.now().isoformat()
    await old.post(f"/cases/{person.case_id}/preservation", {"platform": "telegram", "sent_at": sent_at})
    home = (await world.advocate_row("second")).organisation_id
    async with world.services.database.begin() as session:
        (await lock_one(session, Case, person.case_id)).organisation_id = home
    assert await clocks(old, person.case_id) == []
    (clock,) = await clocks(new, person.case_id)
    assert (clock["advocate_id"], clock["mine"]) == ("", False)


async def test_what_is_recorded_after_a_drop_counts_whatever_day_it_names(world: ApiWorld) -> None:
    advocate, person = await confirmed(world)
    path, now = f"/cases/{person.case_id}/preservation", world.clock.now()
    wrong = {"platform": "telegram", "sent_at": (now - timedelta(days=1)).isoformat(), "reference": "2026-77"}
    (one,) = (await advocate.post(path, wrong))["recorded"]
    await advocate.post(f"{path}/{one['preservation_id']}/not-needed")
    right = {**wrong, "sent_at": (now - timedelta(days=9)).isoformat()}
    told = (await advocate.post(path, right))["recorded"]
    assert [(each["latest"], each["needed"], each["dropped"]) for each in told] == [
        (False, False, True),
        (True, True, False),
    ]
    (clock,) = await clocks(advocate, person.case_id)
    assert clock["ends_at"] == told[1]["ends_at"]
    world.clock.move(days=82)
    await tick(world)
    assert await ends(advocate) == ["ended-unrenewed"]
    await advocate.post(f"{path}/{told[1]['preservation_id']}/not-needed")
    assert await ends(advocate) == [] and await clocks(advocate, person.case_id) == []


async def test_a_wrong_day_is_corrected_to_an_earlier_one(world: ApiWorld) -> None:
    advocate, person = await confirmed(world)
    path, now = f"/cases/{person.case_id}/preservation", world.clock.now()

    def at(days: int) -> str:
        return (now - timedelta(days=days)).isoformat()

    first = (await advocate.post(path, {"platform": "telegram", "sent_at": at(30)}))["recorded"][0]
    body = {"platform": "telegram", "sent_at": at(1), "reference": "2026-77"}
    wrong = (await advocate.post(path, body))["recorded"][0]
    # An earlier day that is not marked as a correction is one more request: the one sent last goes on counting.
    await advocate.post(path, {"platform": "telegram", "sent_at": at(9)})
    (clock,) = await clocks(advocate, person.case_id)
    assert clock["ends_at"] == wrong["ends_at"]
    # What does not count is not corrected, nor one of another platform.
    late = {"platform": "telegram", "sent_at": at(12), "corrects": first["preservation_id"]}
    assert await advocate.refused("POST", path, late) == (404, Refusal.NOT_FOUND)
    other = {**late, "platform": "x", "corrects": wrong["preservation_id"]}
    assert await advocate.refused("POST", path, other) == (404, Refusal.NOT_FOUND)
    # Corrected to a day before another request: that one, which was never ended, counts.
    told = (await advocate.post(path, {**late, "corrects": wrong["preservation_id"]}))["recorded"]
    assert [(each["corrected"], each["needed"], each["reference"]) for each in told] == [
        (True, False, "2026-77"),
        (False, True, ""),
        (False, False, "2026-77"),  # its number stays where none is given
        (False, False, ""),
    ]
    # And corrected again, it is the one that runs.
    nine = told[1]["preservation_id"]
    told = (await advocate.post(path, {"platform": "telegram", "sent_at": at(11), "corrects": nine}))["recorded"]
    assert [each["needed"] for each in told] == [False, False, True, False, False]
    (clock,) = await clocks(advocate, person.case_id)
    assert clock["ends_at"] == told[2]["ends_at"]
    entries = (await advocate.get(f"/cases/{person.case_id}/ledger"))["entries"]
    assert [each["kind"] for each in entries].count("preservation-recorded") == 5
    steps = [one["about"] for one in (await advocate.get(path))["custody"] if one["kind"] == "preservation-recorded"]
    assert [one.get("corrects") for one in steps] == [None, None, None, wrong["preservation_id"], nine]
    world.clock.move(days=80)
    await tick(world)
    assert await ends(advocate) == ["ended-unrenewed"]


async def test_a_second_request_of_the_same_minute_counts_when_the_first_is_corrected(world: ApiWorld) -> None:
    """The police sent one with one number, and another with another: only the one that is named has a wrong day."""
    advocate, person = await confirmed(world)
    path, now = f"/cases/{person.case_id}/preservation", world.clock.now()
    body = {"platform": "telegram", "sent_at": now.isoformat()}
    for reference in ("2026-76", "2026-77"):
        told = (await advocate.post(path, {**body, "reference": reference}))["recorded"]
    wrong, genuine = told
    assert (wrong["reference"], wrong["needed"], genuine["needed"]) == ("2026-77", True, False)
    earlier = (now - timedelta(days=20)).isoformat()
    right = {"platform": "telegram", "sent_at": earlier, "corrects": wrong["preservation_id"]}
    stand = {one["reference"] + one["sent_at"][:10]: one for one in (await advocate.post(path, right))["recorded"]}
    assert len(stand) == 3
    same_day = f"{now:%Y-%m-%d}"
    assert (stand[f"2026-77{same_day}"]["corrected"], stand[f"2026-77{same_day}"]["needed"]) == (True, False)
    assert (stand[f"2026-76{same_day}"]["corrected"], stand[f"2026-76{same_day}"]["needed"]) == (False, True)
    (clock,) = await clocks(advocate, person.case_id)
    assert clock["ends_at"] == genuine["ends_at"]
    # What is said of that one later ends both, as ever.
    await advocate.post(f"{path}/{genuine['preservation_id']}/not-needed")
    assert await clocks(advocate, person.case_id) == []


async def test_a_correction_of_before_ends_what_names_its_day(sqlite_world: ApiWorld) -> None:
    """As an earlier version wrote it: the wrong day, no time left, and a later day to renew."""
    world = sqlite_world
    advocate, person = await confirmed(world)
    now, day = world.clock.now(), timedelta(days=1)
    async with world.services.database.begin() as session:
        for sent_at, ends_at, renew_at, recorded_at in (
            (now - 3 * day, now + 87 * day, now + 80 * day, now - 2 * day),
            (now - 3 * day, now - 3 * day, now + 87 * day, now - day),
            (now - 9 * day, now + 81 * day, now + 74 * day, now - day + timedelta(microseconds=1)),
        ):
            row = Preservation(case_id=person.case_id, platform="telegram", sent_at=sent_at, ends_at=ends_at)
            row.id, row.renew_at, row.recorded_at = new_id(), renew_at, recorded_at
            row.recorded_by = (await world.advocate_row()).id
            row.content = world.context.seal_record(person.case_id, row.id, PreservationRecord(reference=""))
            session.add(row)
    told = (await advocate.get(f"/cases/{person.case_id}/preservation"))["recorded"]
    assert [(each["corrected"], each["needed"]) for each in told] == [(True, False), (False, True)]


async def test_a_day_so_long_ago_that_the_time_is_over_is_told(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    advocate, person = await confirmed(world)
    path, now = f"/cases/{person.case_id}/preservation", world.clock.now()
    (one,) = (await advocate.post(path, {"platform": "telegram", "sent_at": now.isoformat()}))["recorded"]
    right = {"platform": "telegram", "corrects": one["preservation_id"]}
    for at in (now + timedelta(hours=1), now - timedelta(days=181)):
        body = {**right, "sent_at": at.isoformat()}
        assert await advocate.refused("POST", path, body) == (422, Refusal.PRESERVATION_TIME)
    await advocate.post(path, {**right, "sent_at": (now - timedelta(days=95)).isoformat()})
    assert await ends(advocate) == ["ended-unrenewed"]


async def test_the_page_corrects_a_day_and_says_so(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    advocate, person = await confirmed(world)
    path, page = f"/cases/{person.case_id}/preservation", f"/advocate/cases/{person.case_id}/police"
    now = world.clock.now()
    (one,) = (await advocate.post(path, {"platform": "telegram", "sent_at": now.isoformat()}))["recorded"]
    seen = await see(world, advocate, f"{page}?lang=en")
    assert "The day is wrong" in seen and f'name="corrects" value="{one["preservation_id"]}"' in seen
    values = {"platform": "telegram", "zone": "UTC", "sent_at": f"{now - timedelta(days=9):%Y-%m-%dT%H:%M}"}
    sent = await send_form(world, advocate, f"{page}/sent", values)
    assert sent.endswith("done=preservation-behind")
    assert "the reminder goes by that one" in await see(world, advocate, f"{sent}&lang=en")
    sent = await send_form(world, advocate, f"{page}/sent", {**values, "corrects": one["preservation_id"]})
    assert sent.endswith("done=preservation-recorded")
    for language, words in (("en", "the day was wrong, corrected since"), ("ko", "날짜가 잘못되어 바로잡음")):
        assert words in await see(world, advocate, f"{page}?lang={language}")
    assert len(await clocks(advocate, person.case_id)) == 1


async def test_a_drop_of_before_ends_what_was_recorded_until_then(sqlite_world: ApiWorld) -> None:
    """As an earlier version wrote it: the same time as what it ended, and no time left."""
    world = sqlite_world
    advocate, person = await confirmed(world)
    now, day = world.clock.now(), timedelta(days=1)
    async with world.services.database.begin() as session:
        for sent_at, ends_at, recorded_at in (
            (now - 3 * day, now + 87 * day, now - 2 * day),
            (now - 3 * day, now - 3 * day, now - day),
        ):
            row = Preservation(case_id=person.case_id, platform="telegram", sent_at=sent_at, ends_at=ends_at)
            row.id, row.recorded_at, row.recorded_by = new_id(), recorded_at, (await world.advocate_row()).id
            row.renew_at = max(sent_at, ends_at - 7 * day)
            row.content = world.context.seal_record(person.case_id, row.id, PreservationRecord(reference=""))
            session.add(row)
    assert await clocks(advocate, person.case_id) == []
    told = (await advocate.get(f"/cases/{person.case_id}/preservation"))["recorded"]
    assert [(each["latest"], each["needed"], each["dropped"]) for each in told] == [(True, False, True)]
