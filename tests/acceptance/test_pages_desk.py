"""An advocate's journey through one case, from vouching to the export, in a real browser."""

import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.support.pages_seed import seed_case
from tests.support.pages_world import PASSWORD, PagesWorld, log_in, visiting

PHONE, DESKTOP = {"width": 390, "height": 844}, {"width": 1280, "height": 900}


async def narrow_enough(page: Page) -> None:
    """Nothing is wider than the window: nobody scrolls sideways."""
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, (page.url, wide)


async def journey(world: PagesWorld, page: Page, case_id: str, language: str) -> None:
    """Buttons are found by what they do where the words differ by language."""
    case = f"/advocate/cases/{case_id}"
    await page.goto(f"/advocate/cases/waiting?lang={language}")
    await page.locator("#number").fill(f"{case_id[:13].upper()} {case_id[13:]}")
    await page.locator("form[role=search] button").click()
    await page.locator("input[name=known]").check()
    await page.locator('form[action="/advocate/cases/vouch"] button').click()
    await expect(page.locator(".message.good")).to_be_visible()

    await page.locator(f'li#c-{case_id} a[href="{case}"]').first.click()
    await expect(page.locator("h1")).to_contain_text(case_id[-4:])
    await narrow_enough(page)
    await page.locator("#name").fill("김지우 푸른 방")
    await page.locator("#tags").fill("학교, autumn")
    await page.locator(f'form[action="{case}/call"] button').click()
    await expect(page.locator("h1")).to_have_text("김지우 푸른 방")
    await page.locator(f'form[action="{case}/hand-over"] button').first.click()
    await expect(page.locator(".badges").first).to_contain_text("Signing Advocate")

    for part in ("person", "watch", "copies", "record"):
        await page.locator(f'.case-tabs a[href="{case}/{part}"]').click()
        await expect(page.locator("h1")).to_have_text("김지우 푸른 방")
        await expect(page.locator(f'.case-tabs a[href="{case}/{part}"]')).to_have_attribute("aria-current", "page")
        await narrow_enough(page)
    await page.locator(f'.case-tabs a[href="{case}/notes"]').click()
    await page.locator("#text").fill("Call the school on Friday.")
    await page.locator(f'form[action="{case}/notes/write"] button').click()
    await expect(page.locator(".note")).to_contain_text("Call the school on Friday.")
    await page.locator(f'.case-tabs a[href="{case}/messages"]').click()
    await page.locator("#text").fill("We have it.")
    await page.locator(f'form[action="{case}/messages/write"] button').click()
    await expect(page.locator(".talk .own")).to_contain_text("We have it.")

    # Found again by half of its name; its copy is decided, its notice shown and sent.
    await page.goto("/advocate/cases")
    await page.locator("#q").fill("지우")
    await page.locator("form[role=search] button").click()
    await expect(page.locator("li.card")).to_have_count(1)
    await narrow_enough(page)
    await page.locator(f'li.card a[href="{case}"]').click()
    await page.locator(f'.case-tabs a[href="{case}/copies"]').click()
    await page.locator('a[href^="/advocate/sightings/"]').first.click()
    form = page.locator('form[action$="/confirm"]').first
    if not await form.is_visible():
        await page.locator("details", has=form).first.locator("summary").first.click()
    await form.locator("input[name=basis]").last.check()
    await form.locator("button").last.click()
    await expect(page.locator(".message.good").first).to_be_visible()
    await page.goto(f"{case}/copies")
    written = page.locator('main a[href^="/advocate/notices/"]')
    for address in [await one.get_attribute("href") for one in await written.all()]:
        await page.goto(address or "")
        await narrow_enough(page)
        if await page.locator('form[action$="/send"]').count():
            break  # others are filled in by hand
    await page.locator('form[action$="/send"] button').first.click()
    await expect(page.locator("#undo, .message.good").first).to_be_visible()

    # What happened stands in the record in words, and the package is ordered from the case.
    await page.goto(f"{case}/record")
    words = {"en": "A note for the colleagues was written.", "ko": "동료에게 남기는 메모를 썼어요."}
    await expect(page.locator(".record")).to_contain_text(words[language])
    await page.locator(f'.case-tabs a[href="{case}"]').click()
    await page.locator(f'a[href="/advocate/evidence?case={case_id}#new"]').click()
    await expect(page.locator("#cases")).to_have_value(case_id)
    await page.locator("#recipient").fill("The police of the district")
    await page.locator("#agreed").check()
    if await page.locator("#password").count():  # the log-in was a few minutes ago: it is not asked for again
        await page.locator("#password").fill(PASSWORD)
        await page.locator("#code").fill(world.code())
    await page.locator('form[action="/advocate/evidence/order"] button').last.click()
    await expect(page.locator("main")).to_contain_text("The police of the district")
    await narrow_enough(page)


@pytest.mark.parametrize(
    ("size", "language"),
    [
        pytest.param(PHONE, "ko", id="phone-ko"),
        pytest.param(DESKTOP, "en", id="desktop-en"),
        pytest.param(PHONE, "en", id="phone-en", marks=pytest.mark.soak),
        pytest.param(DESKTOP, "ko", id="desktop-ko", marks=pytest.mark.soak),
    ],
)
async def test_a_case_goes_from_vouching_to_the_export(
    tmp_path: Path, chromium_path: str, size: dict[str, int], language: str
) -> None:
    locale = {"en": "en-GB", "ko": "ko-KR"}[language]
    async with visiting(tmp_path, chromium_path, viewport=size, locale=locale) as (world, page):
        await log_in(page, world)
        await expect(page).to_have_url(re.compile("/advocate$"))
        seeded = await seed_case(world, vouched=False, copies=1)
        await journey(world, page, seeded.case.id, language)
