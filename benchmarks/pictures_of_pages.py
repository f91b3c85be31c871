"""Pictures of every state of the person's pages: `python -m benchmarks.pictures_of_pages --to FOLDER`

In both languages, 390 and 1280 pixels wide, light and dark, of a made-up case in a real Chromium on this machine:
FOLDER/LANGUAGE/WIDTH-THEME/NN-state.png. With `--zoom` also as at 400 percent on a wide screen (320 pixels).
"""

import argparse
import asyncio
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # started as a script, it finds the project all the same

from benchmarks import reporting  # first: it keeps libraries to one core

# isort: split
from playwright.async_api import Page

from tests.support import chromium
from tests.support.pages_world import browser, close_browser, pages_world, visitor
from tests.support.person_states import (
    MORE,
    See,
    came_back,
    came_back_to_nothing,
    first_time,
    seed_centre,
    seed_everything,
)

WIDTHS = ((390, 844), (1280, 900))
ZOOMED = (320, 256)
LOCALES = {"ko": "ko-KR", "en": "en-GB"}


def camera(page: Page, folder: Path, sizes: list[tuple[int, int]], *, themes: tuple[str, ...], walk: str) -> See:
    """Takes a picture of the page as it stands, in each size and theme."""
    taken = 0

    async def see(name: str) -> None:
        nonlocal taken
        taken += 1
        for width, height in sizes:
            await page.set_viewport_size({"width": width, "height": height})
            for theme in themes:
                await page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
                place = folder / f"{width}-{theme}"
                place.mkdir(parents=True, exist_ok=True)
                file = f"{walk}-{taken:02}-{name.replace(',', '').replace('?', '').replace(' ', '-')}.png"
                await page.screenshot(path=place / file, full_page=True)

    return see


async def take(
    path: str, to: Path, languages: list[str], sizes: list[tuple[int, int]], themes: tuple[str, ...]
) -> None:
    """Every picture."""
    for language in languages:
        with tempfile.TemporaryDirectory() as folder:
            async with pages_world(Path(folder), more=MORE) as world, browser(path) as started:
                await seed_centre(world)
                async with visitor(started, world, locale=LOCALES[language]) as (_, page):
                    see = camera(page, to / language, sizes, themes=themes, walk="1")
                    await first_time(page, world, language, see)
        with tempfile.TemporaryDirectory() as folder:
            async with pages_world(Path(folder), more=MORE) as world, browser(path) as started:
                seeded = await seed_everything(world)
                async with visitor(started, world, locale=LOCALES[language]) as (_, page):
                    see = camera(page, to / language, sizes, themes=themes, walk="2")
                    await came_back_to_nothing(page, world, language, see)
                    await came_back(page, world, seeded, language, see)
    await close_browser()


def main() -> None:
    """One JSON line."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--to", type=Path, required=True, metavar="FOLDER")
    options.add_argument("--language", choices=tuple(LOCALES), help="only this one")
    options.add_argument("--theme", choices=("light", "dark"), help="only this one")
    options.add_argument("--width", type=int, help="only this one, in pixels")
    options.add_argument("--zoom", action="store_true", help="also as at 400 percent")
    given = options.parse_args()
    path = chromium.find()
    if path is None:
        sys.exit(f"no Chromium: {chromium.HOW_TO_INSTALL}")
    sizes = [(given.width, 844)] if given.width else [*WIDTHS, *([ZOOMED] if given.zoom else [])]
    languages = [given.language] if given.language else list(LOCALES)
    themes = (given.theme,) if given.theme else ("light", "dark")
    asyncio.run(take(path, given.to, languages, sizes, themes))
    reporting.finish({"pictures": len(list(given.to.rglob("*.png")))})


if __name__ == "__main__":
    main()
