"""What is counted of a case, for whom: before vouching nothing that was found exists for anybody."""

import pytest

from monitor.cases.counts import CaseCounts, counts_shown
from monitor.model.states import CaseState

COUNTED = {
    "fingerprints": 2,
    "links": 1,
    "released": 3,
    "removed": 4,
    "sightings-open": 5,
    "sightings-confirmed": 6,
    "sightings-dismissed": 7,
    "notices-sent": 8,
    "notices-in_doubt": 9,
}


def test_advocate_is_told_what_waits_and_what_was_confirmed() -> None:
    assert counts_shown(COUNTED, CaseState.VOUCHED, to_person=False) == CaseCounts(
        fingerprints=2,
        links=1,
        sightings_open=5,
        sightings_confirmed=6,
        notices={"sent": 8, "in_doubt": 9},
        removed=4,
    )


def test_person_is_told_nothing_undecided_and_only_places_that_were_released() -> None:
    shown = counts_shown(COUNTED, CaseState.VOUCHED, to_person=True)
    assert (shown.sightings_open, shown.sightings_confirmed) == (None, 3)
    assert (shown.notices, shown.removed) == ({"sent": 8, "in_doubt": 9}, 4)


@pytest.mark.parametrize("state", [CaseState.OPEN, CaseState.ERASING, CaseState.ERASED])
@pytest.mark.parametrize("to_person", [True, False])
def test_unless_vouched_only_what_was_entered_is_counted(state: CaseState, to_person: bool) -> None:
    assert counts_shown(COUNTED, state, to_person=to_person) == CaseCounts(
        fingerprints=2,
        links=1,
        sightings_open=None if to_person else 0,
        sightings_confirmed=0,
        notices={},
        removed=0,
    )


def test_state_that_nothing_is_in_counts_nothing() -> None:
    shown = counts_shown({"fingerprints": 0, "links": 0}, CaseState.VOUCHED, to_person=False)
    assert (shown.sightings_open, shown.sightings_confirmed, shown.notices, shown.removed) == (0, 0, {}, 0)
