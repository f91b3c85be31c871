"""Telegram's messages, turned into our values. Pure.

Ids of media say what they are: `photo:N` and `document:N` are the channel's own, `preview:N` is the picture of a link
preview (the pictured page belongs to somebody else, but the copy stands in this channel), `paid:`, `story:` and
`other:` were seen and cannot be read.
"""

import hashlib
import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from telethon.tl import types as t

from monitor.keys.envelope import canonical_json
from monitor.platforms.base import Media, MediaKind, Post, SourceRef

log = logging.getLogger(__name__)

_NO_PICTURE = (
    t.MessageMediaContact,
    t.MessageMediaDice,
    t.MessageMediaEmpty,
    t.MessageMediaGeo,
    t.MessageMediaGeoLive,
    t.MessageMediaGiveaway,
    t.MessageMediaGiveawayResults,
    t.MessageMediaToDo,
    t.MessageMediaVenue,
)
"""Media that hold no picture of the channel's. Whatever else is not known here counts as not inspected."""

_VOLATILE = frozenset({"file_reference", "access_hash"})
_MOVING = (t.DocumentAttributeVideo, t.DocumentAttributeAnimated)
_SUFFIXES = (
    *(".jpg", ".jpeg", ".png", ".webp", ".gif", ".heic", ".heif", ".avif", ".bmp", ".tif", ".tiff"),
    *(".mp4", ".m4v", ".mov", ".webm", ".mkv", ".3gp"),
)
_SIZES = (t.PhotoSize, t.PhotoSizeProgressive, t.PhotoCachedSize)
_THUMBS = frozenset({"PhotoStrippedSize", "PhotoPathSize"})


@dataclass(frozen=True, slots=True)
class FileToken:
    """Where the bytes of a medium are, for as long as its file reference is good."""

    source: SourceRef
    message_id: int
    described: Any = field(repr=False)
    letter: str
    """The size's letter; empty for a document."""

    @property
    def location(self) -> Any:
        """The location that upload.getFile takes. The size is named by its letter: objects are misread by Telethon."""
        file = self.described
        kind = t.InputPhotoFileLocation if isinstance(file, t.Photo) else t.InputDocumentFileLocation
        return kind(
            id=file.id, access_hash=file.access_hash, file_reference=file.file_reference, thumb_size=self.letter
        )


def to_post(message: Any, source: SourceRef, *, username: str) -> Post:
    """A post. `username` is the channel's present public name, of which the link is made."""
    return Post(
        id=str(message.id),
        url=f"https://t.me/{username}/{message.id}",
        posted_at=_utc(message.date),
        media=media_of(message, source),
        edited_at=_utc(message.edit_date) if message.edit_date else None,
        author_id=_author(message.from_id or message.peer_id),
        caption=message.message or None,
        group_id=str(message.grouped_id) if message.grouped_id else None,
        response_sha256=response_sha256(message),
    )


def to_post_or_rest(message: Any, source: SourceRef, *, username: str) -> Post:
    """The same for a post of a page. One that cannot be read costs itself: its number and time remain, and a medium
    that is recorded as not inspected."""
    try:
        return to_post(message, source, username=username)
    except Exception as error:  # whatever is odd about it must not hold up the posts around it
        log.error("post not read", extra={"reason": type(error).__name__}, exc_info=error)
    return Post(
        id=str(message.id),
        url=f"https://t.me/{username}/{message.id}",
        posted_at=_utc(message.date),
        media=(_unreadable(f"other:{message.id}"),),
    )


def media_of(message: Any, source: SourceRef) -> tuple[Media, ...]:
    """The media of a message, readable or not."""
    found = _attached(message.media, message.id, source)
    rich = getattr(message, "rich_message", None)
    if rich is not None:
        found += [_photo(photo, "photo", message.id, source) for photo in rich.photos]
        found += [_document(document, message.id, source) for document in rich.documents]
    return tuple(found)


def response_sha256(message: Any) -> str:
    """SHA-256 (hex) of the whole message as canonical JSON, without what changes from one answer to the next."""
    return hashlib.sha256(canonical_json(_plain(message.to_dict()))).hexdigest()


def public_name(channel: Any) -> str | None:
    """The name under which the public reaches a channel now; None when there is none."""
    names = [name.username for name in getattr(channel, "usernames", None) or () if name.active]
    return getattr(channel, "username", None) or next(iter(names), None)


def _author(peer: Any) -> str:
    return str(getattr(peer, "user_id", None) or getattr(peer, "channel_id", None) or peer.chat_id)


def _attached(media: Any, message_id: int, source: SourceRef) -> list[Media]:
    if media is None or isinstance(media, _NO_PICTURE):
        return []
    if isinstance(media, t.MessageMediaPhoto):
        return [_photo(media.photo, "photo", message_id, source)]
    if isinstance(media, t.MessageMediaDocument):
        return [_document(media.document, message_id, source)]
    if isinstance(media, t.MessageMediaWebPage):
        if isinstance(media.webpage, t.WebPagePending | t.WebPageNotModified):
            return [_unreadable(f"other:{message_id}")]
        photo = getattr(media.webpage, "photo", None)
        return [] if photo is None else [_photo(photo, "preview", message_id, source)]
    if isinstance(media, t.MessageMediaPoll):
        return _attached(media.attached_media, message_id, source)
    if isinstance(media, t.MessageMediaPaidMedia):
        return [_unreadable(f"paid:{message_id}-{number}") for number, _ in enumerate(media.extended_media)]
    if isinstance(media, t.MessageMediaStory):
        return [_unreadable(f"story:{media.id}")]
    return [_unreadable(f"other:{message_id}")]


def _photo(photo: Any, prefix: str, message_id: int, source: SourceRef) -> Media:
    sizes = [size for size in getattr(photo, "sizes", ()) if isinstance(size, _SIZES)]
    if not sizes:
        return _unreadable(f"{prefix}:{photo.id}" if photo is not None else f"other:{message_id}")
    largest = max(sizes, key=lambda size: size.w * size.h)
    return Media(
        id=f"{prefix}:{photo.id}",
        kind=MediaKind.PHOTO,
        mime="image/jpeg",
        size=_bytes_in(largest),
        token=FileToken(source, message_id, photo, largest.type),
    )


def _document(document: Any, message_id: int, source: SourceRef) -> Media:
    if not isinstance(document, t.Document):
        return _unreadable(f"other:{message_id}")
    kind = _kind_of(document)
    return Media(
        id=f"document:{document.id}",
        kind=kind,
        mime=document.mime_type,
        size=document.size,
        token=None if kind is MediaKind.UNSUPPORTED else FileToken(source, message_id, document, ""),
    )


def _kind_of(document: Any) -> MediaKind:
    """Round videos, GIFs and video stickers all are documents with a video's MIME type or attribute."""
    mime = document.mime_type.lower()
    if mime.startswith("image/"):
        return MediaKind.DOCUMENT
    if mime.startswith("video/") or any(isinstance(one, _MOVING) for one in document.attributes):
        return MediaKind.VIDEO
    # Sent "as a file", a picture or video may go by a MIME type that says nothing; the decoder trusts content only.
    names = (getattr(one, "file_name", "").lower() for one in document.attributes)
    return MediaKind.DOCUMENT if any(name.endswith(_SUFFIXES) for name in names) else MediaKind.UNSUPPORTED


def _unreadable(media_id: str) -> Media:
    return Media(id=media_id, kind=MediaKind.UNSUPPORTED)


def _bytes_in(size: Any) -> int:
    if isinstance(size, t.PhotoSizeProgressive):
        return int(max(size.sizes))
    return len(size.bytes) if isinstance(size, t.PhotoCachedSize) else int(size.size)


def _plain(value: Any) -> Any:
    """A TL dictionary as JSON knows it: bytes in hex, times in ISO, volatile fields and inline thumbnails left out."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if key not in _VOLATILE}
    if isinstance(value, list):
        kept = (item for item in value if not (isinstance(item, dict) and item.get("_") in _THUMBS))
        return [_plain(item) for item in kept]
    if isinstance(value, bytes):
        return value.hex()
    return _utc(value).isoformat() if isinstance(value, datetime) else value


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
