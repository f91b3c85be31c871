"""Nothing confirmed stands still: every confirmed copy is in one list, somebody is told, and a person can act on it."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, update

from api.pages.forms import form_token
from db.models.copies import CopyClosing, Filing
from db.models.notices import Notice
from db.models.platform_side import PlatformAnswer
from db.models.sightings import Sighting
from db.models.sources import Alert, Source
from monitor.actions.copies import tell_standing
from monitor.cases.erasure import destroy_key, due_erasures, erase
from monitor.core.errors import KeyDestroyed
from monitor.jobs.escalate import Escalator
from monitor.jobs.reminders import remind
from monitor.model.copies import Closing
from monitor.model.notice_states import NoticeState
from monitor.model.records.filing import FilingRecord
from monitor.platforms.base import PlatformName
from tests.support.api_world import INTAKE, PDQ, ApiWorld, Caller
from tests.support.databases import on_sqlite

KOREAN_FIRST = ["kr_commission", "kr_d4u", "kr_police", "ftc_complaint"]
"""What follows the American way for somebody in Korea."""


async def confirmed(world: ApiWorld, advocate: Caller, person: Caller, post_id: str, *routes: str) -> str:
    sighting = await world.sighting(person, post_id=post_id)
    await advocate.confirm(sighting, {"basis": "caption-context", "routes": list(routes)})
    return sighting


async def notice_of(world: ApiWorld, sighting: str) -> Notice:
    async with world.services.database.read() as session:
        return (await session.scalars(select(Notice).where(Notice.sighting_id == sighting))).one()


async def force(world: ApiWorld, sighting: str, state: NoticeState, **values: Any) -> None:
    async with world.services.database.begin() as session:
        await session.execute(update(Notice).where(Notice.sighting_id == sighting).values(state=state, **values))


async def lapsed(world: ApiWorld, advocate: Caller, person: Caller, post_id: str, route: str = "us_tida") -> str:
    """A copy whose notice by `route` led to nothing: the next step is prepared as the job prepares it."""
    sighting = await confirmed(world, advocate, person, post_id, "us_tida")
    now = world.clock.now()
    sent = {"route": route, "sent_at": now - timedelta(hours=49), "deadline_at": now - timedelta(hours=1)}
    await force(world, sighting, NoticeState.SENT, **sent)
    await Escalator(world.services.database, world.context).escalate((await notice_of(world, sighting)).id)
    return sighting


async def alerts(world: ApiWorld, kind: str) -> list[Alert]:
    async with world.services.database.read() as session:
        query = select(Alert).where(Alert.kind == kind, Alert.resolved_at.is_(None)).order_by(Alert.subject)
        return list((await session.scalars(query)).all())


async def sweep(world: ApiWorld) -> None:
    await tell_standing(world.services.database, world.context)


async def listed(advocate: Caller, state: str | None = None) -> dict[str, Any]:
    asked = "" if state is None else f"?state={state}"
    return {one["sighting_id"]: one for one in (await advocate.get(f"/copies{asked}"))["copies"]}


async def test_29_confirmed_copies_without_a_notice_are_all_in_a_list_with_what_to_do(world: ApiWorld) -> None:
    advocate = await world.advocate()
    adult = await world.vouched(advocate, intake={"permission_to_send": False})
    child = await world.vouched(advocate, intake={"age_group": "minor"})
    for_adult = [await confirmed(world, advocate, adult, str(number)) for number in range(14)]
    for_child = [await confirmed(world, advocate, child, str(number)) for number in range(15)]
    told = await advocate.get("/copies")
    assert told["total"] == 29 and told["counts"] == {
        **dict.fromkeys(told["counts"], 0),
        "not-allowed": 14,
        "ready": 15,
    }
    stand = {one["sighting_id"]: one for one in told["copies"]}
    assert stand.keys() == {*for_adult, *for_child}
    assert {(one["why"], one["mover"]) for name, one in stand.items() if name in for_adult} == {
        ("no-permission-to-send", "person")
    }
    assert {(one["why"], one["mover"]) for name, one in stand.items() if name in for_child} == {
        ("minors-routes", "advocate")
    }
    # Minors' stand at the top of their list, and each page of the console shows what to do, in both languages.
    for language, words in (("en", "Everything is prepared"), ("ko", "모두 준비돼 있어요")):
        answer = await page(advocate, f"/advocate/copies?state=ready&lang={language}")
        assert answer.count("<article") == 15 and answer.count(words) == 15
    assert (await page(advocate, "/advocate/copies?lang=en")).count("<article") == 29


@on_sqlite
async def test_where_no_step_follows_a_lapse_nobody_is_told_that_one_is_prepared(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    await lapsed(world, advocate, person, "1")
    sighting = await confirmed(world, advocate, person, "2", "us_tida")
    now = world.clock.now()
    sent = {"sent_at": now - timedelta(hours=49), "deadline_at": now - timedelta(hours=1), "route": "x_dmca"}
    await force(world, sighting, NoticeState.SENT, **sent)
    async with world.services.database.begin() as session:
        await session.execute(update(Source).values(platform="x"))
    notice = (await notice_of(world, sighting)).id
    await Escalator(world.services.database, world.context).escalate(notice)
    assert {one.reason for one in await alerts(world, "deadline-lapsed")} == {"next-step-prepared", "nothing-follows"}
    for lang, words in (("en", "Nothing more follows by itself."), ("ko", "저절로 이어지는 것은 없어요.")):
        shown = await page(advocate, f"/advocate/alerts?lang={lang}")
        assert shown.count(words) == 1 and words in await page(advocate, f"/advocate/notices/{notice}?lang={lang}")


async def page(advocate: Caller, path: str) -> str:
    answer = await advocate.http.get(path, headers={"cookie": f"__Host-jikimi_login={advocate.token}"})
    assert answer.status_code == 200, answer.text
    return answer.text


async def send(advocate: Caller, path: str, **values: Any) -> str:
    """A form of the console; where it leads."""
    assert advocate.token is not None
    headers = {"cookie": f"__Host-jikimi_login={advocate.token}"}
    data = {"token": form_token(advocate.token), **values}
    answer = await advocate.http.post(path, headers=headers, data=data)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


@on_sqlite
async def test_each_state_has_its_list_and_each_copy_is_in_one(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    now = world.clock.now()
    soon = {"sent_at": now, "deadline_at": now + timedelta(days=2)}
    expected = {
        await confirmed(world, advocate, person, "1"): "ready",
        await lapsed(world, advocate, person, "2"): "overdue",
        await confirmed(world, advocate, person, "3", "us_tida"): "sent",  # queued
    }
    for post_id, state, values, fits in (
        ("4", NoticeState.SENT, soon, "sent"),
        ("5", NoticeState.IN_DOUBT, {}, "in-doubt"),
        ("6", NoticeState.FAILED, {"reason": "bounced-5.1.1"}, "in-doubt"),
        ("7", NoticeState.PREPARED, {"route": "x_tida"}, "waiting"),
        ("8", NoticeState.HELD, {"reason": "waiting-for-police"}, "not-allowed"),
    ):
        sighting = await confirmed(world, advocate, person, post_id, "us_tida")
        await force(world, sighting, state, **values)
        expected[sighting] = fits
    escalated = await lapsed(world, advocate, person, "9")
    await advocate.post(f"/copies/{escalated}/filings", {"step": "ftc_complaint"})
    closed = await confirmed(world, advocate, person, "10")
    await advocate.post(f"/copies/{closed}/close", {"reason": "handed-over"})
    gone = await confirmed(world, advocate, person, "11")
    async with world.services.database.begin() as session:
        await session.execute(update(Sighting).where(Sighting.id == gone).values(removed_at=now))
    expected |= {escalated: "escalated", closed: "closed", gone: "removed"}
    counts = (await advocate.get("/copies"))["counts"]
    assert counts == {**dict.fromkeys(counts, 0), **Counter(expected.values())}
    for state in counts:
        assert (await listed(advocate, state)).keys() == {name for name, fits in expected.items() if fits == state}
    leaving = await world.vouched(advocate)
    hidden = await confirmed(world, advocate, leaving, "12")
    await leaving.post(f"/cases/{leaving.case_id}/erasure", {"passphrase": leaving.passphrase})
    erasing = await listed(advocate, "erasing")
    assert erasing.keys() == {hidden}
    # Of a case that is being erased nothing but its number is shown.
    assert [erasing[hidden][name] for name in ("platform", "source", "post_id", "kind")] == [None] * 4
    assert "examplechannel" not in await page(advocate, "/advocate/copies?state=erasing&lang=en")


@on_sqlite
async def test_a_copy_that_can_be_sent_is_ready_whatever_the_route_asks_of_the_centre(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate, intake={"country": "US"})
    sighting = await world.sighting(person, platform=PlatformName.X, source="exampleaccount", post_id="11")
    decided = {"basis": "caption-context", "kind": "ordinary", "posted_with": ["name"], "routes": []}
    await advocate.call("POST", f"/sightings/{sighting}/confirm", decided)
    offers = (await advocate.get(f"/sightings/{sighting}/routes"))["offers"]
    assert "x_doxxing" in [one["route"] for one in offers if one["allowed"]]
    one = (await listed(advocate))[sighting]
    assert (one["state"], one["why"], one["mover"]) == ("ready", "route-free", "advocate")
    assert (await advocate.call("POST", f"/sightings/{sighting}/notices", {"routes": ["x_doxxing"]})).status_code == 200


async def test_a_copy_on_a_page_named_as_the_persons_own_waits_for_nobody(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    sighting = await confirmed(world, advocate, person, "21")
    assert (await listed(advocate))[sighting]["why"] == "route-free"
    own = {"platform": "telegram", "source": "@examplechannel"}
    await person.post(f"/cases/{person.case_id}/own-pages", own)
    assert await listed(advocate) == {}
    one = (await listed(advocate, "closed"))[sighting]
    assert (one["why"], one["mover"]) == ("own-page", "person")
    world.clock.move(hours=30)
    await sweep(world)
    assert await alerts(world, "copies-stand") == []


async def test_a_case_on_hold_is_in_a_list_and_shows_no_place(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    sighting = await confirmed(world, advocate, person, "1", "us_tida")
    await advocate.put(f"/cases/{person.case_id}/freeze", {"reason": "a doubt", "speak_to": "the desk"})
    told = (await listed(advocate))[sighting]
    assert (told["state"], told["why"], told["mover"]) == ("not-allowed", "case-frozen", "lead")
    assert told["source"] is None and told["notice_id"] is None
    assert await advocate.refused("GET", f"/copies/{sighting}") == (404, "not-found")


@on_sqlite
async def test_another_organisation_sees_none_of_it(world: ApiWorld) -> None:
    advocate = await world.advocate()
    sighting = await confirmed(world, advocate, await world.vouched(advocate), "1")
    other = await world.advocate("second", "Centre B")
    assert (await other.get("/copies"))["total"] == 0
    for method, path, body in (
        ("GET", f"/copies/{sighting}", None),
        ("POST", f"/copies/{sighting}/filings", {"step": "ftc_complaint"}),
        ("POST", f"/copies/{sighting}/close", {"reason": "handed-over"}),
        ("POST", f"/copies/{sighting}/reopen", None),
    ):
        assert await other.refused(method, path, body) == (404, "not-found")


@on_sqlite
async def test_the_list_takes_as_many_questions_for_many_copies_as_for_one(world: ApiWorld) -> None:
    advocate = await world.advocate()
    people = [await world.vouched(advocate) for _ in range(3)]

    async def asked() -> int:
        seen: list[str] = []
        engine = world.services.database.engine.sync_engine
        event.listen(engine, "before_cursor_execute", note := lambda *told: seen.append(told[2]))
        await page(advocate, "/advocate/copies?lang=en")
        event.remove(engine, "before_cursor_execute", note)
        return len(seen)

    await confirmed(world, advocate, people[0], "1", "us_tida")
    few = await asked()
    for number, person in enumerate(people):
        for post_id in range(10, 14):
            await confirmed(world, advocate, person, f"{post_id}{number}", "us_tida")
    assert await asked() == few


@on_sqlite
async def test_pages_of_a_list_follow_each_other(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    for number in range(32):
        await confirmed(world, advocate, person, str(number))
    first = await page(advocate, "/advocate/copies?lang=en")
    second = await page(advocate, "/advocate/copies?state=bad&from=30&lang=en")
    assert (first.count("<article"), second.count("<article")) == (30, 2)
    assert "from=30" in first and "from=0" in second
    one = await advocate.get("/copies?limit=20")
    two = await advocate.get("/copies?limit=20&offset=20")
    assert len({copy["sighting_id"] for copy in one["copies"] + two["copies"]}) == 32


@on_sqlite
async def test_copies_that_stand_still_raise_one_alert_a_state_which_ends_with_the_last_of_them(
    world: ApiWorld,
) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    adults = [await confirmed(world, advocate, person, post_id) for post_id in ("1", "2")]
    await sweep(world)
    assert await alerts(world, "copies-stand") == []  # an advocate has a day
    world.clock.move(hours=25)
    await sweep(world)
    (raised,) = await alerts(world, "copies-stand")
    assert raised.reason == "ready"
    told = [one for one in (await advocate.get("/operations/alerts"))["alerts"] if one["kind"] == "copies-stand"]
    assert [one["reason"] for one in told] == ["ready"]
    shown = await page(advocate, "/advocate/alerts?lang=en")
    assert "Confirmed copies stand still" in shown and "/advocate/copies?state=ready" in shown
    other = await world.advocate("second", "Centre B")
    assert (await other.get("/operations/alerts"))["alerts"] == []
    await advocate.post(f"/copies/{adults[0]}/close", {"reason": "handed-over"})
    await sweep(world)
    assert len(await alerts(world, "copies-stand")) == 1
    await advocate.post(f"/copies/{adults[1]}/close", {"reason": "handed-over"})
    await sweep(world)
    assert await alerts(world, "copies-stand") == []
    child = await world.vouched(advocate, intake={"age_group": "unsure"})
    await confirmed(world, advocate, child, "3")
    await sweep(world)
    assert [one.reason for one in await alerts(world, "copies-stand")] == ["ready"]  # a minor's at once


@on_sqlite
async def test_permission_given_later_makes_the_notices_ready_and_says_so(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate, intake={"permission_to_send": False})
    sighting = await confirmed(world, advocate, person, "1", "us_tida")
    assert (await listed(advocate))[sighting]["state"] == "not-allowed"
    kept = await person.put(f"/cases/{person.case_id}/intake", INTAKE)
    assert kept["notices_prepared"] == 2  # see test_permission_later.py
    (raised,) = await alerts(world, "copies-ready")
    assert (raised.subject, raised.caused_by) == (person.case_id, "person")
    shown = await page(advocate, "/advocate/alerts?lang=ko")
    assert "신고 2건이 준비되었고" in shown
    assert (
        "전에는 보낼 수 없던 신고를 이제 보낼 수 있어요" in shown and f"/advocate/copies?case={person.case_id}" in shown
    )
    assert (await page(advocate, f"/advocate/copies?case={person.case_id}&lang=ko")).count("<article") == 1
    other = await confirmed(world, advocate, await world.vouched(advocate), "2")
    assert other not in {
        one["sighting_id"] for one in (await advocate.get(f"/copies?case_id={person.case_id}"))["copies"]
    }
    # Told once, and nothing was sent by it: the advocate sends.
    await person.put(f"/cases/{person.case_id}/intake", {**INTAKE, "contact": "other@example.org"})
    assert len(await alerts(world, "copies-ready")) == 1
    assert await world.enqueued() == []
    await advocate.send_all(await advocate.get("/notices?state=prepared"))
    await sweep(world)
    assert await alerts(world, "copies-ready") == []


@on_sqlite
async def test_an_age_changed_to_adult_is_told_as_well(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate, intake={"age_group": "unsure"})
    sighting = await confirmed(world, advocate, person, "1")
    assert (await listed(advocate))[sighting]["minor"]
    await person.put(f"/cases/{person.case_id}/intake", INTAKE)
    told = (await listed(advocate))[sighting]
    assert (told["state"], told["minor"], told["why"]) == ("ready", False, "notice-written")
    assert len(await alerts(world, "copies-ready")) == 1


@on_sqlite
async def test_the_age_of_one_picture_told_as_an_adults_is_told_for_its_copies(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    picture = {"pdq": PDQ, "quality": 90, "kind": "intimate", "age_group": "minor"}
    made = await person.post(f"/cases/{person.case_id}/fingerprints", picture)
    sighting = await world.sighting(person, post_id="1")
    values = {"fingerprint_id": made["fingerprint_id"], "age_group": "minor"}
    async with world.services.database.begin() as session:
        await session.execute(update(Sighting).where(Sighting.id == sighting).values(**values))
    await advocate.post(f"/sightings/{sighting}/confirm", {"basis": "caption-context", "routes": []})
    assert (await listed(advocate))[sighting]["minor"]
    path = f"/cases/{person.case_id}/fingerprints/{made['fingerprint_id']}/age"
    await person.put(path, {"age_group": "adult"})
    told = (await listed(advocate))[sighting]
    assert (told["minor"], told["why"]) == (False, "notice-written")
    assert len(await alerts(world, "copies-ready")) == 1


@on_sqlite
async def test_a_wait_for_the_police_that_is_lifted_is_told(world: ApiWorld) -> None:
    advocate = await world.advocate()
    waiting = {"timing": "wait-for-police"}
    person = await world.vouched(advocate, intake=waiting)
    sighting = await confirmed(world, advocate, person, "1")
    assert (await listed(advocate))[sighting]["why"] == "waiting-for-police"
    await person.put(f"/cases/{person.case_id}/intake", INTAKE)
    assert (await listed(advocate))[sighting]["state"] == "ready"
    assert len(await alerts(world, "copies-ready")) == 1


@on_sqlite
async def test_on_a_lapsed_copy_the_next_step_is_filed_with_its_reference_and_its_own_clock(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    sighting = await lapsed(world, advocate, person, "1")
    assert [one.kind for one in await alerts(world, "deadline-lapsed")] == ["deadline-lapsed"]
    whole = await advocate.get(f"/copies/{sighting}")
    assert whole["copy"]["state"] == "overdue" and [one["step"] for one in whole["steps"]] == KOREAN_FIRST
    assert "t.me/examplechannel/1" in whole["steps"][0]["body"]
    shown = await page(advocate, f"/advocate/copies/{sighting}?lang=en")
    assert "TakeItDown.ftc.gov" in shown and "I filed it" in shown
    where = await send(
        advocate, f"/advocate/copies/{sighting}/filed", step="ftc_complaint", reference="#FTC-77 12", note="by phone"
    )
    assert where == f"/advocate/copies/{sighting}?done=filed"
    told = await advocate.get(f"/copies/{sighting}")
    (filing,) = told["filings"]
    assert (filing["reference"], filing["note"], filing["number"]) == ("FTC-77 12", "by phone", 1)
    assert filing["deadline_at"] and told["copy"]["next_at"] == filing["deadline_at"]
    assert told["copy"]["state"] == "escalated" and await alerts(world, "deadline-lapsed") == []
    # Sealed: neither words nor reference stand in the row as they are.
    async with world.services.database.read() as session:
        row = (await session.scalars(select(Filing))).one()
    assert b"FTC-77" not in row.content
    assert world.context.open_record(FilingRecord, row.case_id, row.id, row.content).reference == "FTC-77 12"
    ledger = await advocate.get(f"/cases/{person.case_id}/ledger")
    assert ledger["entries"][-1]["kind"] in ("step-filed", "notice-read", "contacts-read")
    world.clock.move(days=8)
    assert (await listed(advocate))[sighting]["why"] == "filing-unanswered"


@on_sqlite
async def test_an_answer_is_recorded_and_what_follows_is_said(world: ApiWorld) -> None:
    advocate = await world.advocate()
    sighting = await lapsed(world, advocate, await world.vouched(advocate), "1")
    whole = await advocate.post(f"/copies/{sighting}/filings", {"step": "ftc_complaint"})
    filing = whole["filings"][0]["filing_id"]
    for answer, state, why in (
        ("acknowledged", "escalated", "filed"),
        ("need-more", "waiting", "need-more"),
        ("refused", "waiting", "refused"),
        ("removed", "escalated", "said-removed"),
    ):
        told = await advocate.post(
            f"/copies/{sighting}/filings/{filing}/answer", {"answer": answer, "text": "their words"}
        )
        assert (told["copy"]["state"], told["copy"]["why"]) == (state, why)
        assert told["filings"][0]["answer_text"] == "their words"
    place = f"/advocate/copies/{sighting}"
    assert await send(advocate, f"{place}/answer", filing=filing, answer="blocked") == f"{place}?done=answer-recorded"
    assert (await listed(advocate))[sighting]["why"] == "blocked"
    assert "problem=choose-answer" in await send(advocate, f"{place}/answer", filing=filing, answer="")
    again = await advocate.post(f"/copies/{sighting}/filings", {"step": "ftc_complaint", "reference": "A-2"})
    assert [one["number"] for one in again["filings"]] == [1, 2] and again["copy"]["state"] == "escalated"
    # Recorded by mistake: the copy stands as before it.
    second = again["filings"][1]["filing_id"]
    assert await send(advocate, f"{place}/forget", filing=second) == f"{place}?done=filing-taken-back"
    assert (await listed(advocate))[sighting]["why"] == "blocked"


@on_sqlite
async def test_filing_refuses_what_cannot_be(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    sighting = await lapsed(world, advocate, person, "1")
    path = f"/copies/{sighting}/filings"
    step = {"step": "ftc_complaint"}
    assert await advocate.refused("POST", path, {"step": "uk_ofcom"}) == (422, "step-unknown")
    assert await advocate.refused("POST", path, {**step, "reference": "https://t.me/a/1"}) == (422, "reference-invalid")
    late, early = {"filed_at": "2999-01-01T00:00:00Z"}, {"filed_at": "2020-01-01T00:00:00Z"}
    assert await advocate.refused("POST", path, {**step, **late}) == (422, "submitted-in-future")
    assert await advocate.refused("POST", path, {**step, **early}) == (422, "filed-too-early")
    filing = (await advocate.post(path, step))["filings"][0]["filing_id"]
    answer = {"answer": "refused", "answered_at": "2020-01-01T00:00:00Z"}
    assert await advocate.refused("POST", f"{path}/{filing}/answer", answer) == (422, "answered-too-early")
    other = await lapsed(world, advocate, person, "2")
    assert await advocate.refused("DELETE", f"/copies/{other}/filings/{filing}") == (404, "not-found")
    opened = await world.sighting(person, post_id="3")
    assert await advocate.refused("POST", f"/copies/{opened}/filings", step) == (409, "not-confirmed")
    await advocate.post(f"/copies/{sighting}/close", {"reason": "refused-for-good"})
    assert await advocate.refused("POST", path, step) == (409, "copy-closed")


@on_sqlite
@pytest.mark.parametrize("how", ["gone", "closed"])
async def test_police_must_still_be_told_of_a_minors_copy_that_is_gone_or_closed(world: ApiWorld, how: str) -> None:
    advocate = await world.advocate()
    child = await world.vouched(advocate, intake={"age_group": "minor"})
    sighting = await confirmed(world, advocate, child, "1")
    world.clock.move(hours=1)
    if how == "gone":
        async with world.services.database.begin() as session:
            gone = update(Sighting).where(Sighting.id == sighting).values(removed_at=world.clock.now())
            await session.execute(gone)
    else:
        await advocate.post(f"/copies/{sighting}/close", {"reason": "person-wants-no-more"})
    place = f"/advocate/copies/{sighting}"
    assert "The police must still be told" in (shown := await page(advocate, f"{place}?lang=en"))
    assert 'name="step" value="kr_police"' in shown and 'name="step" value="kr_d4u"' not in shown
    told = (await listed(advocate))[sighting]
    assert (told["state"], told["why"], told["next_at"] is not None) == ("waiting", "duty-still-open", True)
    assert (await advocate.get("/copies"))["counts"]["removed"] == 0
    assert [(one["kind"], one["sighting_id"]) for one in (await advocate.get("/clocks"))["clocks"]] == [
        ("duty", sighting)
    ]
    assert place in await page(advocate, "/advocate/clocks")
    for hours, due in ((16, []), (2, ["duty-near"]), (6, ["duty-over"])):
        world.clock.move(hours=hours)
        for _ in range(2):
            await remind(world.services.database, world.context)
        raised = [one for kind in ("duty-near", "duty-over") for one in await alerts(world, kind)]
        assert [(one.kind, one.subject) for one in raised] == [(kind, sighting) for kind in due]
    told = (await listed(advocate))[sighting]
    assert (told["state"], told["why"]) == ("overdue", "duty-to-report")
    await advocate.post(f"/copies/{sighting}/filings", {"step": "kr_police", "reference": "P-1"})
    assert await alerts(world, "duty-over") == [] and await listed(advocate) == {}
    assert (await advocate.get(f"/copies/{sighting}"))["copy"]["state"] == {"gone": "removed"}.get(how, how)
    assert (await advocate.get("/copies"))["counts"]["removed"] == (how == "gone")
    assert (await advocate.get("/clocks"))["clocks"] == []
    assert "must still be told" not in await page(advocate, f"{place}?lang=en")


@on_sqlite
async def test_what_was_filed_before_a_copy_was_gone_can_still_be_written_down(world: ApiWorld) -> None:
    advocate = await world.advocate()
    sighting = await lapsed(world, advocate, await world.vouched(advocate), "1")
    filed_at = world.clock.now()
    world.clock.move(hours=3)
    async with world.services.database.begin() as session:
        gone = update(Sighting).where(Sighting.id == sighting).values(removed_at=world.clock.now())
        await session.execute(gone)
    world.clock.move(hours=1)
    place, path = f"/advocate/copies/{sighting}", f"/copies/{sighting}/filings"
    assert 'id="late-at"' in await page(advocate, f"{place}?lang=en")
    for late in ({}, {"filed_at": world.clock.now().isoformat()}):
        assert await advocate.refused("POST", path, {"step": "ftc_complaint", **late}) == (409, "copy-gone")
    told = {"step": "ftc_complaint", "zone": "UTC", "reference": "A-1"}
    assert "problem=copy-gone" in await send(advocate, f"{place}/filed", **told, filed_at="")
    written = await send(advocate, f"{place}/filed", **told, filed_at=f"{filed_at:%Y-%m-%dT%H:%M}")
    assert written == f"{place}?done=filed"
    whole = await advocate.get(f"/copies/{sighting}")
    assert [one["reference"] for one in whole["filings"]] == ["A-1"] and whole["copy"]["state"] == "removed"
    world.clock.move(days=8)
    assert sighting not in await listed(advocate), "no clock runs for what is gone"


@on_sqlite
async def test_of_a_copy_that_nobody_can_see_the_next_step_is_prepared_on_a_persons_word(world: ApiWorld) -> None:
    advocate = await world.advocate()
    sighting = await confirmed(world, advocate, await world.vouched(advocate), "1", "us_tida")
    now = world.clock.now()
    past = {"sent_at": now - timedelta(hours=50), "deadline_at": now - timedelta(hours=2)}
    await force(world, sighting, NoticeState.SENT, reason="unverifiable-at-deadline", **past)
    assert (await listed(advocate))[sighting]["why"] == "unverifiable-at-deadline"
    notice = (await notice_of(world, sighting)).id
    place = f"/advocate/copies/{sighting}"
    assert "Prepare the next step" in await page(advocate, f"{place}?lang=en")
    assert await send(advocate, f"{place}/next-steps", notice=notice) == f"{place}?done=steps-prepared"
    told = await advocate.get(f"/copies/{sighting}")
    assert [one["step"] for one in told["steps"]] == KOREAN_FIRST and told["copy"]["why"] == "lapsed"
    assert await alerts(world, "deadline-lapsed") == []  # who asked has it before them
    again = {"notice_id": notice}
    assert await advocate.refused("POST", f"/copies/{sighting}/next-steps", again) == (409, "notice-state")


@on_sqlite
async def test_a_copy_that_its_recipient_refused_waits_for_the_next_step(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    sighting = await confirmed(world, advocate, person, "1", "us_tida")
    now = world.clock.now()
    await force(world, sighting, NoticeState.SENT, sent_at=now, deadline_at=now + timedelta(days=2))
    notice = (await notice_of(world, sighting)).id
    async with world.services.database.begin() as session:
        for kind, minutes in (("acknowledged", 1), ("refused", 2)):
            at = now + timedelta(minutes=minutes)
            session.add(PlatformAnswer(case_id=person.case_id, notice_id=notice, kind=kind, by="link", at=at))
    told = (await listed(advocate))[sighting]
    assert (told["state"], told["why"], told["notice_id"]) == ("waiting", "refused", notice)
    whole = await advocate.post(f"/copies/{sighting}/next-steps", {"notice_id": notice})
    assert [one["step"] for one in whole["steps"]] == KOREAN_FIRST
    assert [one["step"] for one in (await advocate.get(f"/notices/{notice}"))["escalations"]] == KOREAN_FIRST
    world.clock.move(minutes=5)
    whole = await advocate.post(f"/copies/{sighting}/filings", {"step": "ftc_complaint"})
    assert whole["copy"]["state"] == "escalated"


@on_sqlite
async def test_a_copy_is_closed_with_a_reason_and_opened_again_as_it_was(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    sighting = await confirmed(world, advocate, person, "1", "us_tida")
    place = f"/advocate/copies/{sighting}"
    assert "problem=choose-reason" in await send(advocate, f"{place}/close", reason="")
    assert await send(advocate, f"{place}/close", reason="person-wants-no-more") == f"{place}?done=copy-closed"
    told = (await listed(advocate, "closed"))[sighting]
    assert told["why"] == "person-wants-no-more"
    notice = await notice_of(world, sighting)
    assert (notice.state, notice.reason) == ("withdrawn", "copy-closed")
    assert await advocate.refused("POST", f"/copies/{sighting}/close", {"reason": "handed-over"}) == (
        409,
        "copy-closed",
    )
    assert await send(advocate, f"{place}/reopen") == f"{place}?done=copy-reopened"
    assert (await listed(advocate))[sighting]["state"] == "ready"
    # What had never left can be written anew.
    assert (await advocate.post(f"/sightings/{sighting}/notices", {"routes": ["us_tida"]}))["notices"]
    assert await advocate.refused("POST", f"/copies/{sighting}/reopen") == (409, "copy-not-closed")
    async with world.services.database.read() as session:
        assert (await session.scalars(select(CopyClosing))).all() == []
    kinds = [one["kind"] for one in (await advocate.get(f"/cases/{person.case_id}/ledger"))["entries"]]
    assert {"copy-closed", "copy-reopened"} <= set(kinds)


@on_sqlite
async def test_every_reason_to_close_can_be_chosen_and_has_words(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    for number, reason in enumerate(Closing):
        sighting = await confirmed(world, advocate, person, str(number))
        await advocate.post(f"/copies/{sighting}/close", {"reason": reason})
    for language in ("en", "ko"):
        shown = await page(advocate, f"/advocate/copies?state=closed&lang={language}")
        assert shown.count("<article") == len(Closing)
        assert not any(f"<p>{reason}</p>" in shown for reason in Closing)


@on_sqlite
async def test_what_was_filed_goes_with_the_case(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    sighting = await lapsed(world, advocate, person, "1")
    await advocate.post(f"/copies/{sighting}/filings", {"step": "ftc_complaint", "reference": "A-1"})
    await person.post(f"/cases/{person.case_id}/erasure", {"passphrase": person.passphrase})
    assert (await advocate.get("/copies"))["counts"]["erasing"] == 1
    world.clock.move(days=8)
    async with world.services.database.begin() as session:
        for case in await due_erasures(session, world.clock.now()):
            await erase(session, world.context, case)
    destroy_key(world.context, person.case_id)
    async with world.services.database.read() as session:
        row = (await session.scalars(select(Filing))).one()
    with pytest.raises(KeyDestroyed):
        world.context.open_record(FilingRecord, row.case_id, row.id, row.content)
    await sweep(world)
    assert set((await advocate.get("/copies"))["counts"].values()) == {0}
