"""A worker process that really sends, for tests that kill it: `python -m tests.support.send_process URL FOLDER PORT`.

Its mails go to a catcher on PORT of loopback; keys and the lock of SQLite lie in FOLDER.
"""

import asyncio
import sys
from pathlib import Path

from monitor.app.bootstrap import build_services
from monitor.core.logs import log_to_stderr
from monitor.delivery.smtp import SmtpDelivery
from monitor.delivery.smtp_session import SmtpServer
from monitor.evidence.by import By
from monitor.jobs.send import Sender
from monitor.settings.loading import parse_settings
from monitor.work.worker import Worker
from monitor.work.workflows import Job


async def _nothing(*_: str | int) -> None:
    """What follows a notice is not the subject."""


async def main(url: str, folder: Path, port: int) -> None:
    """Work until killed."""
    log_to_stderr()
    services = build_services(parse_settings({"database": {"url": url}}, folder / "config.toml", {}), {})
    mail = SmtpDelivery(SmtpServer("127.0.0.1", port, starttls=False), sender="notices@example.org", bcc=None)
    sender = Sender(services.database, services.context.acting(By.program("send")), {"smtp": mail})
    jobs: dict[str, Job] = {"send": sender.send}
    jobs |= dict.fromkeys(("crawl", "read_link", "verify", "escalate"), _nothing)
    worker = Worker(url, jobs, lock_file=folder / "lock", polling=0.1)
    await worker.start([])
    (folder / "started").touch()
    await asyncio.sleep(120)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
