"""A way out that shares a platform's account with the crawls."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from monitor.delivery.base import Delivery, Outgoing, Receipt
from monitor.platforms.base import Platform
from monitor.sources.accounts import Accounts


class LeasedDelivery:
    """A way out that uses a platform's account: it waits for its turn like everything else."""

    def __init__(self, accounts: Accounts, platform: Platform, delivery: Delivery) -> None:
        self._accounts, self._platform, self._delivery = accounts, platform, delivery

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Delivery]:
        """Wait for the account, then the way out itself for the block: what is decided inside holds while it sends."""
        async with self._accounts.use(self._platform.name):
            yield self._delivery

    async def send(self, outgoing: Outgoing) -> Receipt:
        """See Delivery."""
        async with self.turn() as delivery:
            return await delivery.send(outgoing)
