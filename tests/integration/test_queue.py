"""The queue at a desk: one line an item, ordered by harm; filters that are never passed over; honest bases; undo."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select, update

from api.pages.forms import form_token
from db.locking import lock_one
from db.models.cases import Case
from db.models.notices import Notice
from db.models.sightings import Sighting
from db.models.sources import Source
from db.models.viewings import Viewing
from monitor.cases.consents import give_consent
from monitor.evidence.entry_kinds import EntryKind
from monitor.fingerprints.hashes.values import Hash, HashedMedium, PictureView
from monitor.keys.store import case_key
from monitor.model.records.viewing import ViewingRecord
from monitor.model.states import Purpose
from monitor.platforms.base import Media, MediaKind, PlatformName, Post
from monitor.sightings.alike import gather_older
from monitor.sightings.record import Unmatched, write_sighting
from tests.support.api_world import ApiWorld, Caller
from tests.support.page_forms import ORIGIN, see, send_form, undo
from tests.support.statements import statements_of

MOST_BYTES, MOST_STATEMENTS = 60_000, 12


def picture(number: int) -> HashedMedium:
    """A picture of its own: no two of these are near each other."""
    code = (number * 2654435761 % 2**32).to_bytes(4) * 8
    view = PictureView("whole", 0, Hash(bytes(one ^ at for at, one in enumerate(code)), 90))
    return HashedMedium(800, 600, "JPEG", f"{number:064x}", (view,), code[:8])


async def found(
    world: ApiWorld, person: Caller, number: int, source: str, *, caption: str = "", verdict: str = "confident"
) -> str:
    """A copy of picture `number` in a channel, as the crawler writes it."""
    async with world.services.database.begin() as session:
        case = await lock_one(session, Case, person.case_id)
        purposes = (Purpose.WATCH, Purpose.FOLLOW)
        consent, _ = await give_consent(
            session, world.context, case, platform=PlatformName.TELEGRAM, source=source, purposes=purposes
        )
        row = await session.get_one(Source, consent.source_id)
        row.remote_id, row.title = "77", f"Title of {source}"
        media = (Media(f"photo:{number}a", MediaKind.PHOTO), Media(f"photo:{number}b", MediaKind.PHOTO))
        now = world.context.now()
        post = Post(str(number), f"https://t.me/{source}/{number}", now - timedelta(hours=2), media, caption=caption)
        match = Unmatched(case.id, "intimate", verdict, "whole picture: 4 of 256 bits differ")
        await write_sighting(session, world.context, row.id, post, media[1], picture(number), match)
        query = select(Sighting.id).where(Sighting.case_id == case.id, Sighting.source_id == row.id)
        sighting_id = await session.scalar(query.where(Sighting.post_id == post.id))
    assert sighting_id is not None
    world.clock.move(minutes=1)
    return sighting_id


async def states(world: ApiWorld, ids: Sequence[str]) -> list[str]:
    return [(await world.row(one)).state for one in ids]


def lines(page: str) -> list[str]:
    """The items of the list, in its order."""
    return [part.partition('"')[0] for part in page.split('id="l-')[1:]]


async def test_a_list_by_age_moves_on_with_time(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    old = await found(world, person, 1, "channelone")

    async def ages(*wanted: str) -> list[list[str]]:
        return [lines(await see(world, advocate, f"/advocate?age={one}")) for one in wanted]

    assert await ages("1d", "7d", "over-1d", "over-7d") == [[old], [old], [], []]
    world.clock.move(days=2)
    new = await found(world, person, 2, "channelone")
    # The same address, another day: what is asked for is counted from now, not from when it was asked first.
    assert await ages("1d", "7d", "over-1d", "over-7d") == [[new], [old, new], [old], []]
    assert [one["item_id"] for one in (await advocate.get("/items?age=over-1d"))["items"]] == [old]
    world.clock.move(days=6)
    assert await ages("1d", "7d", "over-1d", "over-7d") == [[], [new], [old, new], [old]]


async def test_copies_of_one_picture_are_one_line_and_what_harms_most_comes_first(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    advocate, other = await world.advocate(), await world.advocate("second", "Centre B")
    adult = await world.vouched(advocate)
    minor = await world.vouched(advocate, intake={"age_group": "minor"})
    loose = await found(world, adult, 1, "channelone", verdict="review")
    sure = await found(world, adult, 2, "channelone")
    spread = [await found(world, adult, 3, one) for one in ("channelone", "channeltwo", "channelthree")]
    named = await found(world, adult, 4, "channelone", verdict="review")
    of_minor = await found(world, minor, 3, "channelone", verdict="review")
    async with world.services.database.begin() as session:
        await session.execute(update(Sighting).where(Sighting.id == named).values(named=True))

    page = await see(world, advocate, "/advocate?lang=en")
    # The same picture in another case is another item: nothing of one shows in the other.
    assert lines(page) == [of_minor, named, spread[0], sure, loose]
    assert "and 2 places more" in page and "× 3" in page and "3 places" in page
    told = await advocate.get("/items")
    assert [(one["item_id"], one["copies"]) for one in told["items"]] == [
        *((of_minor, 1), (named, 1), (spread[0], 3), (sure, 1), (loose, 1))
    ]
    assert told["total"] == 5 and [one["minor"] for one in told["items"]] == [True, *[False] * 4]
    assert (await other.get("/items"))["total"] == 0 and lines(await see(world, other, "/advocate")) == []

    # Beside the sketch: the title, the position, the repeats, the channel's past; the caption is folded.
    await found(world, adult, 5, "channelone", caption="hurtful words")
    await advocate.post(f"/items/{sure}/dismiss", {"reason": "harmless"})
    shown = await see(world, advocate, f"/advocate?lang=en&item={spread[1]}")
    detail = shown[shown.index('id="item"') :]
    assert "Title of channelone" in detail and "picture 2, in an album" in detail
    assert "3 copies of the same picture" in detail and "@channelthree" in detail
    assert "0 confirmed, 1 dismissed, in 2 of our cases" in detail
    assert "<img" not in shown and "<video" not in shown
    with_text = (await advocate.get("/items?case_id=" + adult.case_id))["items"][-2]["item_id"]
    folded = await see(world, advocate, f"/advocate?lang=en&item={with_text}")
    assert '<details class="caption" data-caption><summary>' in folded and "hurtful words" in folded
    assert "<details open" not in folded

    # Rows of an older program are told apart by the sweep.
    async with world.services.database.begin() as session:
        await session.execute(update(Sighting).values(alike_id=None))
    assert len(lines(await see(world, advocate, "/advocate"))) == 7
    for _ in range(3):
        await gather_older(world.services.database, world.context)
    assert len(lines(await see(world, advocate, "/advocate"))) == 5


async def test_filters_stand_in_the_address_and_none_is_passed_over(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    advocate, other = await world.advocate(), await world.advocate("second", "Centre B")
    first, second = await world.vouched(advocate), await world.vouched(advocate)
    foreign = await world.vouched(other)
    await found(world, foreign, 1, "foreignchannel")
    old = await found(world, first, 1, "channelone")
    world.clock.move(days=4)
    loose = await found(world, first, 2, "channeltwo", verdict="review")
    theirs = await found(world, second, 3, "channelone")
    wanted = {
        f"case={first.case_id}": {old, loose},
        f"case={first.case_id.upper()}": {old, loose},
        "source=telegram:channelone": {old, theirs},
        "source=@ChannelTwo": {loose},
        "verdict=review": {loose},
        "age=1d": {loose, theirs},
        "age=over-3d": {old},
        f"verdict=confident&source=channelone&case={second.case_id}": {theirs},
        "state=dismissed": set(),
        "case=&source=": {old, loose, theirs},  # empty fields of the form ask for nothing
    }
    for query, items in wanted.items():
        assert set(lines(await see(world, advocate, f"/advocate?{query}&lang=en"))) == items, query
    headers = {"Cookie": f"__Host-jikimi_login={advocate.token}", "Origin": ORIGIN}
    refused = {
        "case_id=x": "There is no filter “case_id”",
        "q=abc": "There is no filter “q”",
        "verdict=surely": "“surely” is no value of the filter “verdict”",
        "age=2d": "is no value of the filter “age”",
        "state=all": "is no value of the filter “state”",
        "page=0": "The list has no page “0”",
        "page=9": "The list has no page “9”",
        "case=12": "No vouched case of your centre has the number “12”",
        f"case={foreign.case_id}": "No vouched case of your centre",
        "source=foreignchannel": "Nothing was found in “foreignchannel”",
        "source=facebook:x": "Nothing was found in “facebook:x”",
    }
    for query, said in refused.items():
        answer = await world.http.get(f"/advocate?lang=en&{query}", headers=headers)
        page = unescape(answer.text)
        assert answer.status_code == 400 and said in page and lines(page) == [], (query, page)
    for query in ("q=abc", "verdict=surely", "case=x", f"case_id={foreign.case_id}", "source=foreignchannel"):
        assert (await advocate.refused("GET", f"/items?{query}"))[0] == 422, query
    places = await see(world, advocate, "/advocate/places?lang=en")
    assert "channelone" in places and "foreignchannel" not in places

    # Pages with numbers.
    for number in range(30):
        await found(world, second, 10 + number, "channelfour")
    page = await see(world, advocate, "/advocate?source=channelfour")
    assert len(lines(page)) == 25 and 'href="/advocate?source=channelfour&page=2"' in page
    last = await see(world, advocate, "/advocate?source=channelfour&page=2")
    assert len(lines(last)) == 5 and 'aria-current="page">2<' in last
    assert len((await advocate.get("/items?source=channelfour&limit=10&page=3"))["items"]) == 10


async def test_a_decision_is_about_every_copy_and_can_be_undone_at_either_door(world: ApiWorld) -> None:
    advocate, other = await world.advocate(), await world.advocate("second", "Centre B")
    person = await world.vouched(advocate)
    copies = [await found(world, person, 1, one, caption="words") for one in ("channelone", "channeltwo")]
    apart = await found(world, person, 2, "channelone")
    confirm = {"basis": "caption-context", "release": "on", "write": "on", "back": "", "next": apart}

    # What was not shown is not decided.
    where = await send_form(world, advocate, f"/advocate/items/{copies[1]}/confirm", {**confirm, "expect": "1"})
    assert "problem=item-changed" in where and await states(world, copies) == ["open", "open"]
    where = await send_form(world, advocate, f"/advocate/items/{copies[1]}/confirm", {**confirm, "expect": "2"})
    asked = parse_qs(urlsplit(where).query)
    assert (asked["done"], asked["item"], asked["copies"]) == (["confirmed"], [apart], ["2"])
    assert await states(world, [*copies, apart]) == ["confirmed", "confirmed", "open"]
    assert {(await world.row(one)).item_id for one in copies} == {copies[0]}
    page = await see(world, advocate, where + "&lang=en")
    async with world.services.database.read() as session:
        notices = (await session.scalars(select(Notice))).all()
    assert {one.sighting_id for one in notices} == set(copies) and {one.state for one in notices} == {"prepared"}
    assert f'action="/advocate/items/{copies[0]}/reopen"' in page and "Ready: a person sends it" in page

    # Undo: nothing left, so no reason is asked for, and nobody is told.
    where = await send_form(world, advocate, f"/advocate/items/{copies[0]}/reopen", await undo(world, copies[0]))
    assert "done=item-reopened" in where and await states(world, copies) == ["open", "open"]
    told = await advocate.post(f"/items/{copies[0]}/confirm", {"basis": "caption-context", "copies": 2})
    assert (told["sighting_ids"], told["left_open"]) == (copies, 0) and told["notices"]
    notice = next(one for one in told["notices"] if one["route"] != "telegram_report")
    await advocate.send(notice["notice_id"])
    assert await advocate.refused("POST", f"/items/{copies[0]}/reopen") == (409, "choose-reason")
    await advocate.post(f"/items/{copies[0]}/reopen", {"reason": "wrong-copy"})
    assert await states(world, copies) == ["open", "open"]

    # Several at once, each by itself: one that changed holds up no other.
    form = {"token": form_token(advocate.token or ""), "back": "verdict=confident", "decision": "dismiss-harmless"}
    ticked = {**form, "item": [f"{copies[0]}:2", f"{apart}:7", f"{'a' * 26}:1"]}
    headers = {"Cookie": f"__Host-jikimi_login={advocate.token}", "Origin": ORIGIN}
    answer = await world.http.post("/advocate/items", headers=headers, data=ticked)
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert (asked["done"], asked["copies"], asked["refused"]) == (["several-dismissed"], ["2"], ["2"])
    assert asked["verdict"] == ["confident"] and await states(world, [*copies, apart]) == [
        *("dismissed", "dismissed", "open")
    ]
    assert "2 items were left as they were" in await see(world, advocate, answer.headers["location"] + "&lang=en")
    body = {"items": [{"item_id": copies[1]}, {"item_id": apart}], "decision": "reopen"}
    several = await advocate.post("/items/decide", body)
    assert [one["sighting_ids"] for one in several["decided"]] == [copies]
    assert several["refused"] == [{"item_id": apart, "code": "already-decided"}]
    for door in ("confirm", "dismiss", "reopen", "ask", "hand-off", "viewings"):
        bodies: dict[str, Any] = {"confirm": {"basis": "caption-context"}, "dismiss": {"reason": "harmless"}}
        bodies |= {"hand-off": {"viewer": "police"}, "viewings": {"viewer": "police", "said": "yes"}}
        assert await other.refused("POST", f"/items/{apart}/{door}", bodies.get(door)) == (404, "not-found"), door
    empty = await world.http.post("/advocate/items", headers=headers, data=form)
    assert "problem=choose-items" in empty.headers["location"]


async def test_undo_takes_back_the_last_decision_alone(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    first = [await found(world, person, 1, name, caption="words") for name in ("channelone", "channeltwo")]
    confirm = {"basis": "caption-context", "write": "on", "release": "on", "back": ""}
    await send_form(world, advocate, f"/advocate/items/{first[0]}/confirm", {**confirm, "expect": "2"})
    async with world.services.database.read() as session:
        written = {one.id: one.state for one in await session.scalars(select(Notice))}
    world.clock.move(days=3)
    # The same picture again, elsewhere: confirmed by a slip, while one of the others is gone.
    again = await found(world, person, 1, "channelthree", caption="words")
    async with world.services.database.begin() as session:
        gone = update(Sighting).where(Sighting.id == first[1]).values(removed_at=world.context.now())
        await session.execute(gone)
    await send_form(world, advocate, f"/advocate/items/{again}/confirm", {**confirm, "expect": "1"})
    assert await states(world, [*first, again]) == ["confirmed"] * 3
    where = await send_form(world, advocate, f"/advocate/items/{first[0]}/reopen", await undo(world, first[0]))
    assert "done=item-reopened" in where
    assert await states(world, [*first, again]) == ["confirmed", "confirmed", "open"]
    async with world.services.database.read() as session:
        kept = {one.id: one.state for one in await session.scalars(select(Notice).where(Notice.id.in_(written)))}
    assert kept == written, "what was written about the others stays as it was"
    # And dismissals in the same way; what was decided together is undone together.
    await send_form(world, advocate, f"/advocate/items/{again}/dismiss", {"reason": "harmless", "expect": "1"})
    world.clock.move(days=1)
    two = [await found(world, person, 1, name) for name in ("channelfour", "channelfive")]
    await send_form(world, advocate, f"/advocate/items/{two[0]}/dismiss", {"reason": "harmless", "expect": "2"})
    await send_form(world, advocate, f"/advocate/items/{two[0]}/reopen", await undo(world, two[0]))
    assert await states(world, [again, *two]) == ["dismissed", "open", "open"]


async def test_copies_confirmed_without_a_notice_are_undone_together(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    copies = [await found(world, person, 1, name, caption="words") for name in ("channelone", "channeltwo")]
    confirm = {"basis": "caption-context", "release": "on", "back": "", "expect": "2"}
    await send_form(world, advocate, f"/advocate/items/{copies[0]}/confirm", confirm)
    async with world.services.database.read() as session:
        assert (await session.scalars(select(Notice))).all() == []
    assert await states(world, copies) == ["confirmed", "confirmed"]
    assert "done=item-reopened" in await send_form(
        world, advocate, f"/advocate/items/{copies[0]}/reopen", await undo(world, copies[0])
    )
    assert await states(world, copies) == ["open", "open"]


async def test_only_what_somebody_said_may_be_stated(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    first = await found(world, person, 1, "channelone", caption="words")
    bare = await found(world, person, 2, "channelone")

    async def grounds(item: str) -> dict[str, str]:
        return {one["basis"]: one["ground"] for one in (await advocate.get(f"/items/{item}"))["grounds"]}

    assert await grounds(first) == {"caption-context": "caption"} and await grounds(bare) == {
        "caption-context": "place"
    }
    for basis in ("person-said", "person-viewed", "official-viewed"):
        for path in (f"/items/{first}/confirm", f"/sightings/{first}/confirm"):
            assert await advocate.refused("POST", path, {"basis": basis}) == (409, "basis-not-on-record"), (path, basis)
        form = {"basis": basis, "back": ""}
        where = await send_form(world, advocate, f"/advocate/items/{first}/confirm", form)
        assert "problem=basis-not-on-record" in where
        where = await send_form(world, advocate, f"/advocate/sightings/{first}/confirm", form)
        assert "problem=basis-not-on-record" in where
    assert await states(world, [first]) == ["open"]

    # The person is asked in one click, and says so on their page; a later no takes it back.
    where = await send_form(world, advocate, f"/advocate/items/{first}/ask", {"back": ""})
    assert "done=person-asked" in where and f"item={first}" in where
    answers = f"/cases/{person.case_id}/questions/{first}"
    await person.post(answers, {"answer": "yes"})
    assert (await grounds(first))["person-said"] == "answer"
    page = await see(world, advocate, f"/advocate?item={first}&lang=en")
    assert "The person said on their page that it is theirs" in page and "Yes: the person says so" in page
    await person.post(answers, {"answer": "no"})
    assert "person-said" not in await grounds(first)

    # A body that may view is handed the places as a text, and what it says is noted.
    where = await send_form(world, advocate, f"/advocate/items/{first}/hand-off", {"viewer": "police"})
    page = await see(world, advocate, where + "&lang=en")
    assert "https://t.me/channelone/1" in page and "Centre A" in page and "no answer yet" in page
    for _ in range(2):  # pressed twice it is asked once
        ko = await advocate.post(f"/items/{bare}/hand-off", {"viewer": "centre", "language": "ko"})
    assert "https://t.me/channelone/2" in ko["text"] and "확인해 주십시오" in ko["text"]
    said = {"viewer": "police", "said": "yes", "who": "Cyber unit", "reference": "2026-7", "zone": "UTC", "back": ""}
    assert "done=viewing-noted" in await send_form(world, advocate, f"/advocate/items/{first}/viewing", said)
    assert (await grounds(first))["official-viewed"] == "police"
    late = {"viewer": "centre", "said": "yes", "at": (world.context.now() + timedelta(days=1)).isoformat()}
    assert await advocate.refused("POST", f"/items/{bare}/viewings", late) == (422, "viewed-in-future")
    await advocate.post(f"/items/{bare}/viewings", {"viewer": "person", "said": "yes"})
    assert (await grounds(bare))["person-viewed"] == "person"
    await advocate.post(f"/items/{bare}/viewings", {"viewer": "person", "said": "no"})
    assert "person-viewed" not in await grounds(bare)
    async with world.services.database.read() as session:
        rows = (await session.scalars(select(Viewing).order_by(Viewing.asked_at))).all()
        kinds = [one.row.kind for one in await world.context.ledger.told(session, person.case_id)]
    answered = next(row for row in rows if row.body == "police")
    assert answered.asked_at is not None and answered.said == "yes", "the answer is that of what was asked"
    record = world.context.open_record(ViewingRecord, person.case_id, answered.id, answered.content)
    assert (record.who, record.reference) == ("Cyber unit", "2026-7") and b"Cyber unit" not in answered.content
    assert kinds.count(EntryKind.VIEWING_ASKED) == 2 and kinds.count(EntryKind.VIEWING_NOTED) == 3

    # What a notice then states is what was said.
    given = {"basis": "official-viewed", "routes": ["us_tida"]}
    assert await advocate.refused("POST", f"/items/{first}/confirm", given) == (409, "person-says-no")
    told = await advocate.post(f"/items/{first}/confirm", {**given, "over": "no"})
    looked = await advocate.get(f"/notices/{told['notices'][0]['notice_id']}/preview")
    assert "the police or a victim support centre viewed the post" in str(looked)


async def test_that_somebody_viewed_a_post_is_stated_of_no_other(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    first = await found(world, person, 1, "channelone", caption="words")
    said = {"viewer": "police", "said": "yes", "who": "Cyber unit", "reference": "2026-7"}
    await advocate.post(f"/items/{first}/viewings", said)
    world.clock.move(hours=1)
    later = await found(world, person, 1, "channeltwo", caption="words")  # nobody can have looked at it
    given = {"basis": "official-viewed", "routes": ["us_tida"]}
    await advocate.post(f"/items/{first}/confirm", given)
    assert await states(world, [first, later]) == ["confirmed", "confirmed"]
    assert [(await world.row(one)).basis for one in (first, later)] == ["official-viewed", "identical-copy"]
    async with world.services.database.read() as session:
        (notice,) = (await session.scalars(select(Notice).where(Notice.sighting_id == later))).all()
    body = str(await advocate.get(f"/notices/{notice.id}/preview"))
    assert "viewed the post" not in body and "identical, by two fingerprints of the picture" in body
    third = await found(world, person, 1, "channelthree", caption="words")
    refused = await advocate.refused("POST", f"/sightings/{third}/confirm", {"basis": "identical-copy"})
    assert refused == (409, "basis-not-on-record"), "nobody says this but the program"


async def test_the_persons_own_link_is_a_ground_and_an_own_page_none(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    await person.post(f"/cases/{person.case_id}/links", {"url": "https://t.me/channelone/1?single", "kind": "intimate"})
    linked = await found(world, person, 1, "channelone")
    other = await found(world, person, 2, "channelone")
    assert [one["ground"] for one in (await advocate.get(f"/items/{linked}"))["grounds"]] == ["link", "place"]
    assert [one["ground"] for one in (await advocate.get(f"/items/{other}"))["grounds"]] == ["place"]
    await person.post(f"/cases/{person.case_id}/own-pages", {"platform": "telegram", "source": "channelmine"})
    own = await found(world, person, 2, "channelmine")
    both = await advocate.post(f"/items/{other}/confirm", {"basis": "caption-context", "copies": 2})
    assert (both["sighting_ids"], both["own_page_ids"]) == ([other], [own])
    assert await states(world, [other, own]) == ["confirmed", "open"]
    assert await advocate.refused("POST", f"/items/{own}/confirm", {"basis": "caption-context"}) == (409, "own-page")
    page = await see(world, advocate, f"/advocate?item={own}&lang=en")
    assert f"/advocate/items/{other}/confirm" not in page and "so it cannot be confirmed" in page


async def test_lines_bear_the_name_that_the_centre_gave_the_case(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    advocate = await world.advocate()
    named, other, lost = [await world.vouched(advocate) for _ in range(3)]
    for number, person in enumerate((named, other, lost)):
        await found(world, person, number, f"channel{number}")
    for person, name in ((named, "Blue Heron"), (lost, "Grey Gull")):
        await send_form(world, advocate, f"/advocate/cases/{person.case_id}/call", {"name": name, "tags": ""})
    for person in (named, other, lost):
        await person.post(f"/cases/{person.case_id}/messages", {"text": "Is there news?"})
    await asyncio.to_thread(world.services.keys.destroy, case_key(lost.case_id))
    page = await see(world, advocate, "/advocate?lang=en")
    assert "Blue Heron" in page and "Grey Gull" not in page
    by_number = [f"Case …{person.case_id[-4:]}" in page for person in (named, other, lost)]
    assert by_number == [False, True, True]
    assert f"Nothing of the case {lost.case_id} opens any more" in page and "/confirm" in page
    for person, called in ((named, "Blue Heron"), (other, f"Case …{other.case_id[-4:]}")):
        news = f'<a href="/advocate/cases/{person.case_id}/messages">{called} <span class="count">1</span></a>'
        assert news in page and news in await see(world, advocate, "/advocate/cases/waiting?lang=en")
    # The first that opens is shown beside the list.
    assert f'<a href="/advocate/cases/{named.case_id}">Blue Heron</a>' in page


@pytest.mark.parametrize("path", ["/advocate", "/advocate?page=2", "/advocate?state=dismissed"])
async def test_a_page_of_the_queue_is_small_and_asks_little(sqlite_world: ApiWorld, path: str) -> None:
    world = sqlite_world
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    for number in range(30):
        await found(world, person, number, f"channel{number % 3}", caption="words " * 30)
    if "dismissed" in path:
        items = [{"item_id": one["item_id"]} for one in (await advocate.get("/items?limit=30"))["items"]]
        await advocate.post("/items/decide", {"items": items, "decision": "dismiss", "reason": "harmless"})
    with statements_of(world.services.database) as asked:
        page = await see(world, advocate, path)
    assert lines(page) and len(asked) <= MOST_STATEMENTS, asked
    assert len(page.encode()) < MOST_BYTES
