"""Where parts meet that were built apart: what a dishonest advocate, another centre or a stranger tries."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from db.locking import lock_one
from db.models.notices import Notice
from monitor.actions.alerts import operator_alerts
from monitor.cases import reports
from monitor.cases.advocates import disable_advocate
from monitor.cases.erasure import due_erasures, erase
from monitor.core.errors import InDoubt
from monitor.delivery.smtp import SmtpDelivery
from monitor.delivery.smtp_session import SmtpServer
from monitor.demo.mail.catcher import MailCatcher
from monitor.evidence.by import By
from monitor.jobs.send import Sender
from monitor.model.records.report import ReportRecord
from monitor.notices.outcomes import fail
from tests.support.api_world import INTAKE, ApiWorld, Caller
from tests.support.browser import Browser
from tests.support.domain_world import FakeDelivery

FREEZE = {"reason": "somebody wrote that it is their sister", "speak_to": "Kim Minji, 02-123-4567"}
OURS = {"advocate_id": None}
EMPTY = {**INTAKE, "age_group": "unsure", "signature": "", "permission_to_send": False}
MANDATE: dict[str, Any] = {
    "kind": "written",
    "dated": "2026-01-10",
    "covers": ["signature", "permission-to-send", "age-group"],
    "reference": "file 12",
}


async def lock_out(world: ApiWorld, login: str) -> None:
    """The operator disables an advocate."""
    async with world.services.database.begin() as session:
        await disable_advocate(session, world.services.keys, login=login, by=By.operator("test"), now=datetime.now(UTC))


async def written(advocate: Caller, world: ApiWorld, person: Caller, route: str = "us_tida", **options: str) -> str:
    sighting = await world.sighting(person, **options)
    body = {"basis": "caption-context", "routes": [route]}
    done = await advocate.confirm(sighting, body)
    return str(done["notices"][0]["notice_id"])


async def failed(world: ApiWorld, notice_id: str) -> None:
    async with world.services.database.begin() as session:
        notice = await lock_one(session, Notice, notice_id)
        notice.state = "sending"
        await fail(session, world.context, notice, "refused-5.1.1")


async def test_codes_of_an_advocate_who_was_disabled_open_nothing(world: ApiWorld) -> None:
    await world.advocate()
    leaver = await world.advocate("leaver")
    code = (await leaver.post("/codes", {"count": 1, "days": 7}))["codes"][0]
    await lock_out(world, "leaver")
    opening = {"language": "en", "code": code}
    assert await world.nobody().refused("POST", "/cases", opening) == (403, "code-invalid")


async def test_another_centre_is_told_nothing_of_a_hold_or_a_stop(world: ApiWorld) -> None:
    lead, second = await world.advocate(), await world.advocate("second")
    other = await world.advocate("foreign", "Centre B")
    person = await world.person()
    case = f"/cases/{person.case_id}"
    await lead.post(f"{case}/in-hand")
    before = await other.get(case)
    nouns = ("sightings", "notices", "receipts", "links", "fingerprints", "consents", "intake", "entries", "ledger")
    tries: list[tuple[str, str]] = [("GET", f"{case}/{noun}") for noun in nouns]
    tries += [("POST", f"{case}/vouch"), ("POST", f"{case}/erasure"), ("DELETE", f"{case}/erasure")]
    tries += [(method, f"{case}/in-hand") for method in ("POST", "DELETE")]
    tries += [("DELETE", f"{case}/freeze"), ("DELETE", f"{case}/consents/{'a' * 26}")]
    answers = {how: await other.refused(*how) for how in tries}
    await lead.put(f"{case}/freeze", FREEZE)
    assert await other.get(case) == before
    assert {how: await other.refused(*how) for how in answers} == answers
    await lead.delete(f"{case}/freeze")
    await lead.post("/stops", {**OURS, "reason": "a doubt"})
    assert await other.get(case) == before
    assert (await second.get(case))["paused"]["reason"] == "work-stopped"


async def test_notice_that_a_stopped_advocate_sent_again_does_not_leave(world: ApiWorld) -> None:
    lead, second = await world.advocate(), await world.advocate("second")
    person = await world.vouched(lead)
    notice = await written(lead, world, person)
    await failed(world, notice)
    await second.post(f"/notices/{notice}/retry")
    await lead.post("/stops", {"advocate_id": (await world.advocate_row("second")).id})
    mail = FakeDelivery()
    attempt = (await lead.get(f"/notices/{notice}"))["attempt"]
    await Sender(world.services.database, world.context, {"smtp": mail}).send(notice, attempt)
    assert mail.sent == []
    assert (await lead.get(f"/notices/{notice}"))["reason"] == "advocate-stopped"


async def test_what_rests_on_the_word_of_a_stopped_advocate_does_not_leave(world: ApiWorld) -> None:
    lead, second = await world.advocate(), await world.advocate("second")
    person = await world.vouched(lead, intake=EMPTY)
    await second.post(f"/cases/{person.case_id}/mandates", MANDATE)
    await second.put(f"/cases/{person.case_id}/intake", INTAKE)
    notice = await written(lead, world, person)
    await lead.post("/stops", {"advocate_id": (await world.advocate_row("second")).id})
    mail = FakeDelivery()
    await Sender(world.services.database, world.context, {"smtp": mail}).send(notice, 1)
    assert mail.sent == []


async def test_a_stopped_advocate_who_was_disabled_keeps_no_notice_of_others_for_ever(world: ApiWorld) -> None:
    lead, second = await world.advocate(), await world.advocate("second")
    await world.advocate("rogue")
    rogue = {"advocate_id": (await world.advocate_row("rogue")).id}
    await lead.post("/stops", rogue)
    await lock_out(world, "rogue")
    assert (await lead.get("/stops"))["stops"][0]["may_ask"] is True
    assert (await lead.post("/stops/resume", rogue))["done"] is False
    assert (await second.post("/stops/resume", rogue))["done"] is True


async def test_word_of_whoever_was_stopped_or_disabled_lets_nothing_go_on(world: ApiWorld) -> None:
    lead, second = await world.advocate(), await world.advocate("second")
    await world.advocate("third")
    await lead.post("/stops", OURS)
    assert (await lead.post("/stops/resume", OURS))["done"] is False
    await lock_out(world, "first")
    assert await second.refused("POST", "/stops/resume", OURS) == (403, "leads-only")


async def test_answer_that_shows_what_the_person_told_is_a_reading(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    case = f"/cases/{person.case_id}"
    kept = await advocate.put(f"{case}/intake", {**INTAKE, "signature": "x"})
    assert kept["signature"] == INTAKE["signature"]
    kinds = [one["kind"] for one in (await advocate.get(f"{case}/ledger"))["entries"]]
    assert "intake-read" in kinds


class LateCatcher(MailCatcher):
    """A mail server at which the person says something while their notice is being handed over."""

    def __init__(self, says: Callable[[], Awaitable[Any]]) -> None:
        super().__init__()
        self._says = says

    async def handle_RCPT(  # noqa: N802  # aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Take the recipient; then the person speaks."""
        envelope.rcpt_tos.append(address)
        await self._says()
        return "250 OK"


@pytest.mark.parametrize(
    ("says", "state", "reason"),
    [
        ({"age_group": "minor"}, "withdrawn", "minor-or-unsure"),
        ({"permission_to_send": False}, "withdrawn", "no-permission-to-send"),
        ({"timing": "wait-for-police"}, "held", "waiting-for-police"),
    ],
)
async def test_what_the_person_says_while_a_notice_is_handed_over_keeps_it_here(
    world: ApiWorld, says: dict[str, Any], state: str, reason: str
) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    notice = await written(advocate, world, person)
    async with LateCatcher(lambda: person.put(f"/cases/{person.case_id}/intake", {**INTAKE, **says})) as mail:
        server = SmtpServer(host=mail.host, port=mail.port, starttls=False, timeout=5.0)
        delivery = SmtpDelivery(server, sender="notices@ngo.invalid", bcc=None, reply_timeout=5.0)
        await Sender(world.services.database, world.context, {"smtp": delivery}).send(notice, 1)
        assert mail.messages == []
    seen = await advocate.get(f"/notices/{notice}")
    assert (seen["state"], seen["reason"]) == (state, reason)


async def test_person_confirms_what_they_saw_and_nothing_that_was_put_in_its_place(world: ApiWorld) -> None:
    advocate = await world.advocate()
    told = {**EMPTY, "age_group": "adult"}
    person = await world.vouched(advocate, intake=told)
    case = f"/cases/{person.case_id}"
    confirm = ("POST", f"{case}/entries/signature/confirm")
    await advocate.put(f"{case}/intake", {**told, "signature": "Kim Minji"})
    (seen,) = (await person.get(f"{case}/entries"))["entries"]
    world.clock.move(seconds=1)
    await advocate.put(f"{case}/intake", {**told, "signature": "Somebody Else"})
    assert await person.refused(*confirm, {"entered_at": seen["entered_at"]}) == (409, "nothing-waits")
    assert (await person.get(f"{case}/intake"))["signature"] == ""
    (seen,) = (await person.get(f"{case}/entries"))["entries"]
    assert seen["values"] == {"signature": "Somebody Else"}
    await person.post(confirm[1], {"entered_at": seen["entered_at"]})
    assert (await person.get(f"{case}/intake"))["signature"] == "Somebody Else"


REPORT = {"contact": "call 010-0000-0000", "text": "that is me", "language": "en"}


async def test_report_that_names_a_centre_without_a_lead_reaches_the_others(world: ApiWorld) -> None:
    lead = await world.advocate()
    foreign = await world.advocate("foreign", "Centre B")
    await world.nobody().post("/reports", {**REPORT, "organisation": "Centre B"})
    assert (await lead.get("/reports"))["total"] == 0
    await foreign.get("/reports")
    await lock_out(world, "foreign")
    (one,) = (await lead.get("/reports"))["reports"]
    assert one["named"] is False
    await world.nobody().post("/reports", {**REPORT, "organisation": "Centre B"})
    assert "picture-reported" in {one["kind"] for one in (await lead.get("/operations/alerts"))["alerts"]}
    for one in (await lead.get("/reports"))["reports"]:
        await lead.post(f"/reports/{one['report_id']}/close")
    async with world.services.database.read() as session:
        assert list(await operator_alerts(session)) == [], "nobody is left who could close them"


async def test_a_flood_of_reports_hides_no_later_one_and_what_is_closed_takes_no_place(
    world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead = await world.advocate()
    async with world.services.database.begin() as session:
        for _ in range(60):
            flood = ReportRecord(contact="x", case_number="", link="", text="x")
            await reports.make_report(session, world.context, flood, organisation="", language="en")
    world.clock.move(seconds=1)
    await world.nobody().post("/reports", {**REPORT, "language": "ko"})
    first = await lead.get("/reports")
    assert (len(first["reports"]), first["total"]) == (50, 61)
    rest = (await lead.get("/reports?offset=50"))["reports"]
    assert [one["language"] for one in rest][-1] == "ko" and len(rest) == 11
    browser = Browser(world, lead)
    assert "/advocate/reports?from=50" in await browser.see("/advocate/reports")
    assert rest[-1]["report_id"] in await browser.see("/advocate/reports?from=50")
    monkeypatch.setattr(reports, "MOST", 61)
    assert await world.nobody().refused("POST", "/reports", REPORT) == (429, "overloaded")
    await lead.post(f"/reports/{first['reports'][0]['report_id']}/close")
    await world.nobody().post("/reports", REPORT)


async def test_mandate_does_not_turn_the_persons_own_word_round(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate, intake=EMPTY)
    case = f"/cases/{person.case_id}"
    await advocate.post(f"{case}/mandates", {**MANDATE, "covers": [*MANDATE["covers"], "erasure"]})
    assert (await advocate.put(f"{case}/intake", INTAKE))["waiting"] == []
    world.clock.move(seconds=1)
    await person.post(f"{case}/entries/signature/reject")
    kept = await person.get(f"{case}/intake")
    told = {name: kept[name] for name in INTAKE}
    await person.put(f"{case}/intake", {**told, "permission_to_send": False, "age_group": "minor"})
    again = await advocate.put(f"{case}/intake", INTAKE)
    assert again["waiting"] == ["signature", "permission-to-send", "age-group"]
    assert (again["signature"], again["permission_to_send"], again["age_group"]) == ("", False, "minor")
    assert (await advocate.post(f"{case}/erasure"))["waits_for_person"] is False
    await person.delete(f"{case}/erasure")
    assert (await advocate.post(f"{case}/erasure"))["waits_for_person"] is True
    world.clock.move(seconds=1)
    await advocate.post(f"{case}/mandates", MANDATE)  # the person gave a new one since
    counts = await person.get(f"{case}/intake")
    assert (counts["signature"], counts["permission_to_send"]) == (INTAKE["signature"], True)


async def test_who_saw_the_mandate_and_vouched_does_not_send_what_a_colleague_entered(world: ApiWorld) -> None:
    first, second = await world.advocate(), await world.advocate("second")
    person = await world.vouched(first, intake=EMPTY)
    case = f"/cases/{person.case_id}"
    assert len((await second.put(f"{case}/intake", INTAKE))["waiting"]) == 3  # as it was told on the telephone
    await first.post(f"{case}/mandates", MANDATE)
    sighting = await world.sighting(person)
    done = await first.confirm(sighting, {"basis": "caption-context", "routes": ["us_tida"]})
    assert (done["notices"], done["skipped"][0]["reason"]) == ([], "second-advocate-needed")
    assert len((await second.post(f"/sightings/{sighting}/notices", {"routes": ["us_tida"]}))["notices"]) == 1


async def test_who_vouched_and_changed_the_age_under_their_own_mandate_does_not_send(world: ApiWorld) -> None:
    first = await world.advocate()
    await world.advocate("second")
    person = await world.vouched(first, intake={"age_group": "unsure"})
    case = f"/cases/{person.case_id}"
    await first.post(f"{case}/mandates", {**MANDATE, "covers": ["age-group"]})
    assert (await first.put(f"{case}/intake", {**EMPTY, "age_group": "adult"}))["waiting"] == []
    await person.put(f"{case}/intake", INTAKE)
    sighting = await world.sighting(person)
    done = await first.confirm(sighting, {"basis": "caption-context", "routes": ["us_tida"]})
    assert (done["notices"], done["skipped"][0]["reason"]) == ([], "second-advocate-needed")


async def notice_row(world: ApiWorld, notice_id: str) -> Notice:
    async with world.services.database.read() as session:
        return await session.get_one(Notice, notice_id)


async def test_notice_that_came_back_and_is_written_anew_is_another_mail(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    case = f"/cases/{person.case_id}"
    notice = await written(advocate, world, person)
    await Sender(world.services.database, world.context, {"smtp": FakeDelivery()}).send(notice, 1)
    first = await notice_row(world, notice)
    await advocate.post(f"/notices/{notice}/returned")
    await person.put(f"{case}/intake", {**INTAKE, "permission_to_send": False})
    await person.put(f"{case}/intake", INTAKE)  # which writes it anew
    again = await notice_row(world, notice)
    assert again.state == "prepared"
    assert again.message_id != first.message_id, "a late report on the first mail must not hit this one"
    assert (again.sent_at, again.receipt) == (None, None)
    assert (await advocate.get("/operations/summary"))["notices_sent"] == 0


async def test_what_was_told_of_an_erased_cases_notices_ends_with_it(world: ApiWorld) -> None:
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    notice = await written(advocate, world, person)
    mail = FakeDelivery()
    mail.errors.append(InDoubt("cut-off"))
    await Sender(world.services.database, world.context, {"smtp": mail}).send(notice, 1)
    assert {one["kind"] for one in (await advocate.get("/operations/alerts"))["alerts"]} == {"notice-in-doubt"}
    for begin, end in ((advocate.put, advocate.delete), (None, person.delete)):
        if begin is not None:
            await begin(f"/cases/{person.case_id}/freeze", FREEZE)
        else:
            await person.post(f"/cases/{person.case_id}/erasure", {"passphrase": person.passphrase})
        kinds = {one["kind"] for one in (await advocate.get("/operations/alerts"))["alerts"]}
        assert "notice-in-doubt" not in kinds, "it would lead nowhere, and tell of what is hidden"
        await end(f"/cases/{person.case_id}/{'freeze' if begin is not None else 'erasure'}")
        kinds = {one["kind"] for one in (await advocate.get("/operations/alerts"))["alerts"]}
        assert kinds == {"notice-in-doubt"}
    await person.post(f"/cases/{person.case_id}/erasure", {"passphrase": person.passphrase})
    world.clock.move(days=8)
    async with world.services.database.begin() as session:
        for case in await due_erasures(session, world.clock.now()):
            await erase(session, world.context, case)
    assert (await advocate.get("/operations/alerts"))["alerts"] == []


async def test_rejected_signature_does_not_leave_with_what_was_being_handed_over(world: ApiWorld) -> None:
    first, second = await world.advocate(), await world.advocate("second")
    person = await world.vouched(first, intake={"signature": ""})
    case = f"/cases/{person.case_id}"
    await first.post(f"{case}/mandates", MANDATE)
    await first.put(f"{case}/intake", {**INTAKE, "signature": "Not My Name"})
    notice = await written(second, world, person)
    async with LateCatcher(lambda: person.post(f"{case}/entries/signature/reject")) as mail:
        server = SmtpServer(host=mail.host, port=mail.port, starttls=False, timeout=5.0)
        delivery = SmtpDelivery(server, sender="notices@ngo.invalid", bcc=None, reply_timeout=5.0)
        await Sender(world.services.database, world.context, {"smtp": delivery}).send(notice, 1)
        assert mail.messages == []
    seen = await second.get(f"/notices/{notice}")
    assert (seen["state"], seen["reason"]) == ("withdrawn", "waits-for-the-person")
