"""Somebody who comes later: what a source showed before they came is compared with their picture too."""

from pathlib import Path

import pytest

from monitor.demo.world.pictures import copies
from tests.support.demo_run import demo, until


@pytest.mark.timeout(400)
async def test_copies_that_were_posted_before_a_person_came_are_found(tmp_path: Path) -> None:
    async with demo(tmp_path, "sqlite", samples=copies(1)) as run:
        driver = run.driver
        await driver.log_in()
        first = await driver.open_case(0, None)
        run.world.start_watching()

        async def all_seen() -> bool:
            return bool((await driver.summary())["media_inspected"] == len(copies(1)))

        await until(all_seen)
        second = await driver.open_case(1, None)

        async def found(case_id: str, number: int) -> bool:
            mine = [one for one in await driver.sightings("open") if one["case_id"] == case_id]
            return len(mine) == sum(sample.copy_of == number for sample in copies(1))

        await until(lambda: found(first.case_id, 0))
        await until(lambda: found(second.case_id, 1))
        summary = await driver.summary()
        assert (summary["posts_seen"], summary["media_inspected"]) == (len(copies(1)), len(copies(1)))
