"""Whom a person can talk to: those of the country where they live, and what they must do who learn of a child."""

from pathlib import Path

from playwright.async_api import expect

from tests.acceptance.test_pages_after_login import WIDTHS, come_back
from tests.support.pages_seed import seed_case
from tests.support.pages_world import browser, pages_world, visitor


async def test_helpers_are_those_of_where_the_person_lives(tmp_path: Path, chromium_path: str) -> None:
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        seeded = await seed_case(world, vouched=False, country="US")
        async with visitor(started, world, viewport=WIDTHS[0], locale="en-GB") as (_, page):
            # A child who cannot ask a parent sees the helpers of any country, and what those in Korea must do.
            await page.goto("/case?lang=en")
            await page.locator("#start").click()
            await page.locator("#country").select_option("KR")
            await page.locator("#now-younger").check()
            await page.locator("#guardian-centre").check()
            helpers = page.locator("#guardian-contacts")
            await expect(helpers).to_contain_text("must tell the police at once")
            await expect(helpers.get_by_role("link", name="Call 1388")).to_be_visible()
            await page.locator("#country").select_option("US")
            await page.locator("#now-younger").check()
            await expect(helpers).to_contain_text("CyberTipline")
            await expect(helpers).not_to_contain_text("1388")
            # Who waits for an advocate, too.
            await come_back(page, seeded, "en")
            waiting = page.locator("#waiting-helpers")
            await expect(waiting).to_contain_text("988")
            await expect(waiting).not_to_contain_text("999")
            # What stands alone keeps the rest; what is hidden at once is not said to be destroyed at once.
            erasure = page.locator("#erasure")
            await expect(erasure).to_contain_text("They are destroyed after 7 days")
            order = await erasure.get_by_role("button").all_inner_texts()
            assert order.index("Erase everything") < order.index("Stop all watching"), order
