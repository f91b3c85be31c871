"""On the person's page: a permission that is given again is taken over, and says how many notices wait to be sent."""

from pathlib import Path

from playwright.async_api import expect

from monitor.model.notice_states import NoticeState
from tests.support.pages_seed import seed_case, seed_notice
from tests.support.pages_world import browser, pages_world, visitor


async def test_permission_given_again_says_that_it_was_taken_over(tmp_path: Path, chromium_path: str) -> None:
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        seeded = await seed_case(world, copies=1)
        await seed_notice(world, seeded.sightings[0], "us_tida", NoticeState.PREPARED)
        async with visitor(started, world) as (_, page):
            await page.goto("/case?lang=en")
            await page.locator("#return").click()
            await page.locator("#case-id").fill(seeded.case.id)
            await page.locator("#passphrase").fill(seeded.passphrase)
            await page.locator("#come-back form button").first.click()
            await page.locator("#parts-show").click()
            await expect(page.locator("#permission")).to_be_checked()
            await page.locator("#permission").uncheck()
            await page.locator("#save-notice button").click()
            await expect(page.locator("#said")).to_contain_text("Notices that were stopped: 1")
            await page.locator("#permission").check()
            await page.locator("#save-notice button").click()
            await expect(page.locator("#said")).to_contain_text("Notices that your centre now looks at and sends: 1")
