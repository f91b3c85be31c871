"""The pack that a person, or their advocate, takes to any body that acts: whole, readable, nothing private in it."""

import io
from typing import Any

import pytest
from pypdf import PdfReader

from tests.integration.test_copies import confirmed, page
from tests.support.api_world import INTAKE, ApiWorld, Caller

WORDS = {
    "ko": ("유포물 신고 자료", "만 14세 미만이라면", "보호자에게 알릴 수 없거나 안전하지 않다면", "1388", "이름(?)"),
    "en": (
        "Links to hand over",
        "If you are under 14",
        "If a parent must not know, or is not safe",
        "1388",
        "Name (?)",
    ),
}


async def text_of(caller: Caller, case_id: str, language: str) -> str:
    answer = await caller.call("GET", f"/cases/{case_id}/hand-off/text?language={language}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="links.txt"'
    return answer.text


async def pdf_of(caller: Caller, case_id: str, language: str) -> str:
    answer = await caller.call("GET", f"/cases/{case_id}/hand-off/pdf?language={language}")
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/pdf"
    read = PdfReader(io.BytesIO(answer.content))
    root: Any = read.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]  # tagged: a screen reader tells it in order
    return " ".join(" ".join(one.extract_text() for one in read.pages).split())


@pytest.mark.parametrize("language", ["ko", "en"])
async def test_a_minors_pack_holds_links_what_was_done_where_to_go_and_the_guardians_part(
    sqlite_world: ApiWorld, language: str
) -> None:
    advocate = await sqlite_world.advocate()
    person = await sqlite_world.vouched(advocate, intake={"age_group": "minor"})
    copies = [await confirmed(sqlite_world, advocate, person, number) for number in ("17", "18")]
    await advocate.post(f"/copies/{copies[0]}/filings", {"step": "kr_police", "reference": "P-2026-1"})
    for caller in (person, advocate):
        told = await text_of(caller, person.case_id, language)
        for words in (*WORDS[language], "https://t.me/examplechannel/17", "https://t.me/examplechannel/18", "P-2026-1"):
            assert words in told, words
        for place in ("112", "stopCA@telegram.org", "d4u.stop.or.kr", "1377", "takeitdown.ncmec.org"):
            assert place in told, place
        assert "KST" in told and "UTC" in told and "(?)" in told
        for private in (INTAKE["signature"], INTAKE["contact"], "blue room", "in private"):
            assert private not in told
    printed = await pdf_of(person, person.case_id, language)
    for words in (*WORDS[language], "P-2026-1"):
        assert words in printed, words
    assert "t.me/examplechannel/17" in printed.replace(" ", "")


async def test_an_adults_pack_has_no_guardians_part_and_names_what_is_theirs(sqlite_world: ApiWorld) -> None:
    advocate = await sqlite_world.advocate()
    person = await sqlite_world.vouched(advocate)
    await confirmed(sqlite_world, advocate, person, "17")
    told = await text_of(person, person.case_id, "ko")
    assert "만 14세" not in told and "stopCA@telegram.org" not in told and "1377" in told


async def test_the_person_takes_along_only_what_was_released_to_them(sqlite_world: ApiWorld) -> None:
    advocate = await sqlite_world.advocate()
    person = await sqlite_world.vouched(advocate)
    sighting = await sqlite_world.sighting(person, post_id="41")
    body = {"basis": "caption-context", "routes": [], "release": False}
    await advocate.post(f"/sightings/{sighting}/confirm", body)
    path = f"/cases/{person.case_id}/hand-off"
    for kind in ("text", "pdf"):
        assert await person.refused("GET", f"{path}/{kind}") == (409, "no-copies")
    assert "examplechannel/41" in await text_of(advocate, person.case_id, "en")
    await confirmed(sqlite_world, advocate, person, "42")
    told = await text_of(person, person.case_id, "en")
    assert "examplechannel/42" in told and "examplechannel/41" not in told


async def test_who_took_it_stands_in_the_ledger(sqlite_world: ApiWorld) -> None:
    advocate = await sqlite_world.advocate()
    person = await sqlite_world.vouched(advocate)
    await confirmed(sqlite_world, advocate, person, "17")
    await text_of(person, person.case_id, "en")
    await pdf_of(advocate, person.case_id, "en")
    async with sqlite_world.services.database.read() as session:
        facts = [
            told["form"]
            for row, told in await sqlite_world.context.ledger.read(session, person.case_id)
            if row.kind == "hand-off-read" and told is not None
        ]
    assert facts == ["text", "pdf"]


async def test_the_advocates_page_offers_it_in_the_pages_language(sqlite_world: ApiWorld) -> None:
    advocate = await sqlite_world.advocate()
    person = await sqlite_world.vouched(advocate, intake={"age_group": "unsure"})
    sighting = await confirmed(sqlite_world, advocate, person, "17")
    place = f"/advocate/cases/{person.case_id}/hand-off"
    shown = await page(advocate, f"/advocate/copies/{sighting}?lang=ko")
    assert f"{place}/pdf?lang=ko" in shown and f"{place}/text?lang=ko" in shown
    assert "유포물 신고 자료" in await page(advocate, f"{place}/text?lang=ko")
    headers = {"cookie": f"__Host-jikimi_login={advocate.token}"}
    answer = await advocate.http.get(f"{place}/pdf?lang=ko", headers=headers)
    assert answer.content.startswith(b"%PDF")
