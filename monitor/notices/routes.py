"""The door to the routes: the table, who may take which route now, and the contacts to show.

for each in eligibilities(copy, intake, now):
    if each.allowed: ... else: each.explain("ko")
"""

from collections.abc import Mapping

from monitor.notices.contacts import Contact, cautions, contacts
from monitor.notices.eligibility import (
    RouteEligibility,
    eligibilities,
    eligibility,
    first_allowed,
    hold,
    may_send,
    to_show,
)
from monitor.notices.route import Audience, Channel, Route
from monitor.notices.route_table import ROUTES
from monitor.notices.texts import Reason

Recipients = Mapping[str, str]
"""Addresses by route or step name that replace those of the table: an operator's change, or the demo's loopback."""


def recipient_of(route: Route, recipients: Recipients | None = None) -> str:
    """Where a notice of this route goes; an empty override counts as none."""
    return ((recipients or {}).get(route.name) or "").strip() or route.recipient


__all__ = [
    "ROUTES",
    "Audience",
    "Channel",
    "Contact",
    "Reason",
    "Recipients",
    "Route",
    "RouteEligibility",
    "cautions",
    "contacts",
    "eligibilities",
    "eligibility",
    "first_allowed",
    "hold",
    "may_send",
    "recipient_of",
    "to_show",
]
