"""Whatever an advocate can do through the JSON API and on a page is one and the same: done alike, refused alike.

Each action meets each state twice, from one and the same moment: once through either door. What is compared is the
refusal, every column of every row about the case that is not sealed, the ledger's new entries with their facts, and the
tasks.
"""

import re
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import LargeBinary, select, text

from api.app import _NOUNS
from api.pages import (
    account,
    cases,
    centre,
    colleagues,
    copies,
    desk,
    entered,
    evidence,
    following,
    items,
    linking,
    messages,
    names,
    notices,
    oversight,
    person,
    place_reports,
    platform,
    police,
    queue,
    reports,
    signing_in,
    stops,
    transfers,
)
from api.pages.forms import form_token
from api.refusals import TEXTS
from db.models.cases import Case, Fingerprint, KnownLink
from db.models.copies import CopyClosing, Filing
from db.models.mandates import Mandate
from db.models.messages import Message, SightingQuestion
from db.models.notices import Letter, Notice, RemovalReceipt
from db.models.preservations import Preservation
from db.models.sightings import Sighting
from db.models.sources import Alert, Consent
from monitor.core.refusals import Refusal
from tests.support.api_world import ApiWorld, Caller
from tests.support.moments import Moment
from tests.support.twin_actions import ACTIONS, Action
from tests.support.twin_scenes import (
    MISSING,
    Twin,
    a_quarantine,
)
from tests.support.twin_states import (
    STATES,
)

_ID = re.compile(r"\b[a-z2-7]{26}\b")
PLACE_ACTS = ("send", "submission", "settle", "withdraw", "parts")
OF_NO_CASE = {
    *(("POST", "/stops"), ("POST", "/stops/resume"), ("POST", "/reports"), ("POST", "/reports/{report_id}/close")),
    *(("PUT", "/linking/sharing"), ("POST", "/linking/{source_id}/reports")),
    *(("PUT", "/centre/profile"), ("POST", "/centre/places"), ("PUT", "/centre/places/{place_id}")),
    ("DELETE", "/centre/places/{place_id}"),
    *(("POST", f"/place-reports/{{place_report_id}}/{act}") for act in PLACE_ACTS),
}
OF_NO_CASE |= {
    *(("POST", "/transfers"), ("DELETE", "/transfers/{transfer_id}"), ("DELETE", "/cases/{case_id}/arrival")),
    *(("POST", "/cases/{case_id}/reissue"), ("POST", "/cases/{case_id}/reissue/draw")),
    *(("DELETE", "/cases/{case_id}/reissue"), ("DELETE", "/cases/{case_id}/same-picture")),
    *(("PUT", "/centre/comparing"), ("PUT", "/centre/settings"), ("POST", "/audit/export"), ("PUT", "/rest")),
    *(("POST", f"/rest/{act}") for act in ("opened", "break", "later")),
}
OF_NO_CASE |= {
    *(("POST", f"/account/{one}") for one in ("proof", "news/read", "recovery-codes")),
    *(("PUT", "/account/password"), ("PUT", "/account/alias"), ("DELETE", "/account/reset")),
    *(("DELETE", "/account/log-ins"), ("DELETE", "/account/log-ins/{log_in_id}")),
    *(("PUT", "/colleagues/{account_id}/lead"), ("POST", "/colleagues/{account_id}/reset")),
    ("DELETE", "/colleagues/{account_id}/reset"),
}
"""In test_accounts.py too: of an account alone.
And in test_transfers.py, test_same_pictures.py and test_oversight.py: between two centres, or of an advocate alone.
The others through both doors in test_stop_doors.py, test_reports.py, test_linking.py, test_place_reports.py,
test_centre_profile.py, test_centre_settings.py, test_centre_list.py and test_joint_reports.py: they leave their steps
in the installation's chain, or in those of several cases."""
ITEM_ACTS = {"confirm": "confirm", "dismiss": "dismiss", "reopen": "reopen", "ask": "ask", "hand-off": "hand-off"}
ITEM_ACTS |= {"viewings": "viewing"}
OF_NO_CASE |= {("POST", f"/items/{{sighting_id}}/{act}") for act in ITEM_ACTS} | {("POST", "/items/decide")}
"""Through both doors in test_queue.py: one decision is about several copies, and an item's answer tells of each."""
PAGES_OF_NO_CASE = {"/advocate/stop/now", "/advocate/stop/resume", "/report", "/advocate/reports/{report_id}/close"}
PAGES_OF_NO_CASE |= {"/advocate/linking/sharing", "/advocate/linking/{source_id}/report"}
PAGES_OF_NO_CASE |= {f"/advocate/items/{{sighting_id}}/{act}" for act in ITEM_ACTS.values()} | {"/advocate/items"}
PAGES_OF_NO_CASE |= {"/advocate/centre/profile", "/advocate/centre/codes"}
PAGES_OF_NO_CASE |= {f"/advocate/centre/places/{act}" for act in ("add", "note", "remove")}
PAGES_OF_NO_CASE |= {f"/advocate/transfers/{act}" for act in ("ask", "end")}
PAGES_OF_NO_CASE |= {f"/advocate/alerts/{act}" for act in ("arrived", "same-picture")}
PAGES_OF_NO_CASE |= {f"/advocate/passphrases/{act}" for act in ("ask", "cancel", "draw")}
PAGES_OF_NO_CASE |= {"/advocate/centre/comparing", "/advocate/centre/settings", "/advocate/audit/export"}
PAGES_OF_NO_CASE |= {f"/advocate/rest/{act}" for act in ("setting", "had", "later", "opened")}
PAGES_OF_NO_CASE |= {f"/advocate/colleagues/{act}" for act in ("role", "reset", "call-off")}
PAGES_OF_NO_CASE |= {
    f"/advocate/account/{act}"
    for act in ("read", "not-me", "recovery", "password", "alias", "log-ins/end", "log-ins/end-others", "prove")
}
PAGES_OF_NO_CASE |= {f"/advocate/place-reports/{{place_report_id}}/{act}" for act in PLACE_ACTS}
ONLY_JSON = {
    ("POST", "/log-ins/person"): "the person's page is a client of the JSON API",
    ("POST", "/log-ins/advocate"): "POST /advocate/login: one function, with a cookie in place of a token",
    ("DELETE", "/log-ins/current"): "POST /advocate/log-out",
    ("POST", "/cases"): "the person's page calls it",
    ("POST", "/cases/{case_id}/code"): "the person's page calls it",
    ("PUT", "/cases/{case_id}/names"): "the person's page calls it",
    ("POST", "/cases/{case_id}/names/terms"): "the person's page calls it",
    ("DELETE", "/cases/{case_id}/names/terms/{term_id}"): "the person's page calls it",
    ("PUT", "/cases/{case_id}/list"): "the person's page calls it",
    ("POST", "/cases/{case_id}/own-pages"): "the person's page calls it",
    ("DELETE", "/cases/{case_id}/own-pages/{own_page_id}"): "the person's page calls it",
    ("DELETE", "/cases/{case_id}/list"): "the person's page calls it",
    ("POST", "/cases/{case_id}/entries/{matter}/confirm"): "the person's page calls it",
    ("POST", "/cases/{case_id}/entries/{matter}/reject"): "the person's page calls it",
    ("DELETE", "/cases/{case_id}/erasure"): "the person's page calls it",
    ("PUT", "/cases/{case_id}/any-centre"): "the person's page calls it",
    ("PUT", "/cases/{case_id}/intake"): "the person's page calls it",
    ("POST", "/cases/{case_id}/fingerprints"): "the person's page calls it",
    ("PUT", "/cases/{case_id}/fingerprints/{fingerprint_id}/age"): "the person's page calls it",
    ("DELETE", "/cases/{case_id}/fingerprints/{fingerprint_id}/cut-out"): "the person's page calls it",
    ("POST", "/cases/{case_id}/links"): "the person's page calls it",
    ("PUT", "/cases/{case_id}/links/{link_id}/done"): "the person's page calls it",
    ("DELETE", "/cases/{case_id}/links/{link_id}"): "the person's page calls it",
    ("PUT", "/cases/{case_id}/fingerprints/{fingerprint_id}/label"): "the person's page calls it",
    ("POST", "/cases/{case_id}/consents"): "the person's page calls it",
    ("DELETE", "/cases/{case_id}/consents/{consent_id}"): "the person's page calls it",
    ("POST", "/cases/{case_id}/consents/withdrawal"): "the person's page calls it",
    ("POST", "/notices/{notice_id}/replies/preview"): "the page's form shows it first, by the same function",
    ("POST", "/cases/{case_id}/joint-parts/{part_id}/agree"): "the person's page calls it",
    ("POST", "/cases/{case_id}/joint-parts/{part_id}/decline"): "the person's page calls it",
    ("POST", "/cases/{case_id}/addresses/{notice_id}/agree"): "the person's page calls it",
    ("POST", "/cases/{case_id}/addresses/{notice_id}/decline"): "the person's page calls it",
    ("POST", "/cases/{case_id}/papers/letter"): "the person's page calls it",
    ("PUT", "/cases/{case_id}/news-mail"): "the person's page calls it",
    ("DELETE", "/cases/{case_id}/news-mail"): "the person's page calls it",
    ("POST", "/cases/{case_id}/transfers/{transfer_id}/agree"): "the person's page calls it",
    ("POST", "/cases/{case_id}/transfers/{transfer_id}/decline"): "the person's page calls it",
    ("POST", "/cases/{case_id}/passphrase"): "the person's page calls it",
    ("POST", "/cases/{case_id}/passphrase/words"): "the person's page calls it",
    ("PUT", "/cases/{case_id}/watching"): "the person's page calls it",
    ("POST", "/cases/{case_id}/questions/{sighting_id}"): "the person's page calls it",
    ("POST", "/codes"): "the command `codes add` is its other door",
}
ONLY_PAGE = {
    # A passkey and an app's picture are made in a browser.
    *(f"/advocate/account/passkeys/{act}" for act in ("add", "rename", "remove")),
    "/advocate/account/app/confirm",
    *("/advocate/login", "/advocate/log-out"),
    # A package is ordered where the password is asked for once more.
    *("/advocate/evidence/order", "/advocate/evidence/{package_id}/file", "/advocate/evidence/{package_id}/delete"),
    # Who gets a notice and has no account; programs have `/platform/v1` with a token.
    *("/platform/open", "/platform/notices/{mail_link_id}/code", "/platform/notices/{mail_link_id}/answer"),
}


@dataclass(frozen=True)
class Trace:
    """What one door answered, and what it left behind."""

    refusal: str | None
    rows: list[str] = field(repr=False)
    ledger: list[str] = field(repr=False)
    tasks: list[str] = field(repr=False)


def _filled(value: Any, twin: Twin) -> Any:
    """With the digest of what this twin's notice says, where it is asked for."""
    return twin.ids["digest"] if value == "{digest}" else value


def _named(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_named(each, ids) for each in value]
    return value.format_map(ids) if isinstance(value, str) else value


async def _through_json(advocate: Caller, action: Action, twin: Twin) -> str | None:
    method, path, body = action.json
    if body is not None:
        body = {name: _named(value, twin.ids) for name, value in body.items()}
    answer = await advocate.call(method, path.format_map(twin.ids), body)
    if not answer.is_success:
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        return str(answer.json()["code"])
    told = answer.json() if answer.content else {}
    return str(told["skipped"][0]["reason"]) if action.skip_is_told and not told["notices"] else None


async def _through_the_page(advocate: Caller, action: Action, twin: Twin) -> str | None:
    path, fields = action.page
    values: dict[str, Any] = {
        name: value if isinstance(value, list) else value.format_map(twin.ids) for name, value in fields.items()
    }
    answer = await _send(advocate, path.format_map(twin.ids), values)
    assert answer.status_code == 303, answer.text
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert ("problem" in query) != ("done" in query), answer.headers["location"]
    return query["problem"][0] if "problem" in query else None


async def _send(caller: Caller, path: str, values: Mapping[str, Any]) -> Any:
    """A form as a browser sends it."""
    token = caller.token or ""
    headers = {"Cookie": f"__Host-jikimi_login={token}", "Origin": "https://jikimi.example.org"}
    return await caller.http.post(path, data={"token": form_token(token), **values}, headers=headers)


async def _trace(
    world: ApiWorld, advocate: Caller, action: Action, twin: Twin, door: Callable[..., Awaitable[str | None]]
) -> Trace:
    case_id = twin.ids["case_id"]
    names = {value: name for name, value in twin.ids.items()} | {(await world.advocate_row()).id: "advocate"}
    entries, tasks = len(await _ledger(world, case_id)), await _tasks(world)
    refusal = await door(advocate, action, twin)

    def plain(one: object) -> str:
        told = str(one).replace(twin.ids.get("digest", "no digest"), "digest")
        return _ID.sub(lambda found: names.get(found[0], "id"), told)

    return Trace(
        refusal,
        sorted(plain(row) for row in await _rows(world, case_id)),
        [plain(entry) for entry in (await _ledger(world, case_id))[entries:]],
        sorted(plain(task) for task in await _tasks(world) - tasks),
    )


async def _ledger(world: ApiWorld, case_id: str) -> list[tuple[str, Any]]:
    async with world.services.database.read() as session:
        return [(row.kind, facts) for row, facts in await world.context.ledger.read(session, case_id)]


async def _tasks(world: ApiWorld) -> set[tuple[str, str]]:
    async with world.services.database.read() as session:
        rows = await session.execute(text("select name, workflow_uuid from workflow_status"))
        return {(row[0], row[1]) for row in rows}


async def _rows(world: ApiWorld, case_id: str) -> list[tuple[str, dict[str, Any]]]:
    """Every row about the case, and the alerts about those, without what is sealed or random."""
    found: list[tuple[str, dict[str, Any]]] = []
    async with world.services.database.read() as session:
        models: tuple[Any, ...] = (
            Case,
            Fingerprint,
            KnownLink,
            Consent,
            Mandate,
            Sighting,
            Notice,
            Letter,
            Preservation,
            RemovalReceipt,
            Filing,
            CopyClosing,
            Message,
            SightingQuestion,
            Alert,
        )
        for model in models:
            query = select(model)
            if model is not Alert:
                query = query.where((model.id if model is Case else model.case_id) == case_id)
            for row in await session.scalars(query):
                columns = {
                    column.name: getattr(row, column.name)
                    for column in model.__table__.columns
                    if not isinstance(column.type, LargeBinary) and column.name != "passphrase_hash"
                }
                if model is not Alert or columns["subject"] in {value["id"] for _, value in found if "id" in value}:
                    found.append((model.__name__, columns))
    return found


@pytest.mark.parametrize("name", ACTIONS)
async def test_action_is_the_same_through_both_doors(sqlite_world: ApiWorld, name: str) -> None:
    world, action = sqlite_world, ACTIONS[name]
    advocate = await world.advocate()
    answered: dict[str, str | None] = {}
    begun = await action.start(world, advocate)
    beginning = Moment(world)
    for state in action.answers:
        beginning.again()
        twin = _same(begun)
        for part in state.split("+"):
            await STATES[part](world, advocate, twin)
        prepared = Moment(world)
        json = await _trace(world, advocate, action, _same(twin), _through_json)
        prepared.again()
        page = await _trace(world, advocate, action, _same(twin), _through_the_page)
        prepared.forget()
        assert json == page, state
        answered[state] = page.refusal
        assert json.ledger or json.refusal is not None or (name, state) in IDLE, state
        assert not (json.refusal and (json.ledger or json.tasks)), state
    assert answered == dict(action.answers)
    beginning.forget()


def _same(twin: Twin) -> Twin:
    return Twin(replace(twin.person), dict(twin.ids))


IDLE = {
    ("release a fingerprint", "released"),
    ("end a mandate", "ended"),
    ("ask for an erasure", "erasing"),
}
"""Done without an entry of the ledger: it changes nothing."""


async def test_page_removes_only_what_is_in_quarantine(sqlite_world: ApiWorld) -> None:
    """The one difference that stays: the page offers the removal of a paused fingerprint, the API of any."""
    advocate = await sqlite_world.advocate()
    twin = await a_quarantine(sqlite_world, advocate)
    await STATES["released"](sqlite_world, advocate, twin)
    remove = ACTIONS["remove a fingerprint"]
    assert await _through_the_page(advocate, remove, twin) == Refusal.NOT_FOUND
    assert await _through_json(advocate, remove, twin) is None


@pytest.mark.parametrize("name", ACTIONS)
async def test_neither_door_opens_to_a_stranger_or_to_the_person(sqlite_world: ApiWorld, name: str) -> None:
    action = ACTIONS[name]
    somebody = await sqlite_world.person()
    ids = dict.fromkeys(
        ("case_id", "sighting_id", "filing_id", "notice_id", "fingerprint_id", "mandate_id", "term_id", "note_id"),
        MISSING,
    )
    ids["preservation_id"] = MISSING
    ids["matter"] = "signature"
    ids["number"] = "2"
    method, path, body = action.json
    nobody = sqlite_world.nobody()
    assert await nobody.refused(method, path.format_map(ids), body) == (401, Refusal.NOT_LOGGED_IN)
    for caller in (nobody, somebody):
        answer = await _send(caller, action.page[0].format_map(ids), {})
        assert (answer.status_code, answer.headers["location"]) == (303, "/advocate/login")


PARTS = (cases, copies, entered, notices, person, police, queue, reports, signing_in, stops)


def test_every_action_of_either_door_is_walked_or_named() -> None:
    json = {
        (method, route.path)
        for noun in _NOUNS
        for route in noun.router.routes
        for method in route.methods - {"GET", "HEAD"}
    }
    assert json == {action.json[:2] for action in ACTIONS.values()} | set(ONLY_JSON) | OF_NO_CASE
    pages = {
        route.path
        for part in (
            *(cases, copies, entered, evidence, following, linking, notices, person, place_reports, platform, police),
            *(queue, items, reports, signing_in, stops, centre, messages, names, transfers, oversight, desk),
            *(account, colleagues),
        )
        for route in part.router.routes
        if "POST" in route.methods
    }
    assert pages == {action.page[0] for action in ACTIONS.values()} | ONLY_PAGE | PAGES_OF_NO_CASE


async def test_a_busy_database_is_told_at_both_doors(sqlite_world: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    advocate, database = await sqlite_world.advocate(), sqlite_world.services.database
    monkeypatch.setattr(database.reader.pool, "_timeout", 0.1)
    cookie = {"Cookie": f"__Host-jikimi_login={advocate.token}"}
    async with AsyncExitStack() as held:
        for _ in range(15):  # the pool's five and its overflow of ten
            await (await held.enter_async_context(database.read())).connection()
        assert await advocate.refused("GET", "/sightings") == (503, Refusal.DATABASE_UNAVAILABLE)
        page = await sqlite_world.http.get("/advocate?lang=en", headers=cookie)
    assert page.status_code == 503
    assert TEXTS[Refusal.DATABASE_UNAVAILABLE] in page.text
