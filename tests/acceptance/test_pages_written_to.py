"""Whom a message goes to: the centre that the page names, or nobody; and what the centre before reads no more."""

from pathlib import Path

from playwright.async_api import expect
from sqlalchemy import select

from db.locking import lock_one
from db.models.cases import Case
from db.models.messages import Message
from db.models.people import Organisation
from db.queries.actors import PersonActor
from monitor.actions.transfer import agree_to_transfer, asked_of_person
from monitor.cases.in_hand import hand_back, take_in_hand
from monitor.evidence.by import By, Door
from tests.acceptance.test_pages_paused import come_back
from tests.support.centre_asks import ask_twice
from tests.support.pages_seed import Seeded, seed_case
from tests.support.pages_world import PagesWorld, browser, pages_world, visitor
from tests.support.person_states import acting_lead


async def written(world: PagesWorld) -> list[str]:
    """The centres that messages were written to, in order."""
    query = select(Organisation.name).join(Message, Message.organisation_id == Organisation.id)
    async with world.services.database.read() as session:
        return list(await session.scalars(query.order_by(Message.number)))


async def moved(world: PagesWorld, seeded: Seeded) -> None:
    """The person said yes to the other centre, in another window."""
    person, context = PersonActor(seeded.case.id), world.services.context.acting(By.person(Door.PAGE))
    async with world.services.database.begin() as session:
        case = await lock_one(session, Case, seeded.case.id)
        (asked,) = await asked_of_person(session, context, case)
        await agree_to_transfer(session, context, case, person, asked.transfer_id)


async def test_a_message_is_not_handed_to_another_centre_than_the_one_that_is_shown(
    tmp_path: Path, chromium_path: str
) -> None:
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        seeded = await seed_case(world)
        await ask_twice(world, seeded)
        async with visitor(started, world) as (_, page):
            await come_back(page, seeded)
            await page.locator("#letters-body-show").click()
            await page.locator("#letter").fill("Good evening.")
            await page.locator("#write button").click()
            await expect(page.locator("#said")).to_contain_text("Sent.")
            await expect(page.locator("#talk li").first).to_contain_text("not read yet")
            await expect(page.locator("#who-reads")).to_contain_text("Read by the advocates of Test Centre")
            await page.locator("#letter").fill("For Test Centre alone.")
            await moved(world, seeded)
            await page.locator("#write button").click()
            await expect(page.locator("#said")).to_contain_text("Not sent: another centre has your case by now.")
            await expect(page.locator("#who-reads")).to_contain_text("Read by the advocates of Other Centre")
            await expect(page.locator("#letter")).to_have_value("For Test Centre alone.")
            assert await written(world) == ["Test Centre"]
            # Beside what went to the centre before stands that it reads no more.
            await expect(page.locator("#talk li")).to_have_count(1)
            await expect(page.locator("#talk li").first).to_contain_text("Test Centre cannot read this any more")
            await expect(page.locator("#talk li").first).not_to_contain_text("not read yet")
            await page.locator("#letter").fill("Hello, Other Centre.")
            await page.locator("#write button").click()
            await expect(page.locator("#talk li").last).to_contain_text("not read yet")
            assert await written(world) == ["Test Centre", "Other Centre"]


async def test_what_was_typed_stays_where_no_centre_has_the_case_any_more(tmp_path: Path, chromium_path: str) -> None:
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        seeded = await seed_case(world, vouched=False)
        lead, by_lead = await acting_lead(world)
        async with world.services.database.begin() as session:
            case = await lock_one(session, Case, seeded.case.id)
            await take_in_hand(session, by_lead, case, lead.organisation_id)
        async with visitor(started, world) as (_, page):
            await come_back(page, seeded)
            await expect(page.locator("#state")).to_contain_text("it reads the messages that you write to it")
            await page.locator("#letters-body-show").click()
            await page.locator("#letter").fill("For Test Centre alone.")
            async with world.services.database.begin() as session:
                case = await lock_one(session, Case, seeded.case.id)
                await hand_back(session, by_lead, case, lead.organisation_id)
            await page.locator("#write button").click()
            await expect(page.locator("#said")).to_contain_text("nobody could read it")
            await expect(page.locator("#nobody-reads")).to_be_visible()
            await expect(page.locator("#letter")).to_have_value("For Test Centre alone.")
            assert await written(world) == []
            await page.locator("#refresh").click()
            await expect(page.locator("#state")).to_contain_text("reads only the messages that you write to it")
            await expect(page.locator("#letter")).to_have_value("For Test Centre alone.")
