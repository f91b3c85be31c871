"""Several persons about one channel: one part each, agreed to and signed by each alone, who learn nothing of others."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from db.models.linking import PlaceReport
from db.models.sightings import Sighting
from db.models.sources import Consent
from monitor.evidence.entry_kinds import EntryKind
from tests.integration.test_place_reports import confirmed
from tests.support.api_world import INTAKE, ApiWorld, Caller
from tests.support.page_visits import page, send

JOINT = {"route": "joint", "language": "en"}


async def begun(world: ApiWorld, advocate: Caller, number: int = 2) -> tuple[str, list[Caller]]:
    """A joint report about a channel, and the persons who have a copy there."""
    persons = []
    for turn in range(number):
        person, place = await confirmed(world, advocate, post_id=str(100 + turn))
        persons.append(person)
    report: str = (await advocate.post(f"/linking/{place}/reports", JOINT))["report_id"]
    return report, persons


async def ask(advocate: Caller, report: str, *persons: Caller) -> None:
    await advocate.post(f"/place-reports/{report}/parts", {"case_ids": [one.case_id for one in persons]})


async def part_of(person: Caller) -> dict[str, Any]:
    (part,) = (await person.get(f"/cases/{person.case_id}/joint-parts"))["parts"]
    return dict(part)


async def agree(person: Caller, name: str, words: str = "") -> None:
    part = await part_of(person)
    path = f"/cases/{person.case_id}/joint-parts/{part['part_id']}"
    await person.post(f"{path}/agree", {"signature": name, "statement": words})


async def withdraw_all(person: Caller) -> None:
    await person.post(f"/cases/{person.case_id}/consents/withdrawal", {"passphrase": person.passphrase})


async def watch(world: ApiWorld, person: Caller, source_id: str) -> None:
    """The person says yes to the source anew."""
    async with world.services.database.begin() as session:
        now = world.clock.now()
        yes = {"case_id": person.case_id, "source_id": source_id, "purpose": "watch"}
        session.add(Consent(**yes, given_at=now, expires_at=now + timedelta(days=30)))


def shown_digest(html: str) -> str:
    found = re.search(r'name="digest" value="([0-9a-f]{64})"', html)
    assert found is not None
    return found[1]


async def chain(world: ApiWorld, case_id: str) -> list[tuple[str, Any]]:
    async with world.services.database.read() as session:
        entries = await world.context.ledger.read(session, case_id)
    return [(row.kind, facts) for row, facts in entries if row.kind.startswith("joint")]


async def test_a_person_is_asked_without_the_channel_and_without_the_others(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    report, (one, two) = await begun(world, advocate)
    await ask(advocate, report, one, two)
    told = await one.call("GET", f"/cases/{one.case_id}/joint-parts")
    part = await part_of(one)
    assert (part["state"], part["asked_by"], part["organisation"]) == ("asked", "Signing Advocate", "Centre A")
    for secret in ("examplechannel", two.case_id, report, "telegram"):
        assert secret not in told.text
    # Nor does the person's own chain tell.
    (entry,) = await chain(world, one.case_id)
    assert entry[0] == EntryKind.JOINT_ASKED
    assert not any(secret in json.dumps(entry[1]) for secret in ("examplechannel", two.case_id, report))
    # One who is not asked sees nothing, and nobody sees another's.
    third = await world.vouched(advocate)
    assert (await third.get(f"/cases/{third.case_id}/joint-parts"))["parts"] == []
    path = f"/cases/{third.case_id}/joint-parts/{part['part_id']}"
    assert await third.refused("POST", f"{path}/agree", {"signature": "x"}) == (404, "not-found")


async def test_each_signs_their_own_part_and_only_then_it_is_in_the_text(world: ApiWorld) -> None:
    advocate = await world.advocate()
    report, (one, two, three) = await begun(world, advocate, 3)
    await ask(advocate, report, one, two, three)
    part = await part_of(one)
    path = f"/cases/{one.case_id}/joint-parts/{part['part_id']}"
    assert await advocate.refused("POST", f"{path}/agree", {"signature": "x"}) == (403, "only-the-person")
    assert await one.refused("POST", f"{path}/agree", {"signature": "  "}) == (422, "signature-needed")
    await agree(one, "Kim A", "It was private.")
    assert (await advocate.get(f"/place-reports/{report}"))["text"] == ""  # one alone is no joint report
    world.clock.time += timedelta(seconds=1)
    await agree(two, "Lee B")
    for _ in range(2):  # the second time because the answer was lost
        await three.post(f"/cases/{three.case_id}/joint-parts/{(await part_of(three))['part_id']}/decline")
    assert [kind for kind, _ in await chain(world, three.case_id)] == ["joint-asked", "joint-declined"]
    told = await advocate.get(f"/place-reports/{report}")
    text = told["text"]
    assert text.index("Part 1 of 2") < text.index("t.me/examplechannel/100") < text.index("It was private.")
    assert text.index("Signed: Kim A") < text.index("Part 2 of 2") < text.index("t.me/examplechannel/101")
    assert "Signed: Lee B" in text and "/102" not in text
    assert {one["state"] for one in told["parts"]} == {"agreed", "declined"}
    # What they signed stands in their own chain, and in nobody else's.
    assert [kind for kind, _ in await chain(world, one.case_id)] == ["joint-asked", "joint-agreed"]
    assert "Kim A" in json.dumps(await chain(world, one.case_id))
    assert "Kim A" not in json.dumps(await chain(world, two.case_id))


async def test_sent_is_noted_for_everybody_in_it_and_a_yes_taken_back_meanwhile_stops_it(world: ApiWorld) -> None:
    advocate = await world.advocate()
    report, (one, two, three) = await begun(world, advocate, 3)
    await ask(advocate, report, one, two, three)
    for number, person in enumerate((one, two, three)):
        await agree(person, f"Name {number}")
    read = [each["part_id"] for each in (await advocate.get(f"/place-reports/{report}"))["parts"]]
    part = await part_of(three)
    await three.post(f"/cases/{three.case_id}/joint-parts/{part['part_id']}/decline")
    noted = {"reference": "T-9", "parts": read}
    path = f"/place-reports/{report}/submission"
    assert await advocate.refused("POST", path, noted) == (409, "place-report-changed")
    noted["parts"] = [one for one in read if one != part["part_id"]]
    await advocate.post(path, noted)
    assert (await advocate.get(f"/place-reports/{report}"))["state"] == "sent"
    assert [(await part_of(person))["state"] for person in (one, two, three)] == ["sent", "sent", "declined"]
    assert [kind for kind, _ in await chain(world, two.case_id)][-1] == EntryKind.JOINT_SENT
    assert EntryKind.JOINT_SENT not in [kind for kind, _ in await chain(world, three.case_id)]
    # Nothing more can be said about what was sent.
    sent = await part_of(one)
    taken = f"/cases/{one.case_id}/joint-parts/{sent['part_id']}/decline"
    assert await one.refused("POST", taken) == (409, "nothing-waits")


async def test_minors_strangers_and_the_erased_are_in_no_joint_report(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    report, (one, two, young) = await begun(world, advocate, 3)
    await young.put(f"/cases/{young.case_id}/intake", {**INTAKE, "age_group": "minor"})
    elsewhere = await world.vouched(advocate)  # of the centre, with nothing in that channel
    body = {"case_ids": [young.case_id]}
    assert await advocate.refused("POST", f"/place-reports/{report}/parts", body) == (409, "minor-or-unsure")
    body = {"case_ids": [elsewhere.case_id]}
    assert await advocate.refused("POST", f"/place-reports/{report}/parts", body) == (404, "not-found")
    await ask(advocate, report, one, two)
    await agree(one, "A")
    await agree(two, "B")
    assert "Signed: B" in (await advocate.get(f"/place-reports/{report}"))["text"]
    await two.post(f"/cases/{two.case_id}/erasure", {"passphrase": two.passphrase})
    told = await advocate.get(f"/place-reports/{report}")
    assert told["text"] == "" and two.case_id not in json.dumps(told)
    assert await advocate.refused("POST", f"/place-reports/{report}/submission", {"parts": []}) == (
        409,
        "place-report-changed",
    )


async def test_a_joint_report_needs_two(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    report, (one, _) = await begun(world, advocate)
    await ask(advocate, report, one)
    await agree(one, "A")
    parts = [(await part_of(one))["part_id"]]
    assert await advocate.refused("POST", f"/place-reports/{report}/submission", {"parts": parts}) == (
        409,
        "too-few-parts",
    )


async def test_who_took_every_consent_back_stands_in_no_joint_report(world: ApiWorld) -> None:
    advocate = await world.advocate()
    report, (one, two, three) = await begun(world, advocate, 3)
    await ask(advocate, report, one, two, three)
    for number, person in enumerate((one, two, three)):
        await agree(person, f"Name {number}")
    read = await advocate.get(f"/place-reports/{report}")
    assert "Signed: Name 1" in read["text"]
    await withdraw_all(two)
    told = await advocate.get(f"/place-reports/{report}")
    assert "Name 1" not in told["text"] and "/101" not in told["text"] and "Part 2 of 2" in told["text"]
    (theirs,) = [each for each in told["parts"] if each["case_id"] == two.case_id]
    assert (theirs["withdrawn"], theirs["minor"], theirs["in_text"]) == (True, False, False)
    # What was read before is not noted as sent.
    path = f"/place-reports/{report}/submission"
    everybody = [each["part_id"] for each in read["parts"]]
    assert await advocate.refused("POST", path, {"parts": everybody}) == (409, "place-report-changed")
    # Neither asked nor heard until they say yes to the place again, and told so.
    part = await part_of(two)
    mine = f"/cases/{two.case_id}/joint-parts/{part['part_id']}/agree"
    assert await two.refused("POST", mine, {"signature": "Name 1"}) == (409, "place-taken-back")
    parts = [each["part_id"] for each in told["parts"] if each["in_text"]]
    await advocate.post(path, {"parts": parts, "digest": told["digest"]})
    assert [(await part_of(person))["state"] for person in (one, two, three)] == ["sent", "agreed", "sent"]
    assert EntryKind.JOINT_SENT not in [kind for kind, _ in await chain(world, two.case_id)]


async def test_who_took_their_consent_back_is_not_asked_and_may_say_yes_anew(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    report, (one, two) = await begun(world, advocate)
    await withdraw_all(two)
    asked = {"case_ids": [two.case_id]}
    assert await advocate.refused("POST", f"/place-reports/{report}/parts", asked) == (409, "consent-withdrawn")
    shown = await page(world, advocate, f"/advocate/place-reports/{report}")
    assert shown.count('name="case"') == 1 and "Took their consent back" in shown
    async with world.services.database.read() as session:
        source_id = (await session.get_one(PlaceReport, report)).source_id
    world.clock.time += timedelta(seconds=1)
    await watch(world, two, source_id)
    await ask(advocate, report, one, two)
    await agree(one, "A")
    await agree(two, "B")
    assert "Signed: B" in (await advocate.get(f"/place-reports/{report}"))["text"]


async def test_a_part_that_was_changed_since_it_was_read_is_noted_as_it_was_read_or_as_it_reads(
    world: ApiWorld,
) -> None:
    advocate = await world.advocate()
    report, (one, two) = await begun(world, advocate)
    await ask(advocate, report, one, two)
    await agree(one, "Kim A", "It was my flat in Mapo.")
    await agree(two, "Lee B")
    path = f"/place-reports/{report}/submission"
    read = await advocate.get(f"/place-reports/{report}")
    sent = {"parts": [each["part_id"] for each in read["parts"]], "digest": read["digest"]}
    shown = await page(world, advocate, f"/advocate/place-reports/{report}")
    assert shown_digest(shown) == read["digest"]
    await agree(one, "A.")
    unread = {**sent, "digest": "0" * 64}
    assert await advocate.refused("POST", path, unread) == (409, "place-report-changed")
    form = {"part": sent["parts"], "reference": "", "digest": ""}
    assert "problem=place-report-changed" in await send(world, advocate, f"/advocate{path}", **form)
    again = await advocate.get(f"/place-reports/{report}")
    assert "Signed: A." in again["text"] and "Mapo" not in again["text"]
    assert [each["digest"] for each in again["shown_before"]] == [read["digest"]]
    await advocate.post(path, {**sent, "digest": again["digest"]})
    # What was sent stays what it was, whatever becomes of the copies and the consents.
    await withdraw_all(two)
    async with world.services.database.begin() as session:
        for row in await session.scalars(select(Sighting).where(Sighting.case_id == one.case_id)):
            row.removed_at = world.clock.now()
    assert (await advocate.get(f"/place-reports/{report}"))["text"] == again["text"]


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_pages_lead_through_it(sqlite_world: ApiWorld, language: str) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    report, (one, two) = await begun(world, advocate)
    path = f"/advocate/place-reports/{report}"
    shown = await page(world, advocate, path, language=language)
    assert shown.count('name="case"') == 2
    assert "done=parts-asked" in await send(world, advocate, f"{path}/parts", case=[one.case_id, two.case_id])
    await agree(one, "A")
    await agree(two, "B")
    shown = await page(world, advocate, path, language=language)
    assert shown.count('name="part"') == 2 and "Signed: A" in shown
    parts = [(await part_of(person))["part_id"] for person in (one, two)]
    digest = shown_digest(shown)
    assert "done=place-report-sent" in await send(
        world, advocate, f"{path}/submission", part=parts, reference="", digest=digest
    )
    assert 'action="' + path + '/submission"' not in await page(world, advocate, path, language=language)
