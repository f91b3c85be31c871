"""Runs of the demo for acceptance tests: the same programs and doubles as `make demo`, in a folder of their own."""

import asyncio
import contextlib
import io
import json
import os
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Self

import pytest

from monitor.demo import __main__ as demo_command
from monitor.demo.driver import INTAKES, whole_intake
from monitor.demo.outcome import DemoOutcome
from monitor.demo.run import FAST, DemoRun
from monitor.demo.world.pictures import Sample
from monitor.demo.world.plan import PLACES
from monitor.fingerprints.image import hash_picture
from tests.support.demo_kills import play_with_kills

SPEED = 2 * FAST
"""48 hours in 12 seconds: nobody watches, and programs that wait for a deadline are not idle."""


def environment(database_url: str) -> dict[str, str]:
    """This process's environment with that database; an SQLite one is the demo's own file."""
    inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return inherited if database_url.startswith("sqlite") else inherited | {"DATABASE_URL": database_url}


def demo(
    folder: Path, database_url: str, *, seed: int = 1, samples: Sequence[Sample] | None = None, speed: float = SPEED
) -> DemoRun:
    """A run to enter with `async with`."""
    return DemoRun(folder, seed=seed, speed=speed, environment=environment(database_url), samples=samples)


async def until(ask: Callable[[], Awaitable[bool]], *, seconds: float = 240.0) -> None:
    """Wait until it is so; TimeoutError when it never is."""
    async with asyncio.timeout(seconds):
        while not await ask():  # noqa: ASYNC110 - what is asked is another process
            await asyncio.sleep(0.1)


@dataclass(frozen=True)
class FinishedDemo:
    """What a run to the end left behind, for several tests to look at."""

    outcome: DemoOutcome
    database_url: str
    logs: tuple[Path, ...]
    seed: int
    known: Mapping[str, str]
    """What must stay secret, by what it is."""
    killed: int = 0
    """How often a program was killed at random."""


def finish_though_killed(folder: Path, database_url: str, *, seed: int) -> FinishedDemo:
    """Play a run to its end while its programs are killed, three times at random and twice where it hurts."""

    async def whole() -> FinishedDemo:
        async with demo(folder, database_url, seed=seed) as run:
            result, killed = await play_with_kills(run, Random(4), kills=3)
            logs = tuple(run.programs.log(name) for name in run.programs.names)
            url = f"sqlite+aiosqlite:///{folder / 'jikimi.sqlite'}" if run.sqlite else database_url
            return FinishedDemo(result, url, logs, seed, known_strings(run), killed)

    return asyncio.run(whole())


def left_unfinished(folder: Path, *, seed: int) -> None:
    """Begin a demo on SQLite and end it in the middle: people came, nothing was found yet."""

    async def begun() -> None:
        async with demo(folder, "sqlite", seed=seed) as run:
            await run.driver.prepare()

    asyncio.run(begun())


def finish_by_command(folder: Path, *, seed: int) -> FinishedDemo:
    """What `make demo ONCE=1` runs, on SQLite, entered where it is entered there."""
    seen: list[DemoRun] = []

    class Remembered(DemoRun):
        async def __aenter__(self) -> Self:
            seen.append(self)
            return await super().__aenter__()

    printed, complaints = io.StringIO(), io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(complaints),
    ):
        patch.setattr(demo_command, "DemoRun", Remembered)
        patch.setattr(sys, "argv", ["monitor.demo", "--once", "--data", str(folder), "--seed", str(seed)])
        patch.delenv("DATABASE_URL", raising=False)
        code = demo_command.main()
    (run,) = seen
    missing = () if code == 0 else (f"the command ended with {code}", *complaints.getvalue().splitlines())
    return FinishedDemo(
        DemoOutcome(json.loads(printed.getvalue().splitlines()[-1]), missing),
        f"sqlite+aiosqlite:///{folder / 'jikimi.sqlite'}",
        tuple(run.programs.log(name) for name in run.programs.names),
        seed,
        known_strings(run),
    )


def known_strings(run: DemoRun) -> dict[str, str]:
    """Every link, handle, caption, hash, contact and secret of a run."""
    known = {f"handle {place.handle}": place.handle for place in PLACES}
    known |= {"link to Telegram": "t.me/", "link to X": "x.com/", "form": run.world.x.form_url}
    for link, post in run.world.posted.items():
        known[f"caption of {link.post_id}"] = post.caption
        if link.platform == "x":
            known[f"post id {link.post_id}"] = link.post_id
    copies = [post.sample.data for post in run.world.planned if post.sample.copy_of is not None]
    for number, data in enumerate((*run.world.persons, *copies)):
        seen = hash_picture(data)
        known |= {f"hash {number}.{view.name}.{view.orientation}": view.hash.hex for view in seen.views}
        known |= {f"phash {number}": seen.phash.hex(), f"sha256 {number}": seen.sha256}
    # What is kept of what sources showed is mostly about pictures of nobody here.
    for number, post in enumerate(run.world.planned):
        if post.sample.copy_of is None:
            seen = hash_picture(post.sample.data)
            known |= {f"hash of shown {number}": seen.whole.hex, f"sha256 of shown {number}": seen.sha256}
    for number, intake in enumerate(INTAKES):
        whole = whole_intake(intake, number)
        for name in ("signature", "contact", "good_faith_facts", "content_identification"):
            known[f"{name} of {number}"] = whole[name]
    for person in run.driver.persons:
        known |= {f"passphrase {person.number}": person.passphrase, f"token {person.number}": person.api.token or ""}
    known |= {"advocate's token": run.driver.advocate.token or "", "advocate's name": "Demo Advocate"}
    known |= {"password": run.visitor.password, "code secret": run.visitor.totp_secret}
    return known
