"""Role by page: who is no advocate of the case's organisation gets no page about it, whatever the address."""

import re
from collections.abc import Mapping
from typing import Any

import httpx

from api.pages.forms import form_token
from db.queries.actors import AdvocateActor
from monitor.actions.access import get_open_case
from monitor.exports.orders import ask_package
from tests.support.api_world import PDQ, ApiWorld, Caller
from tests.support.page_routes import page_routes

INVENTED = "a" * 26
FRESH = re.compile(
    r"""data-options="[^"]*"|name="sealed" value="[^"]*"|<figure>.*?</figure>|<code>[A-Z2-7 ]+</code>"""
    r"""|'content-length': '\d+'""",
    re.DOTALL,
)
"""What a page makes anew each time: a challenge, a secret. The length of an answer with one may differ, too."""
PUBLIC = {
    *(("GET", "/"), ("GET", "/case"), ("GET", "/advocate/login"), ("POST", "/advocate/login")),
    *(("GET", "/report"), ("POST", "/report"), ("GET", "/privacy")),
    *(("GET", "/safe"), ("GET", "/elsewhere"), ("GET", "/helpers"), ("POST", "/leave")),
    # Behind the link of a notice's mail: tests/integration/test_platform_link.py.
    *(("GET", "/platform"), ("POST", "/platform/open"), ("GET", "/platform/notices/{mail_link_id}")),
    *(("GET", "/platform/notices/{mail_link_id}/notice.json"), ("POST", "/platform/notices/{mail_link_id}/code")),
    ("POST", "/platform/notices/{mail_link_id}/answer"),
    *(("GET", "/evidence"), ("GET", "/evidence/verify.py")),
    *(("GET", "/figures"), ("GET", "/docs"), ("GET", "/openapi.json")),
    ("GET", "/advocate/help"),
    # Of one browser, by its cookie: tests/integration/test_drafts.py.
    *((method, "/case/draft") for method in ("GET", "PUT", "DELETE")),
    *(("PUT", f"/case/draft/{kind}/{{item_id}}") for kind in ("pictures", "places", "links")),
    *(("PATCH", "/case/draft/pictures/{item_id}"), ("DELETE", "/case/draft/items/{item_id}")),
    *(("POST", "/case/draft/open"), ("POST", "/case/draft/typed-back")),
}
"""For everybody, and about nobody."""
OF_THEMSELVES = {("POST", "/advocate/log-out"), ("POST", "/advocate/linking/sharing")}
OF_THEMSELVES |= {("POST", "/advocate/centre/profile"), ("POST", "/advocate/centre/codes")}
OF_THEMSELVES |= {("POST", "/advocate/centre/places/add")}
# Whoever was told the whole number may ask the person: tests/integration/test_transfers.py.
OF_THEMSELVES |= {("POST", "/advocate/transfers/ask")}
OF_THEMSELVES |= {("POST", f"/advocate/centre/{form}") for form in ("comparing", "settings")}
OF_THEMSELVES |= {("POST", "/advocate/audit/export")}
OF_THEMSELVES |= {("POST", f"/advocate/rest/{act}") for act in ("setting", "had", "later", "opened")}
OF_THEMSELVES |= {
    ("POST", f"/advocate/account/{form}")
    for form in ("read", "not-me", "app/confirm", "recovery", "password", "alias", "log-ins/end-others", "prove")
}
FORMS: dict[str, dict[str, str]] = {
    "/advocate/account/passkeys/add": {"name": "x", "passkey": "{{}}"},
    "/advocate/account/passkeys/rename": {"passkey": "{place}", "name": "x"},
    "/advocate/account/passkeys/remove": {"passkey": "{place}"},
    "/advocate/account/log-ins/end": {"log-in": "{place}"},
    "/advocate/colleagues/role": {"account": "{advocate}", "lead": "on"},
    "/advocate/colleagues/reset": {"account": "{advocate}"},
    "/advocate/colleagues/call-off": {"account": "{advocate}"},
    "/advocate/cases/vouch": {"case": "{case}", "known": "on"},
    "/advocate/cases/in-hand": {"case": "{case}"},
    "/advocate/cases/hand-back": {"case": "{case}"},
    "/advocate/cases/freeze": {"case": "{case}", "reason": "a doubt", "speak_to": "the desk"},
    "/advocate/cases/unfreeze": {"case": "{case}"},
    "/advocate/cases/{case_id}/names/decide": {"term": "{mandate}", "approved": "yes"},
    "/advocate/transfers/end": {"transfer": "{transfer}"},
    "/advocate/alerts/arrived": {"case": "{case}"},
    "/advocate/alerts/same-picture": {"case": "{case}", "sure": "on"},
    "/advocate/passphrases/ask": {"case": "{case}", "sure": "on"},
    "/advocate/passphrases/cancel": {"case": "{case}"},
    "/advocate/passphrases/draw": {"case": "{case}"},
    "/advocate/centre/places/note": {"place": "{place}", "note": "x"},
    "/advocate/centre/places/remove": {"place": "{place}"},
    "/advocate/reports/{report_id}/close": {},
    "/advocate/resent/switch": {"case": "{case}", "on": "on"},
    "/advocate/linking/{source_id}/report": {"route": "telegram_peer", "language": "en"},
    "/advocate/place-reports/{place_report_id}/send": {"digest": "0" * 64},
    "/advocate/place-reports/{place_report_id}/submission": {"reference": "AB-123", "digest": "0" * 64},
    "/advocate/place-reports/{place_report_id}/settle": {"arrived": "yes"},
    "/advocate/place-reports/{place_report_id}/withdraw": {},
    "/advocate/place-reports/{place_report_id}/parts": {"case": "{case}"},
    "/advocate/stop/now": {"advocate": "{advocate}"},
    "/advocate/stop/resume": {"advocate": "{advocate}"},
    "/advocate/alerts/release": {"fingerprint": "{fingerprint}"},
    "/advocate/alerts/remove": {"fingerprint": "{fingerprint}", "sure": "on"},
    "/advocate/cases/{case_id}/police/sent": {"platform": "telegram", "sent_at": "2026-11-20T09:00", "zone": "KST"},
    "/advocate/cases/{case_id}/police/not-needed": {"preservation": "{mandate}", "sure": "on"},
    "/advocate/cases/{case_id}/messages/write": {"text": "a word"},
    "/advocate/cases/{case_id}/call": {"name": "a word", "tags": "school"},
    "/advocate/cases/{case_id}/hand-over": {"to": "me"},
    "/advocate/cases/{case_id}/notes/write": {"text": "a word"},
    "/advocate/cases/{case_id}/notes/back": {"note": "{mandate}"},
    "/advocate/sightings/{sighting_id}/ask": {},
    "/advocate/items/{sighting_id}/confirm": {"basis": "caption-context", "write": "on", "back": ""},
    "/advocate/items/{sighting_id}/dismiss": {"reason": "harmless", "back": ""},
    "/advocate/items/{sighting_id}/reopen": {"back": ""},
    "/advocate/items/{sighting_id}/ask": {"back": ""},
    "/advocate/items/{sighting_id}/hand-off": {"viewer": "police"},
    "/advocate/items/{sighting_id}/viewing": {"viewer": "police", "said": "yes"},
    "/advocate/items": {"item": "{sighting}", "decision": "dismiss-harmless", "back": ""},
    "/advocate/cases/{case_id}/entered/back": {"matter": "signature"},
    "/advocate/cases/{case_id}/entered/mandate": {
        "kind": "written",
        "dated": "2026-01-10",
        "covers": "signature",
        "sure": "on",
    },
    "/advocate/cases/{case_id}/entered/end": {"mandate": "{mandate}"},
    "/advocate/cases/{case_id}/entered/erasure": {"sure": "on"},
    "/advocate/notices/{notice_id}/send": {"digest": "0" * 64},
    "/advocate/notices/{notice_id}/undo": {},
    "/advocate/notices/{notice_id}/together": {"notice": "a" * 26},
    "/advocate/notices/{notice_id}/apart": {},
    "/advocate/notices/{notice_id}/retract": {"reason": "wrong-copy", "sure": "on"},
    "/advocate/notices/{notice_id}/letters": {"purpose": "reminder", "paragraph": ""},
    "/advocate/notices/{notice_id}/letters/{number}/send": {"digest": "0" * 64},
    "/advocate/notices/{notice_id}/letters/{number}/undo": {},
    "/advocate/notices/{notice_id}/letters/{number}/withdraw": {},
    "/advocate/notices/{notice_id}/paragraph": {"paragraph": "a word"},
    "/advocate/evidence/order": {"cases": "{case}", "recipient": "the police", "agreed": "on"},
    "/advocate/evidence/{package_id}/file": {},
    "/advocate/evidence/{package_id}/delete": {"sure": "on"},
    "/advocate/notices/{notice_id}/settle": {"arrived": "yes"},
    "/advocate/notices/{notice_id}/retry": {},
    "/advocate/notices/{notice_id}/submission": {"reference": "AB-123"},
    "/advocate/notices/{notice_id}/withdraw": {"sure": "on"},
    "/advocate/notices/{notice_id}/returned": {"sure": "on"},
    "/advocate/notices/{notice_id}/mails-read": {},
    "/advocate/copies/{sighting_id}/filed": {"step": "ftc_complaint"},
    "/advocate/copies/{sighting_id}/answer": {"filing": "{notice}", "answer": "refused"},
    "/advocate/copies/{sighting_id}/forget": {"filing": "{notice}"},
    "/advocate/copies/{sighting_id}/next-steps": {"notice": "{notice}"},
    "/advocate/copies/{sighting_id}/close": {"reason": "handed-over"},
    "/advocate/copies/{sighting_id}/reopen": {},
    "/advocate/notices/{notice_id}/link-off": {"sure": "on"},
    "/advocate/notices/{notice_id}/reply": {"mail": "{mail}", "text": "The post is number 17.", "digest": "{digest}"},
    "/advocate/sightings/{sighting_id}/confirm": {"basis": "caption-context", "route": "us_tida"},
    "/advocate/sightings/{sighting_id}/dismiss": {"reason": "harmless"},
    "/advocate/sightings/{sighting_id}/reopen": {},
    "/advocate/sightings/{sighting_id}/notices": {"route": "us_tida"},
}
"""Every form, filled in so that nothing but the role is wrong."""


async def visit(
    world: ApiWorld,
    who: Caller,
    method: str,
    path: str,
    ids: dict[str, str],
    forms: Mapping[str, dict[str, str]] = FORMS,
) -> httpx.Response:
    """One page or form, as the browser of `who` asks for it."""
    names = {"notice_id": "notice", "sighting_id": "sighting", "report_id": "report", "case_id": "case"}
    names |= {"source_id": "source", "place_report_id": "place_report", "package_id": "package"}
    address = re.sub(
        r"{(\w+)}", lambda found: ids[names[found[1]]], path.replace("{number}", "2").replace("{kind}", "file")
    )
    headers = {"Accept-Language": "en", "Origin": "https://jikimi.example.org"}
    if who.token:
        headers["Cookie"] = f"__Host-jikimi_login={who.token}"
    data: Any = None
    if method == "POST":
        data = {"token": form_token(who.token or "")}
        data |= {name: value.format(**ids) for name, value in forms[path].items()}
    return await world.http.request(method, address, headers=headers, data=data)


async def reported(world: ApiWorld, lead: Caller) -> str:
    """A report for the lead's own organisation; its id."""
    body = {"contact": "somebody@example.org", "text": "It is mine.", "organisation": "Centre A"}
    await world.nobody().post("/reports", body)
    found: str = (await lead.get("/reports"))["reports"][0]["report_id"]
    return found


async def ordered(world: ApiWorld, case_id: str) -> str:
    """A package about a case; its id."""
    row = await world.advocate_row()
    actor = AdvocateActor(row.id, row.organisation_id, row.name, lead=False)
    async with world.services.database.begin() as session:
        case = await get_open_case(session, actor, case_id, lock=True)
        order: Any = {"source_id": None, "language": "ko", "recipient": "the police", "agreed": True}
        return (await ask_package(session, world.context, actor, [case], **order)).id


async def test_role_by_page(world: ApiWorld) -> None:
    everything = page_routes(world)
    guarded = everything - PUBLIC - OF_THEMSELVES
    assert everything >= PUBLIC | OF_THEMSELVES
    assert {path for method, path in guarded if method == "POST"} == set(FORMS)
    advocate, other = await world.advocate(), await world.advocate("second", "Centre B")
    person = await world.vouched(advocate)
    made = await person.post(f"/cases/{person.case_id}/fingerprints", {"pdq": PDQ, "quality": 90, "kind": "intimate"})
    sighting = await world.sighting(person)
    answer = await advocate.confirm(sighting, {"basis": "caption-context"})
    mandate = {"kind": "written", "dated": "2026-01-10", "covers": ["signature"]}
    recorded = await advocate.post(f"/cases/{person.case_id}/mandates", mandate)
    ids = {
        "case": person.case_id,
        "sighting": sighting,
        "notice": answer["notices"][0]["notice_id"],
        "fingerprint": made["fingerprint_id"],
        "advocate": (await world.advocate_row()).id,
        "report": await reported(world, advocate),
        "mandate": recorded["mandates"][0]["mandate_id"],
        "mail": INVENTED,
        "digest": "0" * 64,
        "package": await ordered(world, person.case_id),
        "source": (await world.row(sighting)).source_id,
    }
    written = await advocate.post(f"/linking/{ids['source']}/reports", {"route": "telegram_peer"})
    ids["place_report"] = written["report_id"]
    listed = await advocate.post("/centre/places", {"platform": "telegram", "sources": ["@keptplace"]})
    ids["place"] = listed["places"][0]["place_id"]
    await world.advocate("third", "Centre C")
    moves = await advocate.post("/transfers", {"case_id": person.case_id, "to": "Centre C"})
    ids["transfer"] = moves["transfers"][0]["transfer_id"]
    before = await advocate.get(f"/cases/{person.case_id}/ledger")
    for method, path in sorted(guarded):
        for outsider in (world.nobody(), person):
            answer = await visit(world, outsider, method, path, ids)
            assert (answer.status_code, answer.headers["location"]) == (303, "/advocate/login"), (method, path)
        foreign = await visit(world, other, method, path, ids)
        invented = await visit(world, other, method, path, dict.fromkeys(ids, INVENTED))
        told = [foreign.text, str(foreign.headers)]
        for name in ids.values():
            told = [text.replace(name, INVENTED) for text in told]
        same = [FRESH.sub("", text) for text in (invented.text, str(invented.headers))]
        assert (foreign.status_code, [FRESH.sub("", text) for text in told]) == (invented.status_code, same), path
        if "{" in path and method == "GET":
            assert foreign.status_code == 404, path
        elif path == "/advocate/account/passkeys/add":
            assert "problem=passkey-wrong" in foreign.headers["location"]
        elif method == "POST":
            assert "problem=not-found" in foreign.headers["location"], path
        else:
            assert not any(name in foreign.text for name in ids.values()), path
    assert await advocate.get(f"/cases/{person.case_id}/ledger") == before


OPERATORS_PAGES = {
    *(("GET", f"/advocate/{page}") for page in ("account", "account/app", "account/prove", "colleagues")),
    *((method, path) for method, path in OF_THEMSELVES if path.startswith("/advocate/account/")),
    *(("POST", path) for path in FORMS if path.startswith(("/advocate/account/", "/advocate/colleagues/"))),
    ("POST", "/advocate/log-out"),
}
"""What an operator gets; every other page of those at work refuses them, whatever the address."""
LEADS_FORMS = {
    # The first of two words is a lead's: tests/integration/test_stop_doors.py has the second.
    "/advocate/stop/resume",
    *(f"/advocate/passphrases/{act}" for act in ("ask", "draw", "cancel")),
    "/advocate/alerts/same-picture",
    *("/advocate/stop/now", "/advocate/cases/freeze", "/advocate/linking/sharing"),
    "/advocate/cases/unfreeze",
    *("/advocate/colleagues/role", "/advocate/colleagues/reset", "/advocate/colleagues/call-off"),
    *("/advocate/reports/{report_id}/close", "/advocate/alerts/same-picture"),
    *("/advocate/passphrases/ask", "/advocate/passphrases/cancel", "/advocate/passphrases/draw"),
}
"""Forms that only a lead of the own centre may send; every other one is any advocate's. The profile's own test holds
the same of it."""


async def test_role_by_page_an_operator_gets_accounts_alone_and_an_advocate_nothing_of_a_leads(
    sqlite_world: ApiWorld,
) -> None:
    world, lead = sqlite_world, await sqlite_world.advocate()
    await world.add_advocate("plain")
    plain, operator = await world.advocate("plain"), await world.operator()
    person = await world.vouched(lead)
    sighting = await world.sighting(person)
    answer = await lead.confirm(sighting, {"basis": "caption-context"})
    ids = {"case": person.case_id, "sighting": sighting, "notice": answer["notices"][0]["notice_id"]}
    ids |= {"report": await reported(world, lead), "package": await ordered(world, person.case_id)}
    ids |= {"source": (await world.row(sighting)).source_id, "place_report": INVENTED, "digest": "0" * 64}
    ids |= dict.fromkeys(("fingerprint", "mandate", "mail", "place", "transfer"), INVENTED)
    ids["advocate"] = (await world.advocate_row()).id
    before = await lead.get(f"/cases/{person.case_id}/ledger")
    forms = {**FORMS, "/advocate/linking/sharing": {"share": "on"}}
    with_forms = {path for method, path in page_routes(world) - PUBLIC if method == "POST"} & set(forms)
    assert with_forms >= LEADS_FORMS
    for method, path in sorted(page_routes(world) - PUBLIC - OPERATORS_PAGES):
        if method == "POST" and path not in FORMS:
            continue  # of themselves: refused alike, without anything to fill in
        told = await visit(world, operator, method, path, ids)
        if path == "/advocate":
            assert told.headers["location"] == "/advocate/colleagues"
        elif method == "GET":
            assert told.status_code == 403 and "It sees nothing of cases" in told.text, path
        else:
            assert told.status_code == 303 and "problem=no-case-content" in told.headers["location"], path
    answers = {path: await visit(world, plain, "POST", path, ids, forms) for path in sorted(with_forms)}
    refused = {path for path, one in answers.items() if "problem=leads-only" in one.headers.get("location", "")}
    assert sorted(refused ^ LEADS_FORMS) == []
    assert await lead.get(f"/cases/{person.case_id}/ledger") != before, "some of them are any advocate's to send"


async def test_own_advocate_gets_every_page(sqlite_world: ApiWorld) -> None:
    """Or the table above would be of addresses that nobody can reach."""
    world, advocate = sqlite_world, await sqlite_world.advocate()
    person = await world.vouched(advocate)
    sighting = await world.sighting(person)
    answer = await advocate.confirm(sighting, {"basis": "caption-context"})
    ids = {"case": person.case_id, "sighting": sighting, "notice": answer["notices"][0]["notice_id"]}
    ids |= {"report": await reported(world, advocate), "package": await ordered(world, person.case_id)}
    ids["source"] = (await world.row(sighting)).source_id
    written = await advocate.post(f"/linking/{ids['source']}/reports", {"route": "telegram_peer"})
    ids["place_report"] = written["report_id"]
    for method, path in sorted(page_routes(world) - PUBLIC):
        if method == "GET":
            assert (await visit(world, advocate, method, path, ids)).status_code == 200, path
