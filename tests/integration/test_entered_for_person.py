"""What an advocate enters for a person is marked, and counts as the person's only with their word, or a mandate."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import update

from db.models.people import Login
from monitor.cases.advocates import set_sole_advocate
from monitor.core.errors import RuleBroken
from monitor.evidence.by import By, Door
from monitor.evidence.chain import INSTALLATION
from monitor.platforms.base import PlatformName
from tests.support.api_world import INTAKE, PASSWORD, PDQ, ApiWorld, Caller
from tests.support.page_forms import see, send_form

EMPTY = {**INTAKE, "age_group": "unsure", "signature": "", "permission_to_send": False}
MANDATE = {
    "kind": "written",
    "dated": "2026-01-10",
    "covers": ["signature", "permission-to-send", "age-group"],
    "reference": "file 12",
}


async def told(world: ApiWorld, case_id: str) -> list[tuple[str, By | None, Any]]:
    """Kind, actor and facts of every entry of a case."""
    async with world.services.database.read() as session:
        return [(one.row.kind, one.by, one.facts) for one in await world.context.ledger.told(session, case_id)]


async def kinds(world: ApiWorld, case_id: str) -> list[str]:
    return [kind for kind, *_ in await told(world, case_id)]


async def helped(world: ApiWorld, advocate: Caller) -> Caller:
    """A person whose case is vouched for, and who entered nothing that lets anything leave."""
    return await world.vouched(advocate, intake=EMPTY)


def path(person: Caller, rest: str = "") -> str:
    return f"/cases/{person.case_id}{rest}"


async def counting(person: Caller) -> tuple[str, bool, str]:
    """Signature, permission and age as they count now."""
    kept = await person.get(path(person, "/intake"))
    return kept["signature"], kept["permission_to_send"], kept["age_group"]


async def confirm_all(person: Caller) -> None:
    for entry in (await person.get(path(person, "/entries")))["entries"]:
        await person.post(path(person, f"/entries/{entry['matter']}/confirm"))


async def confirmed(world: ApiWorld, advocate: Caller, person: Caller, **options: Any) -> dict[str, Any]:
    """What confirming a fresh sighting leads to."""
    sighting = await world.sighting(person, **options)
    found: dict[str, Any] = await advocate.confirm(sighting, {"basis": "caption-context"})
    return found


async def test_signature_permission_and_age_of_an_advocate_wait_for_the_person(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await helped(world, advocate)
    kept = await advocate.put(path(person, "/intake"), INTAKE)
    assert kept["waiting"] == ["signature", "permission-to-send", "age-group"]
    assert await counting(person) == ("", False, "unsure")
    counts = await person.get(path(person, "/intake"))
    assert counts["contact"] == INTAKE["contact"]  # what lets nothing leave counts at once
    assert (await person.get(path(person)))["waiting"] == kept["waiting"]
    entries = {one["matter"]: one for one in (await person.get(path(person, "/entries")))["entries"]}
    assert entries["signature"]["values"] == {"signature": INTAKE["signature"]}
    assert not any(one["in_effect"] for one in entries.values())
    assert {one["entered_by"]["organisation"] for one in entries.values()} == {"Centre A"}
    assert all(one["values"] is None for one in (await advocate.get(path(person, "/entries")))["entries"])
    assert (await kinds(world, person.case_id))[-4:] == [*["entry-waits"] * 3, "intake-read"]


async def test_no_notice_is_written_before_the_person_confirmed_and_one_is_afterwards(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await helped(world, advocate)
    await advocate.put(path(person, "/intake"), INTAKE)
    written = await confirmed(world, advocate, person)
    assert written["notices"] == []
    assert "waits-for-the-person" in {one["reason"] for one in written["skipped"]}
    sighting = (await advocate.get(path(person, "/sightings")))["sightings"][0]["sighting_id"]
    offers = (await advocate.get(f"/sightings/{sighting}/routes"))["offers"]
    assert not any(one["allowed"] for one in offers)
    await confirm_all(person)
    assert await counting(person) == (
        "Typed Signature",
        True,
        "adult",
    )
    assert (await person.get(path(person)))["waiting"] == []
    # With the person's last word they are written, and an advocate looks at them and sends them.
    written = await advocate.get("/notices?state=prepared")
    assert {one["route"] for one in written["notices"]} == {"kr_tba22_5", "telegram_report"}
    steps = await told(world, person.case_id)
    mine = (await world.advocate_row()).id
    by_person = [facts for kind, by, facts in steps if kind == "entry-confirmed" and by == By.person(Door.API)]
    assert [facts["entered_by"] for facts in by_person] == [mine] * 3


@pytest.mark.parametrize("matter", ["signature", "permission-to-send"])
async def test_one_matter_that_waits_is_enough_to_refuse(world: ApiWorld, matter: str) -> None:
    advocate = await world.advocate()
    field = {"signature": {"signature": ""}, "permission-to-send": {"permission_to_send": False}}[matter]
    person = await world.vouched(advocate, intake=field)
    await advocate.put(path(person, "/intake"), INTAKE)
    assert (await person.get(path(person)))["waiting"] == [matter]
    written = await confirmed(world, advocate, person)
    assert written["notices"] == [] and "waits-for-the-person" in {one["reason"] for one in written["skipped"]}
    await confirm_all(person)
    ready = await advocate.get("/notices?state=prepared")
    assert {one["route"] for one in ready["notices"]} == {"kr_tba22_5", "telegram_report"}


async def test_form_that_was_prepared_is_not_submitted_while_a_signature_waits(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    (notice,) = (await confirmed(world, advocate, person, platform=PlatformName.X))["notices"]
    assert notice["state"] == "prepared"
    await advocate.put(path(person, "/intake"), {**INTAKE, "signature": "Another Name"})
    submit = ("POST", f"/notices/{notice['notice_id']}/submission", {"reference": "R-1"})
    assert await advocate.refused(*submit) == (409, "waits-for-the-person")
    await person.post(path(person, "/entries/signature/reject"))
    assert (await advocate.post(*submit[1:]))["state"] == "sent"


async def test_rejected_entry_has_no_effect_and_is_gone(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await helped(world, advocate)
    await advocate.put(path(person, "/intake"), INTAKE)
    await person.post(path(person, "/entries/signature/reject"))
    assert (await person.get(path(person, "/intake")))["signature"] == ""
    assert (await person.get(path(person)))["waiting"] == ["permission-to-send", "age-group"]
    assert await person.refused("POST", path(person, "/entries/signature/reject")) == (409, "nothing-waits")
    assert (await told(world, person.case_id))[-1][:2] == ("entry-rejected", By.person(Door.API))


@pytest.mark.parametrize("word", ["confirm", "reject"])
async def test_what_was_changed_since_it_was_seen_is_neither_confirmed_nor_rejected(world: ApiWorld, word: str) -> None:
    advocate = await world.advocate()
    person = await helped(world, advocate)
    await advocate.put(path(person, "/intake"), {**INTAKE, "signature": "Wrong Name"})
    seen = {one["matter"]: one for one in (await person.get(path(person, "/entries")))["entries"]}["signature"]
    assert seen["values"]["signature"] == "Wrong Name"
    world.clock.move(minutes=1)
    await advocate.put(path(person, "/intake"), {**INTAKE, "signature": "Right Name"})
    answer = ("POST", path(person, f"/entries/signature/{word}"))
    assert await person.refused(*answer, {"entered_at": seen["entered_at"]}) == (409, "nothing-waits")
    now = {one["matter"]: one for one in (await person.get(path(person, "/entries")))["entries"]}["signature"]
    assert now["values"]["signature"] == "Right Name"
    await person.post(answer[1], {"entered_at": now["entered_at"]})
    kept = (await person.get(path(person, "/intake")))["signature"]
    assert kept == ("Right Name" if word == "confirm" else "")
    if word == "confirm":
        assert await person.refused(*answer, {"entered_at": seen["entered_at"]}) == (409, "nothing-waits")


@pytest.mark.parametrize(("word", "other"), [("confirm", "reject"), ("reject", "confirm")])
async def test_answer_that_was_lost_on_the_way_is_taken_once_when_it_is_said_again(
    world: ApiWorld, word: str, other: str
) -> None:
    advocate = await world.advocate()
    person = await helped(world, advocate)
    await advocate.put(path(person, "/intake"), INTAKE)
    entries = (await person.get(path(person, "/entries")))["entries"]
    for matter in ("signature", "permission-to-send", "age-group"):
        (seen,) = ({"entered_at": one["entered_at"]} for one in entries if one["matter"] == matter)
        first, second = path(person, f"/entries/{matter}/{word}"), path(person, f"/entries/{matter}/{other}")
        world.clock.move(minutes=1)
        await person.post(first, seen)
        steps, counts = await kinds(world, person.case_id), await counting(person)
        world.clock.move(minutes=1)
        await person.post(first, seen)
        assert await kinds(world, person.case_id) == steps, "said twice, it is one step"
        assert await counting(person) == counts
        # It is no way to turn the answer round.
        assert await person.refused("POST", second, seen) == (409, "nothing-waits")
    # What is entered anew is asked anew: an answer to what stood there before does not reach it.
    world.clock.move(minutes=1)
    await advocate.put(path(person, "/intake"), {**INTAKE, "signature": "Another Name"})
    before = {"entered_at": entries[0]["entered_at"]}
    await person.post(path(person, f"/entries/{entries[0]['matter']}/{word}"), before)
    assert "signature" in (await person.get(path(person)))["waiting"]
    if word == "confirm":
        # The person's own words are no answer to what an advocate entered.
        await person.put(path(person, "/intake"), {**INTAKE, "signature": "My Own Name"})
        again = ("POST", path(person, "/entries/signature/confirm"), before)
        assert await person.refused(*again) == (409, "nothing-waits")


async def test_no_that_is_said_again_undoes_no_word_that_the_person_gave_since(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await helped(world, advocate)
    await advocate.put(path(person, "/intake"), INTAKE)
    entries = {
        one["matter"]: {"entered_at": one["entered_at"]}
        for one in (await person.get(path(person, "/entries")))["entries"]
    }
    world.clock.move(minutes=1)
    # One was answered no before, the others never: then the person says all of it themselves.
    await person.post(path(person, "/entries/signature/reject"), entries["signature"])
    await person.put(path(person, "/intake"), INTAKE)
    world.clock.move(minutes=1)
    for matter, seen in entries.items():
        no = ("POST", path(person, f"/entries/{matter}/reject"), seen)
        assert await person.refused(*no) == (409, "said-since"), matter
    assert await counting(person) == (INTAKE["signature"], True, "adult")


async def test_no_that_is_said_again_is_not_taken_for_what_counts_under_a_mandate_since(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await helped(world, advocate)
    await advocate.put(path(person, "/intake"), INTAKE)
    entries = (await person.get(path(person, "/entries")))["entries"]
    (seen,) = ({"entered_at": one["entered_at"]} for one in entries if one["matter"] == "signature")
    no = ("POST", path(person, "/entries/signature/reject"), seen)
    world.clock.move(minutes=1)
    await person.post(*no[1:])
    world.clock.move(minutes=1)
    await advocate.put(path(person, "/intake"), {**EMPTY, "signature": "Another Name"})
    await person.post(*no[1:])  # what waits does not count either
    world.clock.move(minutes=1)
    await advocate.post(path(person, "/mandates"), MANDATE)
    assert (await counting(person))[0] == "Another Name"
    assert await person.refused(*no) == (409, "said-since")


async def test_yes_is_not_taken_again_once_one_of_the_fields_is_another(world: ApiWorld) -> None:
    advocate = await world.advocate()
    signed = {**INTAKE, "signature": "Old Name", "good_faith_facts": "old words"}
    name, words, none = {"signature": "My Own Name"}, {"good_faith_facts": "my own words"}, {"signature": ""}
    for by_mandate, changed in ((False, name), (False, words), (True, name), (True, none)):
        person = await world.vouched(advocate, intake=signed)
        entered = {**signed, "signature": "New Name", "good_faith_facts": "new words"}
        await advocate.put(path(person, "/intake"), entered)
        (entry,) = (await person.get(path(person, "/entries")))["entries"]
        assert set(entry["values"]) == {"signature", "good_faith_facts"}
        yes = ("POST", path(person, "/entries/signature/confirm"), {"entered_at": entry["entered_at"]})
        world.clock.move(minutes=1)
        await person.post(*yes[1:])
        await person.post(*yes[1:])
        world.clock.move(minutes=1)
        if by_mandate:
            await advocate.post(path(person, "/mandates"), MANDATE)
        await (advocate if by_mandate else person).put(path(person, "/intake"), {**entered, **changed})
        assert await person.refused(*yes) == (409, "nothing-waits"), (by_mandate, changed)


async def test_what_an_advocate_took_back_is_not_called_answered(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await helped(world, advocate)
    await advocate.put(path(person, "/intake"), INTAKE)
    seen = {"entered_at": (await person.get(path(person, "/entries")))["entries"][0]["entered_at"]}
    world.clock.move(minutes=1)
    await advocate.delete(path(person, "/entries/signature"))
    for word in ("confirm", "reject"):
        assert await person.refused("POST", path(person, f"/entries/signature/{word}"), seen) == (409, "nothing-waits")


async def test_only_the_person_confirms_or_rejects_and_an_advocate_takes_back(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await helped(world, advocate)
    await advocate.put(path(person, "/intake"), INTAKE)
    for word in ("confirm", "reject"):
        assert await advocate.refused("POST", path(person, f"/entries/signature/{word}")) == (403, "only-the-person")
    assert await person.refused("DELETE", path(person, "/entries/signature")) == (403, "advocates-only")
    await advocate.delete(path(person, "/entries/signature"))
    assert (await person.get(path(person)))["waiting"] == ["permission-to-send", "age-group"]
    assert (await kinds(world, person.case_id))[-1] == "entry-taken-back"


async def test_what_waits_goes_on_waiting_when_an_advocate_sends_the_intake_as_it_stands(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await helped(world, advocate)
    await advocate.put(path(person, "/intake"), INTAKE)
    kept = await advocate.put(path(person, "/intake"), {**EMPTY, "contact": "other@example.org"})
    assert kept["waiting"] == ["signature", "permission-to-send", "age-group"]


async def test_what_the_person_enters_is_theirs_at_once_and_needs_no_confirmation(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await helped(world, advocate)
    await advocate.put(path(person, "/intake"), {**INTAKE, "signature": "Misspelt"})
    kept = await person.put(path(person, "/intake"), INTAKE)
    assert kept["waiting"] == [] and kept["signature"] == INTAKE["signature"]
    assert (await person.get(path(person, "/entries")))["entries"] == []


async def test_fields_of_an_advocate_are_marked_with_who_entered_them(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await helped(world, advocate)
    await advocate.put(path(person, "/intake"), {**EMPTY, "good_faith_facts": "as told", "country": "DE"})
    for caller in (person, advocate):
        marks = (await caller.get(path(person, "/intake")))["marks"]
        assert {one["field"] for one in marks} == {"good_faith_facts", "country"}
        assert {one["entered_by"]["name"] for one in marks} == {"Signing Advocate"}
        assert {one["confirmed_at"] for one in marks} == {None}
    await person.put(path(person, "/intake"), {**EMPTY, "good_faith_facts": "my own", "country": "DE"})
    assert [one["field"] for one in (await person.get(path(person, "/intake")))["marks"]] == ["country"]


async def test_fingerprints_consents_and_links_of_an_advocate_are_marked_and_the_persons_are_not(
    world: ApiWorld,
) -> None:
    advocate = await world.advocate()
    person = await helped(world, advocate)
    mine = (await world.advocate_row()).id
    for caller, number in ((advocate, 1), (person, 2)):
        digits = {1: PDQ, 2: "0f" * 32}[number]
        made = {"pdq": digits, "quality": 90, "kind": "intimate"}
        await caller.post(path(person, "/fingerprints"), made)
        place = {"platform": "telegram", "source": f"@channel{number}", "purposes": ["watch"]}
        await caller.post(path(person, "/consents"), place)
        await caller.post(path(person, "/links"), {"url": f"https://t.me/channel{number}/5", "kind": "intimate"})
    for what in ("fingerprints", "consents", "links"):
        for caller in (person, advocate):
            rows = (await caller.get(path(person, f"/{what}")))[what]
            by = [one["entered_by"] and one["entered_by"]["advocate_id"] for one in rows]
            assert sorted(by, key=str) == sorted([mine, None], key=str), what


async def test_change_to_minor_takes_effect_at_once_and_is_shown_for_confirmation(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    (await confirmed(world, advocate, person))["notices"][0]
    kept = await advocate.put(path(person, "/intake"), {**INTAKE, "age_group": "minor"})
    assert (kept["age_group"], kept["notices_stopped"], kept["waiting"]) == ("minor", 1, [])
    (entry,) = (await person.get(path(person, "/entries")))["entries"]
    assert (entry["matter"], entry["in_effect"], entry["values"]) == ("age-group", True, {"age_group": "minor"})
    await person.post(path(person, "/entries/age-group/reject"))
    assert (await person.get(path(person, "/intake")))["age_group"] == "adult"


async def test_what_stops_or_protects_keeps_its_immediate_effect(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    place = {"platform": "telegram", "source": "@channel", "purposes": ["watch"]}
    given = (await person.post(path(person, "/consents"), place))["consents"][0]["consent_id"]
    await confirmed(world, advocate, person)
    held = await advocate.put(path(person, "/intake"), {**INTAKE, "timing": "wait-for-police"})
    assert (held["notices_held"], held["waiting"]) == (1, [])
    assert await advocate.refused("PUT", path(person, "/intake"), INTAKE) == (403, "only-the-person")
    taken = await advocate.put(
        path(person, "/intake"), {**INTAKE, "timing": "wait-for-police", "permission_to_send": False}
    )
    assert (taken["permission_to_send"], taken["notices_stopped"], taken["waiting"]) == (False, 1, [])
    await advocate.delete(path(person, f"/consents/{given}"))
    live = {one["consent_id"] for one in (await person.get(path(person, "/consents")))["consents"] if one["live"]}
    assert given not in live


async def test_erasure_asked_by_an_advocate_waits_for_the_person(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    for _ in range(2):
        asked = await advocate.post(path(person, "/erasure"))
        assert (asked["state"], asked["erase_at"], asked["waits_for_person"]) == ("vouched", None, True)
    assert (await person.get(path(person)))["waiting"] == ["erasure"]
    assert (await kinds(world, person.case_id)).count("entry-waits") == 1
    assert (await advocate.get("/operations/alerts"))["alerts"] == []
    # Whoever holds the unlocked phone erases nothing by it: the passphrase, as where the person asks themselves.
    confirm = ("POST", path(person, "/entries/erasure/confirm"))
    seen = {"entered_at": (await person.get(path(person, "/entries")))["entries"][0]["entered_at"]}
    for given in (None, seen, {"passphrase": ""}, {**seen, "passphrase": "other words than those"}):
        assert await person.refused(*confirm, given) == (403, "passphrase-needed")
    words = {"passphrase": person.passphrase}
    assert await advocate.refused(*confirm, words) == (403, "only-the-person")
    stranger = await world.vouched(advocate)
    assert await stranger.refused(*confirm, {"passphrase": stranger.passphrase}) == (404, "not-found")
    assert (await person.get(path(person)))["state"] == "vouched"
    await person.post(confirm[1], {**seen, **words})
    case = await person.get(path(person))
    assert case["state"] == "erasing" and case["erase_at"]
    (alert,) = (await advocate.get("/operations/alerts"))["alerts"]
    assert (alert["reason"], alert["caused_by"]) == ("asked-by-advocate-confirmed-by-person", "person")
    await person.delete(path(person, "/erasure"))
    assert (await person.get(path(person, "/entries")))["entries"] == []


async def test_rejected_erasure_changes_nothing(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    await advocate.post(path(person, "/erasure"))
    await person.post(path(person, "/entries/erasure/reject"))
    case = await person.get(path(person))
    assert (case["state"], case["waiting"]) == ("vouched", [])


async def test_person_who_asks_for_an_erasure_is_the_one_who_asked(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    await advocate.post(path(person, "/erasure"))
    asked = await person.post(path(person, "/erasure"), {"passphrase": person.passphrase})
    assert asked["state"] == "erasing" and not asked["waits_for_person"]
    (alert,) = (await advocate.get("/operations/alerts"))["alerts"]
    assert (alert["reason"], alert["caused_by"]) == ("asked-by-person", "person")


async def test_mandate_lets_what_it_covers_count_and_the_person_sees_and_revokes_it(world: ApiWorld) -> None:
    advocate, second = await world.advocate(), await world.advocate("second")
    person = await helped(world, advocate)
    await advocate.put(path(person, "/intake"), INTAKE)
    recorded = await advocate.post(path(person, "/mandates"), MANDATE)
    mine = (await world.advocate_row()).id
    (mandate,) = recorded["mandates"]
    assert (mandate["seen_by"]["advocate_id"], mandate["kind"], mandate["dated"]) == (mine, "written", "2026-01-10")
    shown = await person.get(path(person, "/entries"))
    assert shown["mandates"] == recorded["mandates"]
    assert all(one["in_effect"] and one["mandate_id"] == mandate["mandate_id"] for one in shown["entries"])
    assert await counting(person) == (
        "Typed Signature",
        True,
        "adult",
    )
    (notice,) = (await confirmed(world, second, person))["notices"]
    await person.delete(path(person, f"/mandates/{mandate['mandate_id']}"))
    assert (await person.get(f"/notices/{notice['notice_id']}"))["state"] == "withdrawn"
    assert await counting(person) == ("", False, "unsure")
    assert (await person.get(path(person)))["waiting"] == ["signature", "permission-to-send", "age-group"]
    steps = await told(world, person.case_id)
    assert [by for kind, by, _ in steps if kind == "mandate-recorded"] == [By.advocate(mine, Door.API)]
    assert [by for kind, by, _ in steps if kind == "mandate-revoked"] == [By.person(Door.API)]
    facts = next(facts for kind, _, facts in steps if kind == "mandate-recorded")
    assert (facts["mandate_kind"], facts["dated"], facts["covers"]) == ("written", "2026-01-10", MANDATE["covers"])
    assert "file 12" not in str(facts)


async def test_rejecting_a_signature_that_counted_stops_what_was_written_in_that_name(world: ApiWorld) -> None:
    advocate, second = await world.advocate(), await world.advocate("second")
    person = await world.vouched(advocate, intake={"signature": ""})
    await advocate.post(path(person, "/mandates"), MANDATE)
    await advocate.put(path(person, "/intake"), INTAKE)
    (notice,) = (await confirmed(world, second, person, platform=PlatformName.X))["notices"]
    await person.post(path(person, "/entries/signature/reject"))
    shown = await person.get(f"/notices/{notice['notice_id']}")
    assert (shown["state"], shown["reason"]) == ("withdrawn", "waits-for-the-person")
    assert await counting(person) == ("", True, "adult")
    await person.put(path(person, "/intake"), {**INTAKE, "signature": "My Own"})
    again = await second.get(f"/notices/{notice['notice_id']}")  # written anew by the person's own word, and not sent
    assert (again["state"], again["reason"]) == ("prepared", None)
    preview = await second.get(f"/notices/{notice['notice_id']}/preview")
    assert "My Own" in str(preview) and INTAKE["signature"] not in str(preview)


async def test_mandate_that_was_there_before_lets_an_entry_count_at_once_and_only_what_it_covers(
    world: ApiWorld,
) -> None:
    advocate = await world.advocate()
    person = await helped(world, advocate)
    await advocate.post(path(person, "/mandates"), {**MANDATE, "kind": "guardian", "covers": ["permission-to-send"]})
    kept = await advocate.put(path(person, "/intake"), INTAKE)
    assert kept["permission_to_send"] and kept["waiting"] == ["signature", "age-group"]
    await person.post(path(person, "/entries/permission-to-send/reject"))
    assert not (await person.get(path(person, "/intake")))["permission_to_send"]


async def test_mandate_covers_an_erasure_and_the_alert_says_so(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    await advocate.post(path(person, "/mandates"), {**MANDATE, "covers": ["erasure"]})
    asked = await advocate.post(path(person, "/erasure"))
    assert asked["state"] == "erasing" and asked["erase_at"]
    (alert,) = (await advocate.get("/operations/alerts"))["alerts"]
    assert (alert["reason"], alert["caused_by"]) == ("asked-by-advocate-under-mandate", "advocate")
    await person.delete(path(person, "/erasure"))  # the person can call it off all the same


async def test_mandate_that_is_recorded_after_an_erasure_was_asked_begins_it(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    await advocate.post(path(person, "/erasure"))
    await advocate.post(path(person, "/mandates"), {**MANDATE, "covers": ["erasure"]})
    assert (await person.get(path(person)))["state"] == "erasing"


async def test_mandate_that_covers_an_erasure_needs_a_fresh_proof_and_others_do_not(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    person = await world.vouched(advocate)
    await advocate.post(path(person, "/erasure"))
    async with world.services.database.begin() as session:
        await session.execute(update(Login).values(proved_at=datetime.now(UTC) - timedelta(hours=1)))
    covers = {**MANDATE, "covers": ["signature", "erasure"]}
    assert await advocate.refused("POST", path(person, "/mandates"), covers) == (403, "proof-needed")
    form = {"kind": "written", "dated": "2026-01-10", "covers": "erasure", "sure": "on"}
    sent = await send_form(world, advocate, f"/advocate{path(person)}/entered/mandate", form)
    assert sent.startswith("/advocate/account/prove")
    assert (await person.get(path(person)))["waiting"] == ["erasure"]
    assert (await advocate.post(path(person, "/mandates"), MANDATE))["mandates"]
    proof = {"password": PASSWORD, "totp": world.totp()}
    await advocate.post("/account/proof", proof)
    await advocate.post(path(person, "/mandates"), covers)
    assert (await person.get(path(person)))["state"] == "erasing"


async def test_what_a_colleague_put_in_its_place_is_not_taken_back(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    person = await world.vouched(advocate)
    colleague, entry = await world.advocate("second", "Centre A"), path(person, "/entries/signature")
    await advocate.put(path(person, "/intake"), {**INTAKE, "signature": "First Name"})
    (seen,) = (await advocate.get(path(person, "/entries")))["entries"]
    page = await see(world, advocate, f"/advocate{path(person)}/entered")
    (shown,) = re.findall(r'name="seen" value="([^"]+)"', page)
    world.clock.time += timedelta(minutes=1)
    await colleague.put(path(person, "/intake"), {**INTAKE, "signature": "Second Name"})
    query = "?" + urlencode({"entered_at": seen["entered_at"]})
    assert await advocate.refused("DELETE", entry + query) == (409, "nothing-waits")
    form = {"matter": "signature", "seen": shown}
    assert "problem=nothing-waits" in await send_form(world, advocate, f"/advocate{path(person)}/entered/back", form)
    assert (await person.get(path(person)))["waiting"] == ["signature"]
    form["seen"] = "yesterday"
    assert "problem=time-unreadable" in await send_form(world, advocate, f"/advocate{path(person)}/entered/back", form)
    (seen,) = (await advocate.get(path(person, "/entries")))["entries"]
    await advocate.delete(entry + "?" + urlencode({"entered_at": seen["entered_at"]}))
    assert (await person.get(path(person)))["waiting"] == []


async def test_mandate_is_for_advocates_has_a_past_date_and_belongs_to_its_case(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person, other = await helped(world, advocate), await helped(world, advocate)
    assert await person.refused("POST", path(person, "/mandates"), MANDATE) == (403, "advocates-only")
    later = (world.clock.now() + timedelta(days=2)).date().isoformat()
    assert await advocate.refused("POST", path(person, "/mandates"), {**MANDATE, "dated": later}) == (
        422,
        "mandate-date",
    )
    assert (await advocate.refused("POST", path(person, "/mandates"), {**MANDATE, "kind": "a whim"}))[0] == 422
    assert (await advocate.refused("POST", path(person, "/mandates"), {**MANDATE, "covers": []}))[0] == 422
    recorded = await advocate.post(path(person, "/mandates"), MANDATE)
    foreign = f"/mandates/{recorded['mandates'][0]['mandate_id']}"
    assert await other.refused("DELETE", path(other, foreign)) == (404, "not-found")
    stranger = await world.advocate("stranger", "Centre B")
    assert await stranger.refused("DELETE", path(person, foreign)) == (404, "not-found")


async def test_one_advocate_does_not_vouch_enter_the_permission_and_send(world: ApiWorld) -> None:
    advocate, second = await world.advocate(), await world.advocate("second")
    person = await helped(world, advocate)
    await advocate.post(path(person, "/mandates"), MANDATE)
    await advocate.put(path(person, "/intake"), INTAKE)
    written = await confirmed(world, advocate, person)
    assert written["notices"] == [] and "second-advocate-needed" in {one["reason"] for one in written["skipped"]}
    sighting = (await advocate.get(path(person, "/sightings")))["sightings"][0]["sighting_id"]
    wanted = {"routes": ["telegram_report"]}
    assert (await advocate.post(f"/sightings/{sighting}/notices", wanted))["notices"] == []
    (notice,) = (await second.post(f"/sightings/{sighting}/notices", wanted))["notices"]
    assert (await second.get(f"/notices/{notice['notice_id']}"))["one_hand"] is False


async def test_one_advocate_may_send_what_the_person_confirmed(world: ApiWorld) -> None:
    advocate, _ = await world.advocate(), await world.advocate("second")
    person = await helped(world, advocate)
    await advocate.post(path(person, "/mandates"), MANDATE)
    await advocate.put(path(person, "/intake"), INTAKE)
    await confirm_all(person)
    assert len((await confirmed(world, advocate, person))["notices"]) == 1


async def test_case_that_another_one_vouched_for_has_two_hands(world: ApiWorld) -> None:
    advocate, second = await world.advocate(), await world.advocate("second")
    person = await world.person(intake=EMPTY)
    await second.post(path(person, "/vouch"))
    await advocate.post(path(person, "/mandates"), MANDATE)
    await advocate.put(path(person, "/intake"), INTAKE)
    assert len((await confirmed(world, advocate, person))["notices"]) == 1


async def test_organisation_with_one_advocate_that_says_so_may_do_it_all_and_that_is_marked(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await helped(world, advocate)
    await advocate.post(path(person, "/mandates"), MANDATE)
    await advocate.put(path(person, "/intake"), INTAKE)
    assert (await confirmed(world, advocate, person))["notices"] == []  # it does not say so
    await says_sole(world, sole=True)
    (notice,) = (await confirmed(world, advocate, person, post_id="18"))["notices"]
    for caller in (advocate, person):
        assert (await caller.get(f"/notices/{notice['notice_id']}"))["one_hand"] is True
    queued = next(facts for kind, _, facts in await told(world, person.case_id) if kind == "notice-queued")
    assert queued["one_hand"] is True
    await world.advocate("second")  # what was said lapses
    written = await confirmed(world, advocate, person, post_id="19")
    assert written["notices"] == [] and "second-advocate-needed" in {one["reason"] for one in written["skipped"]}
    with pytest.raises(RuleBroken, match="two-advocates"):
        await says_sole(world, sole=True)


async def test_saying_that_there_is_one_advocate_only_is_in_the_chain_of_the_installation(world: ApiWorld) -> None:
    await world.add_advocate()
    await says_sole(world, sole=True)
    await says_sole(world, sole=True)
    await says_sole(world, sole=False)
    steps = [(by, facts) for kind, by, facts in await told(world, INSTALLATION) if kind == "organisation-changed"]
    home = (await world.advocate_row()).organisation_id
    assert steps == [
        (By.operator("organisation"), {"organisation": home, "sole_advocate": sole}) for sole in (True, False)
    ]


async def says_sole(world: ApiWorld, *, sole: bool) -> None:
    async with world.services.database.begin() as session:
        by, now = By.operator("organisation"), world.clock.now()
        await set_sole_advocate(session, world.services.keys, organisation="Centre A", sole=sole, by=by, now=now)


async def test_alert_that_follows_from_an_act_says_whose(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    (notice,) = (await confirmed(world, advocate, person))["notices"]
    from db.locking import lock_one
    from db.models.notices import Notice
    from monitor.delivery.base import Receipt
    from monitor.model.notice_states import NoticeState, move
    from monitor.notices.outcomes import mark_sent

    async with world.services.database.begin() as session:
        row = await lock_one(session, Notice, notice["notice_id"])
        row.state = move(row.state, NoticeState.SENDING)
        await mark_sent(session, world.context, row, Receipt("R", {}))
    await advocate.put(path(person, "/intake"), {**INTAKE, "age_group": "unsure"})
    (alert,) = (await advocate.get("/operations/alerts"))["alerts"]
    assert (alert["kind"], alert["caused_by"]) == ("sent-for-minor", "advocate")
