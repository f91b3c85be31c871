"""What the report of a package says: in words, in both times, and short enough to be read."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.exports.case_file import AnswerLine, CaseFile, CopyLine, EntryLine, FilingLine, NoticeLine
from monitor.exports.report import ReportFrame, report_values
from monitor.exports.words import CLOSINGS, FILING_ANSWERS, WHY_REFUSED
from monitor.model.copies import Closing, FilingAnswer
from monitor.model.facts import AgeGroup
from monitor.model.platform_answers import WhyRefused

AT = datetime(2026, 11, 24, 3, 5, tzinfo=UTC)
COPY = CopyLine(
    number=1,
    id="s1",
    platform="telegram",
    handle="examplechannel",
    remote_id="15",
    post="17",
    url="https://t.me/examplechannel/17",
    kind="intimate",
    posted_at=AT,
    found_at=AT,
    verdict="confident",
    distance=4,
    identical=False,
    how="whole picture: 4 of 256 bits differ (limit 31), quality 88",
    evidence={"format": "JPEG", "width": 8, "height": 6},
    evidence_entry=1,
    frames=0,
    decided_at=AT,
    decided_by="Kim",
    basis="person-viewed",
    presence="live",
    checked_at=AT,
    checks=3,
    removed_at=None,
    age=AgeGroup.ADULT,
    seen_last=None,
)
NOTICE = NoticeLine(
    number=1,
    id="n1",
    copy=1,
    route="us_tida",
    recipient="abuse@platform.example",
    language="en",
    state="sent",
    reason="",
    written_at=AT,
    written_by="Kim",
    sent_at=AT,
    deadline_at=AT,
    subject="",
    body="",
    fields={},
    receipt=None,
    answers=(),
    next_steps=(),
)


def case_file(entries: Sequence[EntryLine] = ()) -> CaseFile:
    return CaseFile(
        case_id="c" * 26,
        centre="Centre A",
        opened_at=AT,
        vouched_at=AT,
        age_group=AgeGroup.ADULT,
        country="KR",
        copies=(COPY,),
        notices=(NOTICE,),
        filings=(),
        entries=tuple(entries),
        links=(),
        ledger={"count": len(entries), "head_hash": "0" * 64},
        attestation=None,
    )


def values(case: CaseFile, language: str) -> dict[str, Any]:
    frame = ReportFrame(
        language=language,
        package="p",
        made_at=AT,
        made_by="Kim",
        recipient="the police",
        public_key="0" * 64,
        verifier_sha256="0" * 64,
        verifier_page="https://jikimi.example.org/evidence",
    )
    return report_values(case, frame)


def checks(*presences: str, copy: int = 1, first: int = 1) -> list[EntryLine]:
    return [
        EntryLine(
            seq=seq,
            at=AT + timedelta(hours=seq),
            kind="looked",
            entry_hash="0" * 64,
            who="program",
            name="",
            opened=True,
            copy=copy,
            presence=presence,
        )
        for seq, presence in enumerate(presences, first)
    ]


def test_a_year_of_checks_that_say_the_same_fills_no_book() -> None:
    entries = [*checks(*["live"] * 50, "deleted", "deleted", "deleted"), *checks("live", "live", copy=2, first=60)]
    custody = values(case_file(entries), "en")["custody"]
    assert [row["seq"] for row in custody["rows"]] == [1, 51, 53, 60, 61]
    assert "50 more are in custody.csv" in custody["note"]
    short = values(case_file(checks("live", "deleted")), "ko")["custody"]
    assert "custody.csv" not in short["note"] and len(short["rows"]) == 2


@pytest.mark.parametrize("language", ["en", "ko"])
def test_a_closed_copy_is_told_with_when_and_why(language: str) -> None:
    for why in Closing:
        (copy,) = values(replace(case_file(), copies=(replace(COPY, closed_at=AT, closed_for=why),)), language)[
            "copies"
        ]
        (told,) = [row[1] for row in copy["facts"] if CLOSINGS[why][language] in row[1]]
        assert told.endswith("2026-11-24 12:05 KST (2026-11-24 03:05 UTC)")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_answers_are_told_in_words_and_in_both_times(language: str) -> None:
    for why in WhyRefused:
        answer = AnswerLine(at=AT, kind="refused", proven=True, sender="", text="No breach.", reason=why)
        case = replace(case_file(), notices=(replace(NOTICE, answers=(answer,)),))
        (notice,) = values(case, language)["notices"]
        (told,) = notice["answers"]
        assert told.startswith("2026-11-24 12:05 KST (2026-11-24 03:05 UTC): ") and told.endswith("(No breach.)")
        assert WHY_REFUSED[why][language] in told and f" {why}" not in told.replace(WHY_REFUSED[why][language], "")
        assert notice["sent"][2].endswith("2026-11-24 12:05 KST") and notice["sent"][3].endswith("2026-11-24 03:05 UTC")
    for kind in FilingAnswer:
        filing = FilingLine(
            copy=1, step="kr_police", filed_at=AT, reference="1", answer=kind, answered_at=AT + timedelta(days=1)
        )
        (row,) = values(replace(case_file(), filings=(filing,)), language)["filings"]
        assert row["answer"] == f"{FILING_ANSWERS[kind][language]} · 2026-11-25 12:05 KST (2026-11-25 03:05 UTC)"


def test_of_many_copies_the_age_is_told_by_how_many() -> None:
    young = tuple(replace(COPY, number=number, age=AgeGroup.UNSURE) for number in range(2, 20))
    head = values(replace(case_file(), copies=(COPY, *young)), "ko")["head"]
    assert "촬영 당시 나이 불확실: 미성년자로 다룸 (사본 18건) / 촬영 당시 성인 (1번 사본)" in str(head)
