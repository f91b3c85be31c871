"""Drafts of requests that the police send to a platform, so that it keeps what it has until papers follow. Pure.

We send none of them: a platform heeds the police alone. X keeps data for 90 days on such a request; how Telegram deals
with one no source says, so its draft names no address. What is known of a platform stands in a file of `routes/` that
the police alone send by, such as `x_preservation.toml`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.notices.clocks import PRESERVATION_DAYS, RENEW_DAYS_BEFORE
from monitor.notices.fields import clean, moment, moment_in_both
from monitor.notices.render import render
from monitor.notices.route import Recipients, Route, Start, recipient_of
from monitor.notices.route_table import ROUTES
from monitor.platforms.base import PlatformName

KEPT_FOR = timedelta(days=PRESERVATION_DAYS)
"""From the request, where no file says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PostToKeep:
    """A confirmed copy as a platform finds it in its own records. Numbers are text, hashes hex, times in UTC."""

    url: str = field(repr=False)
    handle: str = field(repr=False)
    """Channel or account, without @."""
    remote_id: str
    """The platform's number of it."""
    post_id: str
    media_id: str
    author_id: str
    """Empty where the channel itself wrote it, or nobody knows."""
    posted_at: datetime
    found_at: datetime
    seen_at: datetime | None = None
    """When it was observed last before a notice."""
    response_sha256: str = ""
    media_sha256: str = ""
    """Of the largest form of the medium where that was hashed, else of the form that was read."""
    media_variant: str = ""
    media_size: int | None = None
    """Bytes."""
    minor: bool = False
    """The person was under age in this picture, or that is not sure."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A text for somebody else to sign and send."""

    platform: PlatformName
    address: str
    """Empty: no source names one."""
    subject: str
    body: str = field(repr=False)

    @property
    def confirmed(self) -> bool:
        """Does the platform itself name the address?"""
        return bool(self.address)


def kept_for(platform: PlatformName) -> timedelta:
    """How long the platform keeps the data, from the request."""
    way = _way(platform)
    return KEPT_FOR if way is None or way.block_days is None else timedelta(days=way.block_days)


def ends_at(platform: PlatformName, sent_at: datetime) -> datetime:
    """When the platform need no longer keep the data."""
    return sent_at + kept_for(platform)


def renew_at(platform: PlatformName, sent_at: datetime) -> datetime:
    """When the police are to be asked for a renewal."""
    way = _way(platform)
    days = RENEW_DAYS_BEFORE if way is None or way.renew_days_before is None else way.renew_days_before
    return ends_at(platform, sent_at) - timedelta(days=days)


def _way(platform: PlatformName) -> Route | None:
    """The file of how the police ask this platform; None: no source tells."""
    asked = (one for one in ROUTES.values() if one.by_police and one.starts is Start.POLICE_REQUEST and one.in_use)
    return next((one for one in asked if platform in one.platforms), None)


def preservation_request(
    platform: PlatformName,
    posts: Sequence[PostToKeep],
    *,
    language: str,
    case_number: str,
    organisation: str,
    minor: bool,
    renewal: bool = False,
    recipients: Recipients | None = None,
) -> Draft:
    """The draft about these posts of one platform, with blanks for what only the police know.

    `minor`: the person was under age when pictured, or that is not sure. `renewal`: the data is being kept already.
    `recipients`: the operator's own addresses.
    """
    subject, body = render(
        f"preservation_{platform}",
        language,
        {
            "posts": [_values(post) for post in posts],
            "case_number": clean(case_number),
            "organisation": clean(organisation),
            "minor": minor,
            "renewal": renewal,
            "days": kept_for(platform).days,
        },
    )
    way = _way(platform)
    address = "" if way is None else recipient_of(way, recipients, platform)
    return Draft(platform, address if address != "?" else "", subject, body)


def _values(post: PostToKeep) -> dict[str, str]:
    return {
        "url": clean(post.url),
        "handle": clean(post.handle),
        "remote_id": clean(post.remote_id),
        "post_id": clean(post.post_id),
        "media_id": clean(post.media_id),
        "author_id": clean(post.author_id),
        "posted_at": moment(post.posted_at),
        "posted_both": moment_in_both(post.posted_at),
        "found_at": moment(post.found_at),
        "found_both": moment_in_both(post.found_at),
        "seen_at": moment(post.seen_at),
        "seen_both": moment_in_both(post.seen_at),
        "response_sha256": post.response_sha256,
        "media_sha256": post.media_sha256,
        "media_variant": clean(post.media_variant),
        "media_size": "" if post.media_size is None else str(post.media_size),
    }
