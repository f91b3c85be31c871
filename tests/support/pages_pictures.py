"""Choosing photos on the person's page, as a person does."""

from typing import Any

from playwright.async_api import Page, expect


async def agree(page: Page) -> None:
    """Begin a new case, old enough to agree alone, and agree."""
    await page.goto("/case")
    await page.locator("#start").click()
    await page.locator("#now-older").check()
    await page.locator("#agree-button").click()
    await expect(page.locator("#step-you")).to_be_visible()


async def to_pictures(page: Page) -> None:
    """The same, and on to the photos of an adult."""
    await agree(page)
    await page.locator("#age-adult").check()
    await page.locator("#save-you").click()
    await expect(page.locator("#pictures")).to_have_attribute("data-ready", "yes")
    await expect(page.locator("#begin")).to_have_attribute("data-kept", "yes")


def file(name: str, data: bytes, mime: str = "image/jpeg") -> Any:
    """A file as a person would choose it."""
    return {"name": name, "mimeType": mime, "buffer": data}


async def hashes(page: Page, files: list[Any]) -> list[str]:
    """Choose files; the hashes that the page shows nobody but this test."""
    await page.locator("#files").set_input_files(files)
    await expect(page.locator("#files")).to_be_enabled(timeout=60_000)
    found = page.locator("#pending-list li")
    return [str(await found.nth(number).get_attribute("data-pdq")) for number in range(await found.count())]


def distance(one: str, other: str) -> int:
    """Bits that differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()
