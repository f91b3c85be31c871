"""What one answer says about a post: the rule behind `Telegram.post_status`. Pure.

Only Telegram's own statement that the message is empty, or that its text stands there with other media, counts as
deleted. A channel that closed itself to the public may still show the picture to its members.
"""

from typing import Any

from telethon.tl import types as t

from monitor.platforms.base import MediaKind, PostStatus, Presence, SourceRef
from monitor.platforms.telegram.parsing import media_of, public_name, response_sha256


def status_of(message: Any, channel: Any, source: SourceRef, media_ids: tuple[str, ...]) -> PostStatus:
    """Presence of a message, and of at least one of `media_ids` in it, where any were known.

    `channel` is the channel as the same answer describes it; None when it does not.
    """
    if message is None:
        return PostStatus(Presence.UNKNOWN, "not-in-answer")
    if isinstance(channel, t.ChannelForbidden):
        return PostStatus(Presence.LOGIN, "channel-private")
    if isinstance(message, t.MessageEmpty):
        return PostStatus(Presence.DELETED, "message-empty")
    if not isinstance(message, t.Message):
        return PostStatus(Presence.UNKNOWN, "service-message")
    media = media_of(message, source)
    presence, reason = _judged(message, channel, source, media, media_ids)
    return PostStatus(presence, reason, tuple(medium.id for medium in media), response_sha256(message))


def _judged(
    message: Any, channel: Any, source: SourceRef, media: tuple[Any, ...], media_ids: tuple[str, ...]
) -> tuple[Presence, str]:
    # Withheld before replaced: a withheld post may show no media here and show them elsewhere.
    if message.restriction_reason:
        return Presence.RESTRICTED, "message-restricted"
    if getattr(channel, "restriction_reason", None):
        return Presence.RESTRICTED, "channel-restricted"
    # Telegram keeps the message's number when its media are replaced; only the media's ids tell.
    if media_ids and not {medium.id for medium in media} & set(media_ids):
        if any(medium.kind is MediaKind.UNSUPPORTED and medium.id.startswith("other:") for medium in media):
            return Presence.UNKNOWN, "media-unreadable"
        return Presence.DELETED, "media-replaced"
    name = public_name(channel)
    if name is not None and name.lower() != source.handle.lower():
        return Presence.LIVE, "found-under-new-name"
    return Presence.LIVE, "found"
