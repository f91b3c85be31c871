"""Choices of an audit as addresses hold them, and its deeds and figures as they are shown."""

import re
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta

from api.deps import ID_PATTERN
from api.pages.deeds import GROUPS
from api.schemas.oversight import AuditView, DeedView, LoadView, OverdueView, OverviewView, RestView, WrongView
from api.schemas.oversight import DayView as Day
from monitor.actions.audit import Choice
from monitor.actions.overview import Overview
from monitor.actions.rest import Rest
from monitor.evidence.by import Who
from monitor.model.audit import AuditPage, Position
from monitor.notices.fields import KST

_PLACE = re.compile(r"(?P<at>\d{4}-\d\d-\d\dT[0-9:.]{8,15}\+00:00)~(?P<case>[a-z0-9-]{1,32})~(?P<seq>\d{1,9})")
_WHO = ("people", "everybody", *(one.value for one in Who))


def choice_of(*, who: str = "", group: str = "", since: str = "", until: str = "", case_id: str = "") -> Choice:
    """What an address asks for; what cannot be read in it is left out. Days are Korean, the last one whole."""
    kinds = None if group not in GROUPS else tuple(GROUPS[group][1])
    known = who in _WHO or re.fullmatch(ID_PATTERN, who) is not None
    last = _day(until)
    return Choice(
        who=who if known else "people",
        kinds=kinds,
        since=_day(since),
        until=None if last is None else last + timedelta(days=1),
        case_id=case_id if re.fullmatch(ID_PATTERN, case_id) else None,
    )


def place_text(place: Position | None) -> str | None:
    """Where a page begins, as its address names it."""
    if place is None:
        return None
    at, case_id, seq = place
    return f"{at.astimezone(UTC).isoformat()}~{case_id}~{seq}"


def place_of(text: str) -> Position | None:
    """What `place_text` gave; None for anything else."""
    found = _PLACE.fullmatch(text)
    if found is None:
        return None
    try:
        return datetime.fromisoformat(found["at"]), found["case"], int(found["seq"])
    except ValueError:
        return None


def audit_view(page: AuditPage) -> AuditView:
    """A page of deeds."""
    return AuditView(
        deeds=[DeedView(**asdict(one), name=page.names.get(one.doer or "", "")) for one in page.deeds],
        following=place_text(page.following),
    )


def overview_view(found: Overview) -> OverviewView:
    """How the centre stands."""
    duties = asdict(found.duties)
    return OverviewView(
        **duties,
        load=[LoadView(**asdict(one)) for one in found.load],
        alerts=[OverdueView(**asdict(one)) for one in found.alerts],
        wrong=WrongView(**asdict(found.wrong), per_hundred=found.wrong.per_hundred),
    )


def rest_view(found: Rest) -> RestView:
    """One's own days."""
    days = [Day(day=day, opened=opened) for day, opened in found.days]
    return RestView(days=days, minutes=found.minutes, next_at=found.next_at)


def _day(text: str) -> datetime | None:
    try:
        day = date.fromisoformat(text) if len(text) == 10 else None
        return None if day is None else datetime(day.year, day.month, day.day, tzinfo=KST).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
