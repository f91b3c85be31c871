"""What a person files about a copy: which steps there are, and the clock of each. Pure."""

from datetime import datetime, timedelta

from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.notices.deadlines import lapse_at
from monitor.notices.form import reference_number
from monitor.notices.route_table import ROUTES

UNPROMISED = timedelta(days=7)
"""When to ask again where neither law nor recipient promises anything."""


def answer_due(step: str, filed_at: datetime) -> datetime:
    """When somebody must look again: what is promised, else when the step's copy is to be checked, else a week."""
    route = ROUTES.get(step)
    if route is None or (route.deadline_hours is None and not route.recheck_hours):
        return filed_at + UNPROMISED
    return lapse_at(route, filed_at)


def filed_time(at: datetime | None, since: datetime, now: datetime) -> datetime:
    """When a person says that they filed it; None: now. The minute of `since` counts whole, as people tell the minute.

    RuleBroken for a time to come, or before there was anything to file.
    """
    if at is None:
        return now
    if at > now:
        raise RuleBroken(Refusal.SUBMITTED_IN_FUTURE, "this time is still to come")
    if at < since.replace(second=0, microsecond=0):
        raise RuleBroken(Refusal.FILED_TOO_EARLY, "the copy was confirmed after that")
    return max(at, since)


def answered_time(at: datetime | None, filed_at: datetime, now: datetime) -> datetime:
    """When the recipient answered; None: now."""
    if at is None:
        return now
    if at > now:
        raise RuleBroken(Refusal.SUBMITTED_IN_FUTURE, "this time is still to come")
    if at < filed_at.replace(second=0, microsecond=0):
        raise RuleBroken(Refusal.ANSWERED_TOO_EARLY, "it was filed after that")
    return max(at, filed_at)


def tidy_reference(text: str) -> str:
    """The reference, tidied; empty where the recipient gave none, which no rule forbids."""
    return reference_number(text) if text.strip() else ""
