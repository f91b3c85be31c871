"""What the demo's Telegram never does and the real one may: calls that go wrong, posts and channels that change."""

import os
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from telethon.crypto import AuthKey
from telethon.sessions import StringSession
from telethon.tl import types as t

from monitor.demo.telegram.double import TelegramDouble
from monitor.demo.telegram.media import HOME_DC, Sizes
from monitor.demo.telegram.mtproto import Cut, RpcFailure, Silence
from monitor.demo.telegram.mtproto_handshake import KEY_BYTES, key_id
from monitor.demo.telegram.world import TelegramWorld, described_in
from monitor.platforms.telegram.connection import method_name


class Trouble(StrEnum):
    """How a call goes wrong."""

    ERROR = "error"
    """Answered with an error; nothing is done."""
    CUT_BEFORE = "cut-before"
    """The connection is cut; nothing is done."""
    CUT_AFTER = "cut-after"
    """It is done, and the connection is cut before the answer."""
    SILENT = "silent"
    """Nothing is done and no answer comes."""


@dataclass(slots=True)
class TelegramFault:
    """Happens to `times` calls of `method` after `skip` calls went well."""

    method: str
    trouble: Trouble
    error: str = ""
    code: int = 400
    times: int = 1
    skip: int = 0


class TroubledTelegramWorld(TelegramWorld):
    """A Telegram with faults to come, whose owners rename, restrict, edit and delete."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.document = self.files.document
        self._faults: list[TelegramFault] = []

    # Channels and names

    def channel(self, username: str, title: str = "", *, group: bool = False) -> Any:
        """A public channel, or a public supergroup when `group`."""
        channel = super().channel(username)
        channel.title = title or username
        channel.broadcast, channel.megagroup = (None, True) if group else (True, None)
        return channel

    def user(self, username: str) -> Any:
        """A person with a public name."""
        user = t.User(id=2000 + len(self.users), access_hash=8, first_name="Somebody", username=username)
        self.users[username.lower()] = user
        return user

    def rename(self, channel: Any, username: str | None) -> None:
        """Give the channel another public name, or none."""
        channel.username = username

    def hand_username(self, giver: Any, taker: Any) -> None:
        """Let `taker` have the name of `giver`, which keeps none."""
        taker.username, giver.username = giver.username, None

    def make_private(self, channel: Any, private: bool = True) -> None:
        """From now on (or no longer) only members see the channel; this account is not one."""
        (self.private.add if private else self.private.discard)(channel.id)

    def restrict(
        self, channel: Any, message_id: int | None = None, *, reason: str = "porn", platform: str = "all"
    ) -> None:
        """Withhold one post, or the whole channel, from viewers on `platform`."""
        reasons = [t.RestrictionReason(platform, reason, "This content cannot be displayed.")]
        if message_id is None:
            channel.restricted, channel.restriction_reason = True, reasons
        else:
            self.messages[channel.id][message_id].restriction_reason = reasons

    # Posts

    def post(
        self,
        channel: Any,
        caption: str = "",
        media: Any = None,
        *,
        at: datetime | None = None,
        grouped_id: int | None = None,
        forwarded_from: Any = None,
    ) -> Any:
        """A new post, dated now or `at`, perhaps forwarded from another channel. `grouped_id` binds an album."""
        message = super().post(channel, caption, media, at=at)
        message.grouped_id = grouped_id
        if forwarded_from is not None:
            origin = t.PeerChannel(forwarded_from.id)
            message.fwd_from = t.MessageFwdHeader(date=self.now(), from_id=origin, channel_post=1)
        return message

    def service(self, channel: Any, action: Any = None) -> Any:
        """A service message ("a message was pinned"), which takes a number; a post only where it shows a picture."""
        message = self.post(channel)
        made = t.MessageService(
            id=message.id, peer_id=message.peer_id, date=message.date, action=action or t.MessageActionPinMessage()
        )
        self.messages[channel.id][message.id] = made
        return made

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

    # Media

    def photo(self, sizes: Sizes, *, progressive: bool = False, stripped: bytes = b"", dc_id: int | None = None) -> Any:
        """A photo in one or more sizes; `progressive` describes the largest by its steps, as real photos are."""
        media = self.files.photo(sizes)
        media.photo.dc_id = dc_id or media.photo.dc_id
        if stripped:
            media.photo.sizes.insert(0, t.PhotoStrippedSize("i", stripped))
        if progressive:
            last = media.photo.sizes[-1]
            steps = [last.size // 4, last.size // 2, last.size]
            media.photo.sizes[-1] = t.PhotoSizeProgressive(last.type, last.w, last.h, steps)
        return media

    def video(self, data: bytes, *, seconds: float = 3.0) -> Any:
        """A video as clients send it."""
        media = self.files.document(data, "video/mp4", "clip.mp4")
        media.document.attributes.append(t.DocumentAttributeVideo(seconds, 320, 240))
        return media

    def thumbnail(self, media: Any, data: bytes) -> None:
        """Give a document a still of its own."""
        media.document.thumbs = [t.PhotoSize("m", 320, 240, len(data))]
        self.files._files[media.document.id, "m"] = data  # the demo's own documents have none

    def preview(self, sizes: Sizes, *, url: str = "https://example.org/") -> Any:
        """A link preview with a picture of the linked page."""
        photo = self.files.photo(sizes).photo
        return t.MessageMediaWebPage(
            t.WebPage(id=photo.id, url=url, display_url=url, hash=0, type="article", photo=photo)
        )

    def paid(self) -> Any:
        """A picture that only payers see."""
        return t.MessageMediaPaidMedia(stars_amount=50, extended_media=[t.MessageExtendedMediaPreview(w=320, h=240)])

    def expire_refs(self) -> None:
        """From now on only messages that are fetched anew carry a good file reference."""
        self.files.reference = os.urandom(8)
        for message in (one for held in self.messages.values() for one in held.values()):
            described = described_in(getattr(message, "media", None))
            if described is not None:
                described.file_reference = self.files.reference

    # Calls

    def count(self, method: str | None = None, channel: Any = None) -> int:
        """How many calls came in: of one method, about one channel (downloads included), or both."""
        wanted = None if channel is None else channel.id
        return sum(method in (None, call.method) and wanted in (None, call.channel_id) for call in self.calls)

    def fault(self, method: str, error: str, code: int = 400, times: int = 1, *, skip: int = 0) -> None:
        """Answer `times` calls of e.g. "messages.getHistory" with an error, after `skip` calls went well."""
        self._faults.append(TelegramFault(method, Trouble.ERROR, error, code, times, skip))

    def trouble(self, method: str, trouble: Trouble, *, times: int = 1, skip: int = 0) -> None:
        """Cut the connection at, or never answer, a call of `method`."""
        self._faults.append(TelegramFault(method, trouble, times=times, skip=skip))

    def revoke_logins(self) -> None:
        """End every login, as the account's owner can from another device."""
        self.authorised.clear()

    def before(self, method: str) -> TelegramFault | None:
        """Raise what happens instead of doing `method`; returns the fault that happens after it, if any."""
        for fault in self._faults:
            if fault.method != method or fault.times < 1:
                continue
            if fault.skip:
                fault.skip -= 1
                continue
            fault.times -= 1
            if fault.trouble is Trouble.ERROR:
                raise RpcFailure(fault.code, fault.error)
            if fault.trouble is Trouble.CUT_BEFORE:
                raise Cut
            if fault.trouble is Trouble.SILENT:
                raise Silence
            return fault
        return None


class TroubledTelegramDouble(TelegramDouble):
    """Shows such a world."""

    world: TroubledTelegramWorld

    def __init__(self, world: TroubledTelegramWorld) -> None:
        super().__init__(world)

    def perform(self, request: Any, key: int) -> Any:
        """The fault, where one is to come."""
        fault = self.world.before(method_name(request))
        result = super().perform(request, key)
        if fault is not None:
            raise Cut
        return result

    def session(self) -> str:
        """The text of a fresh session that is logged in already, for programs that should not ask for a code."""
        secret = b"\x01" + os.urandom(KEY_BYTES - 1)
        self.world.auth_keys[key_id(secret)] = secret
        self.world.authorised.add(key_id(secret))
        session = StringSession()
        session.set_dc(HOME_DC, self.host, self.port)
        session.auth_key = AuthKey(secret)
        return str(session.save())

    async def cut_connections(self) -> None:
        """Cut every client off; they may come back."""
        await self._server.cut_all()
