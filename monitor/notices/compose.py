"""Writes the notice of one route about one copy. Nothing comes out with a required field empty."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType

from monitor.core.errors import Incomplete, RuleBroken
from monitor.core.refusals import Refusal
from monitor.model.facts import CopyFacts, Intake, PictureKind, SenderRole
from monitor.notices.citing import FirstNotice, cited
from monitor.notices.eligibility import hold, permission, refusal
from monitor.notices.fields import (
    FIELDS,
    GAPS,
    KST,
    body_fields,
    missing_fields,
    moment,
    moment_in_both,
    read_fields,
    required_fields,
)
from monitor.notices.paragraph import as_written, holds_any, shown
from monitor.notices.render import render
from monitor.notices.route import Channel, Recipients, Route, recipient_of
from monitor.notices.several import further, listed, places_of, refuse_unlike
from monitor.notices.texts import KINDS, PLATFORMS, in_language

TELEGRAM_COMMENT_LIMIT = 512
"""UTF-16 code units of a report's comment, as Telegram's own clients limit it."""

MAX_FIELD = 3000
"""Characters of one field: an abuse desk reads a page, not a book. Longer text is refused, never cut."""

_NOT_YET = {"en": "(not filled in yet)", "ko": "(아직 적지 않음)"}


@dataclass(frozen=True, slots=True)
class Composed:
    """A complete notice."""

    route: str
    language: str
    recipient: str = field(repr=False)
    """E-mail address, form address, or the channel's handle for a report inside Telegram."""
    subject: str = field(repr=False)
    body: str = field(repr=False)
    fields: Mapping[str, str] = field(repr=False)
    """Every required field and its value, for the record; a form's fields come first, in the form's order."""
    preferences: tuple[str, ...] = ()
    """Telegram's report menu: at each level the first of these texts that the menu offers is chosen."""


def compose(
    copy: CopyFacts,
    intake: Intake,
    route: Route,
    language: str,
    *,
    now: datetime,
    recipients: Recipients | None = None,
    to_hold: bool = False,
    paragraph: str = "",
    first: FirstNotice | None = None,
    others: Sequence[CopyFacts] = (),
) -> Composed:
    """The notice, in `language` where the recipient reads it, else in the route's first language.

    Raises Incomplete (naming the fields) when a required field is empty, and RuleBroken with the reason when the
    route may not be taken at all: `minor-or-unsure`, `ordinary-photo-alone`, `waiting-for-police`, ... With `to_hold`
    a notice is written although the person waits for the police; it must then be kept until they lift the wait.
    `paragraph`: what an advocate adds, tidied; see `paragraph.py`. `first`: the notice that this one cites; a report
    inside an app has no room for it, and nobody there who could look it up. `others`: further copies in this one
    notice, of which everything in it is true as well, but where they are.
    """
    for one in (copy, *others):
        refused = refusal(route, one, intake)
        if refused is not None:
            raise RuleBroken(Refusal(refused))
        missing = missing_fields(route, one, intake)
        if missing:
            raise Incomplete(missing)
    if others:
        refuse_unlike(route, copy, others, intake)
    if _names_the_person(copy, intake, route):
        raise RuleBroken(
            Refusal.NAME_IN_TEXT, "an advocate signs this notice: take the person's name out of the free text"
        )
    held = permission(intake, now) if to_hold else hold(intake, now)
    if held is not None:
        raise RuleBroken(Refusal(held))
    chosen = language if language in route.languages else route.languages[0]
    values = _values(copy, intake, route, chosen, now)
    subject, body = render(route.texts, chosen, values)
    places = places_of((copy, *others), intake, route, route.values_in(chosen))
    if others:
        posted = "\n    ".join(_moment(one.posted_at, chosen) for one in (copy, *others))
        body = render(route.texts, chosen, {**values, **places, "posted_at": posted})[1]
        subject += further(len(others), chosen)
        body += listed((copy, *others), chosen)
    if first is not None and route.channel in (Channel.EMAIL, Channel.FORM):
        body += cited(first, chosen)
    body += shown(paragraph, chosen)
    record = _record(copy, intake, route, route.values_in(chosen))
    notice = Composed(
        route=route.name,
        language=chosen,
        recipient=recipient_of(route, recipients, copy.platform) or copy.handle,
        subject=subject,
        body=body,
        fields=MappingProxyType({**record, **{name: places[name] for name in record if name in places}}),
        preferences=route.menu.get(copy.kind, ()),
    )
    check_complete(notice, body_fields(route, intake))
    if route.channel is Channel.TELEGRAM_REPORT and _utf16_length(body) > TELEGRAM_COMMENT_LIMIT:
        raise RuleBroken(Refusal.COMMENT_TOO_LONG, f"Telegram takes {TELEGRAM_COMMENT_LIMIT} characters")
    return notice


def check_complete(notice: Composed, shown: tuple[str, ...]) -> None:
    """The last check before a notice leaves: every field holds something, and the text says each of `shown`."""
    absent = tuple(name for name, value in notice.fields.items() if not value)
    unsaid = tuple(name for name in shown if notice.fields[name] not in notice.body)
    if absent or unsaid:
        raise Incomplete((*absent, *unsaid))
    too_long = tuple(name for name, value in notice.fields.items() if len(value) > MAX_FIELD)
    if too_long:
        raise RuleBroken(Refusal.FIELD_TOO_LONG, f"shorten to {MAX_FIELD} characters: {', '.join(too_long)}")


def preview(copy: CopyFacts, intake: Intake, route: Route, language: str, *, now: datetime) -> tuple[str, str]:
    """(subject, text): what the notice says, in the person's language, with gaps marked. Never sent."""
    values = _values(copy, intake, route, language, now)
    gap = in_language(_NOT_YET, language)
    return render(
        route.texts, language, {name: gap if value == "" and name in GAPS else value for name, value in values.items()}
    )


def _values(copy: CopyFacts, intake: Intake, route: Route, language: str, now: datetime) -> dict[str, object]:
    return {
        **read_fields(FIELDS, copy, intake, route, route.values_in(language)),
        "a_kind": with_article(copy.kind),
        "agent": intake.sender_role is SenderRole.AGENT,
        "designated": copy.centre.designated,
        "kind_intimate": copy.kind is not PictureKind.ORDINARY,
        "platform": in_language(PLATFORMS[copy.platform], language),
        "posted_at": _moment(copy.posted_at, language),
        # The day only: what somebody looked at must still be what leaves when they press the button.
        "dated": f"{now.astimezone(KST if language == 'ko' else UTC):%Y-%m-%d}",
        # Of a next step only, see escalation.py: a first notice by the same route has none of them.
        "restricted": "",
        "last_check_at": "",
        "deadline_at": "",
    }


def _moment(at: datetime, language: str) -> str:
    return moment_in_both(at) if language == "ko" else moment(at)


def _record(copy: CopyFacts, intake: Intake, route: Route, language: str) -> dict[str, str]:
    required = required_fields(route, intake)
    form = tuple(name for name, _ in route.form if name in required)
    return read_fields(dict.fromkeys((*form, *required)), copy, intake, route, language)


def _names_the_person(copy: CopyFacts, intake: Intake, route: Route) -> bool:
    """An agent's notice keeps the person's name and address out; the free text could still hold what was typed as
    signature or contact."""
    if intake.sender_role is not SenderRole.AGENT:
        return False
    own = as_written(copy.reviewer) | as_written(copy.signer)
    kept_out = [intake.contact, *(() if as_written(intake.signature) & own else (intake.signature,))]
    texts = read_fields(("content_identification", "good_faith_nonconsent"), copy, intake, route)
    return any(holds_any(text, kept_out) for text in texts.values())


def with_article(kind: PictureKind) -> str:
    """ "an intimate picture", "a faked intimate picture (digital forgery)"."""
    words = KINDS[kind]["en"]
    return f"{'an' if words[0] in 'aeiou' else 'a'} {words}"


def _utf16_length(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
