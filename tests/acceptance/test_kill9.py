"""kill -9 at any moment: the same end state, no copy lost, no notice sent twice.

The twelve copies and the photos of three strangers are enough for five kills; the long figures play all sixty.
"""

import asyncio
import contextlib
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy.engine import URL

from monitor.demo.driver import ROUTE_OF
from monitor.demo.outcome import EXPECTED, outcome
from monitor.demo.run import DemoRun
from monitor.demo.world.pictures import COPIES, PERSONS, Sample, copies, registered
from monitor.platforms.base import Link
from tests.support import postgres
from tests.support.demo_run import LIMIT_SECONDS, demo

SEED = 1
UNHEARD = {"telegram_report", "us_tida"}
FEW = {**EXPECTED, "posts_seen": COPIES + PERSONS, "media_inspected": COPIES + PERSONS}


def few() -> list[Sample]:
    """What is posted when `FEW` is expected."""
    strangers = [Sample(f"stranger-{n}.jpg", data, None, "portrait") for n, data in enumerate(registered(SEED + 1))]
    return [*copies(SEED), *strangers]


class Killer:
    """Kills programs and starts them again: at random, and where it hurts most."""

    def __init__(self, run: DemoRun, random: Random, kills: int) -> None:
        self._run, self._random, self._kills = run, random, kills
        self._restarting, self._all_dead, self._over = asyncio.Lock(), asyncio.Event(), asyncio.Event()
        self.at_random = 0
        self.unheard = set[str]()
        """Routes by which a report arrived while nobody lived to hear so."""
        self._take, run.world.safety.take = run.world.safety.take, self._take_and_kill  # type: ignore[method-assign]

    def end(self) -> None:
        """No more of it."""
        self._over.set()

    def _take_and_kill(self, link: Link, *, ignore: bool = False) -> None:
        """The first report in the app and the first by e-mail arrive, and then everything is dead."""
        self._take(link, ignore=ignore)
        route = ROUTE_OF[link.handle]
        busy = self._restarting.locked() or self._all_dead.is_set()
        if route in UNHEARD - self.unheard and not busy:
            self.unheard.add(route)
            for name in self._run.programs.names:
                self._run.programs.kill(name)
            self._all_dead.set()

    async def revive(self) -> None:
        """Start all of them again after each such report."""
        for _ in UNHEARD:
            await self._all_dead.wait()
            async with self._restarting:
                self._all_dead.clear()
                for name in self._run.programs.names:
                    await self._run.programs.restart(name)

    async def kill_at_random(self) -> None:
        """One program at a time, whatever it is doing."""
        while self.at_random < self._kills and not self._over.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), self._random.uniform(0.3, 4.0))
            async with self._restarting:
                if self._over.is_set() or self._all_dead.is_set():
                    continue
                name = self._random.choice(self._run.programs.names)
                self._run.programs.kill(name)
                self.at_random += 1
                await self._run.programs.restart(name)


async def play_with_kills(run: DemoRun, random: Random, kills: int, expected: Mapping[str, Any] = EXPECTED) -> int:
    """Play to the end while programs are killed, `kills` times at random. Returns how many of those there were.

    Beside them the answers to two reports die with whoever sent them: a person settles those, nothing resends itself.
    """
    killer = Killer(run, random, kills)
    await run.driver.prepare()
    async with asyncio.TaskGroup() as group:
        group.create_task(killer.kill_at_random())
        reviving = group.create_task(killer.revive())
        summary = await run.driver.work_until_done(expected, seconds=2 * LIMIT_SECONDS)
        killer.end()
        reviving.cancel()
    result = await outcome(run, summary, expected)
    assert result.missing == ()
    assert killer.unheard == UNHEARD
    assert len(run.driver.settled) >= len(UNHEARD)
    return killer.at_random


@pytest.mark.timeout(700)
async def test_killed_workers_lose_and_double_nothing_and_what_died_unheard_is_settled_by_a_person(
    database_url: str, tmp_path: Path
) -> None:
    async with demo(tmp_path, database_url, seed=SEED, samples=few()) as run:
        assert await play_with_kills(run, Random(4), kills=3, expected=FEW) == 3


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_twenty_killed_workers_lose_and_double_nothing_on_sqlite(tmp_path: Path) -> None:
    done, seed = 0, 10
    while done < 20:
        async with demo(tmp_path / str(seed), "sqlite", seed=seed) as run:
            done += await play_with_kills(run, Random(seed), kills=20 - done)
        seed += 1


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_twenty_killed_workers_lose_and_double_nothing_on_postgresql(
    tmp_path: Path, postgres_server: URL
) -> None:
    done, seed = 0, 30
    while done < 20:
        with postgres.fresh_database(postgres_server) as url:
            async with demo(tmp_path / str(seed), url, seed=seed) as run:
                done += await play_with_kills(run, Random(seed), kills=20 - done)
        seed += 1
