"""What a centre tells of itself, and how a person who waits comes to be vouched for: read, told honestly, by a code."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from db.models.cases import Case
from db.models.people import VouchCode
from monitor.cases.code_words import words_of
from monitor.evidence.entry_kinds import EntryKind
from tests.support.api_world import INTAKE, ApiWorld, api_world
from tests.support.centre_profiles import PROFILE, PROFILE_FORM
from tests.support.ledger_told import changes
from tests.support.page_forms import form, see, send_form

MONDAY = datetime(2026, 11, 30, 2, 0, tzinfo=UTC)  # eleven in the morning in Seoul


@pytest.fixture
async def town(prepared_sqlite_url: str, tmp_path: Path) -> AsyncIterator[ApiWorld]:
    """Two centres; of one the operator wrote how it is reached."""
    async with api_world(prepared_sqlite_url, tmp_path, centres={"Centre B": "call the desk"}) as made:
        yield made


async def test_a_lead_writes_the_profile_and_everybody_reads_it_with_whether_the_centre_is_there(
    town: ApiWorld,
) -> None:
    lead, other = await town.advocate(), await town.advocate("second", "Centre B")
    mate = await town.advocate("third")
    town.clock.time = MONDAY
    assert (await lead.get("/centre/profile")) == {
        "profile": None,
        "version": 0,
        "changed_at": None,
        "changed_by": None,
    }
    assert await mate.refused("PUT", "/centre/profile", PROFILE) == (403, "leads-only")
    kept = await lead.put("/centre/profile", PROFILE)
    assert (kept["version"], kept["profile"], kept["changed_by"]) == (1, PROFILE, "Signing Advocate")
    assert (await lead.put("/centre/profile", PROFILE))["version"] == 1, "the same again changes nothing"
    assert (await lead.put("/centre/profile", {**PROFILE, "phone": "02-111-1111"}))["version"] == 2

    # Nobody needs to log in; the other centre has written nothing.
    mine, theirs = (await town.nobody().get("/centres"))["centres"]
    assert (mine["organisation"], mine["profile"]["phone"]) == ("Centre A", "02-111-1111")
    assert (mine["is_open"], mine["always"]) == (True, False)
    assert datetime.fromisoformat(mine["until"]) == MONDAY + timedelta(hours=6)
    assert theirs == {
        "organisation": "Centre B",
        "contact": "call the desk",
        "profile": None,
        "is_open": None,
        "until": None,
        "until_there": {},
        "city": {},
        "always": False,
    }
    town.clock.time = MONDAY + timedelta(hours=7)
    now = (await town.nobody().get("/centres"))["centres"][0]
    assert now["is_open"] is False and datetime.fromisoformat(now["until"]) == MONDAY + timedelta(days=7, hours=-1)
    assert now["city"] == {"ko": "서울", "en": "Seoul"}
    assert now["until_there"] == {"ko": "서울 시각 월요일 10:00", "en": "Monday 10:00 in Seoul"}

    # Each version is whole in the ledger, with its doer.
    doer = (await town.advocate_row()).id
    assert [
        (one["version"], one["profile"]["phone"], one["by"])
        for one in await changes(town, EntryKind.CENTRE_PROFILE_CHANGED)
    ] == [
        (1, "02-000-0000", doer),
        (2, "02-111-1111", doer),
    ]
    assert await other.refused("PUT", "/centre/profile", {**PROFILE, "name_en": "SEOUL centre", "name_ko": "ㄴ"}) == (
        409,
        "profile-name-taken",
    )
    assert await other.refused("PUT", "/centre/profile", {**PROFILE, "name_en": "centre a", "name_ko": "ㄴ"}) == (
        409,
        "profile-name-taken",
    )


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"name_ko": " "}, "profile-words"),
        ({"asks_en": ""}, "profile-words"),
        ({"phone": "", "text": "", "chat": ""}, "profile-ways"),
        ({"phone": "call us"}, "profile-ways"),
        ({"chat": "http://kakao.example"}, "profile-ways"),
        ({"chat": "javascript://x"}, "profile-ways"),
        ({"chat": "https://user@kakao.example"}, "profile-ways"),
        ({"zone": "Mars/Olympus"}, "profile-hours"),
        ({"zone": "../../etc/passwd"}, "profile-hours"),
        ({"hours": [{"day": 0, "opens": 60, "closes": 120}, {"day": 0, "opens": 90, "closes": 180}]}, "profile-hours"),
        ({"hours": [{"day": 0, "opens": 120, "closes": 60}]}, "profile-hours"),
        ({"languages": ["tlh"]}, "profile-languages"),
        ({"languages": []}, "invalid"),
    ],
)
async def test_what_no_person_could_use_is_refused(town: ApiWorld, changed: dict[str, Any], code: str) -> None:
    lead = await town.advocate()
    assert await lead.refused("PUT", "/centre/profile", {**PROFILE, **changed}) == (422, code)
    assert await changes(town, EntryKind.CENTRE_PROFILE_CHANGED) == []


async def test_the_page_takes_hours_as_people_type_them_and_keeps_what_was_typed_where_it_does_not_fit(
    town: ApiWorld,
) -> None:
    lead, mate = await town.advocate(), await town.advocate("third")
    typed = {**PROFILE_FORM, "hours-mon": "10 ~ 12, 13:00-17:00", "hours-sat": "24"}
    bad = await form(town, lead, "/advocate/centre/profile", {**typed, "hours-sun": "whenever", "phone": "02-222-2222"})
    assert bad.status_code == 422
    assert "whenever" in bad.text and "02-222-2222" in bad.text and "The hours could not be read" in bad.text
    assert await send_form(town, lead, "/advocate/centre/profile", typed) == "/advocate/centre?done=profile-kept"
    hours = (await lead.get("/centre/profile"))["profile"]["hours"]
    assert [(one["day"], one["opens"], one["closes"]) for one in hours] == [(0, 600, 720), (0, 780, 1020), (5, 0, 1440)]
    shown = await see(town, lead, "/advocate/centre?lang=en")
    assert 'value="10:00-12:00, 13:00-17:00"' in shown and 'value="24"' in shown
    assert "Version 1, written by Signing Advocate" in shown and "please do not ask for one" in shown
    # Who is no lead reads it, and finds no form that would be refused.
    read = await see(town, mate, "/advocate/centre?lang=en")
    assert "02-000-0000" in read and "/advocate/centre/profile" not in read
    refused = await form(town, mate, "/advocate/centre/profile", typed)
    assert refused.status_code == 403 and "Only a lead of your organisation can do this" in refused.text


async def test_a_sheet_holds_codes_as_words_letters_and_a_square_for_fourteen_days(town: ApiWorld) -> None:
    lead = await town.advocate()
    await lead.put("/centre/profile", PROFILE)
    sheet = await form(town, lead, "/advocate/centre/codes", {"count": "2", "language": "ko"})
    assert sheet.status_code == 200 and sheet.text.count("<svg") == 2 and "02-000-0000" in sheet.text
    async with town.services.database.read() as session:
        rows = (await session.scalars(select(VouchCode))).all()
    assert {one.expires_at - one.created_at for one in rows} == {timedelta(days=14)} and len(rows) == 2
    shown = re.findall(r"<code>([a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4})</code>", sheet.text)
    assert len(shown) == 2 and all(words_of(one, "ko") in sheet.text for one in shown)
    # Either spelling opens a case that is vouched for.
    opened = await town.nobody().post("/cases", {"language": "ko", "code": words_of(shown[0], "ko").replace(" ", "")})
    assert opened["state"] == "vouched"
    for count in ("0", "21", "x", ""):
        answer = await form(town, lead, "/advocate/centre/codes", {"count": count})
        assert "problem=code-count" in answer.headers["location"]
    # The default of the API is the same.
    made = (await lead.post("/codes", {"count": 1}))["codes"][0]
    town.clock.time += timedelta(days=13, hours=23)
    assert (await town.nobody().post("/cases", {"language": "en", "code": words_of(made, "en")}))["state"] == "vouched"
    late = (await lead.post("/codes", {"count": 1}))["codes"][0]
    town.clock.time += timedelta(days=14, seconds=1)
    refused = await town.nobody().refused("POST", "/cases", {"language": "en", "code": late})
    assert refused == (403, "code-invalid")


async def test_who_waits_hands_in_a_code_and_is_vouched_for_in_the_name_of_its_maker(town: ApiWorld) -> None:
    lead, other = await town.advocate(), await town.advocate("second", "Centre B")
    code = (await lead.post("/codes", {"count": 1}))["codes"][0]
    person, second = await town.person(), await town.person()
    path = f"/cases/{person.case_id}/code"
    await person.post(f"/cases/{person.case_id}/links", {"url": "https://t.me/somechannel/5", "kind": "intimate"})
    # Another centre has it in hand: whom they spoke with is the person's to say.
    await other.post(f"/cases/{person.case_id}/in-hand")
    assert await person.refused("POST", path, {"code": "wrong words here"}) == (403, "code-invalid")
    assert (await person.get(f"/cases/{person.case_id}"))["vouched"] is False
    assert await lead.refused("POST", path, {"code": code}) == (403, "only-the-person")
    told = await person.post(path, {"code": words_of(code, "en").title()})
    assert (told["vouched"], told["centre"]["name"], told["centres"]) == (True, "Centre A", [])
    assert (await lead.get(f"/cases/{person.case_id}"))["vouched"] is True
    assert await other.refused("GET", f"/cases/{person.case_id}") == (404, "not-found")
    assert await person.refused("POST", path, {"code": code}) == (403, "code-invalid"), "used up"
    assert await second.refused("POST", f"/cases/{second.case_id}/code", {"code": code}) == (403, "code-invalid")
    fresh = (await lead.post("/codes", {"count": 1}))["codes"][0]
    assert await person.refused("POST", path, {"code": fresh}) == (409, "case-state"), "and it is not spent"
    assert (await second.post(f"/cases/{second.case_id}/code", {"code": fresh}))["vouched"] is True
    async with town.services.database.read() as session:
        entries = await town.context.ledger.told(session, person.case_id)
        row = await session.get_one(Case, person.case_id)
    vouched = [one for one in entries if one.row.kind == EntryKind.CASE_VOUCHED]
    assert [(str(one.by.who), one.by.id) for one in vouched if one.by] == [("code", (await town.advocate_row()).id)]
    assert row.vouched_by is None and row.in_hand_until is None and row.vouched_at is not None


async def test_who_waits_can_ask_platforms_themselves_and_nobody_else_sees_those_texts(town: ApiWorld) -> None:
    await town.advocate()
    person = await town.person()
    path = f"/cases/{person.case_id}"
    post, on_x, cafe = "https://t.me/somechannel/5", "https://x.com/some/status/17", "https://cafe.naver.com/a/1"
    for url in (post, on_x, cafe, "https://example.org/a"):
        await person.post(f"{path}/links", {"url": url, "kind": "faked"})
    told = (await person.get(f"{path}/self-notices"))["notices"]
    # Whoever gets it decides in which language: platforms' desks read English, Korea's centre and its services Korean.
    asked = {(one["url"], one["address"].removeprefix("https://").split("/")[0]): one["language"] for one in told}
    assert asked == {
        (post, "abuse@telegram.org"): "en",
        (on_x, "help.x.com"): "en",
        (cafe, "help.naver.com"): "ko",
        **{(url, "d4u.stop.or.kr"): "ko" for url in (post, on_x, cafe, "https://example.org/a")},
    }
    assert all(one["url"] in one["body"] and "person@example.org" not in one["body"] for one in told)
    assert all(("요청드립니다" in one["body"]) is (one["language"] == "ko") for one in told)
    await person.put(f"{path}/intake", {**INTAKE, "age_group": "unsure"})
    minors = (await person.get(f"{path}/self-notices"))["notices"]
    assert len(minors) == len(told) and all(one["minor"] for one in minors)
    assert all("Name" not in one["body"] and "성명" not in one["body"] for one in minors)
    await person.put(f"{path}/intake", {**INTAKE, "country": "GB"})
    abroad = (await person.get(f"{path}/self-notices"))["notices"]
    assert "d4u.stop.or.kr" not in str(abroad) and [one["url"] for one in abroad if one["language"] == "ko"] == [cafe]
    advocate = await town.advocate()
    assert await advocate.refused("GET", f"{path}/self-notices") == (409, "not-vouched")
    await advocate.post(f"{path}/vouch")
    assert await advocate.refused("GET", f"{path}/self-notices") == (403, "only-the-person")
