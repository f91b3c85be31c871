"""Percentiles, shares and rates, and what several routes are together."""

from hypothesis import given
from hypothesis import strategies as st

from monitor.model.route_figures import RouteFigures, percentile, together

HOURS = st.dictionaries(st.integers(0, 9600), st.integers(1, 50), min_size=1, max_size=20)


@given(HOURS, st.integers(1, 100))
def test_a_percentile_is_the_least_that_enough_of_them_do_not_exceed(hours: dict[int, int], percent: int) -> None:
    told, total = percentile(hours, percent), sum(hours.values())
    assert told in hours
    within = sum(number for value, number in hours.items() if value <= told)
    below = sum(number for value, number in hours.items() if value < told)
    assert 100 * within >= percent * total > 100 * below


def test_of_nothing_there_is_no_percentile_and_no_rate() -> None:
    nothing = RouteFigures()
    assert (nothing.median_hours, nothing.p90_hours, nothing.removed_share) == (None, None, None)
    assert (nothing.reupload_rate, nothing.retracted_per_100, nothing.wrong_per_100) == (None, None, None)


def test_median_and_nine_of_ten() -> None:
    figures = RouteFigures(sent=12, removed=10, hours={1: 5, 24: 4, 100: 1})
    assert (figures.median_hours, figures.p90_hours) == (1, 24)
    assert figures.removed_share == 1.0 and figures.waiting == 2


def test_several_together_add_up_and_keep_their_hours() -> None:
    one = RouteFigures(sent=3, removed=2, silent=1, hours={2: 2})
    other = RouteFigures(sent=2, removed=1, refused=1, retracted=1, hours={2: 1})
    both = together([one, other])
    assert (both.sent, both.removed, both.refused, both.silent, dict(both.hours)) == (5, 3, 1, 1, {2: 3})
    assert both.retracted_per_100 == 20.0
    assert together([]) == RouteFigures(hours={})
