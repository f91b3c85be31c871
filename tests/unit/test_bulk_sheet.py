"""A sheet of links opens in a spreadsheet, reckons nothing that somebody wrote, and tells nothing of the persons."""

import csv
import io
from dataclasses import fields
from datetime import UTC, datetime
from typing import Any

import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped]  # has no stubs

from monitor.model.facts import PictureKind
from monitor.notices.bulk_sheet import SheetLink, harmless, sheet_csv, sheet_xlsx
from monitor.platforms.base import PlatformName

AT = datetime(2026, 11, 24, 23, 5, tzinfo=UTC)
FORMULAS = ("=1+1", "+82", "-1", "@SUM(A1)", "\t=1", " =1", "=cmd|' /C calc'!A0", "＝1+1", "%0A=1")


def link(**changes: Any) -> SheetLink:
    whole: dict[str, Any] = {
        "url": "https://t.me/examplechannel/17",
        "kind": PictureKind.INTIMATE,
        "minor": False,
        "platform": PlatformName.TELEGRAM,
        "handle": "examplechannel",
        "remote_id": "1234567890123456789",
        "post_id": "17",
        "posted_at": AT,
        "observed_at": AT,
        "checked_at": None,
        "asked_at": AT,
    }
    return SheetLink(**{**whole, **changes})


def rows_of_csv(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def rows_of_xlsx(data: bytes) -> list[list[Any]]:
    sheet = load_workbook(io.BytesIO(data))["links"]
    return [list(row) for row in sheet.iter_rows()]


@pytest.mark.parametrize("cell", FORMULAS)
def test_no_cell_is_taken_for_a_formula(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"
    (_, row) = rows_of_csv(sheet_csv([link(handle=cell)], "ko"))
    assert row[4] == f"'{cell}"
    (_, cells) = rows_of_xlsx(sheet_xlsx([link(handle=cell.strip("\t"))], "ko"))
    assert (cells[4].data_type, cells[4].value) == ("s", cell.strip("\t"))


def test_what_is_no_formula_stays_as_it_is() -> None:
    for cell in ("https://t.me/a/1", "examplechannel", "2026-11-24 08:05", "", "채널"):
        assert harmless(cell) == cell


@pytest.mark.parametrize("language", ["ko", "en"])
def test_both_files_hold_the_same_with_korean_time_and_long_numbers_as_text(language: str) -> None:
    links = [link(), link(kind=PictureKind.FAKED, checked_at=AT), link(minor=True)]
    told = rows_of_csv(sheet_csv(links, language))
    assert told == [[cell.value or "" for cell in row] for row in rows_of_xlsx(sheet_xlsx(links, language))]
    assert [row[0] for row in told[1:]] == ["1", "2", "3"]
    assert told[1][1:7:5] == ["https://t.me/examplechannel/17", "17"] and told[1][5] == "1234567890123456789"
    assert told[1][8:10] == ["2026-11-25 08:05", "2026-11-24 23:05 UTC"]
    kinds = {"ko": ["불법촬영물등", "허위영상물", "아동·청소년성착취물"]}
    assert [row[2] for row in told[1:]] == kinds.get(language, ["intimate picture", "faked picture", "child or youth"])


def test_csv_begins_with_the_mark_that_makes_korean_readable() -> None:
    assert sheet_csv([link()], "ko").startswith(b"\xef\xbb\xbf")


def test_a_link_has_no_place_for_anything_of_the_person() -> None:
    assert {one.name for one in fields(SheetLink)} == {
        *("url", "kind", "minor", "platform", "handle", "remote_id", "post_id"),
        *("posted_at", "observed_at", "checked_at", "asked_at"),
    }
