"""While very many ask: the person's page and the log-in form work in the background, in a real browser."""

from pathlib import Path

import pytest
from playwright.async_api import expect

from api.budgets import LIMITS, Act, Budget, Budgets, Limits
from tests.support.pages_pictures import to_pictures
from tests.support.pages_seed import seed_case
from tests.support.pages_world import PASSWORD, browser, pages_world, visitor

SPENT = Budget(0.5, 0.0)
"""Not one act is free."""


_LISTEN = """() => {
  const place = document.getElementById("said");
  window.said = "";
  new MutationObserver(() => { window.said += place.textContent; })
    .observe(place, { childList: true, characterData: true, subtree: true });
}"""


def crowded(act: Act) -> Budgets:
    """Everybody asks for this one."""
    return Budgets({**LIMITS, act: Limits(SPENT, SPENT)})


async def test_case_is_opened_with_work_that_began_at_the_first_step(tmp_path: Path, chromium_path: str) -> None:
    async with (
        pages_world(tmp_path, crowded(Act.OPENING)) as world,
        browser(chromium_path) as started,
        visitor(started, world) as (_, page),
    ):
        sent: list[str] = []
        page.on("response", lambda answer: sent.append(f"{answer.status} {answer.url.removeprefix(world.address)}"))
        await to_pictures(page)
        for step in ("step-places", "step-notice"):
            await page.locator(f"[data-next={step}]").click()
        await page.locator("#notice button[data-next]").click()
        await page.locator("#open-empty").check()
        await page.locator("#open button").first.click()
        await expect(page.locator("#wrote-down")).to_be_visible()
        assert "200 /api/work" in sent and "200 /case/draft/open" in sent and "429 /case/draft/open" not in sent


@pytest.mark.parametrize("locale", ["en-GB", "ko-KR"])
async def test_person_who_comes_back_is_asked_for_work_and_told_so(
    tmp_path: Path, chromium_path: str, locale: str
) -> None:
    async with pages_world(tmp_path, crowded(Act.LOG_IN)) as world, browser(chromium_path) as started:
        seeded = await seed_case(world)
        async with visitor(started, world, locale=locale) as (_, page):
            await page.goto("/case")
            await page.locator("#return").click()
            await page.locator("#case-id").fill(seeded.case.id)
            await page.locator("#passphrase").fill(seeded.passphrase)
            await page.evaluate(_LISTEN)
            await page.locator("#come-back form button").first.click()
            await expect(page.locator("#mine")).to_be_visible()
            said = str(await page.evaluate("window.said"))
            assert ("Your device works" if locale == "en-GB" else "기기가 몇 초 동안 계산") in said


async def test_advocate_logs_in_while_the_device_works(tmp_path: Path, chromium_path: str) -> None:
    async with (
        pages_world(tmp_path, crowded(Act.LOG_IN)) as world,
        browser(chromium_path) as started,
        visitor(started, world) as (_, page),
    ):
        await page.goto("/advocate/login")
        await page.locator("#login").fill(world.login)
        await page.locator("#password").fill(PASSWORD)
        await page.locator("#code").fill(world.code())
        await page.locator("main form button").click()
        await expect(page.locator("h1")).to_be_visible()
        await page.wait_for_url("**/advocate")


async def test_without_scripts_the_log_in_page_says_what_to_do(tmp_path: Path, chromium_path: str) -> None:
    async with (
        pages_world(tmp_path, crowded(Act.LOG_IN)) as world,
        browser(chromium_path) as started,
        visitor(started, world, java_script_enabled=False) as (_, page),
    ):
        await page.goto("/advocate/login")
        assert "please allow scripts on this page" in await page.content()  # in its <noscript>
        await expect(page.locator("#working")).to_be_hidden()


async def test_puzzle_is_solved_by_the_pages_own_module_to_its_last_number(tmp_path: Path, chromium_path: str) -> None:
    """Prints how many numbers a second it tried: a phone is six times slower than this machine."""
    async with (
        pages_world(tmp_path) as world,
        browser(chromium_path) as started,
        visitor(started, world) as (_, page),
    ):
        await page.goto("/")
        answer, rate = await page.evaluate(
            """async () => {
              const { solve } = await import("/static/puzzle/puzzle.mjs");
              const bytes = new TextEncoder().encode("abcdefghijklmnop:400000:1800000000:399999");
              const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
              const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
              const began = performance.now();
              const answer = solve(`abcdefghijklmnop:400000:1800000000:${hex}:tag`);
              return [answer, 400000 / (performance.now() - began) * 1000];
            }"""
        )
        print(f"{rate:.0f} numbers a second")
        assert answer.endswith(":tag:399999")
