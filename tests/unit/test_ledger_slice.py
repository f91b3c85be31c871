"""Every kind of entry has a place: opened in a package, with words for its reader, or closed for a reason."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from db.models.ledger import LedgerEntry
from monitor.evidence.entry_kinds import EntryKind
from monitor.evidence.ledger import ToldEntry
from monitor.exports.ledger_slice import ABOUT_COPIES, ABOUT_THE_CASE, OF_THIS_PACKAGE, STAY_CLOSED, is_opened
from monitor.exports.words import KINDS_OF_ENTRIES

OPENED = ABOUT_THE_CASE | ABOUT_COPIES | OF_THIS_PACKAGE


def entry(kind: EntryKind, **facts: object) -> ToldEntry:
    row = LedgerEntry(kind=kind, at=datetime(2026, 11, 26, tzinfo=UTC))
    return ToldEntry(row, None, facts)


def test_each_kind_is_opened_or_stays_closed_for_a_stated_reason() -> None:
    places = Counter(
        kind for kinds in (ABOUT_THE_CASE, ABOUT_COPIES, OF_THIS_PACKAGE, *STAY_CLOSED.values()) for kind in kinds
    )
    assert [kind for kind in EntryKind if places[kind] != 1] == [], "a kind needs exactly one place"
    assert all(len(reason) > 20 for reason in STAY_CLOSED)


def test_each_opened_kind_has_words_in_both_languages() -> None:
    for kind in OPENED:
        assert set(KINDS_OF_ENTRIES[kind]) == {"en", "ko"}, kind
        assert all(KINDS_OF_ENTRIES[kind].values())


@pytest.mark.parametrize(
    "kind", [EntryKind.LETTER_WRITTEN, EntryKind.NOTICE_RETRACTED, EntryKind.REPLY_SENT, EntryKind.NOTICE_RELEASED]
)
def test_what_followed_a_notice_is_opened_with_it_and_never_without(kind: EntryKind) -> None:
    told = entry(kind, notice="n1")
    assert is_opened(told, [], ["n1"], "e")
    assert not is_opened(told, [], ["n2"], "e")


def test_joint_reports_and_what_the_person_told_stay_closed() -> None:
    for kind in (EntryKind.JOINT_AGREED, EntryKind.INTAKE_CHANGED, EntryKind.STEP_FILED):
        assert not is_opened(entry(kind, notice="n1", sighting="s1"), ["s1"], ["n1"], "e")
