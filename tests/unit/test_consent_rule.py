"""What a consent allows, at the very edges of its time and in every state of its case; and that it is spelled once."""

import ast
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.model.consent import (
    DEFAULT,
    LONGEST,
    RENEW_BEFORE,
    ConsentReason,
    ends_at,
    is_to_be_renewed,
    may_use,
    stands,
    was_taken_back,
)
from monitor.model.states import CaseState, Purpose
from tests.support.source_tree import nodes_of

ROOT = Path(__file__).parents[2]
GIVEN = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
END = GIVEN + timedelta(days=5)
TICK = timedelta(microseconds=1)


@dataclass(frozen=True)
class Yes:
    """A consent as a row has it."""

    purpose: str = Purpose.WATCH
    given_at: datetime = GIVEN
    expires_at: datetime = END
    withdrawn_at: datetime | None = None
    paused_at: datetime | None = None
    list_consent_id: str | None = None


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        (GIVEN - TICK, ConsentReason.NOT_BEGUN),
        (GIVEN, None),
        (END - TICK, None),
        (END, ConsentReason.EXPIRED),
        (END + TICK, ConsentReason.EXPIRED),
    ],
)
def test_consent_counts_from_its_first_moment_until_just_before_its_end(
    now: datetime, reason: ConsentReason | None
) -> None:
    assert stands(Yes(), now).reason is reason
    assert may_use(CaseState.VOUCHED, Yes(), Purpose.WATCH, now).allowed is (reason is None)


@pytest.mark.parametrize("paused_at", [GIVEN - TICK, GIVEN, END + TICK])
def test_paused_consent_stands_and_allows_nothing(paused_at: datetime) -> None:
    resting = Yes(paused_at=paused_at)
    assert stands(resting, GIVEN).allowed
    assert may_use(CaseState.VOUCHED, resting, Purpose.WATCH, GIVEN).reason is ConsentReason.PAUSED
    gone = replace(resting, withdrawn_at=GIVEN)
    assert may_use(CaseState.VOUCHED, gone, Purpose.WATCH, GIVEN).reason is ConsentReason.WITHDRAWN


@pytest.mark.parametrize("withdrawn_at", [GIVEN - TICK, GIVEN, GIVEN + TICK, END + timedelta(days=1)])
def test_withdrawal_counts_whatever_time_it_bears(withdrawn_at: datetime) -> None:
    assert stands(Yes(withdrawn_at=withdrawn_at), GIVEN).reason is ConsentReason.WITHDRAWN


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (CaseState.OPEN, ConsentReason.NOT_VOUCHED),
        (CaseState.VOUCHED, None),
        (CaseState.ERASING, ConsentReason.CASE_CLOSED),
        (CaseState.ERASED, ConsentReason.CASE_CLOSED),
    ],
)
def test_only_a_case_that_is_vouched_for_is_read_for(state: CaseState, reason: ConsentReason | None) -> None:
    assert may_use(state, Yes(), Purpose.WATCH, GIVEN).reason is reason


def test_yes_to_one_purpose_is_none_to_another() -> None:
    assert may_use(CaseState.VOUCHED, Yes(), Purpose.FOLLOW, GIVEN).reason is ConsentReason.OTHER_PURPOSE
    assert may_use(CaseState.VOUCHED, Yes(purpose="follow"), Purpose.FOLLOW, GIVEN).allowed


def test_consent_is_to_be_renewed_in_its_last_days_and_only_while_it_stands() -> None:
    long = Yes(expires_at=GIVEN + DEFAULT)
    begins = long.expires_at - RENEW_BEFORE
    assert not is_to_be_renewed(long, begins - TICK)
    assert is_to_be_renewed(long, begins)
    assert is_to_be_renewed(long, long.expires_at - TICK)
    assert not is_to_be_renewed(long, long.expires_at)
    assert not is_to_be_renewed(replace(long, withdrawn_at=begins), begins)
    assert not is_to_be_renewed(Yes(), GIVEN - TICK)


def test_only_the_latest_consent_says_whether_it_was_taken_back() -> None:
    withdrawn, later = Yes(withdrawn_at=GIVEN), Yes(given_at=GIVEN + TICK)
    assert not was_taken_back([], GIVEN)
    assert was_taken_back([withdrawn], GIVEN)
    assert not was_taken_back([later, withdrawn], GIVEN + TICK)
    assert was_taken_back([Yes(), replace(later, withdrawn_at=END)], GIVEN + TICK)
    assert not was_taken_back([Yes()], END)


def test_yes_that_has_not_begun_takes_back_no_withdrawal() -> None:
    withdrawn, later = Yes(withdrawn_at=GIVEN), Yes(given_at=GIVEN + TICK)
    assert was_taken_back([withdrawn, later], GIVEN)


def test_yes_of_the_same_moment_takes_back_a_withdrawal() -> None:
    assert not was_taken_back([Yes(), Yes(withdrawn_at=GIVEN)], GIVEN)
    assert not was_taken_back([Yes(withdrawn_at=GIVEN), Yes()], GIVEN)


def test_a_list_and_a_source_that_was_named_are_two_yeses() -> None:
    named, listed = Yes(), Yes(given_at=GIVEN + TICK, list_consent_id="a")
    gone = replace(listed, withdrawn_at=END)
    assert not was_taken_back([named, gone], GIVEN + TICK), "the person still says yes to the source itself"
    assert was_taken_back([named, gone], END), "and no more once that has ended"
    assert was_taken_back([gone], GIVEN + TICK)
    assert not was_taken_back([replace(named, withdrawn_at=END), listed], GIVEN + TICK)
    assert was_taken_back([replace(named, withdrawn_at=END), gone], GIVEN + TICK)
    again = replace(listed, given_at=GIVEN - TICK)
    assert was_taken_back([again, gone], GIVEN + TICK), "a yes to the list before does not outlive its withdrawal"
    assert not was_taken_back([replace(named, withdrawn_at=END), again], GIVEN)


def test_consent_ends_after_a_year_at_the_latest_and_never_before_it_began() -> None:
    assert ends_at(None, GIVEN) == GIVEN + DEFAULT
    assert ends_at(5000, GIVEN) == GIVEN + LONGEST
    with pytest.raises(ValueError, match="end in the future"):
        ends_at(0, GIVEN)


def test_no_other_query_compares_the_times_of_a_consent() -> None:
    """The times that the rule weighs are named in one file; an order by `given_at` weighs nothing."""
    found = {
        str(path.relative_to(ROOT))
        for folder in ("api", "monitor", "db")
        for path in (ROOT / folder).rglob("*.py")
        for node in nodes_of(path)
        if isinstance(node, ast.Attribute) and node.attr in ("withdrawn_at", "expires_at")
        if isinstance(node.value, ast.Name) and node.value.id == "Consent"
    }
    assert found == {"db/queries/consents.py"}
