"""What a route is: one way to ask one recipient for removal, with everything that law and recipient want to see."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from monitor.model.facts import PictureKind
from monitor.platforms.base import PlatformName


class Channel(StrEnum):
    """How a notice leaves."""

    TELEGRAM_REPORT = "telegram-report"
    """The report menu inside Telegram."""
    EMAIL = "email"
    FORM = "form"
    """A web form that a person submits; everything is prepared, nothing is sent by us."""


class Audience(StrEnum):
    """Whose pictures a route is for, by the age when pictured."""

    ADULT = "adult"
    MINOR = "minor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One row of the table in `route_table.py`."""

    name: str
    channel: Channel
    platforms: frozenset[PlatformName]
    recipient: str
    """E-mail address or form address; empty where the platform itself is the recipient. Operators may override it."""
    audience: Audience
    kinds: frozenset[PictureKind]
    required: tuple[str, ...] = ()
    """Fields that must hold something, see `fields.py`."""
    in_body: tuple[str, ...] = ()
    """Those of them that the text must show. Fewer than `required` where personal data must stay out."""
    deadline_hours: int | None = None
    """What the law or the platform promises, from receipt; None where it promises nothing."""
    recheck_hours: tuple[int, ...] = ()
    """When to check the copy at the latest, from sending."""
    on_lapse: tuple[str, ...] = ()
    """The next steps, see `escalation.py`."""
    law: str = ""
    confirmed: bool = True
    """False for what no source confirms yet: shown as such, to be checked by the operator."""
    enabled: bool = True
    """False for routes that are only shown: a person takes them, nothing is composed."""
    languages: tuple[str, ...] = ("en",)
    """Languages that the recipient reads; the first is the default."""
    menu: Mapping[PictureKind, tuple[str, ...]] = field(default_factory=dict)
    """Telegram's report menu: texts in order of preference. At each level the first that the menu offers is chosen."""
    form: tuple[tuple[str, str], ...] = ()
    """(field, label) in the order of the form."""


Recipients = Mapping[str, str]
"""Addresses by route or step name that replace those of the table: an operator's change, or the demo's loopback."""


def recipient_of(route: Route, recipients: Recipients | None = None) -> str:
    """Where a notice of this route goes; an empty override counts as none."""
    return ((recipients or {}).get(route.name) or "").strip() or route.recipient
