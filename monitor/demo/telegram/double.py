"""The make-believe Telegram on loopback: the methods that Jikimi calls, over real TCP and real MTProto.

It offers nothing that the real service lacks: a report has no number, and nobody can ask what became of it.
"""

import inspect
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from telethon.tl import functions as f
from telethon.tl import types as t

from monitor.demo.telegram.accounts import LogIns
from monitor.demo.telegram.media import HOME_DC
from monitor.demo.telegram.mtproto import MtprotoServer, RpcFailure
from monitor.demo.telegram.world import PeerReport, Report, TelegramCall, TelegramWorld
from monitor.platforms.telegram.connection import method_name


class TelegramDouble:
    """Serves one world to any number of clients: `async with TelegramDouble(world) as double: double.port`."""

    def __init__(self, world: TelegramWorld) -> None:
        self.world = world
        self.host, self.port = "127.0.0.1", 0
        self._accounts = LogIns(world)
        self._server = MtprotoServer(self._answer, world.auth_keys)
        self._methods: dict[type, Callable[[Any, int], Any]] = {
            f.help.GetConfigRequest: lambda _, key: self._config(),
            f.users.GetUsersRequest: lambda _, key: [world.me],
            f.updates.GetStateRequest: lambda _, key: t.updates.State(1, 0, world.now(), 1, 0),
            f.updates.GetDifferenceRequest: lambda _, key: t.updates.DifferenceEmpty(world.now(), 1),
            f.auth.SendCodeRequest: lambda request, key: self._accounts.send_code(request),
            f.auth.SignInRequest: self._accounts.sign_in,
            f.auth.ExportAuthorizationRequest: lambda _, key: self._accounts.export(),
            f.auth.ImportAuthorizationRequest: self._accounts.import_,
            f.account.GetPasswordRequest: lambda _, key: self._accounts.get_password(key),
            f.auth.CheckPasswordRequest: self._accounts.check_password,
            f.contacts.ResolveUsernameRequest: lambda request, key: self._resolve(request),
            f.messages.GetHistoryRequest: lambda request, key: self._history(request),
            f.channels.GetMessagesRequest: lambda request, key: self._messages(request),
            f.upload.GetFileRequest: lambda request, key: self._file(request),
            f.messages.ReportRequest: lambda request, key: self._report(request),
            f.account.ReportPeerRequest: lambda request, key: self._report_peer(request),
        }

    async def __aenter__(self) -> Self:
        self.port = await self._server.start(self.host, self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.stop()

    def _answer(self, request: Any, key: int) -> Any:
        self.world.calls.append(TelegramCall(method_name(request), self._channel_of(request), self.world.now()))
        self._accounts.require(request, key)
        return self.perform(request, key)

    def perform(self, request: Any, key: int) -> Any:
        """The answer to a call that was noted and that this key may make."""
        method = self._methods.get(type(request))
        if method is None:
            raise RpcFailure(400, "METHOD_INVALID")
        return method(request, key)

    def _channel_of(self, request: Any) -> int | None:
        peer = getattr(request, "peer", None) or getattr(request, "channel", None)
        if isinstance(request, f.upload.GetFileRequest):
            return self.world.media_channel.get(request.location.id)
        if isinstance(request, f.contacts.ResolveUsernameRequest):
            return getattr(self.world.named(request.username), "id", None)
        return getattr(peer, "channel_id", None)

    def _channel(self, peer: Any) -> Any:
        channel = self.world.channels.get(getattr(peer, "channel_id", 0))
        if channel is None or channel.access_hash != peer.access_hash:
            raise RpcFailure(400, "CHANNEL_INVALID")
        if channel.id in self.world.private:
            raise RpcFailure(400, "CHANNEL_PRIVATE")
        return channel

    def _resolve(self, request: Any) -> Any:
        found = self.world.named(request.username)
        if found is None:
            raise RpcFailure(400, "USERNAME_NOT_OCCUPIED")
        if isinstance(found, t.Channel):
            return t.contacts.ResolvedPeer(t.PeerChannel(found.id), [found], [])
        return t.contacts.ResolvedPeer(t.PeerUser(found.id), [], [found])

    def _history(self, request: Any) -> Any:
        channel = self._channel(request.peer)
        newest_first = sorted(self.world.messages[channel.id].values(), key=lambda message: -message.id)
        start = 0
        if request.offset_id:
            start = sum(message.id >= request.offset_id for message in newest_first)
        elif request.offset_date.timestamp() > 0:  # the epoch stands for "no date" on the wire
            start = sum(message.date >= request.offset_date for message in newest_first)
        start += request.add_offset
        size = min(request.limit, self.world.page_cap)
        # A negative start means fewer newer messages than asked for; they do not come out of the older ones.
        page = newest_first[max(start, 0) : max(start + request.limit, 0)]
        page = page[-size:] if request.add_offset < 0 else page[:size]
        page = [m for m in page if m.id > request.min_id and (not request.max_id or m.id < request.max_id)]
        return self._page(channel, page, len(newest_first))

    def _messages(self, request: Any) -> Any:
        channel = self._channel(request.channel)
        held = self.world.messages[channel.id]
        found = [held.get(wish.id) or t.MessageEmpty(wish.id, peer_id=None) for wish in request.id]
        return self._page(channel, found, len(found))

    def _page(self, channel: Any, messages: list[Any], count: int) -> Any:
        headers = [getattr(message, "fwd_from", None) for message in messages]
        peers = [getattr(header, "from_id", None) for header in headers]
        origins = [self.world.channels[peer.channel_id] for peer in peers if isinstance(peer, t.PeerChannel)]
        named = {getattr(peer, "user_id", None) for peer in (*peers, *(getattr(m, "from_id", None) for m in messages))}
        people = [user for user in self.world.users.values() if user.id in named]
        return t.messages.ChannelMessages(
            pts=1, count=count, messages=messages, topics=[], chats=[*origins, channel], users=people
        )

    def _file(self, request: Any) -> Any:
        if request.location.file_reference != self.world.files.reference:
            raise RpcFailure(400, "FILE_REFERENCE_EXPIRED")
        if request.limit % 4096 or request.offset % 4096 or request.limit > 1024 * 1024:
            raise RpcFailure(400, "LIMIT_INVALID")
        part = self.world.files.read(request.location, request.offset, request.limit)
        if part is None:
            raise RpcFailure(400, "LOCATION_INVALID")
        return t.upload.File(t.storage.FileJpeg(), int(datetime.now(UTC).timestamp()), part)

    def _report(self, request: Any) -> Any:
        channel = self._channel(request.peer)
        if not any(number in self.world.messages[channel.id] for number in request.id):
            raise RpcFailure(400, "MESSAGE_ID_INVALID")
        step = self.world.menu.step(request.option, request.message)
        if step is None:
            raise RpcFailure(400, "OPTION_INVALID")
        if not isinstance(step, tuple):
            return step
        numbers = tuple(request.id)
        self.world.reports.append(Report(channel.id, numbers, step, request.message, self.world.now()))
        if self.world.on_report is not None:
            self.world.on_report(channel.id, numbers, step, request.message)
        return t.ReportResultReported()

    def _report_peer(self, request: Any) -> Any:
        channel, reason = self._channel(request.peer), type(request.reason).__name__
        self.world.peer_reports.append(PeerReport(channel.id, reason, request.message, self.world.now()))
        return True

    def _config(self) -> Any:
        now = datetime.now(UTC)
        known = {
            "date": now,
            "expires": now + timedelta(hours=1),
            "test_mode": False,
            "this_dc": HOME_DC,
            "dc_options": [t.DcOption(number, self.host, self.port) for number in range(1, 6)],
            "dc_txt_domain_name": "",
            "me_url_prefix": "https://t.me/",
        }
        # The forty limits of the real answer mean nothing here, but the message must hold them.
        parameters = inspect.signature(t.Config.__init__).parameters.values()
        needed = {p.name: 100 for p in parameters if p.default is p.empty and p.name != "self"}
        return t.Config(**(needed | known))
