"""The advocate's queue at 300 cases and 2,000 open copies, and a morning of decisions in real Chromium.

    python benchmarks/desk.py pages [--cases 300] [--sightings 2000] [--visits 60]
    python benchmarks/desk.py morning [--items 100] [--cases 40] [--browser PATH]

`pages` asks for pages of the queue through the application itself, without a network: the JSON line has bytes, SQL
statements, milliseconds of processor time and the 95th of 100 visits. Beside them stand a bare application of the same
framework that sends as many bytes, and five million additions, which tell how fast the machine is. `morning` decides
about items by keys alone, writes a word to the person of each case, and looks at and sends every notice that goes by
mail: keys, page loads and seconds, beside what the same decision took before there were items and keys (25 keys, and
the focus was lost).
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # started as a script, it finds the project all the same

import httpx
from playwright.async_api import Page, Request
from sqlalchemy import func, select

from benchmarks.visits import bare_peer
from db.models.notices import Notice
from db.models.sightings import Sighting
from tests.support.chromium import find
from tests.support.desk_seed import seed_desk
from tests.support.pages_world import PASSWORD, PagesWorld, log_in, pages_world, visiting
from tests.support.statements import statements_of

KEYS_BEFORE = 25
"""A decision of the trial on 26 November 2026: unfold, choose, tick, confirm, and find the next card again."""
LOADS_BEFORE = 1
PAGES = {
    "queue": "/advocate",
    "page 2": "/advocate?page=2",
    "narrowed": "/advocate?verdict=confident&age=7d",
    "dismissed": "/advocate?state=dismissed",
}


async def measure_pages(world: PagesWorld, visits: int, paths: dict[str, str] = PAGES) -> dict[str, Any]:
    """Each page: its size, its statements, its processor time and how long it took."""
    found: dict[str, Any] = {}
    async with httpx.AsyncClient(base_url=world.address, timeout=120) as http:
        token = await _token(http, world)
        headers = {"Cookie": f"jikimi_login={token}", "Accept-Encoding": "identity"}
        for name, path in paths.items():
            await http.get(path, headers=headers)  # what is opened once a process is opened now
            with statements_of(world.services.database) as asked:
                answer = await http.get(path, headers=headers)
            answer.raise_for_status()
            spent, took = await _visits(http, path, headers, visits)
            async with bare_peer([len(answer.content)]) as address:
                bare, _ = await _visits(http, f"{address}/0", headers, visits)
            found[name] = {
                "kilobytes": round(len(answer.content) / 1000, 1),
                "statements": len(asked),
                # Of this process, server and client; and where the server only sends as many bytes.
                "processor_ms": round(spent, 1),
                "bare_ms": round(bare, 1),
                "p50_ms": round(statistics.median(took), 1),
                "p95_ms": round(sorted(took)[int(len(took) * 0.95)], 1),
            }
    return found


async def _visits(http: httpx.AsyncClient, path: str, headers: dict[str, str], count: int) -> tuple[float, list[float]]:
    """Milliseconds of the processor for one, and how long each took."""
    await http.get(path, headers=headers)
    took, spent = list[float](), time.process_time()
    for _ in range(count):
        began = time.perf_counter()
        await http.get(path, headers=headers)
        took.append((time.perf_counter() - began) * 1000)
    return (time.process_time() - spent) * 1000 / count, took


def _additions() -> float:
    """Milliseconds of the processor that five million additions take: how fast this machine is now."""
    began, total = time.process_time(), 0
    for number in range(5_000_000):
        total += number
    return (time.process_time() - began) * 1000


async def _token(http: httpx.AsyncClient, world: PagesWorld) -> str:
    body = {"login": world.login, "password": PASSWORD, "totp": world.code()}
    answer = await http.post("/api/log-ins/advocate", json=body)
    answer.raise_for_status()
    return str(answer.json()["token"])


class Hands:
    """Somebody at a keyboard: counts what is pressed, and what is loaded."""

    def __init__(self, page: Page) -> None:
        self.page, self.keys, self.loads, self.asked = page, 0, 0, 0
        page.on("request", self._count)

    def _count(self, request: Request) -> None:
        self.loads += request.is_navigation_request()
        self.asked += request.resource_type in ("document", "xhr")

    async def press(self, *keys: str) -> None:
        """One after the other."""
        for key in keys:
            self.keys += 1
            await self.page.keyboard.press(key)

    async def type(self, text: str) -> None:
        """Letter by letter."""
        self.keys += len(text)
        await self.page.keyboard.type(text)


async def decide(hands: Hands, items: int) -> dict[str, Any]:
    """Every item by one key: every tenth is another picture, the others are theirs."""
    page, lost = hands.page, 0
    for number in range(items):
        shown = await _shown(page)
        await hands.press("n" if number % 10 == 9 else "1")
        await page.wait_for_function("before => document.querySelector('#desk') && !document.querySelector("
                                     "'#desk[aria-busy]') && document.querySelector('.items a[aria-current]')?.id "
                                     "!== before", arg=shown)  # fmt: skip
        lost += not await page.evaluate("document.querySelector('#desk').contains(document.activeElement)")
    return {"focus_lost": lost}


async def _shown(page: Page) -> str:
    found: str = await page.evaluate("document.querySelector('.items a[aria-current]')?.id ?? ''")
    return found


async def morning(world: PagesWorld, page: Page, items: int) -> dict[str, Any]:
    """Decided, noted and sent."""
    hands, began = Hands(page), time.perf_counter()
    await page.goto("/advocate")
    decided = await decide(hands, items)
    after_deciding = {"keys": hands.keys, "loads": hands.loads, "seconds": round(time.perf_counter() - began, 1)}
    async with world.services.database.read() as session:
        confirmed = select(Sighting.case_id).where(Sighting.state == "confirmed").distinct()
        cases = (await session.scalars(confirmed.order_by(Sighting.case_id))).all()
        ready = select(Notice.id).where(Notice.state == "prepared")
        prepared = (await session.scalars(ready.order_by(Notice.id))).all()
    hands_before, noting = hands.keys, time.perf_counter()
    for case_id in cases:
        await page.goto(f"/advocate/cases/{case_id}/messages")
        await page.locator("textarea").focus()
        await hands.type("확인했어요")
        await hands.press("Tab", "Enter")
        await page.get_by_role("status").first.wait_for()
    noted = {"cases": len(cases), "keys": hands.keys - hands_before, "seconds": round(time.perf_counter() - noting, 1)}
    hands_before, sending, sent = hands.keys, time.perf_counter(), 0
    for notice_id in prepared:
        await page.goto(f"/advocate/notices/{notice_id}#content")
        button = page.locator("form[action$='/send'] button").first
        if await button.count():
            await button.focus()
            await hands.press("Enter")
            await page.get_by_role("status").first.wait_for()
            sent += 1
    async with world.services.database.read() as session:
        left = await session.scalar(select(func.count()).select_from(Notice).where(Notice.state == "queued"))
    return {
        "items": items,
        "deciding": {**after_deciding, **decided, "keys_an_item": round(after_deciding["keys"] / items, 2)},
        "noting": noted,
        "sending": {"notices": sent, "queued": left, "keys": hands.keys - hands_before,
                    "seconds": round(time.perf_counter() - sending, 1)},
        "all": {"keys": hands.keys, "loads": hands.loads, "asked": hands.asked,
                "seconds": round(time.perf_counter() - began, 1)},
        "before": {"keys": KEYS_BEFORE * items, "loads": LOADS_BEFORE * items, "focus_lost": items},
    }  # fmt: skip


async def _pages(options: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        async with pages_world(Path(folder)) as world:
            await _seed(world, options.cases, options.sightings)
            return {
                "cases": options.cases,
                "sightings": options.sightings,
                "additions_ms": round(_additions()),
                **await measure_pages(world, options.visits),
            }


async def _seed(world: PagesWorld, cases: int, sightings: int) -> None:
    advocate = await world.advocate()
    await seed_desk(world.services, advocate.id, advocate.organisation_id, cases=cases, sightings=sightings)


async def _morning(options: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        wide = {"viewport": {"width": 1280, "height": 900}}
        async with visiting(Path(folder), options.browser, **wide) as (world, page):
            await _seed(world, options.cases, options.items * 2)
            await log_in(page, world)
            return await morning(world, page, options.items)


def main() -> None:
    """One JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["pages", "morning"])
    parser.add_argument("--cases", type=int)
    parser.add_argument("--sightings", type=int, default=2000)
    parser.add_argument("--visits", type=int, default=60)
    parser.add_argument("--items", type=int, default=100)
    parser.add_argument("--browser", default="")
    options = parser.parse_args()
    options.cases = options.cases or (300 if options.what == "pages" else 40)
    if options.what == "morning" and not options.browser:
        options.browser = find() or ""
    print(json.dumps(asyncio.run((_pages if options.what == "pages" else _morning)(options))))


if __name__ == "__main__":
    main()
