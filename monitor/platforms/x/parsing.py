"""X's JSON taken apart: posts, media, and the partial errors that come beside or instead of them."""

import hashlib
import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from yarl import URL

from monitor.core.errors import PlatformFault
from monitor.keys.envelope import canonical_json
from monitor.platforms.base import Media, MediaKind, Post
from monitor.platforms.x.carried import Json, media_keys, unread_of
from monitor.platforms.x.cursor import made_at
from monitor.platforms.x.variants import Upload, Variant, largest_of, variants_of

POST_FIELDS = {
    "expansions": ["attachments.media_keys", "article.cover_media", "article.media_entities"],
    "tweet_fields": [
        *("article", "attachments", "author_id", "conversation_id", "created_at", "entities", "note_tweet"),
        *("referenced_tweets", "withheld"),
    ],
    "media_fields": ["type", "url", "width", "height", "variants"],
}
"""What every call for posts asks for: the same each time, so that equal posts give equal hashes."""

AUTHOR_FIELDS = {"user_fields": ["name", "username"]}
"""What is asked of a post's author."""

_PEOPLE = frozenset({"mentions", "annotations"})

log = logging.getLogger(__name__)


class PartialError(StrEnum):
    """Why X did not show a thing that was asked for."""

    NOT_FOUND = "not-found"
    NOT_AUTHORIZED = "not-authorized"
    """Protected or suspended: X does not say which."""
    SUSPENDED = "suspended"
    OTHER = "other"


def problem_for(answer: Json, asked: str) -> PartialError | None:
    """The partial error about `asked` (an id or a name), if there is one.

    Types are matched by suffix: their host differs between api.x.com and api.twitter.com. A suspended account has the
    type of a missing one and differs only in its title, "Forbidden".
    """
    for error in answer.get("errors") or ():
        if not isinstance(error, Mapping):
            continue
        about = {str(error.get(key, "")).lower() for key in ("value", "resource_id")}
        if asked.lower() not in about or error.get("section", "data") != "data":
            continue
        kind, title = str(error.get("type", "")), error.get("title")
        if kind.endswith("/problems/not-authorized-for-resource"):
            return PartialError.NOT_AUTHORIZED
        if kind.endswith("/problems/resource-not-found"):
            return {"Not Found Error": PartialError.NOT_FOUND, "Forbidden": PartialError.SUSPENDED}.get(
                str(title), PartialError.OTHER
            )
        return PartialError.OTHER
    return None


def posts_of(answer: Json) -> list[Json]:
    """The posts of an answer. An answer that holds neither posts, nor a count, nor an error is a fault, not empty."""
    posts = answer.get("data")
    if posts is None and isinstance(answer.get("meta"), Mapping) and answer["meta"].get("result_count") == 0:
        return []
    if not isinstance(posts, list) or not all(isinstance(post, Mapping) and _is_id(post.get("id")) for post in posts):
        raise PlatformFault("unreadable-answer")
    return posts


def media_of(answer: Json) -> dict[str, Json]:
    """Media by key."""
    includes = answer.get("includes")
    media = includes.get("media") if isinstance(includes, Mapping) else None
    return {
        str(entry["media_key"]): entry
        for entry in (media if isinstance(media, list) else ())
        if isinstance(entry, Mapping) and "media_key" in entry
    }


def find_post(answer: Json, post_id: str) -> Json | None:
    """The post in the answer to a look-up; an edited one under its newer id too. None when only errors came."""
    if "data" not in answer and answer.get("errors"):
        return None
    return next((post for post in posts_of(answer) if _is_version_of(post, post_id)), None)


def author_of(answer: Json, post: Json) -> Json | None:
    """The user who wrote a post, where the answer describes them; nobody else is looked at."""
    includes = answer.get("includes")
    users = includes.get("users") if isinstance(includes, Mapping) else None
    listed = users if isinstance(users, list) else ()
    wrote = (one for one in listed if isinstance(one, Mapping) and one.get("id") == post.get("author_id"))
    return next(wrote, None)


def to_post(
    post: Json,
    media: Mapping[str, Json],
    *,
    handle: str,
    name: str | None = None,
    clock_offset: timedelta | None = None,
) -> Post:
    """Raises PlatformFault when a field that every post has is missing. `handle` and `name` are the author's."""
    keys = media_keys(post)
    response = canonical_response(post, (media[key] for key in keys if key in media))
    try:
        posted_at = datetime.fromisoformat(post["created_at"]).astimezone(UTC)
    except (KeyError, TypeError, ValueError):
        raise PlatformFault("unreadable-post") from None
    note = post.get("note_tweet") or post.get("note_post")
    text = note.get("text") if isinstance(note, Mapping) else None
    return Post(
        id=post["id"],
        url=f"https://x.com/{handle}/status/{post['id']}",
        posted_at=posted_at,
        media=(*(_to_media(key, media.get(key)) for key in keys), *unread_of(post)),
        author_id=post.get("author_id"),
        caption=text or post.get("text"),
        group_id=post.get("conversation_id"),
        response_sha256=hashlib.sha256(response).hexdigest(),
        response=response,
        author_handle=handle,
        author_name=name,
        clock_offset=clock_offset,
    )


def to_post_or_rest(
    post: Json,
    media: Mapping[str, Json],
    *,
    handle: str,
    name: str | None = None,
    clock_offset: timedelta | None = None,
) -> Post:
    """The same for a post of a page. One that cannot be read costs itself: its number and time remain, and a medium
    that is recorded as not inspected."""
    try:
        return to_post(post, media, handle=handle, name=name, clock_offset=clock_offset)
    except Exception as error:  # whatever is odd about it must not hold up the posts around it
        log.error("post not read", extra={"reason": type(error).__name__}, exc_info=error)
    return Post(
        id=post["id"],
        url=f"https://x.com/{handle}/status/{post['id']}",
        posted_at=made_at(int(post["id"])),
        media=(Media(id=f"other:{post['id']}", kind=MediaKind.UNSUPPORTED),),
    )


def canonical_response(post: Json, media: Iterable[Json]) -> bytes:
    """The canonical JSON of a post and its media objects, in the post's order, without the lists of whom it mentions
    and of whom X thinks that it is about."""
    entities = post.get("entities")
    if isinstance(entities, Mapping):
        post = {**post, "entities": {name: one for name, one in entities.items() if name not in _PEOPLE}}
    return canonical_json({"media": list(media), "post": post})


def response_sha256(post: Json, media: Iterable[Json]) -> str:
    """Hex SHA-256 of the canonical response."""
    return hashlib.sha256(canonical_response(post, media)).hexdigest()


def _is_version_of(post: Json, post_id: str) -> bool:
    """An edit gives a post a new id and keeps the old ones in its history."""
    history = post.get("edit_history_tweet_ids") or post.get("edit_history_post_ids")
    return post.get("id") == post_id or (isinstance(history, list) and post_id in history)


def _to_media(key: str, entry: Json | None) -> Media:
    url = entry.get("url") if entry is not None else None
    if entry is not None and entry.get("type") in {"video", "animated_gif"} and (variants := variants_of(entry)):
        best = largest_of(entry) or variants[0]
        made = Media(id=key, kind=MediaKind.VIDEO, mime="video/mp4", token=variants, host=_host(variants[0].url))
        exactly = replace(made, token=(best,), host=_host(best.url), variant=_named(best))
        return replace(made, variant=_named(variants[0]), largest=exactly)
    if entry is None or entry.get("type") != "photo" or not isinstance(url, str):
        # Something that X named but did not hand out.
        return Media(id=key, kind=MediaKind.UNSUPPORTED)
    made = Media(id=key, kind=MediaKind.PHOTO, mime=_mime(url), token=url, host=_host(url))
    # `read` takes the smaller size where the upload is too large or no longer kept.
    return replace(made, variant="orig, or large", largest=replace(made, token=Upload(url), variant="orig"))


def _named(variant: Variant) -> str:
    return f"mp4, {variant.short or '?'} pixels, {variant.bits} bit/s"


def _mime(url: str) -> str | None:
    try:
        suffix = URL(url).suffix.lower()
    except ValueError:
        return None
    return {".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}.get(suffix)


def _host(url: str) -> str:
    try:
        return URL(url).host or ""
    except ValueError:
        return ""


def _is_id(value: object) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdigit()
