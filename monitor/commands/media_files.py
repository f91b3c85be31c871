"""Files named on the command line, inspected side by side and answered in order."""

import asyncio
import os
import stat
import time
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from monitor.core.errors import NotInspected
from monitor.fingerprints.containers.guards import MAX_BYTES
from monitor.fingerprints.decoder.pool import DecoderPool
from monitor.fingerprints.decoder.protocol import NO_WISH, Wish
from monitor.fingerprints.hashes.values import HashedMedium

POOL_SIZE = 2


@dataclass(frozen=True, slots=True)
class HashedFile:
    """One file and what came of it. `milliseconds`: reading, decoding and hashing, real time."""

    file: str
    outcome: HashedMedium | NotInspected
    milliseconds: float


async def inspect_files(
    files: Sequence[str],
    wish: Wish = NO_WISH,
) -> AsyncIterator[HashedFile]:
    """Each of `files` in order; a file that cannot be read or decoded yields its NotInspected. `wish`: for each."""
    async with DecoderPool(POOL_SIZE) as pool:
        turns = asyncio.Semaphore(POOL_SIZE)
        running: deque[asyncio.Task[HashedFile]] = deque()
        try:
            for file in files:
                running.append(asyncio.create_task(_inspect(pool, turns, file, wish)))
                # Only a few files are in memory, however many were named.
                if len(running) > 2 * POOL_SIZE:
                    yield await running.popleft()
            while running:
                yield await running.popleft()
        finally:
            for task in running:
                task.cancel()
            await asyncio.gather(*running, return_exceptions=True)


async def _inspect(pool: DecoderPool, turns: asyncio.Semaphore, file: str, wish: Wish) -> HashedFile:
    async with turns:
        start = time.perf_counter()
        outcome: HashedMedium | NotInspected
        try:
            outcome = await pool.inspect(
                _read(Path(file)),
                set_name=wish.set_name,
                closely=wish.closely,
                faces=wish.faces,
                cut_out=wish.cut_out,
                photo_only=wish.photo_only,
                points=wish.points,
                squares=wish.squares,
            )
        except NotInspected as error:
            outcome = error
        return HashedFile(file, outcome, (time.perf_counter() - start) * 1000)


def _read(path: Path) -> bytes:
    """At most one byte more than may be inspected, so that a huge file is refused without being read."""
    try:
        # A pipe would be waited for without end, a device never ends. Asked once it is open, it cannot become another
        # file in between.
        with open(path, "rb", opener=_without_waiting) as stream:
            if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
                raise NotInspected("no-regular-file")
            return stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise NotInspected("missing") from None
    except (OSError, ValueError):
        raise NotInspected("unreadable") from None


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)
