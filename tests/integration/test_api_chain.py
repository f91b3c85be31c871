"""The chain through the API: watch, decide, notices and what people do about them."""

import asyncio
import json
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import update

from api.pages.forms import form_token
from db.locking import lock_one
from db.models.ledger import LedgerEntry
from db.models.notices import Escalation, Notice, RemovalReceipt
from db.models.sources import Inspection, Source
from db.queries.case_reading import begin_telling, served_by, tell_cases
from monitor.model.notice_states import NoticeState
from monitor.model.records.escalation import EscalationRecord
from monitor.model.records.receipts import RemovalRecord
from tests.support.api_world import INTAKE, PDQ, ApiWorld, Caller
from tests.support.databases import on_sqlite

_POSTS = count(100)


async def decided(world: ApiWorld, advocate: Caller, person: Caller, **body: Any) -> dict[str, Any]:
    """Confirm a new sighting of the person."""
    sighting = await world.sighting(person, post_id=str(next(_POSTS)))
    answer: dict[str, Any] = await advocate.confirm(sighting, {"basis": "caption-context", **body})
    return {**answer, "sighting": sighting}


async def force(world: ApiWorld, notice_id: str, **values: Any) -> None:
    """Bring a notice where the sender would have brought it."""
    async with world.services.database.begin() as session:
        await session.execute(update(Notice).where(Notice.id == notice_id).values(**values))


async def test_fingerprints_are_kept_without_ever_showing_a_hash(world: ApiWorld) -> None:
    person = await world.person()
    path, body = f"/cases/{person.case_id}/fingerprints", {"pdq": PDQ, "quality": 80, "kind": "intimate", "label": "a"}
    made = await person.post(path, body)
    again = await person.post(path, {**body, "pdq": PDQ.upper()})
    assert again["fingerprint_id"] == made["fingerprint_id"]
    answer = await person.call("GET", path)
    assert PDQ not in answer.text.lower() and len(answer.json()["fingerprints"]) == 1
    assert await person.refused("POST", path, {**body, "quality": 20}) == (422, "picture-too-plain")
    assert await person.refused("POST", path, {**body, "version": "pdq-9"}) == (422, "fingerprint-version")
    await person.delete(f"{path}/{made['fingerprint_id']}")
    assert (await person.get(path))["fingerprints"] == []
    assert await person.refused("DELETE", f"{path}/{made['fingerprint_id']}") == (404, "not-found")


@on_sqlite
async def test_links_say_what_becomes_of_them(world: ApiWorld) -> None:
    person = await world.person()
    path = f"/cases/{person.case_id}/links"
    public = await person.post(path, {"url": "https://t.me/somechannel/5", "kind": "intimate"})
    private = await person.post(path, {"url": "https://t.me/c/123456/7", "kind": "intimate"})
    other = await person.post(path, {"url": "https://example.org/a", "kind": "faked"})
    assert (public["state"], private["state"], other["state"]) == ("entered", "routed", "routed")
    assert (private["reason"], other["reason"]) == ("members-only", "other-site")
    assert [link["link_id"] for link in (await person.get(path))["links"]].count(public["link_id"]) == 1


async def test_consent_is_given_per_purpose_and_taken_back_with_its_unsent_notices(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    notice = (await decided(world, advocate, person))["notices"][0]
    path = f"/cases/{person.case_id}/consents"
    given = await person.post(
        path,
        {"platform": "telegram", "source": "https://t.me/ExampleChannel", "purposes": ["watch", "watch"], "days": 5},
    )
    assert [(one["purpose"], one["source"]) for one in given["consents"]] == [("watch", "examplechannel")]
    assert given["consents"][0]["live"] and given["consents"][0]["renewal"]
    assert await person.delete(f"{path}/{given['consents'][0]['consent_id']}") == {"stopped_notices": 1}
    assert (await advocate.get(f"/notices/{notice['notice_id']}"))["reason"] == "consent-withdrawn"
    watching = [one for one in (await person.get(path))["consents"] if one["purpose"] == "watch"]
    assert all(not one["live"] for one in watching) and len(watching) == 2
    assert await person.refused(
        "POST", path, {"platform": "x", "source": "https://t.me/somechannel", "purposes": ["watch"]}
    ) == (422, "source-unreadable")


async def test_confirmed_copy_becomes_a_notice_and_work_in_one_step(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    done = await decided(world, advocate, person)
    assert [(one["route"], one["state"]) for one in done["notices"]] == [("telegram_report", "queued")]
    notice = await advocate.get(f"/notices/{done['notices'][0]['notice_id']}")
    assert await world.enqueued() == [f"send-{notice['notice_id']}-1"]
    assert notice["content"]["body"] and notice["form"] is None and notice["receipt"] is None
    more = await advocate.post(
        f"/sightings/{done['sighting']}/notices", {"routes": ["us_tida", "telegram_report", "x_tida"]}
    )
    assert [one["route"] for one in more["notices"]] == ["us_tida"]
    assert {(one["route"], one["reason"]) for one in more["skipped"]} == {
        ("telegram_report", "already-written"),
        ("x_tida", "platform-mismatch"),
    }
    assert await advocate.refused("POST", f"/sightings/{done['sighting']}/confirm", {"basis": "caption-context"}) == (
        409,
        "already-decided",
    )
    await advocate.send_all(more)
    assert (await advocate.get("/notices?state=queued"))["total"] == 2
    first = (await advocate.get("/notices?limit=1"))["notices"]
    rest = (await advocate.get(f"/notices?after={first[0]['notice_id']}"))["notices"]
    assert len(rest) == 1 and rest[0]["notice_id"] != first[0]["notice_id"]
    assert (await advocate.get("/notices?offset=1"))["notices"] == rest


@on_sqlite
async def test_minors_and_ordinary_photos_make_no_adult_notice_but_say_why(world: ApiWorld) -> None:
    advocate = await world.advocate()
    unsure = await world.vouched(advocate, intake={"age_group": "unsure"})
    done = await decided(world, advocate, unsure)
    assert done["notices"] == [] and "minor-or-unsure" in {one["reason"] for one in done["skipped"]}
    offers = (await advocate.get(f"/sightings/{done['sighting']}/routes"))["offers"]
    assert not any(offer["allowed"] for offer in offers)
    assert any(offer["reason"] == "shown-only" and offer["explanation"] for offer in offers)
    adult = await world.vouched(advocate)
    done = await decided(world, advocate, adult, kind="ordinary")
    assert done["notices"] == [] and "ordinary-photo-alone" in {one["reason"] for one in done["skipped"]}
    assert await world.enqueued() == []


@on_sqlite
async def test_route_that_refuses_a_text_does_not_undo_the_decision(world: ApiWorld) -> None:
    advocate = await world.advocate()
    told = {"sender_role": "agent", "mandate_reference": "M-1", "good_faith_facts": "Typed Signature never agreed."}
    person = await world.vouched(advocate, intake=told)
    done = await decided(world, advocate, person, routes=["us_tida"])
    assert done["notices"] == []
    assert [(one["route"], one["reason"]) for one in done["skipped"]] == [("us_tida", "name-in-text")]
    assert (await world.row(done["sighting"])).state == "confirmed"


@on_sqlite
async def test_notices_wait_for_the_police_and_only_the_person_lifts_it(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    path = f"/cases/{person.case_id}/intake"
    waiting = {**INTAKE, "timing": "wait-for-police", "police_until": "2026-12-24"}
    queued = (await decided(world, advocate, person))["notices"][0]["notice_id"]
    assert (await person.put(path, waiting))["notices_held"] == 1
    written = (await decided(world, advocate, person))["notices"][0]
    assert written["state"] == "held"
    assert await advocate.refused("PUT", path, INTAKE) == (403, "only-the-person")
    await advocate.put(path, {**waiting, "police_until": "2027-01-01"})
    lifted = await person.put(path, INTAKE)
    assert lifted["notices_lifted"] == 2 and lifted["permission_to_send_at"]
    # Lifting the wait sends nothing by itself.
    assert (await advocate.get("/notices?state=prepared"))["total"] == 2
    for notice_id in (queued, written["notice_id"]):
        await advocate.send(notice_id)
    # The one that was queued before runs as a new attempt: the engine runs no task twice.
    assert set(await world.enqueued()) == {f"send-{queued}-1", f"send-{queued}-2", f"send-{written['notice_id']}-1"}


async def test_permission_taken_back_stops_what_has_not_left(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    notice = (await decided(world, advocate, person))["notices"][0]["notice_id"]
    kept = await person.get(f"/cases/{person.case_id}/intake")
    again = await person.put(f"/cases/{person.case_id}/intake", INTAKE)
    assert again["permission_to_send_at"] == kept["permission_to_send_at"]
    stopped = await person.put(f"/cases/{person.case_id}/intake", {**INTAKE, "permission_to_send": False})
    assert stopped["notices_stopped"] == 1 and stopped["permission_to_send_at"] is None
    assert (await advocate.get(f"/notices/{notice}"))["reason"] == "no-permission-to-send"


@on_sqlite
async def test_form_is_prepared_in_order_and_its_reference_recorded_once(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    sighting = await world.sighting(person)
    async with world.services.database.begin() as session:
        await session.execute(update(Source).values(platform="x"))
    done = await advocate.confirm(sighting, {"basis": "caption-context"})
    notice_id = done["notices"][0]["notice_id"]
    notice = await advocate.get(f"/notices/{notice_id}")
    assert notice["state"] == "prepared" and notice["form"]["address"].startswith("https://help.x.com/")
    assert len(notice["form"]["fields"]) >= 3 and all(label and value for label, value in notice["form"]["fields"])
    path = f"/notices/{notice_id}/submission"
    assert await advocate.refused("POST", path, {"reference": "it went well"}) == (422, "reference-invalid")
    sent = await advocate.post(path, {"reference": "#AB-123"})
    assert sent["state"] == "sent" and sent["standing"] == "running" and sent["deadline_at"]
    assert (await advocate.get(f"/notices/{notice_id}"))["receipt"]["reference"] == "AB-123"
    assert await advocate.refused("POST", path, {"reference": "AB-124"}) == (409, "notice-state")
    world.clock.time += timedelta(hours=40)
    assert (await advocate.get(f"/notices/{notice_id}"))["standing"] == "due-soon"


async def prepared_form(world: ApiWorld, advocate: Caller) -> str:
    """A form about a new copy on X, which a person submits."""
    sighting = await world.sighting(await world.vouched(advocate))
    async with world.services.database.begin() as session:
        await session.execute(update(Source).values(platform="x"))
    done = await advocate.confirm(sighting, {"basis": "caption-context"})
    return str(done["notices"][0]["notice_id"])


@pytest.mark.parametrize("door", ["json", "page"])
@on_sqlite
async def test_form_was_sent_when_the_person_submitted_it_and_its_deadline_runs_from_then(
    world: ApiWorld, door: str
) -> None:
    advocate = await world.advocate()
    notice = await prepared_form(world, advocate)
    submitted = (world.clock.now() + timedelta(hours=1)).replace(second=0, microsecond=0)
    world.clock.time += timedelta(hours=44)
    if door == "json":
        body = {"reference": "AB-123", "submitted_at": submitted.isoformat()}
        await advocate.post(f"/notices/{notice}/submission", body)
    else:
        in_korea = submitted + timedelta(hours=9)
        values = {"reference": "AB-123", "submitted_at": f"{in_korea:%Y-%m-%dT%H:%M}", "zone": "KST"}
        headers = {"Cookie": f"__Host-jikimi_login={advocate.token}", "Origin": "https://jikimi.example.org"}
        data = {"token": form_token(advocate.token or ""), **values}
        await advocate.http.post(f"/advocate/notices/{notice}/submission", data=data, headers=headers)
    told = await advocate.get(f"/notices/{notice}")
    assert (told["state"], told["standing"]) == ("sent", "due-soon")
    assert datetime.fromisoformat(told["sent_at"]) == submitted
    assert datetime.fromisoformat(told["deadline_at"]) == submitted + timedelta(hours=48)


@on_sqlite
async def test_form_was_not_submitted_before_it_was_written_nor_at_a_time_to_come(world: ApiWorld) -> None:
    advocate = await world.advocate()
    notice, written = await prepared_form(world, advocate), world.clock.now()
    world.clock.time += timedelta(hours=2)
    path = f"/notices/{notice}/submission"
    for at, code in (
        (written - timedelta(minutes=2), "submitted-too-early"),
        (world.clock.now() + timedelta(minutes=1), "submitted-in-future"),
    ):
        body = {"reference": "AB-123", "submitted_at": at.isoformat()}
        assert await advocate.refused("POST", path, body) == (422, code)
    naive = {"reference": "AB-123", "submitted_at": "2026-11-26T10:00:00"}
    assert await advocate.refused("POST", path, naive) == (422, "invalid")
    headers = {"Cookie": f"__Host-jikimi_login={advocate.token}", "Origin": "https://jikimi.example.org"}
    told = (("soon", "KST"), ("2026-11-26T10:00", "PST"), ("2026-11-26T10:00+09:00", "KST"), ("0001-01-01", "KST"))
    for value, zone in told:
        data = {"token": form_token(advocate.token or ""), "reference": "A-1", "submitted_at": value, "zone": zone}
        answer = await advocate.http.post(f"/advocate{path}", data=data, headers=headers)
        assert "problem=time-unreadable" in answer.headers["location"]
    assert (await advocate.get(f"/notices/{notice}"))["state"] == "prepared"
    # The minute in which it was written counts whole: people tell no seconds.
    same = {"reference": "AB-123", "submitted_at": written.replace(second=0, microsecond=0).isoformat()}
    assert datetime.fromisoformat((await advocate.post(path, same))["sent_at"]) == written


async def test_doubt_is_settled_and_failure_retried_by_a_person(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    notice = (await decided(world, advocate, person))["notices"][0]["notice_id"]
    assert await advocate.refused("POST", f"/notices/{notice}/settle", {"arrived": True}) == (409, "notice-state")
    await force(world, notice, state=NoticeState.IN_DOUBT)
    assert (await advocate.post(f"/notices/{notice}/settle", {"arrived": False}))["state"] == "queued"
    await force(world, notice, state=NoticeState.FAILED)
    assert (await advocate.post(f"/notices/{notice}/retry"))["attempt"] == 3
    await force(world, notice, state=NoticeState.FAILED)
    waiting = {**INTAKE, "timing": "wait-for-police"}
    await person.put(f"/cases/{person.case_id}/intake", waiting)
    assert await advocate.refused("POST", f"/notices/{notice}/retry") == (409, "waiting-for-police")
    withdrawn = await advocate.post(f"/notices/{notice}/withdraw")
    assert (withdrawn["state"], withdrawn["reason"]) == ("withdrawn", "withdrawn-by-advocate")
    assert await advocate.refused("POST", f"/notices/{notice}/withdraw") == (409, "notice-state")
    assert await world.enqueued() == [f"send-{notice}-{attempt}" for attempt in (1, 2, 3)]


@on_sqlite
async def test_dismissal_is_undone(world: ApiWorld) -> None:
    advocate = await world.advocate()
    sighting = await world.sighting(await world.vouched(advocate))
    dismissed = await advocate.post(f"/sightings/{sighting}/dismiss", {"reason": "own-post"})
    assert (dismissed["state"], dismissed["dismissal"]) == ("dismissed", "own-post")
    assert (await advocate.post(f"/sightings/{sighting}/reopen"))["state"] == "open"
    assert (await advocate.get("/sightings?state=open"))["total"] == 1
    assert await advocate.refused("POST", f"/sightings/{sighting}/reopen") == (409, "already-decided")


@on_sqlite
async def test_receipts_and_next_steps_are_shown(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    done = await decided(world, advocate, person)
    notice_id, context, sighting = done["notices"][0]["notice_id"], world.context, done["sighting"]
    async with world.services.database.begin() as session:
        texts = {"en": {"subject": "gone", "body": "twice"}, "ko": {"subject": "내려감", "body": "두 번"}}
        record = RemovalRecord.opened(json.dumps(texts).encode())
        content = context.seal_record(person.case_id, sighting, record)
        session.add(
            RemovalReceipt(sighting_id=sighting, case_id=person.case_id, content=content, written_at=context.now())
        )
        step: dict[str, Any] = {
            "address": "abuse@example.org",
            "channel": "email",
            "subject": "s",
            "body": "b",
            "fields": {},
        }
        step |= {"missing": ["contact"], "confirmed": True}
        prepared = EscalationRecord.opened(json.dumps(step).encode())
        session.add(
            Escalation(
                id="e" * 26,
                case_id=person.case_id,
                notice_id=notice_id,
                step="telegram_abuse",
                content=context.seal_record(person.case_id, "e" * 26, prepared),
                prepared_at=context.now(),
            )
        )
    receipts = (await person.get(f"/cases/{person.case_id}/receipts"))["receipts"]
    assert receipts[0]["content"] == texts
    steps = (await advocate.get(f"/notices/{notice_id}"))["escalations"]
    assert steps[0]["content"] == step and steps[0]["explanation"]
    summary = await advocate.get("/operations/summary")
    assert (summary["removed_verified"], summary["escalated"], summary["confirmed"]) == (1, 1, 1)


async def test_operations_tell_figures_and_a_broken_ledger(world: ApiWorld) -> None:
    advocate = await world.advocate()
    await decided(world, advocate, await world.vouched(advocate))
    summary = await advocate.get("/operations/summary")
    assert summary["ledger_ok"] is True and summary["sightings"] == 1
    assert [(one["platform"], one["source"]) for one in summary["sources"]] == [("telegram", "examplechannel")]
    health = await advocate.get("/operations/health")
    assert health["status"] == "ok" and health["oldest_read_at"] is None
    assert [platform["enabled"] for platform in health["platforms"]] == [False, False]
    async with world.services.database.begin() as session:
        await session.execute(update(LedgerEntry).where(LedgerEntry.seq == 2).values(kind="case-opened"))
    assert (await advocate.get("/operations/summary"))["ledger_ok"] is False


async def test_code_opens_one_case_and_ends_with_its_time(world: ApiWorld) -> None:
    advocate = await world.advocate()
    first, late = (await advocate.post("/codes", {"count": 2, "days": 1}))["codes"]
    opened = await world.nobody().post("/cases", {"language": "ko", "code": first.upper().replace("-", " ")})
    assert opened["state"] == "vouched" and len(opened["passphrase"].split()) == 7
    body = {"language": "ko", "code": first}
    assert await world.nobody().refused("POST", "/cases", body) == (403, "code-invalid")
    world.clock.time += timedelta(days=1, seconds=1)
    assert await world.nobody().refused("POST", "/cases", {**body, "code": late}) == (403, "code-invalid")
    assert (await advocate.get("/cases"))["total"] == 1


async def test_case_opened_before_any_organisation_waits_in_the_pool(sqlite_world: ApiWorld) -> None:
    person = await sqlite_world.person()
    advocate = await sqlite_world.advocate()
    assert (await advocate.get("/cases?state=open"))["cases"] == []
    ((waits,),) = [group["cases"] for group in (await advocate.get("/pool"))["groups"]]
    assert (waits["case_id"], person.case_id[-4:]) == (None, waits["ends_with"])
    await advocate.post(f"/cases/{person.case_id}/vouch")
    assert [case["case_id"] for case in (await advocate.get("/cases"))["cases"]] == [person.case_id]


async def test_two_advocates_at_the_same_moment_make_one_decision(world: ApiWorld) -> None:
    first, second = await world.advocate(), await world.advocate("second")
    sighting = await world.sighting(await world.vouched(first))
    path, body = f"/sightings/{sighting}/confirm", {"basis": "caption-context"}
    answers = await asyncio.gather(first.call("POST", path, body), second.call("POST", path, body))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    (notice,) = (await first.get("/notices"))["notices"]
    looked = await first.get(f"/notices/{notice['notice_id']}/preview")
    path, body = f"/notices/{notice['notice_id']}/send", {"digest": looked["digest"]}
    answers = await asyncio.gather(first.call("POST", path, body), second.call("POST", path, body))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert len(await world.enqueued()) == 1


async def test_code_opens_one_case_also_for_two_at_the_same_moment(world: ApiWorld) -> None:
    code = (await (await world.advocate()).post("/codes", {"count": 1, "days": 1}))["codes"][0]
    body = {"language": "en", "code": code}
    answers = await asyncio.gather(*(world.nobody().call("POST", "/cases", body) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [201, 403, 403]


async def test_media_that_were_inspected_in_part_count_as_not_inspected_for_person_and_advocate(
    world: ApiWorld,
) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    path = f"/cases/{person.case_id}/consents"
    body = {"platform": "telegram", "source": "@partly", "purposes": ["watch"]}
    (consent,) = (await person.post(path, body))["consents"]
    assert consent["not_inspected"] == 0
    async with world.services.database.begin() as session:
        for number, outcome in enumerate(("inspected", "partial", "hung")):
            at = {"post_id": str(number), "media_id": "photo:1", "at": world.context.now()}
            at["posted_at"] = at["at"]
            session.add(Inspection(source_id=consent["source_id"], outcome=outcome, tries=1, **at))
        # Told to the case, as the crawl that inspected them does.
        source, now = await lock_one(session, Source, consent["source_id"]), world.services.context.now()
        served = served_by(source.id, now, case_id=None)
        await begin_telling(session, served, source.id, since=now, now=now)
        await tell_cases(session, served, source, version="pdq-1", began=now, now=now)
    for caller in (person, advocate):
        assert [one["not_inspected"] for one in (await caller.get(path))["consents"]] == [2]
    summary = await advocate.get("/operations/summary")
    assert (summary["media_inspected"], summary["not_inspected"]) == (1, 2)
