"""The link of a notice in a real browser: its secret leaves the address before any request holds it."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from playwright.async_api import Page, expect

from db.locking import lock_one
from db.models.cases import Case
from db.models.notices import Notice
from db.models.platform_side import PlatformLink
from db.queries.platform_side import link_about
from monitor.cases.intake import fill_intake
from monitor.cases.opening import vouch
from monitor.notices.platform_links import LINKS, keep_link, tag_of
from tests.support.domain_world import make_case, make_sighting
from tests.support.leaving import write_and_send
from tests.support.notice_builders import make_intake
from tests.support.pages_world import PagesWorld, visiting


async def linked(world: PagesWorld) -> str:
    """A notice that was sent, and the secret of its link."""
    advocate, context = await world.advocate(), world.context
    object.__setattr__(world.services.context, "links_at", world.address)
    async with world.services.database.begin() as session:
        case = await make_case(session, context, None)
    async with world.services.database.begin() as session:
        case = await lock_one(session, Case, case.id)
        allowed = datetime.now(UTC) - timedelta(hours=1)
        await fill_intake(session, context, case, make_intake(permission_to_send_at=allowed))
    async with world.services.database.begin() as session:
        await vouch(session, context, await lock_one(session, Case, case.id), advocate.id)
    async with world.services.database.begin() as session:
        case = await lock_one(session, Case, case.id)
        sighting = await make_sighting(session, context, case, confirmed_by=advocate)
    async with world.services.database.begin() as session:
        (made,), _ = await write_and_send(session, world.context, sighting, routes=("us_tida",), by=advocate.id)
    async with world.services.database.begin() as session:
        notice = await lock_one(session, Notice, made.id)
        notice.state, notice.sent_at = "sent", datetime.now(UTC)
        await keep_link(session, world.context, notice, "abuse@telegram.org")
        link = await link_about(session, notice.id)
    assert isinstance(link, PlatformLink)
    return f"{link.id}.{tag_of(world.services.keys.create(LINKS), link.id)}"


async def opened(page: Page) -> None:
    await page.wait_for_url(re.compile(r"/platform/notices/[a-z2-7]{26}$"))
    await expect(page.get_by_role("heading", name="Exact location")).to_be_visible()


async def test_link_opens_the_notice_and_its_secret_stands_in_no_request_for_a_page(
    tmp_path: Path, chromium_path: str
) -> None:
    async with visiting(tmp_path, chromium_path, viewport={"width": 375, "height": 780}) as (world, page):
        secret = await linked(world)
        tag, asked = secret.split(".")[1], list[str]()
        page.on("request", lambda one: asked.append(f"{one.url} {one.headers}"))
        await page.goto(f"/platform#{secret}")
        await opened(page)
        # Playwright names the address with its fragment, which never travels; nothing else holds the secret.
        assert not [one for one in asked if tag in one.replace(f"/platform#{secret}", "") and "cookie" not in one]
        await page.wait_for_load_state()  # with its style
        assert await page.evaluate("document.documentElement.scrollWidth") <= 375
        # Put into the address of the page that is there already, it loads nothing anew and opens all the same.
        await page.goto("/platform")
        await page.goto(f"/platform#{secret}")
        await opened(page)
        # A wrong code leaves what was typed in the form.
        await page.get_by_label("Refused").check()
        await page.locator("#reason").select_option("court-order")
        await page.locator("#code").fill("12345678")
        await page.get_by_role("button", name="Send the answer").click()
        await expect(page.get_by_role("alert")).to_contain_text("wrong or too old")
        assert await page.locator("#reason").input_value() == "court-order"
        await page.wait_for_load_state()  # with its style
        assert await page.evaluate("document.documentElement.scrollWidth") <= 375


async def test_without_scripts_the_link_is_pasted(tmp_path: Path, chromium_path: str) -> None:
    async with visiting(tmp_path, chromium_path, java_script_enabled=False) as (world, page):
        secret = await linked(world)
        await page.goto("/platform")
        await page.locator("#link").fill(f"{world.address}/platform#{secret}")
        await page.get_by_role("button", name="Open the notice").click()
        await opened(page)
