"""An alert is open once for its kind and subject, whoever raises it."""

import asyncio
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from db.models.sources import Alert
from monitor.context.alerts import AlertKind
from tests.support.domain_world import DomainWorld, domain_world
from tests.support.waiting import until_held_up


async def alerts(world: DomainWorld) -> list[tuple[str, bool]]:
    """Reason of each alert, and whether it is open."""
    async with world.database.read() as session:
        return [(one.reason, one.resolved_at is None) for one in await session.scalars(select(Alert))]


async def raise_it(world: DomainWorld, reason: str, first: list[str] | None = None) -> None:
    """With `first`: whoever is the first stays until the other one is held up."""
    async with world.database.begin() as session:
        await world.context.alert(session, AlertKind.ACCOUNT_STOPPED, "telegram", reason)
        if first == []:
            first.append(reason)
            await until_held_up(world.database)


async def test_alert_is_raised_once_and_again_after_it_was_resolved(prepared_url: str, tmp_path: Path) -> None:
    async with domain_world(prepared_url, tmp_path) as world:
        await raise_it(world, "revoked")
        async with world.database.read() as session:
            since = await world.context.raised_at(session, AlertKind.ACCOUNT_STOPPED, "telegram")
        world.clock.time += timedelta(hours=1)
        await raise_it(world, "banned")
        # One alert since then, with the reason of now.
        assert await alerts(world) == [("banned", True)]
        async with world.database.begin() as session:
            assert await world.context.raised_at(session, AlertKind.ACCOUNT_STOPPED, "telegram") == since
            await world.context.resolve(session, AlertKind.ACCOUNT_STOPPED, "telegram")
        assert await alerts(world) == [("banned", False)]
        world.clock.time += timedelta(hours=1)
        await raise_it(world, "revoked")
        assert await alerts(world) == [("revoked", True)]


async def test_two_workers_raise_the_same_alert_at_the_same_moment(prepared_url: str, tmp_path: Path) -> None:
    async with domain_world(prepared_url, tmp_path) as world:
        first: list[str] = []
        await asyncio.gather(raise_it(world, "one", first), raise_it(world, "one", first))
        assert await alerts(world) == [("one", True)]
