"""The person's page asks whether what an advocate entered is right, in a real browser over the real API."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect

from db.locking import lock_one
from db.models.cases import Case
from db.queries.actors import AdvocateActor
from monitor.actions.change_intake import change_intake
from monitor.actions.entered import record_mandate
from monitor.actions.erase import ask_erasure
from monitor.cases.consents import give_consent
from monitor.cases.intake import read_intake
from monitor.evidence.by import By, Door
from monitor.model.entered import MandateKind, Matter
from monitor.model.facts import AgeGroup
from monitor.model.states import CaseState, Purpose
from monitor.platforms.base import PlatformName
from tests.support.pages_seed import Seeded, seed_case
from tests.support.pages_world import PagesWorld, browser, pages_world, visitor


async def _entered(world: PagesWorld, seeded: Seeded, *, mandate: bool = False) -> None:
    """An advocate enters a signature, the permission, the age and a place for the person."""
    row = await world.advocate()
    actor = AdvocateActor(row.id, row.organisation_id, row.name)
    context = world.services.context.acting(By.advocate(row.id, Door.API))
    if mandate:
        async with world.services.database.begin() as session:
            case = await lock_one(session, Case, seeded.case.id)
            covers, dated = (Matter.PERMISSION,), context.now().date()
            await record_mandate(session, context, case, actor, kind=MandateKind.COURT, dated=dated, covers=covers)
    async with world.services.database.begin() as session:
        case = await lock_one(session, Case, seeded.case.id)
        told = replace(
            read_intake(context, case), signature="Typed For Me", age_group=AgeGroup.ADULT, contact="new@example.org"
        )
        await change_intake(session, context, case, actor, told, permitted=True)
    async with world.services.database.begin() as session:
        case = await lock_one(session, Case, seeded.case.id)
        await give_consent(
            session,
            context,
            case,
            platform=PlatformName.TELEGRAM,
            source="@helperchannel",
            purposes=(Purpose.WATCH,),
        )


async def _come_back(page: Page, seeded: Seeded) -> None:
    await page.goto("/case")
    await page.locator("#return").click()
    await page.locator("#case-id").fill(seeded.case.id)
    await page.locator("#passphrase").fill(seeded.passphrase)
    await page.locator("#come-back form button").first.click()
    await expect(page.locator("#mine")).to_be_visible()


EMPTY: dict[str, Any] = {"signature": "", "age_group": AgeGroup.UNSURE, "permission_to_send_at": None}


@pytest.mark.parametrize(
    ("locale", "asks", "right", "wrong", "by"),
    [
        ("en-GB", "Is it right?", "Yes, this is right", "No, this is wrong", "entered by Signing Advocate"),
        ("ko-KR", "맞나요?", "네, 맞아요", "아니요, 틀려요", "Test Centre 상담원 Signing Advocate 님이 입력"),
    ],
)
async def test_person_is_asked_and_says_yes_or_no(
    tmp_path: Path, chromium_path: str, locale: str, asks: str, right: str, wrong: str, by: str
) -> None:
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        seeded = await seed_case(world, **EMPTY)
        await _entered(world, seeded)
        async with visitor(started, world, locale=locale) as (_, page):
            await _come_back(page, seeded)
            assert "Typed For Me" not in await page.content()
            for part in ("questions-body", "watching-body", "parts"):
                await page.locator(f"#{part}-show").click()
            await expect(page.locator("#entered-title")).to_contain_text(asks)
            cards = page.locator("#entered-list > li")
            await expect(cards).to_have_count(3)
            await expect(cards.first).to_contain_text("Typed For Me")
            await expect(cards.first).to_contain_text(by)
            await expect(page.locator("#watched > li").filter(has_text="helperchannel")).to_contain_text(by)
            await expect(page.locator("label[for=contact]")).to_contain_text(by)
            await expect(page.locator("#signature")).to_have_value("")
            await cards.first.get_by_role("button", name=right).click()
            await expect(cards).to_have_count(2)
            await expect(page.locator("#signature")).to_have_value("Typed For Me")
            await cards.first.get_by_role("button", name=wrong).click()
            await expect(cards).to_have_count(1)
            await cards.first.get_by_role("button", name=right).click()
            await expect(page.locator("#entered")).to_be_hidden()
        async with world.services.database.read() as session:
            intake = read_intake(world.context, await session.get_one(Case, seeded.case.id))
        assert (intake.signature, intake.permission_to_send_at, intake.age_group) == ("Typed For Me", None, "adult")


async def test_person_sees_who_may_act_for_them_and_ends_it(tmp_path: Path, chromium_path: str) -> None:
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        seeded = await seed_case(world, **EMPTY)
        await _entered(world, seeded, mandate=True)
        async with visitor(started, world) as (_, page):
            await _come_back(page, seeded)
            await page.locator("#parts-show").click()
            mandate = page.locator("#mandate-list li")
            await expect(mandate).to_contain_text("by a court")
            await expect(mandate).to_contain_text("Signing Advocate")
            await expect(page.locator("#permission")).to_be_checked()
            await mandate.get_by_role("button").click()
            await expect(mandate).to_contain_text("Ended")
            await expect(mandate.get_by_role("button")).to_have_count(0)
            await expect(page.locator("#permission")).not_to_be_checked()
        async with world.services.database.read() as session:
            intake = read_intake(world.context, await session.get_one(Case, seeded.case.id))
        assert intake.permission_to_send_at is None


async def test_erasure_that_an_advocate_asked_for_needs_the_passphrase(tmp_path: Path, chromium_path: str) -> None:
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        seeded = await seed_case(world)
        row = await world.advocate()
        context = world.services.context.acting(By.advocate(row.id, Door.API))
        async with world.services.database.begin() as session:
            actor = AdvocateActor(row.id, row.organisation_id, row.name)
            assert await ask_erasure(session, context, await lock_one(session, Case, seeded.case.id), actor) is None
        async with visitor(started, world) as (_, page):
            await _come_back(page, seeded)
            await page.locator("#questions-body-show").click()
            card = page.locator("#entered-list > li")
            await card.get_by_role("button", name="Yes, erase everything").click()
            field, sure = card.locator("input"), card.locator("form button.danger")
            await expect(field).to_be_focused()
            await field.fill("other words than those")
            await sure.click()
            await expect(page.locator("#said")).to_contain_text("That is not the passphrase")
            await expect(field).to_have_value("other words than those")
            await page.locator("#refresh").click()
            await page.wait_for_load_state("networkidle")  # else it would be told that the case is being erased
            await expect(field).to_be_visible()
            await field.fill(seeded.passphrase)
            await sure.click()
            await expect(page.locator("#said")).to_contain_text("hidden and all work on it has stopped")
            await expect(page.locator("#erasure").get_by_role("button", name="Keep my case")).to_be_visible()
        async with world.services.database.read() as session:
            assert (await session.get_one(Case, seeded.case.id)).state == CaseState.ERASING


async def test_what_was_changed_since_it_was_shown_is_not_rejected_unseen(tmp_path: Path, chromium_path: str) -> None:
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        seeded = await seed_case(world, **EMPTY)
        await _entered(world, seeded)
        async with visitor(started, world) as (_, page):
            await _come_back(page, seeded)
            await page.locator("#questions-body-show").click()
            card = page.locator("#entered-list > li").first
            await expect(card).to_contain_text("Typed For Me")
            row = await world.advocate()
            context = world.services.context.acting(By.advocate(row.id, Door.API))
            async with world.services.database.begin() as session:
                case = await lock_one(session, Case, seeded.case.id)
                told = replace(read_intake(context, case), signature="Right Name")
                actor = AdvocateActor(row.id, row.organisation_id, row.name)
                await change_intake(session, context, case, actor, told, permitted=True)
            await card.get_by_role("button", name="No, this is wrong").click()
            await expect(page.locator("#said")).to_contain_text("nothing to confirm here any more")
            await expect(card).to_contain_text("Right Name")
            await card.get_by_role("button", name="No, this is wrong").click()
            await expect(page.locator("#said")).to_contain_text("It does not count")
            await expect(page.locator("#entered-list")).not_to_contain_text("Right Name")
