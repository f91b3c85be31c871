"""The workflows: each is one step that does a job, then enqueues what the job asks for."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import asdict
from typing import Any

from dbos import DBOS, SetEnqueueOptions, SetWorkflowID

from monitor.work.tasks import Task

Job = Callable[..., Awaitable[tuple[Task, ...]]]
APPLICATION_VERSION = "1"
"""Recovery is bound to it: raise it only together with new workflow names."""
WORKFLOWS = ("crawl", "look_back", "recheck", "read_link", "send", "verify", "escalate")
registered_jobs: dict[str, Job] = {}


@DBOS.step(name="job")
async def _job(workflow: str, arguments: list[str | int]) -> list[dict[str, Any]]:
    """Run one job; what follows is returned as plain dictionaries, so that the checkpoint survives refactoring."""
    return [asdict(task) for task in await registered_jobs[workflow](*arguments)]


async def _run(workflow: str, arguments: list[str | int]) -> int:
    following = await _job(workflow, arguments)
    for fields in following:
        await enqueue(Task(**fields))
    return len(following)


def _workflow(name: str) -> Callable[..., Coroutine[Any, Any, int]]:
    async def body(*arguments: str | int) -> int:
        return await _run(name, list(arguments))

    body.__qualname__ = body.__name__ = name
    return DBOS.workflow(name=name)(body)


_workflows = {name: _workflow(name) for name in WORKFLOWS}


async def enqueue(task: Task) -> None:
    options: dict[str, Any] = {}
    if task.partition is not None:
        options["queue_partition_key"] = task.partition
    if task.delay:
        options["delay_seconds"] = task.delay
    with SetWorkflowID(task.id), SetEnqueueOptions(**options):
        await DBOS.enqueue_workflow_async(task.queue, _workflows[task.workflow], *task.arguments)
