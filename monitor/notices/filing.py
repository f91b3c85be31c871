"""What a person files about a copy: which steps there are, and the clock of each. Pure."""

from datetime import datetime, timedelta

from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.model.copies import FilingAnswer
from monitor.notices.clocks import Clock, ClockKind, clocks_of, renewal_clock
from monitor.notices.deadlines import lapse_at
from monitor.notices.form import reference_number
from monitor.notices.route import Start
from monitor.notices.route_table import ROUTES

UNPROMISED = timedelta(days=7)
"""When to ask again where neither law nor recipient promises anything."""


def answer_due(step: str, filed_at: datetime) -> datetime:
    """When somebody must look again: what is promised, else when the step's copy is to be checked, else a week."""
    route = ROUTES.get(step)
    if route is None or (route.deadline_hours is None and not route.recheck_hours):
        return filed_at + UNPROMISED
    return lapse_at(route, filed_at)


def in_time_only() -> tuple[str, ...]:
    """The steps that are taken within some days only."""
    return tuple(name for name, route in ROUTES.items() if route.file_within_days is not None)


def file_by(step: str, prepared_at: datetime, refused_at: datetime | None) -> Clock | None:
    """Until when a prepared step must be filed; None: any time.

    From the recipient's first refusal, else from when the step was prepared: law counts from a decision, and where none
    came it cannot have been before that.
    """
    route = ROUTES.get(step)
    if route is None or route.file_within_days is None:
        return None
    since = prepared_at if refused_at is None else min(prepared_at, refused_at)
    return renewal_clock(ClockKind.FILE_BY, since, route.file_within_days, route.renew_days_before)


def filing_clocks(
    step: str, filed_at: datetime, *, deadline_at: datetime | None, answer: str | None
) -> tuple[Clock, ...]:
    """The clocks of what was filed: an answer that is due, a block or a preservation that ends."""
    route = ROUTES.get(step)
    holds = route is not None and answer != FilingAnswer.REFUSED
    return clocks_of(
        filed_at,
        answer_ends=deadline_at if answer is None else None,
        block_days=route.block_days if route is not None and holds else None,
        renew_days_before=None if route is None else route.renew_days_before,
        preserves=route is not None and route.starts is Start.POLICE_REQUEST,
    )


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
