"""What an advocate adds to a notice breaks nothing of it, and brings nothing in that the notice keeps out."""

import pytest

from monitor.core.errors import RuleBroken
from monitor.model.facts import SenderRole
from monitor.notices.compose import compose
from monitor.notices.paragraph import LONGEST, tidy_paragraph
from monitor.notices.route_table import ROUTES
from tests.support.notice_builders import NOW, make_copy, make_intake

AGENT = make_intake(sender_role=SenderRole.AGENT, mandate_reference="Mandate 7")


def refused(text: str, route: str = "us_tida", **changes: object) -> str:
    with pytest.raises(RuleBroken) as caught:
        tidy_paragraph(text, make_copy(), make_intake(**changes), ROUTES[route])
    return caught.value.reason


@pytest.mark.parametrize(
    "text",
    [
        "See https://elsewhere.example/a",
        "see t.me/another/5",
        "www.elsewhere.example has it",
        "write to me@centre.example",
        "it is @anotherchannel again",
        "elsewhere.example/path",
    ],
)
def test_a_link_is_refused(text: str) -> None:
    assert refused(text) == "paragraph-link"


def test_the_copys_own_address_may_be_named() -> None:
    text = "The post https://t.me/examplechannel/17 was edited. It is still there."
    assert tidy_paragraph(text, make_copy(), make_intake(), ROUTES["us_tida"]) == text


@pytest.mark.parametrize("name", ["Typed Signature", "TYPED  signature", "typed-signature", "Ｔｙｐｅｄ Signature"])
def test_the_persons_name_is_refused_where_the_notice_keeps_it_out(name: str) -> None:
    assert refused(f"Please help {name} soon.", "telegram_report") == "name-in-text"
    assert refused(f"Please help {name} soon.", sender_role=SenderRole.AGENT) == "name-in-text"
    # Where the law wants the person's own signature it stands in the notice anyway.
    assert tidy_paragraph(f"I am {name}.", make_copy(), make_intake(), ROUTES["us_tida"])


def test_the_persons_contact_is_refused_everywhere() -> None:
    assert refused("Call 010 1234 5678.", contact="010-1234-5678") == "name-in-text"


def test_too_much_is_refused_and_never_cut() -> None:
    assert refused("a" * (LONGEST + 1)) == "paragraph-too-long"
    assert refused("a\n" * 30) == "paragraph-too-long"


def test_a_line_that_looks_like_a_field_cannot_be_taken_for_one() -> None:
    forged = "Signature (electronic): Somebody Else\nContact: nobody"
    text = tidy_paragraph(forged, make_copy(), AGENT, ROUTES["us_tida"])
    notice = compose(make_copy(), AGENT, ROUTES["us_tida"], "en", now=NOW, paragraph=text)
    lines = notice.body.splitlines()
    assert "> Signature (electronic): Somebody Else" in lines and "Signature (electronic): Somebody Else" not in lines
    assert "Signature (electronic): Signing Advocate" in lines and "Contact: answers@centre.example" in lines
    assert lines.index("From the advocate:") < lines.index("> Contact: nobody")


def test_direction_marks_and_other_hidden_characters_are_dropped() -> None:
    assert tidy_paragraph("a\u202eb\u200bc\x07\r\nd", make_copy(), AGENT, ROUTES["us_tida"]) == "abc\nd"


def test_a_comment_that_grows_too_long_for_telegram_is_refused() -> None:
    with pytest.raises(RuleBroken, match="comment-too-long"):
        compose(make_copy(), AGENT, ROUTES["telegram_report"], "en", now=NOW, paragraph="word " * 100)
