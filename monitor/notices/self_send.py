"""What a person can send to a platform themselves while they wait: one text for each link that they entered. Pure.

Nothing of it leaves from here, and nothing about the person stands in it: where a signature belongs there is a gap that
they fill in or leave. For somebody who may have been under age it holds the link alone.
"""

from dataclasses import dataclass, field

from monitor.model.facts import AgeGroup, PictureKind
from monitor.notices.route import Recipients, Route, recipient_of
from monitor.notices.route_table import ROUTES
from monitor.platforms.base import PlatformName

_ROUTES = {
    (PlatformName.TELEGRAM, False): "us_tida",
    (PlatformName.TELEGRAM, True): "telegram_stopca",
    (PlatformName.X, False): "x_ncn",
    (PlatformName.X, True): "x_cse",
}
"""By platform, and whether the person may have been under age: whose address it goes to."""
_WHAT = {
    PictureKind.INTIMATE: "an intimate picture of me that I never agreed to have published",
    PictureKind.FAKED: "a faked intimate picture of me (a digital forgery) that I never agreed to",
    PictureKind.ORDINARY: "a photo of me that is misused there without my consent",
}
_ADULT = """Please remove this post:

    {url}

It shows {what}.
I believe in good faith that it was published without my consent.
Please also remove the identical copies that you know of, and do not tell the uploader who asked.

Name or initials: ____________________
Where you can answer: ____________________
"""
_MINOR = """Please look at this post and remove it:

    {url}

The person in the picture may be under age. Please keep what the police will need.
"""


@dataclass(frozen=True, slots=True)
class SelfNotice:
    """A text to copy, and where it goes."""

    route: str
    address: str = field(repr=False)
    """An e-mail address, or a form that begins with https://"""
    subject: str
    body: str = field(repr=False)
    minor: bool


def self_notice(
    platform: PlatformName, url: str, kind: PictureKind, age: AgeGroup, recipients: Recipients | None = None
) -> SelfNotice | None:
    """The text for one link; None where an operator's routes have no address for it."""
    minor = age.counts_as_minor
    route: Route | None = ROUTES.get(_ROUTES[platform, minor])
    address = None if route is None else recipient_of(route, recipients, platform)
    if route is None or not address:
        return None
    text = _MINOR if minor else _ADULT
    subject = "Please remove: a picture of a person who may be under age" if minor else "Please remove: without consent"
    return SelfNotice(route.name, address, subject, text.format(url=url, what=_WHAT[kind]), minor)
