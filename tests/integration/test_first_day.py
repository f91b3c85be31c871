"""The demo's first day: forty cases that show every state, built through the domain's own calls, quickly."""

import asyncio
import re
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
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
from monitor.cases.intake import read_intake
from monitor.context.context import DomainContext
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

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Built:
    """The day, the parts behind it, and how long it took."""

    day: FirstDay
    services: Services
    seconds: float
    folder: Path
    home: str
    """Id of the organisation."""

    @property
    def context(self) -> DomainContext:
        """For whoever looks."""
        return self.services.context.acting(By.program("test"))


@asynccontextmanager
async def first_day(folder: Path) -> AsyncIterator[Built]:
    """Built in a folder, without any program."""
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
    began = time.process_time()
    try:
        day = await build(services, world, login="advocate", colleague="colleague", seed=1)
        seconds = time.process_time() - began
        async with services.database.read() as session:
            found = await advocate_known(session, "advocate")
        assert found is not None
        yield Built(day, services, seconds, folder, found.organisation_id)
    finally:
        await services.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def built(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Built]:
    """One for all of these tests: nothing here changes it."""
    async with first_day(tmp_path_factory.mktemp("first-day")) as made:
        yield made


async def test_there_are_forty_cases_and_every_state_is_shown_by_one(built: Built) -> None:
    """Derived from the enums: whoever adds a state adds a case that shows it."""
    assert len(built.day.cases) == 40
    async with built.services.database.read() as session:
        rows = (await session.scalars(select(Sighting))).all()
        notices = set(await session.scalars(select(Notice.state)))
        assert set(await session.scalars(select(Case.state))) == set(CaseState)
        assert {row.state for row in rows} == set(SightingState)
        assert {row.dismissal for row in rows} == {None, *Dismissal}
        assert notices == set(NoticeState)
        assert set(await session.scalars(select(Filing.answer))) == {None, *FilingAnswer}
        assert set(await session.scalars(select(CopyClosing.reason))) == set(Closing)
        stands = await standing_in(session, built.context, Scope(built.home))
    shown = {one.status.state for one in stands} | {CopyState.REMOVED for row in rows if row.removed_at}
    assert shown == set(CopyState)


async def test_what_was_built_is_what_the_programs_would_have_written(built: Built) -> None:
    """The ledger verifies, names whoever did each step, and holds no step before the one that it follows."""
    heads = built.folder / "ledger-heads.jsonl"
    keys = built.services.keys
    now = built.context.now()
    async with built.services.database.begin() as session:
        await seal_heads(session, keys, heads, now=now)
    async with built.services.database.read() as session:
        report = await verify_ledger(session, heads_file=heads, keys=keys, now=now, cases=True)
        assert report.faults == ()
        for case_id in await session.scalars(select(Case.id).where(Case.state != CaseState.ERASED)):
            told = await built.context.ledger.told(session, case_id)
            assert all(one.by is not None for one in told)
            times = [one.row.at for one in told]
            assert times == sorted(times)


async def test_nobody_has_a_name_and_every_address_is_made_up(built: Built) -> None:
    for case in built.day.cases:
        async with built.services.database.read() as session:
            row = await session.get_one(Case, case.case_id)
            if row.state == CaseState.ERASED:
                continue
            intake = read_intake(built.context, row)
        assert re.fullmatch(r"(서명|Signature) [0-9]+", intake.signature)
        assert intake.contact.endswith(".invalid")
