"""A case that watches many sources, and the worker that reads them with the real adapters over the doubles."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from db.models.sources import Alert, Source
from monitor.cases.consents import give_consent
from monitor.fingerprints.decoder.pool import DecoderPool
from monitor.jobs.crawl import Crawler
from monitor.model.states import Purpose
from monitor.platforms.base import Platform, PlatformName
from monitor.platforms.telegram.adapter import Telegram
from monitor.platforms.telegram.connection import telegram_account
from monitor.sources.accounts import Accounts
from monitor.sources.cooldowns import StoredCooldowns
from tests.support.domain_world import DomainWorld, make_advocate, make_case
from tests.support.telegram_adapter import Stage, stage
from tests.support.telegram_troubles import TroubledTelegramWorld

SLOT = timedelta(minutes=15)


class Readers:
    """Reads every source once a slot. `platform` may be exchanged: a restart, or another login."""

    def __init__(self, world: DomainWorld, decoders: DecoderPool) -> None:
        self.world, self._decoders = world, decoders
        self.source_ids: list[str] = []
        self.case_id = ""

    def use(self, platform: Platform) -> None:
        """As a new process: nothing is remembered but what the database holds."""
        self._crawler = Crawler(
            self.world.database,
            self.world.context,
            Accounts({platform.name: platform}, self.world.database.url),
            self._decoders,
            first_look=timedelta(days=7),
            max_media_bytes=20_000_000,
        )

    async def watch(self, platform: PlatformName, names: Sequence[str]) -> None:
        """A case says yes to all of them."""
        async with self.world.database.begin() as session:
            case = await make_case(session, self.world.context, await make_advocate(session))
            self.case_id = case.id
            for name in names:
                (consent,) = await give_consent(
                    session, self.world.context, case, platform=platform, source=name, purposes=[Purpose.WATCH]
                )
                self.source_ids.append(consent.source_id)

    async def crawl(self, slots: int = 1) -> None:
        """Every source once in each slot, in its turn."""
        for _ in range(slots):
            for source_id in self.source_ids:
                await self._crawler.crawl(source_id)
            self.world.clock.move(seconds=SLOT.total_seconds())

    async def crawl_for_person(self, source_id: str) -> None:
        """Out of turn: the case has just said yes."""
        await self._crawler.crawl(source_id, self.case_id)

    async def sources(self) -> list[Source]:
        """As they are now, in the order in which they were named."""
        async with self.world.database.read() as session:
            return [await session.get_one(Source, source_id) for source_id in self.source_ids]

    async def alerts(self) -> list[tuple[str, str, str]]:
        """Kind, subject and reason of what is open."""
        async with self.world.database.read() as session:
            rows = await session.scalars(select(Alert).where(Alert.resolved_at.is_(None)))
            return sorted((row.kind, row.subject, row.reason) for row in rows)


class TelegramReaders(Readers):
    """The same on a double of Telegram."""

    def __init__(self, world: DomainWorld, decoders: DecoderPool, play: Stage) -> None:
        super().__init__(world, decoders)
        self.play = play
        self.telegram = self.log_in()

    @property
    def double(self) -> TroubledTelegramWorld:
        """What the double shows."""
        return self.play.world

    def log_in(self, session: str | None = None, api_id: int = 1) -> Telegram:
        """A fresh session, unless one is given; the sources are read with it from now on."""
        session = session or self.play.double.session()
        login = telegram_account(session)
        memory = StoredCooldowns(self.world.database, f"{login}/{api_id}", login=login)
        clock: Any = self.world.clock
        self.telegram = self.play.telegram(session=session, api_id=api_id, cooldowns=memory, clock=clock)
        self.session = session
        self.use(self.telegram)
        return self.telegram


@asynccontextmanager
async def telegram_readers(world: DomainWorld, decoders: DecoderPool) -> AsyncIterator[TelegramReaders]:
    """`async with telegram_readers(world, decoders) as here:`; the double's time is the world's."""

    def now() -> datetime:
        return world.clock.now()

    async with stage(now=now) as play:
        yield TelegramReaders(world, decoders, play)
