"""Forms, queries and paths of the pages are checked as JSON is: what no honest page sends is a 400 in words.

Every route of the pages is walked, whatever it is called: one that is added later is held to the same.
"""

import re
from collections.abc import Iterator
from urllib.parse import quote, quote_from_bytes, urlencode

import httpx
from fastapi import APIRouter
from fastapi.routing import APIRoute

from api.pages import router
from api.pages.forms import form_token
from tests.support.api_world import ApiWorld
from tests.support.databases import on_postgresql, on_sqlite

LOGIN = "__Host-jikimi_login"
VISIT = "__Host-jikimi_visit"
QUERIES = (
    "lang",
    "problem",
    "done",
    "state",
    "from",
    "fingerprint",
    "sighting",
    "group",
    "number",
    "waiting",
    "new",
    "spoken",
    "in_hand",
)
FIELDS = (
    "login",
    "password",
    "code",
    "work",
    "case",
    "known",
    "fingerprint",
    "sure",
    "basis",
    "kind",
    "release",
    "route",
    "reason",
    "only",
    "arrived",
    "reference",
    "new",
)
ODD = (b"\x00", b"a\x00b", b"\x1b[31m", b"\xed\xa0\x80", b"\xff\xfe", b"\xc0\x80", "\u202eabc".encode(), b"A" * 9000)
"""As bytes: NUL, other control characters, a lone surrogate, no UTF-8, letters in another order, overlong."""
STRANGE = ("", " ", "'; drop table cases; --", "１２３", "9" * 400, "\U0001f600" * 30, "-1", "null", "{{7*7}}")
"""Odd, but text: refused or taken like any other."""


def routes(of: APIRouter = router) -> Iterator[tuple[str, str]]:
    """Every method and path of the pages."""
    for route in of.routes:
        if isinstance(route, APIRoute):
            yield from ((method, route.path) for method in sorted(route.methods or ()))
        else:
            yield from routes(route.original_router)  # type: ignore[attr-defined]  # a router within the router


def with_ids(path: str, value: str = "a" * 26) -> str:
    """The path with something in the place of each id."""
    return re.sub(r"\{\w+\}", lambda _: value, path)


async def logged_in(world: ApiWorld) -> tuple[dict[str, str], dict[str, str]]:
    """Headers and the form's token of an advocate's browser."""
    token = (await world.advocate()).token or ""
    headers = {"Cookie": f"{LOGIN}={token}; {VISIT}=visit", "Content-Type": "application/x-www-form-urlencoded"}
    return headers, {"/advocate/login": form_token("visit"), "": form_token(token)}


def in_words(answer: httpx.Response, where: object) -> None:
    """A 400 as a page."""
    assert answer.status_code == 400, (where, answer.status_code)
    assert "could not be read" in answer.text and answer.headers["content-type"].startswith("text/html"), where


def test_there_are_pages_to_walk() -> None:
    found = list(routes())
    assert len(found) > 20 and ("POST", "/advocate/login") in found


@on_postgresql
async def test_odd_queries_are_400_in_words_on_every_page(world: ApiWorld) -> None:
    headers, _ = await logged_in(world)
    for method, path in routes():
        if method != "GET":
            continue
        for name in QUERIES:
            for odd in ODD:
                address = f"{with_ids(path)}?{name}={quote_from_bytes(odd)}"
                in_words(await world.http.get(address, headers={**headers, "Accept-Language": "en"}), address[:80])
        in_words(await world.http.get(f"{with_ids(path)}?%00=1", headers={**headers, "Accept-Language": "en"}), "name")


@on_postgresql
async def test_odd_ids_in_paths_are_400_in_words_on_every_page(world: ApiWorld) -> None:
    headers, tokens = await logged_in(world)
    for method, path in routes():
        if "{" not in path:
            continue
        for odd in ODD:
            address = with_ids(path, quote_from_bytes(odd))
            answer = await world.http.request(
                method, address, headers={**headers, "Accept-Language": "en"}, content=urlencode({"token": tokens[""]})
            )
            in_words(answer, address[:80])


@on_postgresql
async def test_odd_fields_are_400_in_words_in_every_form(world: ApiWorld) -> None:
    headers, tokens = await logged_in(world)
    for method, path in routes():
        if method != "POST" or path == "/leave":  # reads nothing of what it is sent
            continue
        for name in FIELDS:
            for odd in ODD:
                body = f"token={tokens.get(path, tokens[''])}&{name}={quote_from_bytes(odd)}"
                answer = await world.http.post(
                    with_ids(path), headers={**headers, "Accept-Language": "en"}, content=body
                )
                in_words(answer, (path, name, odd[:8]))


@on_sqlite
async def test_words_are_korean_for_koreans(world: ApiWorld) -> None:
    answer = await world.http.get("/advocate/login?problem=%00", headers={"Accept-Language": "ko"})
    assert answer.status_code == 400 and re.search("[가-힣]", answer.text) and "could not" not in answer.text


@on_postgresql
async def test_strange_text_is_never_a_fault(world: ApiWorld) -> None:
    headers, tokens = await logged_in(world)
    for method, path in routes():
        for strange in STRANGE:
            address = with_ids(path, quote(strange, safe="") or "-")
            if method == "GET":
                query = urlencode(dict.fromkeys(QUERIES, strange) | {"lang": "en"})
                answer = await world.http.get(f"{address}?{query}", headers=headers)
            else:
                values = dict.fromkeys(FIELDS, strange) | {"token": tokens.get(path, tokens[""])}
                if path.endswith("log-out"):
                    continue
                answer = await world.http.post(address, headers=headers, content=urlencode(values))
            assert answer.status_code < 500, (method, address[:80], answer.text)


@on_sqlite
async def test_a_link_puts_no_words_into_the_mouth_of_a_page(world: ApiWorld) -> None:
    headers, _ = await logged_in(world)
    for path in ("/advocate/login", "/advocate", "/advocate/cases", "/advocate/notices"):
        answer = await world.http.get(f"{path}?done=Call+this+number&problem=Call+this+number", headers=headers)
        assert "Call this number" not in answer.text.replace("Call+this+number", "")
