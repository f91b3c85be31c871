"""Work that is enqueued inside the caller's own transaction."""

from dbos import DBOSClient, EnqueueOptions
from sqlalchemy.ext.asyncio import AsyncSession

from db.session import make_driver_engine, sync_url
from monitor.work.tasks import Task
from monitor.work.workflows import APPLICATION_VERSION


class Outbox:
    """Enqueues inside the caller's own transaction: the rows and the work commit together, or neither does."""

    def __init__(self, database_url: str) -> None:
        self._engine = make_driver_engine(database_url)
        self._client = DBOSClient(system_database_url=sync_url(database_url), system_database_engine=self._engine)

    async def enqueue(self, session: AsyncSession, task: Task) -> None:
        """Enqueue `task` when `session` commits."""
        options: EnqueueOptions = {
            "workflow_name": task.workflow,
            "queue_name": task.queue,
            "workflow_id": task.id,
            "app_version": APPLICATION_VERSION,
            "priority": task.priority,
        }
        if task.partition is not None:
            options["queue_partition_key"] = task.partition
        if task.delay:
            options["delay_seconds"] = task.delay
        await session.run_sync(lambda sync: self._client.enqueue_in_transaction(sync, options, *task.arguments))

    def close(self) -> None:
        """Close the connections."""
        self._client.destroy()
        self._engine.dispose()
