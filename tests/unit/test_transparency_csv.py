"""The EU's CSV is read by its documented columns, within bounds, as counts of days."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from monitor.exports import transparency_csv
from monitor.exports.transparency_csv import COLUMNS, LONGEST_LINE, StatementsUnreadable, count_statements
from monitor.platforms.base import PlatformName

HEADER = (
    *("uuid", "decision_visibility", "category", "category_specification", "content_type", "content_date"),
    *("application_date", "source_type", "automated_detection", "platform_name", "created_at"),
)


def statement(**changed: str) -> dict[str, str]:
    return {
        "uuid": "7d0",
        "decision_visibility": '["DECISION_VISIBILITY_CONTENT_REMOVED"]',
        "category": "STATEMENT_CATEGORY_CYBER_VIOLENCE",
        "category_specification": '["KEYWORD_NON_CONSENSUAL_IMAGE_SHARING"]',
        "content_type": '["CONTENT_TYPE_IMAGE"]',
        "content_date": "2026-01-10",
        "application_date": "2026-01-12",
        "source_type": "SOURCE_ARTICLE_16",
        "automated_detection": "No",
        "platform_name": "X",
        "created_at": "2026-01-12 08:00:00",
    } | changed


def lines(*rows: dict[str, str], header: tuple[str, ...] = HEADER) -> Iterator[str]:
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, header, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
    out.seek(0)
    return iter(out)


def test_decisions_about_intimate_pictures_are_counted_by_platform_source_and_days() -> None:
    found = count_statements(
        lines(
            statement(),
            statement(application_date="2026-01-12 00:00:00", content_date="2026-01-10 00:00:00"),
            statement(source_type="SOURCE_VOLUNTARY", application_date="2026-01-10"),
            statement(platform_name="Telegram", category_specification='["KEYWORD_NON_CONSENSUAL_MATERIAL_DEEPFAKE"]'),
            statement(category_specification='["KEYWORD_OTHER","KEYWORD_NON_CONSENSUAL_IMAGE_SHARING_AGAINST_WOMEN"]'),
        )
    )
    x = PlatformName.X
    assert dict(found.hours) == {(x, True, 48): 3, (x, False, 0): 1, (PlatformName.TELEGRAM, True, 48): 1}
    assert (found.rows, found.decisions, found.odd) == (5, 5, 0)
    assert found.first_day == datetime(2026, 1, 10, tzinfo=UTC) and found.last_day == datetime(2026, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    "other",
    [
        {"platform_name": "Pinterest"},
        {"platform_name": "Xing"},
        {"category_specification": '["KEYWORD_HATE_SPEECH"]'},
        {"category_specification": ""},
        {"decision_visibility": '["DECISION_VISIBILITY_CONTENT_LABELLED"]'},
    ],
)
def test_everything_else_is_passed_over(other: dict[str, str]) -> None:
    found = count_statements(lines(statement(**other)))
    assert (found.rows, found.decisions, found.odd) == (1, 0, 0)


@pytest.mark.parametrize("dates", [{"content_date": ""}, {"application_date": "soon"}, {"content_date": "2026-01-13"}])
def test_dates_that_make_no_sense_are_told_and_not_counted(dates: dict[str, str]) -> None:
    found = count_statements(lines(statement(**dates), statement()))
    assert (found.odd, found.decisions) == (1, 1)


def test_columns_are_found_by_name_in_any_order_and_case_and_after_a_byte_order_mark() -> None:
    header = tuple(name.upper() for name in reversed(HEADER))
    row = {name.upper(): value for name, value in statement().items()}
    marked = ("\ufeff" + line if place == 0 else line for place, line in enumerate(lines(row, header=header)))
    assert count_statements(marked).decisions == 1


@pytest.mark.parametrize("absent", COLUMNS)
def test_a_file_without_a_column_is_refused_by_its_name(absent: str) -> None:
    header = tuple(name for name in HEADER if name != absent)
    with pytest.raises(StatementsUnreadable, match=absent):
        count_statements(lines(statement(), header=header))


def test_what_is_no_such_file_is_refused_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StatementsUnreadable, match="columns are missing"):
        count_statements(iter(()))
    with pytest.raises(StatementsUnreadable, match="longer than"):
        count_statements(iter([",".join(HEADER) + "\n", "x" * (LONGEST_LINE + 1)]))
    with pytest.raises(StatementsUnreadable, match="row 1 has 2 of"):
        count_statements(iter([",".join(HEADER) + "\n", "a,b\n"]))
    with pytest.raises(StatementsUnreadable, match="cannot be read"):
        count_statements(iter([",".join(HEADER) + "\n", '"' + "y" * 200_000 + '",b\n']))
    monkeypatch.setattr(transparency_csv, "MOST_ROWS", 2)
    with pytest.raises(StatementsUnreadable, match="in parts"):
        count_statements(lines(statement(), statement(), statement()))


def test_what_took_longer_than_a_year_counts_as_that_long() -> None:
    (key,) = count_statements(lines(statement(content_date="2019-01-01"))).hours
    assert key[2] == 24 * 400
