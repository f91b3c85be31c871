"""Every state of the person's pages: nothing is wider than the screen, nobody loses their place, axe finds nothing.

The states are those of tests/support/person_states.py. A part of the page that no state shows fails the test: whoever
adds one adds the way to it there.
"""

import re
from pathlib import Path

import pytest
from playwright.async_api import Page

from api.pages import person
from tests.support import axe
from tests.support.pages_world import browser, pages_world, visitor
from tests.support.person_states import (
    MORE,
    NOT_WALKED,
    PAGES,
    See,
    came_back,
    came_back_to_nothing,
    first_time,
    seed_centre,
    seed_everything,
    visible_ids,
)
from tests.support.spoken_names import unlike_what_is_seen

PHONE, WIDE = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
ZOOMED = {"width": 320, "height": 256}
"""1280 by 1024 pixels at 400 percent."""
MOST_HEARD = 150
LOCALES = {"ko": "ko-KR", "en": "en-GB"}


class Judge:
    """Looks at each state, and remembers what was seen and what was wrong."""

    def __init__(self, page: Page, *, whole: bool) -> None:
        self.page, self.whole = page, whole
        self.faults: list[str] = []
        self.seen: set[str] = set()
        self.names: list[str] = []

    async def see(self, name: str) -> None:
        """One state as it stands."""
        self.names.append(name)
        self.seen |= await visible_ids(self.page)
        await self._fits(name)
        await self._keeps_the_reader(name)
        self.faults += [f"{name}: {one}" for one in await unlike_what_is_seen(self.page)]
        if axe.script() is not None:
            await self._axe(name)

    async def _fits(self, name: str) -> None:
        for size, letters in ((PHONE, "100%"), (PHONE, "200%"), (ZOOMED, "100%")):
            await self.page.set_viewport_size(size)  # type: ignore[arg-type]  # a width and a height
            width = await self.page.evaluate(
                "letters => { document.documentElement.style.fontSize = letters; "
                "return document.documentElement.scrollWidth; }",
                letters,
            )
            if width > size["width"]:
                self.faults.append(f"{name}: {width} px wide at {size['width']} px and letters of {letters}")
        await self.page.evaluate("document.documentElement.removeAttribute('style')")
        await self.page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # as above

    async def _keeps_the_reader(self, name: str) -> None:
        told = await self.page.evaluate(
            """() => ({
              focused: document.activeElement === document.body && location.pathname === "/case",
              heard: Math.max(0, ...[...document.querySelectorAll("[aria-live=polite], [aria-live=assertive]")]
                .map((one) => one.textContent.length)),
              headings: [...document.querySelectorAll("h1")].filter((one) => one.getClientRects().length).length,
            })"""
        )
        if told["heard"] > MOST_HEARD:
            self.faults.append(f"{name}: {told['heard']} letters in a live region")
        if told["focused"] and name not in ("door", "page case"):
            self.faults.append(f"{name}: the reader is at the beginning of everything")
        if told["headings"] != 1:
            self.faults.append(f"{name}: {told['headings']} headings of the first level")

    async def _axe(self, name: str) -> None:
        self.faults += [f"{name}: {one}" for one in await axe.violations(self.page)]
        await self.page.emulate_media(color_scheme="dark")
        self.faults += [f"{name}, dark: {one}" for one in await axe.violations(self.page, only=["color-contrast"])]
        await self.page.emulate_media(color_scheme="light")
        if self.whole:
            await self.page.set_viewport_size(WIDE)  # type: ignore[arg-type]  # as above
            self.faults += [f"{name}, wide: {one}" for one in await axe.violations(self.page)]
            await self.page.set_viewport_size(PHONE)  # type: ignore[arg-type]  # as above


@pytest.mark.timeout(900)  # the English walk looks at every state at two widths
@pytest.mark.parametrize("language", ["ko", pytest.param("en", marks=pytest.mark.soak)])
async def test_every_state_fits_and_is_clean(tmp_path: Path, chromium_path: str, language: str) -> None:
    judges: list[Judge] = []
    for number in range(2):
        folder = tmp_path / str(number)
        folder.mkdir()
        async with (
            pages_world(folder, more=MORE) as world,
            browser(chromium_path) as started,
            visitor(started, world, locale=LOCALES[language], viewport=PHONE) as (context, page),
        ):
            if (script := axe.script()) is not None:
                await context.add_init_script(script)
            judge = Judge(page, whole=language == "en")
            judges.append(judge)
            see: See = judge.see
            if number == 0:
                await seed_centre(world)
                await first_time(page, world, language, see)
                served = await (await page.request.get("/case")).text()
            else:
                await came_back_to_nothing(page, world, language, see)
                await came_back(page, world, await seed_everything(world), language, see)
    faults = [fault for judge in judges for fault in judge.faults]
    assert not faults, "\n".join(faults)
    seen = {one for judge in judges for one in judge.seen}
    ids = set(re.findall(r'\bid="([^"]+)"', re.sub(r"<datalist.*?</datalist>|<noscript>.*?</noscript>", "", served)))
    missing = ids - seen - NOT_WALKED.keys()
    assert not missing, f"no state shows these parts: {sorted(missing)}"
    assert not seen & NOT_WALKED.keys(), "these are shown by a state by now"


def test_every_page_of_a_person_is_among_the_states() -> None:
    paths = {route.path for route in person.router.routes if hasattr(route, "path")}
    assert paths - {"/case"} <= {address.partition("?")[0] for address in PAGES}


def test_axe_is_here() -> None:
    if axe.script() is None:
        pytest.skip(axe.WHERE)
    assert "axe" in (axe.script() or "")
