"""Notices say everything their route needs, nothing more, and never leave with a gap."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jinja2 import Environment, meta

from monitor.core.errors import Incomplete, RuleBroken
from monitor.model.facts import NO_CENTRE, AgeGroup, Basis, CopyFacts, Intake, PictureKind, SenderRole, Timing
from monitor.notices.compose import TELEGRAM_COMMENT_LIMIT, Composed, check_complete, compose, preview
from monitor.notices.eligibility import hold
from monitor.notices.fields import clean, read_fields
from monitor.notices.form import form_sheet, reference_number
from monitor.notices.message_id import message_id
from monitor.notices.render import FOLDER
from monitor.notices.route import Audience
from monitor.notices.route_table import ROUTES
from tests.support.notice_builders import NOW, copy_for, intake_for, make_copy, make_intake

SENDABLE = [replace(route, in_use=True) for route in ROUTES.values() if route.enabled and route.first]
BY_NAME = {route.name: route for route in SENDABLE}
BLANKS = ["", " ", "\t\n", "\u200b", "\u3164 \u115f", "\u202e\u00a0"]

# Where each required field that a person can leave empty comes from.
FROM_INTAKE = {
    "signature": "signature",
    "content_identification": "content_identification",
    "good_faith_nonconsent": "good_faith_facts",
    "authority_document": "mandate_reference",
    "notifier_name": "signature",
    "requester": "signature",
    "identifying_information": "content_identification",
    "reason": "good_faith_facts",
    "reason_and_grounds": "good_faith_facts",
    "infringement_explanation": "good_faith_facts",
}
SIGNED = ("signature", "notifier_name", "requester")
FROM_COPY = {
    "urls": "url",
    "location_urls": "url",
    "post_urls": "url",
    "exact_urls": "url",
    "infringing_urls": "url",
    "links": "url",
    "exact_location": "url",
    "ids": "post_id",
    "peer": "handle",
    "reviewer": "reviewer",
    "contact": "contact",
}


def write(name: str, intake: Intake | None = None, copy: CopyFacts | None = None, language: str = "en") -> Composed:
    route = BY_NAME[name]
    return compose(copy or copy_for(route), intake or intake_for(route), route, language, now=NOW)


@given(data=st.data(), blank=st.sampled_from(BLANKS), role=st.sampled_from(SenderRole))
def test_emptying_any_required_field_raises_incomplete_and_names_it(data, blank, role) -> None:
    route = data.draw(st.sampled_from(SENDABLE))
    intake, copy = intake_for(route, sender_role=role, mandate_reference="Mandate 7"), copy_for(route)
    compose(copy, intake, route, "en", now=NOW)
    required = {*route.required, *({"authority_document"} if role is SenderRole.AGENT else ())}
    name = data.draw(
        st.sampled_from(sorted(required & (FROM_INTAKE.keys() | FROM_COPY.keys() | {"consent_to_send_at"})))
    )
    if name == "consent_to_send_at":
        intake = replace(intake, permission_to_send_at=None)
    elif name in SIGNED and role is SenderRole.AGENT:
        copy = replace(copy, reviewer=blank, centre=NO_CENTRE)
    elif name in FROM_INTAKE:
        intake = replace(intake, **{FROM_INTAKE[name]: blank})
    else:
        copy = replace(copy, **{FROM_COPY[name]: blank})
    with pytest.raises(Incomplete) as caught:
        compose(copy, intake, route, "en", now=NOW)
    assert name in caught.value.missing
    assert caught.value.reason == "missing-fields"


@pytest.mark.parametrize("role", SenderRole)
@pytest.mark.parametrize("route", SENDABLE, ids=lambda route: route.name)
def test_each_required_field_that_is_left_out_is_refused_by_its_name(route, role) -> None:
    intake, copy = intake_for(route, sender_role=role, mandate_reference="Mandate 7"), copy_for(route)
    required = {*route.required, *({"authority_document"} if role is SenderRole.AGENT else ())}
    for name in sorted(required & (FROM_INTAKE.keys() | FROM_COPY.keys())):
        by_reviewer = name in SIGNED and role is SenderRole.AGENT
        empty: dict[str, Any] = {"reviewer" if by_reviewer else {**FROM_COPY, **FROM_INTAKE}[name]: ""}
        of_intake = name in FROM_INTAKE and not by_reviewer
        changed = (copy, replace(intake, **empty)) if of_intake else (replace(copy, **empty), intake)
        with pytest.raises(Incomplete) as caught:
            compose(*changed, route, "ko", now=NOW)
        assert name in caught.value.missing, name


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("role", SenderRole)
@pytest.mark.parametrize("route", SENDABLE, ids=lambda route: route.name)
def test_text_holds_every_field_that_it_must_show(route, role, language) -> None:
    intake = intake_for(route, sender_role=role, mandate_reference="Mandate 7")
    notice = compose(copy_for(route), intake, route, language, now=NOW)
    for name in route.in_body:
        assert notice.fields[name] in notice.body
    assert set(route.required) <= set(notice.fields)
    assert all(notice.fields.values())
    assert "{{" not in notice.body and "None" not in notice.body and "\n" not in notice.subject


@pytest.mark.parametrize("route", SENDABLE, ids=lambda route: route.name)
def test_template_itself_names_every_field_that_it_must_show(route) -> None:
    # A short value may occur in the text by chance; the template's own variables do not.
    for language in route.languages:
        text = (FOLDER / route.texts / language / "body.txt").read_text(encoding="utf-8")
        named = meta.find_undeclared_variables(Environment(autoescape=True).parse(text))
        assert {"a_kind" if name == "kind" and "a_kind" in named else name for name in route.in_body} <= named


def test_us_notice_says_first_what_is_asked_where_and_by_when() -> None:
    first, _, place, *_ = write("us_tida").body.splitlines()
    assert "remove" in first and "48 hours" in first
    assert place.strip() == "https://t.me/examplechannel/17"


def test_us_notice_holds_every_element_of_the_statute() -> None:
    body = write("us_tida").body
    assert "47 U.S.C. 223a" in body
    assert "Signature (electronic): Typed Signature" in body
    assert "A mirror picture in a blue room" in body and "examplechannel/17" in body
    assert "believe in good faith that this depiction was published without my consent" in body
    assert "I never agreed to this" in body
    # The centre answers for the person: their own address stays out.
    assert "Contact: answers@centre.example" in body and "person@example.org" not in body
    assert "known identical copies" in body and "48 hours" in body


def test_us_notice_leaves_in_english_also_for_korean_cases() -> None:
    notice = write("us_tida", language="ko")
    assert notice.language == "en" and notice.body.startswith("Please remove")
    assert notice.recipient == "abuse@telegram.org"


def test_preview_tells_the_person_in_korean_what_leaves() -> None:
    subject, text = preview(make_copy(contact=""), make_intake(), ROUTES["us_tida"], "ko", now=NOW)
    assert subject.startswith("[미리보기]")
    assert "동의 없이" in text and "48시간" in text and "Typed Signature" in text
    assert "연락처: (아직 적지 않음)" in text


@pytest.mark.parametrize("role", SenderRole)
@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_route_has_a_preview_in_both_languages(role, language) -> None:
    for route in SENDABLE:
        assert sorted(folder.name for folder in (FOLDER / route.texts).iterdir()) == ["en", "ko"]
        assert preview(copy_for(route), intake_for(route, sender_role=role), route, language, now=NOW)[1].strip()


def test_advocate_signs_for_an_agent_and_the_persons_name_stays_out() -> None:
    intake = make_intake(sender_role=SenderRole.AGENT, mandate_reference="Mandate 7")
    for name in ("us_tida", "x_tida", "telegram_report"):
        notice = write(name, intake)
        said = notice.body + notice.subject + "".join(notice.fields.values())
        assert "Typed Signature" not in said
    assert "Signature (electronic): Signing Advocate" in write("us_tida", intake).body
    assert "their consent" in write("us_tida", intake).body


@pytest.mark.parametrize("where", ["good_faith_facts", "content_identification"])
def test_persons_name_in_the_free_text_stops_an_agents_notice(where) -> None:
    changes = {where: "This is typed  signature at the sea."}
    intake = make_intake(sender_role=SenderRole.AGENT, mandate_reference="Mandate 7", **changes)
    with pytest.raises(RuleBroken) as caught:
        write("us_tida", intake)
    assert caught.value.reason == "name-in-text"


@pytest.mark.parametrize(
    ("signature", "said"),
    [
        ("김 민지", "김민지는 이 사진에 동의한 적이 없습니다."),
        ("Kim Minji", "Minji Kim is on the left."),
        ("Kim Min-ji", "ＫＩＭ Minji is on the left."),
        ("Somebody Else", "Write to Person@Example.org about it."),
    ],
)
def test_what_names_the_person_stops_an_agents_notice_however_it_is_written(signature, said) -> None:
    told = {"signature": signature, "contact": "person@example.org", "content_identification": said}
    intake = make_intake(sender_role=SenderRole.AGENT, mandate_reference="Mandate 7", **told)
    with pytest.raises(RuleBroken) as caught:
        write("us_tida", intake)
    assert caught.value.reason == "name-in-text"


def test_telegram_comment_is_short_and_without_personal_data() -> None:
    for kind in (PictureKind.INTIMATE, PictureKind.FAKED):
        for role in SenderRole:
            intake = make_intake(sender_role=role, mandate_reference="Mandate 7")
            notice = write("telegram_report", intake, make_copy(kind=kind))
            assert len(notice.body.encode("utf-16-le")) // 2 <= TELEGRAM_COMMENT_LIMIT
            for private in ("Typed Signature", "Signing Advocate", "person@", "mirror", "Mandate"):
                assert private not in notice.body
            assert notice.preferences[0] == "Non-consensual sexual imagery"
            assert notice.recipient == "examplechannel"


def test_comment_longer_than_telegram_takes_is_refused_not_cut() -> None:
    with pytest.raises(RuleBroken) as caught:
        write("telegram_report", copy=make_copy(url="https://t.me/" + "😀" * 200))
    assert caught.value.reason == "comment-too-long"


def test_overlong_text_is_refused_not_cut() -> None:
    with pytest.raises(RuleBroken) as caught:
        write("us_tida", make_intake(good_faith_facts="a" * 3001))
    assert caught.value.reason == "field-too-long" and "good_faith_nonconsent" in caught.value.detail


@pytest.mark.parametrize(
    ("intake", "copy", "reason"),
    [
        ({"age_group": AgeGroup.MINOR}, {}, "minor-or-unsure"),
        ({"age_group": AgeGroup.UNSURE}, {}, "minor-or-unsure"),
        ({"age_group": AgeGroup.UNSURE, "signature": ""}, {}, "minor-or-unsure"),
        ({}, {"kind": PictureKind.ORDINARY, "posted_with": frozenset()}, "ordinary-photo-alone"),
        ({"timing": Timing.WAIT_FOR_POLICE}, {}, "waiting-for-police"),
        ({"permission_to_send_at": NOW.replace(year=2027)}, {}, "no-permission-to-send"),
    ],
)
@pytest.mark.parametrize("route", SENDABLE, ids=lambda route: route.name)
def test_compose_refuses_what_the_rules_forbid_even_when_asked(route, intake, copy, reason) -> None:
    with pytest.raises(RuleBroken) as caught:
        compose(copy_for(route, **copy), intake_for(route, **intake), route, "en", now=NOW)
    for_both = reason == "minor-or-unsure" and route.audience is Audience.ANYONE
    assert caught.value.reason == ("shown-only" if for_both else reason)


def test_notice_can_be_written_to_be_held_while_the_person_waits_for_the_police() -> None:
    waiting = make_intake(timing=Timing.WAIT_FOR_POLICE)
    notice = compose(make_copy(), waiting, ROUTES["us_tida"], "en", now=NOW, to_hold=True)
    assert notice == write("us_tida")
    assert hold(waiting, NOW) == "waiting-for-police" and hold(make_intake(), NOW) is None
    with pytest.raises(RuleBroken):
        later = replace(waiting, permission_to_send_at=NOW.replace(year=2027))
        compose(make_copy(), later, ROUTES["us_tida"], "en", now=NOW, to_hold=True)


def test_minors_routes_are_shown_never_composed() -> None:
    with pytest.raises(RuleBroken) as caught:
        compose(make_copy(), make_intake(age_group=AgeGroup.MINOR), ROUTES["telegram_stopca"], "en", now=NOW)
    assert caught.value.reason == "shown-only"


def test_recipient_is_overridable() -> None:
    notice = compose(
        make_copy(), make_intake(), ROUTES["us_tida"], "en", now=NOW, recipients={"us_tida": "abuse@localhost"}
    )
    assert notice.recipient == "abuse@localhost"


def test_typed_text_cannot_forge_lines_of_the_notice() -> None:
    forged = "blue room\r\nSignature (electronic): Somebody Else\u2028Contact: other@example.org\x00\u202e"
    body = write("us_tida", make_intake(content_identification=forged)).body
    assert [line for line in body.splitlines() if line.startswith("Signature")] == [
        "Signature (electronic): Typed Signature"
    ]
    assert len([line for line in body.splitlines() if line.startswith("Contact:")]) == 1
    assert "\x00" not in body and "\u202e" not in body


def test_template_syntax_in_typed_text_stays_text() -> None:
    assert (
        "{{ signature }} {% raw %}" in write("us_tida", make_intake(good_faith_facts="{{ signature }} {% raw %}")).body
    )


@given(st.text(max_size=200))
@example("\u3164")
@example("a\u200b\u0301")
@example("가\u200d나\ud800")
def test_clean_text_is_one_printable_line_and_stays_the_same_when_cleaned_again(text) -> None:
    once = clean(text)
    assert clean(once) == once and len(once.splitlines()) <= 1
    assert once == once.strip()
    assert once == "" or once.replace(" ", "")


@given(facts=st.text(min_size=1, max_size=300), role=st.sampled_from(SenderRole))
def test_any_typed_text_gives_a_complete_notice_or_a_named_refusal(facts, role) -> None:
    intake = make_intake(good_faith_facts=facts, sender_role=role, mandate_reference="Mandate 7")
    try:
        notice = write("us_tida", intake)
    except Incomplete as error:
        assert error.missing == ("good_faith_nonconsent",) and not clean(facts)
    else:
        assert clean(facts) in notice.body


def test_body_that_lost_a_required_value_does_not_leave() -> None:
    notice = write("us_tida")
    cut = replace(notice, body=notice.body.replace("Typed Signature", "T."))
    with pytest.raises(Incomplete) as caught:
        check_complete(cut, ROUTES["us_tida"].in_body)
    assert caught.value.missing == ("signature",)


def test_every_basis_and_kind_is_said() -> None:
    for basis in Basis:
        for kind in (PictureKind.INTIMATE, PictureKind.FAKED):
            notice = write("us_tida", copy=make_copy(basis=basis, kind=kind))
            assert notice.fields["basis_of_knowledge"] in notice.body and notice.fields["kind"] in notice.body


def test_message_id_is_the_same_for_the_same_notice() -> None:
    assert message_id("0197-ab", "jikimi.example.org") == "<notice.0197-ab@jikimi.example.org>"
    assert message_id("0197-ab", "notices@Jikimi.Example.org") == message_id("0197-ab", "jikimi.example.org")
    assert message_id("1", "지킴이.example").isascii()


@pytest.mark.parametrize(
    ("notice_id", "domain"),
    [("", "a.org"), ("a b", "a.org"), ("a>\r\nBcc: x", "a.org"), ("a", ""), ("a", "b\r\nc"), ("a", "..")],
)
def test_message_id_refuses_what_could_break_a_header(notice_id, domain) -> None:
    with pytest.raises(RuleBroken):
        message_id(notice_id, domain)


def test_form_sheet_lists_label_and_value_in_the_forms_order() -> None:
    sheet = form_sheet(write("x_tida", language="ko"))
    assert sheet.address == "https://help.x.com/forms/safety-and-sensitive-content/take-it-down"
    assert sheet.fields[0] == ("Links to the posts", "https://x.com/exampleaccount/status/190017")
    assert [label for label, _ in sheet.fields][-2:] == ["How can we contact you?", "Electronic signature"]
    assert ("Who are you reporting for?", "myself") in sheet.fields
    assert "Typed Signature" not in repr(sheet)


def test_form_sheet_of_an_agent_holds_the_authority_document() -> None:
    intake = make_intake(sender_role=SenderRole.AGENT, mandate_reference="Mandate 7")
    sheet = form_sheet(write("x_tida", intake))
    assert ("Proof of authority", "Mandate 7") in sheet.fields
    assert ("Electronic signature", "Signing Advocate") in sheet.fields


def test_only_forms_have_a_sheet() -> None:
    with pytest.raises(RuleBroken):
        form_sheet(write("us_tida"))


@pytest.mark.parametrize(
    ("typed", "kept"), [(" #0123-ABC ", "0123-ABC"), ("１２３４", "1234"), ("Case 12/7", "Case 12/7")]
)
def test_reference_number_is_tidied(typed, kept) -> None:
    assert reference_number(typed) == kept


@pytest.mark.parametrize(
    "typed", ["", "  ", "1", "thanks", "me@example.org 1", "https://x.com/a/1", "1" * 65, "a\nb;1"]
)
def test_what_is_no_reference_number_is_refused(typed) -> None:
    with pytest.raises(RuleBroken):
        reference_number(typed)


def test_content_stays_out_of_repr() -> None:
    said = repr(make_intake()) + repr(make_copy()) + repr(write("us_tida"))
    for content in ("Typed Signature", "mirror", "person@example.org", "examplechannel", "t.me", "Signing Advocate"):
        assert content not in said


@pytest.mark.parametrize(
    ("identical", "elsewhere", "english", "korean"),
    [
        (False, False, "Kim", "Kim"),
        (True, False, "Kim (of another post with the identical picture)", "Kim (사진이 똑같은 다른 게시물을 확인함)"),
        (
            *(False, True, "Kim, who took this over from the centre that confirmed it"),
            "Kim (게시물을 확인한 이전 센터에서 넘겨받음)",
        ),
        (
            *(
                True,
                True,
                "Kim, who took this over from the centre that confirmed another post with the identical picture",
            ),
            "Kim (사진이 똑같은 다른 게시물을 확인한 이전 센터에서 넘겨받음)",
        ),
    ],
)
def test_who_confirmed_what_is_said_in_one_sentence(
    identical: bool, elsewhere: bool, english: str, korean: str
) -> None:
    basis = Basis.IDENTICAL_COPY if identical else Basis.PERSON_VIEWED
    copy = make_copy(reviewer="Kim", basis=basis, confirmed_elsewhere=elsewhere)
    for language, words in (("en", english), ("ko", korean)):
        assert read_fields(("reviewer",), copy, make_intake(), BY_NAME["us_tida"], language) == {"reviewer": words}
    nobody = replace(copy, reviewer="")
    assert read_fields(("reviewer",), nobody, make_intake(), BY_NAME["us_tida"]) == {"reviewer": ""}
