"""How long does a 12-megapixel photo take in a browser, and how long does its page stall? `browser_hashing.py`

Real photos (`--photos DIR`) or made-up ones, enlarged to 4,000 x 3,000 and saved as phones save them, chosen one by one
on the person's page in Chromium: seconds from choosing to the fingerprint, for each set; the longest time in which the
page answered nothing meanwhile; and by how many bits of 256 the whole picture's code differs from the server's.
"""

import argparse
import asyncio
import io
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # started as a script, it finds the project all the same

from benchmarks import reporting  # first: it keeps libraries to one core

# isort: split
from PIL import Image
from playwright.async_api import Page

from monitor.demo.world.pictures import registered
from monitor.fingerprints.image import hash_picture
from monitor.fingerprints.regions.boxes import SetName
from monitor.fingerprints.regions.codes import Regions
from tests.support import chromium
from tests.support.pages_pictures import distance, file, hashes, to_pictures
from tests.support.pages_world import browser, close_browser, pages_world, visitor

SIZE = (4000, 3000)
SETS: tuple[SetName | None, ...] = (None, "slim", "full")
TICK = 5
"""Milliseconds between two beats of the page: what is missing between them is a stall."""
_WATCH = """tick => {
  const files = document.getElementById("files");
  const seen = (window.seen = { took: null, stall: 0 });
  let began = null, last = null;
  const beat = () => {
    const now = performance.now();
    if (last !== null) seen.stall = Math.max(seen.stall, now - last - tick);
    last = now;
    if (seen.took === null) setTimeout(beat, tick);
  };
  files.addEventListener("change", () => { began = performance.now(); beat(); }, { capture: true, once: true });
  new MutationObserver((_, observer) => {
    if (files.disabled || began === null) return;
    seen.took = performance.now() - began;
    observer.disconnect();
  }).observe(files, { attributes: true, attributeFilter: ["disabled"] });
}"""


def photos_of(folder: Path | None, count: int) -> list[bytes]:
    """JPEG files of 12 megapixels, as a phone writes them."""
    if folder is None:
        sources = [io.BytesIO(data) for data in registered(count)]
        images = [Image.open(one) for one in sources]
    else:
        images = [Image.open(path) for path in sorted(folder.rglob("*.jp*g"))[:count]]
    made = []
    for image in images:
        wide = image.convert("RGB") if image.width >= image.height else image.convert("RGB").rotate(90, expand=True)
        out = io.BytesIO()
        wide.resize(SIZE, Image.Resampling.LANCZOS).save(out, "JPEG", quality=90)
        made.append(out.getvalue())
    return made


async def one(page: Page, data: bytes, set_name: SetName | None) -> dict[str, float]:
    """One photo, chosen and left out again."""
    await page.locator(f"#set-{set_name or 'whole'}").check()
    await page.evaluate(_WATCH, TICK)
    found = await hashes(page, [file("photo.jpg", data)])
    seen: dict[str, float] = await page.evaluate("() => window.seen")
    item = page.locator("#pending-list li").first
    there = await item.get_attribute("data-regions")
    await item.locator("button.quiet").last.click()
    here = hash_picture(data, set_name)
    apart: dict[str, float] = {"whole": distance(found[0], here.whole.hex)}
    if set_name is not None and there is not None and here.regions is not None:
        apart["parts"] = worst_part(Regions.from_json(json.loads(there)), here.regions)
    return {"seconds": seen["took"] / 1000, "stall_ms": seen["stall"], **{f"bits_{k}": v for k, v in apart.items()}}


def worst_part(one: Regions, other: Regions) -> int:
    """Most bits between two codes of the same box."""

    def codes(regions: Regions) -> dict[int, int]:
        table = [int.from_bytes(bytes(code)) for code in regions.table]
        return dict(zip(regions.numbers, table, strict=True))

    here, there = codes(one), codes(other)
    return max(((here[number] ^ there[number]).bit_count() for number in here.keys() & there.keys()), default=0)


async def measure(path: str, photos: list[bytes], rounds: int) -> dict[str, Any]:
    """Every photo with every set, the sets in turn."""
    taken: dict[str, list[dict[str, float]]] = {name or "whole": [] for name in SETS}
    with tempfile.TemporaryDirectory() as folder:
        async with (
            pages_world(Path(folder)) as world,
            browser(path) as started,
            visitor(started, world) as (_, page),
        ):
            await to_pictures(page)
            await one(page, photos[0], "full")  # scripts and tables come with the first
            for data in photos * rounds:
                for name in SETS:
                    taken[name or "whole"].append(await one(page, data, name))
        await close_browser()
    return {name: summed(found) for name, found in taken.items()}


def summed(found: list[dict[str, float]]) -> dict[str, float]:
    """Median and worst of each figure."""
    figures = sorted({key for each in found for key in each})
    told = {}
    for key in figures:
        values = [each[key] for each in found if key in each]
        told[f"{key}_median"] = round(statistics.median(values), 3)
        told[f"{key}_worst"] = round(max(values), 3)
    return told


def main() -> None:
    """One JSON line."""
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--photos", type=Path, metavar="DIR", help="real ones instead of made-up ones")
    options.add_argument("--count", type=int, default=5, help="how many photos")
    options.add_argument("--rounds", type=int, default=2)
    given = options.parse_args()
    path = chromium.find()
    if path is None:
        sys.exit(f"no Chromium: {chromium.HOW_TO_INSTALL}")
    photos = photos_of(given.photos, given.count)
    reporting.finish({"megapixels": 12, "photos": len(photos), **asyncio.run(measure(path, photos, given.rounds))})


if __name__ == "__main__":
    main()
