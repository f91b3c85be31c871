"""The X adapter when X says no: limits, credit, login, faults; and which hosts it talks to at all."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from monitor.core.errors import AccountStopped, ConfigError, CreditExhausted, JikimiError, PlatformFault, RateLimited
from monitor.platforms.base import PlatformName, Presence, SourceRef
from tests.support.x_parts import LONG_AGO, Parts, make_x, patience_of, x_parts
from tests.support.x_troubles import FaultKind

SOURCE = SourceRef(PlatformName.X, "someone", "1000000")
# A GET whose connection is cut before the answer is asked once more: it may have been an old connection.
TRIES = {FaultKind.CUT: 2}
Ask = Callable[[Parts], Awaitable[object]]
ASKS: dict[str, Ask] = {
    "check": lambda parts: parts.x.check(),
    "resolve": lambda parts: parts.x.resolve("someone"),
    "page": lambda parts: parts.x.page(SOURCE, None, since=LONG_AGO),
    "post": lambda parts: parts.x.post(SOURCE, "123"),
    "post status": lambda parts: parts.x.post_status(SOURCE, "123", ()),
}


@pytest.fixture
async def parts(request: pytest.FixtureRequest) -> AsyncIterator[Parts]:
    async with x_parts(patience=patience_of(request)) as made:
        made.world.account("someone")
        yield made


@pytest.mark.parametrize("name", ASKS)
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (FaultKind.CREDITS, CreditExhausted),
        (FaultKind.USAGE_CAP, CreditExhausted),
        (FaultKind.RATE_LIMIT, RateLimited),
        (FaultKind.RATE_LIMIT_SILENT, RateLimited),
        (FaultKind.FORBIDDEN, AccountStopped),
    ],
)
async def test_refusal_has_its_own_error_at_every_door(
    parts: Parts, name: str, fault: FaultKind, error: type[JikimiError]
) -> None:
    parts.world.fail("/2/", fault)
    with pytest.raises(error):
        await ASKS[name](parts)


@pytest.mark.parametrize("name", ["check", "resolve", "page", "post"])
@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (FaultKind.UNAVAILABLE, "http-503"),
        (FaultKind.GUARD, "http-403"),
        (FaultKind.NOT_JSON, "not-json"),
        (FaultKind.NOTHING, "unreadable-answer"),
        (FaultKind.HANG, "timeout"),
        (FaultKind.CUT, "connection-lost"),
        (FaultKind.SHORT, "connection-lost"),
    ],
)
async def test_passing_fault_is_a_fault_and_the_next_call_works(
    parts: Parts, name: str, fault: FaultKind, code: str
) -> None:
    parts.world.fail("/2/", fault, times=TRIES.get(fault, 1))
    with pytest.raises(PlatformFault, match=f"^{code}$"):
        await ASKS[name](parts)
    await ASKS[name](parts)


async def test_fault_while_checking_is_unknown_never_gone(parts: Parts) -> None:
    impatient = make_x(parts.double, clock=parts.clock, timeout=1.0)
    for fault in (FaultKind.UNAVAILABLE, FaultKind.NOT_JSON, FaultKind.NOTHING, FaultKind.HANG, FaultKind.CUT):
        parts.world.fail("/2/", fault, times=TRIES.get(fault, 1))
        status = await impatient.post_status(SOURCE, "123", ())
        assert status.presence is Presence.UNKNOWN
    await impatient.close()
    assert (await parts.x.post_status(SOURCE, "123", ())).presence is Presence.DELETED


async def test_wrong_token_stops_the_account(parts: Parts) -> None:
    stranger = make_x(parts.double, bearer="wrong")
    with pytest.raises(AccountStopped) as caught:
        await stranger.check()
    assert caught.value.reason == "unauthorized"
    await stranger.close()


async def test_nothing_answers_at_all(parts: Parts) -> None:
    nowhere = make_x(parts.double, api_base="http://127.0.0.1:9")
    with pytest.raises(PlatformFault, match="connection-lost"):
        await nowhere.check()
    await nowhere.close()


async def test_limit_is_remembered_and_no_call_is_made_before_it_ends(parts: Parts) -> None:
    parts.world.fail("/2/tweets", FaultKind.RATE_LIMIT, reset_after=300)
    with pytest.raises(RateLimited) as caught:
        await parts.x.post(SOURCE, "123")
    assert 290 < caught.value.retry_after <= 300
    assert caught.value.method == "GET /2/tweets"
    made = len(parts.world.calls)
    with pytest.raises(RateLimited):
        await parts.x.post_status(SOURCE, "123", ())
    assert len(parts.world.calls) == made
    # Another endpoint has a limit of its own.
    await parts.x.page(SOURCE, None, since=LONG_AGO)


async def test_limit_survives_a_restart_through_its_store_and_ends_in_time(parts: Parts) -> None:
    parts.world.fail("/2/tweets", FaultKind.RATE_LIMIT)
    with pytest.raises(RateLimited):
        await parts.x.post(SOURCE, "123")
    reborn = make_x(parts.double, cooldowns=parts.cooldowns, clock=parts.clock)
    with pytest.raises(RateLimited):
        await reborn.post(SOURCE, "123")
    await parts.cooldowns.set("GET /2/tweets", parts.clock.now() - timedelta(seconds=1))
    assert await reborn.post(SOURCE, "123") is None
    await reborn.close()


async def test_limit_without_reset_waits_one_window(parts: Parts) -> None:
    parts.world.fail("/2/", FaultKind.RATE_LIMIT_SILENT)
    with pytest.raises(RateLimited) as caught:
        await parts.x.resolve("someone")
    assert caught.value.retry_after == 900


async def test_reset_in_the_past_or_far_future_gives_a_sane_wait(parts: Parts) -> None:
    for reset_after, least, most in ((-500.0, 1, 1), (1e9, 86_400, 86_400)):
        parts.world.fail("/2/users/by", FaultKind.RATE_LIMIT, reset_after=reset_after)
        await parts.cooldowns.set("GET /2/users/by/username/:username", parts.clock.now())
        with pytest.raises(RateLimited) as caught:
            await parts.x.resolve("someone")
        assert least <= caught.value.retry_after <= most


async def test_limit_is_counted_in_the_time_of_a_fast_world() -> None:
    async with x_parts(speed=60.0) as parts:
        parts.world.fail("/2/", FaultKind.RATE_LIMIT, reset_after=900)
        with pytest.raises(RateLimited) as caught:
            await parts.x.check()
        assert 0 < caught.value.retry_after <= 900
        until = await parts.cooldowns.until("GET /2/tweets")
        assert until is not None and until <= parts.clock.now() + timedelta(seconds=900)


async def test_limit_in_the_middle_keeps_what_was_paid_for(parts: Parts) -> None:
    account = parts.world.accounts["1000000"]
    made = [parts.world.post(account, f"post {n}") for n in range(150)]

    # The second answer of the same page meets the limit.
    class SecondCall(list[object]):
        def append(self, call: object) -> None:
            super().append(call)
            if len(self) == 1:
                parts.world.faults.clear()
            if len(self) == 2:
                parts.world.fail("/2/users/", FaultKind.RATE_LIMIT)

    parts.world.calls = SecondCall()  # type: ignore[assignment]
    page = await parts.x.page(SOURCE, None, since=LONG_AGO, limit=1000)
    assert [post.id for post in page.posts] == [post.id for post in made[50:]]
    assert page.more
    with pytest.raises(RateLimited):
        await parts.x.page(SOURCE, page.cursor, since=LONG_AGO, limit=1000)
    await parts.cooldowns.set("GET /2/users/:id/tweets", parts.clock.now())
    rest = await parts.x.page(SOURCE, page.cursor, since=LONG_AGO, limit=1000)
    assert [post.id for post in rest.posts] == [post.id for post in made[:50]]
    assert (rest.cursor, rest.more) == (made[-1].id, False)


REAL: dict[str, Any] = {"api_base": "https://api.x.com", "media_hosts": ("pbs.twimg.com",)}


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (REAL, "api_base"),
        ({"api_base": "https://api.x.com"}, "api_base"),
        ({"media_hosts": ("127.0.0.1:1", "pbs.twimg.com")}, "media_hosts"),
        ({**REAL, "written_approval": "   "}, "api_base"),
        ({"api_base": "http://127.0.0.1.example.org"}, "api_base"),
        ({"api_base": "http://127.0.0.1@example.org"}, "api_base"),
        ({"api_base": "http://localhost.example.org:80"}, "api_base"),
        ({"api_base": "http://api.x.com", "written_approval": "2026-11-01 ref 7"}, "api_base"),
        ({"api_base": "ftp://127.0.0.1"}, "api_base"),
        ({"api_base": "https://127.0.0.1/2/"}, "api_base"),
        ({"api_base": "https://127.0.0.1:port"}, "api_base"),
        ({"api_base": ""}, "api_base"),
        ({"media_hosts": ("https://pbs.twimg.com/media",), "written_approval": "ref"}, "media_hosts"),
        ({"media_hosts": ("",)}, "media_hosts"),
        ({"bearer_token": "  "}, "bearer_token"),
    ],
)
async def test_host_that_may_not_be_reached_is_refused_by_name_of_its_key(
    parts: Parts, change: dict[str, Any], key: str
) -> None:
    with pytest.raises(ConfigError, match=rf"\[x\] {key}"):
        make_x(parts.double, **change)


async def test_real_hosts_are_taken_with_the_written_approval(parts: Parts) -> None:
    make_x(parts.double, **REAL, written_approval="2026-11-01, reference 7")
    make_x(parts.double, api_base="http://localhost:80", media_hosts=("[::1]:80", "LOCALHOST"))
