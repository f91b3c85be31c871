"""What advocates and persons see of a quarantine, through the API and on a page without scripts."""

from typing import Any

import pytest

from db.locking import lock_one
from db.models.cases import Case, Fingerprint
from monitor.context.alerts import AlertKind
from monitor.context.context import DomainContext
from monitor.evidence.entry_kinds import EntryKind
from tests.support.api_world import PDQ, ApiWorld, Caller
from tests.support.browser import Browser
from tests.support.databases import on_sqlite

BODY = {"pdq": PDQ, "quality": 90, "kind": "intimate"}


async def quarantined(world: ApiWorld, person: Caller) -> str:
    """A fingerprint of the person that went into quarantine, as the crawler leaves it; its id."""
    made = await person.post(f"/cases/{person.case_id}/fingerprints", BODY)
    context: DomainContext = world.context
    async with world.services.database.begin() as session:
        case = await lock_one(session, Case, person.case_id)
        (await lock_one(session, Fingerprint, made["fingerprint_id"])).quarantined_at = context.now()
        await context.record(session, case.id, EntryKind.FINGERPRINT_QUARANTINED, fingerprint=made["fingerprint_id"])
        await context.alert(
            session,
            AlertKind.FINGERPRINT_QUARANTINED,
            made["fingerprint_id"],
            "more-than-30-an-hour",
            organisation_id=case.organisation_id,
        )
    return str(made["fingerprint_id"])


async def alerts(advocate: Caller) -> list[Any]:
    return list((await advocate.get("/operations/alerts"))["alerts"])


async def test_advocate_is_told_and_releases_through_the_api(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    paused = await quarantined(world, person)
    (alert,) = await alerts(advocate)
    assert (alert["kind"], alert["subject"], alert["case_id"]) == ("fingerprint-quarantined", paused, person.case_id)
    (seen,) = (await advocate.get(f"/cases/{person.case_id}/fingerprints"))["fingerprints"]
    assert seen["paused_since"] is not None
    # How much it fitted is not the person's to see: nothing of it was released.
    (seen,) = (await person.get(f"/cases/{person.case_id}/fingerprints"))["fingerprints"]
    assert seen["paused_since"] is None
    path = f"/cases/{person.case_id}/fingerprints/{paused}/release"
    assert await person.refused("POST", path) == (403, "advocates-only")
    other = await world.advocate("second", "Centre B")
    assert await other.refused("POST", path) == (404, "not-found")
    assert await alerts(other) == []
    for _ in range(2):  # releasing twice changes nothing
        assert (await advocate.post(path))["paused_since"] is None
    assert await alerts(advocate) == []
    assert await advocate.refused("POST", path.replace(paused, "a" * 26)) == (404, "not-found")


@on_sqlite
async def test_advocate_removes_it_through_the_api(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    paused = await quarantined(world, person)
    await advocate.delete(f"/cases/{person.case_id}/fingerprints/{paused}")
    assert await alerts(advocate) == []


async def test_page_says_both_readings_and_releases_without_scripts(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    paused = await quarantined(world, person)
    browser = Browser(world, advocate)
    text = await browser.see("/advocate/alerts?lang=en")
    assert "It fitted more than 30 posts within an hour." in text
    assert f'href="/advocate?fingerprint={paused}"' in text
    assert "It fits anything" in text and "It is a wave" in text and paused in text and person.case_id in text
    korean = await browser.see("/advocate/alerts?lang=ko")
    assert "사진이 거듭 올라오는 중이라면" in korean and "아무 사진에나 맞는 지문" in korean
    assert "more-than" not in korean
    forged = await browser.send("/advocate/alerts/release", token="0" * 64, fingerprint=paused)
    assert "problem=form-expired" in forged.headers["location"]
    assert len(await alerts(advocate)) == 1
    done = await browser.send("/advocate/alerts/release", fingerprint=paused)
    assert (done.status_code, done.headers["location"]) == (303, "/advocate/alerts?done=fingerprint-released")
    assert await alerts(advocate) == []


async def test_page_removes_only_when_the_advocate_is_sure(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    paused = await quarantined(world, person)
    browser = Browser(world, advocate)
    unsure = await browser.send("/advocate/alerts/remove", fingerprint=paused)
    assert "problem=not-sure" in unsure.headers["location"]
    foreign = Browser(world, await world.advocate("second", "Centre B"))
    for action in ("release", "remove"):
        refused = await foreign.send(f"/advocate/alerts/{action}", fingerprint=paused, sure="on")
        assert "problem=not-found" in refused.headers["location"]
    assert len(await alerts(advocate)) == 1
    done = await browser.send("/advocate/alerts/remove", fingerprint=paused, sure="on")
    assert "done=fingerprint-removed" in done.headers["location"]
    assert (await person.get(f"/cases/{person.case_id}/fingerprints"))["fingerprints"] == []


@pytest.mark.parametrize("action", ["release", "remove"])
async def test_forms_are_for_advocates_who_are_logged_in(sqlite_world: ApiWorld, action: str) -> None:
    person = await sqlite_world.person()
    answer = await Browser(sqlite_world, person).send(f"/advocate/alerts/{action}", fingerprint="a" * 26, sure="on")
    assert (answer.status_code, answer.headers["location"]) == (303, "/advocate/login")
