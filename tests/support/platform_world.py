"""A notice that left by real SMTP, and its recipient: who follows the link, reads the mail with the code, answers."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from typing import Any

import httpx
from sqlalchemy import select, text

from db.models.notices import Notice
from db.models.platform_side import PlatformLink
from monitor.app.adapters import make_code_mail, make_smtp
from monitor.demo.mail.catcher import MailCatcher
from monitor.jobs.mail_code import CodeMailer
from monitor.jobs.send import Sender
from monitor.settings.model import SmtpSettings
from tests.support.api_world import ApiWorld, Caller

BASE = "https://jikimi.example.org"
LINK = re.compile(rf"{BASE}/platform#([a-z2-7]{{26}}\.[0-9a-f]{{40}})")
CODE = re.compile(r"^(?:Code|인증번호): (\d{4} \d{4})$", re.MULTILINE)


def body_of(message: EmailMessage) -> str:
    """The plain text of a mail."""
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


@dataclass
class Recipient:
    """Whoever reads the mailbox that the notice went to, with a browser without any log-in."""

    world: ApiWorld
    catcher: MailCatcher
    cookies: dict[str, str] = field(default_factory=dict)

    async def ask(self, method: str, path: str, data: Any = None, **headers: str) -> httpx.Response:
        """One request as a browser makes it; cookies stay."""
        told = {"Accept-Language": "en", **headers}
        if self.cookies:
            told["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = await self.world.http.request(method, path, data=data, headers=told)
        for line in answer.headers.get_list("set-cookie"):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer

    def link(self) -> str:
        """The secret of the link in the last mail that has one."""
        found = [LINK.findall(body_of(one.message)) for one in self.catcher.messages]
        return str([one[0] for one in found if one][-1])

    async def open(self, link: str | None = None) -> httpx.Response:
        """Follow the link, as the page's script does; the page that comes of it."""
        answer = await self.ask("POST", "/platform/open", {"link": link or self.link()})
        if answer.status_code != 303:
            return answer
        return await self.ask("GET", answer.headers["location"])

    def form(self, link: str | None = None, **values: str) -> tuple[str, dict[str, str]]:
        """Where the forms of an opened link go, and what they hold."""
        from api.pages.forms import form_token

        link_id, tag = (link or self.link()).split(".")
        return f"/platform/notices/{link_id}", {"token": form_token(tag), **values}

    async def ask_code(self, link: str | None = None) -> httpx.Response:
        """Press the button for a code, and let the job mail it."""
        path, values = self.form(link)
        answer = await self.ask("POST", f"{path}/code", values)
        await mail_codes(self.world, self.catcher)
        return answer

    def code(self) -> str:
        """The code in the last mail with one."""
        found = [CODE.findall(body_of(one.message)) for one in self.catcher.messages]
        return str([one[0] for one in found if one][-1])

    async def answer(
        self, kind: str, code: str | None = None, link: str | None = None, **values: str
    ) -> httpx.Response:
        """Press one of the four buttons."""
        path, filled = self.form(link, kind=kind, code=code or self.code(), **values)
        return await self.ask("POST", f"{path}/answer", filled)


async def mail_codes(world: ApiWorld, catcher: MailCatcher) -> None:
    """Run the mail_code tasks that the engine's own table holds and that did not run yet."""
    job = CodeMailer(world.services.database, world.context, make_code_mail(smtp_of(catcher)))
    async with world.services.database.begin() as session:
        query = "select workflow_uuid from workflow_status where name = 'mail_code' and status = 'ENQUEUED'"
        rows = (await session.scalars(text(query))).all()
        await session.execute(text("update workflow_status set status = 'SUCCESS' where name = 'mail_code'"))
    for row in rows:
        _, link_id, asked_at, attempt = str(row).split("-")
        await job.send(link_id, int(asked_at), int(attempt))


def smtp_of(catcher: MailCatcher) -> SmtpSettings:
    """The settings that lead to the catcher; with a copy for the operator, as many have it."""
    values = {"host": catcher.host, "port": catcher.port, "starttls": False, "from": "notices@ngo.invalid"}
    return SmtpSettings.model_validate({**values, "bcc": "copies@ngo.invalid"})


@dataclass
class PlatformWorld:
    """An application, its advocate, a person, a notice that left, and its recipient."""

    world: ApiWorld
    advocate: Caller
    person: Caller
    notice_id: str
    recipient: Recipient

    async def notice(self) -> Notice:
        """As in the database."""
        async with self.world.services.database.read() as session:
            return await session.get_one(Notice, self.notice_id)

    async def link(self) -> PlatformLink:
        """As in the database."""
        async with self.world.services.database.read() as session:
            return (await session.scalars(select(PlatformLink).where(PlatformLink.notice_id == self.notice_id))).one()

    async def ledger(self) -> list[tuple[str, dict[str, str], dict[str, Any]]]:
        """Kind, actor and facts of the case's entries."""
        async with self.world.services.database.read() as session:
            told = await self.world.context.ledger.told(session, self.person.case_id)
        return [(one.row.kind, one.by.as_json() if one.by else {}, dict(one.facts or {})) for one in told]

    async def alerts(self) -> list[tuple[str, str]]:
        """What the advocate is told."""
        rows = (await self.advocate.get("/operations/alerts"))["alerts"]
        return [(row["kind"], row["reason"]) for row in rows]


@asynccontextmanager
async def platform_world(world: ApiWorld) -> AsyncIterator[PlatformWorld]:
    """`world` with links on, and one notice by mail that its recipient has."""
    async with MailCatcher() as catcher:
        advocate = await world.advocate()
        person = await world.vouched(advocate)
        sighting = await world.sighting(person)
        body = {"basis": "caption-context", "routes": ["us_tida"]}
        written = await advocate.confirm(sighting, body)
        notice_id = written["notices"][0]["notice_id"]
        context = replace(world.context, links_at=BASE)
        await Sender(world.services.database, context, {"smtp": make_smtp(smtp_of(catcher))}).send(notice_id, 1)
        yield PlatformWorld(world, advocate, person, notice_id, Recipient(world, catcher))
