"""One demo from an empty folder to running programs: the world, the configuration, the advocates, `serve`."""

import contextlib
import os
import secrets
import socket
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

import httpx
from sqlalchemy import exists, inspect, select

from db.models.cases import Case
from db.session import Database, is_sqlite, make_sync_engine
from monitor.app.bootstrap import build_services
from monitor.app.first_start import prepare_first_start
from monitor.cases.advocates import add_advocate
from monitor.core.clock import Clock
from monitor.core.errors import ConfigError
from monitor.demo.config_writing import environment_of, write_config, write_session
from monitor.demo.driver import AdvocateAccount, Driver
from monitor.demo.first_day.building import FirstDay, build
from monitor.demo.folder import DemoFolder
from monitor.demo.processes import Programs
from monitor.demo.world.pictures import Sample
from monitor.demo.world.world import DemoWorld
from monitor.evidence.by import By
from monitor.keys.envelope import load_master_key
from monitor.keys.store import KeyStore
from monitor.settings.loading import load_settings
from monitor.settings.model import Settings
from monitor.work.outbox import Outbox

FAST = 7200.0
"""Two hours of the domain in a second: 48 hours in 24 seconds."""
UNHURRIED = 240.0
"""For people who click: an hour in a quarter of a minute, 48 hours in twelve minutes."""
UNDO_SECONDS = 15.0
"""So long they can take back what they sent: a minute of that clock is over before the page is there."""
ORGANISATION = "Demo Centre"
VISITOR, COLLEAGUE = "advocate", "colleague"
"""Logins of whoever looks around, and of the advocate whose work is stopped on the first day."""


class DemoRun:
    """`async with DemoRun(folder, seed=1) as run:` everything runs; `run.driver` plays the people."""

    world: DemoWorld
    programs: Programs
    driver: Driver
    visitor: AdvocateAccount
    """An advocate for whoever wants to look around; the driver has another."""
    staff: AdvocateAccount
    config: Path
    address: str
    sqlite: bool
    day: FirstDay | None = None
    """The forty cases of the first day, where somebody wanted them."""

    def __init__(
        self,
        folder: Path,
        *,
        seed: int = 1,
        speed: float = FAST,
        environment: Mapping[str, str] = os.environ,
        samples: Sequence[Sample] | None = None,
        port: int = 0,
        workers: int = 2,
        first_day: bool = False,
    ) -> None:
        """`environment`: DATABASE_URL in it chooses the database. `samples`: other pictures than the seed's.
        `workers`: how many programs share a PostgreSQL. `first_day`: whether forty cases stand there already."""
        self._first_day = first_day
        self._folder, self._seed, self._speed, self._samples, self._port = folder, seed, speed, samples, port
        self._workers = workers
        self.environment = environment_of(environment)
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:  # cancelling too: no program of the demo stays behind
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def _start(self) -> None:
        folder = DemoFolder(self._folder)
        self._stack.callback(folder.close)
        clock = Clock(self._speed, datetime.now(UTC), undo_seconds=UNDO_SECONDS if self._first_day else 0.0)
        self.world = self.make_world(clock)
        await self._stack.enter_async_context(self.world)
        # Open from here to the end, and handed to `serve`: no other demo, nor anything else, can come in between.
        listener = self._stack.enter_context(listening(self._port))
        port = int(listener.getsockname()[1])
        self.address = f"http://127.0.0.1:{port}"
        self.config = self.write_config(folder.path, clock, port=port)
        await write_session(folder.path, self.world)
        settings = load_settings(self.config, self.environment)
        self.sqlite = is_sqlite(settings.database.url)
        _refuse_used(settings.database.url)
        prepare_first_start(settings, self.environment)
        self.staff, self.visitor = await _make_advocates(settings, self.environment, ("demo-staff", VISITOR))
        if self._first_day:
            self.day = await self._build(settings)
        workers = 1 if self.sqlite else self._workers
        self.programs = Programs(self.config, self.address, listener, environment=self.environment, workers=workers)
        self._stack.push_async_callback(self.programs.stop)
        await self.programs.start()
        if self.day is not None:
            await self._hand_over(settings, self.day)
        http = httpx.AsyncClient(base_url=self.address, trust_env=False, timeout=30.0)
        await self._stack.enter_async_context(http)
        self.http = http
        self.driver = Driver(self.world, http, self.staff)

    async def _build(self, settings: Settings) -> FirstDay:
        """Before any program runs: on SQLite nobody else works with the database meanwhile."""
        await _make_advocates(settings, self.environment, (COLLEAGUE,))
        services = build_services(settings, self.environment)
        try:
            return await build(services, self.world, login=self.visitor.login, colleague=COLLEAGUE, seed=self._seed)
        finally:
            await services.close()

    async def _hand_over(self, settings: Settings, day: FirstDay) -> None:
        """What follows is the programs' to do. Their queue is there now."""
        database, outbox = Database(settings.database.url), Outbox(settings.database.url)
        try:
            async with database.begin() as session:
                for task in day.tasks:
                    await outbox.enqueue(session, task)
        finally:
            outbox.close()
            await database.close()

    def make_world(self, clock: Clock) -> DemoWorld:
        """The world that is played."""
        return DemoWorld(clock, seed=self._seed, samples=self._samples)

    def write_config(self, folder: Path, clock: Clock, *, port: int) -> Path:
        """The configuration of the programs."""
        return write_config(folder, self.world, clock, port=port)


def _refuse_used(url: str) -> None:
    """Raises ConfigError for a database that holds cases; before anything in it is touched, tables included."""
    engine = make_sync_engine(url)
    try:
        with engine.connect() as connection:
            used = inspect(connection).has_table(Case.__tablename__) and connection.scalar(
                select(exists().select_from(Case))
            )
    finally:
        engine.dispose()
    if used:
        raise ConfigError(
            "the database of DATABASE_URL holds cases already; give the demo an empty one (CREATE DATABASE "
            "jikimi_demo), or unset DATABASE_URL to use a file"
        )


async def _make_advocates(
    settings: Settings, environment: Mapping[str, str], logins: Sequence[str]
) -> list[AdvocateAccount]:
    """Of one centre; each one-time code works once only, so whoever drives the demo has a log-in of their own."""
    keys = KeyStore(settings.security.keys_url, load_master_key(settings.security.master_key_file, environment))
    keys.prepare()
    database = Database(settings.database.url)
    try:
        accounts = []
        for login in logins:
            password = secrets.token_urlsafe(12)
            # A transaction each: whoever writes to the installation's chain has locked the ledger, and locks no more.
            async with database.begin() as session:
                totp_secret = await add_advocate(
                    session,
                    keys,
                    login=login,
                    name=f"Demo Advocate ({login})",
                    organisation=ORGANISATION,
                    password=password,
                    by=By.operator("demo"),
                    now=settings.clock.clock().now(),
                    lead=login == VISITOR,
                )
            accounts.append(AdvocateAccount(login, password, totp_secret))
    finally:
        await database.close()
        keys.close()
    return accounts


def listening(preferred: int = 0) -> socket.socket:
    """A socket that listens on 127.0.0.1: on the port `preferred` when nobody has it."""
    for wanted in (preferred, 0):
        with contextlib.suppress(OSError):
            return socket.create_server(("127.0.0.1", wanted))
    raise ConfigError("127.0.0.1 has no free port")
