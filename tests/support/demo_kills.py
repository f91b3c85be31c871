"""kill -9 while the demo plays: at random, and where it hurts most."""

import asyncio
import contextlib
from collections.abc import Mapping
from random import Random
from typing import Any

from monitor.demo.driver import ROUTE_OF
from monitor.demo.outcome import EXPECTED, DemoOutcome, outcome
from monitor.demo.run import DemoRun
from monitor.platforms.base import Link

LIMIT_SECONDS = 480.0
"""Real seconds for the whole chain, with its programs killed and started again."""
UNHEARD = {"telegram_report", "us_tida"}


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


async def play_with_kills(
    run: DemoRun, random: Random, kills: int, expected: Mapping[str, Any] = EXPECTED
) -> tuple[DemoOutcome, int]:
    """Play to the end while programs are killed, `kills` times at random. Returns how often that came about, too.

    Beside them the answers to two reports die with whoever sent them: a person settles those, nothing resends itself.
    """
    killer = Killer(run, random, kills)
    await run.driver.prepare()
    async with asyncio.TaskGroup() as group:
        group.create_task(killer.kill_at_random())
        reviving = group.create_task(killer.revive())
        summary = await run.driver.work_until_done(expected, seconds=LIMIT_SECONDS)
        killer.end()
        reviving.cancel()
    result = await outcome(run, summary, expected)
    assert not result.missing, "; ".join(result.missing)
    assert killer.unheard == UNHEARD
    assert len(run.driver.settled) >= len(UNHEARD)
    return result, killer.at_random
