"""The EU's transparency database: its CSV of statements of reasons, read as counts of hours. Pure.

The documented columns that are read: `platform_name`, `source_type`, `category_specification`, `decision_visibility`,
`content_date` and `application_date`; others may be there. Lists stand as JSON in one column. The database says when
content was posted and when the decision was applied, by the day, and not when a notice came: so what is counted is the
time from posting to restricting, in whole days.
https://transparency.dsa.ec.europa.eu/page/documentation
"""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from monitor.core.errors import JikimiError
from monitor.platforms.base import PlatformName

COLUMNS = (
    "platform_name",
    "source_type",
    "category_specification",
    "decision_visibility",
    "content_date",
    "application_date",
)
LONGEST_LINE = 1_000_000
"""Characters of one line: the explanations of a statement have a few thousand."""
MOST_ROWS = 100_000_000
MOST_DAYS = 400
"""What took longer counts as this long, as with ours."""

_KEYWORDS = (
    "KEYWORD_NON_CONSENSUAL_IMAGE_SHARING",  # also ..._AGAINST_WOMEN
    "KEYWORD_NON_CONSENSUAL_MATERIAL_DEEPFAKE",
    "KEYWORD_NON_CONSENSUAL_ITEMS_DEEPFAKE",  # its name until July 2025
    "KEYWORD_IMAGE_BASED_SEXUAL_ABUSE",  # until July 2025
)
_RESTRICTED = ("DECISION_VISIBILITY_CONTENT_REMOVED", "DECISION_VISIBILITY_CONTENT_DISABLED")
_NOTICED = frozenset({"SOURCE_ARTICLE_16", "SOURCE_TRUSTED_FLAGGER", "SOURCE_TYPE_OTHER_NOTIFICATION"})


class StatementsUnreadable(JikimiError):
    """This file is not the transparency database's CSV."""


@dataclass(slots=True)
class StatementHours:
    """What a file holds of intimate pictures on the platforms that are watched here."""

    rows: int = 0
    odd: int = 0
    """Rows that are about them, and of which the dates make no sense."""
    hours: Counter[tuple[PlatformName, bool, int]] = field(default_factory=Counter)
    """(platform, somebody gave notice, hours) -> decisions."""
    first_day: datetime | None = None
    last_day: datetime | None = None

    @property
    def decisions(self) -> int:
        """How many were counted."""
        return self.hours.total()


def count_statements(lines: Iterable[str]) -> StatementHours:
    """Read a file line by line; of it counts stay, so memory does not grow with it. Raises StatementsUnreadable."""
    rows = csv.reader(_short(lines), strict=True)
    found = StatementHours()
    try:
        header = [name.strip().lstrip("\ufeff").lower() for name in next(rows, [])]
        missing = [name for name in COLUMNS if name not in header]
        if missing:
            raise StatementsUnreadable(f"columns are missing: {', '.join(missing)}")
        at = {name: header.index(name) for name in COLUMNS}
        for row in rows:
            if not row:
                continue
            found.rows += 1
            if found.rows > MOST_ROWS:
                raise StatementsUnreadable(f"more than {MOST_ROWS} rows: load it in parts")
            if len(row) < len(header):
                raise StatementsUnreadable(f"row {found.rows} has {len(row)} of {len(header)} columns")
            _count(found, {name: row[place].strip() for name, place in at.items()})
    except csv.Error as error:
        raise StatementsUnreadable(f"row {found.rows + 1} cannot be read: {error}") from None
    return found


def _count(found: StatementHours, row: dict[str, str]) -> None:
    platform = _platform(row["platform_name"])
    about = any(keyword in row["category_specification"] for keyword in _KEYWORDS)
    if platform is None or not about or not any(word in row["decision_visibility"] for word in _RESTRICTED):
        return
    posted, applied = _day(row["content_date"]), _day(row["application_date"])
    if posted is None or applied is None or applied < posted:
        found.odd += 1
        return
    days = min((applied - posted) // timedelta(days=1), MOST_DAYS)
    found.hours[platform, row["source_type"] in _NOTICED, 24 * days] += 1
    found.first_day = min(found.first_day or applied, applied)
    found.last_day = max(found.last_day or applied, applied)


def _platform(name: str) -> PlatformName | None:
    plain = name.casefold()
    if plain.startswith("telegram"):
        return PlatformName.TELEGRAM
    return PlatformName.X if plain in ("x", "twitter", "x (formerly twitter)") else None


def _day(text: str) -> datetime | None:
    """`2026-01-31`, with or without a time of day, which most of them give as midnight."""
    try:
        return datetime.strptime(text[:10], "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        return None


def _short(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        if len(line) > LONGEST_LINE:
            raise StatementsUnreadable(f"a line is longer than {LONGEST_LINE} characters")
        yield line
