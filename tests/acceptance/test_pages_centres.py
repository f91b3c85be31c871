"""A person answers whether another centre gets their case, ends a new passphrase that they did not ask for, and draws
other words; and a text that an advocate opens is counted for them."""

from datetime import UTC, datetime
from pathlib import Path

from playwright.async_api import Page, expect

from db.models.cases import Case
from db.models.people import Organisation
from db.queries.actors import AdvocateActor
from db.types import new_id
from monitor.actions.rest import rest_of
from monitor.actions.transfer import own_transfers
from monitor.cases.reissue import standing_reissue
from tests.support.centre_asks import ask_twice
from tests.support.pages_seed import Seeded, seed_case
from tests.support.pages_world import PagesWorld, browser, log_in, pages_world, visitor


async def come_back(page: Page, seeded: Seeded, words: str) -> None:
    await page.goto("/case?lang=en")
    await page.locator("#return").click()
    await page.locator("#case-id").fill(seeded.case.id)
    await page.locator("#passphrase").fill(words)
    await page.locator("#come-back form button").first.click()
    await expect(page.locator("#numbers")).to_be_visible()


async def opened_today(world: PagesWorld, advocate: AdvocateActor) -> int:
    async with world.services.database.read() as session:
        return (await rest_of(session, advocate, datetime.now(UTC))).days[0][1]


async def test_the_person_decides_on_their_page_and_an_advocate_sees_what_they_opened(
    tmp_path: Path, chromium_path: str
) -> None:
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        seeded = await seed_case(world, copies=1)
        lead = await ask_twice(world, seeded)
        async with visitor(started, world, viewport={"width": 390, "height": 844}) as (_, page):
            await come_back(page, seeded, seeded.passphrase)
            # Told above everything, and ended with one tap.
            await expect(page.locator("#reissue")).to_contain_text("Your centre asked for a new passphrase")
            await page.locator("#reissue-off button").click()
            await expect(page.locator("#reissue")).to_be_hidden()
            async with world.services.database.read() as session:
                assert await standing_reissue(session, world.context, seeded.case) is None
            # The question waits behind its button, with what a yes does.
            await expect(page.locator("#questions-title")).to_have_text("You are asked something")
            await page.locator("#questions-body-show").click()
            question = page.locator("#transfer-list li")
            await expect(question).to_contain_text("Test Centre asks whether your case may go to Other Centre")
            await question.get_by_role("button", name="Yes, give my case to Other Centre").click()
            await expect(question).to_contain_text("You said yes")
            # Other words, which only this page has seen; it goes on with them.
            await page.locator("#new-words-body-show").click()
            await page.locator("#new-words-ask button").first.click()
            await page.locator("#new-words-ask input").fill(seeded.passphrase)
            await page.get_by_role("button", name="Yes, draw new words").click()
            await expect(page.locator("#new-words-text")).not_to_be_empty()
            words = await page.locator("#new-words-text").inner_text()
            await page.locator("#new-words-noted").click()
            await page.locator("#new-words-typed").fill(words)
            await page.get_by_role("button", name="Use these words").click()
            await expect(page.locator("#said")).to_contain_text("in force")
            await expect(page.locator("#new-words-text")).to_be_empty()
            assert words not in await page.content()
            await page.reload()
            await come_back(page, seeded, words)
        async with world.services.database.read() as session:
            (moved,), _ = await own_transfers(session, world.context, lead)
            case = await session.get_one(Case, seeded.case.id)
            home = await session.get_one(Organisation, case.organisation_id or new_id())
        assert (moved.state, home.name) == ("agreed", "Other Centre")

        await seed_case(world, copies=1)
        async with visitor(started, world) as (_, page):
            await log_in(page, world)
            folded = page.locator("details[data-caption]").first
            await folded.locator("summary").click()
            # What is sent so outlives the page, and its answer is not awaited by anything in it.
            for _ in range(300):
                if await opened_today(world, lead) == 1:
                    break
                await page.wait_for_timeout(100)
            assert await opened_today(world, lead) == 1
