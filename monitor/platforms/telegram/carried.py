"""What a message carries that is a picture or may hide one: found by walking all of it, not by a list of places.

Telegram adds places with every layer of its protocol: covers, previews' pages, answers of polls, quoted messages. So
whatever describes a file is read wherever it stands, what may be a picture and cannot be read is told as such, and the
only list is LEFT_OUT: what is deliberately neither. A test walks the library's own types and fails for any that is in
none of the three.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, get_args

from telethon.tl import types as t

OWN, PREVIEW, QUOTED, PAGE = "", "preview", "quoted", "page"
"""Where it stands, the nearest first: in the message itself, in its link preview, in what it quotes, in the page behind
the preview."""
_NEAREST_FIRST = (OWN, PREVIEW, QUOTED, PAGE)

READ = (t.Photo, t.PhotoEmpty, t.Document, t.DocumentEmpty)
"""What describes a file, or that there was one."""

UNREAD = {
    t.MessageExtendedMediaPreview: "paid",
    t.MessageMediaUnsupported: "unknown-kind",
    t.MessageMediaVideoStream: "live-stream",
    t.MessageReplyStoryHeader: "story",
    t.PageBlockUnsupported: "unknown-kind",
    t.StoryItemSkipped: "story",
    t.WebDocument: "elsewhere",
    t.WebDocumentNoProxy: "elsewhere",
    t.WebPageNotModified: "not-told",
    t.WebPagePending: "not-told",
}
"""What may be a picture and cannot be read here, and why. A code of at most 32 letters, which is kept."""

MISSING = {
    (t.MessageMediaDocument, "document"): "expired",
    (t.MessageMediaPhoto, "photo"): "expired",
    (t.MessageMediaStory, "story"): "story",
    (t.WebPageAttributeStory, "story"): "story",
}
"""Fields whose absence means that something was there, or is, and is not told."""

SAYS = {
    (t.Page, "part"): "in-part",
    (t.RichMessage, "part"): "in-part",
}
"""Flags that say that more is there than the answer holds."""

_TELLING = frozenset(kind for kind, _ in (*MISSING, *SAYS))

_NO_PICTURE = "shows no picture of anybody's"
_LISTED = "the number of a file that stands in its message's or page's list"
_SMALLER = "a smaller size of what is read or recorded itself"
_DRAWN = "drawn by Telegram: nobody can put a picture of their own there"
_EMOJI = "the number of an emoji, some pixels within a text"
_ELSEWHERE = "names what stands elsewhere; posted here, it is a message of its own"

LEFT_OUT = {
    "Document.attributes": "tells what the file is",
    "Document.thumbs": _SMALLER,
    "Document.video_thumbs": _SMALLER,
    "InputPollAnswer": "handed in by programs; no answer of Telegram's holds it",
    "MessageActionChatDeletePhoto": "a picture was taken away",
    "MessageActionSecureValuesSentMe": "Telegram Passport: sealed, and sent to one program alone",
    "MessageActionTopicCreate.icon_emoji_id": _EMOJI,
    "MessageActionTopicEdit.icon_emoji_id": _EMOJI,
    "MessageEntityCustomEmoji": _EMOJI,
    "MessageMediaContact": "a name and a number; no client shows the picture that a card may hold",
    "MessageMediaDice": _DRAWN,
    "MessageMediaDocument.alt_documents": "the same video, made smaller by Telegram: read where that is too large",
    "MessageMediaEmpty": _NO_PICTURE,
    "MessageMediaGeo": _NO_PICTURE,
    "MessageMediaGeoLive": _NO_PICTURE,
    "MessageMediaGiveaway": _NO_PICTURE,
    "MessageMediaGiveawayResults": _NO_PICTURE,
    "MessageMediaToDo": _NO_PICTURE,
    "MessageMediaVenue": _NO_PICTURE,
    "PageBlockAudio": _LISTED,
    "PageBlockChannel": "somebody's profile picture stands with them; a channel's own is read when it is changed",
    "PageBlockDocument": _LISTED,
    "PageBlockEmbed": "a page of another site in a frame; its still is in the page's list",
    "PageBlockEmbedPost.author_photo_id": _LISTED,
    "PageBlockPhoto": _LISTED,
    "PageBlockVideo": _LISTED,
    "PageRelatedArticle": _LISTED,
    "Photo.sizes": _SMALLER,
    "ReactionCustomEmoji": _EMOJI,
    "StarGift": _DRAWN,
    "StarGiftUnique": _DRAWN,
    "StoryFwdHeader": _ELSEWHERE,
    "StoryItem.media_areas": "signs that Telegram draws upon a story: places, links, reactions",
    "StoryItemDeleted": _NO_PICTURE,
    "StoryViews": _NO_PICTURE,
    "TextCustomEmoji": _EMOJI,
    "TextImage": _LISTED,
    "VideoSize": "the part of a photo that moves: read with it",
    "VideoSizeEmojiMarkup": _DRAWN,
    "VideoSizeStickerMarkup": _DRAWN,
    "WallPaperNoFile": _DRAWN,
    "WallPaperSettings": _NO_PICTURE,
    "WebPageAttributeAiComposeTone": _DRAWN,
    "WebPageAttributeStarGiftCollection": _DRAWN,
}
"""Types, and fields of types, that are neither read nor recorded, and why. The names are those of Telegram's schema."""


@dataclass(frozen=True, slots=True)
class Carried:
    """One thing that a message carries: what describes the file, or why that cannot be read."""

    thing: Any = field(repr=False)
    where: str
    unread: str = ""
    """Empty for what can be read."""
    smaller: tuple[Any, ...] = field(default=(), repr=False)
    """Documents of the same video that Telegram made of it."""


def carried(message: Any) -> list[Carried]:
    """Everything, each file once, the message's own first. Takes any depth."""
    found: dict[object, Carried] = {}
    waiting: list[tuple[Any, str, tuple[Any, ...]]] = [(message, OWN, ())]
    while waiting:
        thing, where, smaller = waiting.pop()
        if isinstance(thing, READ):
            key = (type(thing), thing.id)
            if key not in found or _far(where) < _far(found[key].where):
                found[key] = Carried(thing, where, smaller=smaller)
            continue
        if (why := UNREAD.get(type(thing))) is not None:
            found[id(thing)] = Carried(thing, where, why)
            continue
        for why in _missing(thing):
            found[id(thing), why] = Carried(thing, where, why)
        smaller = tuple(thing.alt_documents or ()) if isinstance(thing, t.MessageMediaDocument) else ()
        waiting += reversed([(one, _place(thing, name, where), smaller) for name, one in _held(thing)])
    return sorted(found.values(), key=lambda one: _far(one.where))


def is_post(message: Any) -> bool:
    """A service message is one when it carries something: "the channel's photo was changed"."""
    if isinstance(message, t.Message):
        return True
    return isinstance(message, t.MessageService) and bool(carried(message))


def _far(where: str) -> int:
    return _NEAREST_FIRST.index(where)


def _held(thing: Any) -> Iterator[tuple[str, Any]]:
    leading = _leading()
    kind: Any = type(thing)  # mypy holds a type for not hashable
    for name in ways(kind):
        value = getattr(thing, name)
        for one in value if isinstance(value, list) else (value,):
            if type(one) in leading:
                yield name, one


@cache
def ways(kind: type[Any]) -> tuple[str, ...]:
    """Fields of a type through which something may be reached: entities and reactions, the most of a message, lead
    nowhere."""
    return tuple(name for name, kinds in _kinds(kind).items() if _leading().intersection(kinds))


@cache
def _leading() -> frozenset[type]:
    """The types through which something is reached that is read or told, by the schema itself."""
    held: dict[type, set[type]] = {}
    waiting: list[type] = [t.Message, t.MessageService]
    while waiting:
        kind = waiting.pop()
        if kind not in held:
            held[kind] = {one for kinds in _kinds(kind).values() for one in kinds}
            waiting += held[kind]
    found = {*READ, *UNREAD, *_TELLING}
    while more := {kind for kind, kinds in held.items() if kind not in found and kinds & found}:
        found |= more
    return frozenset(found)


def _kinds(kind: type) -> dict[str, tuple[type, ...]]:
    """Every field of a type that holds something of the schema, and of which types that may be."""
    # The library wraps messages in classes of its own, whose types it words in another way.
    schema: Any = next(one for one in kind.__mro__ if one.__module__.startswith(t.__name__))
    told = getattr(schema.__init__, "__annotations__", {})
    kinds = {name: _named(str(said)) for name, said in told.items() if f"{kind.__name__}.{name}" not in LEFT_OUT}
    return {name: found for name, found in kinds.items() if found}


def _named(said: str) -> tuple[type, ...]:
    groups = (getattr(t, name, None) for name in re.findall(r"\bType[A-Z]\w+", said))
    every = (one for group in groups if group is not None for one in get_args(group) or (group,))
    return tuple(one for one in every if one.__name__ not in LEFT_OUT)


def _missing(thing: Any) -> Iterator[str]:
    kind = type(thing)
    if kind not in _TELLING:
        return
    yield from (why for (of, name), why in MISSING.items() if of is kind and getattr(thing, name) is None)
    yield from (why for (of, name), why in SAYS.items() if of is kind and getattr(thing, name))
    if kind is t.MessageMediaPhoto and thing.live_photo and thing.video is None:
        yield "live-photo"


def _place(thing: Any, name: str, where: str) -> str:
    if where in (QUOTED, PAGE):
        return where
    if isinstance(thing, t.MessageReplyHeader):
        return QUOTED
    if isinstance(thing, t.WebPage):
        return PAGE if name == "cached_page" else PREVIEW
    return where
