"""Somebody logs out in one window: no other window shows anything of theirs, and nothing that was entered is lost."""

from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, expect
from sqlalchemy import func, select

from db.models.people import Login
from tests.acceptance.test_pages_cut_case import at_case, come_back, draw, type_back, unlock
from tests.acceptance.test_pages_slow_line import Gate
from tests.acceptance.test_pages_vouching import to_the_last_step
from tests.acceptance.test_pages_windows import Held
from tests.support.pages_pictures import agree
from tests.support.pages_seed import Seeded, seed_case
from tests.support.pages_world import PagesWorld, browser, pages_world, visitor


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


async def log_ins(world: PagesWorld, case_id: str) -> int:
    """How many log-ins to the case hold."""
    async with world.services.database.read() as session:
        held = select(func.count()).select_from(Login).where(Login.subject_id == case_id)
        return await session.scalar(held) or 0


async def no_log_in_is_left(page: Page, world: PagesWorld, case_id: str) -> None:
    for _ in range(100):
        if not await log_ins(world, case_id):
            return
        await page.wait_for_timeout(100)
    raise AssertionError("a log-in holds that nobody wants any more")


@pytest.mark.parametrize("waits", ["**/api/log-ins/person POST", "**/standing GET"])
async def test_a_log_in_that_is_under_way_opens_nothing_once_somebody_logged_out(
    tmp_path: Path, chromium_path: str, waits: str
) -> None:
    async with at_case(tmp_path, chromium_path, copies=1) as (world, page, seeded):
        address, method = waits.split()
        other = await page.context.new_page()
        gate = await Gate().before(other, address, method)
        await come_back(other, seeded)
        await gate.arrived.wait()
        await logs_out(page)
        await expect(other.locator("#door")).to_be_visible()
        gate.go.set()
        await expect(other.locator("#come-back form button").first).not_to_have_attribute("aria-disabled", "true")
        await expect(other.locator("#door")).to_be_visible()
        for part in ("#mine", "#session", "#come-back"):
            await expect(other.locator(part)).to_be_hidden()
        await expect(other.locator("#case-number")).to_be_empty()
        assert seeded.case.id not in await other.content() and seeded.passphrase not in await other.content()
        await no_log_in_is_left(other, world, seeded.case.id)
        # Whoever has both keys opens it from there.
        await other.locator("#return").click()
        await other.locator("#case-id").fill(seeded.case.id)
        await other.locator("#passphrase").fill(seeded.passphrase)
        await other.locator("#come-back form button").first.click()
        await expect(other.locator("#numbers")).to_be_visible()


async def test_back_ends_a_log_in_that_is_under_way(tmp_path: Path, chromium_path: str) -> None:
    async with (
        pages_world(tmp_path) as world,
        browser(chromium_path) as started,
        visitor(started, world) as (_, page),
    ):
        seeded = await seed_case(world)
        gate = await Gate().before(page, "**/api/log-ins/person")
        await come_back(page, seeded)
        await gate.arrived.wait()
        await page.locator("#come-back [data-door]").click()
        async with page.expect_response("**/api/log-ins/current"):
            gate.go.set()
        await expect(page.locator("#door")).to_be_visible()
        await expect(page.locator("#mine")).to_be_hidden()
        await no_log_in_is_left(page, world, seeded.case.id)


async def test_a_lock_that_is_being_opened_stays_shut_once_somebody_logged_out(
    tmp_path: Path, chromium_path: str
) -> None:
    async with at_case(tmp_path, chromium_path) as (world, page, seeded):
        other = await page.context.new_page()
        await come_back(other, seeded)
        await expect(other.locator("#numbers")).to_be_visible()
        await other.locator("#lock-now").click()
        gate = await Gate().before(other, "**/api/log-ins/person")
        await unlock(other, seeded.passphrase)
        await gate.arrived.wait()
        await logs_out(page)
        await expect(other.locator("#unlock-passphrase")).to_have_value("")
        async with other.expect_response("**/api/log-ins/current"):
            gate.go.set()
        await expect(other.locator("#unlock button").first).not_to_have_attribute("aria-disabled", "true")
        await expect(other.locator("#locked")).to_be_visible()
        await no_log_in_is_left(other, world, seeded.case.id)
        await unlock(other, seeded.passphrase)
        await expect(other.locator("#locked")).to_be_hidden()
        await expect(other.locator("#numbers")).to_be_visible()


async def test_new_words_that_come_into_force_meanwhile_leave_no_log_in_behind_the_lock(
    tmp_path: Path, chromium_path: str
) -> None:
    async with at_case(tmp_path, chromium_path) as (world, page, seeded):
        other = await page.context.new_page()
        await come_back(other, seeded)
        words = await draw(page, seeded.passphrase)
        await expect(other.locator("#numbers")).to_be_visible()
        held = await Held().on(page, "**/passphrase")
        await type_back(page, words)
        late = await held.next()
        await logs_out(other)
        await expect(page.locator("#locked")).to_be_visible()
        late.set()
        await no_log_in_is_left(page, world, seeded.case.id)
        await unlock(page, words)
        await expect(page.locator("#locked")).to_be_hidden()
        assert await log_ins(world, seeded.case.id) == 1


@pytest.mark.parametrize("at", ["the step", "the way back"])
async def test_what_became_a_case_stands_behind_no_other_door(tmp_path: Path, chromium_path: str, at: str) -> None:
    async with (
        pages_world(tmp_path) as world,
        browser(chromium_path) as started,
        visitor(started, world) as (context, page),
    ):
        await agree(page)
        await page.locator("#age-adult").check()
        await page.locator("#save-you").click()
        await page.locator("[data-next=step-places]").click()
        await page.locator("[data-next=step-notice]").click()
        await page.locator("#signature").fill("Kim Real Name")
        await page.wait_for_timeout(1000)
        await expect(page.locator("#begin")).to_have_attribute("data-kept", "yes")
        other = await context.new_page()
        await other.goto("/case?lang=en")
        await expect(other.locator("#signature")).to_have_value("Kim Real Name")
        if at == "the way back":
            await other.locator("#return-too").click()
        await page.locator("#notice button[data-next]").click()
        await expect(page.locator("#step-open")).to_be_visible()
        await page.locator("#open-empty").check()
        await page.locator("#open button").first.click()
        await expect(page.locator("#wrote-down")).to_be_visible()
        number = (await page.locator("#new-case-id").inner_text()).replace(" ", "")
        words = await page.locator("#new-passphrase").inner_text()
        await page.locator("#wrote-down").click()
        await page.locator("#typed-number").fill(number)
        await page.locator("#typed").fill(words)
        await page.locator("#type-back button").first.click()
        await logs_out(page)
        await expect(other.locator("#door")).to_be_visible()
        async with other.expect_navigation():  # begun anew, with an empty memory
            await other.locator("#start").click()
        await expect(other.locator("#door")).to_be_visible()
        await expect(other.locator("#signature")).to_have_value("")
        await other.locator("#start").click()
        await expect(other.locator("#step-agree")).to_be_visible()
        await expect(other.locator("#signature")).to_have_value("")
