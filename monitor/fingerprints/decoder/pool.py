"""The door to the decoders: bytes of a picture or video in, hashes out, and nothing a file can do disturbs the others.

async with DecoderPool() as pool:
    hashed = await pool.inspect(data, max_bytes=20_000_000)
"""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from types import TracebackType
from typing import Self

from monitor.core.errors import DecoderUnavailable, NotInspected
from monitor.fingerprints.containers.file_types import may_move
from monitor.fingerprints.containers.guards import MAX_BYTES, check_bytes
from monitor.fingerprints.decoder.process import DecoderProcess
from monitor.fingerprints.hashes.values import HashedMedium
from monitor.fingerprints.regions.boxes import SetName

TIME_LIMIT = 10.0
"""Real seconds a picture. The slowest accepted pictures (50 megapixels) take about two."""
VIDEO_TIME_LIMIT = 60.0
"""Real seconds a video or animation. The decoder leaves the rest of a video out after 40 (see decoding.LIMIT)."""
MEMORY_LIMIT = 512 * 2**20
"""Bytes of resident memory a decoder."""


class DecoderPool:
    """A few decoder processes, started when first needed and replaced when they end.

    A crash, hang or bomb costs the picture that caused it: NotInspected with reason crashed, hung or out-of-memory.
    May be used from any number of event loops and threads at once. The threads here only wait for pipes.
    """

    def __init__(
        self,
        size: int = 2,
        *,
        time_limit: float = TIME_LIMIT,
        video_time_limit: float = VIDEO_TIME_LIMIT,
        memory_limit: int = MEMORY_LIMIT,
    ) -> None:
        """`size` processes; `time_limit` real seconds a picture, `video_time_limit` a video or animation;
        `memory_limit` resident bytes a process."""
        self._time_limit, self._video_time_limit = time_limit, video_time_limit
        self._memory_limit = memory_limit
        self._threads = ThreadPoolExecutor(size, thread_name_prefix="decoder")
        self._lock = threading.Lock()
        self._idle: list[DecoderProcess] = []
        self._all: set[DecoderProcess] = set()
        self._closed = False

    @property
    def pids(self) -> tuple[int, ...]:
        """Process ids of the decoders that run now."""
        with self._lock:
            return tuple(process.pid for process in self._all if process.alive)

    async def inspect(
        self, data: bytes, *, set_name: SetName | None = None, closely: bool = False, max_bytes: int = MAX_BYTES
    ) -> HashedMedium:
        """The hashes of one picture or video; with `set_name` those of a picture's boxes too, to register it.

        `closely` when others will be compared with it: of a video more frames are taken.

        Raises NotInspected, or DecoderUnavailable (try again).
        """
        check_bytes(data, max_bytes)
        if self._closed:
            raise DecoderUnavailable("the decoder pool is closed")
        try:
            job = self._threads.submit(self._inspect, data, set_name, closely)
        except RuntimeError:
            raise DecoderUnavailable("the decoder pool is closed") from None
        return await asyncio.wrap_future(job)

    async def close(self) -> None:
        """End all decoders. Pictures still being inspected raise DecoderUnavailable."""
        with self._lock:
            self._closed = True
            for process in self._all:
                process.kill()
        await asyncio.to_thread(self._threads.shutdown)
        for process in self._all:
            process.end()
        self._all.clear()
        self._idle.clear()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def _inspect(self, data: bytes, set_name: SetName | None, closely: bool) -> HashedMedium:
        """In a thread of the pool."""
        process = self._take()
        used = process.used
        try:
            return self._ask(process, data, set_name, closely)
        except NotInspected as error:
            if not used or error.reason not in ("crashed", "out-of-memory"):
                raise
        # An earlier picture may have harmed that process, or somebody else ended it: only a fresh one may convict.
        return self._ask(self._start(), data, set_name, closely)

    def _ask(self, process: DecoderProcess, data: bytes, set_name: SetName | None, closely: bool) -> HashedMedium:
        try:
            limit = self._video_time_limit if may_move(data) else self._time_limit
            return process.inspect(data, set_name=set_name, closely=closely, time_limit=limit)
        except NotInspected:
            if self._closed:
                # It was ended by us, which says nothing about the picture.
                raise DecoderUnavailable("the decoder pool is closed") from None
            raise
        finally:
            self._give_back(process)

    def _take(self) -> DecoderProcess:
        """A decoder that is alive. One that died while idle is replaced without cost to any picture."""
        while True:
            with self._lock:
                process = self._idle.pop() if self._idle else None
            if process is None:
                break
            if process.alive:
                return process
            self._forget(process)
        return self._start()

    def _start(self) -> DecoderProcess:
        if self._closed:
            raise DecoderUnavailable("the decoder pool is closed")
        process = DecoderProcess(
            time_limit=max(self._time_limit, self._video_time_limit), memory_limit=self._memory_limit
        )
        with self._lock:
            self._all.add(process)
            closed = self._closed
        if closed:
            process.kill()
        return process

    def _give_back(self, process: DecoderProcess) -> None:
        if not process.alive:
            self._forget(process)
            return
        with self._lock:
            self._idle.append(process)

    def _forget(self, process: DecoderProcess) -> None:
        process.end()
        with self._lock:
            self._all.discard(process)
