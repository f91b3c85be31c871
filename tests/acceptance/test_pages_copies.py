"""The lists of confirmed copies, one copy, and the pack to take along, in a real browser over the real API."""

import os
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, expect

from db.locking import lock_one
from db.models.sightings import Sighting
from monitor.actions.confirm import confirm
from monitor.model.facts import AgeGroup, Basis
from tests.support.pages_seed import Seeded, seed_case
from tests.support.pages_world import PagesWorld, browser, log_in, pages_world, visitor

SHOTS = os.environ.get("JIKIMI_SHOTS")
"""A folder that pictures of the pages are kept in, to be looked at."""


async def _confirmed(world: PagesWorld, seeded: Seeded) -> None:
    advocate = await world.advocate()
    for sighting in seeded.sightings:
        async with world.services.database.begin() as session:
            row = await lock_one(session, Sighting, sighting.id)
            await confirm(session, world.context, row, by=advocate.id, basis=Basis.PERSON_VIEWED)


async def _looked_at(page: Page, name: str) -> None:
    if SHOTS:
        await page.screenshot(path=Path(SHOTS) / f"{name}.png", full_page=True)


async def _copies_the_long_text(context: BrowserContext, page: Page, said: str) -> None:
    """The text that is filed by hand: all of it by a button that says what came of it, and without one by a click."""
    await context.grant_permissions(["clipboard-read", "clipboard-write"])
    whole = page.locator("#steps details[open] .long").first
    text = await whole.locator("pre").text_content() or ""
    assert len(text) > 200
    await expect(page.locator("#copy-said")).to_have_attribute("aria-live", "polite")
    await whole.locator("button").click()
    await expect(page.locator("#copy-said")).to_have_text(said)
    assert await page.evaluate("navigator.clipboard.readText()") == text
    await context.clear_permissions()
    # A browser that refuses: that is said too, and the text stands selected.
    await page.evaluate("void (navigator.clipboard.writeText = () => Promise.reject(new Error()))")
    await page.evaluate("getSelection().removeAllRanges()")
    await whole.locator("button").click()
    await expect(page.locator("#copy-said")).not_to_have_text(said)
    assert await page.evaluate("String(getSelection())") != ""
    await page.evaluate("getSelection().removeAllRanges()")
    await whole.locator("pre").click(position={"x": 30, "y": 30})
    assert (await page.evaluate("String(getSelection())")).split() == text.split()


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_advocate_files_a_minors_copy_and_the_person_takes_the_pack_along(
    tmp_path: Path, chromium_path: str, language: str
) -> None:
    locale = {"en": "en-GB", "ko": "ko-KR"}[language]
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        seeded = await seed_case(world, copies=2, age_group=AgeGroup.MINOR, country="KR")
        await _confirmed(world, seeded)
        async with visitor(started, world, locale=locale, viewport={"width": 390, "height": 844}) as (context, page):
            await log_in(page, world)
            await page.goto("/advocate/copies")
            await expect(page.locator("article")).to_have_count(2)
            await _looked_at(page, f"copies-{language}")
            await page.locator("article .button").first.click()
            first = page.locator("#steps details").first
            await first.locator("input[name=reference]").fill("P-2026-1")
            await first.locator("input[name=whole_case]").check()
            await _copies_the_long_text(context, page, {"en": "Copied.", "ko": "복사했어요."}[language])
            await _looked_at(page, f"copy-{language}")
            await first.locator("form button:not([data-copy])").last.click()
            await expect(page.locator("#filings")).to_be_visible()
            await _looked_at(page, f"copy-filed-{language}")
            await page.goto("/advocate/copies?state=sent")
            await expect(page.locator("article")).to_have_count(2)
        async with visitor(started, world, locale=locale) as (_, page):
            await page.goto("/case")
            await page.locator("#return").click()
            await page.locator("#case-id").fill(seeded.case.id)
            await page.locator("#passphrase").fill(seeded.passphrase)
            await page.locator("#come-back form button").first.click()
            await page.locator("#copies-body-show").click()
            await expect(page.locator("#hand-off")).to_be_visible()
            for kind, name in (("text", "links.txt"), ("pdf", "links.pdf")):
                async with page.expect_download() as download:
                    await page.locator(f"#hand-off-{kind}").click()
                kept = await download.value
                assert kept.suggested_filename == name
                content = (await kept.path()).read_bytes()
                assert content.startswith(b"%PDF") if kind == "pdf" else b"P-2026-1" in content
            await _looked_at(page, f"person-{language}")
