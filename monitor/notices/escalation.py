"""The next steps when a notice lapsed: text and fields prepared for a person. Nothing here is sent by itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.model.facts import CopyFacts, Intake, LastSeen, PictureKind, SenderRole
from monitor.notices.compose import with_article
from monitor.notices.deadlines import lapse_at
from monitor.notices.eligibility import refusal
from monitor.notices.fields import FIELDS, GAPS, clean, moment, moment_in_both, read_fields
from monitor.notices.render import render
from monitor.notices.route import Channel, Recipients, Route, recipient_of
from monitor.notices.route_table import ROUTES
from monitor.notices.texts import (
    ACCOUNT_NUMBER,
    PLATFORMS,
    POST_NUMBER,
    WITHHELD_FROM_ALL,
    WITHHELD_FROM_SOME,
    Reason,
    in_language,
)

_ONLY_FOR_NEW = (
    Reason.ROUTE_NOT_IN_USE,
    Reason.OTHER_COUNTRY,
    Reason.COUNTRY_NOT_TOLD,
    Reason.SENDER_NOT_ENTITLED,
    Reason.NOTHING_POSTED_WITH,
)
"""What keeps a new notice from a route, and nobody from going on with one that left."""

_GAP = {"en": "(please fill in)", "ko": "(적어 주세요)"}


@dataclass(frozen=True, slots=True)
class PreparedStep:
    """A next step, ready for a person. `missing` names what they must still fill in; the text marks the gaps."""

    step: str
    channel: Channel
    address: str = field(repr=False)
    subject: str = field(repr=False)
    body: str = field(repr=False)
    fields: Mapping[str, str] = field(repr=False)
    missing: tuple[str, ...] = ()
    confirmed: bool = True
    """False: show it as "please check"."""


def place_of(route: str, step: str) -> int:
    """The place of a step among what follows a notice of this route, from 0; behind all where the file has it not."""
    after = ROUTES[route].on_lapse if route in ROUTES else ()
    return after.index(step) if step in after else len(after)


def escalation(
    route: Route,
    copy: CopyFacts,
    intake: Intake,
    now: datetime,
    *,
    sent_at: datetime | None = None,
    last_check_at: datetime | None = None,
    recipients: Recipients | None = None,
) -> tuple[PreparedStep, ...]:
    """The steps that follow `route`, in order; empty where it has none.

    `last_check_at`: the check that still found the copy, unless the copy tells it itself; `now` where neither does. The
    texts name the copy where it is now, with the platform's own numbers. Raises RuleBroken where the route itself
    may not be taken: a minor's picture and an ordinary photo have no adult escalation either.
    """
    refused = refusal(route, copy, intake)
    if refused is not None and refused not in _ONLY_FOR_NEW:
        raise RuleBroken(Refusal(refused))
    here = intake.country.strip().upper()
    steps = [ROUTES[name] for name in route.on_lapse if name in ROUTES]
    times = (sent_at, last_check_at or now)
    return tuple(
        _prepare(step, route, copy, intake, times, recipients)
        for step in steps
        if step.in_use and copy.platform in step.platforms and step.is_for(here, copy.centre.country)
    )


def _prepare(
    step: Route,
    route: Route,
    copy: CopyFacts,
    intake: Intake,
    times: tuple[datetime | None, datetime],
    recipients: Recipients | None,
) -> PreparedStep:
    language = step.languages[0]
    values = _values(language, step, route, copy, intake, *times)
    missing = tuple(name for name in step.required if not values[name])
    gap = in_language(_GAP, language)
    marked = {*GAPS, *step.required}
    filled = {name: value or (gap if name in marked else "") for name, value in values.items()}
    agent = intake.sender_role is SenderRole.AGENT
    more = {
        "a_kind": with_article(copy.kind),
        "designated": copy.centre.designated,
        "kind_intimate": copy.kind is not PictureKind.ORDINARY,
        "dated": values["last_check_at"],
    }
    subject, body = render(step.texts, language, {**filled, "agent": agent, **more})
    return PreparedStep(
        step=step.name,
        channel=step.channel,
        address=recipient_of(step, recipients, copy.platform),
        subject=subject,
        body=body,
        fields=MappingProxyType({name: values[name] for name in step.required}),
        missing=missing,
        confirmed=step.confirmed,
    )


def _values(
    language: str,
    step: Route,
    route: Route,
    copy: CopyFacts,
    intake: Intake,
    sent_at: datetime | None,
    last_check_at: datetime,
) -> dict[str, str]:
    at = moment_in_both if language == "ko" else moment
    seen = copy.last_seen
    moved = copy if seen is None else replace(copy, url=seen.url, handle=seen.handle, post_id=seen.post_id)
    return {
        **read_fields(FIELDS, moved, intake, step, step.values_in(language)),
        "ids": _numbered(moved, language),
        "restricted": _restricted(seen, language),
        "platform": in_language(PLATFORMS[copy.platform], language),
        "posted_at": at(copy.posted_at),
        "request_sent_at": at(sent_at),
        "deadline_at": "" if sent_at is None else at(lapse_at(route, sent_at)),
        "last_check_at": at(last_check_at if seen is None else seen.at),
    }


def _numbered(copy: CopyFacts, language: str) -> str:
    """The name as it is now, and the numbers that stay when the name changes."""
    if not (clean(copy.handle) and clean(copy.post_id)):
        return ""
    number = f", {in_language(ACCOUNT_NUMBER[copy.platform], language)} {copy.remote_id}" if copy.remote_id else ""
    return clean(f"{copy.handle}/{copy.post_id} ({in_language(POST_NUMBER, language)} {copy.post_id}{number})")


def _restricted(seen: LastSeen | None, language: str) -> str:
    """For whom the post is withheld; empty where it is not."""
    if seen is None or not seen.restricted:
        return ""
    return in_language(WITHHELD_FROM_ALL if seen.for_all else WITHHELD_FROM_SOME, language)
