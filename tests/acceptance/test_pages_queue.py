"""The queue at a desk in a real browser: one key a decision, the next item focused, nothing scrolled away."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Page, expect
from sqlalchemy import select

from db.models.messages import SightingQuestion
from db.models.notices import Notice
from tests.support.desk_seed import seed_desk
from tests.support.pages_world import PASSWORD, PagesWorld, log_in, visiting

WIDE = {"width": 1280, "height": 800}
NARROW = {"width": 390, "height": 800}


async def _desk(world: PagesWorld, page: Page, *, cases: int, sightings: int) -> None:
    advocate = await world.advocate()
    await seed_desk(world.services, advocate.id, advocate.organisation_id, cases=cases, sightings=sightings)
    await log_in(page, world)


async def _shown(page: Page) -> str:
    found: str = await page.locator(".items a[aria-current]").get_attribute("id") or ""
    return found.removeprefix("l-")


async def _pressed(page: Page, key: str) -> str:
    """Press it, and wait for the next item; returns the id of the one that was shown."""
    before = await _shown(page)
    await page.keyboard.press(key)
    await expect(page.locator(f"#l-{before}[aria-current]")).to_have_count(0)
    await expect(page.locator("#desk[aria-busy]")).to_have_count(0)
    return before


async def _states(world: PagesWorld, item: str) -> set[tuple[str, str | None]]:
    every = [row for row in await world.sightings() if row.alike_id == item]
    return {(row.state, row.basis or row.dismissal) for row in every}


async def test_one_key_decides_and_the_next_item_has_the_focus(tmp_path: Path, chromium_path: str) -> None:
    async with visiting(tmp_path, chromium_path, viewport=WIDE) as (world, page):
        await _desk(world, page, cases=6, sightings=50)
        await page.goto("/advocate")
        loads = list[str]()
        page.on("request", lambda one: loads.append(one.url) if one.is_navigation_request() else None)
        # The list and the card stand beside each other, and the first line has the focus without a click.
        list_box = await page.locator(".lines").bounding_box()
        card_box = await page.locator(".detail").bounding_box()
        assert list_box and card_box and list_box["x"] + list_box["width"] <= card_box["x"] and card_box["y"] < 700
        assert await page.evaluate("document.activeElement.id") == f"l-{await _shown(page)}"

        decided = [await _pressed(page, "j") for _ in range(8)]  # down the list, so that something can be lost
        scrolled = await page.evaluate("window.scrollY")
        confirmed = await _pressed(page, "1")
        assert await _states(world, confirmed) == {("confirmed", "caption-context")}
        assert abs(await page.evaluate("window.scrollY") - scrolled) < 260, "one line at most"
        assert await page.evaluate("document.activeElement.id") == f"l-{await _shown(page)}"
        assert await _shown(page) not in (confirmed, *decided), "the one below it"
        for key, reason in (("n", "not-the-picture"), ("o", "own-post"), ("h", "harmless"), ("d", "person-declined")):
            assert await _states(world, await _pressed(page, key)) == {("dismissed", reason)}
        before = await _shown(page)
        await page.keyboard.press("u")  # the last decision, with everything of it
        await expect(page.get_by_role("status").first).to_contain_text("open again")
        assert {state for state, _ in await _states(world, await _shown(page))} == {"open"} and before
        await page.keyboard.press("a")
        await expect(page.locator(".detail")).to_contain_text("has not answered yet")
        async with world.services.database.read() as session:
            assert len((await session.scalars(select(SightingQuestion))).all()) == 1
        await page.keyboard.press("c")
        await expect(page.locator("details[data-caption]")).to_have_attribute("open", "")
        await page.keyboard.press("x")
        await expect(page.locator(".items .mine input")).to_be_checked()
        await page.keyboard.press("?")
        await expect(page.locator("#keys")).to_contain_text("Next item, previous item")
        await expect(page.locator("#keys")).to_have_attribute("open", "")
        # With Korean letters switched on the same key does the same; in a field, and outside the desk, none does.
        await page.locator(".items a[aria-current]").focus()
        await page.evaluate(
            "document.activeElement.dispatchEvent(new KeyboardEvent('keydown', "
            "{key: 'ㅐ', code: 'KeyO', bubbles: true, cancelable: true}))"
        )
        await expect(page.get_by_role("status").first).to_contain_text("Dismissed")
        count = sum(row.state == "open" for row in await world.sightings())
        await page.get_by_text("Narrow the list").click()
        await page.locator("#f-case").focus()
        await page.keyboard.press("n")
        await page.locator(".brand a").focus()
        await page.keyboard.press("n")
        await expect(page.locator("#f-case")).to_have_value("n")
        assert sum(row.state == "open" for row in await world.sightings()) == count
        assert loads == [], "nothing was loaded anew"
        # Several at once, and back.
        await page.locator(".items input").nth(0).check()
        await page.locator(".items input").nth(1).check()
        await page.locator("#several-decision").select_option("dismiss-harmless")
        await page.locator(".bulk button").click()
        await expect(page.get_by_role("status").first).to_contain_text("Dismissed. Nothing more happens")
        await page.go_back()
        await expect(page.locator("#desk")).to_be_visible()


async def test_each_caption_that_is_opened_counts_and_buttons_outlive_the_first_item(
    tmp_path: Path, chromium_path: str
) -> None:
    async with visiting(tmp_path, chromium_path, viewport=WIDE) as (world, page):
        await _desk(world, page, cases=4, sightings=20)
        await page.goto("/advocate")
        opened = list[str]()
        page.on("request", lambda one: opened.append(one.url) if one.url.endswith("/rest/opened") else None)
        for count in (1, 2, 3):
            await page.keyboard.press("c")
            await expect(page.locator("details[data-caption]")).to_have_attribute("open", "")
            await page.wait_for_timeout(200)
            assert len(opened) == count
            copy = page.locator("button[data-copy]")
            assert await copy.count() == await copy.locator("visible=true").count() > 0
            await _pressed(page, "j")


async def test_on_a_phone_the_list_opens_and_stays(tmp_path: Path, chromium_path: str) -> None:
    async with visiting(tmp_path, chromium_path, viewport=NARROW) as (world, page):
        await _desk(world, page, cases=4, sightings=20)
        await page.goto("/advocate")
        await expect(page.locator(".lines")).to_be_hidden()
        asked = list[str]()
        page.on("request", lambda one: asked.append(one.url))
        await page.locator("a.to-list").click()
        await expect(page.locator(".lines")).to_be_visible()
        await page.wait_for_timeout(500)
        await expect(page.locator(".lines")).to_be_visible()
        assert asked == [], "it is on the page already"
        # A line of it leads to its item, and Back to the one before.
        line = page.locator(".items a:not([aria-current])").first
        chosen = (await line.get_attribute("id") or "").removeprefix("l-")
        await line.click()
        await expect(page.locator(f"#l-{chosen}[aria-current]")).to_have_count(1)
        await page.go_back()
        await expect(page.locator(f"#l-{chosen}[aria-current]")).to_have_count(0)


async def _tab_to(page: Page, selector: str, *, most: int = 40) -> int:
    """Press Tab until this has the focus; how often."""
    for pressed in range(most):
        if await page.evaluate("chosen => document.activeElement.matches(chosen)", selector):
            return pressed
        await page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not reached by {most} times Tab on {page.url}")


async def test_keys_alone_lead_from_the_log_in_to_a_sent_notice(tmp_path: Path, chromium_path: str) -> None:
    async with visiting(tmp_path, chromium_path, viewport=WIDE) as (world, page):
        advocate = await world.advocate()
        await seed_desk(world.services, advocate.id, advocate.organisation_id, cases=3, sightings=6)
        await page.goto("/advocate/login")
        await expect(page.locator("#login")).to_be_focused()
        await page.keyboard.type(world.login)
        assert await _tab_to(page, "#password") == 1
        await page.keyboard.type(PASSWORD)
        assert await _tab_to(page, "#code") == 1
        await page.keyboard.type(world.code())
        await page.keyboard.press("Enter")
        await expect(page.locator(".items a[aria-current]")).to_be_focused()
        for _ in range(3):  # what harms most comes first: of a minor no notice is written, and the key leads to why
            confirmed = await _pressed(page, "1")
            assert await _states(world, confirmed) == {("confirmed", "caption-context")}
            written = await page.locator(".message a[href^='/advocate/notices/']").count()
            await page.keyboard.press("s")
            await expect(page).to_have_url(re.compile("/advocate/notices/" if written else "/advocate/sightings/"))
            if written:
                break
            await page.go_back()  # a key of the browser's own, which the shell without a window does not know
            await expect(page.locator(".items a[aria-current]")).to_be_visible()
            await _tab_to(page, ".items a[aria-current]", most=60)
        await expect(page.locator("form[action$='/send'] button").first).to_be_visible()
        assert await _tab_to(page, "form[action$='/send'] button") <= 15, "past the whole of the page's head"
        await page.keyboard.press("Enter")
        await expect(page.locator("#undo")).to_be_visible()
        async with world.services.database.read() as session:
            assert "queued" in (await session.scalars(select(Notice.state))).all()
        # What was done by a key is undone by one, while there is time.
        await _tab_to(page, "#undo button, button#undo")
        await page.keyboard.press("Enter")
        await expect(page.locator("form[action$='/send'] button").first).to_be_visible()
        async with world.services.database.read() as session:
            assert "queued" not in (await session.scalars(select(Notice.state))).all()


async def test_on_a_phone_there_is_one_card_and_everything_works_without_scripts(
    tmp_path: Path, chromium_path: str
) -> None:
    plain: dict[str, Any] = {"java_script_enabled": False, "viewport": NARROW}
    async with visiting(tmp_path, chromium_path, **plain) as (world, page):
        await _desk(world, page, cases=3, sightings=12)
        await page.goto("/advocate")
        await expect(page.locator(".items")).not_to_be_visible()
        await expect(page.locator(".detail")).to_be_visible()
        await page.get_by_role("link", name="List").click()
        await expect(page.locator(".items")).to_be_visible()
        await page.locator(".items a").nth(1).click()
        await expect(page.locator(".items")).not_to_be_visible()
        shown = await _shown(page)
        await page.get_by_role("button", name="Yes: caption and place").click()
        await expect(page.get_by_role("status")).to_contain_text("Confirmed")
        assert await _states(world, shown) == {("confirmed", "caption-context")} and await _shown(page) != shown
        await page.get_by_role("button", name="Undo").click()
        assert {state for state, _ in await _states(world, shown)} == {"open"} and await _shown(page) == shown
        await page.get_by_role("button", name="Another picture").click()
        assert await _states(world, shown) == {("dismissed", "not-the-picture")}
        for language in ("en", "ko"):
            await page.goto(f"/advocate?lang={language}")
            assert await page.locator("html").evaluate("html => html.scrollWidth") <= NARROW["width"]
            await expect(page.locator("img, video, picture, canvas")).to_have_count(0)


@pytest.mark.soak
async def test_a_morning_is_one_key_an_item(tmp_path: Path, chromium_path: str) -> None:
    from benchmarks.desk import morning

    async with visiting(tmp_path, chromium_path, viewport=WIDE) as (world, page):
        await _desk(world, page, cases=40, sightings=200)
        told = await morning(world, page, 100)
    assert told["deciding"]["keys"] == 100 and told["deciding"]["loads"] == 1 and told["deciding"]["focus_lost"] == 0
    assert told["sending"]["notices"] == told["sending"]["queued"] > 0
    assert told["deciding"]["keys"] * 20 < told["before"]["keys"]
