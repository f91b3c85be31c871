"""What a person takes to the bodies that act on a minor's picture: links, numbers and times, and nothing more. Pure.

Everything is prepared at once; a person sends it. See `minor_fields` in the routes' files.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from monitor.model.facts import AgeGroup, CopyFacts, Intake, PictureKind
from monitor.notices.duties import DUTIES
from monitor.notices.eligibility import entitled
from monitor.notices.fields import clean, moment, moment_in_both
from monitor.notices.render import render
from monitor.notices.route import Recipients, Route, recipient_of
from monitor.notices.route_table import ROUTES
from monitor.notices.texts import PLATFORMS, Words, in_language

TEMPLATE = "for_minor"

_LABELS: dict[PictureKind, Words] = {
    PictureKind.INTIMATE: {"en": "Sexual picture of a minor", "ko": "아동·청소년 성착취물(의심)"},
    PictureKind.FAKED: {"en": "Faked sexual picture of a minor", "ko": "아동·청소년 허위영상물(의심)"},
    PictureKind.ORDINARY: {"en": "Misused photo of a minor", "ko": "아동·청소년 사진 도용"},
}
_KINDS: dict[PictureKind, Words] = {
    PictureKind.INTIMATE: {
        "en": "a sexual picture, posted without consent",
        "ko": "동의 없이 게시된 성적 촬영물",
    },
    PictureKind.FAKED: {
        "en": "a faked sexual picture (digital forgery), posted without consent",
        "ko": "동의 없이 게시된 성적 합성물(딥페이크 등)",
    },
    PictureKind.ORDINARY: {
        "en": "an ordinary photo, posted without consent",
        "ko": "동의 없이 게시된 일상 사진",
    },
}


@dataclass(frozen=True, slots=True)
class MinorsStep:
    """One route, ready for a person."""

    route: Route
    language: str
    address: str = field(repr=False)
    subject: str = field(repr=False)
    body: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AdultNotice:
    """A notice as for an adult that left before it was known better."""

    title: Words
    sent_at: datetime


def minors_routes(copy: CopyFacts, intake: Intake) -> Sequence[Route]:
    """Where this copy can be taken: first where a duty sends the centre, then in the order of the routes' files.

    Where no country is told, those of every country are shown rather than hidden.
    """
    country = intake.country.strip().upper()
    duty = DUTIES.of(copy.centre.country, country)
    found = [
        route
        for route in ROUTES.values()
        if route.audience.for_minors
        and route.minor_fields
        and route.in_use
        and route.first
        and (not route.senders or route.senders & entitled(copy, intake))
        and copy.platform in route.platforms
        and copy.kind in route.minor_kinds
        and (not country or route.is_for(country, copy.centre.country))
    ]
    return sorted(found, key=lambda route: duty is None or route.name not in duty.met_by)


def minors_steps(
    copy: CopyFacts,
    intake: Intake,
    *,
    recipients: Recipients | None = None,
    sent: Iterable[AdultNotice] = (),
    language: str | None = None,
) -> tuple[MinorsStep, ...]:
    """Every route with its text, in the recipient's language; `language`: in this one, where the route reads it.

    `sent`: what left as for an adult, which the text puts right.
    """
    left = tuple(sent)
    return tuple(_step(route, copy, intake, recipients, left, language) for route in minors_routes(copy, intake))


def _step(
    route: Route,
    copy: CopyFacts,
    intake: Intake,
    recipients: Recipients | None,
    sent: Sequence[AdultNotice],
    language: str | None,
) -> MinorsStep:
    chosen = language if language in route.languages else route.languages[0]
    subject, body = render(TEMPLATE, chosen, _values(route, copy, intake, sent, chosen))
    return MinorsStep(route, chosen, recipient_of(route, recipients, copy.platform), subject, body)


def _values(
    route: Route, copy: CopyFacts, intake: Intake, sent: Sequence[AdultNotice], language: str
) -> dict[str, object]:
    """Links, numbers and times. Nothing that the person told of themselves is among them."""
    at = moment_in_both if language == "ko" else moment
    seen = copy.last_seen
    here = copy if seen is None else replace(copy, url=seen.url, handle=seen.handle, post_id=seen.post_id)
    return {
        "route": route.name,
        "recipient": in_language(route.title, language) or route.name,
        "label": in_language(_LABELS[copy.kind], language),
        "kind": in_language(_KINDS[copy.kind], language),
        "sure": copy.age_group(intake) is AgeGroup.MINOR,
        "platform": in_language(PLATFORMS[copy.platform], language),
        "urls": clean(here.url),
        "ids": clean(f"{here.handle}/{here.post_id}"),
        "account_number": clean(copy.remote_id),
        "posted_at": at(copy.posted_at),
        "observed_at": at(copy.observed_at),
        "last_check_at": at(None if seen is None else seen.at),
        "adult_notices": [f"{in_language(one.title, language)}, {at(one.sent_at)}" for one in sent],
    }
