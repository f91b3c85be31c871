"""Prepared next steps and removal receipts."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from monitor.core.errors import RuleBroken
from monitor.model.facts import AgeGroup, PictureKind, SenderRole
from monitor.notices.compose import preview
from monitor.notices.escalation import PreparedStep, escalation
from monitor.notices.receipts import removal_receipt, span
from monitor.notices.route import Channel
from monitor.notices.route_table import ROUTES
from tests.support.notice_builders import NOW, copy_for, intake_for, make_copy, make_intake, make_x_copy

SENT = NOW - timedelta(hours=48)
HOUR = timedelta(hours=1)


def steps_of(name: str, *, contact: str = "answers@centre.example", **changes: object) -> dict[str, PreparedStep]:
    copy = make_x_copy(contact=contact) if name == "x_tida" else make_copy(contact=contact)
    prepared = escalation(ROUTES[name], copy, make_intake(**changes), NOW, sent_at=SENT)
    return {step.step: step for step in prepared}


@pytest.mark.parametrize("name", ["us_tida", "x_tida"])
def test_lapsed_take_it_down_request_prepares_a_complaint_to_the_ftc(name) -> None:
    (step,) = steps_of(name, country="US").values()
    assert (step.step, step.channel, step.address) == ("ftc_complaint", Channel.FORM, "https://TakeItDown.ftc.gov")
    assert step.missing == ()
    assert all(value in step.body for value in step.fields.values())
    assert step.fields["request_sent_at"] == "2026-11-22 03:05 UTC"
    assert "48 hours ended: 2026-11-24 03:05 UTC" in step.body


@pytest.mark.parametrize("name", ["us_tida", "x_tida", "x_in_app", "x_ncn"])
def test_after_a_way_of_another_country_a_person_in_korea_goes_on_in_korea_first(name) -> None:
    copy = make_copy() if name == "us_tida" else make_x_copy()
    prepared = escalation(ROUTES[name], copy, make_intake(), NOW, sent_at=SENT)
    assert [step.step for step in prepared][:3] == ["kr_commission", "kr_d4u", "kr_police"]
    assert all(re.search("[가-힣]", step.body) for step in prepared[:3])
    assert ROUTES[name].sources["on_lapse"].source
    abroad = escalation(ROUTES[name], copy, make_intake(country="US"), NOW, sent_at=SENT)
    assert not any(step.step.startswith("kr_") for step in abroad)


def test_lapsed_telegram_report_leads_to_abuse_then_dsa_then_the_commission() -> None:
    assert list(steps_of("telegram_report")) == ["telegram_abuse", "telegram_dsa", "kr_commission"]


def test_commission_is_only_offered_to_people_in_korea_and_reads_korean() -> None:
    assert "kr_commission" not in steps_of("telegram_report", country="US")
    step = steps_of("telegram_report", country="kr")["kr_commission"]
    assert "삭제 또는 접속차단" in step.body and "2026-11-22 12:05 KST (2026-11-22 03:05 UTC)" in step.body
    assert "intimate picture" not in step.body


def test_gaps_are_named_and_marked_for_the_person() -> None:
    step = steps_of("telegram_report", signature="", contact=" ")["telegram_dsa"]
    assert step.missing == ("signature", "contact")
    assert "Name of the notifier: (please fill in)" in step.body


def test_time_of_the_request_is_named_when_it_is_not_known() -> None:
    *_, step = escalation(ROUTES["us_tida"], make_copy(), make_intake(), NOW)
    assert step.missing == ("request_sent_at",)


def test_advocate_signs_the_steps_of_an_agent() -> None:
    steps = steps_of("telegram_report", sender_role=SenderRole.AGENT, mandate_reference="Mandate 7")
    for step in steps.values():
        assert "Typed Signature" not in step.body
    assert "Signing Advocate" in steps["telegram_dsa"].body and "Mandate 7" in steps["telegram_abuse"].body


def test_addresses_are_overridable() -> None:
    prepared = escalation(
        ROUTES["us_tida"], make_copy(), make_intake(), NOW, recipients={"ftc_complaint": "http://127.0.0.1:1/ftc"}
    )
    assert prepared[-1].address == "http://127.0.0.1:1/ftc"


@pytest.mark.parametrize("age", [AgeGroup.MINOR, AgeGroup.UNSURE])
def test_minors_picture_has_no_adult_escalation(age) -> None:
    with pytest.raises(RuleBroken) as caught:
        escalation(ROUTES["us_tida"], make_copy(), make_intake(age_group=age), NOW)
    assert caught.value.reason == "minor-or-unsure"


def test_ordinary_photo_has_no_escalation() -> None:
    with pytest.raises(RuleBroken):
        escalation(ROUTES["us_tida"], make_copy(kind=PictureKind.ORDINARY), make_intake(), NOW)


def test_notice_that_left_is_gone_on_with_though_its_route_is_closed_for_new_ones() -> None:
    closed = replace(ROUTES["uk_osa"], in_use=False)
    moved_away = make_intake(country="GB")
    assert [step.step for step in escalation(closed, make_copy(), moved_away, NOW, sent_at=SENT)] == ["uk_ofcom"]


def test_every_step_explains_itself_and_says_which_law_needs_checking() -> None:
    steps = steps_of("telegram_report") | steps_of("us_tida")
    assert all(ROUTES[name].about["ko"] and ROUTES[name].about["en"] for name in steps)
    assert [name for name, step in steps.items() if not step.confirmed] == ["telegram_dsa"]


def test_receipt_says_what_where_and_which_two_checks_in_both_times() -> None:
    receipt = removal_receipt(
        make_copy(), language="ko", first_gone_at=NOW, second_gone_at=NOW + 2 * HOUR, sent_at=SENT
    )
    assert "텔레그램, examplechannel/17" in receipt.body and "사적인 성적 사진" in receipt.body
    assert "2026-11-24 12:05 KST (2026-11-24 03:05 UTC)" in receipt.body
    assert "2026-11-24 14:05 KST (2026-11-24 05:05 UTC)" in receipt.body
    assert "2시간" in receipt.body and "https://" not in receipt.body


def test_receipt_in_english_does_not_promise_what_nobody_can_know() -> None:
    receipt = removal_receipt(make_x_copy(), language="fr", first_gone_at=NOW, second_gone_at=NOW + HOUR)
    assert receipt.language == "en" and "X, exampleaccount/190017" in receipt.body
    assert "that nobody kept a copy" in receipt.body and "Notice sent: no notice was sent" in receipt.body


def test_receipt_needs_two_checks_apart() -> None:
    with pytest.raises(RuleBroken):
        removal_receipt(make_copy(), language="ko", first_gone_at=NOW, second_gone_at=NOW + 0.9 * HOUR)


def test_lengths_of_time_are_said_in_words() -> None:
    length = timedelta(days=1, hours=2, minutes=5)
    assert (span(length, "en"), span(length, "ko")) == ("1 d 2 h 5 min", "1일 2시간 5분")
    assert span(timedelta(0), "ko") == "0분"


@pytest.mark.parametrize("role", SenderRole)
@pytest.mark.parametrize(
    "route",
    [one for one in ROUTES.values() if one.enabled and not one.by_police],
    ids=lambda one: one.name,
)
def test_every_step_of_every_route_is_complete_and_can_be_filed(route, role) -> None:
    route = replace(route, in_use=True)
    intake = intake_for(route, sender_role=role, mandate_reference="Mandate 7")
    prepared = escalation(route, copy_for(route), intake, NOW, sent_at=SENT)
    here = {name for name in route.on_lapse if ROUTES[name].is_for(intake.country, "")}
    platforms = copy_for(route).platform
    assert {step.step for step in prepared} == {name for name in here if platforms in ROUTES[name].platforms}
    for step in prepared:
        assert step.missing == () and step.address and step.subject, step.step
        assert "{{" not in step.body and "None" not in step.body and "(please fill in)" not in step.body, step.step
        assert all(step.fields[name] in step.body for name in ROUTES[step.step].in_body), step.step


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize(
    "route", [one for one in ROUTES.values() if not (one.first or one.by_police)], ids=lambda one: one.name
)
def test_every_step_has_its_text_in_both_languages(route, language) -> None:
    subject, text = preview(copy_for(route), intake_for(route), route, language, now=NOW)
    assert subject and "{{" not in text
    assert bool(re.search("[가-힣]", text)) is (language == "ko"), route.name
