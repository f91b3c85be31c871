"""A box around one's own face, drawn in a browser at a phone's width: codes as the server's own, taken back again."""

import io
import json
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Page, expect

from monitor.fingerprints.cut_outs.codes import CutOut, register_cut_out
from tests.support.drawn_faces import portrait
from tests.support.pages_pictures import file, hashes, to_pictures
from tests.support.pages_world import browser, pages_world, visitor

_MOST_APART = 10
"""Bits of 256 between a code of the browser and the server's: see test_pages_regions.py."""


_SWITCHED_ON = '[matching]\ncut_outs = true\ncut_outs_legal_basis = "opinion of counsel, 2026-11-20"\n'


def _photo() -> bytes:
    out = io.BytesIO()
    portrait(2).resize((1080, 1440), Image.Resampling.BICUBIC).save(out, "JPEG", quality=92)
    return out.getvalue()


async def _drawn(page: Page) -> CutOut:
    text = await page.locator("#pending-list li").first.get_attribute("data-cut-out")
    return CutOut.from_json(json.loads(str(text)))


@pytest.mark.parametrize("language", ["ko"])
async def test_box_is_moved_sized_used_kept_and_taken_back(tmp_path: Path, chromium_path: str, language: str) -> None:
    async with (
        pages_world(tmp_path, more=_SWITCHED_ON) as world,
        browser(chromium_path) as started,
        visitor(started, world, viewport={"width": 375, "height": 740}, locale=language) as (_, page),
    ):
        await to_pictures(page)
        await hashes(page, [file("me.jpg", _photo())])
        face = page.locator("#pending-list .face")
        await face.locator("summary").click()
        await face.locator("button").first.click()
        box = face.locator(".face-box")
        await expect(box).to_be_visible()
        before = await box.bounding_box()
        await box.press("ArrowDown")
        await box.press("ArrowRight")
        await box.press("+")
        after = await box.bounding_box()
        assert before and after
        assert after["y"] + after["height"] / 2 > before["y"] + before["height"] / 2
        assert after["height"] > before["height"]
        # A drag with the mouse, as with a finger, and the page is no wider for it.
        stage = await face.locator("canvas").bounding_box()
        assert stage
        await page.mouse.move(after["x"] + after["width"] / 2, after["y"] + after["height"] / 2)
        await page.mouse.down()
        await page.mouse.move(stage["x"] + stage["width"] * 0.5, stage["y"] + stage["height"] * 0.53, steps=4)
        await page.mouse.up()
        wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0
        await face.locator(".face-drawing .row button").first.click()
        await expect(face.locator(".face-stage")).to_have_count(0)
        there = await _drawn(page)
        left, top, right, bottom = there.box
        assert left < 0.5 < right and top < 0.53 < bottom
        picture = Image.open(io.BytesIO(_photo())).convert("RGB")
        width, height = picture.size
        here = register_cut_out(picture, (left * width, top * height, (right - left) * width, (bottom - top) * height))
        assert here is not None
        ours, theirs = (dict(zip(one.numbers, one.table.tolist(), strict=True)) for one in (here, there))
        both = ours.keys() & theirs.keys()
        assert len(both) >= 0.95 * len(ours.keys() | theirs.keys())
        apart = [sum((a ^ b).bit_count() for a, b in zip(ours[number], theirs[number], strict=True)) for number in both]
        assert max(apart) <= _MOST_APART
        # Kept with the photo, and taken back without it.
        await page.locator("#pending-list input[value=ordinary]").check()
        await page.locator("#keep-pictures").click()
        kept = page.locator("#kept-pictures li")
        await expect(kept).to_have_count(1)
        buttons = kept.locator("button")
        await expect(buttons).to_have_count(3)  # its name, the box, and all of it
        await buttons.nth(1).click()
        await expect(buttons).to_have_count(2)
        await expect(kept).to_have_count(1)


async def test_no_box_is_offered_where_the_operator_recorded_no_basis(tmp_path: Path, chromium_path: str) -> None:
    async with (
        pages_world(tmp_path) as world,
        browser(chromium_path) as started,
        visitor(started, world) as (_, page),
    ):
        await to_pictures(page)
        await hashes(page, [file("me.jpg", _photo())])
        await expect(page.locator("#pending-list li")).to_have_count(1)
        await expect(page.locator("#pending-list .face")).to_have_count(0)
