"""How long does it take to open a case with 200 full photos, and what waits meanwhile? `opening.py [--pictures N]`

The photos are put into a draft as the page puts them; then the case is opened. Processor time of the whole request, its
time on the clock, and beside it the longest wait of another connection that writes one row again and again, and of the
event loop. `--postgres URL` on that (empty) database instead of an SQLite file; `--profile` prints where the time goes.
"""

import argparse
import asyncio
import cProfile
import pstats
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # started as a script, it finds the project all the same

from benchmarks import reporting  # first: it keeps libraries to one core

# isort: split
import numpy as np
from PIL import Image

from benchmarks.write_lock import OtherWriter, longest_stall
from db.migrate import upgrade
from monitor.fingerprints.regions.codes import Regions, register_regions
from tests.support.api_world import ApiWorld, api_world
from tests.support.draft_browser import DraftBrowser


def painted(rng: np.random.Generator) -> Image.Image:
    """Noise of several sizes, so that every box has detail."""
    small = rng.integers(0, 255, (48, 36, 3), np.uint8)
    return Image.fromarray(small).resize((360, 480), Image.Resampling.BICUBIC)


def photo(rng: np.random.Generator, model: Regions) -> dict[str, object]:
    """The body of one photo of the full set: the boxes of a real one, with codes of its own."""
    codes = rng.integers(0, 256, len(model.codes), np.uint8).tobytes()
    regions = Regions(
        model.set_name, model.width, model.height, model.numbers, codes, model.packed_points, area=model.area
    )
    pdq = rng.integers(0, 256, 32, np.uint8).tobytes().hex()
    return {"pdq": pdq, "quality": 90, "kind": "intimate", "set": "full", "regions": regions.as_json()}


async def filled(world: ApiWorld, count: int) -> tuple[DraftBrowser, int]:
    """A browser with a draft of so many photos; the bytes of one on the wire."""
    rng = np.random.default_rng(1)
    model = register_regions(painted(rng), "full")
    browser, size = DraftBrowser(world), 0
    await browser.tell()
    for _ in range(count):
        body = photo(rng, model)
        size = len(str(body))
        await browser.put("pictures", body)
    return browser, size


async def run(url: str, folder: Path, count: int, *, profile: bool) -> dict[str, object]:
    """Fill a draft, open it, and look at who waits."""
    async with api_world(url, folder) as world:
        browser, size = await filled(world, count)
        writer, done = OtherWriter(url), asyncio.Event()
        writer.start()
        looking = asyncio.create_task(longest_stall(done))
        await asyncio.sleep(0.3)
        writer.longest = 0.0
        profiler = cProfile.Profile()
        if profile:
            profiler.enable()
        began, processor = time.perf_counter(), time.process_time()
        opened = await browser.open()
        seconds, busy = time.perf_counter() - began, time.process_time() - processor
        if profile:
            profiler.disable()
        writer.done.set()
        done.set()
        await asyncio.to_thread(writer.join)
        stall = await looking
        if profile:
            pstats.Stats(profiler).sort_stats("tottime").print_stats(35)
        assert opened["left_out"] == [], opened["left_out"]  # noqa: S101  # a figure of half of it would be none
        return {
            "photos": count,
            "body_bytes": size,
            "seconds": round(seconds, 2),
            "processor_seconds": round(busy, 2),
            "other_writer_waited": round(writer.longest, 2),
            "loop_stalled": round(stall, 3),
        }


def main() -> None:
    """One JSON line."""
    options = reporting.parser((__doc__ or "").splitlines()[0])
    options.add_argument("--pictures", type=int, default=200)
    options.add_argument("--postgres", metavar="URL", help="of an empty database")
    options.add_argument("--profile", action="store_true")
    given: argparse.Namespace = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.postgres or f"sqlite:///{folder}/jikimi.sqlite"
        upgrade(url)
        figures = asyncio.run(run(url, Path(folder), given.pictures, profile=given.profile))
    reporting.finish(figures)


if __name__ == "__main__":
    main()
