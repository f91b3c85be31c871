"""A worker process of its own, for tests that kill it: `python -m tests.support.work_process URL FOLDER MODE`.

Its jobs append a line to FOLDER/ran; in mode `hang` they never return, in mode `fail` they fail with a text that
must not get anywhere.
"""

import asyncio
import sys
from pathlib import Path

from monitor.core.logs import log_to_stderr
from monitor.work.worker import Worker


async def main(url: str, folder: Path, mode: str) -> None:
    """Work until killed."""

    async def job(*arguments: str | int) -> None:
        with (folder / "ran").open("a") as file:
            file.write(f"{mode} {arguments[0]}\n")
        if mode == "hang":
            await asyncio.sleep(600)
        if mode == "fail":
            raise ValueError(f"a caption of {arguments[0]}")

    log_to_stderr()
    worker = Worker(
        url, dict.fromkeys(("crawl", "read_link", "send", "verify", "escalate"), job), lock_file=folder / "lock"
    )
    await worker.start([])
    (folder / f"started-{mode}").touch()
    await asyncio.sleep(120)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3]))
