"""The clocks of a notice: deadlines, when the next step is due, and when to check."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.model.notice_states import FOLLOWED, NEEDS_A_PERSON, OVER, NoticeState
from monitor.notices.deadlines import (
    CHECK_HOURS,
    WEEKLY_UNTIL,
    Standing,
    clock_of,
    deadline,
    lapse_at,
    scheduled_check,
    standing,
)
from monitor.notices.route_table import ROUTES
from tests.support.notice_builders import NOW

HOUR = timedelta(hours=1)
SENDABLE = [route for route in ROUTES.values() if route.enabled and route.first]


@pytest.mark.parametrize("name", ["us_tida", "x_tida"])
def test_take_it_down_act_gives_48_hours(name) -> None:
    assert deadline(ROUTES[name], NOW) == lapse_at(ROUTES[name], NOW) == NOW + 48 * HOUR


def test_telegram_report_promises_nothing_but_is_rechecked_after_24_hours() -> None:
    assert deadline(ROUTES["telegram_report"], NOW) is None
    assert lapse_at(ROUTES["telegram_report"], NOW) == NOW + 24 * HOUR


def test_standing_follows_the_clock() -> None:
    ends = NOW + 48 * HOUR
    assert standing(None, NOW) is Standing.NO_DEADLINE
    assert standing(ends, NOW) is Standing.RUNNING
    assert standing(ends, ends - 12 * HOUR) is Standing.DUE_SOON
    assert standing(ends, ends) is Standing.LAPSED


def test_clock_runs_only_while_the_copy_is_checked() -> None:
    ends, due = NOW + 48 * HOUR, NOW + HOUR
    for state in NoticeState:
        clock = clock_of(state, ends, due, NOW + 50 * HOUR)
        assert clock.runs is (state in FOLLOWED)
        told = (Standing.LAPSED, -2 * HOUR, due) if clock.runs else (Standing.NO_DEADLINE, None, None)
        assert (clock.standing, clock.left, clock.next_check) == told, state


def test_clock_without_a_deadline_still_says_when_the_copy_is_checked() -> None:
    clock = clock_of(NoticeState.SENT, None, NOW, NOW)
    assert (clock.runs, clock.standing, clock.left, clock.next_check) == (True, Standing.NO_DEADLINE, None, NOW)


def test_notice_needs_a_person_or_goes_its_way_or_is_over() -> None:
    by_itself = {NoticeState.HELD, NoticeState.QUEUED, NoticeState.SENDING, NoticeState.SENT}
    assert set(NoticeState) - NEEDS_A_PERSON - OVER == by_itself
    assert not NEEDS_A_PERSON & OVER


def test_checks_come_early_then_daily_then_weekly_and_end_after_a_year() -> None:
    checks, at = [], NOW
    while (following := scheduled_check(NOW, at)) is not None:
        assert following > at
        checks.append((following - NOW) / HOUR)
        at = following
    assert checks[: len(CHECK_HOURS) + 2] == [1, 6, 24, 48, 72, 96]
    assert {later - earlier for earlier, later in pairwise(checks[3:30])} == {24}
    assert checks[-1] - checks[-2] == 7 * 24
    assert checks[-1] * HOUR <= WEEKLY_UNTIL < checks[-1] * HOUR + timedelta(days=7)


@pytest.mark.parametrize("route", SENDABLE, ids=lambda route: route.name)
def test_there_is_a_check_when_the_clock_ends(route) -> None:
    at, seen = NOW, []
    for _ in range(12):
        at = scheduled_check(NOW, at, lapse_at(route, NOW)) or at
        seen.append(at)
    assert lapse_at(route, NOW) in seen


def test_checks_that_were_missed_are_not_made_up_one_by_one() -> None:
    assert scheduled_check(NOW, NOW + timedelta(days=10, hours=5)) == NOW + timedelta(days=11)


@given(route=st.sampled_from(SENDABLE), waited=st.integers(0, 400 * 24 * 60))
def test_next_check_is_never_in_the_past(route, waited) -> None:
    now = NOW + timedelta(minutes=waited)
    at = scheduled_check(NOW, now, lapse_at(route, NOW))
    if at is None:
        assert now - NOW > WEEKLY_UNTIL - timedelta(days=7)
    else:
        assert at > now
