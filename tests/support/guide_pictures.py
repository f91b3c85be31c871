"""`python -m tests.support.guide_pictures`: `docs/advocates.md`, and its pictures of the pages, made from the demo.

It opens the demo's first day on loopback, logs in as its advocate and takes each page in both languages. Nothing of any
person is on them: what the demo shows was made by a program.
"""

import argparse
import asyncio
import io
import tempfile
from pathlib import Path

import pyotp
from PIL import Image
from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from api.i18n import LANGUAGES
from api.pages.guide import as_document
from monitor.demo.run import UNHURRIED, DemoRun
from tests.support.chromium import find

ROOT = Path(__file__).parents[2]
DOCUMENT, FOLDER = ROOT / "docs" / "advocates.md", ROOT / "docs" / "pictures"
_SIZE: ViewportSize = {"width": 900, "height": 900}
_COLOURS = 48
"""Enough for flat pages with little colour; the files are then a quarter as large."""
PICTURES = {
    "queue": ("/advocate", None),
    "cases": ("/advocate/cases", None),
    "sighting": ("/advocate?state=confirmed", "main a[href^='/advocate/sightings/']"),
    "notice": ("/advocate/notices?group=attention", "main a[href^='/advocate/notices/']"),
}
"""Where each is taken, and the first link to follow there."""


async def take(page: Page, folder: Path, language: str) -> None:
    """All pictures in one language; whoever sees the page is logged in."""
    for name, (address, follow) in PICTURES.items():
        await page.goto(f"{address}{'&' if '?' in address else '?'}lang={language}")
        if follow is not None:
            there = await page.locator(follow).first.get_attribute("href")
            await page.goto(str(there))
        target = folder / f"advocates-{name}-{language}.png"
        target.write_bytes(small(await page.screenshot()))


def small(png: bytes) -> bytes:
    """The same picture in few colours."""
    out = io.BytesIO()
    with Image.open(io.BytesIO(png)) as image:
        image.convert("RGB").quantize(_COLOURS, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
    return out.getvalue()


async def log_in(browser: Browser, run: DemoRun) -> Page:
    """As the demo's visitor."""
    context = await browser.new_context(base_url=run.address, viewport=_SIZE, color_scheme="light", locale="en-GB")
    context.set_default_timeout(120_000)
    page = await context.new_page()
    await page.goto("/advocate/login")
    await page.locator("#login").fill(run.visitor.login)
    await page.locator("#password").fill(run.visitor.password)
    await page.locator("#code").fill(pyotp.TOTP(run.visitor.totp_secret).now())
    await page.locator("main form button").click()
    await page.wait_for_url("**/advocate")
    return page


async def main(folder: Path) -> None:
    """Everything."""
    DOCUMENT.write_text(as_document(), encoding="utf-8")
    with tempfile.TemporaryDirectory() as data:
        async with DemoRun(Path(data), speed=UNHURRIED, first_day=True) as run, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=find(), args=["--no-sandbox"])
            page = await log_in(browser, run)
            for language in LANGUAGES:
                await take(page, folder, language)
            await browser.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--text-only", action="store_true", help="only the document, no pictures")
    if parser.parse_args().text_only:
        DOCUMENT.write_text(as_document(), encoding="utf-8")
    else:
        asyncio.run(main(FOLDER))
