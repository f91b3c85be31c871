"""What the threat model claims is held by tests that are there: each row names its own."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| threat |")
]
FILES = list((ROOT / "tests").rglob("test_*.py"))
TESTS = {name for file in FILES for name in re.findall(r"def (test_\w+)", file.read_text(encoding="utf-8"))}
NAMED = re.compile(r"`(test_\w+(?:\.py)?)`")


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_every_threat_names_the_tests_that_hold_what_stands_against_it(row: list[str]) -> None:
    assert len(row) == 3
    named = NAMED.findall(row[1])
    assert named, "name the test, or take the claim out"
    known = TESTS | {file.name for file in FILES}
    assert [name for name in named if name not in known] == []


def test_there_are_rows_to_hold() -> None:
    assert len(ROWS) > 20
