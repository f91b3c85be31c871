"""kill -9 in the minute between "send" and leaving: afterwards it leaves exactly once, or not at all if undone."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.demo.mail.catcher import MailCatcher
from monitor.notices.sending import UNDO_FOR
from tests.support.api_world import ApiWorld, Caller, api_world

ROOT = Path(__file__).resolve().parents[2]
MINUTE = 6.0
"""Real seconds of the minute to undo in this test."""


class Workers:
    """One at a time, each a process of its own."""

    def __init__(self, url: str, folder: Path, port: int) -> None:
        self._told = [url, str(folder), str(port)]
        self._folder, self._running = folder, list[subprocess.Popen[bytes]]()

    async def start(self) -> None:
        mark = self._folder / "started"
        mark.unlink(missing_ok=True)
        self._running.append(await asyncio.to_thread(self._begin))
        for _ in range(1200):
            if mark.exists():
                return
            await asyncio.sleep(0.05)
        pytest.fail("the worker did not start")

    def _begin(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen([sys.executable, "-m", "tests.support.send_process", *self._told], cwd=ROOT)

    def kill(self) -> None:
        process = self._running.pop()
        os.kill(process.pid, signal.SIGKILL)
        process.wait()

    def end(self) -> None:
        while self._running:
            self.kill()


@pytest.fixture
def workers() -> Iterator[list[Workers]]:
    made: list[Workers] = []
    yield made
    for one in made:
        one.end()


async def ready(world: ApiWorld, advocate: Caller) -> str:
    person = await world.vouched(advocate)
    body = {"basis": "caption-context", "routes": ["us_tida"]}
    written = await advocate.post(f"/sightings/{await world.sighting(person)}/confirm", body)
    return str(written["notices"][0]["notice_id"])


async def send(advocate: Caller, notice: str) -> None:
    digest = (await advocate.get(f"/notices/{notice}/preview"))["digest"]
    await advocate.post(f"/notices/{notice}/send", {"digest": digest})


async def caught(catcher: MailCatcher, count: int) -> None:
    """Wait for so many mails, and a while longer for one too many."""
    for _ in range(600):
        if len(catcher.messages) >= count:
            break
        await asyncio.sleep(0.1)
    await asyncio.sleep(1.5)
    assert len(catcher.messages) == count


@pytest.mark.timeout(240)
async def test_killed_in_the_minute_it_leaves_once_or_not_at_all(
    prepared_sqlite_url: str, tmp_path: Path, workers: list[Workers]
) -> None:
    async with api_world(prepared_sqlite_url, tmp_path) as world, MailCatcher() as catcher:
        advocate = await world.advocate()
        leaves, undone = await ready(world, advocate), await ready(world, advocate)
        hurry: Any = world.clock
        hurry.real_seconds = lambda span: _seconds(span) * MINUTE / UNDO_FOR.total_seconds()
        running = Workers(prepared_sqlite_url, tmp_path, catcher.port)
        workers.append(running)
        await running.start()
        await send(advocate, leaves)
        await send(advocate, undone)
        running.kill()
        assert catcher.messages == [], "the minute was not over"
        await advocate.post(f"/notices/{undone}/undo")
        await running.start()
        await caught(catcher, 1)
        states = [(await advocate.get(f"/notices/{one}"))["state"] for one in (leaves, undone)]
        assert states == ["sent", "prepared"]
        # What was undone leaves once when it is sent again, killed once more in between.
        await send(advocate, undone)
        running.kill()
        await running.start()
        await caught(catcher, 2)
        assert len({str(one.message["Message-ID"]) for one in catcher.messages}) == 2


def _seconds(span: timedelta | float) -> float:
    return span.total_seconds() if isinstance(span, timedelta) else span
