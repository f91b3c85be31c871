"""A Telegram double and adapters against it, for tests over real TCP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.core.clock import Clock
from monitor.demo.telegram.key import TEST_PUBLIC_KEY_PEM
from monitor.platforms.base import MemoryCooldowns, PlatformName, SourceRef
from monitor.platforms.telegram.adapter import Telegram
from monitor.platforms.telegram.client import TelegramServer
from monitor.platforms.telegram.connection import TelegramConnection
from tests.support.telegram_troubles import TroubledTelegramDouble, TroubledTelegramWorld

LONG_AGO = datetime.now(UTC) - timedelta(days=365)
PICTURE = b"\xff\xd8\xff" + bytes(range(256)) * 200


@dataclass(frozen=True)
class SetClock(Clock):
    """A clock that stands still at one moment."""

    moment: datetime = field(default_factory=lambda: datetime.now(UTC))

    def now(self) -> datetime:
        return self.moment


class Stage:
    """One double, its world, and the adapters that were made for it."""

    def __init__(self, world: TroubledTelegramWorld, double: TroubledTelegramDouble) -> None:
        self.world, self.double = world, double
        self.clock = Clock()
        self.cooldowns = MemoryCooldowns()
        self.session = double.session()
        self._adapters: list[Telegram] = []

    def server(self, host: str | None = None) -> TelegramServer:
        return TelegramServer(host or self.double.host, self.double.port, TEST_PUBLIC_KEY_PEM)

    def telegram(self, **changed: Any) -> Telegram:
        """A new adapter, as after a restart of the program: it shares only session and cool-downs."""
        given: dict[str, Any] = {
            "api_id": 1,
            "api_hash": "hash",
            "session": self.session,
            "cooldowns": self.cooldowns,
            "clock": self.clock,
            "server": self.server(),
        }
        adapter = Telegram(TelegramConnection(**(given | changed)))
        self._adapters.append(adapter)
        return adapter

    def picture(self, data: bytes = PICTURE) -> Any:
        """A photo as the real service describes one: a stripped thumb, a small size, a progressive large one."""
        sizes = {"m": (320, 240, b"small"), "y": (1280, 960, data)}
        return self.world.photo(sizes, progressive=True, stripped=b"\x01\x02")

    async def close(self) -> None:
        for adapter in self._adapters:
            await adapter.close()


def ref(channel: Any) -> SourceRef:
    """The channel as it is stored after it was resolved."""
    return SourceRef(PlatformName.TELEGRAM, channel.username, str(channel.id), str(channel.access_hash), channel.title)


@asynccontextmanager
async def stage(**given: Any) -> AsyncIterator[Stage]:
    """`async with stage(password="...") as stage:`; the arguments are the world's."""
    world = TroubledTelegramWorld(**given)
    async with TroubledTelegramDouble(world) as double:
        made = Stage(world, double)
        try:
            yield made
        finally:
            await made.close()
