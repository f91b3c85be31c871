"""When a centre can be reached: written by people, read by them, and whether it is open at a moment. Pure.

A part is one span of one weekday in minutes from midnight of the centre's own zone. One that ends past midnight ends
on the next day.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY = 24 * 60
MOST_PARTS = 28
"""Four a day: nobody has more breaks than that."""
_WHOLE_DAY = frozenset({"24", "24h", "24시간"})
_DASHES = str.maketrans(dict.fromkeys("~\u301c\uff5e\u2013\u2014\u2012\u2010\u2011\u2212", "-"))
_SPAN = re.compile(r"(\d{1,2})(?::([0-5]\d))?-(\d{1,2})(?::([0-5]\d))?")


@dataclass(frozen=True, slots=True)
class Hours:
    """From `opens` until just before `closes` of weekday `day` (0: Monday), in minutes; up to two days long."""

    day: int
    opens: int
    closes: int


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands at a moment: open or not, and when that changes; None: never, or nobody said when it is open."""

    is_open: bool
    until: datetime | None


def parse_day(day: int, text: str) -> tuple[Hours, ...]:
    """`10:00-12:00, 13-17` as people type it, in any width, with any dash; `24` is the whole day, nothing is closed.

    Raises ValueError for anything else, and for spans of one day that meet.
    """
    plain = "".join(unicodedata.normalize("NFKC", text).translate(_DASHES).lower().split()).replace("、", ",")
    if not plain:
        return ()
    if plain in _WHOLE_DAY:
        return (Hours(day, 0, DAY),)
    return checked([_span(day, part) for part in plain.replace(";", ",").strip(",").split(",")])


def checked(parts: Sequence[Hours]) -> tuple[Hours, ...]:
    """In order of the week. Raises ValueError where two spans overlap, or one is no span of a day."""
    for one in parts:
        if not (0 <= one.day < len(DAYS) and 0 <= one.opens < DAY and one.opens < one.closes <= one.opens + DAY):
            raise ValueError("a span of a day begins before it ends")
    told = sorted(set(parts), key=lambda one: (one.day, one.opens))
    if any(one.day == after.day and after.opens < one.closes for one, after in pairwise(told)):
        raise ValueError("two spans of a day overlap")
    return tuple(told)


def day_text(parts: Sequence[Hours], day: int) -> str:
    """What `parse_day` reads as this day's parts."""
    mine = [one for one in parts if one.day == day]
    if mine == [Hours(day, 0, DAY)]:
        return "24"
    return ", ".join(f"{_clock(one.opens)}-{_clock(one.closes)}" for one in mine)


def always_open(parts: Sequence[Hours]) -> bool:
    """Day and night."""
    return {one.day for one in parts if (one.opens, one.closes) == (0, DAY)} == set(range(len(DAYS)))


def standing(parts: Sequence[Hours], zone: str, now: datetime) -> Standing:
    """How it stands `now`, in the centre's own zone; the change as UTC."""
    if not parts or always_open(parts):
        return Standing(bool(parts), None)
    spans = _spans(parts, ZoneInfo(zone), now)
    within = next((end for begin, end in spans if begin <= now < end), None)
    if within is not None:
        return Standing(True, within)
    return Standing(False, next((begin for begin, _ in spans if begin > now), None))


def _spans(parts: Sequence[Hours], zone: ZoneInfo, now: datetime) -> list[tuple[datetime, datetime]]:
    """Of the days around `now`, in order; those that meet are one."""
    today = now.astimezone(zone).date()
    every = sorted(
        (_at(day, one.opens, zone), _at(day, one.closes, zone))
        for day in (today + timedelta(days=each) for each in range(-1, len(DAYS) + 2))
        for one in parts
        if one.day == day.weekday()
    )
    joined: list[tuple[datetime, datetime]] = []
    for begin, end in every:
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined


def _at(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    days, rest = divmod(minutes, DAY)
    local = datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60), zone)
    return local.astimezone(UTC)


def _span(day: int, text: str) -> Hours:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise ValueError("not a span of a day")
    opens = int(found[1]) * 60 + int(found[2] or 0)
    closes = int(found[3]) * 60 + int(found[4] or 0)
    if opens >= DAY or closes > DAY:
        raise ValueError("a day has 24 hours")
    return Hours(day, opens, closes if closes > opens else closes + DAY)


def _clock(minutes: int) -> str:
    shown = minutes if minutes <= DAY else minutes - DAY
    return f"{shown // 60:02d}:{shown % 60:02d}"
