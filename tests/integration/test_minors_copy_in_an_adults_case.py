"""One photo shows the person under age, the others do not: each door goes by the copy, not by the answer for all."""

import csv
import io
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from pypdf import PdfReader

from db.models.cases import Case
from db.models.linking import PlaceReport
from db.types import new_id
from monitor.demo.mail.catcher import MailCatcher
from monitor.exports.package import Order, Place, make_package
from monitor.jobs.report_place import PlaceSender
from monitor.jobs.send import Sender
from monitor.jobs.send_letter import LetterSender
from tests.integration.test_joint_reports import agree, ask, begun, part_of
from tests.integration.test_letters import letter_row, mail_to
from tests.integration.test_picture_ages import found, other, register
from tests.support.api_world import INTAKE, PDQ, ApiWorld, Caller
from tests.support.domain_world import FakeDelivery

YOUNG, GROWN = "201", "202"


@pytest.fixture
async def catcher() -> AsyncIterator[MailCatcher]:
    async with MailCatcher() as made:
        yield made


async def mixed(world: ApiWorld, advocate: Caller) -> tuple[Caller, str, str]:
    """(person, copy of a minor's photo, copy of an adult's): confirmed, in one channel, the answer for all is adult."""
    person = await world.vouched(advocate)
    young = await register(person, PDQ, age_group="minor")
    grown = await register(person, other(PDQ))
    copies = [await found(world, person, YOUNG, young), await found(world, person, GROWN, grown, other(PDQ))]
    for one in copies:
        await advocate.post(f"/sightings/{one}/confirm", {"basis": "caption-context", "routes": []})
    return person, copies[0], copies[1]


async def test_no_link_of_a_minors_picture_stands_in_a_joint_report(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    report, (one,) = await begun(world, advocate, 1)
    person, young, _ = await mixed(world, advocate)
    await ask(advocate, report, one, person)
    await agree(one, "A")
    await agree(person, "B")
    text = (await advocate.get(f"/place-reports/{report}"))["text"]
    assert f"/{GROWN}" in text and f"/{YOUNG}" not in text
    # The other picture turns out to be a minor's as well: nothing of theirs is left to be named.
    grown = (await person.get(f"/cases/{person.case_id}/fingerprints"))["fingerprints"]
    for fingerprint in grown:
        path = f"/cases/{person.case_id}/fingerprints/{fingerprint['fingerprint_id']}/age"
        await person.put(path, {"age_group": "minor"})
    told = await advocate.get(f"/place-reports/{report}")
    (mine,) = [each for each in told["parts"] if each["case_id"] == person.case_id]
    assert told["text"] == "" and (mine["state"], mine["minor"], mine["in_text"]) == ("agreed", True, False)
    parts = [each["part_id"] for each in told["parts"]]
    path = f"/place-reports/{report}/submission"
    assert await advocate.refused("POST", path, {"parts": parts}) == (409, "place-report-changed")
    assert young


async def test_who_becomes_a_minor_or_waits_for_the_police_drops_out_of_a_joint_report(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    report, (one, two, three) = await begun(world, advocate, 3)
    await ask(advocate, report, one, two, three)
    for number, person in enumerate((one, two, three)):
        await agree(person, f"Name {number}")
    read = [each["part_id"] for each in (await advocate.get(f"/place-reports/{report}"))["parts"]]
    await two.put(f"/cases/{two.case_id}/intake", {**INTAKE, "age_group": "unsure"})
    await three.put(f"/cases/{three.case_id}/intake", {**INTAKE, "timing": "wait-for-police"})
    told = await advocate.get(f"/place-reports/{report}")
    assert told["text"] == "" and not any(each["in_text"] for each in told["parts"])
    path = f"/place-reports/{report}/submission"
    assert await advocate.refused("POST", path, {"parts": read}) == (409, "place-report-changed")
    part = await part_of(two)
    path = f"/cases/{two.case_id}/joint-parts/{part['part_id']}/agree"
    assert await two.refused("POST", path, {"signature": "Name 1"}) == (409, "minor-or-unsure")
    await three.put(f"/cases/{three.case_id}/intake", INTAKE)
    assert "Signed: Name 2" in (await advocate.get(f"/place-reports/{report}"))["text"]


async def test_no_letter_follows_a_notice_once_the_picture_is_a_minors(
    sqlite_world: ApiWorld, catcher: MailCatcher
) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    person = await world.vouched(advocate)
    fingerprint = await register(person, PDQ)
    sighting = await found(world, person, "1", fingerprint)
    written = await advocate.confirm(sighting, {"basis": "caption-context", "routes": ["us_tida"]})
    notice = written["notices"][0]["notice_id"]
    await Sender(world.services.database, world.context, {"smtp": mail_to(catcher)}).send(notice, 1)
    made = await advocate.post(f"/notices/{notice}/letters", {"purpose": "reminder", "text": ""})
    await advocate.post(f"/notices/{notice}/letters/2/send", {"digest": made["leaving"]["digest"]})
    await person.put(f"/cases/{person.case_id}/fingerprints/{fingerprint}/age", {"age_group": "minor"})
    row = await letter_row(world, notice, 2)
    await LetterSender(world.services.database, world.context, mail_to(catcher)).send(row.id, row.attempt)
    assert len(catcher.messages) == 1 and (await letter_row(world, notice, 2)).state == "withdrawn"


async def test_links_letters_for_the_police_and_evidence_say_which_picture_is_a_minors(
    sqlite_world: ApiWorld, tmp_path: Path
) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    person, _, _ = await mixed(world, advocate)
    answer = await advocate.call("GET", "/bulk-sheet?language=en")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    kinds = {row[1].rpartition("/")[2]: row[2] for row in rows[1:]}
    assert kinds[YOUNG] == "child or youth" and kinds[GROWN] != "child or youth"
    drafts = (await advocate.get(f"/cases/{person.case_id}/preservation"))["drafts"]
    assert any("미성년" in draft["body"] for draft in drafts)
    for language, said in (
        ("en", "UNDER AGE when pictured (copies no. {young}) / adult when pictured (copies no. {grown})"),
        ("ko", "촬영 당시 미성년자 ({young}번 사본) / 촬영 당시 성인 ({grown}번 사본)"),
    ):
        order = Order(
            export_id=new_id(),
            case_ids=(person.case_id or "",),
            source_id=None,
            language=language,
            recipient="the police",
            made_by="somebody",
            made_at=world.clock.now().replace(microsecond=0),
        )
        place = Place(tmp_path / "heads", "https://jikimi.example.org/evidence")
        files = (await make_package(world.services.database, world.context, order, place)).files
        home = f"data/cases/{person.case_id}/"
        pages = PdfReader(io.BytesIO(files[home + "report.pdf"])).pages
        text = "".join("".join(page.extract_text() for page in pages).split())
        records = json.loads(files[home + "records.json"])
        numbers = {copy["post"]: copy["number"] for copy in records["copies"]}
        told = said.format(young=numbers[YOUNG], grown=numbers[GROWN])
        assert "".join(told.split()) in text
        assert {copy["post"]: copy["age"] for copy in records["copies"]} == {YOUNG: "minor", GROWN: "adult"}
        assert ("미성년" if language == "ko" else "under age") in files[home + "preservation-telegram.txt"].decode()
    async with world.services.database.read() as session:
        assert (await session.get_one(Case, person.case_id)).state == "vouched"


async def test_pack_to_take_along_says_of_each_copy_and_holds_the_latest(
    sqlite_world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    person, _, _ = await mixed(world, advocate)
    path = f"/cases/{person.case_id}/hand-off/text?language="
    told = (await person.call("GET", path + "en")).text
    parts = {post: told[told.index(f"/{post}") :] for post in (YOUNG, GROWN)}
    assert parts[YOUNG].index("When pictured: under age, or that may be") < parts[YOUNG].index("Posted:")
    assert parts[GROWN].index("When pictured: adult") < parts[GROWN].index("Posted:")
    assert "more were confirmed" not in told
    world.clock.time += timedelta(hours=1)
    newest = await found(world, person, "203", (await register(person, "5" * 64)), "5" * 64)
    await advocate.post(f"/sightings/{newest}/confirm", {"basis": "caption-context", "routes": []})
    monkeypatch.setattr("monitor.actions.hand_off.MOST_COPIES", 1)
    for most in (1000, 2):
        monkeypatch.setattr("monitor.actions.hand_off._MOST_READ", most)
        told = (await person.call("GET", path + "ko")).text
        assert "https://t.me/examplechannel/203" in told and f"/{YOUNG}" not in told and f"/{GROWN}" not in told
        assert "최근에 확인한 1건만 담았습니다. 그 밖에 확인된 2건은" in told


async def test_a_whole_channel_is_not_reported_over_a_minors_copy_or_a_wait_for_the_police(
    sqlite_world: ApiWorld,
) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    person, young, grown = await mixed(world, advocate)
    place = (await world.row(young)).source_id
    peer = {"route": "telegram_peer", "language": "en"}
    report = (await advocate.post(f"/linking/{place}/reports", peer))["report_id"]
    assert "in posts of it that stand now: 1." in (await advocate.get(f"/place-reports/{report}"))["text"]
    path = f"/place-reports/{report}/send"
    waiting = {**INTAKE, "timing": "wait-for-police"}
    await person.put(f"/cases/{person.case_id}/intake", waiting)
    assert await advocate.refused("POST", path) == (409, "waiting-for-police")
    await person.put(f"/cases/{person.case_id}/intake", INTAKE)
    await advocate.post(path)
    # Queued; before it leaves the other picture turns out to be a minor's as well.
    fingerprint = (await world.row(grown)).fingerprint_id
    await person.put(f"/cases/{person.case_id}/fingerprints/{fingerprint}/age", {"age_group": "minor"})
    telegram = FakeDelivery()
    async with world.services.database.read() as session:
        attempt = (await session.get_one(PlaceReport, report)).attempt
    await PlaceSender(world.services.database, world.context, {"telegram_peer": telegram}).send(report, attempt)
    told = await advocate.get(f"/place-reports/{report}")
    assert (told["state"], told["reason"], telegram.sent) == ("prepared", "minor-or-unsure", [])
    assert await advocate.refused("POST", path) == (409, "minor-or-unsure")
    await advocate.post(f"/place-reports/{report}/withdraw")
    assert await advocate.refused("POST", f"/linking/{place}/reports", peer) == (409, "minor-or-unsure")
