"""The demo's first day: forty cases that show every state, built through the domain's own calls, quickly."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest_asyncio
from sqlalchemy import select

from db.models.cases import Case
from db.models.copies import CopyClosing, Filing
from db.models.notices import Notice
from db.models.sightings import Sighting
from db.queries.copies import Scope
from db.queries.people import advocate_known
from monitor.actions.copies import standing_in
from monitor.app.bootstrap import Services, build_services
from monitor.app.first_start import ensure_master_key
from monitor.cases.advocates import add_advocate
from monitor.core.clock import Clock
from monitor.demo.first_day.building import FirstDay, build
from monitor.demo.world.pictures import Sample
from monitor.demo.world.world import DemoWorld
from monitor.evidence.by import By
from monitor.evidence.seals import seal_heads
from monitor.evidence.verify import verify_ledger
from monitor.model.copies import Closing, FilingAnswer
from monitor.model.notice_states import NoticeState
from monitor.model.states import CaseState, Dismissal, SightingState
from monitor.notices.copy_state import CopyState
from monitor.platforms.base import PlatformName
from monitor.settings.loading import parse_settings
from tests.support.quick_hasher import QUICK
from tests.support.tables import sqlite_template


@dataclass
class Built:
    """The day, the parts behind it, and how long it took."""

    day: FirstDay
    services: Services
    seconds: float
    folder: Path


@asynccontextmanager
async def first_day(folder: Path) -> AsyncIterator[Built]:
    template = await asyncio.to_thread(sqlite_template)  # it has an event loop of its own
    shutil.copy(template, folder / "jikimi.sqlite")
    values = {
        "database": {"url": "sqlite:///jikimi.sqlite"},
        "notices": {"recipients": {"us_tida": "safety@telegram.invalid", "x_tida": "http://127.0.0.1:9/form"}},
        "smtp": {"host": "127.0.0.1", "port": 9, "starttls": False, "from": "notices@centre.invalid"},
    }
    settings = parse_settings(values, folder / "config.toml", {})
    ensure_master_key(settings, {})
    services = build_services(settings, {})
    services.keys.prepare()
    accounts = {name.value: name.value for name in PlatformName}
    services = replace(services, context=replace(services.context, hasher=QUICK, accounts=accounts))
    for login in ("advocate", "colleague"):
        async with services.database.begin() as session:
            await add_advocate(
                session,
                services.keys,
                login=login,
                name=f"Demo {login}",
                organisation="Demo Centre",
                password="a long demo password",
                by=By.operator("demo"),
                hasher=QUICK,
                now=datetime.now(UTC),
            )
    world = DemoWorld(Clock(240.0, datetime.now(UTC)), samples=[Sample("one.jpg", b"", 0, "none")])
    began = time.monotonic()
    try:
        day = await build(services, world, login="advocate", colleague="colleague", seed=1)
        yield Built(day, services, time.monotonic() - began, folder)
    finally:
        await services.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def built(tmp_path_factory) -> AsyncIterator[Built]:
    async with first_day(tmp_path_factory.mktemp("first-day")) as made:
        print("SECONDS", made.seconds)
        yield made


import pytest

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_every_state_is_shown_by_a_case(built: Built) -> None:
    print(built.seconds, len(built.day.cases), len(built.day.tasks))
