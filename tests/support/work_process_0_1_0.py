"""A worker as version 0.1.0 had it: `python -m tests.support.work_process_0_1_0 URL FOLDER`, for a test that kills it.

Its job returned the tasks that were to follow, which the workflow enqueued afterwards. Here it stops in between: the
checkpoint of the job is written, FOLDER/checkpointed says so, and what follows is not enqueued yet.
"""

import asyncio
import sys
from pathlib import Path
from typing import Any

from dbos import DBOS, DBOSConfig

from db.session import sync_url

FOLLOWING = {
    "id": "verify-n1-7",
    "workflow": "verify",
    "arguments": ("n1", 7),
    "queue": "later",
    "partition": None,
    "delay": 0.0,
}
"""The fields of a task, as that version checkpointed them."""


@DBOS.step(name="job")
async def _job(_workflow: str, _arguments: list[str | int]) -> list[dict[str, Any]]:
    return [FOLLOWING]


@DBOS.workflow(name="send")
async def _send(*arguments: str | int) -> int:
    following = await _job("send", list(arguments))
    (Path(sys.argv[2]) / "checkpointed").touch()
    await asyncio.sleep(600)
    return len(following)


async def main(url: str) -> None:
    """Work until killed."""
    config: DBOSConfig = {
        "name": "jikimi",
        "system_database_url": sync_url(url),
        "executor_id": "local",
        "application_version": "1",
        "log_level": "ERROR",
    }
    DBOS(config=config)
    await asyncio.to_thread(DBOS.launch)
    await DBOS.register_queue_async(
        "notices", partition_limiter={"limit": 5, "period": 1.0}, worker_concurrency=4, polling_interval_sec=0.05
    )
    await asyncio.sleep(120)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
