"""Which routes a copy may take: minors, ordinary photos, the wait for the police, permission, empty fields."""

import ast
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model.facts import AgeGroup, Basis, PictureKind, SenderRole, Timing
from monitor.notices.contacts import COUNTRIES, ELSEWHERE, cautions, contacts
from monitor.notices.eligibility import RouteEligibility, eligibilities, first_allowed
from monitor.notices.fields import FIELDS, body_fields, required_fields
from monitor.notices.for_minors import minors_routes
from monitor.notices.route import Audience, Channel, Route, recipient_of
from monitor.notices.route_table import ROUTES
from monitor.notices.texts import FIELD_WORDS, KINDS, LANGUAGES, PLATFORMS, Reason, explain
from monitor.platforms.base import PlatformName
from tests.support.notice_builders import NOW, make_copy, make_intake, make_x_copy
from tests.support.source_tree import nodes_of

YOUNG = (AgeGroup.MINOR, AgeGroup.UNSURE)


def may_send(given: tuple[RouteEligibility, ...]) -> tuple[Route, ...]:
    return tuple(each.route for each in given if each.allowed)


def to_show(given: tuple[RouteEligibility, ...]) -> tuple[Route, ...]:
    return tuple(each.route for each in given if each.reason is Reason.SHOWN_ONLY)


def by_name(given: tuple[RouteEligibility, ...]) -> dict[str, RouteEligibility]:
    return {each.route.name: each for each in given}


def test_adult_telegram_copy_is_offered_report_and_email() -> None:
    sendable = may_send(eligibilities(make_copy(), make_intake(), NOW))
    assert [route.name for route in sendable] == [
        *("telegram_report", "us_tida", "kr_tba22_5", "kr_commission", "kr_icna44_2", "kr_icna44_12"),
        *("kr_d4u", "kr_regional", "kr_police"),
    ]
    abroad = may_send(eligibilities(make_copy(), make_intake(country="NZ"), NOW))
    assert [route.name for route in abroad] == ["telegram_report", "us_tida"]


def test_route_that_nobody_chose_is_the_first_that_may_be_taken() -> None:
    given = eligibilities(make_copy(), make_intake(), NOW)
    assert first_allowed(given) is ROUTES["telegram_report"]
    without = tuple(one for one in given if one.route.name != "telegram_report")
    assert first_allowed(without) is ROUTES["us_tida"]
    assert first_allowed(eligibilities(make_copy(), make_intake(age_group=AgeGroup.MINOR), NOW)) is None


def test_adult_x_copy_is_offered_the_assisted_form() -> None:
    sendable = may_send(eligibilities(make_x_copy(), make_intake(country="NZ"), NOW))
    assert [(route.name, route.channel) for route in sendable] == [
        ("x_tida", Channel.FORM),
        ("x_in_app", Channel.ASSISTED),
        ("x_ncn", Channel.FORM),
    ]


def test_route_of_another_platform_is_refused_by_name() -> None:
    assert by_name(eligibilities(make_x_copy(), make_intake(), NOW))["us_tida"].reason is Reason.PLATFORM_MISMATCH


@pytest.mark.parametrize("age", YOUNG)
@pytest.mark.parametrize("copy", [make_copy(), make_x_copy()])
def test_minor_or_unsure_age_refuses_every_adult_route_and_shows_the_minors_routes(age, copy) -> None:
    given = eligibilities(copy, make_intake(age_group=age), NOW)
    assert may_send(given) == ()
    adult = [each for each in given if each.route.audience is Audience.ADULT and copy.platform in each.route.platforms]
    assert adult and all(each.reason is Reason.MINOR_OR_UNSURE for each in adult)
    shown = {route.name for route in to_show(given)}
    assert {"kr_police", "kr_commission", "kr_d4u", "ncmec_take_it_down", "iwf_report"} < shown
    assert ("telegram_stopca" in shown, "x_cse" in shown) == (
        copy.platform is PlatformName.TELEGRAM,
        copy.platform is PlatformName.X,
    )


def test_minors_routes_are_not_shown_for_adults() -> None:
    given = eligibilities(make_copy(), make_intake(), NOW)
    assert to_show(given) == ()
    assert by_name(given)["telegram_stopca"].reason is Reason.MINORS_ONLY


@pytest.mark.parametrize("copy", [make_copy, make_x_copy])
def test_a_minors_routes_are_prepared_for_the_kinds_that_they_take(copy) -> None:
    young = make_intake(age_group=AgeGroup.MINOR)
    for kind in PictureKind:
        pictured = copy(kind=kind)
        given = by_name(eligibilities(pictured, young, NOW))
        for route in minors_routes(pictured, young):
            assert kind in route.minor_kinds and given[route.name].reason is Reason.SHOWN_ONLY, route.name


def test_ordinary_photo_alone_never_makes_an_intimate_image_notice() -> None:
    for copy in (make_copy(kind=PictureKind.ORDINARY), make_x_copy(kind=PictureKind.ORDINARY)):
        given = eligibilities(copy, make_intake(), NOW)
        assert may_send(given) == ()
        assert Reason.ORDINARY_PHOTO_ALONE in {each.reason for each in given}


def test_faked_picture_takes_the_intimate_routes() -> None:
    assert may_send(eligibilities(make_copy(kind=PictureKind.FAKED), make_intake(), NOW))


def test_waiting_for_police_holds_everything_until_the_named_date() -> None:
    waiting = make_intake(timing=Timing.WAIT_FOR_POLICE, police_until=date(2026, 12, 1))
    held = by_name(eligibilities(make_copy(), waiting, NOW))["us_tida"]
    assert (held.allowed, held.reason, held.until) == (False, Reason.WAITING_FOR_POLICE, date(2026, 12, 1))
    assert "2026-12-01" in held.explain("ko") and "2026-12-01" in held.explain("en")


def test_police_wait_is_lifted_by_the_person_not_by_the_calendar() -> None:
    over = make_intake(timing=Timing.WAIT_FOR_POLICE, police_until=date(2026, 11, 23))
    given = eligibilities(make_copy(), over, NOW)
    assert may_send(given) == ()
    assert by_name(given)["us_tida"].reason is Reason.POLICE_WAIT_OVER
    lifted = make_intake(timing=Timing.NOW, police_until=date(2026, 12, 1))
    assert may_send(eligibilities(make_copy(), lifted, NOW))


def test_undated_police_wait_holds_too() -> None:
    held = by_name(eligibilities(make_copy(), make_intake(timing=Timing.WAIT_FOR_POLICE), NOW))["us_tida"]
    assert held.reason is Reason.WAITING_FOR_POLICE and held.until is None
    assert "None" not in held.explain("en") and "{" not in held.explain("ko")


@pytest.mark.parametrize("given_at", [None, NOW + timedelta(seconds=1)])
def test_nothing_is_offered_without_permission_to_send(given_at) -> None:
    given = eligibilities(make_copy(), make_intake(permission_to_send_at=given_at), NOW)
    assert by_name(given)["us_tida"].reason is Reason.NO_PERMISSION
    assert may_send(given) == ()


def test_missing_fields_are_named_in_both_languages() -> None:
    held = by_name(eligibilities(make_copy(contact=" "), make_intake(signature=" "), NOW))["us_tida"]
    assert (held.reason, held.missing) == (Reason.MISSING_FIELDS, ("signature", "contact"))
    assert "signature, contact of the support centre" in held.explain("en")
    assert "서명, 지원센터 연락처" in held.explain("ko")


def test_report_inside_telegram_needs_no_signature() -> None:
    assert by_name(eligibilities(make_copy(), make_intake(signature=""), NOW))["telegram_report"].allowed


def test_agent_needs_an_authority_document_on_every_route() -> None:
    for copy in (make_copy(), make_x_copy()):
        for each in eligibilities(copy, make_intake(sender_role=SenderRole.AGENT), NOW):
            elsewhere = each.reason in (Reason.OTHER_COUNTRY, Reason.NOTHING_POSTED_WITH, Reason.SENDER_NOT_ENTITLED)
            if each.route.enabled and each.route.in_use and copy.platform in each.route.platforms and not elsewhere:
                assert each.missing == ("authority_document",)


def test_operator_can_change_a_recipient_and_an_empty_change_counts_as_none() -> None:
    route = ROUTES["us_tida"]
    assert recipient_of(route) == "abuse@telegram.org"
    assert recipient_of(route, {"us_tida": "abuse@localhost"}) == "abuse@localhost"
    assert recipient_of(route, {"us_tida": " "}) == "abuse@telegram.org"


@given(
    age=st.sampled_from(AgeGroup),
    kind=st.sampled_from(PictureKind),
    basis=st.sampled_from(Basis),
    timing=st.sampled_from(Timing),
    role=st.sampled_from(SenderRole),
    permitted=st.sampled_from([None, NOW, NOW + timedelta(days=1)]),
    make=st.sampled_from([make_copy, make_x_copy]),
)
def test_no_combination_sends_for_a_minor_an_ordinary_photo_a_wait_or_without_permission(
    age, kind, basis, timing, role, permitted, make
) -> None:
    intake = make_intake(
        age_group=age, timing=timing, sender_role=role, permission_to_send_at=permitted, mandate_reference="M 1"
    )
    given = eligibilities(make(kind=kind, basis=basis), intake, NOW)
    rightly = age is AgeGroup.ADULT and kind is not PictureKind.ORDINARY and timing is Timing.NOW and permitted == NOW
    assert bool(may_send(given)) is rightly
    for each in given:
        assert each.allowed is (each.reason is Reason.ALLOWED)


def test_rules_import_only_the_standard_library_templates_and_other_rules() -> None:
    # The database's side of these rules.
    edges = {
        "address.py",
        "bulk_sheet.py",
        "centre_before.py",
        "choosing.py",
        "corresponding.py",
        "ending.py",
        "hands.py",
        "leaving.py",
        "keeping_time.py",
        "lapsing.py",
        "mail_after.py",
        "message_alerts.py",
        "outcomes.py",
        "platform_answers.py",
        "platform_calls.py",
        "platform_links.py",
        "platform_tokens.py",
        "renewing.py",
        "replies.py",
        "returned.py",
        "returned_later.py",
        "sending.py",
        "stopping.py",
        "together.py",
        "under_age.py",
        "waits.py",
        "writing.py",
    }
    notices = [path for path in Path("monitor/notices").glob("*.py") if path.name not in edges]
    rules = [*notices, *Path("monitor/model").glob("*.py")]
    ours = (
        "monitor.notices",
        "monitor.model.",
        "monitor.core.",
        "monitor.platforms.base",
        "monitor.fingerprints.hashes.values",
    )
    effects = {"asyncio", "os", "socket", "time", "random", "secrets", "urllib", "http", "subprocess", "logging"}
    for path in rules:
        for node in nodes_of(path):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                top = name.partition(".")[0]
                standard = top in sys.stdlib_module_names and top not in effects
                assert standard or top == "jinja2" or name.startswith(ours), f"{path}: {name}"


def test_table_is_sound() -> None:
    assert set(FIELD_WORDS) >= set(FIELDS)
    for name, route in ROUTES.items():
        assert name == route.name and route.platforms
        assert set(route.required) <= set(FIELDS)
        assert set(route.in_body) <= set(route.required)
        assert set(route.on_lapse) <= set(ROUTES)
        assert route.enabled is route.audience.for_adults
        assert bool(route.recipient or route.recipients) is (route.channel is not Channel.TELEGRAM_REPORT)
        assert bool(route.minor_fields) is route.audience.for_minors
        if route.channel is Channel.TELEGRAM_REPORT:
            assert all(route.menu[kind] for kind in route.kinds)
            assert "Child abuse" not in {text for texts in route.menu.values() for text in texts}
        for role in SenderRole:
            intake = make_intake(sender_role=role)
            assert set(body_fields(route, intake)) <= set(required_fields(route, intake))


def test_what_leaves_or_is_copied_whole_is_korean_only_where_korea_reads_it() -> None:
    """A Korean text of the others is a preview for the person: it speaks to them, not to the recipient."""
    whole = (Channel.EMAIL, Channel.TELEGRAM_REPORT, Channel.ASSISTED)
    for route in ROUTES.values():
        if route.channel in whole and "ko" in route.languages:
            assert "KR" in route.person_countries, route.name
        if route.enabled and "ko" in route.languages and "KR" not in route.person_countries | route.centre_countries:
            assert route.form and route.value_language == "en", route.name


def test_every_reason_and_value_has_words_in_both_languages() -> None:
    for language in LANGUAGES:
        for reason in Reason:
            said = explain(reason, language, missing=FIELDS, until="2026-12-01")
            assert said and "{" not in said
    for words in (*KINDS.values(), *PLATFORMS.values(), *FIELD_WORDS.values()):
        assert all(words[language] for language in LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_minor_in_korea_sees_day_and_night_contacts_first_and_the_minors_routes(language) -> None:
    shown = contacts("kr", AgeGroup.MINOR, language)
    assert [contact.key for contact in shown[:4]] == ["kr_1388", "kr_1366", "kr_police", "kr_commission"]
    assert all(contact.always_open for contact in shown[:4])
    assert {"kr_d4u", "telegram_stopca", "x_cse", "ncmec_take_it_down", "iwf"} <= {contact.key for contact in shown}
    assert "stopncii" not in {contact.key for contact in shown}
    assert all(contact.name and contact.note and (contact.phone or contact.address) for contact in shown)


def test_every_country_has_the_contacts_of_one_that_is_named() -> None:
    """A page offers what stands for these, and a device chooses among them."""
    told = {
        country: (contacts(country, AgeGroup.MINOR, "en"), cautions(country, AgeGroup.MINOR, "en"))
        for country in (*COUNTRIES, "SE", "BR")
    }
    assert told["SE"] == told["BR"] == told[ELSEWHERE]
    assert len({told[country] for country in COUNTRIES}) == len(COUNTRIES) == 10


def test_adult_sees_no_minors_contacts_and_unknown_country_shows_korea() -> None:
    keys = [contact.key for contact in contacts("", AgeGroup.ADULT, "ko")]
    assert "kr_1366" in keys and "stopncii" in keys and "ncmec_take_it_down" not in keys
    assert "kr_1366" not in {contact.key for contact in contacts("US", AgeGroup.ADULT, "en")}


def test_what_no_source_confirms_is_labelled() -> None:
    unsure = {contact.key for contact in contacts("KR", AgeGroup.UNSURE, "en") if not contact.confirmed}
    assert unsure == {"x_cse", "kr_seoul", "kr_ksvrc", "kr_klac"}
    assert not ROUTES["x_cse"].confirmed


def test_duty_to_report_is_said_to_minors_in_korea_before_intake() -> None:
    assert any("police at once" in said for said in cautions("KR", AgeGroup.UNSURE, "en"))
    assert any("바로 경찰에" in said for said in cautions("KR", AgeGroup.MINOR, "ko"))
    assert not any("police at once" in said for said in cautions("KR", AgeGroup.ADULT, "en"))
    assert any("emergency" in said for said in cautions("FR", AgeGroup.ADULT, "en"))
