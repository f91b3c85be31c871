"""What the make-believe Telegram holds: channels, posts, files, the reports handed in, faults to come.

Nothing here speaks MTProto: `monitor.demo.telegram.double` shows this world to whoever connects. Channels and messages
are Telethon's TL objects. Change the world from the double's own event loop only.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from telethon.tl import types as t

from monitor.demo.telegram.faults import Faults, TelegramCall, TelegramFault, Trouble
from monitor.demo.telegram.media import Shelf
from monitor.demo.telegram.menu import Menu


@dataclass(frozen=True, slots=True)
class Report:
    """A report that was answered with "reported". Telegram gives it no number and no way to ask about it."""

    channel_id: int
    message_ids: tuple[int, ...]
    path: tuple[str, ...]
    comment: str
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
        self.files = files = Shelf(now)
        self.photo, self.document, self.video = files.photo, files.document, files.video
        self.preview, self.paid = files.preview, files.paid
        self.faults = Faults()
        self.menu = Menu()
        self.calls: list[TelegramCall] = []
        self.reports: list[Report] = []
        self.page_cap = 100
        """Messages in one answer at most. Telegram may answer with fewer than asked before the end is reached."""
        self.channels: dict[int, Any] = {}
        self.users: dict[str, Any] = {}
        self.private: set[int] = set()
        self.messages: dict[int, dict[int, Any]] = {}
        self.media_channel: dict[int, int] = {}
        self._next_message: dict[int, int] = {}

    # Channels and names

    def channel(self, username: str, title: str = "", *, group: bool = False) -> Any:
        """A public channel, or a public supergroup when `group`."""
        channel = t.Channel(
            id=1_500_000_000 + len(self.channels),
            title=title or username,
            photo=t.ChatPhotoEmpty(),
            date=self.now(),
            broadcast=not group or None,
            megagroup=group or None,
            left=True,
            access_hash=secrets.randbits(62),
            username=username,
        )
        self.channels[channel.id], self.messages[channel.id], self._next_message[channel.id] = channel, {}, 1
        return channel

    def user(self, username: str) -> Any:
        """A person with a public name."""
        user = t.User(id=2000 + len(self.users), access_hash=8, first_name="Somebody", username=username)
        self.users[username.lower()] = user
        return user

    def named(self, username: str) -> Any | None:
        """The channel or person that this name points to now."""
        for channel in self.channels.values():
            if (channel.username or "").lower() == username.lower() and channel.id not in self.private:
                return channel
        return self.users.get(username.lower())

    def rename(self, channel: Any, username: str | None) -> None:
        """Give the channel another public name, or none."""
        channel.username = username

    def hand_username(self, giver: Any, taker: Any) -> None:
        """Let `taker` have the name of `giver`, which keeps none."""
        taker.username, giver.username = giver.username, None

    def make_private(self, channel: Any, private: bool = True) -> None:
        """From now on (or no longer) only members see the channel; this account is not one."""
        (self.private.add if private else self.private.discard)(channel.id)

    # Posts

    def post(
        self,
        channel: Any,
        caption: str = "",
        media: Any = None,
        *,
        grouped_id: int | None = None,
        at: datetime | None = None,
        forwarded_from: Any = None,
    ) -> Any:
        """A new post, dated now or `at`, perhaps forwarded from another channel. `grouped_id` binds an album."""
        number = self._next_message[channel.id]
        self._next_message[channel.id] += 1
        message = t.Message(
            id=number,
            peer_id=t.PeerChannel(channel.id),
            date=at or self.now(),
            message=caption,
            media=media,
            grouped_id=grouped_id,
            fwd_from=forwarded_from
            and t.MessageFwdHeader(date=self.now(), from_id=t.PeerChannel(forwarded_from.id), channel_post=1),
            post=channel.broadcast,
            views=1,
            forwards=0,
        )
        self.messages[channel.id][number] = message
        self._note_media(channel.id, media)
        return message

    def service(self, channel: Any) -> Any:
        """A service message ("the channel's photo was changed"), which is no post but takes a number."""
        message = self.post(channel)
        self.messages[channel.id][message.id] = t.MessageService(
            id=message.id, peer_id=message.peer_id, date=message.date, action=t.MessageActionPinMessage()
        )
        return message

    def skip_ids(self, channel: Any, count: int) -> None:
        """Leave a hole in the numbers, as posts do that were deleted before anybody looked."""
        self._next_message[channel.id] += count

    def edit(self, message: Any, *, caption: str | None = None, media: Any = None) -> None:
        """Change a post in place: the number stays, the medium's id does not."""
        if caption is not None:
            message.message = caption
        if media is not None:
            message.media = media
            self._note_media(message.peer_id.channel_id, media)
        message.edit_date = self.now()

    def take_media(self, message: Any) -> None:
        """Take the picture out of a post whose text stays."""
        message.media, message.edit_date = None, self.now()

    def remove(self, channel_id: int, message_id: int) -> None:
        """Delete a post: history leaves it out, and asking for its number gives an empty message."""
        self.messages[channel_id].pop(message_id, None)

    def restrict(
        self, channel: Any, message_id: int | None = None, *, reason: str = "porn", platform: str = "all"
    ) -> None:
        """Withhold one post, or the whole channel, from viewers on `platform`."""
        reasons = [t.RestrictionReason(platform, reason, "This content cannot be displayed.")]
        if message_id is None:
            channel.restricted, channel.restriction_reason = True, reasons
        else:
            self.messages[channel.id][message_id].restriction_reason = reasons

    # Faults and counts

    def fault(self, method: str, error: str, code: int = 400, times: int = 1, *, skip: int = 0) -> None:
        """Answer `times` calls of e.g. "messages.getHistory" with an error, after `skip` calls went well."""
        self.faults.add(TelegramFault(method, Trouble.ERROR, error, code, times, skip))

    def trouble(self, method: str, trouble: Trouble, *, times: int = 1, skip: int = 0) -> None:
        """Cut the connection at, or never answer, a call of `method`."""
        self.faults.add(TelegramFault(method, trouble, times=times, skip=skip))

    def expire_refs(self) -> None:
        """Make every file reference handed out so far stale."""
        self.files.expire()

    def revoke_logins(self) -> None:
        """End every login, as the account's owner can from another device."""
        self.authorised.clear()

    def count(self, method: str | None = None, channel: Any = None) -> int:
        """How many calls came in: of one method, about one channel (downloads included), or both."""
        wanted = None if channel is None else channel.id
        return sum(method in (None, call.method) and wanted in (None, call.channel_id) for call in self.calls)

    def _note_media(self, channel_id: int, media: Any) -> None:
        page = getattr(media, "webpage", None)
        described = getattr(media, "photo", None) or getattr(media, "document", None) or getattr(page, "photo", None)
        if described is not None:
            self.media_channel[described.id] = channel_id
