"""Somebody whose pictures were posted hundreds of times: all of it can be read, a hundred rows at once."""

from pathlib import Path

from playwright.async_api import expect

from monitor.model.notice_states import NoticeState
from tests.acceptance.test_pages_cut_case import at_case
from tests.acceptance.test_pages_windows import Held, opened
from tests.support.pages_seed import seed_notice

COPIES, AT_ONCE = 110, 100
ADDRESS = {"copies": "sightings", "notices": "notices"}


async def test_all_that_was_found_and_sent_can_be_read_a_hundred_rows_at_once(
    tmp_path: Path, chromium_path: str
) -> None:
    async with at_case(tmp_path, chromium_path, copies=COPIES) as (world, page, seeded):
        for one in seeded.sightings:
            await seed_notice(world, one, "x_tida" if one.post_id in _ON_X else "us_tida", NoticeState.PREPARED)
        await page.locator("#refresh").click()
        for name in ("copies", "notices"):
            await opened(page, f"{name}-body")
            rows, more = page.locator(f"#{name} > li"), page.locator(f"#{name} + div button")
            await expect(rows).to_have_count(AT_ONCE)
            await expect(more).to_have_text(f"Show more ({COPIES - AT_ONCE} left)")
            await more.click()
            await expect(rows).to_have_count(COPIES)
            # Whoever reads with a keyboard or hears the page goes on where the new ones begin.
            await expect(rows.nth(AT_ONCE)).to_be_focused()
            await expect(more).to_be_hidden()
            # Looking anew keeps what was opened; closing forgets it.
            await page.locator("#refresh").click()
            await expect(page.locator("#refresh")).not_to_have_attribute("aria-disabled", "true")
            await expect(rows).to_have_count(COPIES)
            await page.locator(f"#{name}-body-show").click()
            await expect(rows).to_have_count(0)
            await page.locator(f"#{name}-body-show").click()
            await expect(rows).to_have_count(AT_ONCE)
            # What comes after it was closed stays out of the page.
            held = await Held().on(page, f"**/{ADDRESS[name]}?limit=100&offset=100")
            await more.click()
            late = await held.next()
            await page.locator(f"#{name}-body-show").click()
            await expect(rows).to_have_count(0)
            async with page.expect_event("requestfinished", lambda request: "offset=100" in request.url):
                late.set()
            await page.wait_for_timeout(500)
            await expect(rows).to_have_count(0)


_ON_X = {str(number + 17) for number in range(COPIES) if number % 2 == 1}
