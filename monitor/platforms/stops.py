"""An account that a platform stopped is not asked again for every source: one probe, with growing pauses.

A login that ended, a frozen account, an end of the credit: each more call shows the platform a program that does not
take no for an answer. The first call that succeeds ends it.
"""

from dataclasses import replace
from datetime import timedelta

from monitor.core.clock import Clock
from monitor.core.errors import AccountStopped, CreditExhausted, PlatformError
from monitor.core.leave import ask_leave
from monitor.platforms.base import Cooldowns, Stop

FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=15), timedelta(days=1)
"""Between two tries of what was refused: doubled each time."""
_CREDIT = "credit-exhausted"


def pause(tries: int) -> timedelta:
    """How long to wait after so many tries in vain, the first one not counted."""
    return min(LONGEST_PAUSE, FIRST_PAUSE * (1 << min(tries, 10)))


class Stops:
    """Stands before every call of one account."""

    def __init__(self, memory: Cooldowns, clock: Clock) -> None:
        self._memory, self._clock = memory, clock

    async def refuse(self) -> bool:
        """Raise what stopped the account, as long as no probe is due. True: the call that follows is the probe.

        The next pause begins before the probe: whoever asks meanwhile, or after a death in the middle, is refused.
        """
        stop, now = await self._memory.stop(), self._clock.now()
        if stop is None:
            return False
        if now < stop.probe_at:
            raise CreditExhausted if stop.reason == _CREDIT else AccountStopped(stop.reason)
        await ask_leave()  # work that is stopped asks nothing, and uses no probe up
        await self._memory.set_stop(replace(stop, probes=stop.probes + 1, probe_at=now + pause(stop.probes + 1)))
        return True

    async def note(self, error: PlatformError) -> None:
        """After an error: remember it where it is the account's."""
        if isinstance(error, AccountStopped | CreditExhausted):
            reason = error.reason if isinstance(error, AccountStopped) else _CREDIT
            known = await self._memory.stop()
            stop = Stop(reason, 0, self._clock.now() + pause(0)) if known is None else replace(known, reason=reason)
            await self._memory.set_stop(stop)

    async def heal(self) -> None:
        """The platform let it in."""
        await self._memory.set_stop(None)
