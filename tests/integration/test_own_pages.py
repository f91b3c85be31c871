"""Pages of the person's own: what stands there is marked to both, and no platform is ever told of it."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from api.i18n import translations
from api.refusals import refusal_text
from db.models.own import OwnPage
from monitor.core.errors import NotSent
from monitor.core.refusals import Refusal
from monitor.evidence.entry_kinds import EntryKind
from monitor.jobs.send import Sender
from tests.support.api_world import ApiWorld, api_world
from tests.support.domain_world import FakeDelivery
from tests.support.page_forms import see, send_form

MINE = {"platform": "telegram", "source": "https://t.me/MyOwnPage"}
CONFIRM = {"basis": "caption-context", "routes": ["us_tida"]}


@pytest.fixture
async def town(prepared_url: str, tmp_path: Path) -> AsyncIterator[ApiWorld]:
    async with api_world(prepared_url, tmp_path) as made:
        yield made


async def test_what_stands_on_an_own_page_is_marked_and_cannot_be_confirmed(town: ApiWorld) -> None:
    advocate = await town.advocate()
    person = await town.vouched(advocate)
    path = f"/cases/{person.case_id}/own-pages"
    told = await person.post(path, MINE)
    assert [(one["platform"], one["source"], one["entered_by"]) for one in told["own_pages"]] == [
        ("telegram", "myownpage", None)
    ]
    assert len((await person.post(path, {**MINE, "source": "@myownpage"}))["own_pages"]) == 1, "once"
    assert await person.refused("POST", path, {**MINE, "source": "not a name"}) == (422, "source-unreadable")
    own = await town.sighting(person, source="myownpage", post_id="5")
    other = await town.sighting(person, source="elsewhere", post_id="6")
    marks = {one["sighting_id"]: one["own_page"] for one in (await advocate.get("/sightings"))["sightings"]}
    assert marks == {own: True, other: False}
    assert await advocate.refused("POST", f"/sightings/{own}/confirm", CONFIRM) == (409, "own-page")
    assert (await town.row(own)).state == "open"
    routes = (await advocate.get(f"/sightings/{own}/routes"))["offers"]
    assert {one["reason"] for one in routes} == {"own-page"} and not any(one["allowed"] for one in routes)
    page = await see(town, advocate, "/advocate?lang=en")
    assert "The person's own page" in page and f"/advocate/sightings/{own}/confirm" not in page
    mine, others = [await see(town, advocate, f"/advocate/sightings/{one}?lang=en") for one in (own, other)]
    assert f"/advocate/sightings/{own}/confirm" not in mine and f"/advocate/sightings/{other}/confirm" in others
    form = {"basis": "caption-context", "route": "us_tida"}
    assert "problem=own-page" in await send_form(town, advocate, f"/advocate/sightings/{own}/confirm", form)
    for language, words in (("en", "own page"), ("ko", "본인")):
        assert words in refusal_text(Refusal.OWN_PAGE, translations(language).gettext)
    assert (await advocate.post(f"/sightings/{own}/dismiss", {"reason": "own-post"}))["state"] == "dismissed"
    # Sealed, and the ledger names no page.
    async with town.services.database.read() as session:
        (row,) = (await session.scalars(select(OwnPage))).all()
        entries = await town.context.ledger.told(session, person.case_id)
    assert b"myownpage" not in row.payload
    named = [one for one in entries if one.row.kind == EntryKind.OWN_PAGE_NAMED]
    assert [(str(one.by.who), one.facts) for one in named if one.by] == [("person", {"own_page": row.id})]
    assert "myownpage" not in json.dumps([one.facts for one in named])


async def test_a_page_named_later_withdraws_what_has_not_left_and_lets_nothing_leave(town: ApiWorld) -> None:
    advocate = await town.advocate()
    person = await town.vouched(advocate)
    path = f"/cases/{person.case_id}"
    ids, notices = [], []
    for post, source in (("5", "myownpage"), ("6", "myownpage"), ("7", "elsewhere")):
        ids.append(await town.sighting(person, source=source, post_id=post))
        written = await advocate.post(f"/sightings/{ids[-1]}/confirm", CONFIRM)
        notices.append(written["notices"][0]["notice_id"])
    await advocate.send(notices[1])  # it leaves within a minute
    told = await person.post(f"{path}/own-pages", MINE)
    assert told["stopped_notices"] == 2
    states = [(await advocate.get(f"/notices/{one}")) for one in notices]
    assert [one["state"] for one in states] == ["withdrawn", "withdrawn", "prepared"]
    assert {one["reason"] for one in states[:2]} == {"own-page"}
    mine = {one["sighting_id"]: one["own_page"] for one in (await person.get(f"{path}/sightings"))["sightings"]}
    assert mine == {ids[0]: True, ids[1]: True, ids[2]: False}
    # Nothing can be written anew, filed, handed over or put into a sheet.
    refused = await advocate.refused("POST", f"/sightings/{ids[0]}/notices", {"routes": ["us_tida"]})
    assert refused == (409, "own-page")
    filed = await advocate.refused("POST", f"/copies/{ids[0]}/filings", {"step": "ftc_complaint"})
    assert filed == (409, "own-page")
    text = (await person.call("GET", f"{path}/hand-off/text?language=en")).text
    assert "elsewhere/7" in text and "myownpage" not in text
    sheet = (await advocate.call("GET", "/bulk-sheet")).text
    assert "elsewhere/7" in sheet and "myownpage" not in sheet
    (page,) = told["own_pages"]
    assert await advocate.refused("DELETE", f"{path}/own-pages/{page['own_page_id']}") == (403, "only-the-person")
    assert (await person.delete(f"{path}/own-pages/{page['own_page_id']}"))["own_pages"] == []
    assert await person.refused("DELETE", f"{path}/own-pages/{page['own_page_id']}") == (404, "not-found")
    # Taken back: an advocate may write it anew.
    again = await advocate.post(f"/sightings/{ids[0]}/notices", {"routes": ["us_tida"]})
    assert [one["state"] for one in again["notices"]] == ["prepared"]


async def test_what_was_being_handed_over_when_its_page_was_named_is_not_tried_again(town: ApiWorld) -> None:
    advocate = await town.advocate()
    person = await town.vouched(advocate)
    sighting = await town.sighting(person, source="myownpage")
    written = await advocate.post(f"/sightings/{sighting}/confirm", CONFIRM)
    notice = written["notices"][0]["notice_id"]
    await advocate.send(notice)

    class Meanwhile(FakeDelivery):
        async def send(self, outgoing: Any) -> Any:
            await person.post(f"/cases/{person.case_id}/own-pages", MINE)
            raise NotSent("no-connection")

    sender = Sender(town.services.database, town.context, {"smtp": Meanwhile()})
    await sender.send(notice, 1)
    told, mail = await advocate.get(f"/notices/{notice}"), FakeDelivery()
    assert (told["state"], told["reason"]) == ("withdrawn", "own-page")
    await Sender(town.services.database, town.context, {"smtp": mail}).send(notice, told["attempt"])
    assert mail.sent == []


async def test_an_advocate_may_name_a_page_for_the_person_who_sees_that_and_takes_it_back(town: ApiWorld) -> None:
    advocate = await town.advocate()
    person = await town.vouched(advocate)
    path = f"/cases/{person.case_id}/own-pages"
    told = await advocate.post(path, {"platform": "x", "source": "@My_Own"})
    assert told["own_pages"][0]["entered_by"]["name"] == "Signing Advocate"
    (seen,) = (await person.get(path))["own_pages"]
    assert (seen["source"], seen["entered_by"]["organisation"]) == ("my_own", "Centre A")
    assert (await person.delete(f"{path}/{seen['own_page_id']}"))["own_pages"] == []
    for number in range(30):
        await person.post(path, {"platform": "x", "source": f"own{number}"})
    assert await person.refused("POST", path, {"platform": "x", "source": "onemore"}) == (409, "too-many-own-pages")
