"""kill -9 at any moment: the same end state, no copy lost, no notice sent twice.

On SQLite the twelve copies and the photos of three strangers are enough for five kills; all else plays all sixty.
"""

from pathlib import Path
from random import Random

import pytest
from sqlalchemy.engine import URL

from monitor.demo.outcome import EXPECTED
from monitor.demo.run import FAST
from monitor.demo.world.pictures import COPIES, PERSONS, Sample, copies, registered
from tests.support import postgres
from tests.support.demo_kills import play_with_kills
from tests.support.demo_run import FinishedDemo, demo

SEED = 1
UNHURRIED = FAST / 2
"""48 hours in 48 seconds: while somebody kills every other second, the made-up desk needs so long for an answer, and
the made-up team, which waits for it, must not let the platform's 48 hours pass."""
FEW = {**EXPECTED, "posts_seen": COPIES + PERSONS, "media_inspected": COPIES + PERSONS}


def few() -> list[Sample]:
    """What is posted when `FEW` is expected."""
    strangers = [Sample(f"stranger-{n}.jpg", data, None, "portrait") for n, data in enumerate(registered(SEED + 1))]
    return [*copies(SEED), *strangers]


@pytest.mark.soak
@pytest.mark.timeout(700)
async def test_killed_workers_lose_and_double_nothing_and_what_died_unheard_is_settled_by_a_person(
    tmp_path: Path,
) -> None:
    async with demo(tmp_path, "sqlite", seed=SEED, samples=few()) as run:
        _, killed = await play_with_kills(run, Random(4), kills=3, expected=FEW)
        assert killed == 3


@pytest.mark.timeout(700)
def test_killed_workers_on_postgresql_lose_and_double_nothing(finished_on_postgresql: FinishedDemo) -> None:
    """The demo that others look at was played so; see there for what it must have come to."""
    assert finished_on_postgresql.killed == 3
    assert finished_on_postgresql.outcome.missing == ()


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_twenty_killed_workers_lose_and_double_nothing_on_sqlite(tmp_path: Path) -> None:
    done, seed = 0, 10
    while done < 20:
        async with demo(tmp_path / str(seed), "sqlite", seed=seed, speed=UNHURRIED) as run:
            done += (await play_with_kills(run, Random(seed), kills=20 - done))[1]
        seed += 1


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_twenty_killed_workers_lose_and_double_nothing_on_postgresql(
    tmp_path: Path, postgres_server: URL
) -> None:
    done, seed = 0, 30
    while done < 20:
        with postgres.fresh_database(postgres_server) as url:
            async with demo(tmp_path / str(seed), url, seed=seed, speed=UNHURRIED) as run:
                done += (await play_with_kills(run, Random(seed), kills=20 - done))[1]
        seed += 1
