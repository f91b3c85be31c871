"""`python -m monitor.demo [--once] [--data DIR] [--seed N]`: the whole chain on loopback."""

# ruff: noqa: T201 - a command speaks by printing

import argparse
import asyncio
import contextlib
import json
import signal
import sys
import time
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pyotp

from monitor.core.errors import JikimiError
from monitor.demo.front_page import FrontPage, ShownCase, Welcome
from monitor.demo.korean_case import korean_case
from monitor.demo.minors_case import minors_case, open_minors_case
from monitor.demo.outcome import EXPECTED, outcome
from monitor.demo.run import FAST, UNHURRIED, DemoRun

LIMIT_SECONDS = 240.0
"""Real seconds for the whole chain; it takes about a minute."""
REUPLOAD_SECONDS = 60.0
"""Real seconds for a picture that is posted again; it takes about five."""
MINOR_SECONDS = 60.0
"""Real seconds for the fourth person's case; it takes about ten."""
KOREAN_SECONDS = 60.0
"""Real seconds for the Korean way; it takes about twenty."""
WEB_PORT = 8000


def main() -> int:
    """Exit code 0 when everything happened that should."""
    parser = argparse.ArgumentParser(prog="python -m monitor.demo", description="the whole chain on this machine")
    parser.add_argument("--once", action="store_true", help="run to verified removals, print a JSON summary, end")
    parser.add_argument("--data", type=Path, default=Path(".demo"), metavar="DIR", help="where its files go")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="other pictures, edits and times")
    arguments = parser.parse_args()
    play = _once if arguments.once else _live
    try:
        return asyncio.run(_until_told(play(arguments.data, arguments.seed)))
    except JikimiError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 2
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 130


async def _until_told(play: Coroutine[Any, Any, int]) -> int:
    """Ctrl-C and `kill` both end in order, so that no program stays behind."""
    task = asyncio.create_task(play)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, task.cancel)
    return await task


async def _once(data: Path, seed: int) -> int:
    began = time.monotonic()
    async with DemoRun(data, seed=seed, speed=FAST) as run:
        _say(f"The demo's files and logs are in {run.config.parent}; the web application is at {run.address}")
        await run.driver.prepare()
        _say("Three people opened cases, registered a picture each and agreed to four sources. Watching ...")
        summary = await run.driver.work_until_done(EXPECTED, seconds=LIMIT_SECONDS)
        result = await outcome(run, summary)
        _say("A fourth person was under age when pictured: their helper takes it to those who act. Watching ...")
        minor = await minors_case(run, seconds=MINOR_SECONDS)
        _say("An adult in Korea knows of one more copy, and goes the Korean way to the Commission. Watching ...")
        korean = await korean_case(run, seconds=KOREAN_SECONDS)
        _say("A reported picture is posted again, and both sides let it be reported by itself. Watching ...")
        # After the figures above were judged: it is one post and one report more.
        later = minor | korean | {"reuploads": await run.driver.see_reupload(seconds=REUPLOAD_SECONDS)}
    missing = [*result.missing, *(f"{name} is 0" for name, value in later.items() if not value)]
    for line in missing:
        print(f"missing: {line}", file=sys.stderr)
    print(
        json.dumps(result.summary | later | {"seed": seed, "seconds": round(time.monotonic() - began, 1)}), flush=True
    )
    return 1 if missing else 0


async def _live(data: Path, seed: int) -> int:
    _say("Opening forty cases ...")
    async with DemoRun(data, seed=seed, speed=UNHURRIED, port=WEB_PORT, first_day=True) as run:
        await run.driver.prepare()
        await open_minors_case(run, seconds=MINOR_SECONDS)
        async with FrontPage(_welcome(run)) as page:
            _say(_told(run, page.address))
            while True:
                run.programs.check()
                await _show_code(run.visitor.totp_secret)


def _welcome(run: DemoRun) -> Welcome:
    day, visitor = run.day, run.visitor
    return Welcome(
        application=run.address,
        login=visitor.login,
        password=visitor.password,
        totp_secret=visitor.totp_secret,
        form=run.world.x.form_url,
        cases=[ShownCase(one.case_id, one.title, one.opens) for one in day.cases] if day else [],
        passphrase=day.passphrase if day else "",
    )


def _told(run: DemoRun, front_page: str) -> str:
    person = run.driver.persons[0]
    logs = ", ".join(str(run.programs.log(name)) for name in run.programs.names)
    return f"""
The demo runs. Everything is on this machine, every picture is painted by a program, and an hour passes in 15 seconds.

  Begin here       {front_page} (log-in, the one-time code of the moment, all cases)
  Web application  {run.address}
  As the advocate  {run.address}/advocate   login {run.visitor.login}   password {run.visitor.password}
  As a person      case {person.case_id}   passphrase: {person.passphrase}
  X's form         {run.world.x.form_url}
  Logs             {logs}

Forty cases stand in every state there is. Four more are live: three people registered a picture each, and twelve
copies come in over the next minutes; a fourth person was under age when pictured. Ctrl-C ends the demo.
"""


async def _show_code(secret: str) -> None:
    """On a terminal the current code stays in sight; elsewhere it is printed once for each half minute."""
    totp = pyotp.TOTP(secret)
    left = totp.interval - time.time() % totp.interval
    if sys.stdout.isatty():
        print(f"\r  one-time code {totp.now()} for another {left:2.0f} s ", end="", flush=True)
        await asyncio.sleep(1.0)
        return
    _say(f"one-time code {totp.now()} for another {left:.0f} s")
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(asyncio.Event().wait(), left)


def _say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main())
