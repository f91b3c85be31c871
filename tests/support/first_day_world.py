"""The demo's first day without its programs: the forty cases, the application over them, a logged-in advocate."""

import asyncio
import re
import shutil
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pyotp

from api.app import create_app
from db.queries.people import advocate_known
from monitor.app.bootstrap import Services, build_services
from monitor.app.first_start import ensure_master_key
from monitor.cases.advocates import add_advocate
from monitor.context.context import DomainContext
from monitor.core.clock import Clock
from monitor.demo.first_day.building import FirstDay, build
from monitor.demo.world.pictures import Sample
from monitor.demo.world.world import DemoWorld
from monitor.evidence.by import By
from monitor.platforms.base import PlatformName
from monitor.settings.loading import parse_settings
from tests.support.page_text import PageText, page_text
from tests.support.quick_hasher import QUICK
from tests.support.tables import sqlite_template

PASSWORD = "a long demo password"
LOGIN, COLLEAGUE = "advocate", "colleague"
MORE = {"/advocate/notices/ID": 20, "/advocate/copies/ID": 12}
"""Kinds of pages that look different in each state, and how many of them are walked at most."""
_OTHERS = ("/advocate/help", "/advocate/log-out")
_FILE = re.compile(r"/(?:pdf|text|[\w-]+\.(?:csv|xlsx|json|pdf|txt))(?:\?|$)")
"""What is downloaded: no page."""
_ID = re.compile(r"[a-z2-7]{26}")


@dataclass
class Built:
    """The day, the parts behind it, and how long it took."""

    day: FirstDay
    services: Services
    seconds: float
    """Of the processor."""
    folder: Path
    home: str
    """Id of the organisation."""
    http: httpx.AsyncClient
    token: str = field(default="", repr=False)

    @property
    def context(self) -> DomainContext:
        """For whoever looks."""
        return self.services.context.acting(By.program("test"))

    async def page(self, address: str, language: str) -> httpx.Response:
        """As the advocate's browser gets it."""
        headers = {"Cookie": f"jikimi_login={self.token}", "Accept-Language": language}
        return await self.http.get(address, headers=headers)

    async def walk(self, language: str, *, most: int) -> AsyncIterator[tuple[str, str, PageText]]:
        """Every page that links lead to from the first one, at most so many of a kind: address, HTML and text."""
        waiting, seen, kinds = ["/advocate"], {"/advocate"}, dict[str, int]()
        while waiting:
            address = waiting.pop(0)
            answer = await self.page(address, language)
            assert answer.status_code == 200, (address, answer.status_code)
            if not answer.headers["content-type"].startswith("text/html"):
                continue
            told = page_text(answer.text, language)
            yield address, answer.text, told
            for link in _inside(told.links):
                kind = _ID.sub("ID", link)
                if link not in seen and kinds.get(kind, 0) < MORE.get(kind, most):
                    seen.add(link)
                    kinds[kind] = kinds.get(kind, 0) + 1
                    waiting.append(link)


def _inside(links: Iterable[str]) -> list[str]:
    """Pages of advocates, without the part of the page, and not the same one in another language."""
    plain = (link.partition("#")[0] for link in links if link.startswith("/advocate"))
    return [link for link in plain if "lang=" not in link and not link.startswith(_OTHERS) and not _FILE.search(link)]


@asynccontextmanager
async def first_day(folder: Path) -> AsyncIterator[Built]:
    """Built in a folder, on an SQLite file."""
    template = await asyncio.to_thread(sqlite_template)  # it has an event loop of its own
    await asyncio.to_thread(shutil.copy, template, folder / "jikimi.sqlite")
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
    try:
        secret = await _advocates(services)
        world = DemoWorld(Clock(240.0, datetime.now(UTC)), samples=[Sample("one.jpg", b"", 0, "none")])
        began = time.process_time()
        day = await build(services, world, login=LOGIN, colleague=COLLEAGUE, seed=1)
        seconds = time.process_time() - began
        async with services.database.read() as session:
            found = await advocate_known(session, LOGIN)
        assert found is not None
        transport = httpx.ASGITransport(create_app(services))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as http:
            built = Built(day, services, seconds, folder, found.organisation_id, http)
            body = {"login": LOGIN, "password": PASSWORD, "totp": pyotp.TOTP(secret).now()}
            built.token = (await http.post("/api/log-ins/advocate", json=body)).json()["token"]
            yield built
    finally:
        await services.close()


async def _advocates(services: Services) -> str:
    """Of one centre. Returns the secret of the first one's codes."""
    secrets = []
    for login in (LOGIN, COLLEAGUE):
        async with services.database.begin() as session:
            made = await add_advocate(
                session,
                services.keys,
                login=login,
                name=f"Demo {login}",
                organisation="Demo Centre",
                password=PASSWORD,
                by=By.operator("demo"),
                hasher=QUICK,
                now=datetime.now(UTC),
            )
            secrets.append(made)
    return secrets[0]
