"""Log-ins at the same moment, of one person and of many: they meet at the same throttle rows and never fail by it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from api.throttle import take_try, was_right
from db.models.people import LoginThrottle
from db.queries import people
from db.session import Database
from monitor.watch.benign import add_benign, remove_benign
from tests.support.api_world import ApiWorld, problem
from tests.support.waiting import until

FREE = 10**9
AT_ONCE, ROUNDS = 10, 30


@pytest.fixture
async def database(prepared_postgres_url: str) -> AsyncIterator[Database]:
    """PostgreSQL: on SQLite one transaction writes at a time."""
    made = Database(prepared_postgres_url)
    yield made
    await made.close()


async def log_in(database: Database, keys: Sequence[str], *, forget_after: timedelta = timedelta(days=1)) -> None:
    """What a log-in that succeeds does to the throttle: two transactions."""
    tries = dict.fromkeys(keys, FREE)
    async with database.begin() as session:
        assert await take_try(session, tries, datetime.now(UTC)) is None
    async with database.begin() as session:
        await was_right(session, forget=tries)
        now = datetime.now(UTC)
        await people.forget_old(session, logins_before=now, throttles_before=now - forget_after)


async def at_once(*repeated: Any) -> None:
    """Each of them again and again, all at the same time."""

    async def again(act: Any) -> None:
        for _ in range(ROUNDS):
            await act()

    await asyncio.gather(*(again(act) for act in repeated))


async def test_try_is_counted_while_another_success_forgets_the_row(database: Database) -> None:
    await at_once(*[lambda: log_in(database, ["name"])] * AT_ONCE)
    async with database.read() as session:
        assert (await session.scalars(select(LoginThrottle.key))).all() == []


async def test_names_on_either_side_of_a_shared_address_never_wait_for_each_other(database: Database) -> None:
    await at_once(
        *(lambda name=f"{side}{number}": log_in(database, [name, "m"]) for side in "az" for number in range(5))
    )


async def test_forgetting_old_failures_waits_for_nobody(database: Database) -> None:
    soon = timedelta(milliseconds=2)
    await at_once(*(lambda name=side: log_in(database, [name, "m"], forget_after=soon) for side in "abcdvwxyz"))


async def test_forgetting_drops_what_is_old_and_free_and_leaves_what_is_held(database: Database) -> None:
    now = datetime.now(UTC)
    rows = [
        {"key": key, "failures": 1, "updated_at": now - timedelta(days=days)} for key, days in (("held", 2), ("old", 2))
    ]
    async with database.begin() as session:
        await session.execute(insert(LoginThrottle), [*rows, {"key": "new", "failures": 1, "updated_at": now}])
    async with database.begin() as holder:
        await take_try(holder, {"held": FREE}, now)
        async with asyncio.timeout(60), database.begin() as session:
            await people.forget_old(session, logins_before=now, throttles_before=now - timedelta(days=1))
    async with database.read() as session:
        assert (await session.scalars(select(LoginThrottle.key).order_by(LoginThrottle.key))).all() == ["held", "new"]


async def test_benign_hash_is_listed_while_another_takes_it_off(database: Database) -> None:
    async def list_and_take_off() -> None:
        async with database.begin() as session:
            row, _ = await add_benign(session, b"b" * 32, note="avatar", by="operator", now=datetime.now(UTC))
        async with database.begin() as session:
            await remove_benign(session, row.id)

    await at_once(*[list_and_take_off] * AT_ONCE)


async def test_many_people_log_in_at_once_from_one_address(world: ApiWorld) -> None:
    them = [await world.person() for _ in range(3)]
    bodies = [{"case_id": one.case_id, "passphrase": one.passphrase} for one in them * 4]
    answers = await asyncio.gather(*(world.nobody().call("POST", "/log-ins/person", body) for body in bodies))
    assert [answer.status_code for answer in answers] == [201] * len(bodies)


async def test_no_free_connection_is_told_as_a_busy_database(
    sqlite_world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, pool = await sqlite_world.person(), sqlite_world.services.database.reader.pool
    monkeypatch.setattr(pool, "_timeout", 0.1)
    async with asyncio.TaskGroup() as group:
        done = asyncio.Event()

        async def hold() -> None:
            async with sqlite_world.services.database.read() as session:
                await session.connection()
                await done.wait()

        for _ in range(15):  # the pool's five and its overflow of ten
            group.create_task(hold())
        await until(lambda: pool.checkedout() == 15)  # type: ignore[attr-defined]  # it is a QueuePool
        answer = await person.call("GET", f"/cases/{person.case_id}")
        done.set()
    assert problem(answer) == (503, "database-unavailable")
    assert answer.headers["Retry-After"] == "2"
