"""A sheet of links, as the Commission and designated bodies take them: many at once, nothing about the persons.

Pure: rows in, bytes out. Whose rows these are is decided in monitor.actions.bulk_links.
"""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import datetime

from openpyxl import Workbook  # type: ignore[import-untyped]  # has no stubs
from openpyxl.cell import WriteOnlyCell  # type: ignore[import-untyped]  # has no stubs

from monitor.model.facts import PictureKind
from monitor.notices.fields import KST, moment
from monitor.notices.texts import PLATFORMS, Words, in_language
from monitor.platforms.base import PlatformName

MOST_LINKS = 2_000
"""Of one sheet."""
CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BOM = "\ufeff"
"""Without it Excel takes UTF-8 for something else, and Korean for noise."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "|", "%")

_HEADINGS: tuple[Words, ...] = (
    {"en": "No.", "ko": "번호"},
    {"en": "Link", "ko": "게시물 주소(URL)"},
    {"en": "Type", "ko": "구분"},
    {"en": "Platform", "ko": "플랫폼"},
    {"en": "Channel or account", "ko": "채널(계정)"},
    {"en": "Channel or account number", "ko": "채널(계정) 고유 번호"},
    {"en": "Post number", "ko": "게시물 번호"},
    {"en": "Posted (KST)", "ko": "게시 일시(KST)"},
    {"en": "Seen (KST)", "ko": "확인 일시(KST)"},
    {"en": "Seen (UTC)", "ko": "확인 일시(UTC)"},
    {"en": "Last check", "ko": "최근 확인"},
    {"en": "Platform was asked", "ko": "플랫폼에 신고한 일시(KST)"},
)
_MINOR: Words = {"en": "child or youth", "ko": "아동·청소년성착취물"}
_TYPES: Mapping[PictureKind, Words] = {
    PictureKind.INTIMATE: {"en": "intimate picture", "ko": "불법촬영물등"},
    PictureKind.FAKED: {"en": "faked picture", "ko": "허위영상물"},
    PictureKind.ORDINARY: {"en": "photo used without consent", "ko": "신상정보·사진 도용"},
}
_THERE: Words = {"en": "still there", "ko": "남아 있음"}
_TOO_MANY: Words = {
    "en": "{n} older links did not fit in this sheet.",
    "ko": "이 목록에 담지 못한 더 오래된 링크가 {n}건 있습니다.",
}
_NOT_CHECKED: Words = {"en": "not checked since", "ko": "다시 확인하지 않음"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLink:
    """One confirmed copy that still stands, as far as is known."""

    url: str = field(repr=False)
    kind: PictureKind
    minor: bool
    """The picture counts as a minor's."""
    platform: PlatformName
    handle: str = field(repr=False)
    remote_id: str = field(repr=False)
    post_id: str = field(repr=False)
    posted_at: datetime
    observed_at: datetime
    checked_at: datetime | None
    asked_at: datetime | None
    """When the first notice about it left."""


@dataclass(frozen=True, slots=True)
class _Row:
    number: str
    url: str
    type: str
    platform: str
    handle: str
    remote_id: str
    post_id: str
    posted: str
    seen: str
    seen_utc: str
    checked: str
    asked: str


def sheet_csv(links: Sequence[SheetLink], language: str, too_many: int = 0) -> bytes:
    """Comma-separated values with a mark that makes programs read UTF-8; no cell is taken for a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for row in _table(links, language, too_many):
        writer.writerow([harmless(cell) for cell in row])
    return (_BOM + out.getvalue()).encode()


def sheet_xlsx(links: Sequence[SheetLink], language: str, too_many: int = 0) -> bytes:
    """A workbook in which every cell is text."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet("links")
    for row in _table(links, language, too_many):
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, value=value)
            # Whatever somebody named a channel: text, never a formula.
            cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def harmless(cell: str) -> str:
    """A cell that a spreadsheet shows and does not reckon: an apostrophe before what begins like a formula."""
    return f"'{cell}" if cell.lstrip(" \u00a0").startswith(_FORMULA) else cell


def _table(links: Sequence[SheetLink], language: str, too_many: int) -> list[tuple[str, ...]]:
    heading = tuple(in_language(words, language) for words in _HEADINGS)
    more = in_language(_TOO_MANY, language).format(n=too_many)
    last = [("", more, *([""] * (len(heading) - 2)))] if too_many else []
    return [heading, *(astuple(_row(number, link, language)) for number, link in enumerate(links, 1)), *last]


def _row(number: int, link: SheetLink, language: str) -> _Row:
    checked = _NOT_CHECKED if link.checked_at is None else _THERE
    return _Row(
        number=str(number),
        url=link.url,
        type=in_language(_MINOR if link.minor else _TYPES[link.kind], language),
        platform=in_language(PLATFORMS[link.platform], language),
        handle=link.handle,
        remote_id=link.remote_id,
        post_id=link.post_id,
        posted=_kst(link.posted_at),
        seen=_kst(link.observed_at),
        seen_utc=moment(link.observed_at),
        checked=" ".join(part for part in (in_language(checked, language), _kst(link.checked_at)) if part),
        asked=_kst(link.asked_at),
    )


def _kst(at: datetime | None) -> str:
    return "" if at is None else f"{at.astimezone(KST):%Y-%m-%d %H:%M}"
