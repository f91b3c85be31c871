"""What the make-believe Telegram holds: channels, posts, files, the reports handed in.

Nothing here speaks MTProto: `monitor.demo.telegram.double` shows this world to whoever connects. Channels and messages
are Telethon's TL objects. Change the world from the double's own event loop only.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from telethon.tl import types as t

from monitor.demo.telegram.media import Shelf
from monitor.demo.telegram.menu import Menu


@dataclass(frozen=True, slots=True)
class TelegramCall:
    """One request that came in. `channel_id` is None where no channel is concerned."""

    method: str
    channel_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Report:
    """A report that was answered with "reported". Telegram gives it no number and no way to ask about it."""

    channel_id: int
    message_ids: tuple[int, ...]
    path: tuple[str, ...]
    comment: str
    at: datetime


@dataclass(frozen=True, slots=True)
class PeerReport:
    """A report about a whole channel, which was answered with yes."""

    channel_id: int
    reason: str
    """Name of the TL constructor."""
    message: str
    at: datetime


OnReport = Callable[[int, tuple[int, ...], tuple[str, ...], str], None]
"""Called with channel id, message ids, the texts of the options chosen, and the comment."""


def _real_now() -> datetime:
    return datetime.now(UTC)


class TelegramWorld:
    """The state behind one double. `now` gives domain time: it dates channels, posts, edits and reports."""

    def __init__(
        self,
        *,
        now: Callable[[], datetime] = _real_now,
        phone: str = "821055550100",
        code: str = "12345",
        password: str | None = None,
        on_report: OnReport | None = None,
    ) -> None:
        self.now = now
        self.phone, self.code, self.password = phone, code, password
        self.on_report = on_report
        self.me = t.User(id=1000, is_self=True, access_hash=77, first_name="Watcher", phone=phone)
        self.auth_keys: dict[int, bytes] = {}
        self.authorised: set[int] = set()
        self.files = Shelf(now)
        self.menu = Menu()
        self.calls: list[TelegramCall] = []
        self.reports: list[Report] = []
        self.peer_reports: list[PeerReport] = []
        self.page_cap = 100
        """Messages in one answer at most. Telegram may answer with fewer than asked before the end is reached."""
        self.channels: dict[int, Any] = {}
        self.users: dict[str, Any] = {}
        self.private: set[int] = set()
        self.messages: dict[int, dict[int, Any]] = {}
        self.media_channel: dict[int, int] = {}
        self._next_message: dict[int, int] = {}

    # Channels and names

    def channel(self, username: str) -> Any:
        """A public channel."""
        channel = t.Channel(
            id=1_500_000_000 + len(self.channels),
            title=username,
            photo=t.ChatPhotoEmpty(),
            date=self.now(),
            broadcast=True,
            left=True,
            access_hash=secrets.randbits(62),
            username=username,
        )
        self.channels[channel.id], self.messages[channel.id], self._next_message[channel.id] = channel, {}, 1
        return channel

    def named(self, username: str) -> Any | None:
        """The channel or person that this name points to now."""
        for channel in self.channels.values():
            if (channel.username or "").lower() == username.lower() and channel.id not in self.private:
                return channel
        return self.users.get(username.lower())

    # Posts

    def post(self, channel: Any, caption: str = "", media: Any = None, *, at: datetime | None = None) -> Any:
        """A new post, dated now or `at`."""
        number = self._next_message[channel.id]
        self._next_message[channel.id] += 1
        message = t.Message(
            id=number,
            peer_id=t.PeerChannel(channel.id),
            date=at or self.now(),
            message=caption,
            media=media,
            post=channel.broadcast,
            views=1,
            forwards=0,
        )
        self.messages[channel.id][number] = message
        self._note_media(channel.id, media)
        return message

    def remove(self, channel_id: int, message_id: int) -> None:
        """Delete a post: history leaves it out, and asking for its number gives an empty message."""
        self.messages[channel_id].pop(message_id, None)

    def _note_media(self, channel_id: int, media: Any) -> None:
        if (described := described_in(media)) is not None:
            self.media_channel[described.id] = channel_id


def described_in(media: Any) -> Any | None:
    """The photo or document of a message's medium."""
    page = getattr(media, "webpage", None)
    return getattr(media, "photo", None) or getattr(media, "document", None) or getattr(page, "photo", None)
