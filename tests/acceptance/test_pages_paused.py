"""The person's page while work is stopped and while their case is on hold, in a real browser; and the public report."""

from pathlib import Path

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select

from db.locking import lock_one
from db.models.cases import Case
from db.models.reports import Report
from db.queries.actors import AdvocateActor
from monitor.actions.freeze import freeze, unfreeze
from monitor.cases.stops import EVERYTHING, resume, stop
from monitor.evidence.by import By, Door
from tests.support.pages_seed import Seeded, seed_case
from tests.support.pages_world import browser, pages_world, visiting, visitor

DESK = "The desk, 02-000-0000"


async def come_back(page: Page, seeded: Seeded) -> None:
    await page.goto("/case")
    await page.locator("#return").click()
    await page.locator("#case-id").fill(seeded.case.id)
    await page.locator("#passphrase").fill(seeded.passphrase)
    await page.locator("#come-back form button").first.click()
    await expect(page.locator("#mine")).to_be_visible()


async def test_person_is_told_that_work_rests_and_whom_to_ask(tmp_path: Path, chromium_path: str) -> None:
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        seeded = await seed_case(world, copies=1)
        row = await world.advocate()
        lead = AdvocateActor(row.id, row.organisation_id, row.name, lead=True)
        operator = world.services.context.acting(By.operator("stop"))
        by_lead = world.services.context.acting(By.advocate(row.id, Door.PAGE))
        async with world.services.database.begin() as session:
            await stop(session, operator, EVERYTHING, name="first operator")
        async with visitor(started, world, viewport={"width": 390, "height": 844}) as (_, page):
            await come_back(page, seeded)
            await expect(page.locator("#paused-why")).to_contain_text("Work has been paused here since")
            await expect(page.locator("#paused-ask")).to_contain_text("ask your centre")
            await expect(page.locator("#sentence")).to_have_text("Looking goes on as soon as work does.")
            await expect(page.locator("#next-check")).to_have_text("No look is planned now.")
            await expect(page.locator("#state")).to_have_text("An advocate has vouched for you.")
            await expect(page.locator("#copies-title")).to_be_visible()

            for name in ("first operator", "second operator"):
                async with world.services.database.begin() as session:
                    await resume(session, operator, EVERYTHING, name=name)
            async with world.services.database.begin() as session:
                case = await lock_one(session, Case, seeded.case.id)
                await freeze(session, by_lead, case, lead, reason="a doubt that stays here", speak_to=DESK)
            await page.locator("#refresh").click()
            await expect(page.locator("#paused-why")).to_contain_text("Your case has been on hold since")
            await expect(page.locator("#paused-ask")).to_contain_text(DESK)
            for hidden in ("#copies-title", "#notices-title", "#receipts-title", "#change-title", "#state"):
                await expect(page.locator(hidden)).to_be_hidden()
            await page.locator("#paused summary").click()
            # The visitor's browser is British, and the person said that they live in Korea.
            await expect(page.locator("#paused")).to_contain_text("02-735-8994")
            await expect(page.locator("#paused")).not_to_contain_text("0345 6000 459")
            await expect(page.locator("#erasure button").first).to_be_visible()
            shown = await page.content()
            assert "a doubt that stays here" not in shown and "t.me/" not in await page.locator("#mine").inner_text()

            async with world.services.database.begin() as session:
                await unfreeze(session, by_lead, await lock_one(session, Case, seeded.case.id), lead)
            await page.locator("#refresh").click()
            await expect(page.locator("#paused")).to_be_hidden()
            await expect(page.locator("#copies-title")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False])
async def test_report_is_sent_from_a_phone_with_and_without_scripts(
    tmp_path: Path, chromium_path: str, scripts: bool
) -> None:
    phone = {"width": 320, "height": 700}
    async with visiting(tmp_path, chromium_path, viewport=phone, java_script_enabled=scripts) as (world, page):
        await page.goto("/")
        await page.locator("main").get_by_role("link", name="Somebody registered my picture").click()
        await page.locator("#contact").fill("me@example.org")
        await page.locator("#text").fill("It is a picture of me.")
        assert await page.locator("input[type=file]").count() == 0
        await page.get_by_role("button", name="Tell the centres").click()
        await expect(page.get_by_role("status")).to_contain_text("Thank you.")
        assert await page.context.cookies() == []
        if scripts:
            assert await page.evaluate("document.documentElement.scrollWidth") <= phone["width"]
        async with world.services.database.read() as session:
            assert len((await session.scalars(select(Report))).all()) == 1
