"""How much strangers may cause before they must work for it: in total and for each origin.

Each process counts for itself: what is protected is the process. Whoever has used up a budget is not refused but asked
for work, more of it the further the budget is overdrawn; an origin that many share keeps being served.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from api.work import LEAST, MOST

MOST_ORIGINS = 10_000
"""Remembered; who is forgotten begins anew, and the total holds all the same."""
_DEEPEST = 20
"""Times its burst that a budget can be overdrawn: how long a flood is remembered."""


class Act(StrEnum):
    """What a stranger may cause."""

    OPENING = "opening"
    LOG_IN = "log-in"
    WRONG_CODE = "wrong-code"
    FINGERPRINT = "fingerprint"
    PLACE = "place"
    """A link or a consent."""
    CHANGE = "change"
    """What somebody whom nobody vouched for yet changes in their own case: each change is a step of its ledger."""
    DRAFT = "draft"
    """That something is kept for a day, before there is a case."""
    REPORT = "report"
    """That somebody else registered a picture."""
    PLATFORM = "platform"
    """That the recipient of a notice is mailed a code, or tries one."""


@dataclass(frozen=True, slots=True)
class Budget:
    """So many at once, and so many a second in the long run."""

    burst: float
    a_second: float


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one kind of act."""

    total: Budget
    of_origin: Budget


LIMITS: Mapping[Act, Limits] = {
    Act.OPENING: Limits(Budget(40, 0.5), Budget(20, 0.1)),
    Act.LOG_IN: Limits(Budget(100, 2), Budget(60, 0.5)),
    Act.WRONG_CODE: Limits(Budget(500, 2), Budget(50, 0.05)),
    Act.FINGERPRINT: Limits(Budget(600, 10), Budget(250, 1)),
    Act.PLACE: Limits(Budget(600, 10), Budget(250, 1)),
    Act.CHANGE: Limits(Budget(600, 10), Budget(250, 1)),
    Act.DRAFT: Limits(Budget(200, 2), Budget(60, 0.2)),
    Act.REPORT: Limits(Budget(40, 0.1), Budget(10, 0.02)),
    Act.PLATFORM: Limits(Budget(200, 1), Budget(40, 0.05)),
}
"""An argon2id hash takes a tenth of a second of both processors of a small machine."""


@dataclass(slots=True)
class _Purse:
    budget: Budget
    left: float
    at: float

    def look(self, now: float) -> float:
        """What is left now; below zero: how far it is overdrawn."""
        self.left = min(self.budget.burst, self.left + (now - self.at) * self.budget.a_second)
        self.at = now
        return self.left

    def take(self) -> None:
        self.left = max(-_DEEPEST * self.budget.burst, self.left - 1)

    @property
    def overdrawn(self) -> float:
        """In bursts."""
        return max(0.0, -self.left / self.budget.burst)


class Budgets:
    """Of one process."""

    def __init__(self, limits: Mapping[Act, Limits] = LIMITS, clock: Callable[[], float] = time.monotonic) -> None:
        """`clock`: seconds that only ever grow."""
        self._limits, self._clock, now = limits, clock, clock()
        self._total = {act: _Purse(each.total, each.total.burst, now) for act, each in limits.items()}
        self._of_origin: OrderedDict[tuple[Act, str], _Purse] = OrderedDict()

    def price(self, act: Act, origin: str) -> int:
        """The work that one more costs now: 0 within the budgets, else from LEAST to MOST."""
        now = self._clock()
        purses = (self._total[act], self._purse(act, origin, now))
        if min(purse.look(now) for purse in purses) >= 1:
            return 0
        grown = (1 + purses[0].overdrawn) * (1 + 2 * purses[1].overdrawn)
        return min(MOST, int(LEAST * grown))

    def take(self, act: Act, origin: str) -> None:
        """One more was let in."""
        self._total[act].take()
        self._purse(act, origin, self._clock()).take()

    def _purse(self, act: Act, origin: str, now: float) -> _Purse:
        key = (act, origin)
        if key not in self._of_origin:
            budget = self._limits[act].of_origin
            self._of_origin[key] = _Purse(budget, budget.burst, now)
            if len(self._of_origin) > MOST_ORIGINS:
                self._of_origin.popitem(last=False)
        self._of_origin.move_to_end(key)
        return self._of_origin[key]
