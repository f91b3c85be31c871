"""The real application over a real database, key store and outbox; people who use it through HTTP."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pyotp
from argon2 import PasswordHasher
from sqlalchemy import select, text

from api.app import create_app
from api.budgets import Budgets
from db.locking import lock_one
from db.models.cases import Case
from db.models.people import Advocate
from db.models.sightings import Sighting
from monitor.app.bootstrap import Services, build_services
from monitor.app.first_start import ensure_master_key
from monitor.cases.advocates import add_advocate
from monitor.context.context import DomainContext
from monitor.evidence.by import By
from monitor.settings.loading import parse_settings
from tests.support import domain_world
from tests.support.domain_world import MovableClock
from tests.support.quick_hasher import QUICK

PASSWORD = "a long test password"
PROXY = "203.0.113.7"
"""Where every request comes from; whoever declares it as a proxy is told another address by X-Forwarded-For."""
PDQ = "f0" * 32
INTAKE: dict[str, Any] = {
    "age_group": "adult",
    "country": "KR",
    "language": "en",
    "sender_role": "person",
    "signature": "Typed Signature",
    "good_faith_facts": "I never agreed to this; it was sent to one person in private.",
    "content_identification": "A mirror picture in a blue room.",
    "contact": "person@example.org",
    "permission_to_send": True,
    "timing": "now",
}


@dataclass
class Caller:
    """Somebody with a token, or nobody."""

    http: httpx.AsyncClient
    token: str | None = None
    case_id: str = ""
    passphrase: str = field(default="", repr=False)

    async def call(self, method: str, path: str, body: Any = None, **options: Any) -> httpx.Response:
        """One request below /api; `body` as JSON."""
        headers = {**({"Authorization": f"Bearer {self.token}"} if self.token else {}), **options.pop("headers", {})}
        if body is not None:
            options["json"] = body
        return await self.http.request(method, f"/api{path}", headers=headers, **options)

    async def get(self, path: str) -> Any:
        """The JSON of an answer that must be 200."""
        return good(await self.call("GET", path))

    async def post(self, path: str, body: Any = None) -> Any:
        """The JSON of an answer that must be a success."""
        return good(await self.call("POST", path, body))

    async def put(self, path: str, body: Any) -> Any:
        """The JSON of an answer that must be a success."""
        return good(await self.call("PUT", path, body))

    async def delete(self, path: str) -> Any:
        """The JSON of an answer that must be a success."""
        return good(await self.call("DELETE", path))

    async def send(self, notice_id: str) -> Any:
        """Look at what would leave, and send it; the notice after that."""
        looked = await self.get(f"/notices/{notice_id}/preview")
        return await self.post(f"/notices/{notice_id}/send", {"digest": looked["digest"]})

    async def confirm(self, sighting_id: str, body: Any) -> Any:
        """Confirm a sighting, then look at each notice that can be sent from here and send it.

        What the confirmation answered, with the states after sending.
        """
        written = await self.post(f"/sightings/{sighting_id}/confirm", body)
        await self.send_all(written)
        return written

    async def send_all(self, written: Any) -> None:
        """Look at and send what was written, where it waits for that."""
        for notice in written["notices"]:
            looked = await self.get(f"/notices/{notice['notice_id']}/preview")
            if looked["may_send"]:
                path = f"/notices/{notice['notice_id']}/send"
                notice["state"] = (await self.post(path, {"digest": looked["digest"]}))["state"]

    async def refused(self, method: str, path: str, body: Any = None, **options: Any) -> tuple[int, str]:
        """Status and code of an answer that must be a problem."""
        return problem(await self.call(method, path, body, **options))


def good(answer: httpx.Response) -> Any:
    """The JSON of a success; the whole answer is shown when it is none."""
    assert answer.is_success, (answer.status_code, answer.text)
    return answer.json() if answer.content else None


def problem(answer: httpx.Response) -> tuple[int, str]:
    """Status and code; holds that it is a whole problem document."""
    assert answer.headers["content-type"] == "application/problem+json", (answer.status_code, answer.text)
    told = answer.json()
    assert {"type", "title", "status", "detail", "code"} <= told.keys()
    assert told["status"] == answer.status_code >= 400
    return answer.status_code, told["code"]


@dataclass
class ApiWorld:
    """A running application and the parts behind it."""

    services: Services
    clock: MovableClock
    http: httpx.AsyncClient
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    steps: dict[str, int] = field(default_factory=dict)

    @property
    def context(self) -> DomainContext:
        """For what a job would do."""
        return self.services.context.acting(By.program("test"))

    def nobody(self) -> Caller:
        """Without a token."""
        return Caller(self.http)

    async def add_advocate(self, login: str = "first", organisation: str = "Centre A") -> str:
        """Make an advocate; returns the login."""
        async with self.services.database.begin() as session:
            self.secrets[login] = await add_advocate(
                session,
                self.services.keys,
                login=login,
                name="Signing Advocate",
                organisation=organisation,
                password=PASSWORD,
                by=By.operator("test"),
                hasher=QUICK,
                now=datetime.now(UTC),
            )
        return login

    def totp(self, login: str = "first") -> str:
        """A code that was not used yet: the step before, this one, the next one."""
        current, into = divmod(datetime.now(UTC).timestamp(), 30)
        # Late in a step the one before would be too old by the time it is checked.
        step = max(self.steps.get(login, 0) + 1, int(current) - (into < 15))
        self.steps[login] = step
        return pyotp.TOTP(self.secrets[login]).generate_otp(step)

    async def advocate(self, login: str = "first", organisation: str = "Centre A") -> Caller:
        """An advocate who is logged in."""
        if login not in self.secrets:
            await self.add_advocate(login, organisation)
        body = {"login": login, "password": PASSWORD, "totp": self.totp(login)}
        return Caller(self.http, (await self.nobody().post("/log-ins/advocate", body))["token"])

    async def operator(self, login: str = "keeper", organisation: str = "The operators") -> Caller:
        """An operator who is logged in."""
        async with self.services.database.begin() as session:
            self.secrets[login] = await add_advocate(
                session,
                self.services.keys,
                login=login,
                name="Keeping Operator",
                organisation=organisation,
                password=PASSWORD,
                by=By.operator("test"),
                hasher=QUICK,
                now=datetime.now(UTC),
                operator=True,
            )
        return await self.advocate(login)

    async def person(self, *, code: str | None = None, intake: dict[str, Any] | None = None) -> Caller:
        """A person who opened a case and filled in the intake."""
        body = {"language": "en"} if code is None else {"language": "en", "code": code}
        opened = await self.nobody().post("/cases", body)
        person = Caller(self.http, opened["token"], opened["case_id"], opened["passphrase"])
        await person.put(f"/cases/{person.case_id}/intake", {**INTAKE, **(intake or {})})
        return person

    async def vouched(self, advocate: Caller, **options: Any) -> Caller:
        """A person whom this advocate vouched for."""
        code = (await advocate.post("/codes", {"count": 1, "days": 7}))["codes"][0]
        return await self.person(code=code, **options)

    async def sighting(self, person: Caller, **options: Any) -> str:
        """An open sighting of the person's case, written as the crawler writes it; returns its id."""
        async with self.services.database.begin() as session:
            case = await lock_one(session, Case, person.case_id)
            row = await domain_world.make_sighting(session, self.context, case, **options)
            return row.id

    async def row(self, sighting_id: str) -> Sighting:
        """A sighting as it is in the database."""
        async with self.services.database.read() as session:
            return await session.get_one(Sighting, sighting_id)

    async def advocate_row(self, login: str = "first") -> Advocate:
        """An advocate as in the database."""
        async with self.services.database.read() as session:
            return (await session.scalars(select(Advocate).where(Advocate.login == login))).one()

    async def enqueued(self) -> list[str]:
        """Ids of the tasks about notices in the workflow engine's own table, in order."""
        name = "workflow_status" if "sqlite" in self.services.database.url else "dbos.workflow_status"
        async with self.services.database.read() as session:
            query = f"select workflow_uuid, name from {name} order by created_at, workflow_uuid"  # noqa: S608  # a constant
            about_notices = ("send", "verify", "escalate")
            return [row[0] for row in await session.execute(text(query)) if row[1] in about_notices]


@asynccontextmanager
async def api_world(
    url: str,
    folder: Path,
    *,
    hasher: PasswordHasher = QUICK,
    budgets: Budgets | None = None,
    trusted_proxies: Sequence[str] = (),
    public_figures: bool = False,
    **context: Any,
) -> AsyncIterator[ApiWorld]:
    """The application without platforms and without a worker, on a database that holds every table.

    `context`: what its context has instead, such as the accounts that read.
    """
    web: dict[str, Any] = {
        "public_url": "https://jikimi.example.org",
        "trusted_proxies": list(trusted_proxies),
        "public_figures": public_figures,
    }
    values = {"database": {"url": url}, "web": web}
    settings = parse_settings(values, folder / "config.toml", {})
    ensure_master_key(settings, {})
    services, clock = build_services(settings, {}), MovableClock()
    services.keys.prepare()
    clock.time = datetime.now(UTC)
    moved: Any = clock
    sender = "Jikimi <notices@example.org>"
    changed = replace(services.context, clock=moved, hasher=hasher, **{"mail_from": sender, **context})
    services = replace(services, clock=moved, context=changed)
    transport = httpx.ASGITransport(create_app(services, budgets), client=(PROXY, 4711))
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            yield ApiWorld(services, clock, http)
    finally:
        await services.close()
