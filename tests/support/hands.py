"""What a person's hands do on a page, the same in each browser: so that one journey is walked in all of them."""

from pathlib import Path
from typing import Protocol

from playwright.async_api import Page, expect

SECONDS = 60.0
"""How long a page may take for what was asked of it: a busy machine is slow."""


class Hands(Protocol):
    """A browser with one page. Places are named by a selector of CSS."""

    async def goto(self, address: str) -> None:
        """Open a page."""
        ...

    async def click(self, place: str) -> None:
        """Press it, once it is there and can be pressed."""
        ...

    async def fill(self, place: str, text: str) -> None:
        """Type into a field, or choose of a list."""
        ...

    async def choose(self, place: str, file: Path) -> None:
        """Choose a file of this device."""
        ...

    async def read(self, place: str) -> str:
        """What stands there, once it can be seen."""
        ...

    async def shown(self, place: str, text: str = "") -> None:
        """Wait until it can be seen, with this text in it."""
        ...

    async def has(self, text: str) -> bool:
        """Whether this stands anywhere in the page's source as it is now."""
        ...

    async def fits(self) -> bool:
        """Nothing is wider than the screen."""
        ...

    async def downloaded(self, place: str) -> str:
        """Press it, and wait for the file that it makes: its name."""
        ...


class ChromiumHands:
    """Hands in Chromium."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def goto(self, address: str) -> None:
        """See Hands."""
        await self.page.goto(address)

    async def click(self, place: str) -> None:
        """See Hands."""
        await self.page.locator(place).first.click()

    async def fill(self, place: str, text: str) -> None:
        """See Hands."""
        field = self.page.locator(place).first
        if await field.evaluate("one => one.tagName") == "SELECT":
            await field.select_option(text)
        else:
            await field.fill(text)

    async def choose(self, place: str, file: Path) -> None:
        """See Hands."""
        await self.page.locator(place).set_input_files(file)

    async def read(self, place: str) -> str:
        """See Hands."""
        await expect(self.page.locator(place).first).to_be_visible()
        return str(await self.page.locator(place).first.text_content())

    async def shown(self, place: str, text: str = "") -> None:
        """See Hands."""
        await expect(self.page.locator(place).first).to_be_visible()
        if text:
            await expect(self.page.locator(place).first).to_contain_text(text)

    async def has(self, text: str) -> bool:
        """See Hands."""
        return text in await self.page.content()

    async def fits(self) -> bool:
        """See Hands."""
        return bool(await self.page.evaluate("document.documentElement.scrollWidth <= innerWidth"))

    async def downloaded(self, place: str) -> str:
        """See Hands."""
        async with self.page.expect_download() as kept:
            await self.click(place)
        return (await kept.value).suggested_filename
