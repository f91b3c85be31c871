"""Choices of an audit as addresses hold them, and its deeds and figures as they are shown."""

import base64
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
from monitor.cases.advocates import ADVOCATES
from monitor.core.errors import CryptoError
from monitor.evidence.by import Who
from monitor.keys.store import KeyStore
from monitor.model.audit import AuditPage, Position
from monitor.notices.fields import KST

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


def place_text(place: Position | None, keys: KeyStore, reader: str) -> str | None:
    """Where a page begins, as its address names it, sealed for its reader: the entry may be another centre's."""
    if place is None:
        return None
    at, case_id, seq = place
    told = [at.astimezone(UTC).isoformat(), case_id, seq]
    return base64.urlsafe_b64encode(keys.create(ADVOCATES).seal_json(told, _place_for(reader))).decode()


def place_of(text: str, keys: KeyStore, reader: str) -> Position | None:
    """What `place_text` gave the same reader; None for anything else."""
    if not text:
        return None
    try:
        sealed = base64.urlsafe_b64decode(text.encode("ascii", "replace"))
        at, case_id, seq = keys.create(ADVOCATES).open_json(sealed, _place_for(reader))
    except (CryptoError, ValueError):
        return None
    return datetime.fromisoformat(at), case_id, seq


def _place_for(reader: str) -> str:
    return f"audit-page|{reader}"


def audit_view(page: AuditPage, keys: KeyStore, reader: str) -> AuditView:
    """A page of deeds."""
    return AuditView(
        deeds=[DeedView(**asdict(one), name=page.names.get(one.doer or "", "")) for one in page.deeds],
        following=place_text(page.following, keys, reader),
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
