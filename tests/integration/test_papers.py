"""What a person takes along: what was sent without others' names, receipts, a neutral letter, all that is held."""

import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
from pypdf import PdfReader
from sqlalchemy import inspect, update
from sqlalchemy.ext.asyncio import AsyncSession

from db.base import Base
from db.locking import lock_one
from db.models.cases import Case
from db.models.notices import Notice
from db.models.people import Advocate
from db.models.sightings import Sighting
from db.types import new_id
from monitor.cases.news import set_news_mail
from monitor.jobs.checked_copy import write_receipt
from monitor.model.records.sighting import SightingRecord
from tests.integration.test_letters_stopped import out, queued, take_back_all
from tests.support.api_world import PDQ, ApiWorld, Caller

NUMBER = "Signing Advocate"


async def fetched(who: Caller, path: str, body: Any = None) -> httpx.Response:
    answer = await who.call("GET" if body is None else "POST", f"/cases/{who.case_id}/papers{path}", body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    return answer


def words(answer: httpx.Response) -> str:
    """The text of a PDF, in one line."""
    assert answer.headers["content-type"] == "application/pdf"
    pages = PdfReader(io.BytesIO(answer.content)).pages
    return " ".join(" ".join(page.extract_text().split()) for page in pages)


async def scene(world: ApiWorld) -> tuple[Caller, Caller, str]:
    """(advocate, person, notice that left); its copy is gone, with a receipt. A second copy is not released."""
    advocate = await world.advocate()
    async with world.services.database.begin() as session:
        await session.execute(update(Advocate).values(work_alias="Desk Name"))
    person = await world.vouched(advocate)
    body = {"pdq": PDQ, "quality": 90, "kind": "intimate", "label": "Beach"}
    await person.post(f"/cases/{person.case_id}/fingerprints", body)
    sighting, hidden = await world.sighting(person), await world.sighting(person, post_id="18")
    written = await advocate.post(f"/sightings/{sighting}/confirm", {"basis": "caption-context", "routes": ["us_tida"]})
    await advocate.post(f"/sightings/{hidden}/confirm", {"basis": "caption-context", "release": False, "routes": []})
    notice: str = written["notices"][0]["notice_id"]
    return advocate, person, notice


async def leave(world: ApiWorld, notice: str) -> None:
    now = world.clock.now()
    async with world.services.database.begin() as session:
        await session.execute(update(Notice).where(Notice.id == notice).values(state="removed", sent_at=now))
        row = await session.get_one(Notice, notice)
        sighting = await lock_one(session, Sighting, row.sighting_id)
        sighting.removed_at, sighting.presence, sighting.gone_since = now, "deleted", now - timedelta(hours=6)
        sighting.looked_at = now
        await write_receipt(session, world.context, sighting, sent_at=now, notice_id=notice)


async def kinds(world: ApiWorld, case_id: str) -> list[dict[str, Any]]:
    async with world.services.database.read() as session:
        told = await world.context.ledger.told(session, case_id)
    return [dict(one.facts or {}) for one in told if one.row.kind == "paper-taken"]


async def test_copies_of_what_was_sent_and_receipts(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    advocate, person, notice = await scene(world)
    path = f"/cases/{person.case_id}/papers"
    assert await person.refused("GET", f"{path}/sent/{notice}/text") == (409, "notice-state")
    assert await person.refused("GET", f"{path}/receipts") == (409, "no-receipts")
    await leave(world, notice)
    whole = (await person.get(f"/notices/{notice}"))["content"]["body"]
    assert "Signing Advocate" in whole or "Desk Name" in whole
    text = (await fetched(person, f"/sent/{notice}/text")).text
    assert "https://t.me/examplechannel/17" in text and "[advocate]" in text
    assert "Signing Advocate" not in text and "Desk Name" not in text and "/platform" not in text
    printed = words(await fetched(person, f"/sent/{notice}/pdf?language=ko"))
    assert "보낸 내용의 사본" in printed and "Signing Advocate" not in printed
    receipt = words(await fetched(person, "/receipts?language=en"))
    assert "Receipts of removal" in receipt and "examplechannel/17" in receipt
    for one in ("/receipts", f"/sent/{notice}/text", "/everything"):
        assert await advocate.refused("GET", path + one) == (403, "only-the-person")
    assert [one["paper"] for one in await kinds(world, person.case_id)] == ["sent-copy", "sent-copy", "receipts"]


async def test_letter_says_what_was_chosen_in_neutral_words_and_in_the_centres_name_only_if_it_vouched(
    sqlite_world: ApiWorld,
) -> None:
    world = sqlite_world
    _, person, notice = await scene(world)
    await leave(world, notice)
    everything = dict.fromkeys(("centre", "since", "appointments", "requests", "removed"), True)
    for language, said in (
        ("en", ("Confirmation", "gone: 1", "operators of internet services: 1", "excused")),
        ("ko", ("확인서", "삭제를 확인한 게시물: 1건", "인터넷 사업자에게 보낸 삭제 요청: 1건", "결석")),
    ):
        body = {"language": language, "wanted_for": "school", "name": "Kim Example", **everything}
        printed = words(await fetched(person, "/letter", body))
        assert all(one in printed for one in said), printed
        assert "Centre A" in printed and "Kim Example" in printed
        for never in (
            "intimate",
            "sexual",
            "성적",
            "유포",
            "불법",
            "telegram",
            "examplechannel",
            person.case_id,
            "fake",
            "video",
            "picture",
        ):
            assert never not in printed, never
    bare = words(await fetched(person, "/letter", {"language": "en", "wanted_for": "other"}))
    assert "Statement" in bare and "Centre A" not in bare and "gone" not in bare and "Kim" not in bare and "20" in bare
    taken = await kinds(world, person.case_id)
    assert {one["in_name_of_centre"] for one in taken} == {True, False} and "Kim" not in json.dumps(taken)
    waiting = await world.person()
    path = f"/cases/{waiting.case_id}/papers/letter"
    body = {"language": "en", "wanted_for": "employer", "centre": True}
    assert await waiting.refused("POST", path, body) == (409, "not-vouched")
    assert "the employer" in words(await fetched(waiting, "/letter", {**body, "centre": False}))


async def test_everything_is_one_file_of_json_and_text_without_a_picture_or_the_number(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    _, person, notice = await scene(world)
    await leave(world, notice)
    await person.post(f"/cases/{person.case_id}/messages", {"text": "Is it gone?"})
    await person.post(f"/cases/{person.case_id}/links", {"url": "https://t.me/other/5", "kind": "intimate"})
    await person.post(f"/cases/{person.case_id}/own-pages", {"platform": "x", "source": "@myownpage"})
    context = replace(world.context, news_from="info@letters.example")
    async with world.services.database.begin() as session:
        case = await session.get_one(Case, person.case_id)
        mailbox = {"address": "me@home.example", "sender": "Library", "subject": "Books", "language": "en"}
        await set_news_mail(session, context, case, **mailbox)
    answer = await fetched(person, "/everything?language=ko")
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.namelist() == ["data.json", "data.txt"]
    told = json.loads(archive.read("data.json"))
    assert told["fingerprints"][0]["codes"]["pdq"] == PDQ and told["fingerprints"][0]["label"] == "Beach"
    assert told["answers"]["signature"] == "Typed Signature" and told["messages"][0]["text"] == "Is it gone?"
    assert [one["url"] for one in told["found"]] == ["https://t.me/examplechannel/17"]
    assert told["links"][0]["url"] == "https://t.me/other/5" and told["receipts"] and told["done_by_you"]
    assert [one["source"] for one in told["own_pages"]] == ["myownpage"] and told["names"] == told["list"] == []
    assert "[advocate]" in told["notices"][0]["body"]
    whole = archive.read("data.json").decode() + archive.read("data.txt").decode("utf-8-sig")
    text = archive.read("data.txt").decode("utf-8-sig")
    # Nothing that was not released, not the number, no count by which it shows.
    assert "examplechannel/18" not in whole and person.case_id not in whole and person.passphrase not in whole
    assert "# 찾은 것" in text and "https://t.me/examplechannel/17" in text and PDQ not in text
    assert "Is it gone?" in text and "Beach" in text and "이름: Beach" in text
    # In words of the asked language, dates too; and all that the notice about privacy names is there.
    own = re.sub(r"(?s)# 신고와 보낸 내용.*?# 메시지", "", text)
    assert not re.findall(r"(?m)^ *[a-z][a-z ]*:|: (?:True|False)$|(?<!계정): [a-z][a-z-]*$|\dT\d|사건", own), own
    assert "상태: 상담원 확인됨" in text and "이 동의로 하는 일: 사본 찾기" in text and "위임한 일: " not in text
    assert told["news_mail"][0]["address"] == "me@home.example"
    assert {"joint_reports", "addresses", "transfers", "new_passphrase", "agreement"} <= set(told)


async def unpacked(person: Caller, language: str) -> tuple[dict[str, Any], str]:
    """Both halves of the one file."""
    archive = zipfile.ZipFile(io.BytesIO((await fetched(person, f"/everything?language={language}")).content))
    return json.loads(archive.read("data.json")), archive.read("data.txt").decode("utf-8-sig")


async def test_everything_tells_receipts_that_count_no_more_and_mail_that_was_stopped_as_the_page_does(
    sqlite_world: ApiWorld,
) -> None:
    world = sqlite_world
    advocate, person, notice = await scene(world)
    await leave(world, notice)
    world.clock.move(hours=1)
    released = (await person.get(f"/cases/{person.case_id}/sightings"))["sightings"][0]["sighting_id"]
    await advocate.post(f"/sightings/{released}/reopen", {"reason": "wrong-copy"})
    (ended,) = (await person.get(f"/cases/{person.case_id}/receipts"))["taken_back"]
    told, text = await unpacked(person, "ko")
    assert told["receipts"] == []
    assert told["receipts_ended"] == [
        {"written_at": ended["written_at"], "taken_back_at": ended["taken_back_at"], "why": ended["reason"]}
    ]
    part = text.split("# 더 이상 쓰이지 않는 삭제 확인서")[1].split("#")[0]
    assert "다시 보니 내 사진이 아니었어요" in part and "wrong-copy" not in part
    # What would have followed a notice, and did not leave.
    other, out_there = await out(world, advocate)
    await queued(advocate, out_there, "reminder")
    await take_back_all(world, other)
    told, text = await unpacked(other, "ko")
    (row,) = (await other.get(f"/cases/{other.case_id}/notices"))["notices"]
    assert row["stopped"] == [{"what": "reminder", "reason": "consent-withdrawn"}]
    assert told["notices"][0]["not_sent"] == [{"what": "reminder", "why": "consent-withdrawn"}]
    shown = {name: value for name, value in row.items() if name not in ("case_id", "stopped")}
    assert {name: told["notices"][0][name] for name in shown} == shown
    part = text.split("# 신고와 보낸 내용")[1].split("# ")[0]
    assert "보내지 않은 것" in part and "이곳에 대한 동의를 거두셔서 나가지 않았어요" in part, part
    assert "consent-withdrawn" not in part and "reminder" not in part
    assert re.findall(r"(?m)^ *[a-z][a-z ]*:(?!/)", part) == []


async def again(session: AsyncSession, row: Base, **changes: Any) -> None:
    """One more row like this one."""
    kept = {column.key: getattr(row, column.key) for column in inspect(type(row)).column_attrs}
    session.add(type(row)(**{**kept, "id": new_id(), **changes}))


async def test_everything_is_whole_however_much_there_is(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    _, person, notice_id = await scene(world)
    async with world.services.database.begin() as session:
        notice = await session.get_one(Notice, notice_id)
        copy = await session.get_one(Sighting, notice.sighting_id)
        evidence = world.context.open_record(SightingRecord, copy.case_id, copy.id, copy.evidence)
        for number in range(1, 1003):
            found = new_id()
            sealed = world.context.seal_record(copy.case_id, found, evidence)
            await again(session, copy, id=found, evidence=sealed, post_id=f"1{number:05}", media_id=f"photo:1{number}")
            await session.flush()
            await again(session, notice, sighting_id=found)
    told = json.loads(zipfile.ZipFile(io.BytesIO((await fetched(person, "/everything")).content)).read("data.json"))
    assert (len(told["found"]), len(told["notices"])) == (1003, 1003)
    assert len({one["sighting_id"] for one in told["found"]}) == 1003
