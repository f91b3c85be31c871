"""Builders of facts for the rules of notices: complete by default, so that a test names what it changes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.model.facts import AgeGroup, Basis, Centre, CopyFacts, Intake, PictureKind, PostedWith
from monitor.notices.route import Route, Sender
from monitor.platforms.base import PlatformName

NOW = datetime(2026, 11, 24, 3, 5, tzinfo=UTC)


def make_intake(**changes: Any) -> Intake:
    """An adult in Korea who filled in everything and allowed sending an hour ago."""
    whole = Intake(
        age_group=AgeGroup.ADULT,
        country="KR",
        language="ko",
        signature="Typed Signature",
        good_faith_facts="I never agreed to this; it was sent to one person in private.",
        content_identification="A mirror picture in a blue room, taken in spring.",
        contact="person@example.org",
        permission_to_send_at=NOW - timedelta(hours=1),
    )
    return replace(whole, **changes)


def make_copy(**changes: Any) -> CopyFacts:
    """A confirmed intimate picture in a public Telegram channel."""
    whole = CopyFacts(
        platform=PlatformName.TELEGRAM,
        handle="examplechannel",
        url="https://t.me/examplechannel/17",
        post_id="17",
        posted_at=NOW - timedelta(days=1),
        observed_at=NOW - timedelta(hours=2),
        kind=PictureKind.INTIMATE,
        basis=Basis.PERSON_VIEWED,
        reviewer="Signing Advocate",
        distance=4,
        how="whole picture, 4 of 256 bits",
        contact="answers@centre.example",
    )
    return replace(whole, **changes)


def make_x_copy(**changes: Any) -> CopyFacts:
    """The same on X."""
    on_x = {
        "platform": PlatformName.X,
        "handle": "exampleaccount",
        "url": "https://x.com/exampleaccount/status/190017",
        "post_id": "190017",
    }
    return make_copy(**{**on_x, **changes})


def copy_for(route: Route, **changes: Any) -> CopyFacts:
    """A copy that this route is for: its platform, what it wants posted with it, a centre that may send."""
    fits: dict[str, Any] = {}
    if route.posted_with:
        fits["posted_with"] = frozenset({PostedWith.NAME, PostedWith.INSULT})
    if route.senders and not route.senders & {Sender.ANYONE, Sender.PERSON}:
        fits["centre"] = Centre(name="Example Centre", country="KR", designated=True, registered_with="List 7")
    make = make_copy if PlatformName.TELEGRAM in route.platforms else make_x_copy
    return make(**{**fits, **changes})


def intake_for(route: Route, **changes: Any) -> Intake:
    """An intake of somebody whom this route is for."""
    countries = sorted(route.person_countries or route.centre_countries)
    return make_intake(**{"country": countries[0] if countries else "KR", **changes})
