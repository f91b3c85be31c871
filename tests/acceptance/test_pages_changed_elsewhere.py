"""A case that changed in another window or meanwhile: the page says what holds now, and a locked one is silent."""

from pathlib import Path

from playwright.async_api import Page, expect

from tests.acceptance.test_pages_cut_case import at_case, come_back, unlock
from tests.acceptance.test_pages_windows import Held


async def erase(page: Page, passphrase: str) -> None:
    asked = page.locator("#erasure .surely").first
    await asked.locator("button").first.click()
    await asked.locator("input").fill(passphrase)
    await asked.locator("form button").first.click()


async def test_way_back_after_erasing_is_offered_whatever_else_was_typed_there(
    tmp_path: Path, chromium_path: str
) -> None:
    async with at_case(tmp_path, chromium_path) as (_, page, seeded):
        other = page.locator("#erasure .surely").last
        await other.locator("button").first.click()
        await other.locator("input").fill("half of the wor")
        await erase(page, seeded.passphrase)
        await expect(page.locator("#said")).to_contain_text("Your case is hidden")
        await page.get_by_role("button", name="Keep my case").click()
        await expect(page.locator("#said")).to_contain_text("Your case is kept")


async def test_question_that_was_opened_stays_open_when_the_page_looks_anew(tmp_path: Path, chromium_path: str) -> None:
    async with at_case(tmp_path, chromium_path) as (_, page, seeded):
        asked = page.locator("#erasure .surely").last
        await asked.locator("button").first.click()
        await page.locator("#refresh").click()
        await expect(page.locator("#refresh")).to_be_enabled()
        await expect(asked.locator("input")).to_be_visible()
        await asked.locator("input").fill(seeded.passphrase)
        await asked.locator("form button").first.click()
        await expect(page.locator("#said")).to_contain_text("Nothing is read any more")
        await expect(asked.locator("input")).to_be_hidden()


async def test_page_is_shown_anew_after_a_refusal_and_after_the_lock(tmp_path: Path, chromium_path: str) -> None:
    async with at_case(tmp_path, chromium_path) as (_, page, seeded):
        newer = await page.context.new_page()
        await come_back(newer, seeded)
        await erase(newer, seeded.passphrase)
        keep = newer.get_by_role("button", name="Keep my case")
        await expect(keep).to_be_visible()
        # What is refused because the case is not what the page says: the page says what it is, and the way back.
        await page.locator("#pause-all").click()
        await expect(page.locator("#said")).to_contain_text("This case is being erased")
        await expect(page.locator("#state")).to_contain_text("This case is being erased")
        await expect(page.get_by_role("button", name="Keep my case")).to_be_visible()
        await expect(page.locator("#sentence")).to_be_hidden()
        # What changed while it was locked is there with the passphrase.
        await page.locator("#lock-now").click()
        await keep.click()
        await expect(newer.locator("#said")).to_contain_text("Your case is kept")
        await unlock(page, seeded.passphrase)
        await expect(page.locator("#sentence")).to_be_visible()
        await expect(page.get_by_role("button", name="Keep my case")).to_have_count(0)


async def test_nothing_lands_or_is_said_while_the_page_is_locked(tmp_path: Path, chromium_path: str) -> None:
    async with at_case(tmp_path, chromium_path) as (_, page, seeded):
        files = list[str]()
        page.on("download", lambda file: files.append(file.suggested_filename))
        held = await Held().on(page, "**/papers/everything*")
        await page.locator("#everything").click()
        late = await held.next()
        await page.locator("#lock-now").click()
        await expect(page.locator("#locked")).to_be_visible()
        async with page.expect_event("requestfinished", lambda request: "/papers/everything" in request.url):
            late.set()
        await page.wait_for_timeout(1000)
        assert files == []
        assert await page.locator("#said, #heard").all_text_contents() == ["", ""]
        # What is said of the lock itself is said.
        await unlock(page, "not these words")
        await expect(page.locator("#said")).to_contain_text("This is not the passphrase")
        async with page.expect_download():
            await unlock(page, seeded.passphrase)
        await expect(page.locator("#said")).to_contain_text("Kept as a file")
        assert files == ["data.zip"]
