"""What a page says of a case is so: what rests, what is checked, what is asked, what is kept of a child."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

from playwright.async_api import Page, Request, Route, expect

from db.models.cases import Case
from monitor.cases.intake import read_intake
from monitor.model.facts import Timing
from monitor.model.notice_states import NoticeState
from tests.acceptance.test_pages_after_login import MAIL, WIDTHS, come_back
from tests.support.pages_pictures import agree
from tests.support.pages_seed import seed_case, seed_notice
from tests.support.pages_world import browser, pages_world, visitor

TAKEN = "Your signature, address and permission for notices were taken out."
NEXT = (
    ("#save-you", "step-pictures"),
    ("#step-pictures [data-next]", "step-places"),
    ("#step-places [data-next]", "step-notice"),
)


def told_of(page: Page, path: str) -> list[str]:
    """The bodies that this page sends there, as they come."""
    bodies: list[str] = []

    def note(request: Request) -> None:
        if request.method == "PUT" and request.url.partition("?")[0].endswith(path):
            bodies.append(request.post_data or "")

    page.on("request", note)
    return bodies


async def test_of_a_child_nothing_hidden_is_sent_or_comes_back_into_force(tmp_path: Path, chromium_path: str) -> None:
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        seeded = await seed_case(world, copies=1)
        async with visitor(started, world) as (_, page):
            await come_back(page, seeded, "en")
            bodies = told_of(page, "/intake")
            await page.locator("#parts-show").click()
            await expect(page.locator("#signature")).not_to_have_value("")
            await page.locator("#age-minor").check()
            await page.locator("#save-you").click()
            await expect(page.locator("#said")).to_contain_text(TAKEN)
            sent = json.loads(bodies[-1])
            assert (sent["signature"], sent["contact"], sent["permission_to_send"]) == ("", "", False)
            await page.locator("#age-adult").check()
            await page.locator("#save-you").click()
            await expect(page.locator("#said")).to_have_text("Kept.")
            await expect(page.locator("#permission")).not_to_be_checked()
            await expect(page.locator("#signature")).to_have_value("")
        async with world.services.database.read() as session:
            kept = read_intake(world.context, await session.get_one(Case, seeded.case.id))
        assert (kept.signature, kept.contact, kept.permission_to_send_at) == ("", "", None)
        # Before the case is open, too; and a finger that slips costs nothing that was typed.
        async with visitor(started, world) as (_, page):
            await agree(page)
            await page.locator("#age-adult").check()
            for button, step in NEXT:
                await page.locator(button).click()
                await expect(page.locator(f"#{step}")).to_be_visible()
            await page.locator("#signature").fill("Typed Name")
            await page.locator("#permission").check()
            for step in ("step-places", "step-pictures"):
                await page.locator(f"[data-back={step}]:visible").click()
                await expect(page.locator(f"#{step}")).to_be_visible()
            bodies = told_of(page, "/case/draft")
            answering = asyncio.Event()  # a slow line: the finger slips before the step back is answered

            async def slow(route: Route) -> None:
                await answering.wait()
                await route.continue_()

            await page.route("**/case/draft", slow)
            await page.locator("[data-back=step-you]:visible").click()
            await page.locator("#age-unsure").check()
            async with page.expect_response(lambda answer: '"unsure"' in (answer.request.post_data or "")) as slipped:
                answering.set()
            await (await slipped.value).finished()
            await expect(page.locator("[aria-disabled=true]")).to_have_count(0)
            await page.locator("#age-adult").check()
            await expect(page.locator("#signature")).to_have_value("Typed Name")
            await page.locator("#age-unsure").check()
            await page.locator("#save-you").click()
            await expect(page.locator("#said")).to_have_text(TAKEN)
            await expect(page.locator("#signature")).to_have_value("")
            assert "Typed Name" not in bodies[-1]


async def test_what_rests_and_what_is_checked_is_said_as_it_is(tmp_path: Path, chromium_path: str) -> None:
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        seeded = await seed_case(world, copies=2)
        await seed_notice(world, seeded.sightings[0], "us_tida", NoticeState.SENT)
        async with visitor(started, world, viewport=WIDTHS[0]) as (_, page):
            await come_back(page, seeded, "en")
            await page.locator("#notices-body-show").click()
            await expect(page.locator("#notices li").first).to_contain_text("Next look")
            await page.locator("#pause-all").click()
            await expect(page.locator("#all-paused")).to_contain_text("Everything has been paused since")
            await expect(page.locator("#sentence")).to_contain_text("is not checked, because that is paused")
            await expect(page.locator("#number-followed")).to_have_text("0")
            await expect(page.locator("#news")).to_contain_text("not checked whether it is gone: 1")
            await expect(page.locator("#notices li").first).not_to_contain_text("Next look")
            # One place goes on: not everything rests any more, and the rest can be paused again.
            await page.locator("#watching-body-show").click()
            await page.locator("#watched > li").last.get_by_role("button", name="Let it go on").click()
            await expect(page.locator("#all-paused")).to_contain_text("but for the places that you let go on: 1.")
            await expect(page.locator("#sentence")).not_to_contain_text("Looking is paused")
            await expect(page.locator("#pause-all")).to_be_visible()
            await expect(page.locator("#resume-all")).to_be_visible()
            await page.locator("#pause-all").click()
            await expect(page.locator("#all-paused")).not_to_contain_text("let go on")
            # Whether it is time is the server's to say: this device is twenty days ahead.
            await page.locator("#resume-all").click()
            await page.clock.set_fixed_time(world.context.now() + timedelta(days=20))

            async def later(route: Route) -> None:
                answer = await (await route.fetch()).json()
                at = (world.context.now() + timedelta(hours=3)).isoformat()
                await route.fulfill(json={**answer, "next_check_at": at, "next_check_due": False})

            await page.route("**/standing", later)
            await page.locator("#refresh").click()
            await expect(page.locator("#next-check")).to_contain_text("The next look: ")


async def test_who_waits_for_an_advocate_is_told_what_is_true_on_any_clock(tmp_path: Path, chromium_path: str) -> None:
    async with pages_world(tmp_path, more=MAIL) as world, browser(chromium_path) as started:
        seeded = await seed_case(world, vouched=False)
        async with visitor(started, world, viewport=WIDTHS[0]) as (_, page):
            await page.clock.install(time=world.context.now() + timedelta(days=20))
            await come_back(page, seeded, "en")
            await expect(page.locator("#vouch-overdue")).to_be_hidden()
            await page.locator("#news-body-show").click()
            await expect(page.locator("#news-off")).to_have_text(
                "It can be switched on once somebody has vouched for you."
            )
            await expect(page.locator("#news-form")).to_be_hidden()


async def test_whoever_wanted_to_be_asked_about_the_police_is_asked(tmp_path: Path, chromium_path: str) -> None:
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        day = world.context.now().date() - timedelta(days=3)
        seeded = await seed_case(world, timing=Timing.WAIT_FOR_POLICE, police_until=day)
        async with visitor(started, world, viewport=WIDTHS[0]) as (_, page):
            await come_back(page, seeded, "en")
            await expect(page.locator("#number-asked")).to_have_text("1")
            await expect(page.locator("#sentence")).to_contain_text("wait for the police")
            await page.locator("#questions-body-show").click()
            asked = page.locator("#questions-body section", has_text="go on waiting for the police?")
            await expect(asked).to_be_visible()
            await asked.locator("input[type=date]").fill((day + timedelta(days=10)).isoformat())
            await asked.get_by_role("button", name="Go on waiting").click()
            await expect(page.locator("#said")).to_contain_text("you are asked again after that day")
            await expect(asked).to_have_count(0)
            await expect(page.locator("#number-asked")).to_have_text("0")
            async with world.services.database.read() as session:
                case = await session.get_one(Case, seeded.case.id)
                kept = read_intake(world.context, case)
            assert (kept.timing, kept.police_until) == (Timing.WAIT_FOR_POLICE, day + timedelta(days=10))
            assert kept.signature and kept.permission_to_send_at, "the other answers stay"
        other = await seed_case(world, timing=Timing.WAIT_FOR_POLICE, police_until=day)
        async with visitor(started, world, viewport=WIDTHS[1]) as (_, page):
            await come_back(page, other, "ko")
            await page.locator("#questions-body-show").click()
            await page.locator("#questions-body section", has_text="경찰").get_by_role("button").last.click()
            await expect(page.locator("#number-asked")).to_have_text("0")
        async with world.services.database.read() as session:
            assert read_intake(world.context, await session.get_one(Case, other.case.id)).timing is Timing.NOW
