"""Builders for tests over the X double."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from monitor.core.clock import Clock
from monitor.demo.x.double import XDouble
from monitor.platforms.base import MemoryCooldowns
from monitor.platforms.x.adapter import X
from tests.support.x_troubles import FaultKind, TroubledXDouble, TroubledXWorld

PATIENCE = 60.0
LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)


@dataclass
class Parts:
    """A world, its double, and an adapter that reads it."""

    world: TroubledXWorld
    double: XDouble
    x: X
    cooldowns: MemoryCooldowns
    clock: Clock

    def calls_to(self, path: str) -> int:
        """How many requests reached paths that start with `path`."""
        return sum(call.path.startswith(path) for call in self.world.calls)


def make_x(double: XDouble, *, bearer: str = "test-bearer", clock: Clock | None = None, **options: object) -> X:
    """An adapter for the double."""
    defaults: dict[str, object] = {
        "bearer_token": bearer,
        "api_base": double.api_base,
        "media_hosts": (double.media_host,),
        "written_approval": "",
        "cooldowns": MemoryCooldowns(),
        "clock": clock or Clock(),
    }
    return X(**{**defaults, **options})  # type: ignore[arg-type]


def patience_of(request: pytest.FixtureRequest) -> float:
    """Real seconds that a test's adapter waits for an answer: few only where one of its parameters is that none comes.

    On a busy machine an answer may take long; nobody has to wait for it to the end.
    """
    given = request.node.callspec.params if hasattr(request.node, "callspec") else {}
    return 1.0 if FaultKind.HANG in given.values() else PATIENCE


@asynccontextmanager
async def x_parts(*, speed: float = 1.0, patience: float = PATIENCE) -> AsyncIterator[Parts]:
    """Everything, running."""
    clock = Clock(speed=speed, anchor=datetime.now(UTC) - timedelta(seconds=1))
    world, cooldowns = TroubledXWorld(now=clock.now), MemoryCooldowns()
    async with TroubledXDouble(world) as double:
        x = make_x(double, clock=clock, cooldowns=cooldowns, timeout=patience)
        try:
            yield Parts(world, double, x, cooldowns, clock)
        finally:
            await x.close()
