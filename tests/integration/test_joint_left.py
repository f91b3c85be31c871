"""A joint report that left is noted as it was read, whatever somebody said in between; what nobody read is not."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import select

from db.models.linking import ReportPart
from monitor.cases.erasure import destroy_key
from monitor.evidence.entry_kinds import EntryKind
from tests.integration.test_joint_reports import agree, ask, begun, chain, part_of, shown_digest, withdraw_all
from tests.integration.test_letters_stopped import A, B
from tests.integration.test_letters_stopped import move as move_case
from tests.support.api_world import ApiWorld, Caller
from tests.support.page_visits import page, send

NEVER_SHOWN = "0" * 64
CHANGED = (409, "place-report-changed")


async def read(world: ApiWorld, number: int = 2) -> tuple[Caller, str, list[Caller], dict[str, Any]]:
    """(advocate, report, persons, what the advocate read and mailed from their own mailbox)."""
    advocate = await world.advocate("first", A)
    report, persons = await begun(world, advocate, number)
    await ask(advocate, report, *persons)
    for turn, person in enumerate(persons):
        await agree(person, f"Name {turn}", f"Words {turn}")
    shown = await advocate.get(f"/place-reports/{report}")
    assert "Signed: Name 1" in shown["text"] and shown["shown_before"] == []
    return advocate, report, persons, shown


async def decline(world: ApiWorld, advocate: Caller, person: Caller) -> None:
    await person.post(f"/cases/{person.case_id}/joint-parts/{(await part_of(person))['part_id']}/decline")


async def withdraw(world: ApiWorld, advocate: Caller, person: Caller) -> None:
    await withdraw_all(person)


async def erase(world: ApiWorld, advocate: Caller, person: Caller) -> None:
    await person.post(f"/cases/{person.case_id}/erasure", {"passphrase": person.passphrase})


async def sign_anew(world: ApiWorld, advocate: Caller, person: Caller) -> None:
    await agree(person, "Another name")


async def move(world: ApiWorld, advocate: Caller, person: Caller) -> None:
    await world.advocate("second", B)
    await move_case(world, advocate, person)


Change = Callable[[ApiWorld, Caller, Caller], Awaitable[None]]


async def rows(world: ApiWorld) -> dict[str, ReportPart]:
    async with world.services.database.read() as session:
        return {one.case_id: one for one in await session.scalars(select(ReportPart))}


@pytest.mark.parametrize("change", [decline, withdraw, erase, sign_anew, move])
async def test_what_left_is_noted_whatever_somebody_said_since(world: ApiWorld, change: Change) -> None:
    advocate, report, (one, two), shown = await read(world)
    await change(world, advocate, two)
    # What somebody took back stands in no text that is still to be sent.
    now = await advocate.get(f"/place-reports/{report}")
    assert "Name 1" not in now["text"] and now["digest"] != shown["digest"]
    path = f"/place-reports/{report}/submission"
    assert await advocate.refused("POST", path, {"digest": NEVER_SHOWN}) == CHANGED
    (earlier,) = now["shown_before"]
    assert (earlier["digest"], earlier["parts"]) == (shown["digest"], 2)
    assert (two.case_id in earlier["case_ids"]) == (change not in (erase, move))
    await advocate.post(path, {"digest": earlier["digest"], "reference": "T-9"})
    assert (await advocate.get(f"/place-reports/{report}"))["state"] == "sent"
    parts = await rows(world)
    assert {each.state for each in parts.values()} == {"sent"}
    # In each chain, and of whom it left before they said something else.
    sent = {}
    for person in (one, two):
        kind, facts = (await chain(world, person.case_id))[-1]
        assert (kind, facts["reference"]) == (EntryKind.JOINT_SENT, "T-9")
        sent[person.case_id] = facts.get("left_before", False)
    assert sent == {one.case_id: False, two.case_id: True}
    if change is not erase:
        told = [await part_of(person) for person in (one, two)]
        assert [(each["state"], each["left_before"]) for each in told] == [("sent", False), ("sent", True)]
    # It is noted once.
    assert await advocate.refused("POST", path, {"digest": shown["digest"]}) == (409, "place-report-state")


async def test_it_reads_as_it_left(world: ApiWorld) -> None:
    advocate, report, (one, two), shown = await read(world)
    await decline(world, advocate, one)
    await sign_anew(world, advocate, two)
    await advocate.post(f"/place-reports/{report}/submission", {"digest": shown["digest"]})
    told = await advocate.get(f"/place-reports/{report}")
    assert (told["text"], told["digest"], told["shown_before"]) == (shown["text"], shown["digest"], [])


async def test_of_three_two_stay_and_either_text_can_be_noted(world: ApiWorld) -> None:
    advocate, report, (one, two, three), shown = await read(world, 3)
    await decline(world, advocate, two)
    now = await advocate.get(f"/place-reports/{report}")
    assert "Part 2 of 2" in now["text"] and [each["digest"] for each in now["shown_before"]] == [shown["digest"]]
    await advocate.post(f"/place-reports/{report}/submission", {"digest": now["digest"]})
    assert [(await part_of(each))["state"] for each in (one, two, three)] == ["sent", "declined", "sent"]
    assert EntryKind.JOINT_SENT not in [kind for kind, _ in await chain(world, two.case_id)]
    # What was kept in case that it had left is over.
    assert (await rows(world))[two.case_id].content is None


async def test_of_one_who_is_erased_for_good_the_others_are_noted(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    advocate, report, (one, two), shown = await read(world)
    await erase(world, advocate, two)
    destroy_key(world.context, two.case_id)
    await advocate.post(f"/place-reports/{report}/submission", {"digest": shown["digest"]})
    assert (await part_of(one))["state"] == "sent"
    assert "Name 1" not in (await advocate.get(f"/place-reports/{report}"))["text"]


async def test_what_nobody_read_is_kept_nowhere_and_noted_by_nobody(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    advocate = await world.advocate("first", A)
    report, (one, two) = await begun(world, advocate)
    await ask(advocate, report, one, two)
    await agree(one, "Kim A")
    await agree(two, "Lee B")
    await decline(world, advocate, two)
    assert (await rows(world))[two.case_id].content is None
    path = f"/place-reports/{report}/submission"
    assert await advocate.refused("POST", path, {"digest": NEVER_SHOWN, "parts": []}) == CHANGED
    # Given up, what was read is kept no longer either.
    await agree(two, "Lee B")
    await advocate.get(f"/place-reports/{report}")
    await decline(world, advocate, two)
    assert (await rows(world))[two.case_id].content is not None
    await advocate.post(f"/place-reports/{report}/withdraw")
    assert (await rows(world))[two.case_id].content is None


async def test_what_is_kept_of_one_is_in_no_other_case(sqlite_world: ApiWorld) -> None:
    """Each under its own case's key, and in no chain."""
    world = sqlite_world
    _, _, (one, two), shown = await read(world)
    chains = [json.dumps(await chain(world, person.case_id)) for person in (one, two)]
    assert "Name 1" not in chains[0] and "Name 0" not in chains[1]
    assert all(shown["digest"] not in told for told in chains)
    everything = await one.call("GET", f"/cases/{one.case_id}/joint-parts")
    assert shown["digest"] not in everything.text


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_the_page_offers_what_was_read_on_it(sqlite_world: ApiWorld, language: str) -> None:
    world = sqlite_world
    advocate = await world.advocate("first", A)
    report, (one, two) = await begun(world, advocate)
    await ask(advocate, report, one, two)
    await agree(one, "Kim A")
    await agree(two, "Lee B")
    path = f"/advocate/place-reports/{report}"
    shown = await page(world, advocate, path, language=language)
    mailed = shown_digest(shown)
    await decline(world, advocate, two)
    after = await page(world, advocate, path, language=language)
    assert "Lee B" not in after and after.count('name="digest"') == 1 and shown_digest(after) == mailed
    words = {"en": "I had sent this one", "ko": "이 글을 이미 보냈어요"}
    assert words[language] in after
    fields = {"reference": "", "digest": mailed}
    assert "done=place-report-sent" in await send(world, advocate, f"{path}/submission", **fields)
    assert "Lee B" in await page(world, advocate, path, language=language)
