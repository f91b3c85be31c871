"""The case page and the list of cases: names, tags, notes and hand-overs of a centre, through both doors."""

import re
from collections.abc import Sequence
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

from sqlalchemy import select, text, update

from db.locking import lock_one
from db.models.cases import Case
from db.models.desk import CaseDesk, CaseNote
from db.models.notices import Notice, NoticeClock
from db.queries.actors import AdvocateActor
from db.queries.desk import case_counts
from monitor.actions.case_list import Wanted, case_list
from monitor.cases.erasure import erase
from monitor.core.refusals import Refusal
from monitor.model.case_numbers import end_of_number, is_whole_number
from monitor.model.desk import Called, has_tag, is_called, looked_for, place_looked_for, tags_of
from monitor.model.notice_states import NEEDS_A_PERSON, NoticeState
from monitor.model.states import CaseState
from monitor.sightings.marks import mark_sightings
from tests.support.api_world import PDQ, ApiWorld, Caller, api_world
from tests.support.page_forms import form
from tests.support.page_visits import page, send

NAME, TAG, NOTE = "김지우 푸른 방", "학교", "Call the school on Friday."


def rows(text_of_page: str) -> list[str]:
    """The numbers of the cases that a list shows, in its order."""
    return re.findall(r'<li class="card" id="c-(\w+)">', text_of_page)


async def all_ledgers(world: ApiWorld, case_id: str) -> list[tuple[str, str | None, Any]]:
    """Kind, doer and facts of each entry of a case."""
    async with world.services.database.read() as session:
        told = await world.context.ledger.told(session, case_id)
    return [(one.row.kind, None if one.by is None else one.by.id, one.facts) for one in told]


async def raw(world: ApiWorld) -> bytes:
    """Everything that stands in the tables of a centre's own words."""
    async with world.services.database.read() as session:
        found = [
            (await session.execute(text(f"select * from {table}"))).all()  # noqa: S608  # two constants
            for table in ("case_desks", "case_notes", "ledger_entries", "alerts")
        ]
    return repr(found).encode()


def test_what_is_typed_finds_half_a_korean_name_a_tag_an_end_of_a_number_and_a_channels_address() -> None:
    called = Called("김지우 Blue Room", ("학교", "Autumn"))
    for typed in ("지우", "BLUE", "ｂｌｕｅ", "학교", "#학", "autumn"):
        assert is_called(called, looked_for(typed)), typed
    assert not is_called(called, looked_for("박"))
    assert has_tag(called, looked_for("AUTUMN")) and not has_tag(called, looked_for("autum"))
    number = "abcdefghijklmnopqrstuvwx27"
    assert (
        end_of_number(" WX-27 ") == "wx27" == number[-4:] and end_of_number("x27") == end_of_number("지우 wx27") == ""
    )
    assert end_of_number(number) == number and is_whole_number(number) and not is_whole_number("wx27")
    for typed in ("@SomeChannel", "https://t.me/somechannel/17", "t.me/s/somechannel", "x.com/somechannel?s=1"):
        assert place_looked_for(typed) == "somechannel", typed
    assert tags_of(["#학교", " 학교 ", "", "Two  Words"]) == ("학교", "Two Words")


async def test_a_case_is_named_tagged_noted_and_handed_over_and_every_deed_has_its_doer(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    colleague = await world.advocate("second")
    stranger = await world.advocate("other", "Centre B")
    mine, theirs = await world.advocate_row(), await world.advocate_row("second")
    person = await world.vouched(advocate)
    case, address = f"/cases/{person.case_id}", f"/advocate/cases/{person.case_id}"

    empty = await page(world, advocate, address)
    assert "nobody is in charge" in empty
    # A link that could only be refused is not offered.
    assert "/hand-off/pdf" not in empty and "Nothing to hand to other bodies yet" in empty
    assert await send(world, advocate, f"{address}/call", name=f"  {NAME} ", tags=f"#{TAG}, autumn,{TAG}") == (
        f"{address}?done=case-called"
    )
    told = await advocate.get(f"{case}/desk")
    assert (told["name"], told["tags"], told["in_charge"], told["standing"]) == (NAME, [TAG, "autumn"], None, "vouched")
    shown = await page(world, advocate, address)
    assert f"<h1>{NAME}</h1>" in shown and f"#{TAG}</a>" in shown

    assert "note-needed" in await send(world, advocate, f"{address}/hand-over", to=theirs.id)
    assert "colleague-unknown" in await send(
        world, advocate, f"{address}/hand-over", to=(await world.advocate_row("other")).id, note="x"
    )
    await send(world, advocate, f"{address}/hand-over", to="me")
    await send(world, advocate, f"{address}/hand-over", to=theirs.id, note=NOTE)
    told = (await advocate.get(f"{case}/desk"))["in_charge"]
    assert (told["advocate_id"], told["handed_by"]) == (theirs.id, mine.name)
    # Whoever got it sees so in the list until they open it, and reads what they should know.
    taken = await page(world, colleague, "/advocate/cases?waits=taken")
    assert rows(taken) == [person.case_id] and "handed over to you" in taken
    opened = await page(world, colleague, address)
    assert NOTE in opened and "handed over by" in opened
    assert rows(await page(world, colleague, "/advocate/cases?waits=taken")) == []

    await colleague.post(f"{case}/notes", {"text": "They sleep better now."})
    notes = await page(world, advocate, f"{address}/notes")
    assert "They sleep better now." in notes and NOTE in notes
    kept = (await colleague.get(f"{case}/notes"))["notes"]
    note = next(one for one in kept if one["text"] == "They sleep better now.")
    assert await advocate.refused("DELETE", f"{case}/notes/{note['note_id']}") == (409, Refusal.NOT_YOUR_NOTE)
    await send(world, colleague, f"{address}/notes/back", note=note["note_id"])
    assert "They sleep better now." not in await page(world, advocate, f"{address}/notes")
    assert "The words are destroyed." in await page(world, advocate, f"{address}/notes")
    assert (await advocate.get(f"{case}/notes"))["total"] == 2

    # The person and the other centre see none of it; nothing of it is stored in the clear, in the ledger neither.
    for path in ("/desk", "/notes", "/record"):
        assert (await stranger.refused("GET", f"{case}{path}"))[0] == 404
        assert (await person.refused("GET", f"{case}{path}"))[0] == 403
    assert NAME not in str(await person.get(case)) and NAME not in (await page(world, stranger, "/advocate/cases"))
    stored = await raw(world)
    assert not any(word.encode() in stored for word in (NAME, TAG, NOTE, "autumn"))
    deeds = [one for one in await all_ledgers(world, person.case_id) if one[0].startswith(("case-named", "case-note"))]
    assert deeds == [
        ("case-named", mine.id, {"named": True, "tags": 2}),
        ("case-noted", theirs.id, {"note": note["note_id"]}),
        ("case-note-taken-back", theirs.id, {"note": note["note_id"]}),
    ]
    handed = [one for one in await all_ledgers(world, person.case_id) if one[0] == "case-handed-over"]
    assert [(by, facts["to"]) for _, by, facts in handed] == [(mine.id, mine.id), (mine.id, theirs.id)]
    # The record tells them in words, with the name of who did it.
    record = await page(world, advocate, f"{address}/record", language="ko")
    assert "사건 담당자가 바뀌었어요." in record and f"{theirs.name} · Centre A" in record
    assert "Somebody else is in charge of the case." in str(await advocate.get(f"{case}/record?language=en"))

    # Too long, too many: said at both doors, and nothing changes.
    assert "case-name-too-long" in await send(world, advocate, f"{address}/call", name="x" * 81, tags="")
    assert "too-many-tags" in await send(world, advocate, f"{address}/call", name="x", tags=",".join("abcdefghi"))
    assert "note-needed" in await send(world, advocate, f"{address}/notes/write", text="  ")
    assert "note-too-long" in await send(world, advocate, f"{address}/notes/write", text="x" * 3001)
    assert (await advocate.get(f"{case}/desk"))["name"] == NAME

    # On hold nothing of it is opened; erased, nothing is left.
    async with world.services.database.begin() as session:
        await session.execute(update(Case).where(Case.id == person.case_id).values(frozen_at=world.clock.now()))
    frozen = await page(world, advocate, address)
    assert NAME not in frozen and "On hold since" in frozen
    assert rows(await page(world, advocate, "/advocate/cases?q=지우")) == []
    assert await advocate.refused("GET", f"{case}/desk") == (409, Refusal.CASE_FROZEN)
    async with world.services.database.begin() as session:
        row = await lock_one(session, Case, person.case_id)
        row.state, row.frozen_at = CaseState.ERASING, None
        await erase(session, world.context, row)
        left = [(await session.scalars(select(one).where(one.case_id == row.id))).all() for one in (CaseDesk, CaseNote)]
    assert left == [[], []]


async def test_who_names_a_case_is_shown_what_somebody_else_kept_meanwhile(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    colleague = await world.advocate("second")
    person = await world.vouched(advocate)
    case, address = f"/cases/{person.case_id}", f"/advocate/cases/{person.case_id}"

    async def version(who: Caller) -> str:
        """Of the name and the tags that their page shows."""
        return str(re.findall(r'name="version" value="(\w+)"', await page(world, who, address))[0])

    both = [await version(who) for who in (advocate, colleague)]
    assert "case-called" in await send(world, advocate, f"{address}/call", name=NAME, tags=TAG, version=both[0])
    # The same once more, as by a second press, is no conflict; another name is one.
    assert "case-called" in await send(world, colleague, f"{address}/call", name=NAME, tags=TAG, version=both[1])
    answer = await form(world, colleague, f"{address}/call", {"name": "Heron", "tags": "late", "version": both[1]})
    shown = unescape(answer.text)
    assert answer.status_code == 409 and "Somebody changed the name or the tags meanwhile." in shown
    assert f"<dd>{NAME}</dd>" in shown and f"<dd>{TAG}</dd>" in shown, "what is kept now"
    assert 'name="name" value="Heron"' in shown and 'name="tags" value="late"' in shown, "what was typed"
    assert "Keep mine instead" in shown and f'href="{address}">Leave it so' in shown
    told = await advocate.get(f"{case}/desk")
    assert (told["name"], told["tags"]) == (NAME, [TAG])
    # Whoever has seen both may replace it: the form that was shown again carries what is kept now.
    (seen,) = re.findall(r'name="version" value="(\w+)"', shown)
    assert "case-called" in await send(world, colleague, f"{address}/call", name="Heron", tags="late", version=seen)
    later = await advocate.get(f"{case}/desk")
    assert (later["name"], later["tags"]) == ("Heron", ["late"]) and later["version"] != told["version"] == seen
    body = {"name": "", "tags": [], "version": told["version"]}
    assert await advocate.refused("PUT", f"{case}/desk", body) == (409, Refusal.CASE_CALLED_MEANWHILE)
    assert (await advocate.put(f"{case}/desk", {**body, "version": later["version"]}))["name"] == ""


async def test_a_note_that_was_sent_twice_stands_once(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    colleague = await world.advocate("second")
    person = await world.vouched(advocate)
    address = f"/advocate/cases/{person.case_id}/notes"

    async def written(who: Caller) -> int:
        """They write it; how often it stands then."""
        assert "note-written" in await send(world, who, f"{address}/write", text=f" {NOTE} ")
        return (await page(world, advocate, address)).count(NOTE)

    assert [await written(advocate), await written(advocate)] == [1, 1]
    assert await written(colleague) == 2, "another's word is a note of its own"
    kinds = [kind for kind, *_ in await all_ledgers(world, person.case_id)]
    assert kinds.count("case-noted") == 2
    # Taken back and written again, or written again later, it was meant.
    newest = (await advocate.get(f"/cases/{person.case_id}/notes"))["notes"]
    own = next(one["note_id"] for one in newest if one["mine"])
    await send(world, advocate, f"{address}/back", note=own)
    assert await written(advocate) == 2
    world.clock.move(minutes=2)
    assert await written(advocate) == 3


async def test_a_list_of_cases_is_looked_through_narrowed_ordered_and_counted(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    empty = await page(world, advocate, "/advocate/cases")
    assert "Your centre has no case yet." in empty
    people = {name: await world.vouched(advocate) for name in ("decides", "writes", "sends", "rests", "quiet")}
    ids = {name: one.case_id for name, one in people.items()}
    names = {"decides": "Blue room", "writes": "김지우", "sends": "Autumn", "rests": "자는 집", "quiet": ""}
    for name, called in names.items():
        tags = ["school"] if name in ("decides", "rests") else []
        await advocate.put(f"/cases/{ids[name]}/desk", {"name": called, "tags": tags})
    await world.sighting(people["decides"], source="bluechannel")
    await people["writes"].post(f"/cases/{ids['writes']}/messages", {"text": "Is there news?"})
    sighting = await world.sighting(people["sends"], source="autumnchannel")
    written = await advocate.confirm(sighting, {"basis": "caption-context"})
    await people["rests"].put(f"/cases/{ids['rests']}/watching", {"paused": True})
    soon = world.clock.now() + timedelta(hours=5)
    async with world.services.database.begin() as session:
        notice = await lock_one(session, Notice, written["notices"][0]["notice_id"])
        notice.state, notice.sent_at, notice.deadline_at = NoticeState.SENT, world.clock.now(), soon
        session.add(
            NoticeClock(
                notice_id=notice.id,
                case_id=notice.case_id,
                kind="answer",
                advocate_id=notice.created_by,
                ends_at=soon,
                remind_at=soon,
            )
        )
    waiting = await world.person()
    await advocate.post(f"/cases/{waiting.case_id}/in-hand")

    async def found(**asked: str) -> set[str]:
        told = await world.http.get(
            "/advocate/cases", params=asked, headers={"Cookie": f"__Host-jikimi_login={advocate.token}"}
        )
        assert told.status_code == 200
        shown = set(rows(told.text))
        known = {case_id: name for name, case_id in {**ids, "waiting": waiting.case_id}.items()}
        return {known[one] for one in shown}

    assert await found() == {*ids, "waiting"}
    for text_, expected in (
        ("지우", {"writes"}),
        ("blue", {"decides"}),
        ("SCHOOL", {"decides", "rests"}),
        ("@autumnchannel", {"sends"}),
        ("https://t.me/bluechannel/17", {"decides"}),
        (ids["quiet"], {"quiet"}),
        (ids["quiet"][-4:], {"quiet"}),
        ("nothing like it", set()),
    ):
        assert await found(q=text_) == expected, text_
    assert await found(tag="school") == {"decides", "rests"}
    assert await found(state="rests") == {"rests"}
    assert await found(state="in-hand") == {"waiting"}
    assert await found(waits="decide") == {"decides"}
    assert await found(waits="messages") == {"writes"}
    assert await found(tag="school", state="rests") == {"rests"}
    await send(world, advocate, f"/advocate/cases/{ids['quiet']}/hand-over", to="me")
    assert await found(charge="me") == {"quiet"}
    assert await found(charge="nobody") == {"decides", "writes", "sends", "rests", "waiting"}
    # What ends first comes first where that is asked for; by name, the nameless come last.
    assert rows(await page(world, advocate, "/advocate/cases?sort=clock"))[0] == ids["sends"]
    by_name = rows(await page(world, advocate, "/advocate/cases?sort=name&state=vouched"))
    assert by_name == [ids[name] for name in ("sends", "decides", "writes", "quiet")]
    shown = await page(world, advocate, "/advocate/cases")
    assert "Rests: paused by the person" in shown and "1 new message" in shown and "1 to decide" in shown
    assert "No case fits." in await page(world, advocate, "/advocate/cases?q=nothing-like-it")
    # The rest of a case is told where it is opened, with the numbers of its own alone.
    rests = await page(world, advocate, f"/advocate/cases/{ids['rests']}")
    assert "The case rests: since" in rests
    overview = await page(world, advocate, f"/advocate/cases/{ids['sends']}")
    assert "Autumn" in overview and "1 confirmed, 0 of them gone" in overview
    in_hand = await page(world, advocate, f"/advocate/cases/{waiting.case_id}")
    assert "Nobody has vouched for it yet" in in_hand and "/person" not in in_hand
    # The same by the API, and another centre's list holds none of it.
    told = await advocate.get("/desk?text=지우")
    assert [one["name"] for one in told["cases"]] == ["김지우"] and told["counts"]["rests"] == 1
    other = await world.advocate("other", "Centre B")
    assert (await other.get("/desk?text=지우"))["cases"] == []
    # More than one page: numbers, and what was asked stays in their addresses.
    async with world.services.database.read() as session:
        row = await world.advocate_row()
        actor = AdvocateActor(row.id, row.organisation_id, row.name)
        listed: list[str] = []
        for at in (0, 2, 4):
            part = await case_list(session, world.context, actor, Wanted(), limit=2, offset=at)
            listed += [one.row.case_id for one in part.cases]
        counts = await case_counts(
            session, actor, ids["sends"], needs_a_person=sorted(NEEDS_A_PERSON), now=world.clock.now()
        )
    assert sorted(listed) == sorted([*ids.values(), waiting.case_id])
    assert (counts.confirmed, counts.notices, counts.to_decide) == (1, len(written["notices"]), 0)


async def test_the_pages_of_a_case_tell_who_where_what_and_when_and_reading_the_person_is_noted(
    sqlite_world: ApiWorld,
) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    person = await world.vouched(advocate)
    case, address = f"/cases/{person.case_id}", f"/advocate/cases/{person.case_id}"
    for path, words in (
        ("/copies", "Nothing was found for this case yet."),
        ("/watch", "The person has registered no photo yet."),
        ("/watch", "The person has agreed to no place yet"),
        ("/notes", "Nobody has written a note yet."),
    ):
        assert words in await page(world, advocate, address + path), path
    body = {"pdq": PDQ, "quality": 90, "kind": "faked", "label": "거울 사진"}
    await person.post(f"{case}/fingerprints", body)
    first = await world.sighting(person, source="onechannel", post_id="17")
    second = await world.sighting(person, source="otherchannel", post_id="18")
    await advocate.confirm(first, {"basis": "caption-context"})
    await person.post(f"{case}/links", {"url": "https://t.me/+private", "kind": "intimate"})

    before = [kind for kind, *_ in await all_ledgers(world, person.case_id)]
    told = await page(world, advocate, f"{address}/person")
    assert "person@example.org" in told and "Typed Signature" in told and "A mirror picture in a blue room." in told
    assert [kind for kind, *_ in await all_ledgers(world, person.case_id)] == [*before, "intake-read"]
    await page(world, advocate, address)
    assert [kind for kind, *_ in await all_ledgers(world, person.case_id)] == [*before, "intake-read"]

    watch = await page(world, advocate, f"{address}/watch")
    assert "거울 사진" in watch and "Faked" in watch and "@onechannel" in watch and "not read yet" in watch
    async with world.services.database.begin() as session:
        source = (await world.row(first)).source_id
        await session.execute(
            text(
                "insert into case_sources (case_id, source_id, since, noted_at, unavailable)"
                " values (:case, :source, :now, :now, 'PrivateSource')"
            ),
            {"case": person.case_id, "source": source, "now": world.clock.now().replace(tzinfo=None)},
        )
    gaps = await page(world, advocate, f"{address}/watch")
    assert "1 place has a gap" in gaps and "could not be read" in gaps
    given = await person.get(f"{case}/consents")
    watched = next(one for one in given["consents"] if one["source"] == "otherchannel" and one["purpose"] == "watch")
    await person.put(f"{case}/watching", {"paused": True, "source_id": watched["source_id"]})
    assert "rests: paused by the person" in await page(world, advocate, f"{address}/watch")

    copies = await page(world, advocate, f"{address}/copies")
    assert f"/advocate/copies/{first}" in copies and f"/advocate/sightings/{second}" in copies
    items = await advocate.get(f"{case}/items")
    assert items["total"] == 2 and {one["sighting_id"] for item in items["items"] for one in item["copies"]} == {
        first,
        second,
    }
    confirmed = next(one for item in items["items"] for one in item["copies"] if one["sighting_id"] == first)
    assert confirmed["notices"]
    # Every way onward stands on the first page, and on each of the others, with the case's name above it.
    overview = await page(world, advocate, address)
    onward = ("/person", "/watch", "/copies", "/messages", "/notes", "/record", "/entered", "/names", "/police")
    heading = re.search(r"<h1>[^<]+</h1>", overview)
    assert heading
    for at in ("", *onward):
        shown = await page(world, advocate, f"{address}{at}")
        assert heading[0] in shown and f'href="{address}{at}" aria-current="page"' in shown, at
        assert [link for link in onward if f'href="{address}{link}"' not in shown] == [], at
    for way in (f"{address}/hand-off/pdf", f"{address}/hand-off/text", f"/advocate/evidence?case={person.case_id}#new"):
        assert way in overview, way
    assert f">{person.case_id}</textarea>" in await page(world, advocate, f"/advocate/evidence?case={person.case_id}")


async def ring(world: ApiWorld, advocate: Caller, people: int) -> Sequence[Caller]:
    """Persons with a copy each in one channel."""
    found = [await world.vouched(advocate) for _ in range(people)]
    for number, person in enumerate(found):
        await world.sighting(person, source="ringchannel", post_id=str(100 + number))
    return found


async def test_one_ring_is_gathered_by_channel_author_and_file_of_the_own_centre_alone(
    prepared_url: str, tmp_path: Path
) -> None:
    async with api_world(prepared_url, tmp_path) as world:
        advocate = await world.advocate()
        assert "Nothing to gather yet." in await page(world, advocate, "/advocate/gathered")
        people = await ring(world, advocate, 4)
        stranger = await world.advocate("other", "Centre B")
        theirs = await ring(world, stranger, 2)
        await advocate.put(f"/cases/{people[0].case_id}/desk", {"name": NAME, "tags": []})
        while await mark_sightings(world.services.database, world.context):
            pass
        (place,) = (await advocate.get("/linking"))["places"]
        assert place["counted"]["cases"] == 4
        gathered = await advocate.get(f"/linking/{place['source_id']}/copies")
        assert {one["case_id"] for one in gathered["copies"]} == {one.case_id for one in people}
        assert gathered["counted"]["cases"] == 4 and NAME in {one["case_name"] for one in gathered["copies"]}
        shown = await page(world, advocate, f"/advocate/linking/{place['source_id']}/copies")
        assert NAME in shown and all(f"/advocate/cases/{one.case_id}" in shown for one in people)
        assert not any(one.case_id in shown for one in theirs)
        assert f'href="/advocate/linking/{place["source_id"]}/copies"' in await page(
            world, advocate, f"/advocate/linking/{place['source_id']}"
        )
        package = await page(world, advocate, "/advocate/evidence?source=https%3A%2F%2Ft.me%2Fringchannel")
        assert 'value="https://t.me/ringchannel"' in package
        # The same file in each: one ring, four cases; the other centre's two are theirs alone.
        (same,) = (await advocate.get("/gathered?by=file"))["rings"]
        assert same["counted"]["cases"] == 4
        (own,) = (await stranger.get("/gathered?by=file"))["rings"]
        assert own["counted"]["cases"] == 2
        copies = await advocate.get(f"/sightings/{same['sighting_id']}/gathered?by=file")
        assert {one["case_id"] for one in copies["copies"]} == {one.case_id for one in people}
        assert await stranger.refused("GET", f"/sightings/{same['sighting_id']}/gathered?by=file") == (
            404,
            Refusal.NOT_FOUND,
        )
        ring_page = await page(world, advocate, f"/advocate/gathered/file/{same['sighting_id']}")
        assert NAME in ring_page and "4 cases" in ring_page
        assert (await stranger.get("/gathered?by=account"))["rings"] == []
