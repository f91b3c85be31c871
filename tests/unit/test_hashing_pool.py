"""Hashing for strangers is bounded: so many at once, so many waiting, and lanes take turns."""

import asyncio
import threading
from functools import partial

import pytest

from monitor.cases.hashing import HashingPool
from monitor.core.errors import Overloaded
from tests.support.waiting import until


class Work:
    """Work that ends when it may, and remembers how many ran at once and in which order."""

    def __init__(self) -> None:
        self.may_end = threading.Event()
        self.running = self.most = 0
        self.order: list[str] = []
        self._lock = threading.Lock()

    def of(self, name: str) -> str:
        """One piece."""
        with self._lock:
            self.running += 1
            self.most = max(self.most, self.running)
            self.order.append(name)
        assert self.may_end.wait(60)
        with self._lock:
            self.running -= 1
        return name


async def test_never_more_at_once_than_there_are_threads_and_all_are_done() -> None:
    pool, work = HashingPool(2, 50), Work()
    asked = [asyncio.create_task(pool.run(partial(work.of, str(n)), lane=str(n))) for n in range(20)]
    await until(lambda: work.running == 2)
    assert pool.waiting == 18
    work.may_end.set()
    assert await asyncio.gather(*asked) == [str(n) for n in range(20)]
    assert (work.most, pool.waiting) == (2, 0)


async def test_what_comes_on_top_of_a_full_queue_is_told_to_come_again() -> None:
    pool, work = HashingPool(1, 3), Work()
    asked = [asyncio.create_task(pool.run(lambda: work.of("flood"), lane="flood")) for _ in range(10)]
    await until(lambda: work.running == 1 and sum(task.done() for task in asked) == 6)
    refused = [task.exception() for task in asked if task.done()]
    assert all(isinstance(error, Overloaded) and error.retry_after > 0 for error in refused)
    work.may_end.set()
    assert len([one for one in await asyncio.gather(*asked, return_exceptions=True) if one == "flood"]) == 4


async def test_somebody_else_takes_a_place_of_the_longest_lane_and_does_not_wait_for_it() -> None:
    pool, work = HashingPool(1, 4), Work()
    flood = [asyncio.create_task(pool.run(lambda: work.of("flood"), lane="flood")) for _ in range(5)]
    await until(lambda: work.running == 1 and pool.waiting == 4)
    honest = asyncio.create_task(pool.run(lambda: work.of("honest"), lane="honest"))
    await until(lambda: sum(task.done() for task in flood) == 1)
    assert isinstance(flood[-1].exception(), Overloaded)
    work.may_end.set()
    assert await honest == "honest"
    await asyncio.gather(*flood, return_exceptions=True)
    assert work.order.index("honest") <= 2


async def test_whoever_gives_up_leaves_no_work_behind() -> None:
    pool, work = HashingPool(1, 5), Work()
    first = asyncio.create_task(pool.run(lambda: work.of("first")))
    await until(lambda: work.running == 1)
    gone = asyncio.create_task(pool.run(lambda: work.of("gone"), lane="gone"))
    await until(lambda: pool.waiting == 1)
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    assert pool.waiting == 0
    work.may_end.set()
    assert await first == "first"
    assert await pool.run(lambda: work.of("next")) == "next"
    assert work.order == ["first", "next"]


async def test_a_fault_of_the_work_reaches_whoever_asked_and_nobody_else() -> None:
    pool = HashingPool(1, 5)
    with pytest.raises(ZeroDivisionError):
        await pool.run(lambda: 1 // 0)
    assert await pool.run(lambda: 1) == 1


def test_a_loop_that_was_closed_while_it_waited_holds_no_place() -> None:
    pool, work = HashingPool(1, 5), Work()

    async def ask_and_leave() -> None:
        asked = asyncio.create_task(pool.run(lambda: work.of("left")))
        await until(lambda: work.running == 1)
        asked.cancel()

    asyncio.run(ask_and_leave())
    work.may_end.set()
    assert asyncio.run(pool.run(lambda: work.of("next"))) == "next"
