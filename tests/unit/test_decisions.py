"""Every record holds one decision in the same shape, on a page, and the index knows it."""

import re
from datetime import date
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "decisions"
RECORDS = sorted(path for path in FOLDER.glob("*.md") if path.name != "README.md")
HEADINGS = ["Context", "Decision", "Alternatives", "Consequences"]
MOST_LINES = 60
"""A page."""


def title_and_date(record: Path) -> tuple[int, str, date]:
    first, second = record.read_text(encoding="utf-8").splitlines()[:2]
    found = re.fullmatch(r"# (\d+)\. (.+)", first)
    assert found, f"{record.name}: {first}"
    return int(found[1]), found[2], date.fromisoformat(second.removeprefix("Date: "))


def test_records_are_numbered_without_a_gap_in_order_of_date() -> None:
    told = [title_and_date(record) for record in RECORDS]
    assert [number for number, _, _ in told] == list(range(1, len(RECORDS) + 1))
    assert [int(record.name[:4]) for record in RECORDS] == [number for number, _, _ in told]
    days = [day for _, _, day in told]
    assert days == sorted(days)


@pytest.mark.parametrize("record", RECORDS, ids=lambda path: path.name[:4])
def test_record_says_context_decision_alternatives_and_consequences_on_a_page(record: Path) -> None:
    text = record.read_text(encoding="utf-8")
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    assert parts[1::2] == HEADINGS
    assert all(part.strip() for part in parts[2::2])
    assert len(text.splitlines()) <= MOST_LINES


def test_index_lists_every_record_with_its_title_and_date() -> None:
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d{4}) \| \[(.+)\]\((.+)\) \| (.+) \|$", index, re.MULTILINE)
    told = [(record.name, *title_and_date(record)) for record in RECORDS]
    assert rows == [(f"{number:04d}", title, name, day.isoformat()) for name, number, title, day in told]


def test_every_record_that_is_referred_to_exists() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    code = [path for folder in ("api", "monitor", "db") for path in (ROOT / folder).rglob("*.py")]
    wrong = [
        (path.name, name)
        for path in (*pages, *code)
        for name in re.findall(r"decisions/(\d{4}[\w-]*\.md)", path.read_text(encoding="utf-8"))
        if not (FOLDER / name).exists()
    ]
    assert wrong == []
