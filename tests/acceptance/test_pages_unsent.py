"""What did not arrive is not said to be kept, and what is kept is not said to be forgotten; before a case is open."""

from pathlib import Path

from playwright.async_api import Dialog, Page, Route, expect

from db.models.drafts import Draft
from monitor.demo.world.pictures import registered
from tests.acceptance.test_pages_draft import at, kept, rows
from tests.support.pages_pictures import file, hashes, to_pictures
from tests.support.pages_world import visiting

_DRAFT = "**/case/draft**"
_ADD_LINK = """fetch("/case/draft/links/" + "a".repeat(26), {
    method: "PUT",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ url: "https://example.org/more", kind: "faked" }),
}).then(async (answer) => [answer.status, (await answer.json()).code])"""


async def dead(route: Route) -> None:
    """Nothing arrives, though the browser has a network."""
    await route.abort("connectionfailed")


def staying(page: Page) -> list[str]:
    """Why the page asked before it was left; the person stays."""
    asked = list[str]()

    async def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        await dialog.dismiss()

    page.on("dialog", stay)
    return asked


async def save_photo(page: Page) -> None:
    await hashes(page, [file("one.jpg", registered(1)[0])])
    await page.locator("#kind-0-intimate").check()
    await page.locator("#keep-pictures").click()
    await expect(page.locator("#kept-pictures li")).to_have_count(1)


async def test_dead_line_is_told_and_leaving_asks_though_the_browser_says_online(
    tmp_path: Path, chromium_path: str
) -> None:
    async with visiting(tmp_path, chromium_path) as (_, page):
        await to_pictures(page)
        await page.route(_DRAFT, dead)
        await save_photo(page)
        assert await page.evaluate("navigator.onLine")
        await expect(page.locator("#unsent")).to_be_visible()
        asked = staying(page)
        await page.evaluate("setTimeout(() => location.reload())")
        await page.wait_for_timeout(500)
        assert asked == ["beforeunload"]
        await expect(page.locator("#kept-pictures li")).to_have_count(1)
        # The line is back: everything arrives, and nothing holds the page.
        await page.unroute(_DRAFT)
        await kept(page)
        await expect(page.locator("#unsent")).to_be_hidden()
        # Words that were typed, and the other language.
        await page.locator("[data-next=step-places]").click()
        await page.locator("[data-next=step-notice]").click()
        await at(page, "step-notice")
        await page.route(_DRAFT, dead)
        await page.locator("#content_identification").fill("a blue room")
        await page.locator(".languages a[lang=ko]").click()
        await expect(page.locator("#unsent")).to_be_visible()
        await page.wait_for_timeout(500)
        assert asked == ["beforeunload"] * 2
        await expect(page.locator("#content_identification")).to_have_value("a blue room")
        await page.unroute(_DRAFT)
        await kept(page)
        await page.reload()
        await at(page, "step-notice")
        assert asked == ["beforeunload"] * 2
        await expect(page.locator("#content_identification")).to_have_value("a blue room")


async def test_review_tells_what_is_asked_where_one_picture_is_an_adults(tmp_path: Path, chromium_path: str) -> None:
    async with visiting(tmp_path, chromium_path) as (_, page):
        await to_pictures(page)
        await save_photo(page)
        await page.get_by_label("How old were you in this one? Photo 1").select_option("adult")
        await page.locator("#step-pictures [data-back]").click()
        await page.locator("#age-minor").check()
        await page.locator("#save-you").click()
        await page.locator("[data-next=step-places]").click()
        await page.locator("[data-next=step-notice]").click()
        await page.locator("#signature").fill("Typed Signature")
        await page.locator("#permission").check()
        await page.locator("#notice button[data-next]").click()
        await at(page, "step-open")
        review = page.locator("#review")
        await expect(review).to_contain_text("Typed Signature")
        await expect(review).to_contain_text("Notices may be sent: Yes")
        await expect(review).not_to_contain_text("nothing was asked")


async def test_older_window_takes_no_answer_back_and_takes_the_newer_ones(tmp_path: Path, chromium_path: str) -> None:
    async with visiting(tmp_path, chromium_path) as (_, page):
        await to_pictures(page)
        await page.locator("[data-next=step-places]").click()
        await page.locator("[data-next=step-notice]").click()
        await at(page, "step-notice")
        older = await page.context.new_page()
        await older.goto("/case")
        await at(older, "step-notice")
        await page.locator("#contact").fill("new@example.org")
        await page.locator("#content_identification").fill("a blue room")
        await page.locator("#notice button[data-next]").click()
        await at(page, "step-open")

        await older.locator("#signature").fill("Typed Signature")
        await older.locator("#step-notice [data-back]").click()
        await at(older, "step-places")
        await older.locator("[data-next=step-notice]").click()
        await at(older, "step-notice")
        await expect(older.locator("#contact")).to_have_value("new@example.org")
        await page.reload()
        await at(page, "step-notice")
        for field, value in (
            ("contact", "new@example.org"),
            ("content_identification", "a blue room"),
            ("signature", "Typed Signature"),
        ):
            await expect(page.locator(f"#{field}")).to_have_value(value)


async def test_window_that_was_opened_before_another_began_takes_its_answers_up(
    tmp_path: Path, chromium_path: str
) -> None:
    async with visiting(tmp_path, chromium_path) as (_, page):
        older = await page.context.new_page()
        await older.goto("/case")
        await older.locator("#start").click()
        await to_pictures(page)
        await older.locator("#now-older").check()
        await older.locator("#agree-button").click()
        await at(older, "step-you")
        await expect(older.locator("#age-adult")).to_be_checked()
        await page.reload()
        await at(page, "step-you")
        await expect(page.locator("#age-adult")).to_be_checked()


async def correct_the_age(page: Page) -> None:
    """Somebody who entered a photo goes back and says that they are younger than 14."""
    await to_pictures(page)
    await save_photo(page)
    await page.locator("#step-pictures [data-back]").click()
    await page.locator("#step-you [data-back]").click()
    await at(page, "step-agree")
    await page.locator("#now-younger").check()


async def test_corrected_age_counts_at_once_and_what_is_kept_is_said_and_can_be_thrown_away(
    tmp_path: Path, chromium_path: str
) -> None:
    async with visiting(tmp_path, chromium_path) as (world, page):
        await correct_the_age(page)
        await expect(page.locator("#guardian-why")).to_contain_text("What you entered before is still kept")
        await expect(page.locator("#guardian-why")).not_to_contain_text("nothing is kept here")
        await kept(page)
        # It holds after a reload too, and nothing more is kept before somebody agreed.
        await page.reload()
        await at(page, "step-agree")
        await expect(page.locator("#now-younger")).to_be_checked()
        refused = await page.evaluate(_ADD_LINK)
        assert refused == [422, "guardian-first"]
        await expect(page.locator("#kept-until")).to_contain_text("is kept, encrypted")
        await page.locator("#throw-away").click()
        await page.locator("#throw-yes").click()
        await expect(page.locator("#door")).to_be_visible()
        assert await rows(world, Draft) == 0


async def test_child_whose_guardian_agrees_goes_on_with_what_was_kept(tmp_path: Path, chromium_path: str) -> None:
    async with visiting(tmp_path, chromium_path) as (_, page):
        await correct_the_age(page)
        await kept(page)
        await page.locator("#guardian-agreed").check()
        await page.locator("#guardian-says").check()
        await page.locator("#agree-button").click()
        await at(page, "step-you")
        await page.locator("#save-you").click()
        await at(page, "step-pictures")
        await expect(page.locator("#kept-pictures li")).to_have_count(1)
        assert 'guardian":"agreed' in await page.evaluate("fetch('/case/draft').then((answer) => answer.text())")
