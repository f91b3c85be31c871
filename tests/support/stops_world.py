"""Everything that reaches the outside, real up to the socket, beside a domain whose work can be stopped."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from db.models.notices import Notice
from db.models.people import Advocate
from db.models.sightings import Sighting
from db.models.sources import Source
from db.types import new_id
from monitor.cases.stops import EVERYTHING, Target, resume, stop
from monitor.delivery.base import Delivery
from monitor.delivery.leased import LeasedDelivery
from monitor.delivery.smtp import SmtpDelivery
from monitor.delivery.smtp_session import SmtpServer
from monitor.delivery.telegram_report import TelegramReport
from monitor.demo.x.double import XDouble
from monitor.demo.x.world import XWorld
from monitor.evidence.by import By
from monitor.fingerprints.decoder.pool import DecoderPool
from monitor.jobs.backfill import BackfillJob
from monitor.jobs.crawl import Crawler
from monitor.jobs.escalate import Escalator
from monitor.jobs.follow_up import FollowUp
from monitor.jobs.read_link import LinkReader
from monitor.jobs.send import Sender
from monitor.jobs.sync_deletions import DeletionSync
from monitor.platforms.base import MemoryCooldowns, PlatformName
from monitor.platforms.telegram.adapter import Telegram
from monitor.sources.accounts import Accounts
from monitor.sources.media_reader import MediaReader
from tests.support.domain_world import START, DomainWorld
from tests.support.mail_troubles import TroubledMailCatcher
from tests.support.telegram_adapter import Stage, stage
from tests.support.x_parts import make_x

FIRST, SECOND = "first operator", "second operator"


class TellingCooldowns(MemoryCooldowns):
    """Cooldowns that are asked before each request, and so can do something at that moment."""

    def __init__(self) -> None:
        super().__init__()
        self.then: Callable[[str], Awaitable[None]] | None = None

    async def until(self, method: str) -> datetime | None:
        """See Cooldowns."""
        if self.then is not None:
            await self.then(method)
        return await super().until(method)


@dataclass
class Outside:
    """Telegram, X and a mail server, each over its own protocol, and the jobs that use them."""

    world: DomainWorld
    stage: Stage
    telegram: Telegram
    x_world: XWorld
    accounts: Accounts
    mail: TroubledMailCatcher
    cooldowns: TellingCooldowns
    jobs: dict[str, Callable[..., Awaitable[None]]]

    @property
    def requests(self) -> int:
        """What any of them was asked, told or sent."""
        return len(self.stage.world.calls) + len(self.x_world.calls) + self.mail.connections

    async def run(self, tasks: Sequence[tuple[str, tuple[Any, ...]]]) -> None:
        """As the worker runs them."""
        for job, arguments in tasks:
            await self.jobs[job](*arguments)


@asynccontextmanager
async def outside(world: DomainWorld, decoders: DecoderPool) -> AsyncIterator[Outside]:
    """Real adapters over doubles, and the jobs over both."""
    cooldowns, x_world = TellingCooldowns(), XWorld()
    async with stage() as made, XDouble(x_world) as x_double, TroubledMailCatcher() as mail:
        telegram, x = made.telegram(cooldowns=cooldowns), make_x(x_double, cooldowns=cooldowns)
        accounts = Accounts({PlatformName.TELEGRAM: telegram, PlatformName.X: x}, world.database.url)
        server = SmtpServer(host=mail.host, port=mail.port, starttls=False, timeout=5.0)
        deliveries: dict[str, Delivery] = {
            "telegram_report": LeasedDelivery(accounts, telegram, TelegramReport(telegram)),
            "smtp": SmtpDelivery(server, sender="notices@ngo.invalid", bcc=None, reply_timeout=5.0),
        }
        reader, week = MediaReader(decoders, 20_000_000), timedelta(days=7)
        crawler = Crawler(
            world.database, world.context, accounts, decoders, first_look=week, max_media_bytes=20_000_000
        )
        jobs: dict[str, Callable[..., Awaitable[None]]] = {
            "crawl": crawler.crawl,
            "look_back": BackfillJob(
                world.database, world.context, accounts, first_look=week, seen_for=timedelta(days=30)
            ).backfill,
            "recheck": DeletionSync(world.database, world.context, accounts).sync,
            "read_link": LinkReader(world.database, world.context, accounts, reader).read_link,
            "send": Sender(world.database, world.context, deliveries).send,
            "verify": FollowUp(world.database, world.context, accounts, reader).verify,
            "escalate": Escalator(world.database, world.context).escalate,
        }
        try:
            yield Outside(world, made, telegram, x_world, accounts, mail, cooldowns, jobs)
        finally:
            await accounts.close()


async def halt(world: DomainWorld, target: Target = EVERYTHING, *, name: str = FIRST) -> int:
    """An operator stops it."""
    context = world.context.acting(By.operator("stop"))
    async with world.database.begin() as session:
        return await stop(session, context, target, reason="a doubt", name=name)


async def let_go_on(world: DomainWorld, target: Target = EVERYTHING) -> None:
    """Two operators let it go on."""
    context = world.context.acting(By.operator("resume"))
    for name in (FIRST, SECOND):
        async with world.database.begin() as session:
            await resume(session, context, target, name=name)


async def colleague(world: DomainWorld, of: Advocate, name: str = "Second Advocate", *, lead: bool = False) -> Advocate:
    """Another advocate of the same organisation."""
    async with world.database.begin() as session:
        row = Advocate(
            id=new_id(),
            organisation_id=of.organisation_id,
            login=f"login-{new_id()[:6]}",
            name=name,
            password_hash="x",
            totp_secret=b"",
            created_at=START,
            lead=lead,
        )
        session.add(row)
    return row


async def rows(world: DomainWorld, model: type[Notice] | type[Sighting] | type[Source]) -> Sequence[Any]:
    """Everything of a table."""
    async with world.database.read() as session:
        return (await session.scalars(select(model).order_by(model.id))).all()
