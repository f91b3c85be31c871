"""The way out is there at every place of a page, on the smallest phone and with large letters, and covers nothing that
has the focus (WCAG 2.4.11)."""

from pathlib import Path
from typing import Any

from playwright.async_api import Page, expect

from tests.acceptance.test_pages_after_login import come_back
from tests.support.pages_seed import seed_case
from tests.support.pages_world import browser, pages_world, visitor

SIZES: tuple[tuple[Any, str], ...] = (
    ({"width": 360, "height": 640}, "100%"),
    ({"width": 320, "height": 568}, "100%"),
    ({"width": 360, "height": 640}, "200%"),
    ({"width": 320, "height": 256}, "100%"),
)
MOST_STEPS = 250
_COVERED = """() => {
  const one = document.activeElement, leave = document.getElementById("leave");
  if (one === document.body || one === leave) return one === document.body ? "end" : "";
  const here = one.getBoundingClientRect();
  const over = [leave, document.getElementById("said")].filter((each) => each && each !== one && each.textContent.trim()
    && /fixed|sticky/.test(getComputedStyle(each).position) && !each.contains(one));
  for (const each of over) {
    const there = each.getBoundingClientRect();
    const wide = Math.min(here.right, there.right) - Math.max(here.left, there.left);
    const high = Math.min(here.bottom, there.bottom) - Math.max(here.top, there.top);
    if (wide > 1 && high > 1) {
      const called = `${one.tagName} ${one.id} ${one.textContent.trim().slice(0, 40)}`;
      return `${called} under ${each.id}: ${Math.round(wide)} x ${Math.round(high)} px`;
    }
  }
  const way = leave.getBoundingClientRect();
  if (way.bottom < 0 || way.top > innerHeight || way.height < 44) return "the way out is out of sight";
  return "";
}"""


async def covered(page: Page) -> list[str]:
    """What lies under something while it has the focus, forwards and backwards through the whole page."""
    found = list[str]()
    for key in ("Tab", "Shift+Tab"):
        for _ in range(MOST_STEPS):
            await page.keyboard.press(key)
            told = str(await page.evaluate(_COVERED))
            if told == "end":
                break
            found += [f"{key}: {told}"] if told else []
    return found


async def test_nothing_that_has_the_focus_lies_under_the_way_out(tmp_path: Path, chromium_path: str) -> None:
    faults = list[str]()
    async with pages_world(tmp_path) as world, browser(chromium_path) as started:
        seeded = await seed_case(world, copies=2)
        async with visitor(started, world, viewport=SIZES[0][0]) as (_, page):
            for path in ("/safe?lang=en", "/elsewhere?lang=ko", "case"):
                if path == "case":
                    await come_back(page, seeded, "en")
                    await page.locator("#parts-show").click()
                    await expect(page.locator("#contact")).to_be_visible()
                else:
                    await page.goto(path)
                for size, letters in SIZES:
                    await page.set_viewport_size(size)
                    await page.evaluate("letters => { document.documentElement.style.fontSize = letters; }", letters)
                    where = f"{path} at {size['width']} x {size['height']}, {letters}"
                    faults += [f"{where}: {one}" for one in await covered(page)]
    assert not faults, "\n".join(faults)
