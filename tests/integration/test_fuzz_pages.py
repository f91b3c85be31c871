"""A fuzzer of our own over pages, forms and queries: no request makes a fault, and each form can be sent.

What a form or a query is asked for is read from the pages' own source, so that a field that is added is fuzzed too.
Length and seed: FUZZ_SECONDS, FUZZ_SEED.
"""

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote_from_bytes

import httpx
import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

import api.pages
from api.budgets import Act, Budget, Budgets, Limits
from api.pages.forms import form_token
from monitor.model.notice_states import NoticeState
from tests.integration.test_page_access import FORMS
from tests.support import fuzz_accounts, fuzz_cases, fuzz_centre, fuzz_copies, fuzz_places, fuzz_scene
from tests.support.api_world import PASSWORD, PROXY, ApiWorld, Caller, api_world
from tests.support.centre_profiles import PROFILE_FORM
from tests.support.fuzz_scene import ROLES, Ready, Scene, State, as_it_is
from tests.support.fuzz_tally import SECONDS, SEED, Tally, tallying
from tests.support.page_routes import page_routes

STATES: dict[str, Ready] = {
    "/advocate/cases/vouch": fuzz_cases.waiting,
    "/advocate/cases/in-hand": fuzz_cases.waiting,
    "/advocate/cases/hand-back": fuzz_cases.in_hand,
    "/advocate/cases/freeze": fuzz_cases.vouched,
    "/advocate/cases/unfreeze": fuzz_cases.frozen,
    "/advocate/cases/{case_id}/names/decide": fuzz_cases.worded,
    "/advocate/centre/places/note": fuzz_cases.listed,
    "/advocate/centre/places/remove": fuzz_cases.listed,
    "/advocate/reports/{report_id}/close": fuzz_cases.reported,
    "/advocate/stop/resume": fuzz_cases.stopped,
    "/advocate/alerts/release": fuzz_cases.quarantined,
    "/advocate/alerts/remove": fuzz_cases.quarantined,
    "/advocate/cases/{case_id}/entered/back": fuzz_cases.asked,
    "/advocate/cases/{case_id}/entered/end": fuzz_cases.mandated,
    "/advocate/cases/{case_id}/entered/erasure": fuzz_cases.vouched,
    "/advocate/notices/{notice_id}/send": fuzz_copies.looked_at,
    "/advocate/notices/{notice_id}/paragraph": fuzz_copies.looked_at,
    "/advocate/notices/{notice_id}/retract": fuzz_copies.notice(NoticeState.SENT),
    "/advocate/notices/{notice_id}/letters": fuzz_copies.notice(NoticeState.SENT),
    "/advocate/notices/{notice_id}/letters/{number}/send": fuzz_copies.letter(sent=False),
    "/advocate/notices/{notice_id}/letters/{number}/undo": fuzz_copies.letter(sent=True),
    "/advocate/notices/{notice_id}/letters/{number}/withdraw": fuzz_copies.letter(sent=False),
    "/advocate/notices/{notice_id}/together": fuzz_copies.two_ready,
    "/advocate/notices/{notice_id}/apart": fuzz_copies.together,
    "/advocate/notices/{notice_id}/undo": fuzz_copies.notice(NoticeState.QUEUED),
    "/advocate/notices/{notice_id}/settle": fuzz_copies.notice(NoticeState.IN_DOUBT),
    "/advocate/notices/{notice_id}/retry": fuzz_copies.notice(NoticeState.FAILED),
    "/advocate/notices/{notice_id}/submission": fuzz_copies.notice(NoticeState.PREPARED),
    "/advocate/notices/{notice_id}/withdraw": fuzz_copies.notice(NoticeState.QUEUED),
    "/advocate/notices/{notice_id}/returned": fuzz_copies.notice(NoticeState.SENT),
    "/advocate/notices/{notice_id}/mails-read": fuzz_copies.notice(NoticeState.SENT),
    "/advocate/notices/{notice_id}/link-off": fuzz_copies.notice(NoticeState.SENT),
    "/advocate/notices/{notice_id}/reply": fuzz_copies.mailed,
    "/platform/open": fuzz_copies.linked(code=False),
    "/platform/notices/{mail_link_id}/code": fuzz_copies.linked(code=False),
    "/platform/notices/{mail_link_id}/answer": fuzz_copies.linked(code=True),
    "/advocate/copies/{sighting_id}/filed": fuzz_copies.lapsed,
    "/advocate/copies/{sighting_id}/answer": fuzz_copies.filed,
    "/advocate/copies/{sighting_id}/forget": fuzz_copies.filed,
    "/advocate/copies/{sighting_id}/next-steps": fuzz_copies.notice(NoticeState.SENT),
    "/advocate/copies/{sighting_id}/close": fuzz_copies.confirmed,
    "/advocate/copies/{sighting_id}/reopen": fuzz_copies.closed,
    "/advocate/linking/{source_id}/report": fuzz_places.placed,
    "/advocate/place-reports/{place_report_id}/send": fuzz_places.place_report("prepared"),
    "/advocate/place-reports/{place_report_id}/submission": fuzz_places.account_report,
    "/advocate/place-reports/{place_report_id}/settle": fuzz_places.place_report("in_doubt"),
    "/advocate/place-reports/{place_report_id}/withdraw": fuzz_places.place_report("prepared"),
    "/advocate/place-reports/{place_report_id}/parts": fuzz_places.place_report("prepared", "joint"),
    "/advocate/sightings/{sighting_id}/confirm": fuzz_copies.sighted,
    "/advocate/sightings/{sighting_id}/dismiss": fuzz_copies.sighted,
    "/advocate/sightings/{sighting_id}/reopen": fuzz_copies.dismissed,
    "/advocate/sightings/{sighting_id}/notices": fuzz_copies.confirmed,
    "/advocate/evidence/order": fuzz_accounts.with_code,
    "/advocate/evidence/{package_id}/file": fuzz_copies.packaged(made=True),
    "/advocate/evidence/{package_id}/delete": fuzz_copies.packaged(made=True),
    "/advocate/login": fuzz_accounts.with_code,
    "/advocate/account/prove": fuzz_accounts.newcomer,
    "/advocate/account/app/confirm": fuzz_accounts.new_app,
    "/advocate/account/password": fuzz_accounts.newcomer,
    "/advocate/account/log-ins/end": fuzz_accounts.logged_in_twice,
    "/advocate/account/passkeys/add": fuzz_accounts.passkey_asked,
    "/advocate/account/passkeys/rename": fuzz_accounts.with_passkey,
    "/advocate/account/passkeys/remove": fuzz_accounts.with_passkey,
    "/advocate/colleagues/role": fuzz_accounts.colleague,
    "/advocate/colleagues/reset": fuzz_accounts.colleague,
    "/advocate/colleagues/call-off": fuzz_accounts.reset_asked,
    "/advocate/transfers/ask": fuzz_cases.vouched,
    "/advocate/transfers/end": fuzz_cases.to_be_moved,
    "/advocate/passphrases/ask": fuzz_cases.vouched,
    "/advocate/passphrases/cancel": fuzz_cases.lost_words(due=False),
    "/advocate/passphrases/draw": fuzz_cases.lost_words(due=True),
    "/advocate/cases/{case_id}/notes/back": fuzz_cases.with_note,
    "/advocate/cases/{case_id}/police/not-needed": fuzz_copies.preserved,
    "/advocate/items": fuzz_copies.sighted,
    "/advocate/items/{sighting_id}/ask": fuzz_copies.sighted,
    "/advocate/items/{sighting_id}/confirm": fuzz_copies.sighted,
    "/advocate/items/{sighting_id}/dismiss": fuzz_copies.sighted,
    "/advocate/items/{sighting_id}/hand-off": fuzz_copies.sighted,
    "/advocate/items/{sighting_id}/viewing": fuzz_copies.sighted,
    "/advocate/items/{sighting_id}/reopen": fuzz_copies.dismissed,
    "/advocate/sightings/{sighting_id}/ask": fuzz_copies.sighted,
}
"""What must be before a form can be sent; the others need nothing."""
GET_STATES: dict[str, Ready] = {"/advocate/copies/{sighting_id}": fuzz_copies.confirmed}
"""The same of pages."""
PUBLIC_FORMS: Mapping[str, Mapping[str, str]] = {
    "/advocate/login": {"login": "{login}", "password": PASSWORD, "code": "{totp}"},
    "/advocate/log-out": {},
    "/advocate/items/{sighting_id}/reopen": {"back": "", "state": "dismissed", "decided_at": "{decided_at}"},
    "/advocate/account/read": {},
    "/advocate/account/not-me": {},
    "/advocate/account/recovery": {},
    "/advocate/account/log-ins/end-others": {},
    "/advocate/account/alias": {"alias": "Haneul"},
    "/advocate/account/password": {"password": "another long password", "again": "another long password"},
    "/advocate/account/prove": {"password": PASSWORD, "code": "{totp}", "next": "/advocate/centre"},
    "/advocate/account/app/confirm": {"sealed": "{sealed}", "code": "{totp}"},
    "/advocate/account/log-ins/end": {"log-in": "{log_in}"},
    "/advocate/account/passkeys/add": {"name": "x", "passkey": "{new_passkey}"},
    "/advocate/account/passkeys/rename": {"passkey": "{passkey}", "name": "x"},
    "/advocate/account/passkeys/remove": {"passkey": "{passkey}"},
    "/advocate/colleagues/role": {"account": "{account}", "lead": "on"},
    "/advocate/colleagues/reset": {"account": "{account}"},
    "/advocate/colleagues/call-off": {"account": "{account}"},
    "/advocate/audit/export": {"form": "csv"},
    "/advocate/rest/setting": {"minutes": "45"},
    "/advocate/rest/had": {"to": "/advocate"},
    "/advocate/rest/later": {"to": "/advocate"},
    "/advocate/rest/opened": {},
    "/advocate/notices/{notice_id}/together": {"notice": "{other}"},
    "/advocate/transfers/ask": {"case": "{case}", "to": "{other_centre}", "days": "14"},
    "/advocate/centre/comparing": {"on": "on"},
    "/advocate/centre/settings": {"country": "KR", "reply_to": "answers@example.org"},
    "/advocate/cases/{case_id}/notes/back": {"note": "{note}"},
    "/advocate/cases/{case_id}/police/not-needed": {"preservation": "{preservation}", "sure": "on"},
    "/leave": {},
    "/advocate/linking/sharing": {"share": "yes"},
    "/advocate/centre/profile": {**PROFILE_FORM, "hours-mon": "9-18"},
    "/advocate/cases/{case_id}/names/decide": {"term": "{term_id}", "approved": "yes"},
    "/advocate/centre/codes": {"count": "1", "language": "ko"},
    "/advocate/centre/places/add": {"platform": "telegram", "sources": "@somechannel", "note": "x"},
    "/advocate/evidence/order": {
        **FORMS["/advocate/evidence/order"],
        **{"language": "en", "age_key": "{age_key}", "password": PASSWORD, "code": "{totp}"},
    },
    **{
        path: {**FORMS[path], "digest": "{digest}"}
        for path in (
            "/advocate/notices/{notice_id}/send",
            "/advocate/notices/{notice_id}/letters/{number}/send",
            "/advocate/place-reports/{place_report_id}/send",
            "/advocate/place-reports/{place_report_id}/submission",
        )
    },
    "/advocate/copies/{sighting_id}/answer": {"filing": "{filing_id}", "answer": "refused"},
    "/advocate/copies/{sighting_id}/forget": {"filing": "{filing_id}", "sure": "on"},
    "/report": {"contact": "x@example.org", "text": "It is mine.", "organisation": "{organisation}"},
    "/platform/open": {"link": "{mail_link_id}.{link_tag}"},
    "/platform/notices/{mail_link_id}/code": {},
    "/platform/notices/{mail_link_id}/answer": {"kind": "acknowledged", "text": "We have it.", "code": "{typed_code}"},
}
SUCCESS = re.compile(r"[?&]done=|^/advocate(/account)?$|^/platform/notices/[a-z2-7]{26}$")
"""Where a form leads that was taken."""
SHOWN = {
    *("/advocate/centre/codes", "/advocate/account/recovery", "/advocate/passphrases/draw"),
    *("/advocate/rest/opened", "/leave"),
}
"""Forms whose answer is no other page: what is shown this once, or nothing."""
SOURCES = [path.read_text("utf-8") for path in sorted(Path(str(api.pages.__file__)).parent.glob("*.py"))]
FIELDS = sorted(
    {name for text in SOURCES for name in re.findall(r"form\.(?:text|secret|all|ticked|moment)\(\"(\w+)\"", text)}
    | {"token", "zone", "case_number", "link", "contact", "text", "organisation"}
)
QUERIES = sorted(
    {name for text in SOURCES for name in re.findall(r"query_params\.get\(\"(\w+)\"", text)}
    | {"waiting", "in_hand", "vouched", "erasing", "lang"}
)
SIGN = "<zqx'\"&>"
"""Would be seen if a page took a text for HTML."""
ODD: tuple[bytes, ...] = (
    *(b"\x00", b"a\x00b", b"\x1b[31m", b"\xed\xa0\x80", b"\xff\xfe", b"\xc0\x80", b"%zz", b"\r\nSet-Cookie: a=b"),
    *(b"A" * 8001, "\u202eabc".encode(), b"\xe2\x80\x8b", "\U000e0001".encode(), b"\x7f", b"\xc2\x85"),
)
"""What no honest page sends."""
PLAIN: tuple[bytes, ...] = (
    *(b"", b" ", b"%", b"+", b"&", b"=", b";", b"on", b"null", b"NaN", b"yes", b"no", b"ko", b"en", b"a" * 26),
    *(b"A" * 7999, b"9" * 400, b"-1", b"0", b"1e9", b"99999999999999999999", b"123456", b"1e400", b"//x.invalid"),
    *(b"../../etc/passwd", b"{{7*7}}", b"'; drop table cases; --", SIGN.encode(), b"javascript:alert(1)"),
    *("１２３".encode(), "\U0001f600".encode() * 30, "ﬀ".encode() * 2000, "e\u0301".encode() * 900, "²".encode()),
    *(b"2026-01-10", b"0001-01-01T00:00", b"9999-12-31T23:59", b"2026-02-30", b"KST", b"UTC", b"-9999-01-01"),
    *(b"2026-W01-1", b"2026-01-10T10:00+09:00", b"20260110T101010", b"9999-12-31", b"0001-01-01"),
    *(b"signature", b"erasure", b"age-group", b"person-viewed", b"intimate", b"us_tida", b"harmless", b"written"),
    *(b"open", b"confirmed", b"dismissed", b"attention", b"running", b"telegram_report", b"x_tida", b"kr_police"),
    *(b"{case_id}", b"{sighting_id}", b"{notice_id}", b"{fingerprint_id}", b"{report_id}", b"{advocate_id}"),
    *(b"{mandate_id}", b"{code}", b"{login}", b"{organisation}", b"{password}"),
)
"""Text that a person might send, and that a page must bear; names in braces stand for the ids there are."""
TYPES = (
    *("application/x-www-form-urlencoded",) * 8,
    "application/x-www-form-urlencoded; charset=utf-16",
    "APPLICATION/X-WWW-FORM-URLENCODED",
    *(
        "application/json",
        "multipart/form-data; boundary=x",
        "multipart/form-data",
        "text/plain",
        "",
        "\xff",
        "image/png",
    ),
)
TEXT = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cf", "Zl", "Zp")), max_size=60)
VALUES = st.sampled_from(PLAIN) | TEXT.map(str.encode)
ODD_VALUES = st.sampled_from(ODD) | st.binary(max_size=40)
EXAMPLES = 24
"""Of each page and form in one batch."""
AT_ONCE = 4
"""Requests that meet each other."""


@dataclass(frozen=True)
class Drawn:
    """How one request differs from an honest one."""

    role: str
    origin: int
    ids: str
    odd_id: bytes
    query: Sequence[tuple[str, bytes]]
    fields: Sequence[tuple[str, bytes]]
    """Instead of the honest ones, or beside them."""
    repeated: bool
    token: str
    kind: str
    raw: bytes | None
    cookie: str
    language: str


def drawn(values: st.SearchStrategy[bytes], names: st.SearchStrategy[str], *, rough: bool) -> st.SearchStrategy[Drawn]:
    """Requests that differ in values; where `rough`, also in their wrapping."""
    odd = 1 if rough else 0
    return st.builds(
        Drawn,
        role=st.sampled_from(("lead",) * 4 + ROLES),
        origin=st.integers(1, 2**24),
        ids=st.sampled_from(("real",) * 5 + ("gone", "odd")),
        odd_id=values,
        query=st.lists(st.tuples(st.sampled_from(QUERIES) | names, values), max_size=3),
        fields=st.lists(st.tuples(st.sampled_from(FIELDS) | names, values), max_size=4),
        repeated=st.booleans(),
        token=st.sampled_from(("right",) * 8 + ("none", "odd", "another's") * odd),
        kind=st.sampled_from(TYPES if rough else TYPES[:1]),
        raw=st.none() | st.binary(max_size=200) | st.just(b"a=1&" * 3000) if rough else st.none(),
        cookie=st.sampled_from(("right",) * 8 + ("none", "odd", "twice") * odd),
        language=st.sampled_from(("en", "ko", *("xx", "*", "en;q=x", "\xff", "a" * 3000) * odd)),
    )


FINE = drawn(VALUES, st.nothing(), rough=False)
DRAWN = FINE | FINE | drawn(VALUES | ODD_VALUES, st.text(max_size=5), rough=True)


@pytest.fixture
async def wide(prepared_url: str, tmp_path: Path) -> AsyncIterator[ApiWorld]:
    """The application with its limits raised; a proxy says where each request comes from."""
    plenty = Budget(1e9, 1e9)
    budgets = Budgets(dict.fromkeys(Act, Limits(plenty, plenty)))
    async with api_world(
        prepared_url, tmp_path, budgets=budgets, trusted_proxies=[PROXY], public_figures=True, names=True
    ) as made:
        yield made


def draw(number: int) -> list[Drawn]:
    """The requests of one batch."""
    found: list[Drawn] = []

    @seed(SEED * 1_000_003 + number)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(DRAWN)
    def collect(one: Drawn) -> None:
        found.append(one)

    collect()
    return found


def form_of(path: str, ids: Mapping[str, str]) -> list[tuple[str, bytes]]:
    """The form as an honest person fills it in."""
    values = {**FORMS, **PUBLIC_FORMS}[path]
    return [(name, value.format(**ids).encode()) for name, value in values.items()]


def with_ids(pairs: Sequence[tuple[str, bytes]], ids: Mapping[str, str]) -> list[tuple[str, bytes]]:
    """Real ids in the place of their names."""
    known = {f"{{{name}}}".encode(): value.encode() for name, value in ids.items()}
    return [(name, known.get(value, value)) for name, value in pairs]


def secret_of(path: str, token: str, ids: Mapping[str, str]) -> str:
    """What the form's own token follows from."""
    if path.startswith("/platform/notices/"):
        return ids["link_tag"]
    return {"/report": "report", "/advocate/login": "visit"}.get(path, token)


def encoded(pairs: Sequence[tuple[str, bytes]]) -> str:
    """As a browser writes them, whatever the bytes."""
    names = [(quote_from_bytes(name.encode("utf-8", "replace")), quote_from_bytes(value)) for name, value in pairs]
    return "&".join(f"{name}={value}" for name, value in names)


async def visit(
    scene: Scene, method: str, path: str, state: State, who: Caller, one: Drawn | None, origin: int
) -> tuple[httpx.Response, str]:
    """One request, honest where nothing was drawn; and how to see it again."""
    address = path.format(**(scene.gone if one is not None and one.ids == "gone" else state.ids))
    if one is not None and one.ids == "odd":
        address = re.sub(r"{\w+}", quote_from_bytes(one.odd_id, safe="") or "-", path)
    token, form, kind = who.token or "", [], "application/x-www-form-urlencoded"
    headers = [(b"Origin", b"https://jikimi.example.org"), (b"Accept-Language", b"en")]
    headers.append((b"X-Forwarded-For", f"10.{origin >> 16 & 255}.{origin >> 8 & 255}.{origin & 255}".encode()))
    if method == "POST":
        form = form_of(path, state.ids)
    sign = [("token", form_token(secret_of(path, token, state.ids)).encode())] if method == "POST" else []
    if one is not None:
        address += f"?{encoded(with_ids(one.query, state.ids))}" if one.query else ""
        changed = {name for name, _ in one.fields}
        form = [each for each in form if one.repeated or each[0] not in changed] + with_ids(one.fields, state.ids)
        sign = {"right": sign, "none": [], "odd": [("token", one.odd_id)]}.get(one.token, [("token", b"a" * 64)])
        sign = sign if method == "POST" else []
        kind = one.kind
        headers[1] = (b"Accept-Language", one.language.encode("latin-1"))
    content = encoded([*sign, *form]).encode()
    if one is not None and one.raw is not None:
        content = one.raw if one.repeated else content + b"&" + one.raw
    headers += _cookies(token, "right" if one is None else one.cookie)
    if path.startswith("/platform/notices/"):
        headers.append((b"Cookie", f"__Host-jikimi_link_{state.ids['mail_link_id']}={state.ids['link_tag']}".encode()))
    if method == "POST":
        headers.append((b"Content-Type", kind.encode("latin-1")))
    answer = await scene.world.http.request(
        method, address, headers=headers, content=content if method == "POST" else None
    )
    return answer, f"{method} {address} {headers} {content!r} -> {answer.status_code} {answer.text[:500]}"


def _cookies(token: str, how: str) -> list[tuple[bytes, bytes]]:
    login, visit = f"__Host-jikimi_login={token}", "__Host-jikimi_visit=visit"
    if how == "none" or (how == "right" and not token):
        return [(b"Cookie", visit.encode())] if how == "right" else []
    if how == "odd":
        return [(b"Cookie", b'__Host-jikimi_login=\xff\xfe"; =; a')]
    return [(b"Cookie", f"{login}; {visit}{'; ' + login if how == 'twice' else ''}".encode())]


def judge(tally: Tally, method: str, path: str, answer: httpx.Response, again: str) -> None:
    """What holds for every answer of a page."""
    place = f"{method} {path}"
    tally.statuses[answer.status_code] += 1
    if answer.status_code >= 500:
        tally.fault(f"{answer.status_code} {place} {tally.where}", again)
    leads = answer.headers.get("location", "")
    if (leads or answer.status_code == 303) and not re.match(r"/($|[^/\\])", leads):
        tally.fault(f"leads elsewhere: {place}", again)
    if "<zqx" in answer.text:
        tally.fault(f"a text became HTML: {place}", again)
    taken = method == "GET" or SUCCESS.search(leads) or "content-disposition" in answer.headers or path in SHOWN
    if answer.status_code < 400 and taken:
        tally.reached.add(place)


def fuzzed(world: ApiWorld) -> list[tuple[str, str]]:
    """Every page and form but the draft's doors, which take JSON: tests/integration/test_drafts.py."""
    return sorted(one for one in page_routes(world) if not one[1].startswith("/case/draft"))


async def test_every_form_is_known_here(sqlite_world: ApiWorld) -> None:
    assert {path for method, path in fuzzed(sqlite_world) if method == "POST"} == {*FORMS, *PUBLIC_FORMS}


@pytest.mark.soak
@pytest.mark.timeout(2 * SECONDS + 900)
async def test_every_form_can_be_sent_and_no_request_makes_a_fault(wide: ApiWorld) -> None:
    """The first pass over all pages and forms is whole, however long it takes."""
    places = fuzzed(wide)
    began, number = time.monotonic(), 0
    with tallying() as tally:
        scene = await fuzz_centre.build(wide, number)
        while number < len(places) or time.monotonic() < began + SECONDS:
            if not await fuzz_scene.still_whole(scene):
                scene = await fuzz_centre.build(wide, number)
            ends = began + SECONDS if number >= len(places) else float("inf")
            await _one_place(scene, tally, *places[number % len(places)], number, ends)
            number += 1
        print(tally.told())
    assert not tally.faults, json.dumps(tally.faults, indent=1, ensure_ascii=False)
    assert tally.reached >= {f"{method} {path}" for method, path in places}


async def _one_place(scene: Scene, tally: Tally, method: str, path: str, number: int, ends: float) -> None:
    ready = (STATES if method == "POST" else GET_STATES).get(path, as_it_is)
    state = await ready(scene)
    callers = {**scene.callers, "person": state.person}
    if state.lead is not None:
        callers["lead"] = state.lead
    who = callers["mate" if path.endswith("log-out") else "lead"]
    answer, again = await visit(scene, method, path, state, who, None, number + 1)
    judge(tally, method, path, answer, again)
    if f"{method} {path}" not in tally.reached:
        tally.fault(f"honest, and refused: {method} {path}", f"{answer.headers} {again}")
    rest = draw(number)
    while rest and time.monotonic() < ends:
        together, rest = rest[:AT_ONCE], rest[AT_ONCE:]
        sent = [visit(scene, method, path, state, callers[one.role], one, one.origin) for one in together]
        for answer, again in await asyncio.gather(*sent):
            judge(tally, method, path, answer, again)
