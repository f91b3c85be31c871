"""Strangers: what they cause is bounded, a flood works for it, and neither guesses nor floods keep the honest out."""

import asyncio
import re
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.budgets import LIMITS, Act, Budget, Budgets, Limits
from api.pages.signing_in import BROWSER_COOKIE
from api.throttle import FREE_CODES, FREE_TRIES, FREE_TRIES_OF_ADDRESS, FREE_TRIES_OF_BROWSER
from api.turns import MOST_WAITING
from api.work import solve
from db.session import Database
from monitor.cases import hashing, passphrase
from monitor.cases.hashing import HashingPool
from monitor.cases.opening import open_case
from monitor.keys.envelope import HASHER
from tests.support.api_world import INTAKE, PASSWORD, PDQ, PROXY, ApiWorld, api_world, problem
from tests.support.databases import on_sqlite

HERE, ELSEWHERE = "198.51.100.1", "198.51.100.2"
SMALL = Limits(Budget(6, 0.001), Budget(3, 0.001))


@pytest.fixture
async def town(prepared_url: str, tmp_path: Path) -> AsyncIterator[ApiWorld]:
    """The application behind a declared proxy, so that a test says where a request comes from."""
    async with api_world(prepared_url, tmp_path, trusted_proxies=[PROXY]) as made:
        yield made


@pytest.fixture
async def small_town(prepared_sqlite_url: str, tmp_path: Path) -> AsyncIterator[ApiWorld]:
    """The same with small budgets, and puzzles as they are."""
    budgets = Budgets(dict.fromkeys(LIMITS, SMALL))
    async with api_world(prepared_sqlite_url, tmp_path, trusted_proxies=[PROXY], budgets=budgets) as made:
        yield made


async def send(world: ApiWorld, path: str, body: Any, *, at: str = HERE, work: str = "") -> httpx.Response:
    """Somebody at an address."""
    return await world.nobody().call("POST", path, body, headers={"X-Forwarded-For": at, "Jikimi-Work": work})


async def log_in_person(world: ApiWorld, case_id: str, words: str, *, at: str = HERE, work: str = "") -> httpx.Response:
    """A try."""
    return await send(world, "/log-ins/person", {"case_id": case_id, "passphrase": words}, at=at, work=work)


async def log_in_advocate(world: ApiWorld, password: str, code: str, *, at: str = HERE) -> httpx.Response:
    """A try."""
    return await send(world, "/log-ins/advocate", {"login": "first", "password": password, "totp": code}, at=at)


class Browser:
    """A browser on the pages, with its cookies and an address."""

    def __init__(self, world: ApiWorld, at: str = HERE) -> None:
        self.world = world
        transport = world.http._transport
        self.http = httpx.AsyncClient(
            transport=transport, base_url="https://jikimi.example.org", headers={"X-Forwarded-For": at}
        )

    async def log_in(self, password: str, code: str, *, work: str = "", language: str = "en") -> httpx.Response:
        """Through the form."""
        page = await self.http.get(f"/advocate/login?lang={language}")
        token = re.search(r'name="token" value="(\w+)"', page.text)
        assert token is not None
        values = {"token": token[1], "login": "first", "password": password, "code": code, "work": work}
        return await self.http.post("/advocate/login", data=values)

    def forget(self) -> None:
        """All cookies but the browser's own mark."""
        kept = {name: value for name, value in self.http.cookies.items() if BROWSER_COOKIE in name}
        self.http.cookies = httpx.Cookies(kept)


# --- nobody is locked out


async def test_right_passphrase_from_elsewhere_gets_in_while_guessing_goes_on(town: ApiWorld) -> None:
    person = await town.person()
    for _ in range(FREE_TRIES + 3):
        guess = await log_in_person(town, person.case_id, "wrong words")
    assert problem(guess) == (429, "too-many-tries")
    assert (await log_in_person(town, person.case_id, person.passphrase, at=ELSEWHERE)).status_code == 201
    assert problem(await log_in_person(town, person.case_id, "wrong words"))[0] == 429


async def test_right_password_from_elsewhere_gets_in_while_guessing_goes_on(town: ApiWorld) -> None:
    await town.add_advocate()
    for _ in range(FREE_TRIES + 3):
        guess = await log_in_advocate(town, "wrong password", "000000")
    assert problem(guess) == (429, "too-many-tries")
    assert (await log_in_advocate(town, PASSWORD, town.totp(), at=ELSEWHERE)).status_code == 201


@on_sqlite
async def test_one_guesser_does_not_keep_others_of_the_same_address_out(town: ApiWorld) -> None:
    guessed, other = await town.person(), await town.person()
    for _ in range(FREE_TRIES + 3):
        await log_in_person(town, guessed.case_id, "wrong words")
    assert (await log_in_person(town, other.case_id, other.passphrase)).status_code == 201


@on_sqlite
async def test_ones_own_log_ins_do_not_buy_new_guesses(town: ApiWorld) -> None:
    """After every 32 guesses one log-in to one's own case: the address must wait all the same."""
    own, answers = await town.person(), []
    for number in range(64):
        answers.append((await log_in_person(town, f"{number:a>26}".replace("1", "b")[:26], "wrong words")).status_code)
        if number % 32 == 31:
            await log_in_person(town, own.case_id, own.passphrase)
    assert answers[: FREE_TRIES_OF_ADDRESS - 1] == [401] * (FREE_TRIES_OF_ADDRESS - 1)
    assert 429 in answers


@on_sqlite
async def test_all_addresses_of_an_ipv6_line_are_one(town: ApiWorld) -> None:
    person, answers = await town.person(), []
    for number in range(FREE_TRIES + 1):
        at = f"2001:db8:1:2::{number + 1:x}"
        answers.append((await log_in_person(town, person.case_id, "wrong words", at=at)).status_code)
    assert answers == [401] * FREE_TRIES + [429]
    assert (await log_in_person(town, person.case_id, person.passphrase, at="2001:db8:1:3::1")).status_code == 201


@on_sqlite
async def test_wait_can_be_worked_off_so_that_a_shared_address_is_never_closed(town: ApiWorld) -> None:
    person = await town.person()
    for _ in range(FREE_TRIES + 1):
        guess = await log_in_person(town, person.case_id, "wrong words")
    assert problem(guess) == (429, "too-many-tries")
    work = await asyncio.to_thread(solve, guess.json()["work"]["challenge"])
    assert (await log_in_person(town, person.case_id, person.passphrase, work=work)).status_code == 201


async def test_wrong_codes_after_the_right_password_count_for_the_account_wherever_they_come_from(
    town: ApiWorld,
) -> None:
    await town.add_advocate()
    wrong = [f"{number:06}" for number in range(FREE_CODES + 1)]
    for number, code in enumerate(wrong):
        answer = await log_in_advocate(town, PASSWORD, code, at=f"198.51.100.{number + 10}")
    assert problem(answer)[0] in (401, 429)
    for password in (PASSWORD, "wrong password"):  # the answer tells nothing about the password
        answer = await log_in_advocate(town, password, town.totp(), at=ELSEWHERE)
        assert problem(answer) == (429, "too-many-tries")
        assert "work" not in answer.json()


@on_sqlite
async def test_wrong_passwords_do_not_use_up_the_codes(town: ApiWorld) -> None:
    await town.add_advocate()
    for number in range(FREE_CODES * 4):
        await log_in_advocate(town, "wrong password", "000000", at=f"198.51.100.{number + 10}")
    assert (await log_in_advocate(town, PASSWORD, town.totp(), at=ELSEWHERE)).status_code == 201


async def test_codes_guessed_at_the_same_moment_are_as_bounded(town: ApiWorld) -> None:
    await town.add_advocate()
    tried = [log_in_advocate(town, PASSWORD, f"{n:06}", at=f"198.51.100.{n + 10}") for n in range(12)]
    statuses = sorted(answer.status_code for answer in await asyncio.gather(*tried))
    assert statuses == [401] * FREE_CODES + [429] * (12 - FREE_CODES)


@on_sqlite
async def test_known_browser_of_an_advocate_gets_in_whatever_is_guessed_around_it(town: ApiWorld) -> None:
    await town.add_advocate()
    browser = Browser(town)
    assert (await browser.log_in(PASSWORD, town.totp())).status_code == 303
    browser.forget()
    for number in range(FREE_CODES + 1):
        await log_in_advocate(town, PASSWORD, f"{number:06}", at=f"198.51.100.{number + 10}")
    for _ in range(FREE_TRIES + 1):
        guess = await log_in_advocate(town, "wrong password", "000000")
    assert guess.status_code == 429
    assert (await Browser(town).log_in(PASSWORD, "000000")).status_code == 429
    assert (await browser.log_in(PASSWORD, town.totp())).status_code == 303


@on_sqlite
async def test_known_browser_has_an_allowance_and_not_more(town: ApiWorld) -> None:
    await town.add_advocate()
    browser = Browser(town)
    await browser.log_in(PASSWORD, town.totp())
    browser.forget()
    statuses = [
        (await browser.log_in("wrong password", "000000")).status_code for _ in range(FREE_TRIES_OF_BROWSER + 1)
    ]
    assert statuses == [401] * FREE_TRIES_OF_BROWSER + [429]
    assert (await Browser(town, ELSEWHERE).log_in(PASSWORD, town.totp())).status_code == 303


@on_sqlite
async def test_mark_of_a_browser_is_closed_to_scripts_signed_and_bound_to_its_advocate(town: ApiWorld) -> None:
    await town.add_advocate()
    browser = Browser(town)
    answer = await browser.log_in(PASSWORD, town.totp())
    (cookie,) = [each for each in answer.headers.get_list("set-cookie") if BROWSER_COOKIE in each]
    assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=strict", "Max-Age=7776000", "__Host-"))
    assert "first" not in cookie
    await town.add_advocate("second")
    name, mark = next((k, v) for k, v in browser.http.cookies.items() if BROWSER_COOKIE in k)
    for forged in (mark[:-1] + ("0" if mark[-1] != "0" else "1"), "", "x" * 3000):
        stranger = Browser(town, ELSEWHERE)
        stranger.http.cookies.set(name, forged)
        statuses = [(await stranger.log_in("wrong", "000000")).status_code for _ in range(FREE_TRIES + 1)]
        assert statuses[-1] == 429


@on_sqlite
async def test_no_mark_is_left_on_the_phone_of_a_person(town: ApiWorld) -> None:
    person = await town.person()
    for answer in (
        await log_in_person(town, person.case_id, person.passphrase),
        await send(town, "/cases", {"language": "en"}),
        await town.http.get("/"),
        await town.http.get("/case"),
        await town.http.get("/api/work"),
    ):
        assert answer.is_success and "set-cookie" not in answer.headers


# --- work in place of refusal


async def test_beyond_the_budget_opening_a_case_needs_work_and_with_it_everybody_gets_in(small_town: ApiWorld) -> None:
    world, wanted = small_town, {"language": "en"}
    for _ in range(3):
        assert (await send(world, "/cases", wanted)).status_code == 201
    refused = await send(world, "/cases", wanted)
    assert problem(refused) == (429, "work-needed")
    assert (await send(world, "/cases", wanted, at=ELSEWHERE)).status_code == 201  # nobody else has to
    work = await asyncio.to_thread(solve, refused.json()["work"]["challenge"])
    assert (await send(world, "/cases", wanted, work=work)).status_code == 201
    assert problem(await send(world, "/cases", wanted, work=work)) == (429, "work-needed")  # it is good once


async def test_work_may_be_done_ahead_and_is_asked_for_only_when_it_is_needed(small_town: ApiWorld) -> None:
    world, told = small_town, {"X-Forwarded-For": HERE}
    calm = await world.http.get("/api/work", headers=told)
    assert calm.json() == {"challenge": None, "size": 0}
    for _ in range(3):
        await send(world, "/cases", {"language": "en"})
    asked = (await world.http.get("/api/work", headers=told)).json()
    work = await asyncio.to_thread(solve, asked["challenge"])
    assert (await send(world, "/cases", {"language": "en"}, work=work)).status_code == 201


async def test_work_is_taken_once_also_by_two_at_the_same_moment(prepared_url: str, tmp_path: Path) -> None:
    budgets = Budgets(dict.fromkeys(LIMITS, SMALL))
    async with api_world(prepared_url, tmp_path, trusted_proxies=[PROXY], budgets=budgets) as world:
        for _ in range(3):
            await send(world, "/cases", {"language": "en"})
        refused = await send(world, "/cases", {"language": "en"})
        work = await asyncio.to_thread(solve, refused.json()["work"]["challenge"])
        answers = await asyncio.gather(*(send(world, "/cases", {"language": "en"}, work=work) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [201, 429, 429, 429, 429]


async def test_code_of_a_helpline_needs_no_work_and_meets_no_budget(small_town: ApiWorld) -> None:
    world = small_town
    advocate = await world.advocate()
    codes = (await advocate.post("/codes", {"count": 8, "days": 1}))["codes"]
    for _ in range(5):
        await send(world, "/cases", {"language": "en"})
        await send(world, "/cases", {"language": "en", "code": "wrong"})
    for code in codes:
        opened = await send(world, "/cases", {"language": "en", "code": code})
        assert (opened.status_code, opened.json()["state"]) == (201, "vouched")
    assert problem(await send(world, "/cases", {"language": "en", "code": "wrong"})) == (429, "too-many-tries")


async def test_fingerprints_links_and_consents_of_strangers_have_budgets_and_an_advocates_have_none(
    small_town: ApiWorld,
) -> None:
    world = small_town
    advocate = await world.advocate()
    person = await world.vouched(advocate)
    bodies = {
        "fingerprints": {"pdq": PDQ, "quality": 80, "kind": "intimate"},
        "links": {"url": "https://t.me/somechannel/5", "kind": "intimate"},
    }
    for name, body in bodies.items():
        path = f"/cases/{person.case_id}/{name}"
        statuses = [(await person.call("POST", path, body)).status_code for _ in range(5)]
        assert statuses == [201, 201, 201, 429, 429], name
        refused = await person.call("POST", path, body)
        work = await asyncio.to_thread(solve, refused.json()["work"]["challenge"])
        assert (await person.call("POST", path, body, headers={"Jikimi-Work": work})).status_code == 201
        assert (await advocate.call("POST", path, body)).status_code == 201
    consent = {"platform": "telegram", "source": "@somechannel", "purposes": ["watch"]}
    answer = await person.call("POST", f"/cases/{person.case_id}/consents", consent)
    assert problem(answer) == (429, "work-needed")


async def test_changes_of_whom_nobody_vouched_for_have_a_budget_and_those_of_others_none(small_town: ApiWorld) -> None:
    world, changes = small_town, 0
    advocate = await world.advocate()
    person = await world.person()  # who sent the intake once already
    case = f"/cases/{person.case_id}"

    async def change(method: str, path: str, body: Any = None) -> int:
        return (await person.call(method, f"{case}{path}", body)).status_code

    assert await change("PUT", "/any-centre", {"allowed": True}) == 200
    assert await change("PUT", "/intake", INTAKE) == 200
    assert await change("PUT", "/any-centre", {"allowed": False}) == 429
    assert await change("POST", "/erasure", {"passphrase": person.passphrase}) == 202, "erasing never waits"
    refused = await person.call("DELETE", f"{case}/erasure")
    assert problem(refused) == (429, "work-needed")
    work = await asyncio.to_thread(solve, refused.json()["work"]["challenge"])
    assert (await person.call("DELETE", f"{case}/erasure", headers={"Jikimi-Work": work})).status_code == 200
    await advocate.post(f"{case}/vouch")
    for _ in range(4):
        changes += await change("PUT", "/intake", INTAKE) == 200
    assert changes == 4, "whoever is vouched for takes back at once"


async def test_log_in_page_tells_what_to_do_and_takes_work(small_town: ApiWorld) -> None:
    world = small_town
    await world.add_advocate()
    for _ in range(3):
        await log_in_advocate(world, "wrong password", "000000")
    browser = Browser(world)
    for language, words in (("en", "please allow scripts on this page"), ("ko", "스크립트를 허용")):
        refused = await browser.log_in(PASSWORD, "000000", language=language)
        assert refused.status_code == 429 and int(refused.headers["Retry-After"]) > 0
        assert words in refused.text and "<noscript>" in refused.text
    challenge = re.search(r'data-challenge="([\w:-]+)"', refused.text)
    assert challenge is not None
    work = await asyncio.to_thread(solve, challenge[1])
    assert (await browser.log_in(PASSWORD, world.totp(), work=work)).status_code == 303


# --- bounded


async def test_a_full_queue_is_told_in_words_at_both_doors(
    sqlite_world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    await sqlite_world.add_advocate()
    monkeypatch.setattr(passphrase, "HASHING", HashingPool(1, 0))
    answer = await sqlite_world.nobody().call("POST", "/cases", {"language": "en"})
    assert problem(answer) == (429, "overloaded") and answer.headers["Retry-After"] == "5"
    for language, words in (("en", "Very many people are here right now"), ("ko", "지금 이용하는 분이 아주 많아요")):
        page = await Browser(sqlite_world).log_in(PASSWORD, "000000", language=language)
        assert page.status_code == 429 and page.headers["Retry-After"] == "5"
        assert words in page.text


def memory() -> int:
    """Bytes of this process now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


@pytest.mark.parametrize("path", ["/cases", "/log-ins/person"])
async def test_150_at_once_neither_fill_the_memory_nor_stop_the_rest(
    prepared_sqlite_url: str, tmp_path: Path, path: str
) -> None:
    """With the real argon2, from 150 places, so that no budget of an origin spares us the work."""
    body = {"language": "en"} if path == "/cases" else {"case_id": "a" * 26, "passphrase": "wrong words"}
    async with api_world(prepared_sqlite_url, tmp_path, hasher=HASHER, trusted_proxies=[PROXY]) as world:
        await log_in_person(world, "b" * 26, "wrong words", at=ELSEWHERE)
        before, most, slowest, threads = memory(), 0, 0.0, threading.active_count()
        flood = [asyncio.create_task(send(world, path, body, at=f"10.1.0.{number}")) for number in range(150)]
        while not all(task.done() for task in flood):
            began = time.monotonic()
            assert (await world.http.get("/healthz")).status_code == 200
            slowest, most = max(slowest, time.monotonic() - began), max(most, memory())
            await asyncio.sleep(0.02)
        statuses = [task.result().status_code for task in flood]
        assert most - before < (hashing.THREADS * 64 + 150) * 2**20
        assert slowest < 5.0  # a test shares its processors; benchmarks/flood.py holds the second
        assert threading.active_count() - threads <= hashing.THREADS + 20  # those of the database's connections
        assert set(statuses) <= {201, 401, 429}
        assert sum(status != 429 for status in statuses) >= MOST_WAITING
        # Straight afterwards an honest one gets in.
        answer = await send(world, "/cases", {"language": "en"}, at="192.0.2.77")
        if answer.status_code == 429:
            work = await asyncio.to_thread(solve, answer.json()["work"]["challenge"])
            answer = await send(world, "/cases", {"language": "en"}, at="192.0.2.77", work=work)
        assert answer.status_code == 201


# --- a code that opens nothing leaves nothing


async def test_wrong_or_used_code_leaves_no_live_key_and_no_case(world: ApiWorld) -> None:
    advocate = await world.advocate()
    code = (await advocate.post("/codes", {"count": 1, "days": 1}))["codes"][0]
    await world.nobody().post("/cases", {"language": "en", "code": code})
    keys = world.services.keys.names("case:")
    for wrong in ("wrong", code, "zzzz-zzzz-zzzz"):
        assert await world.nobody().refused("POST", "/cases", {"language": "en", "code": wrong}) == (
            403,
            "code-invalid",
        )
    assert world.services.keys.names("case:") == keys


async def test_one_code_used_twice_at_the_same_moment_opens_one_case_and_leaves_one_key(world: ApiWorld) -> None:
    advocate = await world.advocate()
    code = (await advocate.post("/codes", {"count": 1, "days": 1}))["codes"][0]
    wanted = {"language": "en", "code": code}
    answers = await asyncio.gather(*(world.nobody().call("POST", "/cases", wanted) for _ in range(4)))
    assert sorted(answer.status_code for answer in answers) == [201, 403, 403, 403]
    assert len(world.services.keys.names("case:")) == 1


async def test_case_that_is_not_kept_after_all_takes_its_key_along(world: ApiWorld) -> None:
    database: Database = world.services.database
    with pytest.raises(ZeroDivisionError):
        async with database.begin() as session:
            await open_case(session, world.context, language="en")
            assert len(world.services.keys.names("case:")) == 1
            raise ZeroDivisionError
    assert world.services.keys.names("case:") == []


def test_limits_are_said_for_every_act() -> None:
    assert set(LIMITS) == set(Act)
