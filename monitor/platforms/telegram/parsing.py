"""Telegram's messages, turned into our values. Pure.

Ids of media say what they are: `photo:N` and `document:N` are the channel's own, `moving:N` is a photo that moves;
`preview:N`, `quoted:N` and `page:N` stand in a link preview, in what a post quotes, in the page behind a preview (they
belong to somebody else, but the copy is shown in this channel). `paid:`, `story:` and `other:` were seen and cannot be
read.
"""

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from telethon.tl import types as t

from monitor.keys.envelope import canonical_json
from monitor.platforms.base import Media, MediaKind, Post, SourceRef
from monitor.platforms.telegram.authors import NOBODY, Beside, number_of, origin_of
from monitor.platforms.telegram.carried import Carried, carried

log = logging.getLogger(__name__)

MOST = 60
"""Media of one message that are read: a page behind a link may hold hundreds, each of which costs the account calls."""

_VOLATILE = frozenset({"file_reference", "access_hash"})
_PASSERS_BY = frozenset({"recent_repliers", "recent_reactions", "top_reactors", "quote_text", "quote_entities"})
_LEFT_OUT = _VOLATILE | _PASSERS_BY
_OTHERS = frozenset({"MessageMediaContact", "MessageEntityMentionName"})
"""Types that hold nothing but somebody else."""
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


def to_post(message: Any, source: SourceRef, *, username: str, beside: Beside = NOBODY) -> Post:
    """A post. `username` is the channel's present public name, of which the link is made.

    `beside`: whom the same answer describes.
    """
    response = canonical_response(message)
    peer = message.from_id or message.peer_id
    return Post(
        id=str(message.id),
        url=f"https://t.me/{username}/{message.id}",
        posted_at=_utc(message.date),
        media=media_of(message, source),
        # A service message has none of these.
        edited_at=_utc(edited) if (edited := getattr(message, "edit_date", None)) else None,
        author_id=number_of(peer),
        caption=getattr(message, "message", None) or None,
        group_id=str(album) if (album := getattr(message, "grouped_id", None)) else None,
        response_sha256=hashlib.sha256(response).hexdigest(),
        response=response,
        author_handle=beside.handle(peer),
        author_name=beside.name(peer),
        forwarded=origin_of(message, beside),
        clock_offset=beside.clock_offset,
    )


def to_post_or_rest(message: Any, source: SourceRef, *, username: str, beside: Beside = NOBODY) -> Post:
    """The same for a post of a page. One that cannot be read costs itself: its number and time remain, and a medium
    that is recorded as not inspected."""
    try:
        return to_post(message, source, username=username, beside=beside)
    except Exception as error:  # whatever is odd about it must not hold up the posts around it
        log.error("post not read", extra={"reason": type(error).__name__}, exc_info=error)
    return Post(
        id=str(message.id),
        url=f"https://t.me/{username}/{message.id}",
        posted_at=_utc(message.date),
        media=(Media(id=f"other:{message.id}", kind=MediaKind.UNSUPPORTED),),
    )


def media_of(message: Any, source: SourceRef) -> tuple[Media, ...]:
    """The media of a message, readable or not, the channel's own first."""
    found: list[Media] = []
    for one in carried(message):
        if one.unread:
            found.append(_unread(one, message.id, found))
        elif isinstance(one.thing, t.Document | t.DocumentEmpty):
            found.append(_document(one, message.id, source, found))
        else:
            found += _photo(one, message.id, source)
    readable = [medium for medium in found if medium.kind is not MediaKind.UNSUPPORTED]
    left = {medium.id for medium in readable[MOST:]}
    return tuple(Media(one.id, MediaKind.UNSUPPORTED, unread="too-many") if one.id in left else one for one in found)


def canonical_response(message: Any) -> bytes:
    """The whole message as canonical JSON, without what changes from one answer to the next, and without people who
    only passed by: who commented, who reacted, whose contact card it is."""
    return canonical_json(_plain(message.to_dict()))


def response_sha256(message: Any) -> str:
    """SHA-256 (hex) of the canonical response."""
    return hashlib.sha256(canonical_response(message)).hexdigest()


def _photo(one: Carried, message_id: int, source: SourceRef) -> list[Media]:
    """The photo, and what moves in it: a channel's picture may be a short video with a still before it."""
    photo, media_id = one.thing, f"{one.where or 'photo'}:{one.thing.id}"
    sizes = [size for size in getattr(photo, "sizes", ()) if isinstance(size, _SIZES)]
    if not sizes:
        return [Media(id=media_id, kind=MediaKind.UNSUPPORTED)]
    largest = max(sizes, key=lambda size: size.w * size.h)
    token = FileToken(source, message_id, photo, largest.type)
    variant = f"photo size {largest.type}, {largest.w}x{largest.h}"
    found = [Media(media_id, MediaKind.PHOTO, "image/jpeg", _bytes_in(largest), token, _host(photo), variant=variant)]
    moving = [size for size in photo.video_sizes or () if isinstance(size, t.VideoSize)]
    if moving:
        largest = max(moving, key=lambda size: size.w * size.h)
        token = FileToken(source, message_id, photo, largest.type)
        variant = f"video size {largest.type}, {largest.w}x{largest.h}"
        moved = Media(f"moving:{photo.id}", MediaKind.VIDEO, "video/mp4", largest.size, token, _host(photo))
        found.append(replace(moved, variant=variant))
    return found


def _document(one: Carried, message_id: int, source: SourceRef, before: list[Media]) -> Media:
    document = one.thing
    if not isinstance(document, t.Document):
        return _unread(one, message_id, before)
    kind = _kind_of(document)
    readable = kind is not MediaKind.UNSUPPORTED
    return Media(
        id=f"{one.where or 'document'}:{document.id}",
        kind=kind,
        mime=document.mime_type,
        size=document.size,
        token=FileToken(source, message_id, document, "") if readable else None,
        host=_host(document),
        variant="original file",
        lesser=tuple(_lesser(one, message_id, source)) if readable else (),
    )


def _lesser(one: Carried, message_id: int, source: SourceRef) -> Iterator[Media]:
    """Smaller videos that Telegram made of it, then the largest still of it."""
    videos = (file for file in one.smaller if isinstance(file, t.Document) and _kind_of(file) is MediaKind.VIDEO)
    for file in sorted(videos, key=lambda file: -file.size):
        token = FileToken(source, message_id, file, "")
        made = Media(f"document:{file.id}", MediaKind.VIDEO, file.mime_type, file.size, token, _host(file))
        yield replace(made, variant="smaller video")
    stills = [size for size in one.thing.thumbs or () if isinstance(size, _SIZES)]
    for still in sorted(stills, key=lambda size: -size.w * size.h)[:1]:
        token = FileToken(source, message_id, one.thing, still.type)
        made = Media(f"still:{one.thing.id}", MediaKind.PHOTO, "image/jpeg", _bytes_in(still), token, _host(one.thing))
        yield replace(made, variant=f"still {still.type}, {still.w}x{still.h}")


def _host(file: Any) -> str:
    """Files lie in Telegram's data centres, and these fail one by one."""
    return f"dc{file.dc_id}"


def _unread(one: Carried, message_id: int, before: list[Media]) -> Media:
    """Named by its message and its turn there, where nothing else names it."""
    if one.unread == "story":
        media_id = f"story:{getattr(one.thing, 'id', None) or one.thing.story_id}"
    elif one.unread == "paid":
        media_id = f"paid:{message_id}-{sum(medium.id.startswith('paid:') for medium in before)}"
    else:
        turn = sum(medium.id.startswith("other:") for medium in before)
        media_id = f"other:{message_id}-{turn}" if turn else f"other:{message_id}"
    return Media(id=media_id, kind=MediaKind.UNSUPPORTED, unread=one.unread or "unsupported")


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


def _bytes_in(size: Any) -> int:
    if isinstance(size, t.PhotoSizeProgressive):
        return int(max(size.sizes))
    return len(size.bytes) if isinstance(size, t.PhotoCachedSize) else int(size.size)


def _plain(value: Any) -> Any:
    """A TL dictionary as JSON knows it: bytes in hex, times in ISO, volatile fields and inline thumbnails left out."""
    if isinstance(value, dict):
        if value.get("_") in _OTHERS:
            return {"_": value["_"]}
        return {key: _plain(item) for key, item in value.items() if key not in _LEFT_OUT}
    if isinstance(value, list):
        kept = (item for item in value if not (isinstance(item, dict) and item.get("_") in _THUMBS))
        return [_plain(item) for item in kept]
    if isinstance(value, bytes):
        return value.hex()
    return _utc(value).isoformat() if isinstance(value, datetime) else value


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)
