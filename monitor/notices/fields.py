"""The fields of a notice: where each value comes from, cleaned so that it cannot forge the text around it."""

import unicodedata
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta, timezone

from monitor.model.facts import AgeGroup, Basis, CopyFacts, Intake, PostedWith, SenderRole
from monitor.notices.route import Channel, Route, Words
from monitor.notices.texts import (
    ACCOUNT_NUMBER,
    ADULT_WHEN_PICTURED,
    BASES,
    BONA_FIDE,
    CONFIRMED_ANOTHER,
    CONFIRMED_ANOTHER_BEFORE,
    CONFIRMED_BEFORE,
    GOOD_FAITH,
    IS_INTIMATE,
    KINDS,
    KOREAN_TYPE_OF_MINORS,
    KOREAN_TYPES,
    ON_BEHALF,
    PLATFORMS,
    POSTED_WITH,
    REASONS_IN_EU_LAW,
    ROLES,
    TRUE_TO_BEST_KNOWLEDGE,
    VIOLATIONS,
    in_language,
)

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

PERSON_ADDRESS = "person_address"
"""The person's own address. A route that requires it asks them about each notice: see `address.py`."""

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
    return copy.signer or copy.reviewer if intake.sender_role is SenderRole.AGENT else intake.signature


def _requester(copy: CopyFacts, intake: Intake) -> str:
    # Where a body asks in its own name, the form wants that name and not its clerk's.
    agent = intake.sender_role is SenderRole.AGENT
    return (copy.centre.name or copy.reviewer) if agent else intake.signature


def _reviewer(copy: CopyFacts, language: str) -> str:
    identical = copy.basis is Basis.IDENTICAL_COPY
    if not copy.reviewer or not (identical or copy.confirmed_elsewhere):
        return copy.reviewer
    before = CONFIRMED_ANOTHER_BEFORE if identical else CONFIRMED_BEFORE
    words = before if copy.confirmed_elsewhere else CONFIRMED_ANOTHER
    return in_language(words, language).format(copy.reviewer)


def _ids(copy: CopyFacts) -> str:
    return f"{copy.handle}/{copy.post_id}" if clean(copy.handle) and clean(copy.post_id) else ""


def _location(copy: CopyFacts, language: str) -> str:
    """Exactly where: link, name, number. No word of it where the post is not named."""
    if not (clean(copy.url) and _ids(copy)):
        return ""
    number = f", {in_language(ACCOUNT_NUMBER[copy.platform], language)} {copy.remote_id}" if copy.remote_id else ""
    return f"{copy.url} ({in_language(PLATFORMS[copy.platform], language)}, {_ids(copy)}{number})"


def _at(at: datetime | None, language: str) -> str:
    return moment_in_both(at) if language == "ko" else moment(at)


def _korean_type(copy: CopyFacts, intake: Intake) -> Words:
    return KOREAN_TYPE_OF_MINORS if copy.age_group(intake).counts_as_minor else KOREAN_TYPES[copy.kind]


def _posted_with(copy: CopyFacts, language: str) -> str:
    return ", ".join(in_language(POSTED_WITH[one], language) for one in PostedWith if one in copy.posted_with)


def _said(words: Words) -> Callable[[CopyFacts, Intake, Route, str], str]:
    """A statement whose words are always the same: the sender makes it by sending."""
    return lambda copy, intake, route, language: in_language(words, language)


_SOURCES: dict[str, Callable[[CopyFacts, Intake, Route, str], str]] = {
    "route": lambda copy, intake, route, language: route.name,
    "kind": lambda copy, intake, route, language: in_language(KINDS[copy.kind], language),
    "basis_of_knowledge": lambda copy, intake, route, language: in_language(BASES[copy.basis], language),
    "urls": lambda copy, intake, route, language: copy.url,
    "location_urls": lambda copy, intake, route, language: copy.url,
    "post_urls": lambda copy, intake, route, language: copy.url,
    "exact_urls": lambda copy, intake, route, language: copy.url,
    "infringing_urls": lambda copy, intake, route, language: copy.url,
    "links": lambda copy, intake, route, language: copy.url,
    "exact_location": lambda copy, intake, route, language: _location(copy, language),
    "ids": lambda copy, intake, route, language: _ids(copy),
    "peer": lambda copy, intake, route, language: copy.handle,
    "option_path": lambda copy, intake, route, language: " / ".join(route.menu.get(copy.kind, ())),
    "observed_at": lambda copy, intake, route, language: _at(copy.observed_at, language),
    "sender_role": lambda copy, intake, route, language: in_language(ROLES[intake.sender_role], language),
    "on_behalf_of": lambda copy, intake, route, language: in_language(ON_BEHALF[intake.sender_role], language),
    "subject_or_agent": lambda copy, intake, route, language: in_language(ROLES[intake.sender_role], language),
    "authority_document": lambda copy, intake, route, language: (
        intake.mandate_reference if intake.sender_role is SenderRole.AGENT else ""
    ),
    "reviewer": lambda copy, intake, route, language: _reviewer(copy, language),
    "requester": lambda copy, intake, route, language: _requester(copy, intake),
    "designation": lambda copy, intake, route, language: copy.centre.registered_with,
    "consent_to_send_at": lambda copy, intake, route, language: _at(intake.permission_to_send_at, language),
    "age_check": lambda copy, intake, route, language: (
        in_language(ADULT_WHEN_PICTURED, language) if copy.age_group(intake) is AgeGroup.ADULT else ""
    ),
    "signature": lambda copy, intake, route, language: _signature(copy, intake),
    "notifier_name": lambda copy, intake, route, language: _signature(copy, intake),
    "content_identification": lambda copy, intake, route, language: intake.content_identification,
    "identifying_information": lambda copy, intake, route, language: intake.content_identification,
    "good_faith_nonconsent": lambda copy, intake, route, language: intake.good_faith_facts,
    "reason": lambda copy, intake, route, language: intake.good_faith_facts,
    "reason_and_grounds": lambda copy, intake, route, language: intake.good_faith_facts,
    "infringement_explanation": lambda copy, intake, route, language: intake.good_faith_facts,
    "contact": lambda copy, intake, route, language: copy.contact,
    PERSON_ADDRESS: lambda copy, intake, route, language: intake.contact,
    "type": lambda copy, intake, route, language: in_language(_korean_type(copy, intake), language),
    "violation": lambda copy, intake, route, language: in_language(VIOLATIONS[copy.kind], language),
    "reasons_illegal": lambda copy, intake, route, language: in_language(REASONS_IN_EU_LAW[copy.kind], language),
    "is_intimate_content": lambda copy, intake, route, language: in_language(IS_INTIMATE[copy.kind], language),
    "posted_with": lambda copy, intake, route, language: _posted_with(copy, language),
    "bona_fide_statement": _said(BONA_FIDE),
    "good_faith": _said(GOOD_FAITH),
    "true_to_best_knowledge": _said(TRUE_TO_BEST_KNOWLEDGE),
    # Of a next step only: `escalation.py` knows when the notice before it left.
    "request_sent_at": lambda copy, intake, route, language: "",
}

FIELDS = tuple(_SOURCES)
"""Every field's name."""

GAPS = tuple(name for name in FIELDS if name not in ("posted_with", "designation", "request_sent_at"))
"""Those whose absence a text marks; the others are only said where there is something to say."""


def required_fields(route: Route, intake: Intake) -> tuple[str, ...]:
    """What must hold something: the route's fields, and for an agent the authority document."""
    agent = intake.sender_role is SenderRole.AGENT
    return (*route.required, "authority_document") if agent else route.required


def body_fields(route: Route, intake: Intake) -> tuple[str, ...]:
    """What the text must show. The authority document goes where the common fields or a form's fields go."""
    in_a_message = route.channel in (Channel.TELEGRAM_REPORT, Channel.ASSISTED)
    agent = intake.sender_role is SenderRole.AGENT and not in_a_message
    return (*route.in_body, "authority_document") if agent else route.in_body


def read_fields(
    names: Iterable[str], copy: CopyFacts, intake: Intake, route: Route, language: str = "en"
) -> dict[str, str]:
    """The clean value of each field in `language`, in the order of `names`; empty where nothing was told."""
    return {name: clean(_SOURCES[name](copy, intake, route, language)) for name in names}


def missing_fields(route: Route, copy: CopyFacts, intake: Intake) -> tuple[str, ...]:
    """Required fields that hold nothing anyone could read."""
    fields = read_fields(required_fields(route, intake), copy, intake, route)
    return tuple(name for name, value in fields.items() if not value)
