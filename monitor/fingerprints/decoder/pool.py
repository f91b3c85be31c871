"""The door to the decoders: bytes of a picture or video in, hashes out, and nothing a file can do disturbs the others.

async with DecoderPool() as pool:
    hashed = await pool.inspect(data, max_bytes=20_000_000)

A decoder works for one source at a time. Whoever names a `patience` waits no longer than that for a medium: it goes on
beside the ordinary work, one such medium at a time, and the others find a decoder as before.
"""

import asyncio
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from monitor.core.errors import DecoderUnavailable, NotInspected
from monitor.fingerprints.containers.file_types import may_move
from monitor.fingerprints.containers.guards import MAX_BYTES, check_bytes
from monitor.fingerprints.cut_outs.codes import Drawn
from monitor.fingerprints.decoder.long_work import LongWork
from monitor.fingerprints.decoder.measures import CPU_SECONDS
from monitor.fingerprints.decoder.process import DecoderProcess
from monitor.fingerprints.decoder.protocol import Wish
from monitor.fingerprints.hashes.values import HashedMedium
from monitor.fingerprints.regions.boxes import SetName

TIME_LIMIT = 10.0
"""Real seconds a picture. The slowest accepted pictures (50 megapixels) take about two."""
_MOMENT = 0.02
"""Seconds to wait at least before asking again how long a job has taken."""
VIDEO_TIME_LIMIT = 60.0
"""Real seconds a video or animation. The decoder leaves the rest of a video out after 40 (see decoding.LIMIT)."""
MEMORY_LIMIT = 576 * 2**20
"""Bytes of resident memory a decoder."""

MOST_MEDIA = 200
"""Media after which a decoder is replaced, so that one which a file has taken over does not stay. Starting one takes
0.35 s of processor time, as much as eleven photos of 1280 x 960: with 200 media that is one part in twenty."""


class SetAside(Exception):
    """It takes long. `later` is its end, or None where it was ended to be tried again: nothing is known of it yet."""

    def __init__(self, later: "Future[HashedMedium] | None") -> None:
        super().__init__("set aside")
        self.later = later


@dataclass(eq=False, slots=True)
class _Job:
    data: bytes = field(repr=False)
    wish: Wish
    source: str
    photo_only: bool = False
    started: float | None = None
    process: DecoderProcess | None = None
    done: bool = False
    aside: bool = False
    """It goes on in the place for long work."""
    ended: bool = False
    """It was ended because it took long and that place was not free."""

    @property
    def seconds(self) -> float:
        """Since it has a decoder."""
        return 0.0 if self.started is None else time.monotonic() - self.started


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
        most_media: int = MOST_MEDIA,
    ) -> None:
        """`size` processes, and one more while a medium is set aside; `time_limit` real seconds a picture,
        `video_time_limit` a video or animation; `memory_limit` resident bytes a process; `most_media`: of a process."""
        self._most_media = most_media
        self._time_limit, self._video_time_limit = time_limit, video_time_limit
        self._memory_limit = memory_limit
        # One more than decoders for ordinary work: for the medium that was set aside.
        self._threads = ThreadPoolExecutor(size + 1, thread_name_prefix="decoder")
        self._ordinary = threading.Semaphore(size)
        self._size = size
        self._lock = threading.Lock()
        self._long = LongWork()
        self._idle: list[DecoderProcess] = []
        self._all: set[DecoderProcess] = set()
        self._closed = False

    @property
    def pids(self) -> tuple[int, ...]:
        """Process ids of the decoders that run now."""
        with self._lock:
            return tuple(process.pid for process in self._all if process.alive)

    async def inspect(
        self,
        data: bytes,
        *,
        set_name: SetName | None = None,
        closely: bool = False,
        faces: bool = False,
        cut_out: Drawn | None = None,
        photo_only: bool = False,
        points: bool = True,
        squares: bool = True,
        max_bytes: int = MAX_BYTES,
        source: str = "",
        patience: float | None = None,
    ) -> HashedMedium:
        """The hashes of one picture or video; with `set_name` those of a picture's boxes too, to register it.

        `closely` when others will be compared with it: of a video more frames are taken. `faces` when some fingerprint
        at hand has a cut-out; `cut_out` to register one, `photo_only` to take the photo out of a screenshot;
        `points` and `squares` where any fingerprint at hand has some: see monitor.fingerprints.image.
        `source`: whose it is; `patience` in real seconds from when it has a decoder.

        Raises NotInspected, SetAside (with a patience only), or DecoderUnavailable (try again).
        """
        check_bytes(data, max_bytes)
        if self._closed:
            raise DecoderUnavailable("the decoder pool is closed")
        try:
            job = _Job(data, Wish(set_name, closely, faces, cut_out, photo_only, points, squares), source)
            result = self._threads.submit(self._inspect, job)
        except RuntimeError:
            raise DecoderUnavailable("the decoder pool is closed") from None
        answer = asyncio.wrap_future(result)
        while patience is not None and not answer.done():
            await asyncio.wait({answer}, timeout=max(_MOMENT, patience - job.seconds))
            if job.seconds >= patience and self._set_aside(job):
                answer.add_done_callback(_looked_at)
                raise SetAside(result if job.aside else None)
        return await answer

    def _set_aside(self, job: _Job) -> bool:
        """Let a job go on in the place for long work, or end it where that is not free. False when it is done."""
        with self._lock:
            if job.done:
                return False
            if self._long.take(job.source, time.monotonic()):
                job.aside = True
                self._ordinary.release()
                return True
            job.ended = True
            if job.process is not None:
                job.process.kill()
            return True

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

    def _inspect(self, job: _Job) -> HashedMedium:
        """In a thread of the pool."""
        self._ordinary.acquire()
        job.started = time.monotonic()
        try:
            return self._decoded(job)
        finally:
            with self._lock:
                job.done = True
                if job.aside:
                    self._long.leave()
                else:
                    self._ordinary.release()

    def _decoded(self, job: _Job) -> HashedMedium:
        process = self._take(job)
        used = process.used
        try:
            return self._ask(process, job)
        except NotInspected as error:
            if not used or job.ended or error.reason not in ("crashed", "out-of-memory"):
                raise
        # An earlier picture may have harmed that process, or somebody else ended it: only a fresh one may convict.
        return self._ask(self._start(job.wish), job)

    def _ask(self, process: DecoderProcess, job: _Job) -> HashedMedium:
        with self._lock:
            job.process = process
            if job.ended:
                process.kill()
        try:
            limit = self._video_time_limit if may_move(job.data) else self._time_limit
            return process.inspect(job.data, job.wish, time_limit=limit)
        except NotInspected:
            if self._closed:
                # It was ended by us, which says nothing about the picture.
                raise DecoderUnavailable("the decoder pool is closed") from None
            # Whatever is wrong with that file, no other source meets the process that has read it.
            process.suspect = True
            raise
        finally:
            process.source = job.source
            self._give_back(process, job.aside)

    def _take(self, job: _Job) -> DecoderProcess:
        """A decoder that is alive: one that works for the job's source already, else a new one while there are few,
        else the one that has been idle longest. One that died while idle, or that cannot find faces where that is
        wished, is replaced without cost to any picture."""
        source = job.source
        while True:
            with self._lock:
                mine = [one for one in self._idle if one.source == source]
                others = self._idle if len(self._all) >= self._size + self._long.busy else []
                process = next(iter((*reversed(mine), *others)), None)
                if process is None:
                    break
                self._idle.remove(process)
            able = process.finds_faces or not job.wish.needs_faces
            if able and process.alive and not (process.suspect and process.source != source):
                return process
            self._forget(process)
        return self._start(job.wish)

    def _start(self, wish: Wish) -> DecoderProcess:
        if self._closed:
            raise DecoderUnavailable("the decoder pool is closed")
        process = DecoderProcess(
            time_limit=max(self._time_limit, self._video_time_limit),
            memory_limit=self._memory_limit,
            finds_faces=wish.needs_faces,
        )
        with self._lock:
            self._all.add(process)
            closed = self._closed
        if closed:
            process.kill()
        return process

    def _give_back(self, process: DecoderProcess, aside: bool) -> None:
        """Keep it for the next, or end it when it is worn or one too many. `aside`: it did the long work."""
        worn = process.served >= self._most_media or process.worked >= CPU_SECONDS / 4
        with self._lock:
            kept = process.alive and not worn and len(self._all) <= self._size + (self._long.busy and not aside)
            if kept:
                self._idle.append(process)
        if not kept:
            self._forget(process)

    def _forget(self, process: DecoderProcess) -> None:
        process.end()
        with self._lock:
            self._all.discard(process)


def _looked_at(answer: "asyncio.Future[HashedMedium]") -> None:
    """Nobody waits for this any more; without this its error would be called forgotten."""
    if not answer.cancelled():
        answer.exception()
