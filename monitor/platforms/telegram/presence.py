"""What one answer says about a post: the rule behind `Telegram.post_status`. Pure.

Only Telegram's own statement that the message is empty counts as deleted; a text that stands there without media, or
with others, is said to be so. A channel that closed itself to the public may still show the picture to its members.
"""

from datetime import UTC, datetime
from typing import Any

from telethon.tl import types as t

from monitor.platforms.base import MediaKind, PostStatus, Presence, SourceRef, nearness
from monitor.platforms.telegram.authors import public_name
from monitor.platforms.telegram.carried import PAGE, is_post
from monitor.platforms.telegram.parsing import media_of, response_sha256


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
    if not is_post(message):
        return PostStatus(Presence.UNKNOWN, "service-message")
    media = media_of(message, source)
    presence, reason = _judged(message, channel, source, media, media_ids)
    name = public_name(channel)
    return PostStatus(
        presence,
        reason,
        tuple(medium.id for medium in media),
        response_sha256(message),
        # Without a public name only members find it, by the channel's number.
        url=f"https://t.me/{name or f'c/{source.remote_id}'}/{message.id}",
        handle=name or "",
        post_id=str(message.id),
        for_all=_for_all(message) or _for_all(channel),
        edited_at=_edited(message),
    )


def _judged(
    message: Any, channel: Any, source: SourceRef, media: tuple[Any, ...], media_ids: tuple[str, ...]
) -> tuple[Presence, str]:
    # Withheld before replaced: a withheld post may show no media here and show them elsewhere.
    if getattr(message, "restriction_reason", None):
        return Presence.RESTRICTED, "message-restricted"
    if getattr(channel, "restriction_reason", None):
        return Presence.RESTRICTED, "channel-restricted"
    # Telegram keeps the message's number when its media are replaced; only the media's ids tell.
    if media_ids and not {medium.id for medium in media} & set(media_ids):
        if any(medium.kind is MediaKind.UNSUPPORTED and medium.id.startswith("other:") for medium in media):
            return Presence.UNKNOWN, "media-unreadable"
        if _preview_not_told(message, media_ids):
            return Presence.UNKNOWN, "preview-not-told"
        return (Presence.REPLACED, "media-replaced") if media else (Presence.TAKEN_OUT, "media-taken-out")
    name = public_name(channel)
    if name is not None and name.lower() != source.handle.lower():
        return Presence.LIVE, "found-under-new-name"
    return Presence.LIVE, "found"


def _preview_not_told(message: Any, media_ids: tuple[str, ...]) -> bool:
    """The link stands, and the answer does not say what is shown behind it: Telegram could not load it just now, or
    left out the page that the picture stood on."""
    page = message.media.webpage if isinstance(message.media, t.MessageMediaWebPage) else None
    if isinstance(page, t.WebPageEmpty):
        return any(nearness(media_id) > 0 for media_id in media_ids)
    on_page = all(media_id.startswith(f"{PAGE}:") for media_id in media_ids)
    return isinstance(page, t.WebPage) and page.cached_page is None and on_page


def _edited(message: Any) -> datetime | None:
    # A hidden edit is the server's, such as a count of reactions. A service message has neither.
    edited = None if getattr(message, "edit_hide", None) else getattr(message, "edit_date", None)
    return None if edited is None else edited.astimezone(UTC)


def _for_all(restricted: Any) -> bool:
    """A restriction is said for one of Telegram's programs, or for all of them."""
    return any(reason.platform == "all" for reason in getattr(restricted, "restriction_reason", None) or ())
