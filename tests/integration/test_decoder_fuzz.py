"""Damaged files against real decoders: each costs itself at most, in time and in memory."""

import asyncio
import os
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from monitor.core.errors import NotInspected
from monitor.fingerprints.decoder.pool import MEMORY_LIMIT, DecoderPool
from monitor.fingerprints.hashes.values import HashedMedium
from tests.support.mutants import mutants, originals

pytestmark = pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads processes from /proc")

_PAGE = os.sysconf("SC_PAGE_SIZE")


class Watch:
    """Samples the resident memory of a pool's decoders in a thread of its own."""

    def __init__(self, pool: DecoderPool) -> None:
        self.peak = 0
        self.seen: set[int] = set()
        self._pool, self._over = pool, threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(0.005):
            for pid in self._pool.pids:
                self.seen.add(pid)
                try:
                    pages = int(Path(f"/proc/{pid}/statm").read_bytes().split()[1])
                except (OSError, IndexError):
                    continue
                self.peak = max(self.peak, pages * _PAGE)


async def query(pool: DecoderPool, data: bytes) -> tuple[str, float]:
    """What came of one file: "image", "video" or a reason; and the real seconds it took."""
    start = time.monotonic()
    try:
        answer = await pool.inspect(data)
    except NotInspected as refusal:
        return refusal.reason, time.monotonic() - start
    assert isinstance(answer, HashedMedium)
    return answer.kind, time.monotonic() - start


async def fuzz(count: int, seed: int) -> None:
    outcomes: Counter[str] = Counter()
    bad: list[str] = []
    slowest, slowest_name = 0.0, ""
    async with DecoderPool(2) as pool:
        with Watch(pool) as watch:
            turns = asyncio.Semaphore(2)

            async def one(number: int, name: str, data: bytes) -> None:
                nonlocal slowest, slowest_name
                async with turns:
                    outcome, seconds = await query(pool, data)
                outcomes[outcome] += 1
                if outcome in ("crashed", "hung", "out-of-memory"):
                    bad.append(f"{outcome}: {number} {name}")
                if seconds > slowest:
                    slowest, slowest_name = seconds, f"{number} {name}"

            await asyncio.gather(*(one(number, *made) for number, made in enumerate(mutants(count, seed))))
            sound = await asyncio.gather(*(query(pool, data) for data in originals().values()))
    print(f"\n{count} files: {dict(outcomes)}; decoders started: {len(watch.seen)}; peak {watch.peak / 2**20:.0f} MB")
    print(f"slowest {slowest:.1f} s ({slowest_name}); {bad}")
    assert outcomes.total() == count
    assert outcomes["hung"] == 0
    # That a file would take too much memory is an answer; a crash would be a flaw of a library to look at.
    assert outcomes["crashed"] == 0
    assert watch.peak <= MEMORY_LIMIT
    assert {outcome for outcome, _ in sound} <= {"image", "video"}


async def test_damaged_files_cost_only_themselves() -> None:
    await fuzz(200, seed=1)


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_five_thousand_damaged_files_cost_only_themselves() -> None:
    await fuzz(5000, seed=2)
