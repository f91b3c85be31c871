"""What may be stated of how it is known: the latest word is the person's, and nobody saw a post before it was there."""

from datetime import UTC, datetime, timedelta

import pytest

from monitor.model.facts import Basis, PersonsWord
from monitor.model.grounds import ANSWER, OnRecord, can_have_seen, grounds_of, persons_word
from monitor.model.viewings import Viewer

NOON = datetime(2026, 11, 28, 12, 0, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


def bases(known: OnRecord) -> set[Basis]:
    return {one.basis for one in grounds_of(known)} - {Basis.CAPTION_CONTEXT}


def test_what_the_person_denied_last_they_said_nowhere() -> None:
    looked = [(Viewer.PERSON, "yes", NOON)]
    assert bases(OnRecord(viewings=looked)) == {Basis.PERSON_VIEWED}
    assert bases(OnRecord(viewings=looked, answers=[("no", NOON + HOUR)])) == set()
    assert bases(OnRecord(viewings=looked, answers=[("no", NOON - HOUR)])) == {Basis.PERSON_VIEWED}
    answered = [("yes", NOON)]
    assert bases(OnRecord(answers=answered, viewings=[(Viewer.PERSON, "no", NOON + HOUR)])) == set()
    assert bases(OnRecord(answers=answered, viewings=[(Viewer.PERSON, "unsure", NOON + HOUR)])) == {Basis.PERSON_SAID}


@pytest.mark.parametrize(("before", "expected"), [(HOUR, set()), (-HOUR, {Basis.PERSON_VIEWED})])
def test_a_link_counts_unless_they_denied_it_since(before: timedelta, expected: set[Basis]) -> None:
    assert bases(OnRecord(links_at=NOON - before, answers=[("no", NOON)])) == expected


def test_of_the_person_nobody_else_denies_it() -> None:
    said = [(Viewer.POLICE, "no", NOON + HOUR)]
    assert bases(OnRecord(answers=[("yes", NOON)], viewings=said)) == {Basis.PERSON_SAID}
    assert persons_word([(ANSWER, "yes", NOON), *said]) is PersonsWord.YES
    assert persons_word([(ANSWER, None, None), *said]) is None
    assert persons_word([(ANSWER, "yes", NOON), (Viewer.PERSON, "no", NOON)]) is PersonsWord.NO, "of one moment"


@pytest.mark.parametrize(
    ("at", "this_one", "seen"),
    [
        (NOON - timedelta(minutes=1), True, False),
        (NOON.replace(second=0), True, True),  # typed without seconds
        (NOON + HOUR, True, True),
        (NOON + HOUR, False, False),  # of another copy that only is sure once it was found
        (NOON + 2 * HOUR, False, True),
    ],
)
def test_a_copy_was_seen_once_it_was_there(at: datetime, this_one: bool, seen: bool) -> None:
    assert can_have_seen(at, posted_at=NOON, found_at=NOON + 2 * HOUR, this_one=this_one) is seen
