"""What a post shows beside what is attached to it: found by walking the answer's JSON, whatever the field. Pure.

Media that X hands out are known by their keys, and read wherever a key stands: an article's cover and pictures. What is
shown and costs another read is recorded as not inspected: a quoted or reposted post, the picture of a link. Left out
are the post that is answered, which is not shown in this one, polls, which hold no picture, and profile pictures,
which stand with their owners. A timeline is asked for without reposts: they stand with who wrote them.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from monitor.platforms.base import Media, MediaKind

Json = Mapping[str, Any]

_KEY = re.compile(r"[0-9]{1,3}_[0-9]{1,19}")
"""A media key: the kind, and a number. https://docs.x.com/x-api/fundamentals/data-dictionary"""
_WORDS = frozenset(
    {"description", "name", "normalized_text", "plain_text", "preview_text", "tag", "text", "title", "username"}
)
"""Fields that hold what somebody wrote."""
_REFERENCES = ("referenced_tweets", "referenced_posts")
"""X renamed it; both are met."""
_SHOWN = {"quoted": "quoted-post", "retweeted": "repost", "reposted": "repost"}
"""How a post may refer to another that is then shown within it."""


def media_keys(post: Json) -> tuple[str, ...]:
    """The keys of everything that X hands out of a post: what is attached, in its order, then the rest."""
    attached = post.get("attachments")
    first = _strings(attached.get("media_keys") if isinstance(attached, Mapping) else None)
    rest = (text for name, text in _leaves(post) if name not in _WORDS and _KEY.fullmatch(text))
    return tuple(dict.fromkeys((*first, *rest)))


def unread_of(post: Json) -> tuple[Media, ...]:
    """What a post shows and is not handed out with it."""
    found = [_unread(f"quoted:{number}", why) for number, why in _shown_posts(post)]
    pictures = sum(1 for name, value in _lists(post) if name == "images" and value)
    found += [_unread(f"card:{post['id']}-{turn}", "link-picture") for turn in range(pictures)]
    article = post.get("article")
    if isinstance(article, Mapping) and not any(_KEY.fullmatch(text) for _, text in _leaves(article)):
        found.append(_unread(f"article:{post['id']}", "article"))
    if isinstance(post.get("card_uri"), str) and not pictures:
        found.append(_unread(f"card:{post['id']}", "link-picture"))
    return tuple(found)


def _shown_posts(post: Json) -> Iterator[tuple[str, str]]:
    for name in _REFERENCES:
        listed = post.get(name)
        for one in listed if isinstance(listed, list) else ():
            if isinstance(one, Mapping) and (why := _SHOWN.get(str(one.get("type")))) is not None:
                yield str(one.get("id"))[:32], why


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """Every text in a value, with the name of its field."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from _leaves(one, str(key))
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one, name)


def _lists(value: Any, name: str = "") -> Iterator[tuple[str, list[Any]]]:
    """Every list in a value, with the name of its field."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _lists(one, str(key))
    elif isinstance(value, list):
        yield name, value
        for one in value:
            yield from _lists(one, name)


def _strings(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []


def _unread(media_id: str, why: str) -> Media:
    return Media(id=media_id, kind=MediaKind.UNSUPPORTED, unread=why)
