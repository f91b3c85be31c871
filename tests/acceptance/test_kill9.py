"""kill -9 at any moment: the same end state, no copy lost, no notice sent twice.

The twelve copies and the photos of three strangers are enough for three kills; the long figures play all sixty.
"""

import asyncio
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
FEW = {**EXPECTED, "posts_seen": COPIES + PERSONS, "media_inspected": COPIES + PERSONS}


def few() -> list[Sample]:
    """What is posted when `FEW` is expected."""
    strangers = [Sample(f"stranger-{n}.jpg", data, None, "portrait") for n, data in enumerate(registered(SEED + 1))]
    return [*copies(SEED), *strangers]


async def play_with_kills(run: DemoRun, random: Random, kills: int, expected: Mapping[str, Any] = EXPECTED) -> int:
    """Play to the end while programs are killed. Returns how many were."""
    over, done = asyncio.Event(), 0

    async def kill() -> None:
        nonlocal done
        while done < kills:
            try:
                await asyncio.wait_for(over.wait(), random.uniform(0.3, 4.0))
            except TimeoutError:
                pass
            else:
                return
            name = random.choice(run.programs.names)
            run.programs.kill(name)
            done += 1
            await run.programs.restart(name)

    await run.driver.prepare()
    async with asyncio.TaskGroup() as group:
        group.create_task(kill())
        summary = await run.driver.work_until_done(expected, seconds=2 * LIMIT_SECONDS)
        over.set()
    result = await outcome(run, summary, expected)
    assert result.missing == ()
    return done


@pytest.mark.timeout(700)
async def test_three_killed_workers_lose_and_double_nothing(database_url: str, tmp_path: Path) -> None:
    async with demo(tmp_path, database_url, seed=SEED, samples=few()) as run:
        assert await play_with_kills(run, Random(4), kills=3, expected=FEW) == 3


@pytest.mark.timeout(700)
async def test_report_whose_answer_died_with_the_worker_is_in_doubt_until_a_person_settles_it(
    database_url: str, tmp_path: Path
) -> None:
    async with demo(tmp_path, database_url, seed=SEED, samples=few()) as run:
        dead, hit, take = asyncio.Event(), set[str](), run.world.safety.take

        def take_and_kill(link: Link, *, ignore: bool = False) -> None:
            """The first report in the app and the first by e-mail arrive, and nobody lives to hear so."""
            take(link, ignore=ignore)
            route = ROUTE_OF[link.handle]
            if route in ("telegram_report", "us_tida") and route not in hit and not dead.is_set():
                hit.add(route)
                for name in run.programs.names:
                    run.programs.kill(name)
                dead.set()

        async def revive() -> None:
            for _ in range(2):
                await dead.wait()
                for name in run.programs.names:
                    await run.programs.restart(name)
                dead.clear()

        run.world.safety.take = take_and_kill  # type: ignore[method-assign]
        await run.driver.prepare()
        async with asyncio.TaskGroup() as group:
            group.create_task(revive())
            summary = await run.driver.work_until_done(FEW, seconds=2 * LIMIT_SECONDS)
        assert (await outcome(run, summary, FEW)).missing == ()
        assert len(run.driver.settled) >= 2


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
