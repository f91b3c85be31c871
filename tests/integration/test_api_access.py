"""Who sees what: nothing before vouching, a person only released copies, an advocate only their organisation."""

from typing import Any

import pytest

from tests.support.api_world import INTAKE, ApiWorld, Caller
from tests.support.centre_profiles import PROFILE

ONLY_OWNERS: tuple[tuple[str, str, Any], ...] = (
    ("GET", "", None),
    ("GET", "/intake", None),
    ("PUT", "/intake", INTAKE),
    ("POST", "/fingerprints", {"pdq": "0f" * 32, "quality": 90, "kind": "intimate"}),
    ("GET", "/fingerprints", None),
    ("DELETE", "/fingerprints/" + "a" * 26, None),
    ("PUT", "/fingerprints/" + "a" * 26 + "/age", {"age_group": "minor"}),
    ("POST", "/links", {"url": "https://t.me/somechannel/5", "kind": "intimate"}),
    ("GET", "/links", None),
    ("POST", "/consents", {"platform": "telegram", "source": "@somechannel", "purposes": ["watch"]}),
    ("GET", "/consents", None),
    ("DELETE", "/consents/" + "a" * 26, None),
    ("GET", "/entries", None),
    ("POST", "/entries/signature/confirm", None),
    ("POST", "/entries/signature/reject", None),
    ("DELETE", "/mandates/" + "a" * 26, None),
    ("GET", "/sightings", None),
    ("GET", "/notices", None),
    ("GET", "/receipts", None),
    ("GET", "/resending", None),
    ("PUT", "/resending", {"on": True}),
    ("POST", "/erasure", {}),
    ("PUT", "/any-centre", {"allowed": True}),
    ("DELETE", "/in-hand", None),
    ("POST", "/code", {"code": "aaaa-bbbb-cccc"}),
    ("GET", "/self-notices", None),
    ("GET", "/names", None),
    ("PUT", "/names", {"on": True}),
    ("POST", "/names/terms", {"kind": "name", "text": "somebody"}),
    ("DELETE", "/names/terms/" + "a" * 26, None),
    ("GET", "/own-pages", None),
    ("POST", "/own-pages", {"platform": "x", "source": "@somebody"}),
    ("DELETE", "/own-pages/" + "a" * 26, None),
    ("GET", "/list", None),
    ("PUT", "/list", {"places": 1, "purposes": ["watch"]}),
    ("DELETE", "/list", None),
    ("DELETE", "/erasure", None),
    ("GET", "/papers/sent/" + "a" * 26 + "/text", None),
    ("GET", "/papers/sent/" + "a" * 26 + "/pdf", None),
    ("GET", "/papers/receipts", None),
    ("POST", "/papers/letter", {"language": "en", "wanted_for": "school"}),
    ("GET", "/papers/everything", None),
    ("GET", "/news-mail", None),
    ("PUT", "/news-mail", {"address": "a@b.example", "sender": "x", "subject": "x", "language": "en"}),
    ("DELETE", "/news-mail", None),
    ("GET", "/standing", None),
    ("GET", "/messages", None),
    ("POST", "/messages", {"text": "a word"}),
    ("GET", "/questions", None),
    ("POST", "/questions/" + "a" * 26, {"answer": "yes"}),
    ("GET", "/places", None),
    ("PUT", "/watching", {"paused": True}),
    ("GET", "/hand-off/text", None),
    ("GET", "/hand-off/pdf", None),
    ("POST", "/consents/withdrawal", None),
    ("GET", "/transfers", None),
    ("POST", "/transfers/" + "a" * 26 + "/agree", None),
    ("POST", "/transfers/" + "a" * 26 + "/decline", None),
    ("GET", "/reissue", None),
    ("DELETE", "/reissue", None),
    ("POST", "/passphrase", {"passphrase": "x", "mark": "x"}),
    ("POST", "/passphrase/words", {"passphrase": "x"}),
    ("PUT", "/links/" + "a" * 26 + "/done", {"done": True}),
    ("DELETE", "/links/" + "a" * 26, None),
    ("PUT", "/fingerprints/" + "a" * 26 + "/label", {"label": "Summer"}),
)
CONTENT = ONLY_OWNERS[1:19]
FOR_ADVOCATES: tuple[tuple[str, str, Any], ...] = (
    ("GET", "/cases", None),
    ("GET", "/sightings", None),
    ("GET", "/sightings/{sighting}", None),
    ("POST", "/sightings/{sighting}/confirm", {"basis": "caption-context"}),
    ("POST", "/sightings/{sighting}/dismiss", {"reason": "harmless"}),
    ("POST", "/sightings/{sighting}/reopen", None),
    ("GET", "/sightings/{sighting}/routes", None),
    ("POST", "/sightings/{sighting}/notices", {"routes": ["us_tida"]}),
    ("GET", "/notices", None),
    ("GET", "/notices/{notice}/preview", None),
    ("POST", "/notices/{notice}/send", {"digest": "0" * 64}),
    ("GET", "/bulk-sheet", None),
    ("POST", "/notices/{notice}/undo", None),
    ("POST", "/notices/{notice}/retract", {"reason": "wrong-copy"}),
    ("GET", "/notices/{notice}/letters", None),
    ("POST", "/notices/{notice}/letters", {"purpose": "reminder"}),
    ("POST", "/notices/{notice}/letters/2/send", {"digest": "0" * 64}),
    ("POST", "/notices/{notice}/letters/2/undo", None),
    ("POST", "/notices/{notice}/letters/2/withdraw", None),
    ("PUT", "/notices/{notice}/paragraph", {"text": "a word"}),
    ("POST", "/notices/{notice}/submission", {"reference": "AB-123"}),
    ("POST", "/notices/{notice}/settle", {"arrived": True}),
    ("POST", "/notices/{notice}/retry", None),
    ("POST", "/notices/{notice}/withdraw", None),
    ("POST", "/notices/{notice}/returned", None),
    ("POST", "/notices/{notice}/mails-read", None),
    ("GET", "/copies", None),
    ("GET", "/copies/{sighting}", None),
    ("POST", "/copies/{sighting}/filings", {"step": "ftc_complaint"}),
    ("POST", "/copies/{sighting}/filings/{sighting}/answer", {"answer": "refused"}),
    ("DELETE", "/copies/{sighting}/filings/{sighting}", None),
    ("POST", "/copies/{sighting}/next-steps", {"notice_id": "a"}),
    ("POST", "/copies/{sighting}/close", {"reason": "handed-over"}),
    ("POST", "/copies/{sighting}/reopen", None),
    ("POST", "/notices/{notice}/link/revoke", None),
    ("POST", "/notices/{notice}/replies/preview", {"mail_id": "{notice}", "text": "Thank you."}),
    ("POST", "/notices/{notice}/replies", {"mail_id": "{notice}", "text": "Thank you.", "digest": "0"}),
    ("GET", "/operations/summary", None),
    ("GET", "/operations/alerts", None),
    ("GET", "/operations/health", None),
    ("POST", "/cases/{case}/fingerprints/{sighting}/release", None),
    ("POST", "/codes", {"count": 1, "days": 1}),
    ("POST", "/cases/{case}/names/terms/{sighting}/decide", {"approved": True}),
    ("GET", "/desk", None),
    ("GET", "/cases/{case}/desk", None),
    ("PUT", "/cases/{case}/desk", {"name": "x", "tags": []}),
    ("PUT", "/cases/{case}/charge", {"to": None, "note": ""}),
    ("GET", "/cases/{case}/notes", None),
    ("POST", "/cases/{case}/notes", {"text": "x"}),
    ("DELETE", "/cases/{case}/notes/{sighting}", None),
    ("GET", "/cases/{case}/items", None),
    ("GET", "/cases/{case}/record", None),
    ("GET", "/gathered", None),
    ("GET", "/sightings/{sighting}/gathered", None),
    ("GET", "/linking/{sighting}/copies", None),
    ("GET", "/centre/profile", None),
    ("PUT", "/centre/profile", PROFILE),
    ("GET", "/centre/places", None),
    ("POST", "/centre/places", {"platform": "telegram", "sources": ["@somechannel"]}),
    ("PUT", "/centre/places/{sighting}", {"note": "x"}),
    ("DELETE", "/centre/places/{sighting}", None),
    ("POST", "/cases/{case}/vouch", None),
    ("POST", "/cases/{case}/in-hand", None),
    ("GET", "/pool", None),
    ("GET", "/cases/{case}/ledger", None),
    ("GET", "/cases/{case}/preservation", None),
    ("POST", "/cases/{case}/preservation", {"platform": "telegram", "sent_at": "2026-11-20T00:00:00Z"}),
    ("POST", "/cases/{case}/preservation/" + "a" * 26 + "/not-needed", None),
    ("POST", "/sightings/{sighting}/ask", None),
    ("GET", "/items", None),
    ("GET", "/items/{sighting}", None),
    ("POST", "/items/{sighting}/confirm", {"basis": "caption-context"}),
    ("POST", "/items/{sighting}/dismiss", {"reason": "harmless"}),
    ("POST", "/items/{sighting}/reopen", None),
    ("POST", "/items/{sighting}/ask", None),
    ("POST", "/items/{sighting}/hand-off", {"viewer": "police"}),
    ("POST", "/items/{sighting}/viewings", {"viewer": "police", "said": "yes"}),
    ("POST", "/items/decide", {"items": [{"item_id": "a" * 26}], "decision": "reopen"}),
    ("GET", "/sightings/{sighting}/item", None),
    ("GET", "/resent", None),
    ("GET", "/clocks", None),
    ("GET", "/notices/{notice}/clocks", None),
    ("PUT", "/cases/{case}/freeze", {"reason": "a doubt", "speak_to": "the desk"}),
    ("DELETE", "/cases/{case}/freeze", None),
    ("GET", "/linking", None),
    ("PUT", "/linking/sharing", {"share": True}),
    ("GET", "/sightings/{sighting}/linked", None),
    ("POST", "/linking/{sighting}/reports", {"route": "telegram_peer"}),
    ("GET", "/place-reports", None),
    ("GET", "/place-reports/{sighting}", None),
    ("POST", "/place-reports/{sighting}/send", None),
    ("POST", "/place-reports/{sighting}/submission", {"reference": "AB-123"}),
    ("POST", "/place-reports/{sighting}/settle", {"arrived": True}),
    ("POST", "/place-reports/{sighting}/withdraw", None),
    ("POST", "/place-reports/{sighting}/parts", {"case_ids": []}),
    ("GET", "/figures", None),
    ("GET", "/figures/table.csv", None),
    ("GET", "/stops", None),
    ("POST", "/stops", {"advocate_id": None}),
    ("POST", "/stops/resume", {"advocate_id": None}),
    ("GET", "/reports", None),
    ("GET", "/reports/{sighting}", None),
    ("POST", "/reports/{sighting}/close", None),
    ("GET", "/account", None),
    ("POST", "/account/proof", {"password": "x", "totp": "1"}),
    ("POST", "/account/news/read", None),
    ("PUT", "/account/password", {"password": "another long password"}),
    ("POST", "/account/recovery-codes", None),
    ("PUT", "/account/alias", {"alias": "x"}),
    ("DELETE", "/account/reset", None),
    ("DELETE", "/account/log-ins", None),
    ("DELETE", "/account/log-ins/{sighting}", None),
    ("GET", "/colleagues", None),
    ("PUT", "/colleagues/{sighting}/lead", {"lead": True}),
    ("POST", "/colleagues/{sighting}/reset", None),
    ("DELETE", "/colleagues/{sighting}/reset", None),
    ("DELETE", "/cases/{case}/entries/signature", None),
    ("POST", "/cases/{case}/mandates", {"kind": "written", "dated": "2026-01-10", "covers": ["signature"]}),
    ("GET", "/numbers/{sighting}", None),
    ("GET", "/transfers", None),
    ("POST", "/transfers", {"case_id": "a" * 26, "to": "Centre B"}),
    ("DELETE", "/transfers/{sighting}", None),
    ("DELETE", "/cases/{case}/arrival", None),
    ("GET", "/reissues", None),
    ("POST", "/cases/{case}/reissue", None),
    ("POST", "/cases/{case}/reissue/draw", None),
    ("DELETE", "/cases/{case}/same-picture", None),
    ("PUT", "/centre/comparing", {"on": True}),
    ("GET", "/centre/settings", None),
    ("PUT", "/centre/settings", {"country": "KR", "reply_to": "answers@centre.example"}),
    ("GET", "/overview", None),
    ("GET", "/audit", None),
    ("POST", "/audit/export", {"form": "csv"}),
    ("GET", "/rest", None),
    ("PUT", "/rest", {"minutes": 60}),
    ("POST", "/rest/opened", None),
    ("POST", "/rest/break", None),
    ("POST", "/rest/later", None),
)


async def confirmed(world: ApiWorld, advocate: Caller, person: Caller, **body: object) -> tuple[str, str]:
    """A confirmed sighting with a notice: (sighting, notice)."""
    sighting = await world.sighting(person)
    answer = await advocate.confirm(sighting, {"basis": "caption-context", **body})
    return sighting, answer["notices"][0]["notice_id"]


async def test_unvouched_case_shows_its_owner_only_its_own_state(world: ApiWorld) -> None:
    await world.add_advocate()
    person = await world.person()
    await world.sighting(person)
    case = await person.get(f"/cases/{person.case_id}")
    assert case["state"] == "open" and case["vouched"] is False
    assert case["sightings_confirmed"] == 0 and case["sightings_open"] is None and case["notices"] == {}
    assert case["contacts"]
    for noun in ("sightings", "notices", "receipts"):
        assert (await person.get(f"/cases/{person.case_id}/{noun}"))[noun] == []


async def test_advocate_sees_an_unvouched_case_only_as_waiting(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.person()
    sighting = await world.sighting(person)
    assert (await advocate.get("/cases"))["cases"] == []
    (group,) = (await advocate.get("/pool"))["groups"]
    (waiting,) = group["cases"]
    assert waiting == {
        "case_id": None,
        "ends_with": person.case_id[-4:],
        "waiting_hours": 0,
        "language": "en",
        "in_hand": False,
    }
    seen = await advocate.get(f"/cases/{person.case_id}")
    assert set(seen) == {
        "case_id",
        "state",
        "language",
        "opened_at",
        "vouched",
        "vouch_due_at",
        "ends_at",
        "erase_at",
        "nobody_vouched",
        "any_centre",
        "in_hand",
        "in_hand_until",
        "paused",
    }
    for method, path, body in CONTENT:
        assert await advocate.refused(method, f"/cases/{person.case_id}{path}", body) == (409, "not-vouched"), path
    assert await advocate.refused("GET", f"/cases/{person.case_id}/ledger") == (409, "not-vouched")
    assert (await advocate.get("/sightings"))["total"] == 0
    for method, path, body in FOR_ADVOCATES[2:8]:
        assert await advocate.refused(method, path.format(sighting=sighting), body) == (404, "not-found"), path


async def test_somebody_elses_case_is_not_there(world: ApiWorld) -> None:
    advocate = await world.advocate()
    owner, stranger = await world.vouched(advocate), await world.vouched(advocate)
    for method, path, body in ONLY_OWNERS:
        assert await stranger.refused(method, f"/cases/{owner.case_id}{path}", body) == (404, "not-found"), path
        assert await world.nobody().refused(method, f"/cases/{owner.case_id}{path}", body) == (401, "not-logged-in")


async def test_case_of_another_organisation_is_not_there(world: ApiWorld) -> None:
    advocate, other = await world.advocate(), await world.advocate("second", "Centre B")
    person = await world.vouched(advocate)
    sighting, notice = await confirmed(world, advocate, person)
    for method, path, body in (*ONLY_OWNERS[:-1], ("POST", "/vouch", None), ("GET", "/ledger", None)):
        assert await other.refused(method, f"/cases/{person.case_id}{path}", body) == (404, "not-found"), path
    for method, path, body in FOR_ADVOCATES:
        if "{sighting}" in path or "{notice}" in path:
            where = path.format(sighting=sighting, notice=notice, case=person.case_id)
            assert await other.refused(method, where, body) == (404, "not-found"), path
    assert await other.refused("GET", f"/notices/{notice}") == (404, "not-found")
    for noun in ("cases", "sightings", "notices"):
        assert (await other.get(f"/{noun}"))["total"] == 0
    summary = await other.get("/operations/summary")
    assert summary["sightings"] == summary["confirmed"] == summary["posts_seen"] == 0 and summary["sources"] == []


async def test_person_sees_only_confirmed_and_released_copies(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    await world.sighting(person, post_id="1")
    dismissed = await world.sighting(person, post_id="2")
    await advocate.post(f"/sightings/{dismissed}/dismiss", {"reason": "harmless"})
    kept = await world.sighting(person, post_id="3")
    hidden = await advocate.confirm(kept, {"basis": "caption-context", "release": False})
    shown = await world.sighting(person, post_id="4")
    notice = await advocate.confirm(shown, {"basis": "caption-context"})

    mine = await person.get(f"/cases/{person.case_id}/sightings")
    assert [(one["sighting_id"], one["url"]) for one in mine["sightings"]] == [(shown, "https://t.me/examplechannel/4")]
    assert mine["total"] == 1 and "caption" not in mine["sightings"][0]
    notices = (await person.get(f"/cases/{person.case_id}/notices"))["notices"]
    assert [one["notice_id"] for one in notices] == [notice["notices"][0]["notice_id"]]
    assert (await person.get(f"/notices/{notices[0]['notice_id']}"))["content"]["body"]
    assert await person.refused("GET", f"/notices/{hidden['notices'][0]['notice_id']}") == (404, "not-found")
    assert (await person.get(f"/cases/{person.case_id}"))["sightings_confirmed"] == 1
    assert (await advocate.get(f"/cases/{person.case_id}/sightings"))["total"] == 4
    registered = (await person.get(f"/cases/{person.case_id}/fingerprints"))["fingerprints"]
    assert registered == []  # those of confirmed posts would tell of copies that were not released


async def test_persons_have_no_door_to_the_advocates_part(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    sighting, notice = await confirmed(world, advocate, person)
    for method, path, body in FOR_ADVOCATES:
        where = path.format(sighting=sighting, notice=notice, case=person.case_id)
        assert await person.refused(method, where, body) == (403, "advocates-only"), path
        assert await world.nobody().refused(method, where, body) == (401, "not-logged-in"), path


OPERATORS = ("/account", "/colleagues")
"""What an operator's account reaches below /api: of accounts everything, of cases nothing."""


async def test_an_operator_has_no_door_to_cases(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    operator = await world.operator()
    person = await world.vouched(advocate)
    sighting, notice = await confirmed(world, advocate, person)
    ids = {"sighting": sighting, "notice": notice, "case": person.case_id}
    for method, path, body in (*FOR_ADVOCATES, *((m, "/cases/{case}" + p, b) for m, p, b in ONLY_OWNERS)):
        if not path.startswith(OPERATORS):
            assert await operator.refused(method, path.format(**ids), body) == (403, "no-case-content"), path
    assert {one["login"] for one in (await operator.get("/colleagues"))["colleagues"]} == {"first", "keeper"}


async def test_erased_case_hides_its_content_at_once_and_the_person_can_call_it_off(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    _, notice = await confirmed(world, advocate, person)
    asked = await person.post(f"/cases/{person.case_id}/erasure", {"passphrase": person.passphrase})
    assert asked["state"] == "erasing" and asked["erase_at"]
    for who in (person, advocate):
        for method, path, body in CONTENT:
            assert await who.refused(method, f"/cases/{person.case_id}{path}", body) == (409, "case-closed"), path
        assert (await who.get(f"/cases/{person.case_id}"))["state"] == "erasing"
        assert await who.refused("GET", f"/notices/{notice}") == (404, "not-found")
    assert (await advocate.get("/sightings"))["total"] == 0
    assert [alert["kind"] for alert in (await advocate.get("/operations/alerts"))["alerts"]] == ["case-erasing"]
    assert await advocate.refused("DELETE", f"/cases/{person.case_id}/erasure") == (403, "only-the-person")
    assert (await person.delete(f"/cases/{person.case_id}/erasure")) == {"state": "vouched", "erase_at": None}
    assert (await advocate.get("/sightings"))["total"] == 1


@pytest.mark.parametrize("way", ["vouch", "code"])
async def test_vouching_opens_the_content_to_the_organisation(sqlite_world: ApiWorld, way: str) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    person = await world.vouched(advocate) if way == "code" else await world.person()
    if way == "vouch":
        assert (await advocate.post(f"/cases/{person.case_id}/vouch"))["vouched"] is True
        assert await advocate.refused("POST", f"/cases/{person.case_id}/vouch") == (409, "case-state")
    assert (await advocate.get(f"/cases/{person.case_id}/intake"))["signature"] == INTAKE["signature"]
    entries = (await advocate.get(f"/cases/{person.case_id}/ledger"))["entries"]
    assert [entry["seq"] for entry in entries] == [1, 2, 3, 4]
    assert {entry["kind"] for entry in entries} == {"case-opened", "case-vouched", "intake-changed", "intake-read"}
