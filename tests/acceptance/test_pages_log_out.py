"""Somebody logs out in one window: no other window shows anything of theirs, and nothing that was entered is lost."""

from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.acceptance.test_pages_cut_case import come_back
from tests.acceptance.test_pages_vouching import to_the_last_step
from tests.support.pages_pictures import agree
from tests.support.pages_seed import Seeded, seed_case
from tests.support.pages_world import browser, pages_world, visitor


async def keys_shown(page: Page) -> tuple[str, str]:
    """Open a case with nothing in it. Its number and its words, which stand on the page."""
    await to_the_last_step(page)
    await page.locator("#open-empty").check()
    await page.locator("#open button").first.click()
    await expect(page.locator("#wrote-down")).to_be_visible()
    number = (await page.locator("#new-case-id").inner_text()).replace(" ", "")
    return number, await page.locator("#new-passphrase").inner_text()


async def logs_out(page: Page) -> None:
    await expect(page.locator("#mine")).to_be_visible()
    await page.locator("#session [data-log-out]").click()
    await expect(page.locator("#door")).to_be_visible()


async def in_another_window(context: BrowserContext, seeded: Seeded) -> None:
    """Somebody opens another case there, and logs out."""
    other = await context.new_page()
    await other.goto("/case?lang=en")
    if await other.locator("#return").is_visible():
        await come_back(other, seeded)
    else:
        await other.locator("#return-too").click()
        await other.locator("#case-id").fill(seeded.case.id)
        await other.locator("#passphrase").fill(seeded.passphrase)
        await other.locator("#come-back form button").first.click()
    await logs_out(other)
    assert "door=" not in other.url
    await other.close()


@pytest.mark.parametrize("back", ["typed back", "come back"])
async def test_keys_leave_every_window_when_somebody_logs_out(tmp_path: Path, chromium_path: str, back: str) -> None:
    async with (
        pages_world(tmp_path) as world,
        browser(chromium_path) as started,
        visitor(started, world) as (context, page),
    ):
        number, words = await keys_shown(page)
        other = await context.new_page()
        await other.goto("/case?lang=en")
        await expect(other.locator("#wrote-down")).to_be_visible()
        if back == "typed back":
            await other.locator("#wrote-down").click()
            await other.locator("#typed-number").fill(number)
            await other.locator("#typed").fill(words)
            await other.locator("#type-back button").first.click()
        else:
            # By the form of a person who comes back: whoever knows both keys has them.
            await other.evaluate("document.getElementById('keys').hidden = true")
            await other.evaluate("document.getElementById('come-back').hidden = false")
            await other.locator("#case-id").fill(number)
            await other.locator("#passphrase").fill(words)
            await other.locator("#come-back form button").first.click()
        await logs_out(other)
        for window in (page, other):
            await expect(window.locator("#door")).to_be_visible()
            assert words not in await window.content() and number not in await window.content()
            await window.locator("#start").click()
            await expect(window.locator("#step-agree")).to_be_visible()
            assert words not in await window.content()


async def test_keys_that_nobody_wrote_down_wait_behind_the_door(tmp_path: Path, chromium_path: str) -> None:
    async with (
        pages_world(tmp_path) as world,
        browser(chromium_path) as started,
        visitor(started, world) as (context, page),
    ):
        seeded = await seed_case(world)
        other = await context.new_page()
        await come_back(other, seeded)
        _, words = await keys_shown(page)
        await logs_out(other)
        await expect(page.locator("#door")).to_be_visible()
        assert words not in await page.content()
        await page.locator("#start").click()
        await expect(page.locator("#new-passphrase")).to_have_text(words)


async def test_what_is_entered_leaves_the_screen_and_waits_behind_the_door(tmp_path: Path, chromium_path: str) -> None:
    async with (
        pages_world(tmp_path) as world,
        browser(chromium_path) as started,
        visitor(started, world) as (context, page),
    ):
        seeded = await seed_case(world)
        await agree(page)
        await page.locator("#age-adult").check()
        await page.locator("#save-you").click()
        await page.locator("[data-next=step-places]").click()
        await page.locator("[data-next=step-notice]").click()
        await page.locator("#signature").fill("Kim Real Name")
        await expect(page.locator("#begin")).to_have_attribute("data-kept", "yes")
        await in_another_window(context, seeded)
        await expect(page.locator("#door")).to_be_visible()
        await expect(page.locator("#signature")).to_be_hidden()
        await page.locator("#start").click()
        await expect(page.locator("#signature")).to_be_visible()
        await expect(page.locator("#signature")).to_have_value("Kim Real Name")
        # It is kept still: after a reload, too.
        await page.locator("#signature").fill("Kim Other Name")
        await expect(page.locator("#begin")).to_have_attribute("data-kept", "yes")
        await page.wait_for_timeout(1000)
        await expect(page.locator("#begin")).to_have_attribute("data-kept", "yes")
        await page.reload()
        await expect(page.locator("#signature")).to_have_value("Kim Other Name")


async def test_typed_keys_leave_the_form_of_another_window(tmp_path: Path, chromium_path: str) -> None:
    async with (
        pages_world(tmp_path) as world,
        browser(chromium_path) as started,
        visitor(started, world) as (context, page),
    ):
        seeded = await seed_case(world)
        await page.goto("/case?lang=en")
        await page.locator("#return").click()
        await page.locator("#case-id").fill(seeded.case.id)
        await page.locator("#passphrase").fill(seeded.passphrase)
        await in_another_window(context, seeded)
        await expect(page.locator("#door")).to_be_visible()
        await page.locator("#return").click()
        await expect(page.locator("#passphrase")).to_have_value("")
        await expect(page.locator("#case-id")).to_have_value("")
