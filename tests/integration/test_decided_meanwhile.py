"""What was said, or decided by a colleague, since a page was made: no press overrules it, no notice is wrong."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select, update

from api.pages.forms import form_token
from db.models.notices import Notice
from db.models.sightings import Sighting
from monitor.jobs.send import Sender
from monitor.sightings.identical import ground_stands, said_no
from tests.integration.test_queue import found, states
from tests.support.api_world import ApiWorld, Caller
from tests.support.domain_world import FakeDelivery
from tests.support.page_forms import ORIGIN, see, send_form, undo

CAPTION = {"basis": "caption-context", "write": "on", "release": "on", "back": "", "expect": "1"}


async def viewed(world: ApiWorld, advocate: Caller, item: str, *, ago: timedelta, viewer: str = "police") -> None:
    at = (world.context.now() - ago).isoformat()
    await advocate.post(f"/items/{item}/viewings", {"viewer": viewer, "said": "yes", "at": at})


async def offered(world: ApiWorld, advocate: Caller, item: str) -> set[str]:
    """The same at every place that offers grounds."""
    told = {one["basis"] for one in (await advocate.get(f"/items/{item}"))["grounds"]}
    page = await see(world, advocate, f"/advocate?item={item}&lang=en")
    detail = page[page.index('id="item"') :]
    assert told == set(re.findall(r'name="basis" value="([^"]+)" data-key', detail))
    return told


async def offered_alone(world: ApiWorld, advocate: Caller, sighting: str) -> set[str]:
    page = await see(world, advocate, f"/advocate/sightings/{sighting}?lang=en")
    return set(re.findall(r'name="basis" value="([^"]+)" required', page))


async def basis_of(world: ApiWorld, sighting: str) -> str | None:
    row = await world.row(sighting)
    async with world.services.database.read() as session:
        assert await ground_stands(session, row), "what a notice rests on stands"
    return row.basis


async def notices(world: ApiWorld) -> dict[str, str]:
    async with world.services.database.read() as session:
        return {one.id: one.state for one in await session.scalars(select(Notice))}


async def tick(world: ApiWorld, advocate: Caller, decision: str, items: Sequence[str], back: str = "") -> str:
    data = {"token": form_token(advocate.token or ""), "back": back, "decision": decision, "item": list(items)}
    headers = {"Cookie": f"__Host-jikimi_login={advocate.token}", "Origin": ORIGIN}
    answer = await world.http.post("/advocate/items", headers=headers, data=data)
    assert answer.status_code == 303, answer.text[:200]
    return str(answer.headers["location"])


def undo_in(page: str) -> dict[str, str]:
    """What the first form that undoes a decision carries."""
    form = page.split('/reopen"')[1].split("</form>")[0]
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    return {name: value for name, value in fields.items() if name != "token"}


@pytest.mark.parametrize(("viewer", "basis"), [("person", "person-viewed"), ("police", "official-viewed")])
async def test_who_looked_before_the_crawler_found_it_looked_at_it(world: ApiWorld, viewer: str, basis: str) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    first = await found(world, person, 1, "channelone", caption="words")
    world.clock.move(minutes=5)
    await viewed(world, advocate, first, ago=timedelta(hours=1), viewer=viewer)  # posted two hours before it was found
    assert basis in await offered(world, advocate, first) & await offered_alone(world, advocate, first)
    told = await advocate.post(f"/items/{first}/confirm", {"basis": basis, "routes": ["us_tida"]})
    assert await basis_of(world, first) == basis
    (notice,) = [one["notice_id"] for one in told["notices"]]
    looked = await advocate.get(f"/notices/{notice}/preview")
    assert "viewed the post" in str(looked) and "identical, by two" not in str(looked)
    await advocate.post(f"/notices/{notice}/send", {"digest": looked["digest"]})
    world.clock.move(minutes=2)
    way = FakeDelivery()
    await Sender(world.services.database, world.context, {"smtp": way}).send(notice, 1)
    assert len(way.sent) == 1 and (await advocate.get(f"/notices/{notice}"))["state"] == "sent"


async def test_nobody_viewed_a_post_before_it_was_there(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    first = await found(world, person, 1, "channelone", caption="words")
    await viewed(world, advocate, first, ago=timedelta(hours=4))
    assert await offered(world, advocate, first) == await offered_alone(world, advocate, first) == {"caption-context"}
    for path in (f"/items/{first}/confirm", f"/sightings/{first}/confirm"):
        refused = await advocate.refused("POST", path, {"basis": "official-viewed"})
        assert refused == (409, "basis-not-on-record"), path
    # Times are noted by the minute: in the minute in which it was posted is not before it.
    posted = (await world.row(first)).posted_at
    at = posted.replace(second=0, microsecond=0).isoformat()
    await advocate.post(f"/items/{first}/viewings", {"viewer": "police", "said": "yes", "at": at})
    assert "official-viewed" in await offered(world, advocate, first)


async def test_identical_is_stated_only_where_another_copy_stands(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    first, second = [await found(world, person, 1, name, caption="words") for name in ("channelone", "channeltwo")]
    await viewed(world, advocate, first, ago=timedelta(minutes=30))  # before either was found
    given = {"basis": "official-viewed"}
    # Of the second nobody said it, and the first is not confirmed: by itself it has no such ground.
    assert await offered_alone(world, advocate, second) == {"caption-context"}
    assert await advocate.refused("POST", f"/sightings/{second}/confirm", given) == (409, "basis-not-on-record")
    assert "official-viewed" in await offered(world, advocate, first) & await offered_alone(world, advocate, first)
    await advocate.post(f"/items/{first}/confirm", {**given, "copies": 2})
    assert [await basis_of(world, one) for one in (first, second)] == ["official-viewed", "identical-copy"]
    # One that came later rests on them; not on one that rests on nothing.
    third = await found(world, person, 1, "channelthree", caption="words")
    assert "official-viewed" in await offered_alone(world, advocate, third)
    async with world.services.database.begin() as session:
        await session.execute(update(Sighting).where(Sighting.id == first).values(state="dismissed"))
    # Whoever looked has not seen the third, if it was when the first alone was there.
    assert await offered(world, advocate, third) == await offered_alone(world, advocate, third) == {"caption-context"}
    assert await advocate.refused("POST", f"/items/{third}/confirm", given) == (409, "basis-not-on-record")


async def test_a_ground_of_the_last_of_many_copies_is_confirmed_with_the_first(
    sqlite_world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = sqlite_world
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    names = ("channelone", "channeltwo", "channelthree")
    copies = [await found(world, person, 1, name, caption="words") for name in names]
    await viewed(world, advocate, copies[2], ago=timedelta(minutes=30))
    monkeypatch.setattr("monitor.actions.decide_item.MOST_AT_ONCE", 2)
    told = await advocate.post(f"/items/{copies[0]}/confirm", {"basis": "official-viewed", "routes": []})
    assert (told["sighting_ids"], told["left_open"]) == ([copies[0], copies[2]], 1)
    assert [await basis_of(world, one) for one in (copies[0], copies[2])] == ["identical-copy", "official-viewed"]


async def test_undo_takes_back_nothing_that_a_colleague_decided_since(world: ApiWorld) -> None:
    a, b = await world.advocate(), await world.advocate("second")
    person = await world.vouched(a)
    first = await found(world, person, 1, "channelone", caption="words")
    dismissed = {"reason": "harmless", "expect": "1", "back": ""}
    shown = await send_form(world, a, f"/advocate/items/{first}/dismiss", dismissed)
    page = await see(world, a, shown + "&lang=en")
    assert "Undo the dismissal" in page
    forms = {
        f"/advocate/items/{first}/reopen": [
            undo_in(page),
            undo_in(await see(world, a, f"/advocate?state=dismissed&item={first}")),
            undo_in(await see(world, a, f"/advocate/items/{first}")),
        ],
        f"/advocate/sightings/{first}/reopen": [undo_in(await see(world, a, f"/advocate/sightings/{first}"))],
    }
    (ticked,) = re.findall(r'name="item" value="([^"]+)"', await see(world, a, "/advocate?state=dismissed"))
    as_seen = await a.get(f"/sightings/{first}")
    body = {name: as_seen[name] for name in ("state", "decided_at")}
    assert (await a.get("/items?state=dismissed"))["items"][0]["decided_at"] == body["decided_at"]
    whole = await a.get(f"/items/{first}")
    assert whole["decision"] == body

    world.clock.move(minutes=3)
    # A form that does not say what it showed undoes nothing.
    assert "problem=item-changed" in await send_form(world, b, f"/advocate/items/{first}/reopen", {"back": ""})
    assert "problem=item-changed" in await tick(world, b, "reopen", [f"{first}:1"], "state=dismissed")
    await send_form(world, b, f"/advocate/items/{first}/reopen", await undo(world, first))
    await send_form(world, b, f"/advocate/items/{first}/confirm", CAPTION)
    written = await notices(world)
    assert written and set(written.values()) == {"prepared"}
    world.clock.move(minutes=3)
    for path, every in forms.items():
        for fields in every:
            assert "problem=item-changed" in await send_form(world, a, path, fields), (path, fields)
    assert "problem=item-changed" in await tick(world, a, "reopen", [ticked], "state=dismissed")
    assert await a.refused("POST", f"/items/{first}/reopen", body) == (409, "item-changed")
    assert await a.refused("POST", f"/sightings/{first}/reopen", {**body, "reason": "wrong-copy"}) == (
        *(409, "item-changed"),
    )
    several = {"decision": "reopen", "items": [{"item_id": first, **body}]}
    assert (await a.post("/items/decide", several))["refused"] == [{"item_id": first, "code": "item-changed"}]
    # Made anew the address of the message offers nothing of the colleague's either.
    assert undo_in(await see(world, a, shown + "&lang=en")) == undo_in(page)
    assert await states(world, [first]) == ["confirmed"] and await notices(world) == written
    # What is shown now is undone.
    fresh = await see(world, a, f"/advocate?state=confirmed&item={first}")
    assert "done=item-reopened" in await send_form(world, a, f"/advocate/items/{first}/reopen", undo_in(fresh))
    assert await states(world, [first]) == ["open"]


async def test_a_list_undoes_its_own_decision_and_not_a_later_one_about_another_copy(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    a, b = await world.advocate(), await world.advocate("second")
    person = await world.vouched(a)
    first = await found(world, person, 1, "channelone", caption="words")
    await send_form(world, a, f"/advocate/items/{first}/dismiss", {"reason": "harmless", "back": ""})
    world.clock.move(minutes=5)
    later = await found(world, person, 1, "channeltwo", caption="words")
    await send_form(world, b, f"/advocate/items/{later}/confirm", CAPTION)
    (ticked,) = re.findall(r'name="item" value="([^"]+)"', await see(world, a, "/advocate?state=dismissed"))
    assert "done=several-reopened" in await tick(world, a, "reopen", [ticked], "state=dismissed")
    assert await states(world, [first, later]) == ["open", "confirmed"]


async def test_what_was_filed_is_no_slip_and_is_named_when_it_is_undone(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    advocate = await world.advocate()
    person = await world.vouched(advocate, intake={"age_group": "minor"})
    first = await found(world, person, 1, "channelone", caption="words")
    shown = await send_form(world, advocate, f"/advocate/items/{first}/confirm", CAPTION)
    slip = undo_in(await see(world, advocate, shown))
    filed = {"step": "kr_police", "reference": "2026-4711"}
    await advocate.post(f"/copies/{first}/filings", filed)
    assert await advocate.refused("POST", f"/items/{first}/reopen") == (409, "choose-reason")
    where = await send_form(world, advocate, f"/advocate/items/{first}/reopen", slip)
    assert "problem=choose-reason" in where and await states(world, [first]) == ["confirmed"]
    ticked = f"{first}:1:confirmed:{slip['decided_at']}"
    assert "problem=choose-reason" in await tick(world, advocate, "reopen", [ticked], "state=confirmed")
    # Where the reason is asked for stands where it is chosen.
    page = await see(world, advocate, where + "&lang=en")
    assert undo_in(page).items() >= {"state": "confirmed", "decided_at": slip["decided_at"]}.items()
    assert '<option value="wrong-copy">' in page.split('/reopen"')[1].split("</form>")[0]
    where = await send_form(
        world, advocate, f"/advocate/items/{first}/reopen", {**undo_in(page), "reason": "wrong-copy"}
    )
    assert "done=item-reopened" in where and await states(world, [first]) == ["open"]
    for path in (where, f"/advocate?item={first}", f"/advocate/items/{first}", f"/advocate/sightings/{first}"):
        told = await see(world, advocate, path + ("&" if "?" in path else "?") + "lang=en")
        assert told.count("Please tell each of them:") == 1 and "2026-4711" in told, path
    # The same at the other door.
    await advocate.post(f"/items/{first}/confirm", {"basis": "caption-context"})
    done: dict[str, Any] = await advocate.post(f"/items/{first}/reopen", {"reason": "person-asked"})
    assert [(one["step"], one["reference"]) for one in done["still_filed"]] == [("kr_police", "2026-4711")]


async def test_the_persons_no_is_overruled_by_nobody_who_did_not_say_so(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    first, other = [await found(world, person, number, "channelone", caption="words") for number in (1, 2)]
    await send_form(world, advocate, f"/advocate/items/{first}/ask", {"back": ""})
    before = await see(world, advocate, f"/advocate?item={first}&lang=en")
    assert 'name="over"' not in before
    await person.post(f"/cases/{person.case_id}/questions/{first}", {"answer": "no"})
    forms = (f"/advocate/items/{first}/confirm", f"/advocate/sightings/{first}/confirm")
    for path in forms:
        assert "problem=person-says-no" in await send_form(world, advocate, path, CAPTION), path
    given = {"basis": "caption-context"}
    for path in (f"/items/{first}/confirm", f"/sightings/{first}/confirm"):
        assert await advocate.refused("POST", path, given) == (409, "person-says-no")
        assert await advocate.refused("POST", path, {**given, "over": "yes"}) == (409, "person-says-no")
    # Several at once: it is left out, and it is said why.
    where = await tick(world, advocate, "confirm-caption-context", [f"{first}:1", f"{other}:1"])
    assert parse_qs(urlsplit(where).query)["why"] == ["person-says-no"]
    assert "The person says that this is not theirs" in await see(world, advocate, where + "&lang=en")
    assert await states(world, [first, other]) == ["open", "confirmed"]
    several = {"decision": "confirm", "basis": "caption-context", "items": [{"item_id": first}]}
    assert (await advocate.post("/items/decide", several))["refused"] == [{"item_id": first, "code": "person-says-no"}]
    # Who has read it chooses so on purpose, and the ledger tells it.
    assert (await advocate.get(f"/items/{first}"))["person_says"] == "no"
    for path in (f"/advocate?item={first}", f"/advocate/sightings/{first}"):
        page = await see(world, advocate, path)
        assert re.search(r'type="checkbox" id="[^"]+" name="over" value="no" required', page), path
    assert "done=confirmed" in await send_form(world, advocate, forms[0], {**CAPTION, "over": "no"})
    assert await states(world, [first]) == ["confirmed"]
    async with world.services.database.read() as session:
        entries = await world.context.ledger.told(session, person.case_id)
        assert await said_no(session, await world.row(first)), "no copy of it is reported by itself"
    told = [dict(one.facts or {}) for one in entries if one.row.kind == "sighting-confirmed"]
    assert [one.get("over") for one in told] == [None, "no"]


async def test_a_no_that_the_centre_noted_or_of_another_copy_counts_as_well(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    first = await found(world, person, 1, "channelone", caption="words")
    later = await found(world, person, 1, "channeltwo", caption="words")
    given = {"basis": "caption-context"}
    await advocate.post(f"/items/{first}/viewings", {"viewer": "person", "said": "yes"})
    assert "person-viewed" in await offered(world, advocate, first)
    await advocate.post(f"/items/{first}/ask")
    await person.post(f"/cases/{person.case_id}/questions/{first}", {"answer": "no"})
    # The person's own later word is theirs, wherever they said it.
    assert await offered(world, advocate, first) == {"caption-context"}
    for path in (f"/items/{later}/confirm", f"/sightings/{later}/confirm"):
        assert await advocate.refused("POST", path, given) == (409, "person-says-no"), path
    # They may change their mind; then nothing is overruled.
    world.clock.move(minutes=1)
    await advocate.post(f"/items/{first}/viewings", {"viewer": "person", "said": "yes"})
    await advocate.post(f"/sightings/{later}/confirm", given)
    world.clock.move(minutes=1)
    await advocate.post(f"/items/{first}/viewings", {"viewer": "person", "said": "no"})
    assert await advocate.refused("POST", f"/items/{first}/confirm", given) == (409, "person-says-no")
    await advocate.post(f"/items/{first}/confirm", {**given, "over": "no"})
    assert await states(world, [first, later]) == ["confirmed", "confirmed"]
