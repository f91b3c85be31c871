"""A receipt that counts no more, since the copy should not have been confirmed: the person reads what happened."""

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import expect

from db.locking import lock_one
from db.models.cases import Case
from db.models.sightings import Sighting
from monitor.actions.confirm import confirm
from monitor.actions.reopen import reopen_sighting
from monitor.jobs.checked_copy import write_receipt
from monitor.model.facts import Basis
from monitor.notices.letters import RetractReason
from monitor.sightings.following import be_removed
from tests.support.pages_seed import seed_case
from tests.support.pages_world import browser, pages_world, visitor
from tests.support.person_states import acting_lead, come_back

WORDS = {
    "en": ("What happened stands with your receipts", "it was not your picture; we are sorry"),
    "ko": ("무슨 일인지는 확인서 있는 곳에 적혀 있어요", "내 사진이 아니었어요. 죄송해요."),
}


@pytest.mark.parametrize("language", WORDS)
async def test_person_reads_why_a_receipt_counts_no_more(language: str, chromium_path: str, tmp_path: Path) -> None:
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        seeded = await seed_case(world, copies=1)
        actor, context = await acting_lead(world)
        now, wrong = context.now(), seeded.sightings[0].id
        async with world.services.database.begin() as session:
            row = await lock_one(session, Sighting, wrong)
            await confirm(session, context, row, by=actor.id, basis=Basis.CAPTION_CONTEXT, routes=(), release=True)
        async with world.services.database.begin() as session:
            (await lock_one(session, Case, seeded.case.id)).visited_at = now - timedelta(hours=1)
            row = await lock_one(session, Sighting, wrong)
            row.presence, row.gone_since = "deleted", now - timedelta(hours=6)
            await be_removed(session, context, row)
            await write_receipt(session, context, row, sent_at=None, notice_id=None)
        async with world.services.database.begin() as session:
            await reopen_sighting(session, context, actor, wrong, reason=RetractReason.WRONG_COPY)
        async with visitor(started, world) as (_, page):
            await come_back(page, seeded, language)
            news, why = WORDS[language]
            await expect(page.locator("#sentence")).to_contain_text(news)
            await expect(page.locator("#number-removed")).to_have_text("0")
            await page.locator("#receipts-body-show").click()
            await expect(page.locator("#receipts li")).to_have_count(1)
            await expect(page.locator("#receipts li")).to_contain_text(why)
