"""Passkeys in a real Chromium with a virtual authenticator: added, used at the door and for a proof, and refused."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs

import httpx
from playwright.async_api import CDPSession, Page, expect
from sqlalchemy import select, update

from db.models.accounts import AccountEvent, Passkey
from db.models.people import Login
from tests.support.pages_world import PagesWorld, browser, log_in, pages_world, visitor

PUBLIC = 'public_url = "http://localhost:PORT"\n'
DEVICE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


async def device(cdp: CDPSession, **changed: object) -> str:
    """A virtual authenticator; its id."""
    made = await cdp.send("WebAuthn.addVirtualAuthenticator", {"options": {**DEVICE, **changed}})
    return str(made["authenticatorId"])


async def passkeys(world: PagesWorld) -> list[Passkey]:
    async with world.services.database.read() as session:
        return list(await session.scalars(select(Passkey).order_by(Passkey.created_at)))


async def add(page: Page, name: str) -> None:
    await page.goto("/advocate/account")
    await page.locator("#passkey-name").fill(name)
    await page.get_by_role("button", name="Add a passkey").click()
    await expect(page.get_by_role("heading", name=name)).to_be_visible()


async def with_passkey(page: Page) -> dict[str, str]:
    """Log in with a passkey; what was sent, with the cookie that bound the form to this browser."""
    await page.goto("/advocate/login")
    cookies = {one.get("name"): one.get("value") for one in await page.context.cookies()}
    async with page.expect_request(lambda asked: asked.method == "POST") as sent:
        await page.get_by_role("button", name="Log in with a passkey").click()
    form = {name: values[0] for name, values in parse_qs((await sent.value).post_data or "").items()}
    await page.wait_for_load_state()
    return {**form, "cookie": str(cookies["jikimi_visit"])}


async def log_out(page: Page) -> None:
    await page.get_by_role("button", name=re.compile("Log out")).click()
    await expect(page).to_have_url(re.compile("/advocate/login"))


async def test_passkey_is_added_used_and_refused_where_anything_does_not_fit(
    tmp_path: Path, chromium_path: str
) -> None:
    async with pages_world(tmp_path, more=PUBLIC) as world, browser(chromium_path) as started:
        here = world.address.replace("127.0.0.1", "localhost")
        async with visitor(started, world, base_url=here) as (context, page):
            cdp = await context.new_cdp_session(page)
            await cdp.send("WebAuthn.enable")
            first = await device(cdp)
            await log_in(page, world)
            await expect(page).to_have_url(re.compile("/advocate$"))
            await add(page, "office laptop")
            await page.get_by_label("Name", exact=True).first.fill("desk")
            await page.get_by_role("button", name="Rename").click()
            await expect(page.get_by_role("heading", name="desk")).to_be_visible()

            await log_out(page)
            sent = await with_passkey(page)
            await expect(page).to_have_url(re.compile("/advocate$"))
            (kept,) = await passkeys(world)
            assert kept.used_at is not None and kept.name == "desk"

            # The same answer a second time, and one for another browser's form, are worth nothing.
            async with httpx.AsyncClient(base_url=here, headers={"Accept-Language": "en"}) as thief:
                for cookie in (sent["cookie"], "another-browsers-form"):
                    token = sent["token"]
                    if cookie != sent["cookie"]:
                        answer = await thief.get("/advocate/login", headers={"Cookie": f"jikimi_visit={cookie}"})
                        token = str(re.search(r'name="token" value="(\w+)"', answer.text)[1])  # type: ignore[index]
                    form = {"token": token, "passkey": sent["passkey"]}
                    answer = await thief.post(
                        "/advocate/login", data=form, headers={"Cookie": f"jikimi_visit={cookie}"}
                    )
                    assert answer.status_code == 403 and "The passkey did not fit" in answer.text, cookie

            # What needs a recent proof asks for it, and takes the passkey.
            async with world.services.database.begin() as session:
                await session.execute(update(Login).values(proved_at=datetime.now(UTC) - timedelta(minutes=11)))
            await page.goto("/advocate/account")
            await page.get_by_role("button", name="Make ten new ones").click()
            await expect(page).to_have_url(re.compile("/advocate/account/prove"))
            await page.get_by_role("button", name="Use a passkey").click()
            await expect(page).to_have_url(re.compile("/advocate/account\\?done=proved"))
            await page.get_by_role("button", name="Make ten new ones").click()
            await expect(page.locator(".code-list code")).to_have_count(10)

            # Several a person; and one that only somebody holds, but does not unlock, is refused by the browser.
            await cdp.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": first})
            second = await device(cdp, transport="usb")
            await add(page, "blue key")
            assert [one.name for one in await passkeys(world)] == ["desk", "blue key"]
            await log_out(page)
            await cdp.send("WebAuthn.setUserVerified", {"authenticatorId": second, "isUserVerified": False})
            await page.goto("/advocate/login")
            await page.get_by_role("button", name="Log in with a passkey").click()
            await expect(page.get_by_text("The passkey was not used")).to_be_visible()
            await cdp.send("WebAuthn.setUserVerified", {"authenticatorId": second, "isUserVerified": True})

            # One that counts backwards may be a copy: refused, and its owner is told.
            async with world.services.database.begin() as session:
                await session.execute(update(Passkey).where(Passkey.name == "blue key").values(sign_count=1000))
            await with_passkey(page)
            await expect(page.get_by_text("The passkey did not fit")).to_be_visible()
            async with world.services.database.begin() as session:
                assert "passkey-copied" in list(await session.scalars(select(AccountEvent.kind)))
                await session.execute(update(Passkey).where(Passkey.name == "blue key").values(sign_count=0))
            await with_passkey(page)
            await expect(page).to_have_url(re.compile("/advocate$"))
            await expect(page.get_by_role("link", name=re.compile("My account new"))).to_be_visible()

            # Removed: it logs nobody in any more. One-time codes still do.
            await page.goto("/advocate/account")
            await page.get_by_role("button", name="Remove blue key").click()
            await expect(page.get_by_text("It logs nobody in any more")).to_be_visible()
            await log_out(page)
            await with_passkey(page)
            await expect(page.get_by_text("The passkey did not fit")).to_be_visible()
            await log_in(page, world)
            await expect(page).to_have_url(re.compile("/advocate$"))
