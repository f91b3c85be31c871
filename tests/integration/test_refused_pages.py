"""Whoever mistypes an address, or is refused, gets a page as calm as the others, and can leave it at once."""

import re

import httpx
import pytest

from api.assets.store import assets
from api.guard import MOST_BYTES
from tests.support.api_world import ApiWorld, problem

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
SECRET = "zqxsecret"


def as_a_page(answer: httpx.Response, status: int, language: str = "en") -> str:
    """The page of a person: its frame with the way out, early; its text."""
    assert answer.status_code == status and answer.headers["content-type"].startswith("text/html"), answer.text
    page = answer.text
    assert f'<html lang="{language}">' in page and 'id="leave"' in page
    assert f'<script src="{assets().address("early", language=language)}" defer>' in page
    assert re.search("<title>(Information|안내)</title>", page), "nothing in the history tells where it was"
    for way in ("/case", "/safe"):
        assert re.search(rf'href="{way}(\?lang=\w+)?"', page), way
    assert answer.headers["cache-control"] == "no-store" and answer.headers["referrer-policy"] == "no-referrer"
    assert "script-src 'self'" in answer.headers["content-security-policy"] and "set-cookie" not in answer.headers
    return page


async def test_a_mistyped_address_is_answered_in_words_with_a_way_on_and_out(sqlite_world: ApiWorld) -> None:
    http = sqlite_world.http
    for path in (f"/{SECRET}", f"/case/{SECRET}", f"/static/{SECRET}.js", f"/{SECRET}?q={SECRET}&lang=en"):
        page = as_a_page(await http.get(path, headers={**BROWSER, "Accept-Language": "en"}), 404)
        assert "There is no page here" in page and SECRET not in page
    korean = as_a_page(await http.get(f"/{SECRET}", headers={**BROWSER, "Accept-Language": "ko"}), 404, "ko")
    assert "여기에는 페이지가 없어요" in korean and SECRET not in korean
    asked = as_a_page(await http.get(f"/{SECRET}?lang=ko", headers={**BROWSER, "Accept-Language": "en"}), 404, "ko")
    assert 'href="/case?lang=ko"' in asked, "the way on keeps the language"


async def test_every_other_refusal_that_a_person_can_meet_is_a_page_too(
    sqlite_world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    http, headers = sqlite_world.http, {**BROWSER, "Accept-Language": "en"}
    wrong_way = await http.get("/leave", headers=headers)
    assert "cannot be used in that way" in as_a_page(wrong_way, 405) and wrong_way.headers["allow"] == "POST"
    form = {**headers, "Content-Type": "application/x-www-form-urlencoded"}
    assert "too long" in as_a_page(await http.post("/report", content=b"a" * (MOST_BYTES + 1), headers=form), 413)
    media = {**headers, "Content-Type": "image/jpeg"}
    assert "stay on your device" in as_a_page(await http.post("/report", content=b"abc", headers=media), 415)
    assert "could not be read" in as_a_page(await http.get("/safe?lang=en&%00=1", headers=headers), 400)
    monkeypatch.setattr("api.pages.person._safety", lambda *_: 1 / 0)
    assert "Something went wrong" in as_a_page(await http.get("/safe", headers=headers), 500)


async def test_programs_still_get_a_document(sqlite_world: ApiWorld) -> None:
    http = sqlite_world.http
    for headers in ({}, {"Accept": "*/*"}, {"Accept": "application/json"}):
        assert problem(await http.get("/nothing", headers=headers)) == (404, "not-found")
    for path in ("/api/nothing", "/api/cases/x", "/platform/v1/nothing"):
        assert problem(await http.get(path, headers=BROWSER))[0] in (401, 404), path


async def test_people_at_work_are_led_back_to_their_own_pages(sqlite_world: ApiWorld) -> None:
    answer = await sqlite_world.http.get(f"/advocate/{SECRET}", headers={**BROWSER, "Accept-Language": "en"})
    assert answer.status_code == 404 and 'href="/advocate"' in answer.text
    assert SECRET not in answer.text and 'href="/case"' not in answer.text


async def test_helpers_opened_by_themselves_stand_in_the_frame_of_every_page(sqlite_world: ApiWorld) -> None:
    address = "/helpers?country=US&age=minor"
    alone = as_a_page(await sqlite_world.http.get(address, headers={**BROWSER, "Accept-Language": "en"}), 200)
    assert "1-800-843-5678" in alone and 'href="/helpers?country=US&amp;age=minor&amp;lang=ko"' in alone
    piece = await sqlite_world.http.get(address, headers={"Accept": "*/*", "Accept-Language": "en"})
    assert "1-800-843-5678" in piece.text and "<html" not in piece.text and 'id="leave"' not in piece.text
