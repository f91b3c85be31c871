"""Turns of what is dear: so many at once, who gave something for it first, and nobody is forgotten."""

import asyncio

import pytest

from api.turns import Turns
from monitor.core.errors import Overloaded
from tests.support.waiting import until


class Street:
    """People who take turns and go when they may."""

    def __init__(self, turns: Turns) -> None:
        self.turns, self.order, self.inside, self.most = turns, list[str](), 0, 0
        self.may_go = asyncio.Event()

    async def come(self, name: str, *, given: bool = False) -> None:
        """One of them."""
        async with self.turns.turn(name, given=given):
            self.inside += 1
            self.most = max(self.most, self.inside)
            self.order.append(name)
            await self.may_go.wait()
            self.inside -= 1


async def test_never_more_at_once_and_everybody_in_the_end() -> None:
    street = Street(Turns(2, 50))
    them = [asyncio.create_task(street.come(str(number))) for number in range(10)]
    await until(lambda: street.inside == 2)
    street.may_go.set()
    await asyncio.gather(*them)
    assert street.most == 2 and len(street.order) == 10
    await street.come("later")


async def test_who_worked_for_it_gets_three_turns_of_four() -> None:
    street = Street(Turns(1, 50))
    them = [asyncio.create_task(street.come(f"free{number}")) for number in range(12)]
    them += [asyncio.create_task(street.come(f"paid{number}", given=True)) for number in range(12)]
    await until(lambda: street.inside == 1)
    street.may_go.set()
    await asyncio.gather(*them)
    first = street.order[1:13]
    assert sum(name.startswith("paid") for name in first) == 9


async def test_a_full_street_says_so_and_one_who_worked_has_a_place_of_their_own() -> None:
    street = Street(Turns(1, 3))
    them = [asyncio.create_task(street.come("flood")) for _ in range(4)]
    await until(lambda: street.inside == 1)
    with pytest.raises(Overloaded):
        await street.come("flood")
    worked = asyncio.create_task(street.come("worked", given=True))
    street.may_go.set()
    await asyncio.gather(worked, *them)
    assert street.order[1] == "worked"


async def test_whoever_leaves_takes_no_turn_along() -> None:
    street = Street(Turns(1, 5))
    first = asyncio.create_task(street.come("first"))
    await until(lambda: street.inside == 1)
    gone = asyncio.create_task(street.come("gone"))
    await asyncio.sleep(0)
    gone.cancel()
    street.may_go.set()
    await asyncio.gather(first, gone, return_exceptions=True)
    await street.come("next")
    assert street.order == ["first", "next"]
