"""Running Jikimi: the web application and a worker in one event loop, until told to stop."""

import asyncio
import contextlib
import gc
import logging
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from monitor import __version__
from monitor.app.bootstrap import Services, build_services, build_worker
from monitor.app.first_start import prepare_first_start
from monitor.app.lost_routes import refuse_lost_routes
from monitor.app.settings_note import note_settings
from monitor.core.logs import log_to_stderr
from monitor.settings.loading import load_settings
from monitor.work.pulses import farewell

Front = Callable[[Services, asyncio.Event], Awaitable[None]]
"""Serves until the event is set."""

log = logging.getLogger(__name__)


async def run(config: Path, front: Front | None = None) -> None:
    """Run the worker and `front`, the web application, until SIGTERM or SIGINT.

    Raises JikimiError when the configuration does not allow a start.
    """
    log_to_stderr()
    # Before anything can fail: whoever reads a log learns first which version wrote it.
    log.info("starting", extra={"version": __version__})
    settings = load_settings(config)
    written = await asyncio.to_thread(prepare_first_start, settings)
    if written is not None:
        print(  # noqa: T201  # said to the operator, once
            f"A new master key was written to {written} (mode 0600). Keep a copy of it apart from the database's "
            "backups: without it nothing can be read, with it everything can.",
            flush=True,
        )
    stop = _told_to_stop()
    services = build_services(settings)
    try:
        await refuse_lost_routes(services.database)
    except BaseException:  # being stopped too: nothing of a start that is refused stays open
        await services.close()
        raise
    await note_settings(services)
    worker, ticks = build_worker(services)
    await worker.start(ticks.schedule())
    log.info("worker started")
    # What is loaded by now stays to the end: the search for garbage need not look at it again and again.
    gc.collect()
    gc.freeze()
    try:
        await (stop.wait() if front is None else front(services, stop))
    finally:
        await worker.stop()
        try:
            # What the last seconds wrote would have no seal for as long as the program rests, and be taken for a fault.
            await ticks.seal()
        except (SQLAlchemyError, OSError) as error:
            log.error("ledger not sealed at the end", extra={"reason": type(error).__name__})
        with contextlib.suppress(SQLAlchemyError, OSError):  # what cannot be written is missed, and said
            await farewell(services.database, worker.name)
        await services.close()
        log.info("stopped")


def _told_to_stop() -> asyncio.Event:
    """Set by the first signal. SIGTERM said again changes nothing; a second Ctrl+C ends the process at once."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()

    def interrupted() -> None:
        stop.set()
        loop.remove_signal_handler(signal.SIGINT)

    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGINT, interrupted)
    return stop
