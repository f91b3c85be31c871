"""Clocks of a notice end at one moment in UTC, in whatever zone it was sent and whatever daylight saving does."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.notices.clocks import ClockKind, answer_clock, clocks_of
from monitor.notices.deadlines import deadline, lapse_at
from monitor.notices.route_table import ROUTES
from tests.support.notice_builders import NOW

HOUR = timedelta(hours=1)
ZONES = sorted(
    {"Asia/Seoul", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/St_Johns", "Pacific/Apia"}
    & available_timezones()
)
AROUND_CHANGES = (
    datetime(2026, 3, 7, 12, tzinfo=UTC),  # New York springs forward in the night after
    datetime(2026, 10, 24, 12, tzinfo=UTC),  # Berlin falls back
    datetime(2026, 10, 31, 12, tzinfo=UTC),  # New York falls back
    datetime(2026, 4, 4, 12, tzinfo=UTC),  # Lord Howe: by half an hour
)


@pytest.mark.parametrize("sent", AROUND_CHANGES)
@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("hours", [2, 24, 48])
def test_hours_are_hours_across_every_change_of_the_clock(sent: datetime, zone: str, hours: int) -> None:
    local = sent.astimezone(ZoneInfo(zone))
    route = ROUTES["us_tida"]
    ends = deadline(route, local)
    assert ends == lapse_at(route, local) == sent + 48 * HOUR and ends is not None and ends.tzinfo is UTC
    clock = answer_clock(local, (sent + hours * HOUR).astimezone(ZoneInfo(zone)))
    assert (clock.ends_at, clock.ends_at.tzinfo) == (sent + hours * HOUR, UTC)
    assert sent < clock.remind_at < clock.ends_at


@given(st.sampled_from(ZONES), st.integers(0, 366 * 24), st.sampled_from([7, 30, 90]))
def test_renewal_is_told_seven_days_before_in_every_zone(zone: str, hours: int, days: int) -> None:
    sent = NOW + hours * HOUR
    (clock,) = clocks_of(sent.astimezone(ZoneInfo(zone)), answer_ends=None, block_days=days)
    assert clock == clocks_of(sent, answer_ends=None, block_days=days)[0]
    assert clock.ends_at - sent == timedelta(days=days)
    assert clock.ends_at - clock.remind_at == timedelta(days=7)


def test_block_ends_after_30_days_and_a_preservation_after_90() -> None:
    (block,) = clocks_of(NOW, answer_ends=None, block_days=30)
    (kept,) = clocks_of(NOW, answer_ends=None, block_days=90, renew_days_before=7, preserves=True)
    assert (block.kind, block.ends_at) == (ClockKind.BLOCK_EXPIRY, NOW + timedelta(days=30))
    assert (kept.kind, kept.remind_at) == (ClockKind.PRESERVATION, NOW + timedelta(days=83))


@pytest.mark.parametrize(("hours", "before"), [(48, 12), (24, 6), (2, 0.5), (24 * 7, 12)])
def test_answer_is_told_of_before_its_end_and_not_at_its_beginning(hours: float, before: float) -> None:
    clock = answer_clock(NOW, NOW + hours * HOUR)
    assert clock.ends_at - clock.remind_at == before * HOUR


def test_clock_that_ended_before_it_began_is_told_of_at_once() -> None:
    clock = answer_clock(NOW, NOW - HOUR)
    assert clock.remind_at == clock.ends_at == NOW - HOUR
