"""A minor's copy, or one that is not sure: everything is prepared at once, a person sends it, and its clocks run."""

import re
from pathlib import Path

import pytest

from monitor.model.notice_states import NoticeState
from monitor.notices.duties import DUTIES, load_duties
from monitor.notices.route_table import use_routes
from monitor.platforms.base import PlatformName
from tests.integration.test_copies import alerts, confirmed, force, listed, page, send, sweep
from tests.support.api_world import INTAKE, ApiWorld


@pytest.mark.parametrize("age", ["minor", "unsure"])
async def test_everything_is_prepared_at_once_with_links_numbers_and_times_only(
    sqlite_world: ApiWorld, age: str
) -> None:
    world = sqlite_world
    advocate = await world.advocate()
    person = await world.vouched(advocate, intake={"age_group": age})
    sighting = await confirmed(world, advocate, person, "17")
    steps = {one["step"]: one for one in (await advocate.get(f"/copies/{sighting}"))["steps"]}
    assert {
        "kr_police",
        "kr_commission",
        "kr_d4u",
        "kr_regional",
        "telegram_stopca",
        "ncmec_take_it_down",
        "iwf_report",
    } <= (steps.keys())
    assert next(iter(steps)) == "kr_police"  # where the duty to report sends the centre
    for step in steps.values():
        text = f"{step['subject']}\n{step['body']}"
        assert "t.me/examplechannel/17" in text and "examplechannel/17" in step["subject"]
        assert "UTC" in text and "{{" not in text
        for private in (INTAKE["signature"], INTAKE["contact"], "blue room", "in private"):
            assert private not in text, step["step"]
    assert "[요청]" in steps["kr_police"]["body"] and "WHAT WE ASK" in steps["telegram_stopca"]["body"]
    assert ("확실하지 않아" in steps["kr_police"]["body"]) is (age == "unsure")
    assert steps["telegram_stopca"]["address"] == "stopCA@telegram.org"
    assert "recipient" in steps["kr_police"]["doubts"] or "required" in steps["kr_police"]["doubts"]
    for language, words in (("en", "Do not open, save or attach"), ("ko", "열거나 저장하거나 첨부하지")):
        shown = await page(advocate, f"/advocate/copies/{sighting}?lang={language}")
        assert words in shown and "stopCA@telegram.org" in shown and "청소년성보호법 34 (?)" in shown


async def test_on_x_its_own_form_is_prepared(sqlite_world: ApiWorld) -> None:
    advocate = await sqlite_world.advocate()
    person = await sqlite_world.vouched(advocate, intake={"age_group": "minor"})
    sighting = await sqlite_world.sighting(person, platform=PlatformName.X, source="exampleaccount")
    await advocate.post(f"/sightings/{sighting}/confirm", {"basis": "caption-context"})
    steps = {one["step"] for one in (await advocate.get(f"/copies/{sighting}"))["steps"]}
    assert "x_cse" in steps and "telegram_stopca" not in steps


async def test_what_was_filed_is_kept_with_reference_and_answer(sqlite_world: ApiWorld) -> None:
    advocate = await sqlite_world.advocate()
    person = await sqlite_world.vouched(advocate, intake={"age_group": "minor"})
    sighting = await confirmed(sqlite_world, advocate, person, "1")
    place = f"/advocate/copies/{sighting}"
    assert await send(advocate, f"{place}/filed", step="kr_police", reference="2026-1234") == f"{place}?done=filed"
    told = await advocate.get(f"/copies/{sighting}")
    (filing,) = told["filings"]
    assert (filing["step"], filing["reference"], told["copy"]["state"]) == ("kr_police", "2026-1234", "sent")
    assert "t.me/examplechannel/1" in filing["body"]
    answer = {"answer": "acknowledged", "text": "an officer will call"}
    told = await advocate.post(f"/copies/{sighting}/filings/{filing['filing_id']}/answer", answer)
    assert told["filings"][0]["answer_text"] == "an officer will call"
    # A reference is asked for by nobody: no source says that each of them gives one.
    told = await advocate.post(f"/copies/{sighting}/filings", {"step": "telegram_stopca"})
    assert len(told["filings"]) == 2
    adult_step = {"step": "ftc_complaint"}
    assert await advocate.refused("POST", f"/copies/{sighting}/filings", adult_step) == (422, "step-unknown")


async def test_all_links_of_a_case_are_filed_together(sqlite_world: ApiWorld) -> None:
    advocate = await sqlite_world.advocate()
    person = await sqlite_world.vouched(advocate, intake={"age_group": "minor"})
    copies = [await confirmed(sqlite_world, advocate, person, str(number)) for number in range(4)]
    await advocate.post(f"/copies/{copies[3]}/close", {"reason": "handed-over"})
    stranger = await sqlite_world.vouched(advocate, intake={"age_group": "minor"})
    other = await confirmed(sqlite_world, advocate, stranger, "9")
    place = f"/advocate/copies/{copies[1]}"
    await send(advocate, f"{place}/filed", step="kr_police", reference="P-1", whole_case="on")
    sent = await listed(advocate, "sent")
    assert sent.keys() == set(copies[:3])
    assert (await listed(advocate, "ready")).keys() == {other}
    again = {"step": "kr_police", "whole_case": True}
    told = await advocate.post(f"/copies/{copies[0]}/filings", again)
    assert [one["number"] for one in told["filings"]] == [1, 2]
    assert len((await advocate.get(f"/copies/{copies[2]}"))["filings"]) == 1


async def test_the_duty_to_report_has_its_own_clock(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    advocate = await world.advocate()
    person = await world.vouched(advocate, intake={"age_group": "minor"})
    sighting = await confirmed(world, advocate, person, "1")
    told = (await listed(advocate))[sighting]
    assert told["state"] == "ready" and told["next_at"] is not None
    await advocate.post(f"/copies/{sighting}/filings", {"step": "telegram_stopca"})
    world.clock.move(hours=23)
    assert (await listed(advocate, "sent")).keys() == {sighting}
    world.clock.move(hours=1)
    told = (await listed(advocate))[sighting]
    assert (told["state"], told["why"]) == ("overdue", "duty-to-report")
    await sweep(world)
    assert [one.reason for one in await alerts(world, "copies-stand")] == ["overdue"]
    await advocate.post(f"/copies/{sighting}/filings", {"step": "kr_police"})
    assert sighting not in await listed(advocate)
    await sweep(world)
    assert await alerts(world, "copies-stand") == []


def test_the_duty_is_data_that_an_operator_corrects(tmp_path: Path) -> None:
    duty = DUTIES.of("KR", "")
    assert duty is not None and duty.hours == 24 and {"hours", "law"} <= set(duty.doubts)
    assert DUTIES.of("", "kr") is duty and DUTIES.of("US", "KR") is None
    folder = tmp_path / "duties"
    folder.mkdir()
    source = '{ source = "our lawyer", date = "2026-11-26", confidence = "confirmed" }'
    (folder / "kr.toml").write_text(f'name = "kr"\nhours = 72\n[sources]\nhours = {source}\n', encoding="utf-8")
    try:
        use_routes(tmp_path)
        corrected = DUTIES.of("KR", "")
        assert corrected is not None and corrected.hours == 72 and "hours" not in corrected.doubts
        (folder / "kr.toml").write_text('name = "kr"\nin_use = false\n', encoding="utf-8")
        use_routes(tmp_path)
        assert DUTIES.of("KR", "") is None
    finally:
        use_routes(None)
    assert DUTIES.of("KR", "") is not None


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("hours = -1", "hours is wrong"),
        ('countries = "KR"', "countries is wrong"),
        ("mystery = 1", "mystery is not a known key"),
        ('name = "other"', "name is wrong"),
        ("[", "not TOML"),
    ],
)
def test_a_wrong_file_of_a_duty_is_told(tmp_path: Path, line: str, told: str) -> None:
    from monitor.core.errors import RouteFileError
    from monitor.notices.duties import OUR_FOLDER

    (tmp_path / "kr.toml").write_text(line, encoding="utf-8")
    with pytest.raises(RouteFileError, match=re.escape(told)):
        load_duties(OUR_FOLDER, tmp_path)


async def test_an_adults_notice_that_left_is_put_right_in_the_text(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    sighting = await confirmed(world, advocate, person, "1", "us_tida")
    await force(world, sighting, NoticeState.SENT, sent_at=world.clock.now())
    await person.put(f"/cases/{person.case_id}/intake", {**INTAKE, "age_group": "minor"})
    told = await advocate.get(f"/copies/{sighting}")
    assert told["copy"]["why"] == "sent-for-minor"
    texts = {one["step"]: one["body"] for one in told["steps"]}
    assert "LEFT AS FOR AN ADULT" in texts["telegram_stopca"] and "[앞서 성인용으로 나간 신고]" in texts["kr_police"]
    assert len(await alerts(world, "sent-for-minor")) == 1
    await advocate.post(f"/copies/{sighting}/filings", {"step": "telegram_stopca"})
    assert await alerts(world, "sent-for-minor") == []
    assert (await listed(advocate, "sent")).keys() == {sighting}
