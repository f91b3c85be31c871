"""Gone needs two checks apart in time; an error is unknown; a deadline lapses only for what was seen to be there."""

from datetime import datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from monitor.jobs.post_check import blocked
from monitor.model.following import look_after_receipt
from monitor.notices.deadlines import MIN_GAP, WEEKLY_UNTIL
from monitor.notices.removal_rules import (
    GONE,
    CheckOutcome,
    CheckReason,
    FollowState,
    OutcomeKind,
    is_back,
    judge_check,
)
from monitor.platforms.base import PostStatus, Presence
from monitor.platforms.second_view import Sight, contradicts
from tests.support.notice_builders import NOW

HOUR = timedelta(hours=1)
DEADLINE = NOW + 48 * HOUR
DELETED, LIVE, UNKNOWN = Presence.DELETED, Presence.LIVE, Presence.UNKNOWN


def check(state: FollowState, presence: Presence, hours: float, deadline: datetime | None = DEADLINE) -> CheckOutcome:
    return judge_check(state, presence, NOW + hours * HOUR, sent_at=NOW, deadline=deadline)


def follow(*checks: tuple[Presence, float]) -> list[CheckOutcome]:
    state, outcomes = FollowState(), []
    for presence, hours in checks:
        outcomes.append(check(state, presence, hours))
        state = outcomes[-1].state
    return outcomes


def test_two_gone_checks_an_hour_apart_are_a_removal() -> None:
    first, second = follow((DELETED, 1), (DELETED, 2))
    assert (first.kind, first.reason, first.at) == (OutcomeKind.KEEP_CHECKING, CheckReason.GONE_ONCE, NOW + 2 * HOUR)
    assert (second.kind, second.reason, second.at) == (OutcomeKind.REMOVED, CheckReason.GONE_TWICE, None)
    assert (second.state.gone_since, second.state.gone_checks, second.state.checks) == (NOW + HOUR, 2, 2)


def test_second_gone_check_that_comes_too_soon_waits_for_the_gap() -> None:
    _, soon, apart = follow((DELETED, 1), (DELETED, 1.9), (DELETED, 2))
    assert (soon.kind, soon.reason, soon.at) == (OutcomeKind.KEEP_CHECKING, CheckReason.GONE_TOO_SOON, NOW + 2 * HOUR)
    assert soon.state.gone_checks == 1
    assert apart.kind is OutcomeKind.REMOVED


def test_failed_check_between_two_gone_checks_neither_counts_nor_resets() -> None:
    _, failed, again = follow((DELETED, 1), (UNKNOWN, 3), (DELETED, 4))
    assert failed.kind is OutcomeKind.KEEP_CHECKING
    assert (failed.state.gone_since, failed.state.gone_checks) == (NOW + HOUR, 1)
    assert again.kind is OutcomeKind.REMOVED


@pytest.mark.parametrize("presence", [LIVE, Presence.EDITED, Presence.RESTRICTED, Presence.LOGIN])
def test_anything_that_may_still_be_there_starts_over(presence) -> None:
    _, back, gone = follow((DELETED, 1), (presence, 2), (DELETED, 3))
    assert (back.state.gone_since, back.state.gone_checks) == (None, 0)
    assert (gone.kind, gone.reason) == (OutcomeKind.KEEP_CHECKING, CheckReason.GONE_ONCE)


@pytest.mark.parametrize("presence", [LIVE, Presence.EDITED, Presence.RESTRICTED])
def test_deadline_lapses_once_for_what_is_still_there_and_checking_goes_on(presence) -> None:
    before, at, after = follow((presence, 47), (presence, 48), (presence, 72))
    assert before.kind is OutcomeKind.KEEP_CHECKING and before.at == DEADLINE
    assert (at.kind, at.reason, at.at) == (OutcomeKind.LAPSED, CheckReason.DEADLINE_PASSED, NOW + 72 * HOUR)
    assert (after.kind, after.reason) == (OutcomeKind.KEEP_CHECKING, CheckReason.LAPSED_BEFORE)


def test_first_gone_check_at_the_deadline_waits_for_the_second_and_does_not_escalate() -> None:
    _, first, second = follow((LIVE, 24), (DELETED, 48), (DELETED, 49))
    assert (first.kind, first.reason, first.at) == (OutcomeKind.KEEP_CHECKING, CheckReason.GONE_ONCE, NOW + 49 * HOUR)
    assert second.kind is OutcomeKind.REMOVED


def test_copy_that_comes_back_after_the_deadline_lapses_then() -> None:
    _, _, back = follow((LIVE, 24), (DELETED, 48), (LIVE, 49))
    assert back.kind is OutcomeKind.LAPSED


def test_late_removal_after_the_lapse_is_still_a_removal() -> None:
    assert follow((LIVE, 48), (DELETED, 72), (DELETED, 73))[-1].kind is OutcomeKind.REMOVED


@pytest.mark.parametrize("presence", [UNKNOWN, Presence.LOGIN])
def test_what_nobody_can_verify_alerts_at_the_deadline_and_never_escalates_by_itself(presence) -> None:
    at = check(FollowState(), presence, 48)
    assert (at.kind, at.reason, at.alert) == (OutcomeKind.KEEP_CHECKING, CheckReason.UNVERIFIABLE_AT_DEADLINE, True)
    assert at.at is not None and at.at > NOW + 48 * HOUR


def test_login_alerts_at_once_and_a_single_failed_check_does_not() -> None:
    assert check(FollowState(), Presence.LOGIN, 1).alert
    failed = check(FollowState(), UNKNOWN, 1)
    assert (failed.alert, failed.reason, failed.at) == (False, CheckReason.CHECK_FAILED, NOW + 2 * HOUR)


def test_failed_check_after_days_waits_for_the_schedule() -> None:
    assert check(FollowState(), UNKNOWN, 5 * 24 + 1).at == NOW + timedelta(days=6)


def test_without_a_deadline_nothing_lapses() -> None:
    assert check(FollowState(), LIVE, 1000, deadline=None).kind is OutcomeKind.KEEP_CHECKING


def test_alive_copy_is_followed_for_a_year_then_left_to_a_person() -> None:
    state = FollowState(lapsed=True)
    assert check(state, LIVE, WEEKLY_UNTIL / HOUR + 1).at is None


@pytest.mark.parametrize("presence", sorted(GONE))
def test_gone_picture_is_a_removal_whether_its_post_went_with_it_or_not(presence) -> None:
    first, second = follow((presence, 1), (presence, 2))
    assert (first.reason, second.kind) == (CheckReason.GONE_ONCE, OutcomeKind.REMOVED)


@pytest.mark.parametrize("presence", [Presence.TAKEN_OUT, Presence.REPLACED])
def test_nothing_is_removed_beside_a_copy_that_nobody_decided_about(presence) -> None:
    state, outcomes = FollowState(), []
    for hours in (1, 2, 24, 49, 73):
        now = NOW + hours * HOUR
        outcomes.append(judge_check(state, presence, now, sent_at=NOW, deadline=DEADLINE, undecided=True))
        state = outcomes[-1].state
    assert {one.kind for one in outcomes} == {OutcomeKind.KEEP_CHECKING}
    assert {one.reason for one in outcomes} == {CheckReason.UNDECIDED}
    assert [one.alert for one in outcomes] == [False, False, False, True, True]
    assert state.gone_since is None and all(one.at is not None for one in outcomes)


def test_clock_that_jumps_back_makes_no_removal() -> None:
    assert follow((DELETED, 5), (DELETED, 1))[-1].kind is OutcomeKind.KEEP_CHECKING


checks_in_time = st.lists(st.tuples(st.sampled_from(Presence), st.integers(0, 40 * 60)), max_size=12)


def run(steps: list[tuple[Presence, int]]) -> list[tuple[Presence, datetime, CheckOutcome]]:
    state, now, told = FollowState(), NOW, []
    for presence, minutes in steps:
        now += timedelta(minutes=minutes)
        outcome = judge_check(state, presence, now, sent_at=NOW, deadline=DEADLINE)
        state = outcome.state
        told.append((presence, now, outcome))
        if outcome.kind is OutcomeKind.REMOVED:
            break
    return told


@given(checks_in_time)
@example([(DELETED, 0), (UNKNOWN, 59), (DELETED, 1)])
@example([(DELETED, 0), (LIVE, 30), (DELETED, 30)])
def test_removed_means_two_gone_checks_apart_with_nothing_seen_in_between(steps) -> None:
    told = run(steps)
    for number, (_, now, outcome) in enumerate(told):
        run_start = now
        for earlier, at, _ in reversed(told[: number + 1]):
            if earlier in GONE:
                run_start = at
            elif earlier is not UNKNOWN:
                break
        proven = told[number][0] in GONE and now - run_start >= MIN_GAP
        assert (outcome.kind is OutcomeKind.REMOVED) is proven


@given(checks_in_time)
def test_only_a_gone_check_removes_only_a_seen_copy_lapses_and_only_once(steps) -> None:
    told = run(steps)
    for presence, now, outcome in told:
        if outcome.kind is OutcomeKind.REMOVED:
            assert presence in GONE and outcome.at is None
        else:
            assert outcome.at is None or outcome.at > now
        if outcome.kind is OutcomeKind.LAPSED:
            assert presence in (LIVE, Presence.EDITED, Presence.RESTRICTED, Presence.BLOCKED) and now >= DEADLINE
    assert sum(outcome.kind is OutcomeKind.LAPSED for _, _, outcome in told) <= 1
    assert not any(outcome.state.gone_checks == 2 for _, _, outcome in told if outcome.kind is not OutcomeKind.REMOVED)


@given(st.lists(st.integers(0, 40 * 60), max_size=12), st.integers(0, 1))
def test_failed_checks_alone_never_remove_and_never_lapse(minutes, gone_before) -> None:
    steps = [(DELETED, 1)] * gone_before + [(UNKNOWN, each) for each in minutes]
    assert all(outcome.kind is OutcomeKind.KEEP_CHECKING for _, _, outcome in run(steps))


def test_blocked_in_a_country_is_neither_removed_nor_lost_sight_of() -> None:
    outcomes = follow((Presence.BLOCKED, 1), (Presence.BLOCKED, 48), (Presence.BLOCKED, 72))
    assert [one.kind for one in outcomes] == [
        OutcomeKind.KEEP_CHECKING,
        OutcomeKind.LAPSED,
        OutcomeKind.KEEP_CHECKING,
    ]
    assert outcomes[0].reason is CheckReason.BLOCKED and outcomes[2].reason is CheckReason.LAPSED_BEFORE


@pytest.mark.parametrize("presence", Presence)
def test_after_a_receipt_only_what_is_seen_is_back(presence: Presence) -> None:
    seen = {Presence.LIVE, Presence.EDITED, Presence.RESTRICTED, Presence.BLOCKED}
    assert is_back(presence) is (presence in seen)


def test_looks_after_a_receipt_are_on_days_1_3_7_14_and_30_and_none_is_made_up() -> None:
    days, at = [], NOW
    while (following := look_after_receipt(NOW, at)) is not None:
        days.append((following - NOW).days)
        at = following
    assert days == [1, 3, 7, 14, 30]
    assert look_after_receipt(NOW, NOW + timedelta(days=8)) == NOW + timedelta(days=14)


@pytest.mark.parametrize(
    ("presence", "sight", "both"),
    [
        (Presence.DELETED, Sight.POST, True),
        (Presence.DELETED, Sight.NO_PICTURE, True),
        (Presence.DELETED, Sight.GONE, False),
        (Presence.DELETED, Sight.CANNOT_SEE, False),
        (Presence.TAKEN_OUT, Sight.POST, True),
        (Presence.TAKEN_OUT, Sight.NO_PICTURE, False),
        (Presence.REPLACED, Sight.POST, False),
        (Presence.LIVE, Sight.GONE, False),
    ],
)
def test_second_view_contradicts_only_a_gone_that_it_still_sees(presence: Presence, sight: Sight, both: bool) -> None:
    assert contradicts(presence, sight) is both


@pytest.mark.parametrize(
    ("countries", "for_all", "presence"),
    [(("KR",), False, Presence.BLOCKED), ((), False, Presence.RESTRICTED), (("KR",), True, Presence.RESTRICTED)],
)
def test_withheld_in_named_countries_is_blocked_there(
    countries: tuple[str, ...], for_all: bool, presence: Presence
) -> None:
    status = PostStatus(Presence.RESTRICTED, "withheld", countries=countries, for_all=for_all)
    assert blocked(status).presence is presence
