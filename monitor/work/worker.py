"""Durable work: this room is the only one that knows DBOS and APScheduler.

Each workflow is one step that does a job; what follows is enqueued by the job, in the transaction that writes its
result. The engine holds ids and numbers only; everything else is in our own tables. A job is written so that running
it again is harmless, because a worker may die between the job and its checkpoint.
"""

import asyncio
import logging
import os
import uuid
import zlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any

import psycopg
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from dbos import DBOS, DBOSConfig
from dbos._dbos import _get_dbos_instance
from sqlalchemy import make_url

from db.session import is_sqlite, make_driver_engine, sync_url
from monitor.core.errors import ConfigError
from monitor.work.tasks import CRAWLS, LATER, NOTICES, Task
from monitor.work.workflows import APPLICATION_VERSION, Job, enqueue, registered_jobs

log = logging.getLogger(__name__)
_LIVE = ["PENDING", "ENQUEUED", "DELAYED"]
_LOCK_LOST = 70


class Worker:
    """Runs the queues of one process, ticks, and on PostgreSQL adopts the work of processes that died."""

    def __init__(
        self,
        database_url: str,
        jobs: Mapping[str, Job],
        *,
        lock_file: Path,
        polling: float = 0.2,
        elsewhere: Callable[[], bool] = lambda: False,
    ) -> None:
        """`elsewhere`: whether another process has the accounts, so that the crawls are left to it; from a thread."""
        self._url = database_url
        self._elsewhere = elsewhere
        self._polling = polling
        self._lock_file = lock_file
        self._file: IO[str] | None = None
        self._guard: psycopg.Connection[Any] | None = None
        self._scheduler = AsyncIOScheduler()
        self._engine = make_driver_engine(database_url)
        self._id = "local" if is_sqlite(database_url) else f"worker-{uuid.uuid4().hex[:12]}"
        registered_jobs.clear()
        registered_jobs.update(jobs)

    @property
    def name(self) -> str:
        """Of this process, as long as it lives."""
        return self._id

    async def start(self, ticks: Iterable[tuple[Callable[[], Awaitable[None]], float]]) -> None:
        """Launch the queues, then call each tick every so many real seconds."""
        await asyncio.to_thread(self._take_lock)
        config: DBOSConfig = {
            "name": "jikimi",
            "system_database_url": sync_url(self._url),
            "system_database_engine": self._engine,
            "executor_id": self._id,
            "application_version": APPLICATION_VERSION,
            "log_level": "ERROR",
            "notification_listener_polling_interval_sec": 1.0,
        }
        DBOS(config=config)
        await asyncio.to_thread(DBOS.launch)
        self._leave_crawls()
        polling = self._polling
        await DBOS.register_queue_async(
            CRAWLS, partition_concurrency=1, worker_concurrency=4, polling_interval_sec=polling
        )
        await DBOS.register_queue_async(
            NOTICES, partition_limiter={"limit": 5, "period": 1.0}, worker_concurrency=4, polling_interval_sec=polling
        )
        await DBOS.register_queue_async(LATER, worker_concurrency=8, polling_interval_sec=polling)
        if self._guard is not None:
            self._scheduler.add_job(self._adopt, "interval", seconds=1, max_instances=1, coalesce=True)
        for tick, seconds in ticks:
            self._scheduler.add_job(tick, "interval", seconds=seconds, max_instances=1, coalesce=True)
        self._scheduler.start()

    async def stop(self) -> None:
        """Stop ticking and let go; unfinished work is taken up by the next start."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        await asyncio.to_thread(DBOS.destroy, workflow_completion_timeout_sec=5)
        # DBOS put its own thread pool into the loop and has just shut it down; closing the rest needs one.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())
        self._engine.dispose()
        if self._guard is not None:
            self._guard.close()
        if self._file is not None:
            self._file.close()

    async def enqueue(self, task: Task) -> None:
        """Enqueue outside any transaction; a task that is known already changes nothing."""
        await enqueue(task)

    async def live(self, task_ids: Iterable[str]) -> set[str]:
        """Which of these tasks are waiting or running."""
        ids = list(task_ids)
        if not ids:
            return set()
        found = await DBOS.list_workflows_async(workflow_ids=ids, status=_LIVE, load_input=False, load_output=False)
        return {workflow.workflow_id for workflow in found}

    async def forget_finished(self, older_than_s: float) -> int:
        """Delete finished workflows, so that the engine keeps no history. Returns how many."""
        before = (datetime.now(UTC) - timedelta(seconds=older_than_s)).isoformat()
        done = await DBOS.list_workflows_async(
            status=["SUCCESS", "ERROR", "CANCELLED"],
            completed_before=before,
            limit=1000,
            load_input=False,
            load_output=False,
        )
        ids = [workflow.workflow_id for workflow in done]
        if ids:
            await DBOS.delete_workflows_async(ids)
        return len(ids)

    def _leave_crawls(self) -> None:
        """Take crawls only while no other process has the accounts: one that takes turns with it would close and make
        the connection to the platform each time."""
        database = _get_dbos_instance()._sys_db  # private: DBOS is pinned, a test covers it
        take = database.start_queued_partitioned_workflows

        def take_unless_elsewhere(queue: Any, *arguments: Any, **named: Any) -> list[str]:
            return [] if queue.name == CRAWLS and self._elsewhere() else take(queue, *arguments, **named)

        database.start_queued_partitioned_workflows = take_unless_elsewhere  # type: ignore[method-assign]

    def _take_lock(self) -> None:
        """One process on SQLite (a locked file); on PostgreSQL a lock on this process's own fresh id."""
        if not is_sqlite(self._url):
            self._guard = _guard_connection(self._url)
            self._guard.execute("select pg_advisory_lock(%s)", (_lock_key(self._id),))
            return
        import fcntl

        self._file = self._lock_file.open("w")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ConfigError(
                f"another Jikimi already works on this SQLite database (lock {self._lock_file}); stop it first, or use "
                "PostgreSQL for several workers"
            ) from None

    async def _adopt(self) -> None:
        await asyncio.to_thread(self._adopt_dead)

    def _adopt_dead(self) -> None:
        """Take over the pending work of every process whose lock is free: it died."""
        guard = self._guard
        if guard is None:
            return
        try:
            rows = guard.execute(
                "select distinct executor_id from dbos.workflow_status where status = 'PENDING' and executor_id <> %s",
                (self._id,),
            ).fetchall()
            for (dead,) in rows:
                key = _lock_key(dead)
                row = guard.execute("select pg_try_advisory_lock(%s)", (key,)).fetchone()
                if row is not None and row[0]:
                    DBOS._recover_pending_workflows([dead])  # private: DBOS is pinned, a test covers it
                    guard.execute("select pg_advisory_unlock(%s)", (key,))
                    log.warning("adopted the work of a dead worker", extra={"worker": dead})
        except psycopg.Error:
            # The lock went with the connection: a peer may already run our work, so stop at once.
            log.critical("lost the lock connection; stopping")
            os._exit(_LOCK_LOST)


def _lock_key(executor_id: str) -> int:
    return zlib.crc32(executor_id.encode()) | (7 << 32)


def _guard_connection(url: str) -> psycopg.Connection[Any]:
    plain = make_url(url).set(drivername="postgresql").render_as_string(False)
    return psycopg.connect(plain, autocommit=True, keepalives_idle=10, keepalives_interval=5, keepalives_count=3)
