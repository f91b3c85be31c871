"""The web application on a loopback port with a fresh database, and people who use it: an advocate, a browser."""

import asyncio
import shutil
import socket
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyotp
import uvicorn
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect
from sqlalchemy import make_url, select
from sqlalchemy.ext.asyncio import AsyncSession

from api.app import create_app
from api.budgets import Budgets
from api.serving import without_delay
from db.models.people import Advocate, Organisation
from db.models.sightings import Sighting
from db.types import new_id
from monitor.app.bootstrap import Services, build_services
from monitor.app.first_start import ensure_master_key
from monitor.cases.advocates import add_advocate
from monitor.context.context import DomainContext
from monitor.evidence.by import By
from monitor.settings.loading import load_settings
from monitor.work.tasks import Task
from tests.support.quick_hasher import QUICK
from tests.support.tables import sqlite_template

PASSWORD = "a long test password"

expect.set_options(timeout=60_000)  # a busy machine is slow, and waits end as soon as they can
_running: list[Browser] = []
_ends = AsyncExitStack()


@dataclass
class PagesWorld:
    """A running application."""

    address: str
    services: Services
    tasks: list[Task]
    login: str = "advocate"
    totp_secret: str = ""
    codes_used: int = 0

    async def advocate(self) -> Advocate:
        """The advocate that the world begins with."""
        async with self.services.database.read() as session:
            return (await session.scalars(select(Advocate).where(Advocate.login == self.login))).one()

    async def move_advocate(self, organisation: str) -> None:
        """The advocate now works for another, new organisation."""
        async with self.services.database.begin() as session:
            home = Organisation(id=new_id(), name=organisation)
            session.add(home)
            await session.flush()
            (
                await session.scalars(select(Advocate).where(Advocate.login == self.login))
            ).one().organisation_id = home.id

    @property
    def context(self) -> DomainContext:
        """For what a job, or somebody before the test, would do."""
        return self.services.context.acting(By.program("test"))

    def code(self) -> str:
        """A one-time code that was not used yet: a code works once, so each call takes a later step (three at most)."""
        self.codes_used += 1
        left = 30 - datetime.now(UTC).timestamp() % 30
        if left < 4:  # it would be too old by the time that it arrives
            time.sleep(left)
        step = int(datetime.now(UTC).timestamp()) // 30 + self.codes_used - 2
        return pyotp.TOTP(self.totp_secret).generate_otp(step)

    async def sightings(self) -> list[Sighting]:
        """Every sighting there is."""
        async with self.services.database.read() as session:
            return list(await session.scalars(select(Sighting).order_by(Sighting.found_at, Sighting.post_id)))


SENDER = "Jikimi <notices@example.org>"


@asynccontextmanager
async def pages_world(folder: Path, budgets: Budgets | None = None, *, more: str = "") -> AsyncIterator[PagesWorld]:
    """The application without platforms and without a worker: what would be enqueued is remembered. `more`: further
    lines of its configuration, in which PORT stands for its port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        without_delay(listener)
        port = listener.getsockname()[1]
        config = folder / "config.toml"
        config.write_text(f'[web]\nlisten = "127.0.0.1:{port}"\n{more.replace("PORT", str(port))}', encoding="utf-8")
        settings = load_settings(config, {})
        template = await asyncio.to_thread(sqlite_template)  # it has an event loop of its own
        shutil.copy(template, str(make_url(settings.database.url).database))
        ensure_master_key(settings, {})
        services, tasks = build_services(settings, {}), list[Task]()
        services.keys.prepare()

        async def remember(_session: AsyncSession, task: Task) -> None:
            tasks.append(task)

        services = replace(
            services, context=replace(services.context, enqueue=remember, hasher=QUICK, mail_from=SENDER)
        )
        world = PagesWorld(f"http://127.0.0.1:{port}", services, tasks)
        async with services.database.begin() as session:
            world.totp_secret = await add_advocate(
                session,
                services.keys,
                login=world.login,
                name="Signing Advocate",
                organisation="Test Centre",
                password=PASSWORD,
                by=By.operator("test"),
                hasher=QUICK,
                now=datetime.now(UTC) - timedelta(days=30),
            )
        server = uvicorn.Server(
            uvicorn.Config(create_app(services, budgets), log_config=None, access_log=False, ws="none", lifespan="on")
        )
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            while not server.started:  # noqa: ASYNC110  # uvicorn offers a flag, no event
                await asyncio.sleep(0.01)
            yield world
        finally:
            server.should_exit = True
            await serving
            await services.close()


@asynccontextmanager
async def browser(path: str) -> AsyncIterator[Browser]:
    """A headless Chromium that reaches nothing but this machine: the one of this run, launched where none runs yet."""
    if not _running or not _running[0].is_connected():
        await close_browser()
        playwright = await _ends.enter_async_context(async_playwright())
        # Root needs --no-sandbox; the rest keeps the browser from calling home.
        arguments = [
            "--no-sandbox",
            "--disable-background-networking",
            "--host-resolver-rules=MAP * 127.0.0.1",
        ]
        _running.append(await playwright.chromium.launch(executable_path=path, args=arguments))
        _ends.push_async_callback(_running[0].close)
    yield _running[0]


async def close_browser() -> None:
    """End the browser of this run."""
    _running.clear()
    await _ends.aclose()


@asynccontextmanager
async def visitor(started: Browser, world: PagesWorld, **options: Any) -> AsyncIterator[tuple[BrowserContext, Page]]:
    """A fresh visitor, English unless told otherwise; every error of a script or of the policy fails the test."""
    context = await started.new_context(**{"locale": "en-GB", "base_url": world.address, **options})
    context.set_default_timeout(60_000)
    page, faults = await context.new_page(), list[str]()
    page.on("pageerror", lambda error: faults.append(f"script: {error}"))
    page.on("console", lambda message: faults.append(message.text) if "Content Security" in message.text else None)
    try:
        yield context, page
        assert faults == []
    finally:
        # An answer on its way through a test's hands when the context goes would fail whatever comes next.
        for one in context.pages:
            await one.unroute_all(behavior="ignoreErrors")
        await context.unroute_all(behavior="ignoreErrors")
        await context.close()


@asynccontextmanager
async def visiting(folder: Path, path: str, **options: Any) -> AsyncIterator[tuple[PagesWorld, Page]]:
    """A world with one visitor in it."""
    async with (
        pages_world(folder) as world,
        browser(path) as started,
        visitor(started, world, **options) as (_, page),
    ):
        yield world, page


async def log_in(page: Page, world: PagesWorld) -> None:
    """Log the advocate in through the real form."""
    await page.goto("/advocate/login")
    await page.locator("#login").fill(world.login)
    await page.locator("#password").fill(PASSWORD)
    await page.locator("#code").fill(world.code())
    await page.locator("main form button:not([type=button])").click()
