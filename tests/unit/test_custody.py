"""Drafts for the police, the custodian's statement, and the chain of custody: pure texts and lists."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from db.models.ledger import LedgerEntry
from monitor.evidence.by import By, Door
from monitor.evidence.chain import INSTALLATION
from monitor.evidence.entry_kinds import EntryKind
from monitor.evidence.ledger import ToldEntry
from monitor.exports.custody.events import ACTS, CustodyAct, custody_events
from monitor.exports.custody.preservation import (
    KEPT_FOR,
    Draft,
    PostToKeep,
    ends_at,
    preservation_request,
    renew_at,
)
from monitor.exports.custody.statement import HandedOut, StampedDay, custodian_statement
from monitor.notices.route_table import use_routes
from monitor.platforms.base import PlatformName

AT = datetime(2026, 11, 24, 15, 5, tzinfo=UTC)
POST = PostToKeep(
    url="https://x.com/somebody/status/17",
    handle="somebody",
    remote_id="4711",
    post_id="17",
    media_id="3_99",
    author_id="4711",
    posted_at=AT,
    found_at=AT + timedelta(hours=1),
    seen_at=AT + timedelta(hours=2),
    response_sha256="ab" * 32,
    media_sha256="cd" * 32,
    media_variant="orig",
    media_size=123456,
)


def draft(platform: PlatformName, language: str, post: PostToKeep = POST, **changed: bool) -> Draft:
    return preservation_request(
        platform,
        [post],
        language=language,
        case_number="c" * 26,
        organisation="Centre A",
        minor=changed.get("minor", False),
        renewal=changed.get("renewal", False),
    )


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("platform", PlatformName)
def test_draft_holds_what_a_platform_needs_to_find_it_and_blanks_for_the_police(
    platform: PlatformName, language: str
) -> None:
    made = draft(platform, language)
    for needed in (
        "/status/17",
        "@somebody",
        "4711",
        "3_99",
        "ab" * 32,
        "cd" * 32,
        "123456",
        "c" * 26,
        "Centre A",
        "90",
    ):
        assert needed in made.body, needed
    assert ("2026-11-25 00:05 KST" in made.body) == (language == "ko")
    assert "2026-11-24 15:05 UTC" in made.body and "2026-11-24 17:05 UTC" in made.body
    assert made.body.count("[") >= 6 and made.subject and "\n" not in made.subject
    assert made.confirmed == (platform is PlatformName.X) and (made.address == "") == (not made.confirmed)
    assert ("(?)" in made.body) == (not made.confirmed)
    assert made.body.splitlines()[0].startswith("수사기관용 초안" if language == "ko" else "DRAFT")


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("platform", PlatformName)
def test_renewal_and_minor_are_said_and_nothing_of_the_person(platform: PlatformName, language: str) -> None:
    plain, both = draft(platform, language), draft(platform, language, minor=True, renewal=True)
    assert plain.subject != both.subject
    assert ("미성년" in both.body) == (language == "ko") and ("under age" in both.body) == (language == "en")
    assert "미성년" not in plain.body and "under age" not in plain.body
    bare = draft(platform, language, replace(POST, seen_at=None, media_variant="", media_size=None))
    assert "None" not in bare.body and "()" not in bare.body


def test_what_a_post_says_cannot_forge_lines_of_the_draft() -> None:
    odd = replace(POST, handle="a\nTo: somebody else", url="https://x.com/a\u202eb")
    body = draft(PlatformName.X, "en", odd).body
    assert "\nTo: somebody" not in body and "\u202e" not in body


@pytest.mark.parametrize("platform", PlatformName)
def test_clock_of_a_request_is_90_days_with_a_week_to_renew(platform: PlatformName) -> None:
    assert ends_at(platform, AT) - AT == KEPT_FOR == timedelta(days=90)
    assert ends_at(platform, AT) - renew_at(platform, AT) == timedelta(days=7)


def test_what_an_operator_changes_in_the_file_of_the_polices_way_holds_for_the_drafts(tmp_path: Path) -> None:
    changed = (
        'name = "x_preservation"\nblock_days = 180\nrenew_days_before = 14\nrecipient = "https://police.example"\n'
    )
    (tmp_path / "x_preservation.toml").write_text(changed, encoding="utf-8")
    use_routes(tmp_path)
    try:
        made = draft(PlatformName.X, "en")
        assert made.address == "https://police.example" and "180 days" in made.body
        assert ends_at(PlatformName.X, AT) - AT == timedelta(days=180)
        assert ends_at(PlatformName.X, AT) - renew_at(PlatformName.X, AT) == timedelta(days=14)
    finally:
        use_routes(None)
    assert draft(PlatformName.X, "en").address == "https://legalrequests.x.com"
    assert draft(PlatformName.TELEGRAM, "en").address == ""


@pytest.mark.parametrize("language", ["ko", "en"])
def test_statement_names_what_was_handed_out_and_leaves_the_signature_to_a_person(language: str) -> None:
    handed_out = HandedOut(
        case_number="c" * 26,
        organisation="Centre A",
        entries=42,
        head_hash="ef" * 32,
        manifest_sha256="12" * 32,
        exported_at=AT,
        tool="jikimi 0.3.0",
        stamps=(StampedDay("2026-11-23", "https://tsa.example.org", AT),),
    )
    title, text = custodian_statement(handed_out, language=language)
    for needed in ("c" * 26, "Centre A", "42", "ef" * 32, "12" * 32, "jikimi 0.3.0", "tsa.example.org", "_____", "["):
        assert needed in text + title
    assert "2026-11-24 15:05 UTC" in text and ("KST" in text) == (language == "ko")
    assert ("902(14)" in text) == (language == "en") and ("동일성과 무결성" in text) == (language == "ko")
    bare = replace(handed_out, stamps=(), manifest_sha256="", custodian="A Name, head of the centre")
    _, text = custodian_statement(bare, language=language)
    assert "A Name, head of the centre" in text and "RFC 3161" not in text


def entry(chain: str, seq: int, kind: str, by: By | None, **facts: object) -> ToldEntry:
    row = LedgerEntry(case_id=chain, seq=seq, at=AT + timedelta(minutes=seq), kind=kind)
    return ToldEntry(row, by, facts or None)


def test_custody_lists_who_collected_saw_decided_sent_and_exported() -> None:
    advocate, program = By.advocate("a" * 26, Door.PAGE), By.program("crawl")
    chain = [
        entry("case", 1, "case-opened", By.person(Door.API)),
        entry("case", 2, "sighting-found", program, sighting="s1", evidence={"url": "https://t.me/x/1"}, how="secret"),
        entry("case", 3, "evidence-read", advocate, sighting="s1"),
        entry("case", 4, "sighting-confirmed", advocate, sighting="s1"),
        entry("case", 5, "post-observed", By.program("observe"), sighting="s1", notice="n1", outcome="observed"),
        entry("case", 6, "notice-sent", By.program("send"), notice="n1", receipt={"smtp_reply": "250"}),
        entry("case", 7, "of-a-newer-program", None),
        entry("case", 9, "payloads-destroyed", None),
    ]
    shared = [
        entry(INSTALLATION, 3, "logged-in", advocate),
        entry(INSTALLATION, 8, "chain-exported", By.operator("ledger export"), case="case", count=7),
        entry(INSTALLATION, 9, "chain-exported", By.operator("ledger export"), case="another", count=7),
    ]
    events = custody_events(chain, shared, case_id="case")
    assert [(one.act, one.kind) for one in events] == [
        (CustodyAct.COLLECTED, EntryKind.SIGHTING_FOUND),
        (CustodyAct.SEEN, EntryKind.EVIDENCE_READ),
        (CustodyAct.DECIDED, EntryKind.SIGHTING_CONFIRMED),
        (CustodyAct.COLLECTED, EntryKind.POST_OBSERVED),
        (CustodyAct.SENT, EntryKind.NOTICE_SENT),
        (CustodyAct.EXPORTED, EntryKind.CHAIN_EXPORTED),
        (CustodyAct.DESTROYED, EntryKind.PAYLOADS_DESTROYED),
    ]
    assert events[1].by == advocate and events[1].at == AT + timedelta(minutes=3)
    assert events[3].about == {"sighting": "s1", "notice": "n1", "outcome": "observed"}
    assert "t.me" not in f"{events}" and "secret" not in f"{events}" and "250" not in f"{events}"


def test_every_act_has_a_kind() -> None:
    assert set(ACTS.values()) == set(CustodyAct)
