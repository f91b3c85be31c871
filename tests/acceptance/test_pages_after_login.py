"""What a person sees after logging in: numbers, and nothing that names a place or a post before they ask for it."""

from pathlib import Path

from playwright.async_api import Page, Request, expect

from monitor.model.notice_states import NoticeState
from tests.support.pages_seed import Seeded, seed_case, seed_notice
from tests.support.pages_world import browser, pages_world, visitor

NAMED = ("examplechannel", "t.me", "words under the picture", "Typed", "person@")
"""Of the seeded case: place, link, caption, signature, contact."""
WIDTHS = ({"width": 390, "height": 844}, {"width": 1280, "height": 900})


async def come_back(page: Page, seeded: Seeded, language: str) -> None:
    await page.goto(f"/case?lang={language}")
    await page.locator("#return").click()
    await page.locator("#case-id").fill(seeded.case.id)
    await page.locator("#passphrase").fill(seeded.passphrase)
    await page.locator("#come-back form button").first.click()
    await expect(page.locator("#numbers")).to_be_visible()


async def test_quiet_until_asked_and_empty_again_when_closed(tmp_path: Path, chromium_path: str) -> None:
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        seeded = await seed_case(world, copies=2)
        await seed_notice(world, seeded.sightings[0], "us_tida", NoticeState.SENT)
        async with visitor(started, world, viewport=WIDTHS[0]) as (_, page):
            asked: list[str] = []

            def note(request: Request) -> None:
                asked.append(request.url.partition(seeded.case.id)[2])

            await come_back(page, seeded, "en")
            page.on("request", note)
            async with page.expect_response("**/resending"):
                await page.locator("#refresh").click()
            await expect(page.locator("#sentence")).to_have_text("Removing is under way. You need to do nothing.")
            numbers = [
                await page.locator(f"#number-{name}").inner_text() for name in ("removed", "waiting", "followed")
            ]
            assert numbers == ["0", "0", "1"]
            await expect(page.locator("#news")).to_contain_text("New since")
            await expect(page.locator("#news")).to_contain_text("could not be read for a day: 2 of 2")
            await expect(page.locator("#next-check")).to_contain_text("next look")
            await expect(page.locator("#resending")).to_be_visible()
            quiet = await page.content()
            assert [word for word in NAMED if word in quiet] == []
            assert sorted(set(asked)) == ["", "/resending", "/standing"]

            # Asked for, it is fetched; closed, it is gone; asked for again, it is fetched again.
            for body, call, word in (
                ("copies-body", "/sightings", "https://t.me/examplechannel/17"),
                ("notices-body", "/notices", ""),
                ("receipts-body", "/receipts", ""),
                ("watching-body", "/places", "@examplechannel"),
                ("parts", "/intake", ""),
            ):
                for _ in range(2):
                    asked.clear()
                    await page.locator(f"#{body}-show").click()
                    await expect(page.locator(f"#{body}")).to_be_visible()
                    assert call in asked, body
                    assert word in await page.content()
                    await page.locator(f"#{body}-show").click()
                    await expect(page.locator(f"#{body}")).to_be_hidden()
                    assert [found for found in NAMED if found in await page.content()] == [], body
                assert await page.locator(f"#{body}-show").get_attribute("aria-expanded") == "false"
            assert await page.locator("#contact").input_value() == "" == await page.locator("#signature").input_value()


async def test_places_rest_and_go_on_one_or_all(tmp_path: Path, chromium_path: str) -> None:
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        seeded = await seed_case(world, copies=2)
        for viewport, language in zip(WIDTHS, ("ko", "en"), strict=True):
            async with visitor(started, world, viewport=viewport) as (_, page):
                await come_back(page, seeded, language)
                await page.locator("#watching-body-show").click()
                rows = page.locator("#watched > li")
                await expect(rows).to_have_count(2)
                await rows.first.get_by_role("button", name="쉬기" if language == "ko" else "Pause").click()
                await expect(rows.first.locator(".badges")).to_contain_text(
                    "쉬는 중" if language == "ko" else "rests since"
                )
                await expect(page.locator("#news")).to_contain_text("2곳 중 1곳" if language == "ko" else "1 of 2")
                await page.locator("#pause-all").click()
                await expect(page.locator("#all-paused")).to_be_visible()
                await expect(page.locator("#sentence")).to_contain_text("쉬고 있어요" if language == "ko" else "paused")
                await expect(rows.last.locator(".badges")).to_contain_text(
                    "쉬는 중" if language == "ko" else "rests since"
                )
                # What is added now rests too, and stands in the one list of places.
                await page.locator("#parts-show").click()
                await page.locator("#source").fill(f"@later{language}")
                await page.locator("#purpose-watch").check()
                await page.locator("#place button").click()
                added = rows.filter(has_text=f"later{language}")
                await expect(added.locator(".badges")).to_contain_text("쉬는 중" if language == "ko" else "rests since")
                await page.locator("#resume-all").click()
                await expect(page.locator("#pause-all")).to_be_visible()
                await expect(page.locator("#watched .badge.warn").filter(has_text="since")).to_have_count(0)
                assert await page.locator("html").evaluate("html => html.scrollWidth") <= viewport["width"]
                await added.locator("li button").click()
                await expect(added).to_have_count(0)
