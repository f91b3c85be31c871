"""The fields of a notice: where each value comes from, cleaned so that it cannot forge the text around it."""

import unicodedata
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, timezone

from monitor.model.facts import AgeGroup, CopyFacts, Intake, SenderRole
from monitor.notices.route import Channel, Route
from monitor.notices.texts import BASES, KINDS, ON_BEHALF, ROLES

KST = timezone(timedelta(hours=9), "KST")
"""Korea has no summer time."""

COMMON_FIELDS = (
    *("route", "kind", "basis_of_knowledge", "urls", "ids"),
    *("sender_role", "reviewer", "consent_to_send_at", "age_check"),
)
"""What every notice holds; `authority_document` joins them when an agent sends."""

BROUGHT = (
    *("identity_document", "relationship_proof", "victim_identity_copy", "mandate_original"),
    *("postal_address", "phone", "work", "perjury_statement", "date_of_birth"),
)
"""What a person brings, or types there themselves: no notice and no row here ever holds it."""

_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Characters that draw nothing but count as letters or symbols: Hangul fillers, the empty Braille pattern.
_BLANKS = frozenset("\u115f\u1160\u3164\uffa0\u2800")


def clean(text: str) -> str:
    """One line: control, direction and invisible characters dropped, every run of white space one space."""
    spaced = (" " if character.isspace() or character in _BLANKS else character for character in text)
    visible = "".join(c for c in spaced if unicodedata.category(c) not in _UNSAFE)
    return " ".join(unicodedata.normalize("NFC", visible).split())


def moment(at: datetime | None) -> str:
    """A time as notices write it: 2026-11-24 03:05 UTC; empty for None."""
    return "" if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def moment_in_both(at: datetime | None) -> str:
    """A time as Korean authorities read it: 2026-11-24 12:05 KST (2026-11-24 03:05 UTC); empty for None."""
    return "" if at is None else f"{at.astimezone(KST):%Y-%m-%d %H:%M} KST ({moment(at)})"


def _signature(copy: CopyFacts, intake: Intake) -> str:
    # An agent signs with the agent's own name: the person's stays out even when it was typed.
    return copy.reviewer if intake.sender_role is SenderRole.AGENT else intake.signature


def _ids(copy: CopyFacts) -> str:
    return f"{copy.handle}/{copy.post_id}" if clean(copy.handle) and clean(copy.post_id) else ""


_SOURCES: dict[str, Callable[[CopyFacts, Intake, Route], str]] = {
    "route": lambda copy, intake, route: route.name,
    "kind": lambda copy, intake, route: KINDS[copy.kind]["en"],
    "basis_of_knowledge": lambda copy, intake, route: BASES[copy.basis]["en"],
    "urls": lambda copy, intake, route: copy.url,
    "location_urls": lambda copy, intake, route: copy.url,
    "post_urls": lambda copy, intake, route: copy.url,
    "ids": lambda copy, intake, route: _ids(copy),
    "peer": lambda copy, intake, route: copy.handle,
    "option_path": lambda copy, intake, route: " / ".join(route.menu.get(copy.kind, ())),
    "sender_role": lambda copy, intake, route: ROLES[intake.sender_role]["en"],
    "on_behalf_of": lambda copy, intake, route: ON_BEHALF[intake.sender_role]["en"],
    "authority_document": lambda copy, intake, route: (
        intake.mandate_reference if intake.sender_role is SenderRole.AGENT else ""
    ),
    "reviewer": lambda copy, intake, route: copy.reviewer,
    "consent_to_send_at": lambda copy, intake, route: moment(intake.permission_to_send_at),
    "age_check": lambda copy, intake, route: "adult when pictured" if intake.age_group is AgeGroup.ADULT else "",
    "signature": lambda copy, intake, route: _signature(copy, intake),
    "content_identification": lambda copy, intake, route: intake.content_identification,
    "good_faith_nonconsent": lambda copy, intake, route: intake.good_faith_facts,
    "contact": lambda copy, intake, route: intake.contact,
    "observed_at": lambda copy, intake, route: moment_in_both(copy.observed_at),
    # Of a next step only: `escalation.py` knows when the notice before it left.
    "request_sent_at": lambda copy, intake, route: "",
}

FIELDS = tuple(_SOURCES)
"""Every field's name."""


def required_fields(route: Route, intake: Intake) -> tuple[str, ...]:
    """What must hold something: the route's fields, and for an agent the authority document."""
    agent = intake.sender_role is SenderRole.AGENT
    return (*route.required, "authority_document") if agent else route.required


def body_fields(route: Route, intake: Intake) -> tuple[str, ...]:
    """What the text must show. The authority document goes where the common fields or a form's fields go."""
    agent = intake.sender_role is SenderRole.AGENT and route.channel is not Channel.TELEGRAM_REPORT
    return (*route.in_body, "authority_document") if agent else route.in_body


def read_fields(names: Iterable[str], copy: CopyFacts, intake: Intake, route: Route) -> dict[str, str]:
    """The clean value of each field, in the order of `names`; empty where nothing was told."""
    return {name: clean(_SOURCES[name](copy, intake, route)) for name in names}


def missing_fields(route: Route, copy: CopyFacts, intake: Intake) -> tuple[str, ...]:
    """Required fields that hold nothing anyone could read."""
    fields = read_fields(required_fields(route, intake), copy, intake, route)
    return tuple(name for name, value in fields.items() if not value)
