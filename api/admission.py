"""Whether a stranger is let in: within the budgets at once, beyond them for work that their device did."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from fastapi import Request

from api.budgets import Act, Budgets
from api.origin import Origins
from api.problems import Problem
from api.turns import Turns
from api.work import HEADER, MOST, Work, challenge, done
from db.queries.admission import spend_work
from monitor.app.bootstrap import Services
from monitor.core.refusals import Refusal
from monitor.keys.envelope import Key

_KEY = "system:work"
_TOLERANCE = 4
"""What was solved while the price rose counts: nobody is made to begin again for a little more."""


class Admission:
    """Of one application."""

    def __init__(self, services: Services, budgets: Budgets, origins: Origins) -> None:
        self._services, self.budgets, self._origins = services, budgets, origins
        self._keys: dict[str, Key] = {}
        self._turns = Turns()

    def key(self, name: str) -> Key:
        """A key of the system's own. Asked for once: it is never destroyed, and a flood would ask for it each time."""
        if name not in self._keys:
            self._keys[name] = self._services.keys.create(name)
        return self._keys[name]

    def visit(self, request: Request, answer: str | None = None) -> "Visit":
        """Who asks, with the work that came along: in `answer`, where a form held it, else in the header."""
        if answer is None:
            answer = request.headers.get(HEADER, "")
        work = done(self.key(_KEY), answer, _now()) if answer else None
        return Visit(self, self._origins.of(request.scope), work)

    def challenge(self, size: int) -> dict[str, object]:
        """What a device is asked to solve, as a member `work` of an answer."""
        return {"challenge": challenge(self.key(_KEY), size, _now()), "size": size}

    def turn(self, origin: str, *, given: bool) -> AbstractAsyncContextManager[None]:
        """A turn of what takes argon2 and several transactions. Raises Overloaded where too many wait."""
        return self._turns.turn(origin, given=given)

    async def spend(self, work: Work) -> bool:
        """Take it, once; False when it was taken before."""
        async with self._services.database.begin() as session:
            return await spend_work(session, work.id, until=work.until, now=_now())


@dataclass(slots=True)
class Visit:
    """One request of somebody who may be anybody."""

    admission: Admission = field(repr=False)
    origin: str
    work: Work | None = None
    paid: bool = False
    """The work was spent."""

    async def admit(self, act: Act) -> None:
        """Let one act in. Raises Problem(WORK_NEEDED), with a challenge, where a budget is used up and no work came."""
        price = self.admission.budgets.price(act, self.origin)
        if price and not await self.pay(price):
            raise work_needed(self.admission, price)
        self.admission.budgets.take(act, self.origin)

    async def pay(self, price: int) -> bool:
        """Spend the work that came along; False where there is none, or too little."""
        if self.paid:
            return True
        if self.work is None or self.work.size * _TOLERANCE < min(price, MOST):
            return False
        work, self.work = self.work, None
        self.paid = await self.admission.spend(work)
        return self.paid


def work_needed(admission: Admission, price: int) -> Problem:
    """So many ask that a device must work first."""
    return Problem(Refusal.WORK_NEEDED, more={"work": admission.challenge(price)}, headers={"Retry-After": "60"})


def _now() -> datetime:
    return datetime.now(UTC)
