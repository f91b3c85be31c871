"""Somebody chooses a screenshot: the page says so and offers to cut the photo out, on the device, and takes a no."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.async_api import Page, expect

from benchmarks.app_screens import Screen, chat, in_pixels, overlap, post, story
from monitor.fingerprints.image import hash_picture
from monitor.fingerprints.regions.framing import framing_of
from tests.support.pages_pictures import agree, distance, file, hashes, to_pictures
from tests.support.pages_world import visiting
from tests.support.scenes import half_white, jpeg, scene


def screens() -> list[Screen]:
    rng, photo = np.random.default_rng(3), scene(41, (640, 640))
    against_the_light = photo.copy()
    against_the_light.paste("black", (0, 400, 640, 640))
    pale = chat(np.random.default_rng(5), half_white(scene(65, (640, 480))), dark=False)
    return [chat(rng, against_the_light, dark=True), story(rng, photo), post(rng, photo), pale]


async def pending(page: Page, number: int = 0) -> tuple[str, Any]:
    item = page.locator("#pending-list > li").nth(number)
    return str(await item.get_attribute("data-pdq")), json.loads(str(await item.get_attribute("data-regions")))


async def shades(page: Page) -> int:
    """How many colours the first preview has."""
    script = """(canvas) => {
      const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
      const pixels = Array.from({ length: data.length / 4 }, (_, at) => data.slice(4 * at, 4 * at + 3).join());
      return new Set(pixels).size;
    }"""
    return int(await page.locator(".cut-preview").first.evaluate(script))


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_screenshot_is_told_cut_out_on_the_device_or_kept(
    tmp_path: Path, chromium_path: str, language: str
) -> None:
    made = screens()
    plain = jpeg(scene(1))
    sent: list[bytes] = []
    async with visiting(tmp_path, chromium_path, locale={"en": "en-GB", "ko": "ko-KR"}[language]) as (_, page):
        await page.set_viewport_size({"width": 390, "height": 844})
        page.on("request", lambda request: sent.append(request.post_data_buffer or b""))
        await to_pictures(page)
        before = len(sent)
        files = [file(f"{number}.jpg", jpeg(screen)) for number, (screen, _) in enumerate(made)]
        await hashes(page, [*files, file("plain.jpg", plain)])
        offers = page.locator("#pending-list .cut-offer")
        await expect(offers).to_have_count(4)
        said = {"en": "This looks like a screenshot of a chat", "ko": "대화방을 캡처한 그림 같아요"}[language]
        await expect(offers.first.locator("legend")).to_have_text(said)
        for number, (screen, place) in enumerate(made):
            whole, regions = await pending(page, number)
            assert distance(whole, hash_picture(jpeg(screen)).whole.hex) <= 10
            here = framing_of(screen)
            assert here is not None
            assert overlap(in_pixels(regions["area"], screen), place) > 0.85
            assert overlap(regions["area"], here.area) > 0.95  # browser and server agree
        # Nothing is kept before the person has chosen.
        await page.locator("#kind-0-intimate").check()
        assert not await page.locator("#cut-0-0").is_checked()
        first, _ = await pending(page)
        await page.locator("#cut-0-0").check()
        shown = jpeg(made[0][0].crop(made[0][1]))
        await expect(page.locator("#pending-list > li").first).not_to_have_attribute("data-pdq", first)
        cut, regions = await pending(page)
        assert "area" not in regions
        assert distance(cut, hash_picture(shown).whole.hex) <= 31
        assert await shades(page) > 100, "an adult sees the photo that is cut out"
        await page.locator("#cut-1-whole").check()
        assert "area" in (await pending(page, 1))[1]
        await offers.nth(0).scroll_into_view_if_needed()
        await page.screenshot(path=str(tmp_path / f"cut-offer-{language}.png"), full_page=True)
        size = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert size[0] <= size[1], "the page scrolls sideways on a phone"
        assert all(not data for data in sent[before:]), "something left the device"


async def test_no_preview_of_somebody_who_was_no_adult(tmp_path: Path, chromium_path: str) -> None:
    async with visiting(tmp_path, chromium_path) as (_, page):
        await agree(page)
        await page.locator("#age-unsure").check()
        await page.locator("#save-you").click()
        await expect(page.locator("#pictures")).to_have_attribute("data-ready", "yes")
        await hashes(page, [file("0.jpg", jpeg(screens()[0][0]))])
        canvas = page.locator(".cut-preview").first
        await expect(canvas).to_have_attribute("height", "120")
        assert await shades(page) < 20, "pixels of the photo are shown"
