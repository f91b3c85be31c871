"""A server of MTProto 2.0 on plain TCP, for the demo and the tests: packets, envelopes, answers; many clients at once.

https://core.telegram.org/mtproto/description. It knows nothing of channels: `answer` is called with each request.
A client that is killed in mid-sentence, or talks nonsense, loses its connection and disturbs nobody else.
"""

import asyncio
import contextlib
import logging
import struct
import time
import zlib
from collections.abc import Callable
from typing import Any

from telethon.errors import TypeNotFoundError
from telethon.tl import functions as f
from telethon.tl import types as t
from telethon.tl.core import GzipPacked, MessageContainer
from telethon.tl.tlobject import TLObject

from monitor.demo.telegram.mtproto_envelope import Envelope, open_envelope, seal_envelope
from monitor.demo.telegram.mtproto_handshake import KeyExchange, WireFault, key_id, read_object

log = logging.getLogger(__name__)

Answer = Callable[[Any, int], Any]
"""Gets a request without its wrappers and the id of the key it came under; gives a TL object, a list or True."""

_MAX_PACKET = 4 * 1024 * 1024
_RPC_RESULT, _RPC_ERROR, _VECTOR, _TRUE = 0xF35C6D01, 0x2144CA19, 0x1CB5C415, 0x997275B5


class RpcFailure(Exception):
    """The answer to a request is an error, such as 420 FLOOD_WAIT_30."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Silence(Exception):
    """The request is never answered."""


class Cut(Exception):
    """The connection is cut instead of an answer."""


class MtprotoServer:
    """Listens, and keeps the authorisation keys (`auth_keys`: id to 256 bytes), which outlive connections."""

    def __init__(self, answer: Answer, auth_keys: dict[int, bytes]) -> None:
        self.auth_keys = auth_keys
        self.answer = answer
        self._peers: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen; returns the port, which the system chooses when `port` is 0."""
        self._server = await asyncio.start_server(self._serve, host, port)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stop listening and cut every connection."""
        if self._server is not None:
            self._server.close()
        await self.cut_all()
        if self._server is not None:
            await self._server.wait_closed()

    async def cut_all(self) -> None:
        """Cut every connection; clients may come back."""
        tasks = list(self._peers)
        for writer in self._peers.values():
            writer.transport.abort()
        if tasks:
            await asyncio.wait(tasks)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # noqa: S101 - start_server runs this as a task
        self._peers[task] = writer
        try:
            await _Peer(self, reader, writer).serve()
        except (asyncio.IncompleteReadError, ConnectionError, Cut):
            pass
        except (WireFault, TypeNotFoundError, struct.error, ValueError) as error:
            log.info("the double closed a connection: %s", type(error).__name__)
        finally:
            del self._peers[task]
            writer.transport.abort()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


class _Peer:
    """One client's connection."""

    def __init__(self, server: MtprotoServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._server, self._reader, self._writer = server, reader, writer
        self._exchange = KeyExchange()
        self._sent_packets = 0
        self._sent_content = 0
        self._last_message_id = 0
        self._key: bytes = b""
        self._salt = self._session = 0

    async def serve(self) -> None:
        """Read packets (TCP full mode: length, number, body, CRC32) until the client goes."""
        while True:
            length, _ = struct.unpack("<ii", await self._reader.readexactly(8))
            if not 12 < length <= _MAX_PACKET:
                raise WireFault("a packet of impossible length")
            body = (await self._reader.readexactly(length - 8))[:-4]
            if len(body) < 8:
                raise WireFault("a packet without a key id")
            name = struct.unpack("<q", body[:8])[0]
            if name == 0:
                self._exchange_keys(body)
            elif name in self._server.auth_keys:
                self._key = self._server.auth_keys[name]
                self._encrypted(name, body)
            else:
                self._packet(struct.pack("<i", -404))
            await self._writer.drain()

    def _packet(self, data: bytes) -> None:
        packet = struct.pack("<ii", len(data) + 12, self._sent_packets) + data
        self._sent_packets += 1
        self._writer.write(packet + struct.pack("<I", zlib.crc32(packet)))

    def _message_id(self) -> int:
        # Real time, whatever the world's clock says: clients refuse ids that are minutes off.
        self._last_message_id = max(self._last_message_id + 4, (int(time.time() * 2**32) & ~3) | 1)
        return self._last_message_id

    def _exchange_keys(self, body: bytes) -> None:
        if self._exchange.auth_key is not None:
            self._exchange = KeyExchange()
        answer = bytes(self._exchange.answer(read_object(body[20:])))
        if self._exchange.auth_key is not None:
            self._server.auth_keys[key_id(self._exchange.auth_key)] = self._exchange.auth_key
        self._packet(struct.pack("<qqi", 0, self._message_id(), len(answer)) + answer)

    def _encrypted(self, name: int, packet: bytes) -> None:
        envelope = open_envelope(self._key, packet)
        self._salt, self._session = envelope.salt, envelope.session
        request = read_object(envelope.payload)
        messages = [(m.msg_id, m.obj) for m in request.messages] if isinstance(request, MessageContainer) else None
        for message_id, message in messages or [(envelope.message_id, request)]:
            self._dispatch(name, message_id, message)

    def _dispatch(self, name: int, message_id: int, request: Any) -> None:
        while isinstance(request, GzipPacked) or hasattr(request, "query"):
            request = read_object(request.data) if isinstance(request, GzipPacked) else request.query
        if isinstance(request, (t.MsgsAck, f.DestroySessionRequest)):
            return
        if isinstance(request, (f.PingRequest, f.PingDelayDisconnectRequest)):
            self._push(bytes(t.Pong(message_id, request.ping_id)), content=False)
            return
        try:
            result = _encoded(self._server.answer(request, name))
        except RpcFailure as failure:
            result = struct.pack("<Ii", _RPC_ERROR, failure.code) + TLObject.serialize_bytes(failure.message)
        except Silence:
            return
        self._push(struct.pack("<Iq", _RPC_RESULT, message_id) + result)

    def _push(self, payload: bytes, *, content: bool = True) -> None:
        number = self._sent_content * 2 + content
        self._sent_content += content
        self._packet(seal_envelope(self._key, Envelope(self._salt, self._session, self._message_id(), number, payload)))


def _encoded(result: Any) -> bytes:
    if result is True:
        return struct.pack("<I", _TRUE)
    if isinstance(result, list):
        return struct.pack("<Ii", _VECTOR, len(result)) + b"".join(map(bytes, result))
    return bytes(result)
