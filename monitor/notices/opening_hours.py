"""When somebody answers: hours of a week in the zone of the place, and what they mean at a moment."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(
    r"(daily|(?P<first>mon|tue|wed|thu|fri|sat|sun)(-(?P<last>mon|tue|wed|thu|fri|sat|sun))?) "
    r"(?P<from_h>[01]\d|2[0-3]):(?P<from_m>[0-5]\d)-(?P<to_h>[01]\d|2[0-4]):(?P<to_m>[0-5]\d)"
)
_DAY = 24 * 60
_WEEK = 7 * _DAY


@dataclass(frozen=True, slots=True)
class Hours:
    """`spans`: minutes from Monday 00:00 in `zone`, from (included) and to (not included). None of them: not known."""

    zone: str
    spans: tuple[tuple[int, int], ...] = ()

    @property
    def known(self) -> bool:
        """Whether anything is said about the hours."""
        return bool(self.spans)

    @property
    def always(self) -> bool:
        """Day and night, every day."""
        return sum(to - start for start, to in self.spans) >= _WEEK

    def open_at(self, now: datetime) -> bool:
        """Whether somebody answers at this moment."""
        return any(start <= _minute(self.there(now)) < to for start, to in self.spans)

    def next_open(self, now: datetime) -> datetime | None:
        """When somebody answers next, in the time of the place; None where that is unknown, or now."""
        if not self.spans or self.open_at(now):
            return None
        here = self.there(now)
        minute = _minute(here)
        wait = min((start - minute) % _WEEK for start, _ in self.spans)
        # Wall-clock minutes are added to the wall clock: a night in which clocks are changed moves nobody's hours.
        return here.replace(second=0, microsecond=0) + timedelta(minutes=wait)

    def there(self, now: datetime) -> datetime:
        """The same moment on the clocks of the place."""
        return now.astimezone(ZoneInfo(self.zone))


def read_hours(zone: str, lines: list[str]) -> Hours:
    """From lines such as `daily 00:00-24:00` or `mon-fri 10:00-16:00`. Raises ValueError with what is allowed."""
    spans: list[tuple[int, int]] = []
    for line in lines:
        read = _SPAN.fullmatch(line)
        if read is None:
            raise ValueError("lines such as daily 00:00-24:00, mon-fri 10:00-16:00 or wed 15:00-18:00")
        first = DAYS.index(read["first"]) if read["first"] else 0
        last = DAYS.index(read["last"]) if read["last"] else (first if read["first"] else 6)
        start = int(read["from_h"]) * 60 + int(read["from_m"])
        to = int(read["to_h"]) * 60 + int(read["to_m"])
        if not start < to <= _DAY or last < first:
            raise ValueError("hours and days that end after they begin; a night is two lines")
        spans += [(day * _DAY + start, day * _DAY + to) for day in range(first, last + 1)]
    return Hours(zone, tuple(sorted(spans)))


def _minute(there: datetime) -> int:
    return there.weekday() * _DAY + there.hour * 60 + there.minute
