"""Telegram through a person's account: public channels, their photos, and whether a post is still there.

The account reads only; it joins nothing. Names are looked up once and rarely (about 200 a day are allowed): afterwards
a channel is addressed by its number and access hash, so it stays in sight when its name changes or changes hands.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from telethon.tl import functions as f
from telethon.tl import types as t

from monitor.core.errors import NotInspected, PlatformFault, SourceUnavailable
from monitor.platforms.base import (
    Media,
    MediaKind,
    Page,
    PlatformName,
    Post,
    PostStatus,
    Presence,
    SourceRef,
)
from monitor.platforms.links import source_handle
from monitor.platforms.telegram.authors import Beside, public_name
from monitor.platforms.telegram.carried import is_post
from monitor.platforms.telegram.connection import TelegramConnection
from monitor.platforms.telegram.errors import STALE_REFERENCE, OutcomeUnknown, RpcRefused
from monitor.platforms.telegram.history import read_after
from monitor.platforms.telegram.parsing import FileToken, media_of, to_post_or_rest
from monitor.platforms.telegram.presence import status_of
from monitor.platforms.telegram.report_menu import MenuStep, step_of

log = logging.getLogger(__name__)

PEER_REASON = "pornography"
"""The nearest of the ten reasons that account.reportPeer knows; its text says that there is no consent."""
_NO_FILE = frozenset({"LOCATION_INVALID", "FILE_ID_INVALID"})


class Telegram:
    """Telegram as a Platform. Handles have no leading @; ids are text."""

    name = PlatformName.TELEGRAM

    def __init__(self, line: TelegramConnection) -> None:
        self._line = line
        self.account = line.account
        """See Platform: names the session without telling it. A new login is a new account here."""

    @property
    def connected(self) -> bool:
        """See Platform."""
        return self._line.connected

    async def check(self) -> str:
        """See Platform."""
        users = await self._line.call(f.users.GetUsersRequest([t.InputUserSelf()]))
        return f"logged in as account {users[0].id}"

    async def resolve(self, handle: str) -> SourceRef:
        """See Platform. Raises SourceUnavailable: gone, private, not-a-channel."""
        name = source_handle(PlatformName.TELEGRAM, handle)
        if name is None:
            raise SourceUnavailable("not-a-channel")
        found = await self._line.call(f.contacts.ResolveUsernameRequest(name))
        channel = next((c for c in found.chats if c.id == getattr(found.peer, "channel_id", None)), None)
        if isinstance(channel, t.ChannelForbidden):
            raise SourceUnavailable("private")
        if not isinstance(channel, t.Channel) or channel.access_hash is None:
            raise SourceUnavailable("not-a-channel")
        # Telegram writes the name as its owner does; a channel may hold several, and one of them was asked for.
        shown = public_name(channel)
        return SourceRef(
            platform=PlatformName.TELEGRAM,
            handle=shown if shown and shown.lower() == name.lower() else name,
            remote_id=str(channel.id),
            access=str(channel.access_hash),
            title=channel.title,
        )

    async def page(self, source: SourceRef, cursor: str | None, *, since: datetime, limit: int = 100) -> Page:
        """See Platform: at most `limit` new posts, and those before the cursor in the same answer that were edited.

        An edited post comes back with every page; its media ids tell whether the picture was replaced. On the first
        watch of a quiet channel the cursor is set although the page is empty, so that no later post is missed.
        A channel that took another public name is read on; the links carry the new one. Without any public name it
        is no longer public: SourceUnavailable("private").
        """
        peer = _peer(source)

        async def ask(**offsets: Any) -> Any:
            start = {"offset_id": 0, "offset_date": None, "add_offset": 0, "max_id": 0, "min_id": 0, "hash": 0}
            return await self._line.call(f.messages.GetHistoryRequest(peer, **(start | offsets)))

        stretch = await read_after(ask, int(cursor) if cursor else None, since=since, limit=limit)
        username = public_name(_described(stretch.chats, peer))
        if username is None:
            raise SourceUnavailable("private")
        beside = Beside.of(stretch.chats, stretch.users, clock_offset=self._line.clock_offset)
        posts = tuple(
            to_post_or_rest(message, source, username=username, beside=beside)
            for message in (*stretch.edited, *stretch.new)
        )
        return Page(posts=posts, cursor=str(stretch.cursor), more=stretch.more)

    async def read(self, media: Media, *, max_bytes: int) -> bytes:
        """See Platform. NotInspected reasons: unsupported, too-large, empty, gone, swapped."""
        token = media.token
        if media.kind is MediaKind.UNSUPPORTED or not isinstance(token, FileToken):
            raise NotInspected(media.unread)
        if media.size is not None and media.size > max_bytes:
            raise NotInspected("too-large")
        try:
            data = await self._download(token, max_bytes)
        except RpcRefused as refused:
            if refused.code not in STALE_REFERENCE:
                raise
            data = await self._download(await self._fresh(media, token), max_bytes)
        if not data:
            raise NotInspected("empty")
        return data

    async def post(self, source: SourceRef, post_id: str) -> Post | None:
        """See Platform."""
        number = _number(post_id)
        answer = await self._asked(source, [number])
        message = next((one for one in answer.messages if one.id == number), None)
        if not is_post(message):
            return None
        username = public_name(_described(answer.chats, _peer(source))) or source.handle
        beside = Beside.of(answer.chats, answer.users, clock_offset=self._line.clock_offset)
        return to_post_or_rest(message, source, username=username, beside=beside)

    async def post_status(self, source: SourceRef, post_id: str, media_ids: tuple[str, ...]) -> PostStatus:
        """See Platform. A channel that closed itself is LOGIN, never DELETED; other errors are raised."""
        try:
            message, channel = await self._message(source, post_id)
        except SourceUnavailable as unavailable:
            if unavailable.reason == "private":
                return PostStatus(Presence.LOGIN, "channel-private")
            return PostStatus(Presence.UNKNOWN, unavailable.reason)
        return status_of(message, channel, source, media_ids)

    async def standing(self, source: SourceRef, post_ids: Sequence[str]) -> Mapping[str, tuple[str, ...] | None] | None:
        """See Platform: one call for up to 100 posts, by the same rule as `post_status`."""
        asked = set(post_ids)
        messages, channel = await self._messages(source, [_number(post_id) for post_id in post_ids])
        told: dict[str, tuple[str, ...] | None] = {}
        for message in messages:
            post_id = str(message.id)
            if post_id not in asked:
                continue
            try:
                status = status_of(message, channel, source, ())
            except Exception as error:  # an odd post costs itself: of those around it something can be said
                log.error("post not rechecked", extra={"reason": type(error).__name__}, exc_info=error)
                continue
            if status.presence is Presence.DELETED:
                told[post_id] = None
            elif status.presence is Presence.LIVE and _tells_its_media(message, source):
                told[post_id] = status.media_ids
        return told

    async def report(self, source: SourceRef, post_ids: tuple[str, ...], token: bytes, comment: str) -> MenuStep:
        """One step through Telegram's report menu; `token` is empty at the start. Asked once, never again.

        Raises OutcomeUnknown when it left and no clear answer came, RpcRefused when Telegram said no, else
        PlatformError: then nothing was handed in.
        """
        numbers = [_number(post_id) for post_id in post_ids]
        request = f.messages.ReportRequest(_peer(source), numbers, token, comment)
        return step_of(await self._line.call(request, once=True))

    async def report_peer(self, source: SourceRef, message: str) -> None:
        """Report a whole channel, for PEER_REASON. Asked once, never again. Raises as `report`."""
        request = f.account.ReportPeerRequest(_peer(source), t.InputReportReasonPornography(), message)
        if await self._line.call(request, once=True) is not True:
            raise OutcomeUnknown("account.reportPeer", "unreadable-answer")

    async def close(self) -> None:
        """See Platform."""
        await self._line.close()

    async def _message(self, source: SourceRef, post_id: str) -> tuple[Any, Any]:
        """The message by number, with the channel beside it; None where the answer leaves one out."""
        number = _number(post_id)
        messages, channel = await self._messages(source, [number])
        return next((one for one in messages if one.id == number), None), channel

    async def _messages(self, source: SourceRef, numbers: Sequence[int]) -> tuple[Sequence[Any], Any]:
        answer = await self._asked(source, numbers)
        return answer.messages, _described(answer.chats, _peer(source))

    async def _asked(self, source: SourceRef, numbers: Sequence[int]) -> Any:
        peer = _peer(source)
        channel = t.InputChannel(peer.channel_id, peer.access_hash)
        wanted = [t.InputMessageID(number) for number in numbers]
        return await self._line.call(f.channels.GetMessagesRequest(channel, wanted))

    async def _download(self, token: FileToken, max_bytes: int) -> bytes:
        try:
            return await self._line.download(token.location, dc_id=token.described.dc_id, max_bytes=max_bytes)
        except RpcRefused as refused:
            if refused.code in _NO_FILE:
                raise NotInspected("gone") from None
            raise

    async def _fresh(self, media: Media, token: FileToken) -> FileToken:
        """The same file with a good reference. Telethon does this for documents only."""
        message, _ = await self._message(token.source, str(token.message_id))
        if not is_post(message):
            raise NotInspected("gone")
        every = (one for shown in media_of(message, token.source) for one in (shown, *shown.lesser))
        same = next((one for one in every if one.id == media.id), None)
        if same is None or not isinstance(same.token, FileToken):
            raise NotInspected("swapped")
        return same.token


def _tells_its_media(message: Any, source: SourceRef) -> bool:
    return all(medium.kind is not MediaKind.UNSUPPORTED for medium in media_of(message, source))


def _peer(source: SourceRef) -> Any:
    if source.remote_id is None or source.access is None:
        raise SourceUnavailable("not-resolved")
    return t.InputPeerChannel(int(source.remote_id), int(source.access))


def _described(chats: Iterable[Any], peer: Any) -> Any:
    """The channel itself among those an answer describes: posts forwarded from others bring these along."""
    return next((chat for chat in chats if chat.id == peer.channel_id), None)


def _number(post_id: str) -> int:
    if not post_id.isdecimal() or not 0 < int(post_id) < 2**31:
        raise PlatformFault("a message's number has at most ten digits")
    return int(post_id)
