"""What happened while an advocate looked at a page: nothing that was written or answered goes, and it is said so."""

import asyncio
import re
from html import unescape

import pytest

from api.pages.forms import form_token
from monitor.core.refusals import Refusal
from monitor.keys.store import case_key
from tests.integration.test_queue import found, states
from tests.support.api_world import ApiWorld, Caller
from tests.support.page_forms import ORIGIN, see, send_form, undo


async def answers(world: ApiWorld, advocate: Caller, path: str) -> tuple[int, str]:
    """(status, what a browser shows: the words of a page)"""
    headers = {"Cookie": f"__Host-jikimi_login={advocate.token}; jikimi_language=en"}
    answer = await world.http.get(path, headers=headers)
    assert answer.headers["content-type"].startswith("text/html"), (path, answer.text[:200])
    return answer.status_code, re.sub(r"\s+", " ", unescape(re.sub("<[^>]+>", " ", answer.text)))


async def tick(world: ApiWorld, advocate: Caller, decision: str, *items: str) -> str:
    """One decision about several items of one copy each: the page that follows."""
    data = {"token": form_token(advocate.token or ""), "back": "", "decision": decision, "item": list(items)}
    headers = {"Cookie": f"__Host-jikimi_login={advocate.token}", "Origin": ORIGIN}
    answer = await world.http.post("/advocate/items", headers=headers, data=data)
    assert answer.status_code == 303, answer.text[:200]
    return (await answers(world, advocate, answer.headers["location"]))[1]


async def test_a_hand_over_note_is_kept_where_the_colleague_has_the_case_meanwhile(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    colleague = await world.advocate("second")
    theirs = (await world.advocate_row("second")).id
    case = f"/advocate/cases/{(await world.vouched(advocate)).case_id}"
    await send_form(world, colleague, f"{case}/hand-over", {"to": "me"})
    for _ in range(2):  # pressed twice it is one note
        where = await send_form(world, advocate, f"{case}/hand-over", {"to": theirs, "note": "Call before noon"})
        assert "case-handed-over" in where
    assert "handed over to you" in await see(world, colleague, "/advocate/cases?lang=en")
    notes = await see(world, colleague, f"{case}/notes?lang=en")
    assert notes.count("Call before noon") == 1
    # Said again another day it is another note, and new to them.
    await see(world, colleague, case)
    world.clock.move(minutes=60 * 24)
    await send_form(world, advocate, f"{case}/hand-over", {"to": theirs, "note": "Call before noon"})
    assert "handed over to you" in await see(world, colleague, "/advocate/cases?lang=en")
    assert (await see(world, colleague, f"{case}/notes?lang=en")).count("Call before noon") == 2
    # Somebody in charge who was handed nothing is told nothing new.
    await see(world, colleague, case)
    await send_form(world, advocate, f"{case}/hand-over", {"to": theirs})
    assert "handed over to you" not in await see(world, colleague, "/advocate/cases?lang=en")


async def test_a_case_that_a_colleague_took_meanwhile_is_not_taken_unseen(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    colleague = await world.advocate("second")
    mine, theirs = (await world.advocate_row()).id, (await world.advocate_row("second")).id
    number = (await world.vouched(advocate)).case_id
    case = f"/advocate/cases/{number}"

    async def shown(who: Caller) -> str:
        """Who is in charge on the page that they look at."""
        seen = re.findall(r'name="shown" value="(\w*)"', await see(world, who, case))
        assert len(set(seen)) == 1
        return str(seen[0])

    before = await shown(advocate)
    assert before == ""
    assert "case-taken" in await send_form(world, colleague, f"{case}/hand-over", {"to": "me", "shown": before})
    refused = await send_form(world, advocate, f"{case}/hand-over", {"to": "me", "shown": before})
    assert "problem=charge-changed" in refused and await shown(advocate) == theirs
    assert "somebody else is in charge" in await see(world, advocate, f"{refused}&lang=en")
    body = {"to": mine, "shown": before}
    assert await advocate.refused("PUT", f"/cases/{number}/charge", body) == (409, "charge-changed")
    # Who has seen it may still take it on, and pressed twice nothing is refused.
    for _ in range(2):
        assert "case-taken" in await send_form(world, advocate, f"{case}/hand-over", {"to": "me", "shown": theirs})
    assert await shown(colleague) == mine


async def test_an_answer_that_nobody_has_read_is_not_asked_over(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    person = await world.vouched(advocate)
    item = await found(world, person, 1, "channelone")
    for door in (f"/advocate/items/{item}/ask", f"/advocate/sightings/{item}/ask"):
        assert "person-asked" in await send_form(world, advocate, door, {})
        await person.post(f"/cases/{person.case_id}/questions/{item}", {"answer": "no"})
        page = await see(world, advocate, door.removesuffix("/ask") + "?lang=en")
        assert 'name="over" value="no"' in page
        # Somebody else's page still shows no answer, or another one: the answer stays, and is shown.
        await person.post(f"/cases/{person.case_id}/questions/{item}", {"answer": "yes"})
        for over in ("", "no"):
            assert "person-answered" in await send_form(world, advocate, door, {"over": over}), (door, over)
        assert "The person says: yes" in (await answers(world, advocate, f"/advocate/sightings/{item}"))[1]
        for path in (f"/items/{item}/ask", f"/sightings/{item}/ask"):
            assert await advocate.refused("POST", path) == (409, Refusal.PERSON_ANSWERED)
            assert await advocate.refused("POST", path, {"over": "no"}) == (409, Refusal.PERSON_ANSWERED)
        assert (await advocate.get(f"/sightings/{item}"))["person_says"] == "yes"
        assert "invalid" in await send_form(world, advocate, door, {"over": "maybe"})
        # Whoever has read it asks again.
        assert "person-asked" in await send_form(world, advocate, door, {"over": "yes"})
        assert (await advocate.get(f"/sightings/{item}"))["person_says"] is None
        await person.post(f"/cases/{person.case_id}/questions/{item}", {"answer": "unsure"})
        await advocate.post(f"/items/{item}/ask", {"over": "unsure"})


async def test_a_case_whose_key_is_lost_is_told_in_words_and_holds_up_no_other(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    lost, person = await world.vouched(advocate), await world.vouched(advocate)
    shut = [await found(world, lost, number, "channelone", caption="words") for number in (1, 2)]
    fine = [await found(world, person, number, "channelone", caption="words") for number in (3, 4, 5, 6)]
    await send_form(world, advocate, f"/advocate/cases/{lost.case_id}/notes/write", {"text": "a note"})
    await asyncio.to_thread(world.services.keys.destroy, case_key(lost.case_id))
    words = "What is kept of this case cannot be opened"
    pages = [f"/advocate/cases/{lost.case_id}{part}" for part in ("/person", "/notes", "/record")]
    for path in (*pages, f"/advocate/items/{shut[0]}", f"/advocate/sightings/{shut[0]}"):
        status, text = await answers(world, advocate, path)
        assert status == 404 and words in text, (path, text[:300])
    # The queue of all others opens, also narrowed to that case alone, and what is decided together goes on.
    for path in ("/advocate", f"/advocate?case={lost.case_id}"):
        assert (await answers(world, advocate, path))[0] == 200
    text = await tick(world, advocate, "dismiss-harmless", f"{fine[0]}:1", f"{shut[0]}:1", f"{fine[1]}:1")
    assert await states(world, [fine[0], fine[1]]) == ["dismissed", "dismissed"]
    text = await tick(world, advocate, "confirm-caption-context", f"{fine[2]}:1", f"{shut[1]}:1", f"{fine[3]}:1")
    assert await states(world, [*fine[2:], shut[1]]) == ["confirmed", "confirmed", "open"]
    assert "1 item was left as it was." in text and words in text
    body = {"items": [{"item_id": shut[1]}], "decision": "confirm", "basis": "caption-context"}
    answer = await advocate.post("/items/decide", body)
    assert answer["refused"] == [{"item_id": shut[1], "code": Refusal.CANNOT_BE_OPENED}]


async def test_why_some_of_several_were_left_is_said_as_it_is(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    person = await world.vouched(advocate)
    said, silent, gone = [await found(world, person, number, "channelone") for number in (1, 2, 3)]
    await advocate.post(f"/items/{said}/ask")
    await person.post(f"/cases/{person.case_id}/questions/{said}", {"answer": "yes"})
    await advocate.post(f"/items/{gone}/dismiss", {"reason": "harmless"})
    text = await tick(world, advocate, "confirm-person-said", f"{said}:1", f"{silent}:1", f"{gone}:1")
    assert await states(world, [said, silent]) == ["confirmed", "open"]
    assert "2 items were left as they were." in text and "changed meanwhile" not in text
    assert "Nobody said that so far" in text and "Somebody has decided about this already." in text, text[:800]
    assert "Look at them, or undo" in text
    # What was opened again stands among the open ones: no link leads to a list where it is not.
    made = await undo(world, said)
    text = await tick(world, advocate, "reopen", f"{said}:1:{made['state']}:{made['decided_at']}")
    assert await states(world, [said]) == ["open"] and "Look at them, or undo" not in text


@pytest.mark.parametrize("way", ["one-after-the-other", "at-once"])
async def test_words_that_are_drawn_by_two_presses_open_the_case(sqlite_world: ApiWorld, way: str) -> None:
    world, lead = sqlite_world, await sqlite_world.advocate()
    person = await world.vouched(lead)
    await lead.post(f"/cases/{person.case_id}/reissue")
    world.clock.move(minutes=60 * 24 * 4)
    headers = {"Cookie": f"__Host-jikimi_login={lead.token}", "Origin": ORIGIN}
    data = {"token": form_token(lead.token or ""), "case": person.case_id}

    async def draw() -> str:
        answer = await world.http.post("/advocate/passphrases/draw", headers=headers, data=data)
        return answer.text.partition('<p class="words">')[2].partition("</p>")[0] or answer.headers["location"]

    async def opens(words: str) -> bool:
        body = {"case_id": person.case_id, "passphrase": words}
        return (await world.nobody().call("POST", "/log-ins/person", body)).status_code == 201

    drawn = await asyncio.gather(draw(), draw()) if way == "at-once" else [await draw(), await draw()]
    assert all(len(words.split()) == 7 for words in drawn), drawn
    assert sorted([await opens(words) for words in drawn]) == [False, True], "one set opens, and only one"
    # Words that opened the case stay, and a draw that is over is over.
    assert "reissue-over" in await draw()


async def test_words_are_drawn_again_by_nobody_else_and_not_later(sqlite_world: ApiWorld) -> None:
    world, lead = sqlite_world, await sqlite_world.advocate()
    second = await world.advocate("second")
    await lead.put(f"/colleagues/{(await world.advocate_row('second')).id}/lead", {"lead": True})
    person = await world.vouched(lead)
    await lead.post(f"/cases/{person.case_id}/reissue")
    world.clock.move(minutes=60 * 24 * 4)
    path = f"/cases/{person.case_id}/reissue/draw"
    await lead.post(path)
    assert await second.refused("POST", path) == (409, "reissue-over")
    await lead.post(path)
    world.clock.move(minutes=3)
    assert await lead.refused("POST", path) == (409, "reissue-over")
