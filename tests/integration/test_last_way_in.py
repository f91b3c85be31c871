"""Nobody takes their own last way to log in away: after a lost phone a passkey may be all that is left."""

import re
from datetime import UTC, datetime

import pyotp
import pytest
from sqlalchemy import select

from api import auth
from db.models.accounts import Passkey
from monitor.cases.accounts.challenges import KEY, Purpose, make_challenge
from monitor.cases.accounts.passkeys import party_of
from tests.integration.test_accounts import account, make
from tests.support.api_world import PASSWORD, ApiWorld, Caller
from tests.support.page_forms import ORIGIN, see, send_form
from tests.support.soft_passkey import new_passkey

LAST = "/advocate/account?problem=last-way-in"


async def reset_by_two(world: ApiWorld, login: str) -> Caller:
    """Two leads replaced their lost phone, and they logged in with the code."""
    path = f"/colleagues/{(await account(world, login)).id}/reset"
    await (await world.advocate()).post(path)
    code = (await (await make(world, "other-lead", lead=True)).post(path))["code"]
    return await logged_in(world, login, code)


async def logged_in(world: ApiWorld, login: str, code: str) -> Caller:
    body = {"login": login, "password": PASSWORD, "totp": code}
    return Caller(world.http, (await world.nobody().post("/log-ins/advocate", body))["token"])


async def add_passkey(world: ApiWorld, who: Caller, name: str) -> None:
    party = party_of(ORIGIN)
    assert party is not None
    challenge = make_challenge(world.services.keys.create(KEY), Purpose.ADD, who.token or "", datetime.now(UTC))
    made = {"passkey": new_passkey(challenge, party), "name": name}
    assert "passkey-added" in await send_form(world, who, "/advocate/account/passkeys/add", made)


async def passkeys(world: ApiWorld) -> list[str]:
    async with world.services.database.read() as session:
        return list(await session.scalars(select(Passkey.id).order_by(Passkey.created_at)))


async def remove(world: ApiWorld, who: Caller, passkey_id: str) -> str:
    return await send_form(world, who, "/advocate/account/passkeys/remove", {"passkey": passkey_id})


async def set_up_app(world: ApiWorld, who: Caller) -> str:
    """A new phone's app; its secret."""
    page = await see(world, who, "/advocate/account/app?lang=en")
    sealed, typed = re.search(r'name="sealed" value="([^"]+)"', page), re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert sealed is not None and typed is not None
    secret = typed[1].replace(" ", "")
    fresh = {"sealed": sealed[1], "code": pyotp.TOTP(secret).now()}
    assert "app-renewed" in await send_form(world, who, "/advocate/account/app/confirm", fresh)
    return secret


async def test_last_passkey_stays_until_the_new_phone_is_set_up(world: ApiWorld) -> None:
    await world.advocate()
    await make(world, "mina")
    back = await reset_by_two(world, "mina")
    await add_passkey(world, back, "old laptop")
    (first,) = await passkeys(world)
    assert await remove(world, back, first) == LAST
    english = await see(world, back, f"{LAST}&lang=en")
    assert "This passkey is your only way to log in" in english
    assert "Set up a new phone, or add a second passkey" in english
    korean = await see(world, back, f"{LAST}&lang=ko")
    assert "이 패스키가 유일한 로그인 방법" in korean and "only way" not in korean
    # Recovery codes run out: they are no way in that lasts.
    await back.post("/account/recovery-codes")
    assert await remove(world, back, first) == LAST and await passkeys(world) == [first]

    # One of two may go, whichever it is.
    await add_passkey(world, back, "blue key")
    second = (await passkeys(world))[1]
    assert "passkey-removed" in await remove(world, back, first)
    assert await remove(world, back, second) == LAST

    assert "It was not set up since your phone was replaced" in await see(world, back, "/advocate/account?lang=en")
    secret = await set_up_app(world, back)
    assert "not set up since" not in await see(world, back, "/advocate/account?lang=en")
    assert "passkey-removed" in await remove(world, back, second) and await passkeys(world) == []
    code = pyotp.TOTP(secret).generate_otp(int(datetime.now(UTC).timestamp()) // 30 + 1)
    assert (await (await logged_in(world, "mina", code)).get("/account"))["role"] == "advocate"


async def test_whoever_has_the_app_removes_their_only_passkey(sqlite_world: ApiWorld) -> None:
    world, me = sqlite_world, await sqlite_world.advocate()
    await add_passkey(world, me, "laptop")
    (only,) = await passkeys(world)
    assert "passkey-removed" in await remove(world, me, only)


async def test_code_of_a_lost_phone_logs_nobody_in_while_it_is_being_replaced(
    sqlite_world: ApiWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was checked before the second word, and used up after it."""
    world = sqlite_world
    lead = await world.advocate()
    await make(world, "mina")
    second = await make(world, "other-lead", lead=True)
    path = f"/colleagues/{(await account(world, 'mina')).id}/reset"
    await lead.post(path)
    prove = auth._prove

    async def slowly(*given: object) -> object:
        proof = await prove(*given)  # type: ignore[arg-type]  # either way of proving
        await second.post(path)
        return proof

    monkeypatch.setattr(auth, "_prove", slowly)
    world.steps.clear()
    now = datetime.now(UTC).timestamp()
    code = pyotp.TOTP(world.secrets["mina"]).generate_otp(int(now) // 30 + 1)
    body = {"login": "mina", "password": PASSWORD, "totp": code}
    assert await world.nobody().refused("POST", "/log-ins/advocate", body) == (401, "log-in-wrong")
    assert (await account(world, "mina")).totp_last_step == 0
