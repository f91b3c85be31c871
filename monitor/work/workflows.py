"""The workflows: each is one step that does a job. What follows a job it enqueues itself, with its result."""

import logging
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from dbos import DBOS, SetEnqueueOptions, SetWorkflowID

from monitor.core.errors import JikimiError
from monitor.work.tasks import Task

log = logging.getLogger(__name__)

Job = Callable[..., Awaitable[None]]
APPLICATION_VERSION = "1"
"""Recovery is bound to it: raise it only together with new workflow names."""
WORKFLOWS = (
    *(
        "crawl",
        "look_back",
        "recheck",
        "read_link",
        "send",
        "send_letter",
        "verify",
        "escalate",
        "follow",
        "resend",
        "observe",
    ),
    *("mail_code", "send_reply", "call_platform", "report_place"),
    "package",
    "news_mail",
)
registered_jobs: dict[str, Job] = {}


class JobFailed(JikimiError):
    """A job failed; the log says where."""


@DBOS.step(name="job")
async def _job(workflow: str, arguments: list[str | int]) -> list[dict[str, Any]] | None:
    """Run one job. Only checkpoints of version 0.1.0 hold anything: the fields of tasks that were to follow."""
    try:
        await registered_jobs[workflow](*arguments)
    except Exception as error:  # one whole job: the engine stores and prints what it is given
        log.error("job failed", extra={"workflow": workflow, "about": arguments[0]}, exc_info=error)
        raise JobFailed(type(error).__name__) from None
    return None


async def _run(workflow: str, arguments: list[str | int]) -> int:
    following = await _job(workflow, arguments) or ()
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
    """Enqueue outside any transaction; a task that is known already changes nothing."""
    options: dict[str, Any] = {"priority": task.priority}
    if task.partition is not None:
        options["queue_partition_key"] = task.partition
    if task.delay:
        options["delay_seconds"] = task.delay
    with SetWorkflowID(task.id), SetEnqueueOptions(**options):
        await DBOS.enqueue_workflow_async(task.queue, _workflows[task.workflow], *task.arguments)
