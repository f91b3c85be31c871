"""Logging in: one answer for everything wrong, growing waits, one-time codes that work once, tokens that end."""

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from api.throttle import FREE_TRIES, FREE_TRIES_OF_ADDRESS, take_try, wait_after
from db.models.cases import Case
from db.models.people import Login, LoginThrottle
from monitor.actions.erase import DELAY
from monitor.cases.advocates import disable_advocate
from monitor.cases.erasure import destroy_key, due_erasures, erase
from monitor.evidence.by import By
from tests.support.api_world import PASSWORD, ApiWorld, Caller, problem
from tests.support.databases import on_sqlite


async def tries(world: ApiWorld, count: int, path: str, body: dict[str, str]) -> list[tuple[int, str]]:
    """Log in so many times, one after the other."""
    return [await world.nobody().refused("POST", path, body) for _ in range(count)]


@on_sqlite
async def test_passphrase_opens_the_case_again_however_it_is_typed(world: ApiWorld) -> None:
    person = await world.person()
    typed = f"  {person.passphrase.upper().replace(' ', '-')} "
    body = {"case_id": person.case_id.upper(), "passphrase": typed}
    again = Caller(world.http, (await world.nobody().post("/log-ins/person", body))["token"])
    assert (await again.get(f"/cases/{person.case_id}"))["case_id"] == person.case_id


@on_sqlite
async def test_unknown_names_and_wrong_secrets_get_one_answer(world: ApiWorld) -> None:
    person, login = await world.person(), await world.add_advocate()
    code = world.totp()
    for path, body in (
        ("person", {"case_id": person.case_id, "passphrase": "wrong words"}),
        ("person", {"case_id": "a" * 26, "passphrase": person.passphrase}),
        ("advocate", {"login": login, "password": "not this password", "totp": code}),
        ("advocate", {"login": login, "password": PASSWORD, "totp": "000000" if code != "000000" else "111111"}),
        ("advocate", {"login": "nobody", "password": PASSWORD, "totp": code}),
        ("advocate", {"login": login, "password": PASSWORD, "totp": "１２３４５６"}),
    ):
        answer = await world.nobody().call("POST", f"/log-ins/{path}", body)
        assert problem(answer) == (401, "log-in-wrong")
        assert answer.json()["detail"] == "This does not fit together. Please check and try again."


async def test_one_time_code_works_once(world: ApiWorld) -> None:
    body = {"login": await world.add_advocate(), "password": PASSWORD, "totp": world.totp()}
    done = await world.nobody().post("/log-ins/advocate", body)
    assert done["name"] == "Signing Advocate"
    assert await world.nobody().refused("POST", "/log-ins/advocate", body) == (401, "log-in-wrong")


async def test_one_time_code_works_once_also_for_two_at_the_same_moment(world: ApiWorld) -> None:
    body = {"login": await world.add_advocate(), "password": PASSWORD, "totp": world.totp()}
    answers = await asyncio.gather(*(world.nobody().call("POST", "/log-ins/advocate", body) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [201, 401, 401]


@pytest.mark.parametrize("known", [True, False])
async def test_failures_make_a_name_wait_whether_it_exists_or_not(sqlite_world: ApiWorld, known: bool) -> None:
    world = sqlite_world
    person = await world.person()
    body = {"case_id": person.case_id if known else "b" * 26, "passphrase": "wrong words"}
    assert await tries(world, FREE_TRIES, "/log-ins/person", body) == [(401, "log-in-wrong")] * FREE_TRIES
    right = {**body, "passphrase": person.passphrase}
    answer = await world.nobody().call("POST", "/log-ins/person", right)
    assert problem(answer) == (429, "too-many-tries")
    assert 0 < int(answer.headers["Retry-After"]) <= 31
    async with world.services.database.begin() as session:
        await session.execute(update(LoginThrottle).values(locked_until=datetime.now(UTC) - timedelta(seconds=1)))
    expected = 201 if known else 401
    assert (await world.nobody().call("POST", "/log-ins/person", right)).status_code == expected


async def test_guesses_at_the_same_moment_do_not_get_past_the_limit(world: ApiWorld) -> None:
    person = await world.person()
    body = {"case_id": person.case_id, "passphrase": "wrong words"}
    answers = await asyncio.gather(*(world.nobody().call("POST", "/log-ins/person", body) for _ in range(12)))
    assert sorted(answer.status_code for answer in answers) == [401] * FREE_TRIES + [429] * (12 - FREE_TRIES)


async def test_success_forgets_earlier_failures(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    person = await world.person()
    right = {"case_id": person.case_id, "passphrase": person.passphrase}
    for _ in range(3):
        await tries(world, FREE_TRIES - 1, "/log-ins/person", {**right, "passphrase": "wrong words"})
        await world.nobody().post("/log-ins/person", right)


async def test_guessed_codes_make_an_address_wait_and_right_ones_do_not(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    codes = (await advocate.post("/codes", {"count": 2, "days": 1}))["codes"]
    async with world.services.database.begin() as session:
        await take_try(session, {"unrelated": 1}, datetime.now(UTC))
    for code in codes:
        assert await world.nobody().refused("POST", "/cases", {"language": "en", "code": "wrong"}) == (
            403,
            "code-invalid",
        )
        await world.nobody().post("/cases", {"language": "en", "code": code})
    async with world.services.database.read() as session:
        assert (await session.scalars(select(LoginThrottle.key))).all() == ["unrelated"]
    for _ in range(FREE_TRIES_OF_ADDRESS):
        await world.nobody().call("POST", "/cases", {"language": "en", "code": "wrong"})
    answer = await world.nobody().call("POST", "/cases", {"language": "en", "code": "wrong"})
    assert problem(answer) == (429, "too-many-tries")
    await world.nobody().post("/cases", {"language": "en"})  # a case without a code opens all the same


def test_waits_grow_and_end() -> None:
    waits = [wait_after(failures, FREE_TRIES) for failures in range(1, 30)]
    assert waits[: FREE_TRIES - 1] == [None] * (FREE_TRIES - 1)
    grown = [wait for wait in waits if wait is not None]
    assert grown == sorted(grown) and grown[0] == timedelta(seconds=30) and grown[-1] == timedelta(minutes=15)


async def test_only_hashes_of_tokens_and_names_are_stored(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    person = await world.person()
    await tries(world, 1, "/log-ins/person", {"case_id": person.case_id, "passphrase": "wrong words"})
    async with world.services.database.read() as session:
        logins = (await session.scalars(select(Login))).all()
        throttles = (await session.scalars(select(LoginThrottle))).all()
    assert [login.token_hash for login in logins] == [hashlib.sha256((person.token or "").encode()).hexdigest()]
    plain = hashlib.sha256(f"case:{person.case_id}".encode()).hexdigest()
    assert throttles and all(row.key not in (plain, person.case_id) for row in throttles)


async def test_logging_out_ends_the_token(world: ApiWorld) -> None:
    person = await world.person()
    assert await person.delete("/log-ins/current") is None
    assert await person.refused("GET", f"/cases/{person.case_id}") == (401, "not-logged-in")


async def test_token_ends_with_its_time(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    person = await world.person()
    async with world.services.database.begin() as session:
        await session.execute(update(Login).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    assert await person.refused("GET", f"/cases/{person.case_id}") == (401, "not-logged-in")


async def test_disabled_advocate_is_out_at_once(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    async with world.services.database.begin() as session:
        by = By.operator("test")
        await disable_advocate(session, world.services.keys, login="FIRST ", by=by, now=datetime.now(UTC))
    assert await advocate.refused("GET", "/cases") == (401, "not-logged-in")
    body = {"login": "first", "password": PASSWORD, "totp": world.totp()}
    assert await world.nobody().refused("POST", "/log-ins/advocate", body) == (401, "log-in-wrong")


async def test_erased_case_is_gone_for_everybody(sqlite_world: ApiWorld) -> None:
    world, advocate = sqlite_world, await sqlite_world.advocate()
    person = await world.vouched(advocate)
    await person.post(f"/cases/{person.case_id}/erasure", {"passphrase": person.passphrase})
    world.clock.time += DELAY + timedelta(seconds=1)
    context = world.context
    async with world.services.database.begin() as session:
        for case in await due_erasures(session, context.now()):
            await erase(session, context, case)
    destroy_key(context, person.case_id)
    assert await person.refused("GET", f"/cases/{person.case_id}") == (401, "not-logged-in")
    assert await advocate.refused("GET", f"/cases/{person.case_id}") == (404, "not-found")
    body = {"case_id": person.case_id, "passphrase": person.passphrase}
    assert await world.nobody().refused("POST", "/log-ins/person", body) == (401, "log-in-wrong")
    async with world.services.database.read() as session:
        assert (await session.get_one(Case, person.case_id)).state == "erased"


async def test_odd_tokens_are_only_wrong(sqlite_world: ApiWorld) -> None:
    for header in ("Bearer", "Bearer ", "Bearer x", "Basic dXNlcjpwYXNz", "Bearer \xff\xfe", "Bearer " + "a" * 5000):
        answer = await sqlite_world.http.get("/api/cases", headers={b"Authorization": header.encode("latin-1")})
        assert problem(answer) == (401, "not-logged-in")
        assert answer.headers["www-authenticate"] == "Bearer"
