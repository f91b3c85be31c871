"""The engine behind the queues: atomic enqueue, one run per id, adoption of dead workers, one SQLite process."""

import asyncio
import base64
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text

from db.migrate import upgrade
from db.session import Database, is_sqlite
from monitor.core.errors import ConfigError
from monitor.work import tasks
from monitor.work.outbox import Outbox
from monitor.work.tasks import Task
from monitor.work.worker import Worker
from monitor.work.workflows import Job

ROOT = Path(__file__).resolve().parents[2]


class Recorder:
    """Jobs that remember how they were called, and enqueue what follows in a transaction of their own."""

    def __init__(self, database: Database, outbox: Outbox) -> None:
        self.ran: list[tuple[str | int, ...]] = []
        self.follow: dict[str, tuple[Task, ...]] = {}
        self._database, self._outbox = database, outbox

    async def __call__(self, *arguments: str | int) -> None:
        self.ran.append(arguments)
        async with self._database.begin() as session:
            for task in self.follow.get(str(arguments[0]), ()):
                await self._outbox.enqueue(session, task)


async def until(condition: object, seconds: float = 120) -> None:
    """Wait for a condition; bounded."""
    for _ in range(int(seconds * 20)):
        if condition():  # type: ignore[operator]
            return
        await asyncio.sleep(0.05)
    pytest.fail("waited too long")


async def until_over(worker: Worker, *task_ids: str) -> None:
    """Until the engine is done with these tasks, known or not."""
    for _ in range(2400):
        if not await worker.live(task_ids):
            return
        await asyncio.sleep(0.05)
    pytest.fail("waited too long")


@pytest.fixture
async def running(database_url: str, tmp_path: Path) -> AsyncIterator[tuple[Worker, Recorder, Database, Outbox]]:
    upgrade(database_url)
    database, outbox = Database(database_url), Outbox(database_url)
    recorder = Recorder(database, outbox)
    jobs = dict.fromkeys(("crawl", "read_link", "send", "verify", "escalate", "look_back", "mail_code"), recorder)
    worker = Worker(database_url, jobs, lock_file=tmp_path / "lock", polling=0.05)
    await worker.start([])
    yield worker, recorder, database, outbox
    await worker.stop()
    outbox.close()
    await database.close()


async def test_task_runs_only_when_its_transaction_commits(
    running: tuple[Worker, Recorder, Database, Outbox],
) -> None:
    worker, recorder, database, outbox = running
    with pytest.raises(RuntimeError, match="rolled back"):
        async with database.begin() as session:
            await outbox.enqueue(session, tasks.send("bad", 1, "x"))
            raise RuntimeError("rolled back")
    async with database.begin() as session:
        await outbox.enqueue(session, tasks.send("good", 1, "x"))
    await until(lambda: recorder.ran)
    await until_over(worker, "send-bad-1", "send-good-1")
    assert recorder.ran == [("good", 1)]


async def test_same_task_twice_runs_once_and_what_follows_runs_too(
    running: tuple[Worker, Recorder, Database, Outbox],
) -> None:
    worker, recorder, database, outbox = running
    recorder.follow["n1"] = (tasks.verify("n2", 1, delay=0.1),)
    for _ in range(2):
        async with database.begin() as session:
            await outbox.enqueue(session, tasks.send("n1", 1, "telegram"))
        await worker.enqueue(tasks.send("n1", 1, "telegram"))
    await until(lambda: ("n2", 1) in recorder.ran)
    assert recorder.ran == [("n1", 1), ("n2", 1)]


async def test_delayed_task_is_live_and_finished_ones_are_forgotten(
    running: tuple[Worker, Recorder, Database, Outbox],
) -> None:
    worker, recorder, _, _ = running
    later, now = tasks.verify("later", 1, delay=500), tasks.escalate("now")
    await worker.enqueue(later)
    await worker.enqueue(now)
    await until(lambda: recorder.ran)
    await until_over(worker, now.id)
    assert await worker.live([later.id, now.id, "unknown"]) == {later.id}
    assert await worker.forget_finished(-1) == 1
    assert await worker.forget_finished(-1) == 0


async def test_what_somebody_waits_for_and_a_deadline_asks_waits_behind_no_check_and_no_look_back(
    running: tuple[Worker, Recorder, Database, Outbox],
) -> None:
    _, recorder, database, outbox = running
    backs = [tasks.backfill(f"source{number}", "case", 1) for number in range(40)]
    checks = [tasks.verify(f"notice{number}", 1, delay=0) for number in range(40)]
    urgent = [tasks.escalate("lapsed"), tasks.mail_code("link", 1)]
    async with database.begin() as session:  # they are there all at once
        for task in (*backs, *checks, *urgent):
            await outbox.enqueue(session, task)
    await until(lambda: len(recorder.ran) == len(backs) + len(checks) + len(urgent))
    order = [str(arguments[0]) for arguments in recorder.ran]
    at_once = 8  # are taken together, and begin in any order
    assert max(order.index("lapsed"), order.index("link")) < 2 * at_once, order
    assert sum(name.startswith("notice") for name in order[:42]) >= 40 - at_once, order
    assert all(name.startswith("source") for name in order[-30:]), order


async def test_second_process_on_sqlite_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    upgrade(sqlite_url)
    first = Worker(sqlite_url, {}, lock_file=tmp_path / "lock")
    second = Worker(sqlite_url, {}, lock_file=tmp_path / "lock")
    await asyncio.to_thread(first._take_lock)
    with pytest.raises(ConfigError, match="another Jikimi"):
        await asyncio.to_thread(second._take_lock)
    for worker in (first, second):
        if worker._file is not None:
            worker._file.close()


def _start(url: str, folder: Path, mode: str) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "tests.support.work_process", url, str(folder), mode]
    with (folder / f"stderr-{mode}").open("wb") as stderr:
        return subprocess.Popen(words, cwd=ROOT, stderr=stderr)


async def test_text_of_an_exception_reaches_neither_log_nor_engine(database_url: str, tmp_path: Path) -> None:
    upgrade(database_url)
    process = await asyncio.to_thread(_start, database_url, tmp_path, "fail")
    database, outbox = Database(database_url), Outbox(database_url)
    schema = "" if is_sqlite(database_url) else "dbos."
    queries = (
        f"select error from {schema}operation_outputs where error is not null",  # noqa: S608  # names of ours
        f"select error from {schema}workflow_status where error is not null",  # noqa: S608
    )
    status, stored = "", list[str]()
    try:
        await until(lambda: (tmp_path / "started-fail").exists())
        async with database.begin() as session:
            await outbox.enqueue(session, tasks.send("n1", 1, "x"))
        for _ in range(600):
            async with database.read() as session:
                status = await session.scalar(text(f"select status from {schema}workflow_status"))  # noqa: S608
                stored = [error for query in queries for error in (await session.scalars(text(query))).all()]
            if status == "ERROR":
                break
            await asyncio.sleep(0.1)
    finally:
        process.kill()
        await asyncio.to_thread(process.wait)
        outbox.close()
        await database.close()
    assert (status, bool(stored)) == ("ERROR", True)
    for error in stored:
        assert b"caption" not in error.encode() + base64.b64decode(error)
    lines = (tmp_path / "stderr-fail").read_text().splitlines()
    assert "caption" not in " ".join(lines)
    failed = [line for line in map(json.loads, lines) if line["message"] == "job failed"]
    assert [(line["workflow"], line["about"], line["exception"]) for line in failed] == [("send", "n1", "ValueError")]


async def test_work_of_a_killed_worker_is_taken_up(database_url: str, tmp_path: Path) -> None:
    upgrade(database_url)
    first = await asyncio.to_thread(_start, database_url, tmp_path, "hang")
    try:
        await until(lambda: (tmp_path / "started-hang").exists())
        database, outbox = Database(database_url), Outbox(database_url)
        async with database.begin() as session:
            await outbox.enqueue(session, tasks.send("n1", 1, "telegram"))
        await until(lambda: (tmp_path / "ran").exists())
        outbox.close()
        await database.close()
    finally:
        os.kill(first.pid, signal.SIGKILL)
        first.wait()
    second = await asyncio.to_thread(_start, database_url, tmp_path, "finish")
    try:
        await until(lambda: (tmp_path / "ran").read_text() == "hang n1\nfinish n1\n")
    finally:
        os.kill(second.pid, signal.SIGKILL)
        second.wait()


async def test_what_version_0_1_0_had_yet_to_enqueue_still_follows(prepared_sqlite_url: str, tmp_path: Path) -> None:
    """Its job was over and had told in its checkpoint what follows; the update came before that was enqueued."""
    database, outbox = Database(prepared_sqlite_url), Outbox(prepared_sqlite_url)
    async with database.begin() as session:
        await outbox.enqueue(session, tasks.send("n1", 1, "telegram"))
    outbox.close()
    await database.close()
    command = [sys.executable, "-m", "tests.support.work_process_0_1_0", prepared_sqlite_url, str(tmp_path)]
    old = await asyncio.to_thread(subprocess.Popen, command, cwd=ROOT)
    try:
        await until(lambda: (tmp_path / "checkpointed").exists())
    finally:
        os.kill(old.pid, signal.SIGKILL)
        old.wait()
    ran: list[tuple[str, tuple[str | int, ...]]] = []

    def job(name: str) -> Job:
        async def run(*arguments: str | int) -> None:
            ran.append((name, arguments))

        return run

    jobs = {name: job(name) for name in ("send", "verify")}
    worker = Worker(prepared_sqlite_url, jobs, lock_file=tmp_path / "lock", polling=0.05)
    await worker.start([])
    try:
        await until_over(worker, "send-n1-1", "verify-n1-7")
    finally:
        await worker.stop()
    assert ran == [("verify", ("n1", 7))]
