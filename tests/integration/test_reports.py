"""Whoever finds that their picture was registered by somebody else tells the centres, and learns nothing here."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from api.budgets import LIMITS, Act, Budget, Budgets, Limits
from api.pages.forms import form_token
from db.models.reports import Report
from monitor.actions.alerts import operator_alerts
from monitor.cases import reports
from monitor.cases.reports import KEPT_FOR, end_reports
from tests.support.api_world import ApiWorld, api_world
from tests.support.browser import Browser

TOLD = {"contact": "call 010-0000-0000 after six", "text": "My sister's friend said so.", "language": "en"}
FORM = {"contact": TOLD["contact"], "text": TOLD["text"]}


async def send_form(world: ApiWorld, **values: str) -> Any:
    data = {"token": form_token("report"), **values}
    return await world.http.post("/report?lang=en", data=data, headers={"Origin": "https://jikimi.example.org"})


async def test_a_report_reaches_the_leads_of_every_organisation_and_the_operator(world: ApiWorld) -> None:
    lead, second = await world.advocate(), await world.advocate("second")
    other = await world.advocate("foreign", "Centre B")
    person = await world.vouched(lead)
    assert await world.nobody().post("/reports", {**TOLD, "case_number": f" {person.case_id.upper()} "}) == {
        "received": True
    }
    for who in (lead, other):
        assert "picture-reported" in {one["kind"] for one in (await who.get("/operations/alerts"))["alerts"]}
    assert (await second.get("/operations/alerts"))["alerts"] == []
    async with world.services.database.read() as session:
        assert [one.kind for one in await operator_alerts(session)] == ["picture-reports-open"]
    assert await second.refused("GET", "/reports") == (403, "leads-only")
    assert await person.refused("GET", "/reports") == (403, "advocates-only")
    ((ours,), (theirs,)) = [(await who.get("/reports"))["reports"] for who in (lead, other)]
    assert "contact" not in ours and ours["report_id"] == theirs["report_id"]
    where = f"/reports/{ours['report_id']}"
    assert await second.refused("GET", where) == (403, "leads-only")
    read = await lead.get(where)
    assert (read["contact"], read["text"], read["ours"]) == (TOLD["contact"], TOLD["text"], True)
    assert (await other.get(where))["ours"] is False, "nobody learns of another organisation's case"

    assert (await lead.post(f"{where}/close"))["reports"] == []
    assert await lead.refused("GET", where) == (404, "not-found")
    assert len((await other.get("/reports"))["reports"]) == 1
    assert (await lead.get("/operations/alerts"))["alerts"] == []
    await other.post(f"{where}/close")
    async with world.services.database.read() as session:
        assert list(await operator_alerts(session)) == []
        told = await world.context.ledger.told(session, "installation")
    steps = [(entry.row.kind, entry.by and entry.by.who.value) for entry in told if "report" in entry.row.kind]
    assert steps == [(kind, "advocate") for kind in ("report-read", "report-read", "report-closed", "report-closed")]


async def test_a_report_for_one_centre_is_that_ones(world: ApiWorld) -> None:
    lead, other = await world.advocate(), await world.advocate("foreign", "Centre B")
    await world.nobody().post("/reports", {**TOLD, "organisation": "centre b"})
    assert (await lead.get("/reports"))["reports"] == []
    (one,) = (await other.get("/reports"))["reports"]
    assert one["named"] is True
    assert await lead.refused("GET", f"/reports/{one['report_id']}") == (404, "not-found")


async def test_the_answer_tells_nothing_of_what_is_registered(world: ApiWorld) -> None:
    lead = await world.advocate()
    person = await world.vouched(lead)
    answers = [
        await world.nobody().call("POST", "/reports", {**TOLD, "case_number": number, "organisation": name})
        for number in (person.case_id, "a" * 26, "nonsense")
        for name in ("Centre A", "Centre of nowhere")
    ]
    assert {(answer.status_code, answer.text) for answer in answers} == {(202, '{"received":true}')}
    pages = [await send_form(world, **FORM, case_number=number) for number in (person.case_id, "nonsense")]
    assert {(page.status_code, page.headers["location"]) for page in pages} == {(303, "/report?done=reported&lang=en")}


async def test_what_was_told_is_sealed_and_destroyed_after_90_days(world: ApiWorld) -> None:
    lead = await world.advocate()
    await world.nobody().post("/reports", TOLD)
    async with world.services.database.read() as session:
        (row,) = (await session.scalars(select(Report))).all()
        everything = str((await session.execute(text("select * from reports"))).all()).encode() + row.content
        assert TOLD["contact"].encode() not in everything and b"sister" not in everything
    world.clock.time = row.made_at + KEPT_FOR - timedelta(seconds=1)
    await end_reports(world.services.database, world.context)
    assert len((await lead.get("/reports"))["reports"]) == 1
    world.clock.move(seconds=1)
    await end_reports(world.services.database, world.context)
    assert (await lead.get("/reports"))["reports"] == []
    assert (await lead.get("/operations/alerts"))["alerts"] == []
    assert world.services.keys.names("report:") == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({**TOLD, "text": ""}, (422, "report-empty")),
        ({**TOLD, "contact": " \u3164 "}, (422, "report-empty")),
        ({**TOLD, "text": "x" * 3001}, (422, "invalid")),
        ({**TOLD, "picture": "data:image/png;base64,AAAA"}, (422, "media-refused")),
        ({**TOLD, "contact": "two\nlines"}, (422, "invalid")),
    ],
)
async def test_what_says_nothing_or_too_much_is_refused(
    sqlite_world: ApiWorld, body: dict[str, str], code: tuple[int, str]
) -> None:
    status, told = await sqlite_world.nobody().refused("POST", "/reports", body)
    assert (status, told) == code or (status, told) == (422, "invalid")
    async with sqlite_world.services.database.read() as session:
        assert (await session.scalars(select(Report))).all() == []


async def test_a_report_that_is_too_long_stays_whole_and_is_told_by_how_much(sqlite_world: ApiWorld) -> None:
    text = "x" * 3100 + " the end"
    page = await send_form(sqlite_world, **{**FORM, "text": text})
    assert page.status_code != 303 and text in page.text and "Letters too many: 108" in page.text
    assert "maxlength" not in page.text.partition('id="text"')[2].partition("</textarea>")[0]


async def test_no_more_reports_than_somebody_can_read(sqlite_world: ApiWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reports, "MOST", 1)
    await sqlite_world.nobody().post("/reports", TOLD)
    assert await sqlite_world.nobody().refused("POST", "/reports", TOLD) == (429, "overloaded")


async def test_a_flood_of_reports_meets_a_puzzle(prepared_sqlite_url: str, tmp_path: Path) -> None:
    once = Limits(Budget(1, 0.0001), Budget(1, 0.0001))
    async with api_world(prepared_sqlite_url, tmp_path, budgets=Budgets({**LIMITS, Act.REPORT: once})) as world:
        assert "data-challenge" not in (await world.http.get("/report")).text
        await world.nobody().post("/reports", TOLD)
        answer = await world.nobody().call("POST", "/reports", TOLD)
        assert (answer.status_code, answer.json()["code"]) == (429, "work-needed")
        assert "challenge" in answer.json()["work"]
        page = await send_form(world, **FORM)
        assert page.status_code == 429 and "data-challenge" in page.text
        assert TOLD["contact"] in page.text, "what was typed stays"


async def test_page_is_found_from_the_start_and_leaves_no_mark(sqlite_world: ApiWorld) -> None:
    world, lead = sqlite_world, await sqlite_world.advocate()
    for language, words in (("en", "Somebody registered my picture"), ("ko", "누가 내 사진을 등록했어요")):
        for page in ("/", "/case", "/report"):
            shown = await world.http.get(page, headers={"Accept-Language": language})
            assert words in shown.text and not shown.headers.get("set-cookie")
        start = await world.http.get("/", headers={"Accept-Language": language})
        assert start.text.count('href="/report"') == 2, "in the page and in its footer"
    form = (await world.http.get("/report?lang=en")).text
    assert 'type="file"' not in form and not re.search("<script", form.split("<main", 1)[1])
    missing = await send_form(world, contact="me@example.org")
    assert missing.status_code == 422 and "what it is about" in missing.text and "me@example.org" in missing.text
    long = await send_form(world, **{**FORM, "text": "x" * 3001})
    assert long.status_code == 413
    done = await send_form(world, **FORM)
    assert done.headers["location"] == "/report?done=reported&lang=en" and not done.headers.get("set-cookie")
    assert "Thank you." in (await world.http.get("/report?done=reported&lang=en")).text

    browser = Browser(world, lead)
    assert "/advocate/reports" in await browser.see("/advocate/alerts")
    listed = re.findall(r"/advocate/reports/([a-z2-7]{26})", await browser.see("/advocate/reports?lang=en"))
    read = await browser.see(f"/advocate/reports/{listed[0]}?lang=en")
    assert TOLD["contact"] in read and "My sister&#39;s friend" in read
    closed = await browser.send(f"/advocate/reports/{listed[0]}/close")
    assert closed.headers["location"] == "/advocate/reports?done=report-closed"
    assert "No report waits." in await browser.see("/advocate/reports?lang=en")
