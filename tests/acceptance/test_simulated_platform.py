"""A platform with eight behaviours, for some simulated weeks: every copy ends as it must, whatever dies meanwhile.

Prompt, slow, partial, silent, refuses, bounces, says removed but is not, removes then comes back; a fifth of the copies
are a minor's. Real programs, real Telethon, tweepy, SMTP and IMAP. Smaller by hand: `SIMULATED="40 10 7200 5"`
(copies, days, speed, kills).
"""

import os
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from tests.support import postgres
from tests.support.demo_run import environment
from tests.support.simulated_platform import Scenario
from tests.support.simulated_run import SimulatedRun, play

COPIES, DAYS, SPEED, KILLS = (float(one) for one in os.environ.get("SIMULATED", "500 45 2592 100").split())
SCENARIO = Scenario(copies=int(COPIES), days=DAYS)


@pytest.mark.soak
@pytest.mark.timeout(3 * 3600)
async def test_every_copy_ends_in_the_right_state_on_sqlite_though_it_is_killed_again_and_again(tmp_path: Path) -> None:
    async with SimulatedRun(tmp_path, SCENARIO, speed=SPEED, environment=environment("sqlite")) as run:
        judgement = await play(run, kills=int(KILLS))
    print(judgement.text())
    assert judgement.wrong == []
    assert judgement.facts["kills"] == KILLS


@pytest.mark.soak
@pytest.mark.timeout(3 * 3600)
async def test_every_copy_ends_in_the_right_state_with_three_workers_on_postgresql(
    tmp_path: Path, postgres_server: URL
) -> None:
    with postgres.fresh_database(postgres_server) as url:
        async with SimulatedRun(tmp_path, SCENARIO, speed=SPEED, environment=environment(url), workers=3) as run:
            judgement = await play(run, kills=int(KILLS) // 5)
            workers = len(run.programs.names)
    print(judgement.text())
    assert judgement.wrong == []
    assert workers == 3
