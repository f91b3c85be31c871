"""An open case in two windows, on a slow line, and after an answer that came late or never."""

import asyncio
from pathlib import Path

from playwright.async_api import BrowserContext, Page, Route, expect
from sqlalchemy import func, select

from db.locking import lock_one
from db.models.cases import Case
from db.models.reports import Report
from monitor.actions.messages import write_message
from monitor.model.notice_states import NoticeState
from tests.acceptance.test_pages_cut_case import at_case, come_back, draw, lose_answer, type_back
from tests.support.pages_seed import seed_notice
from tests.support.pages_world import browser, pages_world, visitor
from tests.support.person_states import acting_lead

PHONE = {"width": 390, "height": 844}


async def opened(page: Page, part: str) -> None:
    if await page.locator(f"#{part}").is_hidden():
        await page.locator(f"#{part}-show").click()
    await expect(page.locator(f"#{part}")).to_be_visible()


class Held:
    """Requests to an address whose answers wait until they are let go, in any order."""

    def __init__(self) -> None:
        self.arrived = asyncio.Queue[asyncio.Event]()

    async def on(self, page: Page | BrowserContext, address: str) -> "Held":
        await page.route(address, self._hold)
        return self

    async def _hold(self, route: Route) -> None:
        answer, go = await route.fetch(), asyncio.Event()
        self.arrived.put_nowait(go)
        await go.wait()
        await route.fulfill(response=answer)

    async def next(self) -> asyncio.Event:
        return await asyncio.wait_for(self.arrived.get(), 30)


async def test_older_window_gives_back_nothing_that_was_taken_back_in_a_newer_one(
    tmp_path: Path, chromium_path: str
) -> None:
    async with at_case(tmp_path, chromium_path) as (_, page, seeded):
        await opened(page, "parts")
        await page.locator("#permission").check()
        await page.locator("#save-notice button").click()
        await expect(page.locator("#said")).to_contain_text("Kept.")
        newer = await page.context.new_page()
        await come_back(newer, seeded)
        await opened(newer, "parts")
        await newer.locator("#permission").uncheck()
        await newer.locator("#contact").fill("other@example.org")
        await newer.locator("#save-notice button").click()
        await expect(newer.locator("#said")).to_contain_text("Kept.")

        await page.locator("#content_identification").fill("a blue dress")
        await page.locator("#save-notice button").click()
        await expect(page.locator("#said")).to_contain_text("Kept.")
        await expect(page.locator("#permission")).not_to_be_checked()
        await expect(page.locator("#contact")).to_have_value("other@example.org")
        await newer.locator("#refresh").click()
        await expect(newer.locator("#content_identification")).to_have_value("a blue dress")
        await expect(newer.locator("#permission")).not_to_be_checked()


async def test_leaving_quickly_and_logging_out_hold_for_every_window(tmp_path: Path, chromium_path: str) -> None:
    async with at_case(tmp_path, chromium_path) as (_, page, seeded):
        other = await page.context.new_page()
        await come_back(other, seeded)
        await expect(other.locator("#numbers")).to_be_visible()
        await other.locator("[data-log-out]").first.click()
        await expect(page.locator("#locked")).to_be_visible()
        await expect(page.locator("#case-number")).to_be_hidden()
        await page.locator("#unlock-passphrase").fill(seeded.passphrase)
        await page.locator("#unlock button").first.click()
        await expect(page.locator("#case-number")).to_be_visible()

        await page.context.route("https://**", lambda route: route.fulfill(body="elsewhere"))
        await other.goto("/elsewhere?lang=en")
        await other.locator("#leave").click()
        for one in (other, page):
            await expect(one.locator("body")).to_have_text("elsewhere")


async def test_what_is_closed_stays_empty_and_an_older_answer_hides_no_newer_one(
    tmp_path: Path, chromium_path: str
) -> None:
    async with at_case(tmp_path, chromium_path, copies=1) as (world, page, seeded):
        await seed_notice(world, seeded.sightings[0], "us_tida", NoticeState.SENT)
        await opened(page, "copies-body")
        await expect(page.locator("#copies > li")).to_have_count(1)
        held = await Held().on(page, "**/sightings?*")
        await page.locator("#refresh").click()
        late = await held.next()
        await page.locator("#copies-body-show").click()
        await expect(page.locator("#copies-body")).to_be_hidden()
        async with page.expect_event("requestfinished", lambda request: "/sightings?" in request.url):
            late.set()
        await page.wait_for_timeout(500)
        assert await page.locator("#copies").inner_html() == ""

        await opened(page, "letters-body")
        held = await Held().on(page, "**/messages")
        await page.locator("#refresh").click()
        first = await held.next()
        actor, context = await acting_lead(world)
        async with world.services.database.begin() as session:
            row = await lock_one(session, Case, seeded.case.id)
            await write_message(session, context, row, actor, "Good evening.")
        await page.locator("#refresh").click()
        (await held.next()).set()
        await expect(page.locator("#letters-body")).to_contain_text("Good evening.")
        async with page.expect_event("requestfinished", lambda request: request.url.endswith("/messages")):
            first.set()
        await page.wait_for_timeout(500)
        await expect(page.locator("#letters-body")).to_contain_text("Good evening.")


async def test_removal_whose_answer_was_lost_is_finished_by_the_second_press(
    tmp_path: Path, chromium_path: str
) -> None:
    async with at_case(tmp_path, chromium_path) as (_, page, _seeded):
        await opened(page, "parts")
        await page.locator("#own-source").fill("@minechannel")
        await page.locator("#own-page button").click()
        rows = page.locator("#own-page-list li")
        await expect(rows).to_have_count(1)
        await lose_answer(page, "**/own-pages/*", "DELETE")
        await rows.locator("button").first.click()
        await expect(page.locator("#said")).to_contain_text("There is no connection")
        await rows.locator("button").first.click()
        await expect(rows).to_have_count(0)
        await expect(page.locator("#said")).not_to_contain_text("no such thing")


async def test_case_that_is_kept_already_is_not_said_to_be_erased(tmp_path: Path, chromium_path: str) -> None:
    async with at_case(tmp_path, chromium_path) as (_, page, seeded):
        await page.locator("#erasure").get_by_role("button", name="Erase everything").click()
        await page.locator("#erasure input").first.fill(seeded.passphrase)
        await page.locator("#erasure").get_by_role("button", name="Yes, erase everything").click()
        keep = page.get_by_role("button", name="Keep my case")
        await expect(keep).to_be_visible()
        await lose_answer(page, "**/erasure", "DELETE")
        await keep.click()
        await expect(page.locator("#said")).to_contain_text("Your case is kept")
        await expect(page.locator("#state")).not_to_contain_text("being erased")


async def test_slow_line_is_told_of_and_whoever_waits_stays_where_they_are(tmp_path: Path, chromium_path: str) -> None:
    async with at_case(tmp_path, chromium_path) as (_, page, _seeded):
        await opened(page, "letters-body")
        held = await Held().on(page, "**/messages")
        await page.locator("#letters-body textarea").fill("Hello.")
        send = page.locator("#letters-body form button").first
        await send.focus()
        await page.keyboard.press("Enter")
        await page.keyboard.press("Enter")
        slow = await held.next()
        await expect(page.locator("#said")).to_contain_text("Still on its way")
        assert await page.evaluate("document.activeElement.tagName") == "BUTTON"
        assert held.arrived.empty(), "one press, one letter"
        slow.set()
        (await held.next()).set()
        await expect(page.locator("#said")).not_to_contain_text("Still on its way")


async def test_lock_says_that_the_passphrase_may_have_changed(tmp_path: Path, chromium_path: str) -> None:
    async with at_case(tmp_path, chromium_path) as (_, page, seeded):
        other = await page.context.new_page()
        await come_back(other, seeded)
        await expect(other.locator("#numbers")).to_be_visible()
        words = await draw(other, seeded.passphrase)
        await type_back(other, words)
        await expect(other.locator("#new-words-back")).to_be_hidden()
        await page.locator("#refresh").click()
        await expect(page.locator("#locked-why")).to_contain_text("your passphrase was changed")
        await page.locator("#unlock-passphrase").fill(seeded.passphrase)
        await page.locator("#unlock button").first.click()
        await expect(page.locator("#said")).to_contain_text("not the passphrase that opens this case now")
        await page.locator("#unlock-passphrase").fill(words)
        await page.locator("#unlock button").first.click()
        await expect(page.locator("#numbers")).to_be_visible()


async def test_report_of_a_stranger_is_counted_once_and_leaves_no_entry_in_the_history(
    tmp_path: Path, chromium_path: str
) -> None:
    async with (
        pages_world(tmp_path) as world,
        browser(chromium_path) as started,
        visitor(started, world, viewport=PHONE) as (_, page),
    ):
        await page.goto("/report?lang=en")
        entries = await page.evaluate("history.length")
        await page.locator("#contact").fill("010-0000-0000 in the evening")
        await page.locator("#text").fill("My picture is there.")
        await lose_answer(page, "**/report*")
        send = page.get_by_role("button", name="Tell the centres")
        await send.click()
        await expect(page.locator("#not-sent")).to_contain_text("What you typed is still here")
        assert await page.locator("#text").input_value() == "My picture is there."
        await page.wait_for_timeout(500)  # the route has done with the first one
        await page.unroute("**/report*")
        await send.click()
        await expect(page.get_by_role("status")).to_be_visible()
        assert await page.evaluate("history.length") == entries
        async with world.services.database.read() as session:
            assert await session.scalar(select(func.count()).select_from(Report)) == 1
