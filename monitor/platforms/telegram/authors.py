"""Who wrote a message and whose it hands on, by what the same answer says of them. Pure.

Of nobody else anything is read: an answer also describes who is mentioned, who commented and who reacted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from typing import Any, Self

from telethon.tl import types as t

from monitor.platforms.base import ForwardOrigin


@dataclass(frozen=True, slots=True)
class Beside:
    """What came along with messages: the channels and people that they name, and the server's time."""

    described: Mapping[str, Any] = field(repr=False)
    """By kind and number."""
    clock_offset: timedelta | None = None

    @classmethod
    def of(cls, chats: Iterable[Any], users: Iterable[Any], *, clock_offset: timedelta | None = None) -> Self:
        """Of an answer's lists."""
        named = {f"channel {chat.id}": chat for chat in chats}
        return cls({**named, **{f"user {user.id}": user for user in users}}, clock_offset)

    def handle(self, peer: Any) -> str | None:
        """The public name of a channel or person, without @."""
        described = self.described.get(_key(peer))
        return None if described is None else public_name(described)

    def name(self, peer: Any) -> str | None:
        """What is displayed as their name."""
        described = self.described.get(_key(peer))
        if isinstance(described, t.User):
            parts = (described.first_name, described.last_name)
            return " ".join(part for part in parts if part) or None
        return getattr(described, "title", None)


NOBODY = Beside({})


def public_name(described: Any) -> str | None:
    """The name under which the public reaches a channel or person now; None when there is none."""
    names = [name.username for name in getattr(described, "usernames", None) or () if name.active]
    return getattr(described, "username", None) or next(iter(names), None)


def number_of(peer: Any) -> str:
    """The number of a person, channel or group."""
    return str(getattr(peer, "user_id", None) or getattr(peer, "channel_id", None) or peer.chat_id)


def origin_of(message: Any, beside: Beside) -> ForwardOrigin | None:
    """Whose post a message hands on. Where somebody hides their account, Telegram tells a name and no number."""
    header = getattr(message, "fwd_from", None)
    if not isinstance(header, t.MessageFwdHeader):
        return None
    peer, post = header.from_id, header.channel_post
    person = isinstance(peer, t.PeerUser)
    number = None if peer is None else number_of(peer)
    return ForwardOrigin(
        channel_id=None if person else number,
        user_id=number if person else None,
        handle=None if peer is None else beside.handle(peer),
        name=header.from_name or (None if peer is None else beside.name(peer)),
        post_id=None if post is None else str(post),
        at=header.date.astimezone(UTC),
    )


def _key(peer: Any) -> str:
    return f"{'user' if isinstance(peer, t.PeerUser) else 'channel'} {number_of(peer)}"
