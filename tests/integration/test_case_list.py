"""The list of cases tells the truth: whose nobody does, numbers as people give them, and no page past the last."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import quote

import pytest
from sqlalchemy import select, update

from db.models.cases import Case
from db.models.desk import CaseNote
from db.models.people import Advocate, Organisation
from db.types import new_id
from tests.support.api_world import ApiWorld, Caller
from tests.support.page_visits import page, send

NOTE = "Please call on Friday."


def rows(text: str) -> list[str]:
    """The numbers of the cases that a list shows, in its order."""
    return re.findall(r'<li class="card" id="c-(\w+)">', text)


async def looked(world: ApiWorld, who: Caller, path: str) -> tuple[str, str]:
    """Where an address leads in the end, and what stands there."""
    headers = {"Accept-Language": "en", "Cookie": f"__Host-jikimi_login={who.token}"}
    answer = await world.http.get(path, headers=headers)
    if answer.status_code == 303:
        path = answer.headers["location"]
        answer = await world.http.get(path, headers=headers)
    assert answer.status_code == 200, (path, answer.status_code)
    return path, unescape(answer.text)


def grouped(number: str) -> str:
    """As somebody reads it aloud: groups of four, in capitals, with digits for the letters that look like them."""
    parts = [number[place : place + 4] for place in range(0, len(number), 4)]
    return "-".join(parts).upper().replace("O", "0").replace("L", "1").replace("B", "8")


@pytest.mark.parametrize("how", ["disabled", "moved"])
async def test_cases_of_somebody_who_left_are_nobodys_and_are_seen_to_be(sqlite_world: ApiWorld, how: str) -> None:
    world, lead = sqlite_world, await sqlite_world.advocate()
    await world.advocate("second")
    gone = (await world.advocate_row("second")).id
    left, mine = await world.vouched(lead), await world.vouched(lead)
    address = f"/advocate/cases/{left.case_id}"
    await send(world, lead, f"{address}/hand-over", to=gone, note=NOTE)
    await send(world, lead, f"/advocate/cases/{mine.case_id}/hand-over", to="me")
    assert "no longer here" not in await page(world, lead, "/advocate/cases") + await page(world, lead, address)
    assert rows(await page(world, lead, "/advocate/cases?charge=nobody")) == []
    async with world.services.database.begin() as session:
        row = await session.get_one(Advocate, gone)
        row.name = "Heron Who Left"
        if how == "disabled":
            row.disabled_at = datetime.now(UTC)
        else:
            elsewhere = Organisation(name="Centre C", name_key="centre c")
            session.add(elsewhere)
            await session.flush()
            row.organisation_id = elsewhere.id
    name = "Heron Who Left" if how == "disabled" else "an advocate who left"

    nobody = await page(world, lead, "/advocate/cases?charge=nobody")
    assert rows(nobody) == [left.case_id] and f"in charge: {name} · no longer here" in nobody
    assert rows(await page(world, lead, f"/advocate/cases?charge={gone}")) == [left.case_id]
    whole = await page(world, lead, "/advocate/cases")
    assert whole.count("no longer here") == 1 and len(rows(whole)) == 2
    shown = await page(world, lead, address)
    assert f"in charge: {name} · no longer here" in shown and "nobody looks after this case" in shown
    assert "nobody is in charge" not in shown
    korean = await page(world, lead, address, language="ko")
    assert "지금은 없음" in korean and "no longer" not in korean
    told = await lead.get("/desk?in_charge=nobody")
    assert [(one["case_id"], one["in_charge_left"]) for one in told["cases"]] == [(left.case_id, True)]
    assert (await lead.get(f"/cases/{left.case_id}/desk"))["in_charge"]["left"] is True

    # A lead sees that there is something to hand over, and the way there.
    overview = await page(world, lead, "/advocate/overview")
    assert "no longer here" in overview and ("Heron Who Left" in overview) == (how == "disabled")
    (link,) = re.findall(r'href="(/advocate/cases\?charge=\w+)">1<', overview)
    assert rows(await page(world, lead, link)) == [left.case_id]
    load = {one["name"]: one for one in (await lead.get("/overview"))["load"]}
    assert load["Heron Who Left" if how == "disabled" else ""]["cases"] == 1
    assert [one["active"] for one in load.values()] == [True, False]

    # Taken on by somebody who is here, it is theirs, and nothing is left of who left.
    await send(world, lead, f"{address}/hand-over", to="me")
    assert rows(await page(world, lead, "/advocate/cases?charge=nobody")) == []
    assert "no longer here" not in await page(world, lead, address) + await page(world, lead, "/advocate/overview")


async def test_a_number_is_found_as_people_give_it(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    person, other = await world.vouched(advocate), await world.vouched(advocate)
    number = person.case_id
    await world.sighting(person)
    for given in (number.upper(), grouped(number), number[-12:-8] + "-" + grouped(number[-8:]), f"…{number[-4:]}"):
        assert rows(await page(world, advocate, f"/advocate/cases?q={quote(given)}")) == [number], given
        told = await advocate.get(f"/desk?text={quote(given)}")
        assert [one["case_id"] for one in told["cases"]] == [number], given
    # Words are no number, whatever ends like them.
    assert rows(await page(world, advocate, f"/advocate/cases?q={quote('지우 ' + number[-4:])}")) == []
    for door in ("/advocate/cases/waiting?number=", "/advocate/cases?number="):
        found = await page(world, advocate, door + quote(grouped(number)))
        assert "Somebody has vouched for this case." in found and f'href="/advocate/cases/{number}"' in found
    assert (await looked(world, advocate, f"/advocate?case={quote(grouped(number))}"))[1].count(number)
    assert "resending-on" in await send(world, advocate, "/advocate/resent/switch", case=grouped(number), on="on")
    assert rows(await page(world, advocate, f"/advocate/cases?q={grouped(other.case_id)}")) == [other.case_id]


async def test_a_whole_number_leads_to_its_case_whoever_has_it(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    stranger = await world.advocate("other", "Centre B")
    mine, theirs, waiting = await world.vouched(advocate), await world.vouched(stranger), await world.person()
    for case_id, words in (
        (waiting.case_id, "I know who this person is and that the pictures are of them"),
        (theirs.case_id, "Another centre looks after this case."),
    ):
        for given in (case_id, grouped(case_id)):
            where, text = await looked(world, advocate, f"/advocate/cases?q={given}")
            assert where == f"/advocate/cases/waiting?number={case_id}" and words in text
    # One's own that the other choices leave out as well; a number of nobody's is compared once more.
    where, text = await looked(world, advocate, f"/advocate/cases?q={mine.case_id}&state=on-hold")
    assert where.endswith(mine.case_id) and "Somebody has vouched for this case." in text
    assert rows(await page(world, advocate, f"/advocate/cases?q={mine.case_id}")) == [mine.case_id]
    unknown = await page(world, advocate, f"/advocate/cases?q={'a' * 26}")
    assert "No case fits. Please look for less, or compare the number" in unknown


async def test_a_page_past_the_last_shows_the_last_and_no_false_sentence(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    assert (await looked(world, advocate, "/advocate/cases?page=9"))[0] == "/advocate/cases"
    person = await world.vouched(advocate)
    async with world.services.database.begin() as session:
        one = await session.get_one(Case, person.case_id)
        for number in range(31):
            opened = one.opened_at - timedelta(minutes=number + 1)
            kept = {name: getattr(one, name) for name in ("state", "language", "organisation_id", "vouched_at")}
            waits = {**kept, "state": "open", "organisation_id": None, "vouched_at": None}
            for values in (kept, waits):
                due = {"vouch_due_at": opened, "ends_at": opened + timedelta(days=30)}
                session.add(Case(id=new_id(), passphrase_hash="", opened_at=opened, **due, **values))
    where, text = await looked(world, advocate, "/advocate/cases?page=99&sort=newest")
    assert where == "/advocate/cases?sort=newest&page=2" and len(rows(text)) == 2
    assert "Your centre has no case yet." not in text and 'aria-current="page" aria-label="Page 2"' in text
    where, text = await looked(world, advocate, "/advocate/cases/waiting?waiting=999&spoken=en")
    assert where == "/advocate/cases/waiting?spoken=en&waiting=20" and "Nobody is waiting." not in text

    # The same of every list of a case, and of the desk's others.
    address = f"/advocate/cases/{person.case_id}"
    await world.sighting(person)
    await send(world, advocate, f"{address}/notes/write", text=NOTE)
    for path, false in (
        (f"{address}/notes", "Nobody has written a note yet."),
        (f"{address}/copies", "Nothing was found for this case yet."),
        (f"{address}/record", ""),
        ("/advocate/alerts", ""),
        ("/advocate/gathered", ""),
    ):
        where, text = await looked(world, advocate, f"{path}?page=77")
        assert where == path and (not false or false not in text), path
    sighting = await world.sighting(person, source="otherchannel", post_id="8")
    await advocate.post(f"/sightings/{sighting}/confirm", {"basis": "caption-context"})
    for path in ("/advocate/notices", "/advocate/copies", "/advocate/resent", "/advocate/linking", "/advocate/reports"):
        where, text = await looked(world, advocate, f"{path}?from=5000")
        first = await looked(world, advocate, path)
        assert where == path and text == first[1], path
    async with world.services.database.read() as session:
        (note,) = (await session.scalars(select(CaseNote))).all()
    async with world.services.database.begin() as session:
        for number in range(20):
            row = CaseNote(
                id=new_id(),
                case_id=person.case_id,
                organisation_id=note.organisation_id,
                kind=note.kind,
                written_by=note.written_by,
                written_at=note.written_at - timedelta(days=number + 1),
                taken_back_at=note.written_at,
            )
            session.add(row)
    where, text = await looked(world, advocate, f"{address}/notes?page=77")
    assert where == f"{address}/notes?page=2" and "Newer ones" in text and "Older ones" not in text
    assert "Older ones" in await page(world, advocate, f"{address}/notes")


async def test_what_is_on_hold_is_no_duty_of_anybody(sqlite_world: ApiWorld) -> None:
    """The overview counts nothing that the lists, the pages of the case and its notices refuse."""
    world, lead = sqlite_world, await sqlite_world.advocate()
    person, waiting = await world.vouched(lead), await world.person()
    await lead.post(f"/cases/{waiting.case_id}/in-hand")
    confirmed = await world.sighting(person)
    await lead.post(f"/sightings/{confirmed}/confirm", {"basis": "caption-context"})
    await world.sighting(person, source="otherchannel", post_id="8")
    for one in (person, waiting):
        await one.post(f"/cases/{one.case_id}/messages", {"text": "Is there news?"})
        await send(world, lead, f"/advocate/cases/{one.case_id}/hand-over", to="me")
    world.clock.move(days=4)

    def counted(told: dict[str, object]) -> list[object]:
        load = told["load"]
        assert isinstance(load, list)
        numbers = [(one["cases"], one["notices"] > 0) for one in load]
        return [told["unread"], told["undecided"], told["in_hand"], *numbers]

    assert counted(await lead.get("/overview")) == [2, 1, 1, (2, True)]
    async with world.services.database.begin() as session:
        await session.execute(update(Case).values(frozen_at=world.clock.now()))
    assert counted(await lead.get("/overview")) == [0, 0, 0, (0, False)]
    shown = await page(world, lead, "/advocate/overview")
    assert "What is on hold is not counted" in shown
    assert "new message" not in await page(world, lead, "/advocate/cases")
