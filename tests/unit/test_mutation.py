"""The faults on file are whole and stand in this tree, and only a test that fails counts as noticing one."""

from pathlib import Path

import pytest

from benchmarks.mutation import FAULTS, Outcome, chosen, judged, read_faults

ROOT = Path(__file__).resolve().parents[2]


def test_forty_different_faults_ten_of_them_on_postgresql() -> None:
    faults = read_faults(FAULTS)
    assert len(faults) == 40
    assert sum(one.database == "postgresql" for one in faults) == 10
    places = [(name, form.file, form.find) for one in faults for name, form in one.forms.items()]
    assert len(set(places)) == len(places)
    assert all(form.find != form.replace and form.tests for one in faults for form in one.forms.values())


def test_faults_that_are_written_for_this_tree_stand_in_it() -> None:
    written = [one for one in read_faults(FAULTS) if "after" in one.forms]
    assert [one.id for one in written if not one.forms["after"].fits(ROOT)] == []
    tests = {test.partition("::")[0] for one in written for test in one.forms["after"].tests}
    assert [test for test in sorted(tests) if not (ROOT / test).exists()] == []


@pytest.mark.parametrize(
    ("code", "line", "outcome"),
    [
        (0, "3 passed", Outcome.PASSED),
        (1, "FAILED tests/x.py::test_x - assert 1 == 2", Outcome.FAILED),
        (1, "FAILED tests/x.py::test_x - Failed: Timeout (>120.0s) from pytest-timeout.", Outcome.FAILED),
        (1, "FAILED tests/x.py::test_x - NameError: name 'y' is not defined", Outcome.BROKEN),
        (1, "FAILED tests/x.py::test_x - ImportError: cannot import name", Outcome.BROKEN),
        (1, "ERROR tests/x.py::test_x - RuntimeError: the fixture fell over", Outcome.BROKEN),
        (2, "ERROR tests/x.py - SyntaxError: invalid syntax", Outcome.BROKEN),
        (4, "ERROR: not found: tests/x.py::test_y", Outcome.BROKEN),
    ],
)
def test_only_a_failing_test_notices(code: int, line: str, outcome: Outcome) -> None:
    assert judged(code, f"...\n{line}\n")[0] is outcome


def test_text_that_stands_twice_or_nowhere_is_told(tmp_path: Path) -> None:
    faults = read_faults(FAULTS)[:1]
    assert chosen(faults, tmp_path, []) == ([], [f"{faults[0].id}: its text does not stand exactly once in this tree"])
    assert chosen(faults, tmp_path, ["unheard-of"]) == ([], ["unheard-of: no such fault"])
