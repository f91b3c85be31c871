"""What strangers can write into a mailbox never gets further than MailUnreadable, and says no more than it should."""

from contextlib import suppress
from email.message import Message

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.mailbox.plain_text import MOST_CHARACTERS, plain_part, readable
from monitor.mailbox.report import ReportKind, judge_report, our_ids, report_of
from monitor.mailbox.structure import MOST_DEPTH, MailGone, MailUnreadable, Part, fetched, part_of, tokens
from monitor.mailbox.trust import Proof, Trust, authenticated, is_within, proof_of

NOTICE = "abcdefghijklmnopqrstuvwxyz"
OURS = f"<notice.{NOTICE}@ngo.invalid>"
TRUST = Trust("mx.ngo.invalid", "mx.ngo.invalid", frozenset({"provider.invalid"}))

_HEADERS = ["Authentication-Results", "Received", "Return-Path"]


def test_structure_names_the_section_of_every_part() -> None:
    text = b'("TEXT" "PLAIN" ("CHARSET" "utf-8") NIL NIL "QUOTED-PRINTABLE" 5 1 NIL NIL NIL)'
    html = b'("TEXT" "HTML" NIL NIL NIL "7BIT" 5 1)'
    file = b'("TEXT" "PLAIN" ("NAME" "a.txt") NIL NIL "BASE64" 5 1 NIL ("ATTACHMENT" ("FILENAME" "a.txt")) NIL)'
    line = b"1 (UID 7 BODYSTRUCTURE ((" + text + html + b' "ALTERNATIVE")' + file + b' "MIXED" ("BOUNDARY" "x")))'
    part = part_of(fetched([line], 7, "BODYSTRUCTURE"))
    assert [(one.section, one.kind) for one in part.walk()] == [
        ("", "multipart/mixed"),
        ("1", "multipart/alternative"),
        ("1.1", "text/plain"),
        ("1.2", "text/html"),
        ("2", "text/plain"),
    ]
    plain = plain_part(part)
    assert plain is not None and (plain.section, plain.encoding) == ("1.1", "quoted-printable")
    # An attached text is a file, and a mail inside a mail is never looked into.
    assert plain_part(part_of(fetched([b"1 (UID 7 BODYSTRUCTURE " + file + b")"], 7, "BODYSTRUCTURE"))) is None
    inside = b'1 (UID 7 BODYSTRUCTURE ("MESSAGE" "RFC822" NIL NIL NIL "7BIT" 9 NIL ' + text + b" 1))"
    assert plain_part(part_of(fetched([inside], 7, "BODYSTRUCTURE"))) is None


def test_answer_about_another_mail_is_not_taken_for_this_one() -> None:
    answer = [b"3 (FLAGS (\\Seen) UID 8)", (b"4 (UID 9 BODY[HEADER]<0> {2}", b"ab"), b")", b"5 (UID 10 FLAGS ())"]
    assert fetched(answer, 9, "BODY[HEADER]") == b"ab"
    with pytest.raises(MailGone):
        fetched(answer, 8, "BODY[HEADER]")


def test_deep_or_endless_structures_are_unreadable() -> None:
    for line in (b"(" * 50_000, b"1 (" + b"NIL " * 50_000 + b")", b"1 (UID 7", b"))", b'"open'):
        with pytest.raises(MailUnreadable):
            tokens([line])
    deep = b"(" * (MOST_DEPTH - 1) + b")" * (MOST_DEPTH - 1)
    assert tokens([deep])


@settings(max_examples=400, deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_unreadable(raw: bytes) -> None:
    with suppress(MailUnreadable):
        part_of(fetched([b"1 (UID 7 BODYSTRUCTURE " + raw + b")"], 7, "BODYSTRUCTURE"))
    for encoding in ("base64", "quoted-printable", "7bit", "x-unknown"):
        for charset in ("utf-8", "euc-kr", "iso-2022-kr", "utf-16", "rot13", "idna", "\x00", "a" * 300):
            text = readable(raw, Part("1", "text/plain", {"charset": charset}, encoding))
            assert len(text) <= MOST_CHARACTERS + 6 and "\x00" not in text and isinstance(text.encode(), bytes)
    judge_report(report_of(raw, raw), message_id=OURS, recipient="a@b.invalid", proof=None)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["Authentication-Results", "Received", "Return-Path"]), st.text(max_size=80)))
)
def test_no_text_in_headers_proves_anything_by_itself(headers: list[tuple[str, str]]) -> None:
    mail = Message()
    for name, value in headers:
        mail[name] = value.replace("\r", " ").replace("\n", " ")
    assert proof_of(mail, TRUST, {"telegram.org"}) is None


def results(*lines: str) -> Message:
    mail = Message()
    for line in lines:
        mail["Authentication-Results"] = line
    return mail


def test_domains_are_compared_whole() -> None:
    assert is_within("mx.Telegram.org.", "telegram.org") and is_within("telegram.org", "telegram.org")
    for other in ("nottelegram.org", "telegram.org.evil.invalid", "org", ""):
        assert not is_within(other, "telegram.org")
    assert not is_within("anything.invalid", "")
    line = "mx.ngo.invalid; dkim=pass header.d=provider.invalid"
    assert authenticated(results(line), TRUST, {"telegram.org", *TRUST.reporters}) is Proof.DKIM
    assert authenticated(results(line), Trust(), {"provider.invalid"}) is None


def test_report_is_found_among_several_recipients_and_gives_no_words_away() -> None:
    status = (
        "Reporting-MTA: dns; mx\r\n\r\nFinal-Recipient: rfc822; other@b.invalid\r\nAction: delivered\r\n"
        "Status: 2.0.0\r\n"
        "\r\nFinal-Recipient: RFC822;\r\n <A@B.invalid>\r\nAction: Failed (rejected)\r\nStatus: 5.07.001 (words)\r\n"
        "Diagnostic-Code: smtp; 550 secret words\r\n\r\n"
    )
    report = report_of(status.encode(), f"message-id: {OURS}\r\n\r\n".encode())
    found = judge_report(report, message_id=OURS, recipient="a@b.invalid", proof=Proof.SPF)
    assert (found.kind, found.reason) == (ReportKind.BOUNCE, "bounced-5.7.1")
    assert "invalid" not in repr(report) and "words" not in repr(report)


def test_only_message_ids_of_ours_are_looked_for() -> None:
    assert our_ids(f"<a@b> {OURS} <notice.short@b> <notice.{NOTICE}.2@ngo.invalid>") == {
        OURS: NOTICE,
        f"<notice.{NOTICE}.2@ngo.invalid>": NOTICE,
    }
