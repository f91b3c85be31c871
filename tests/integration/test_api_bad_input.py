"""Malformed bodies of every kind: a problem that explains, never a 500, and nothing that was sent comes back."""

import base64
import json
from collections.abc import Iterator
from typing import Any

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.guard import MOST_BYTES
from db.session import is_sqlite
from tests.support.api_world import INTAKE, PDQ, ApiWorld, Caller, problem
from tests.support.centre_profiles import PROFILE

MARK = "zqxsecretmark"
ID = "a" * 26
BODIES: dict[str, tuple[str, dict[str, Any]]] = {
    "/cases": ("POST", {"language": "en", "code": "aaaa-bbbb-cccc", "any_centre": False}),
    "/log-ins/person": ("POST", {"case_id": ID, "passphrase": "x"}),
    "/log-ins/advocate": ("POST", {"login": "x", "password": "x", "totp": "123456"}),
    "/cases/{case}/any-centre": ("PUT", {"allowed": True}),
    "/cases/{case}/code": ("POST", {"code": "aaaa-bbbb-cccc"}),
    "/cases/{case}/own-pages": ("POST", {"platform": "x", "source": "@somebody"}),
    "/cases/{case}/names": ("PUT", {"on": True}),
    "/cases/{case}/names/terms": ("POST", {"kind": "name", "text": "x"}),
    "/cases/{case}/names/terms/{id}/decide": ("POST", {"approved": True}),
    "/centre/profile": ("PUT", PROFILE),
    "/centre/places": ("POST", {"platform": "telegram", "sources": ["@somechannel"], "note": "x"}),
    "/account/proof": ("POST", {"password": "a long password", "totp": "123456"}),
    "/account/password": ("PUT", {"password": "another long password"}),
    "/account/alias": ("PUT", {"alias": "Haneul"}),
    "/colleagues/{id}/lead": ("PUT", {"lead": True}),
    "/centre/places/{id}": ("PUT", {"note": "x"}),
    "/cases/{case}/list": ("PUT", {"places": 1, "purposes": ["watch"], "days": 30.0}),
    "/cases/{case}/intake": ("PUT", INTAKE),
    "/cases/{case}/papers/letter": ("POST", {"language": "en", "wanted_for": "school", "name": "x", "since": True}),
    "/cases/{case}/news-mail": (
        "PUT",
        {"address": "a@b.example", "sender": "x", "subject": "x", "language": "en"},
    ),
    "/cases/{case}/messages": ("POST", {"text": "a word"}),
    "/cases/{case}/desk": ("PUT", {"name": "a word", "tags": ["school"]}),
    "/cases/{case}/charge": ("PUT", {"to": ID, "note": "a word"}),
    "/cases/{case}/notes": ("POST", {"text": "a word"}),
    "/cases/{case}/questions/{id}": ("POST", {"answer": "yes"}),
    "/cases/{case}/watching": ("PUT", {"paused": True, "source_id": ID}),
    "/cases/{case}/fingerprints": ("POST", {"pdq": PDQ, "quality": 80, "kind": "intimate", "label": "a"}),
    "/cases/{case}/links": ("POST", {"url": "https://t.me/somechannel/5", "kind": "intimate"}),
    "/cases/{case}/consents": (
        "POST",
        {"platform": "telegram", "source": "@somechannel", "purposes": ["watch"], "days": 30.0},
    ),
    "/cases/{case}/mandates": (
        "POST",
        {"kind": "written", "dated": "2026-01-10", "covers": ["signature"], "reference": "a"},
    ),
    "/cases/{case}/entries/{matter}/confirm": ("POST", {"entered_at": "2026-01-10T09:00:00Z"}),
    "/cases/{case}/entries/{matter}/reject": ("POST", {"entered_at": "2026-01-10T09:00:00Z"}),
    "/sightings/{id}/confirm": (
        "POST",
        {"basis": "caption-context", "kind": "intimate", "routes": ["us_tida"], "release": True},
    ),
    "/sightings/{id}/dismiss": ("POST", {"reason": "harmless"}),
    "/items/{id}/confirm": (
        "POST",
        {"basis": "caption-context", "kind": "intimate", "routes": ["us_tida"], "posted_with": ["name"], "copies": 1},
    ),
    "/items/{id}/dismiss": ("POST", {"reason": "harmless", "copies": 1}),
    "/items/{id}/ask": ("POST", {"over": "no"}),
    "/sightings/{id}/ask": ("POST", {"over": "no"}),
    "/items/{id}/reopen": ("POST", {"reason": "wrong-copy"}),
    "/items/{id}/hand-off": ("POST", {"viewer": "police", "language": "ko"}),
    "/items/{id}/viewings": (
        "POST",
        {"viewer": "police", "said": "yes", "at": "2026-01-10T09:00:00Z", "who": "x", "reference": "x"},
    ),
    "/items/decide": (
        "POST",
        {"items": [{"item_id": ID, "copies": 1}], "decision": "dismiss", "reason": "harmless"},
    ),
    "/sightings/{id}/notices": ("POST", {"routes": ["us_tida"]}),
    "/notices/{id}/send": ("POST", {"digest": "0" * 64}),
    "/notices/{id}/together": ("POST", {"notice_ids": [ID]}),
    "/cases/{case}/addresses/{id}/agree": ("POST", {"address": "x"}),
    "/notices/{id}/paragraph": ("PUT", {"text": "a word"}),
    "/notices/{id}/retract": ("POST", {"reason": "wrong-copy"}),
    "/notices/{id}/letters": ("POST", {"purpose": "reminder", "text": "x"}),
    "/sightings/{id}/reopen": ("POST", {"reason": "wrong-copy"}),
    "/notices/{id}/submission": ("POST", {"reference": "AB-123"}),
    "/notices/{id}/settle": ("POST", {"arrived": True}),
    "/cases/{case}/links/{id}/done": ("PUT", {"done": True}),
    "/cases/{case}/fingerprints/{id}/label": ("PUT", {"label": "Summer"}),
    "/cases/{case}/erasure": ("POST", {"passphrase": "x"}),
    "/cases/{case}/consents/withdrawal": ("POST", {"passphrase": "x"}),
    "/codes": ("POST", {"count": 1, "days": 1}),
    "/reports": ("POST", {"contact": "x", "case_number": ID, "link": "x", "text": "x", "organisation": "x"}),
    "/linking/sharing": ("PUT", {"share": True}),
    "/linking/{id}/reports": ("POST", {"route": "telegram_peer", "language": "en"}),
    "/place-reports/{id}/send": ("POST", {"digest": "0" * 64}),
    "/place-reports/{id}/submission": ("POST", {"reference": "x", "parts": [ID]}),
    "/place-reports/{id}/settle": ("POST", {"arrived": True}),
    "/place-reports/{id}/parts": ("POST", {"case_ids": [ID]}),
    "/cases/{case}/joint-parts/{id}/agree": ("POST", {"signature": "x", "statement": "x"}),
    "/cases/{case}/fingerprints/{id}/age": ("PUT", {"age_group": "adult"}),
    "/cases/{case}/resending": ("PUT", {"on": True}),
    "/cases/{case}/preservation": (
        "POST",
        {"platform": "telegram", "sent_at": "2026-01-10T09:00:00Z", "reference": "x"},
    ),
    "/notices/{id}/letters/{number}/send": ("POST", {"digest": "0" * 64}),
    "/notices/{id}/replies/preview": ("POST", {"mail_id": ID, "text": "x"}),
    "/notices/{id}/replies": ("POST", {"mail_id": ID, "text": "x", "digest": "0" * 64}),
    "/copies/{id}/filings": (
        "POST",
        {"step": "ftc_complaint", "reference": "x", "note": "x", "filed_at": "2026-01-10T09:00:00Z"},
    ),
    "/copies/{id}/filings/{other}/answer": ("POST", {"answer": "refused", "text": "x"}),
    "/copies/{id}/next-steps": ("POST", {"notice_id": ID}),
    "/copies/{id}/close": ("POST", {"reason": "handed-over"}),
    "/stops": ("POST", {"advocate_id": ID, "reason": "x"}),
    "/stops/resume": ("POST", {"advocate_id": ID}),
    "/cases/{case}/freeze": ("PUT", {"reason": "x", "speak_to": "x"}),
    "/cases/{case}/passphrase": ("POST", {"passphrase": "x", "mark": "x"}),
    "/cases/{case}/passphrase/words": ("POST", {"passphrase": "x"}),
    "/transfers": ("POST", {"case_id": ID, "to": "x", "days": 7}),
    "/centre/comparing": ("PUT", {"on": True}),
    "/centre/settings": ("PUT", {"country": "KR", "reply_to": "answers@centre.example"}),
    "/audit/export": (
        "POST",
        {"form": "csv", "language": "en", "who": "people", "group": "cases", "since": "2026-01-10", "case_id": ID},
    ),
    "/rest": ("PUT", {"minutes": 60}),
}


def is_the_persons(path: str) -> bool:
    """Whether the person asks it, and not an advocate."""
    return "{case}" in path and not path.endswith(("/freeze", "/mandates", "/preservation", "/decide"))


TRAPS: tuple[Any, ...] = (
    None,
    True,
    [],
    {},
    [MARK],
    {MARK: MARK},
    -1,
    10**30,
    1e308,
    "",
    MARK,
    "\x00",
    f"{MARK}\x00",
    "\ud800",
    "\u202e" + MARK,
    "\U000e0001",
    "ﬀ" * 2000,
    "e\u0301" * 500,
    "'; drop table cases; --",
    "{{7*7}}",
    "../../etc/passwd",
    "%00%ff",
    "A" * 9000,
    "data:image/png;base64,AAAA",
)

RETURNING: tuple[Any, ...] = tuple(trap for trap in TRAPS if MARK in json.dumps(trap))
"""What an answer could bring back. A wrong kind is refused whatever is in it, so no other trap says more there."""


def spoiled(body: dict[str, Any], *, only_values: bool = False) -> Iterator[dict[str, Any]]:
    """The body with each field missing, of each wrong kind, and with fields nobody asked for.

    `only_values`: only what may come as far as a statement; a list in place of one value may not, nor an unknown field.
    """
    for name, kept in body.items():
        yield {key: value for key, value in body.items() if key != name}
        for trap in TRAPS:
            yield {**body, name: [trap] if isinstance(kept, list) else trap}
    if only_values:
        return
    for name, kept in body.items():
        for trap in TRAPS if isinstance(kept, list) else RETURNING:
            yield {**body, name: trap if isinstance(kept, list) else [trap]}
    for trap in RETURNING:
        yield {**body, "extra": trap}
        yield {**body, f"\ud800{MARK}": trap}
    yield {**body, MARK: 1}  # a name that looks like a field's may be somebody's


def raw(body: Any) -> bytes:
    """JSON as another program may write it: lone surrogates as escapes."""
    return json.dumps(body).encode()


def never_a_fault(answer: httpx.Response) -> None:
    """A success or a whole problem; what was sent does not come back in a problem."""
    if not answer.is_success:
        status, _ = problem(answer)
        assert status < 500, answer.text
        assert MARK not in answer.text, answer.text


async def people(world: ApiWorld) -> tuple[Caller, Caller]:
    """An advocate, and a person whose case is vouched for."""
    advocate = await world.advocate()
    return advocate, await world.vouched(advocate)


def place(path: str, person: Caller) -> str:
    """The path with real and made-up ids."""
    return path.format(case=person.case_id, id=ID, other=ID, number=1, matter="signature")


async def send(who: Caller, method: str, path: str, content: bytes, kind: str = "application/json") -> httpx.Response:
    """Raw bytes to a path."""
    return await who.call(method, path, content=content, headers={"Content-Type": kind})


async def test_spoiled_bodies_give_problems_and_echo_nothing(world: ApiWorld) -> None:
    """PostgreSQL meets only what may reach it."""
    advocate, person = await people(world)
    for path, (method, body) in BODIES.items():
        who = person if is_the_persons(path) else advocate
        for bad in spoiled(body, only_values=not is_sqlite(world.services.database.url)):
            never_a_fault(await send(who, method, place(path, person), raw(bad)))


UNREADABLE = (
    b"",
    b"{",
    b"nul",
    b"\xff\xfe{}",
    b'"text"',
    b"[]",
    b"12",
    b'{"a":1}{"b":2}',
    b"NaN",
    b'{"language": NaN}',
    b"[" * 60_000,
    b'{"a":' * 12_000,
    b"1" * 5000,
    b'{"language":"en","language":"xx"}',
    "\ufeff{}".encode(),
    b"\x00" * 100,
)


async def test_unreadable_json_is_a_problem_everywhere(sqlite_world: ApiWorld) -> None:
    advocate, person = await people(sqlite_world)
    for content in UNREADABLE:
        for path, (method, _) in BODIES.items():
            answer = await send(person if is_the_persons(path) else advocate, method, place(path, person), content)
            # What only an advocate does is refused to the person whatever they send. Nothing, or nothing in
            # braces, is an answer without the entry that was seen, of which there is none.
            unseen = "/entries/{matter}/" in path
            assert problem(answer)[0] in (400, 403, 404, 422, *([409] if unseen else [])), answer.text


async def test_pictures_are_refused_with_an_explanation(sqlite_world: ApiWorld) -> None:
    _, person = await people(sqlite_world)
    for kind in ("image/jpeg", "video/mp4", "multipart/form-data; boundary=x", "IMAGE/PNG"):
        answer = await send(person, "POST", f"/cases/{person.case_id}/fingerprints", b"\xff\xd8\xff\xe0" * 50, kind)
        assert problem(answer) == (415, "media-refused")
        assert "stays with you" in answer.json()["detail"]


async def test_pictures_in_json_are_refused_with_an_explanation(sqlite_world: ApiWorld) -> None:
    _, person = await people(sqlite_world)
    whole = {"pdq": PDQ, "quality": 80, "kind": "intimate"}
    for body in (
        {**whole, "image": "iVBORw0KGgo" * 2000},
        {**whole, "pdq": "data:image/png;base64,iVBORw0KGgo"},
        {**whole, "label": {"picture": ["A" * 20_000]}},
    ):
        answer = await person.call("POST", f"/cases/{person.case_id}/fingerprints", body)
        assert problem(answer) == (422, "media-refused")
    answer = await person.call("POST", f"/cases/{person.case_id}/fingerprints", {**whole, "picture": "small"})
    assert problem(answer) == (422, "invalid")
    assert "Pictures and videos are never sent here" in answer.json()["detail"]


async def test_large_bodies_are_refused_announced_or_not(sqlite_world: ApiWorld) -> None:
    _, person = await people(sqlite_world)
    path = f"/cases/{person.case_id}/fingerprints"
    assert problem(await send(person, "POST", path, b" " * (MOST_BYTES + 1))) == (413, "too-large")

    async def trickle() -> Any:
        for _ in range(70):
            yield b" " * 1024

    answer = await person.call("POST", path, content=trickle(), headers={"Content-Type": "application/json"})
    assert problem(answer) == (413, "too-large")


async def test_other_content_types_are_refused(sqlite_world: ApiWorld) -> None:
    for kind in ("text/plain", "application/x-www-form-urlencoded", "application/xml", ""):
        answer = await send(sqlite_world.nobody(), "POST", "/cases", b'{"language":"en"}', kind)
        assert problem(answer) == (415, "json-expected")


async def test_odd_ids_and_questions_are_problems(world: ApiWorld) -> None:
    advocate, person = await people(world)
    for odd in ("%00", "a" * 25, "a" * 27, "A" * 26, "%ED%A0%80" * 3, "0" * 26, "%F0%9F%98%80" * 26, "..", "a" * 3000):
        assert (await person.refused("GET", f"/cases/{odd}"))[0] == 404, odd
        assert (await advocate.refused("GET", f"/sightings/{odd}/routes"))[0] == 404, odd
        assert (await advocate.refused("POST", f"/notices/{odd}/retry"))[0] == 404, odd
    for question in ("state=%00", "state=gone", "limit=0", "limit=1e9", "limit=99999999999999999999", "after=%00"):
        assert (await advocate.refused("GET", f"/sightings?{question}"))[0] == 422, question
        assert (await advocate.refused("GET", f"/notices?{question}"))[0] == 422, question
    assert (await advocate.refused("GET", f"/sightings?offset={2**70}"))[0] == 422
    assert (await advocate.get("/sightings?after=" + ID))["sightings"] == []


async def test_unknown_paths_and_methods_are_problems(sqlite_world: ApiWorld) -> None:
    nobody = sqlite_world.nobody()
    assert await nobody.refused("GET", "/nothing") == (404, "not-found")
    assert await nobody.refused("PATCH", "/cases") == (405, "method-not-allowed")
    assert await nobody.refused("TRACE", "/cases") == (405, "method-not-allowed")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=8,
)


async def test_arbitrary_json_never_makes_a_fault(sqlite_world: ApiWorld) -> None:
    advocate, person = await people(sqlite_world)
    bodies: list[tuple[str, str, Any]] = []

    @settings(max_examples=250, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(sorted(BODIES)), st.data())
    def collect(path: str, data: st.DataObject) -> None:
        method, body = BODIES[path]
        changed = data.draw(st.dictionaries(st.sampled_from(sorted(body)), JSON, max_size=3))
        bodies.append((method, path, data.draw(st.just({**body, **changed}) | JSON)))

    collect()
    for method, path, body in bodies:
        who = person if is_the_persons(path) else advocate
        never_a_fault(await send(who, method, place(path, person), raw(body)))


async def test_codes_that_no_picture_has_are_refused(sqlite_world: ApiWorld) -> None:
    _, person = await people(sqlite_world)
    path = f"/cases/{person.case_id}/fingerprints"
    whole = {"pdq": PDQ, "quality": 100, "kind": "intimate"}
    odd = ("0" * 64, "f" * 64, "0" * 41 + "f" * 23)
    regions = {"version": "regions-1", "set": "slim", "size": [40, 30], "boxes": [0, 3]}
    for code in odd:
        codes = base64.b64encode(bytes.fromhex(PDQ + code)).decode()
        for body in (
            {**whole, "pdq": code},
            {**whole, "set": "frames", "frames": [{"at": 1.0, "pdq": code}]},
            {**whole, "set": "slim", "regions": {**regions, "codes": codes}},
        ):
            answer = await person.call("POST", path, body)
            assert problem(answer) == (422, "invalid")
            assert "256 bits are set" in answer.text and code not in answer.text
    for code in ("0" * 40 + "f" * 24, "0" * 24 + "f" * 40):
        await person.post(path, {**whole, "pdq": code})
