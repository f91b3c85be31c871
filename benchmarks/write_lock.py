"""How long do other writers and the event loop wait while a source's media are compared? `write_lock.py`

3,000 people's photos of the slim set watch one source that shows 50 media, some of them theirs. While the real comparer
compares and writes, another connection writes one row again and again, and a task looks at the loop every 2 ms. The
JSON line has the longest wait of each; with `--postgres URL` on that (empty) database instead of an SQLite file.
"""

import argparse
import asyncio
import io
import sys
import tempfile
import threading
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # started as a script, it finds the project all the same

from benchmarks import reporting  # first: it keeps libraries to one core

# isort: split
import numpy as np
from PIL import Image
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from db.locking import lock_one
from db.migrate import upgrade
from db.models.cases import Case
from db.models.sources import Source
from db.session import Database
from monitor.cases.consents import give_consent
from monitor.cases.fingerprints import add_fingerprint
from monitor.demo.world.pictures import feed
from monitor.fingerprints.image import hash_picture
from monitor.fingerprints.regions.codes import Regions, register_regions
from monitor.jobs.comparison import Comparer
from monitor.model.facts import PictureKind
from monitor.model.states import Purpose
from monitor.platforms.base import Media, MediaKind, PlatformName, Post
from monitor.sources.media_reader import ReadMedium
from tests.support.domain_world import START, DomainWorld, domain_world, make_advocate, make_case

EACH = 20
"""Fingerprints of a case."""
LOOK_SECONDS = 0.002


class OtherWriter(threading.Thread):
    """Writes one row again and again over a connection of its own, in a loop of its own; knows its longest wait."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self._url, self.done, self.longest, self.writes = url, threading.Event(), 0.0, 0

    def run(self) -> None:
        """Until told."""
        asyncio.run(self._write())

    async def _write(self) -> None:
        database = Database(self._url)
        while not self.done.is_set():
            began = time.perf_counter()
            async with database.begin() as session:
                await session.execute(text("UPDATE organisations SET name = name"))
            self.longest = max(self.longest, time.perf_counter() - began)
            self.writes += 1
            await asyncio.sleep(0.005)
        await database.close()


async def longest_stall(done: asyncio.Event) -> float:
    """Seconds by which a short sleep was overslept, at most."""
    longest = 0.0
    while not done.is_set():
        began = time.perf_counter()
        await asyncio.sleep(LOOK_SECONDS)
        longest = max(longest, time.perf_counter() - began - LOOK_SECONDS)
    return longest


async def watched_by(world: DomainWorld, count: int, pictures: list[bytes], seed: int) -> str:
    """A source that so many fingerprints watch: of `pictures`, the rest of pictures that nobody posts."""
    rng = np.random.default_rng(seed)
    known = [register_regions(Image.open(io.BytesIO(data)).convert("RGB"), "slim") for data in pictures]
    source_id = ""
    async with world.database.begin() as session:
        advocate = await make_advocate(session)
    for first in range(0, count, EACH):
        async with world.database.begin() as session:
            case = await make_case(session, world.context, advocate)
            for number in range(first, min(first + EACH, count)):
                await _register(session, world, case, pictures, known, number, rng)
            (consent,) = await give_consent(
                session,
                world.context,
                case,
                platform=PlatformName.TELEGRAM,
                source="channel",
                purposes=[Purpose.WATCH],
            )
            source_id = consent.source_id
    return source_id


async def _register(
    session: AsyncSession,
    world: DomainWorld,
    case: Case,
    pictures: list[bytes],
    known: list[Regions],
    number: int,
    rng: np.random.Generator,
) -> None:
    """The first few are of pictures that will be posted; the others have codes with 128 of 256 bits set at random."""
    case = await lock_one(session, Case, case.id)
    place = number % len(pictures)
    regions, code = known[place], hash_picture(pictures[place]).whole.code
    if number >= len(pictures):
        code = _random_code(rng)
        drawn = b"".join(_random_code(rng) for _ in regions.numbers)
        points = regions.points.copy()
        points["code"] = np.frombuffer(b"".join(_random_code(rng) for _ in points), np.uint8).reshape(-1, 32)
        regions = replace(regions, codes=drawn, packed_points=points.tobytes())
    await add_fingerprint(
        session,
        world.context,
        case,
        pdq=code.hex(),
        quality=100,
        kind=PictureKind.INTIMATE,
        set_name="slim",
        regions=regions,
    )


def _random_code(rng: np.random.Generator) -> bytes:
    return np.packbits(rng.permutation(np.repeat(np.array([0, 1], dtype=np.uint8), 128))).tobytes()


async def measure(url: str, folder: Path, options: argparse.Namespace) -> dict[str, float]:
    """Everything once, with the watch opened anew and then, as every later crawl finds it, in memory."""
    figures: dict[str, float] = {}
    async with domain_world(url, folder) as world:
        posted = [sample.data for sample in feed(options.seed)][: options.media]
        source_id = await watched_by(world, options.fingerprints, posted[:10], options.seed)
        comparer = Comparer(world.database, world.context, keeps=True)
        hashed = [hash_picture(data) for data in posted]
        for turn, name in enumerate(("first", "later")):
            read = []
            for number, one in enumerate(hashed, start=1 + turn * len(hashed)):
                media = Media(f"photo:{number}", MediaKind.PHOTO)
                read.append(
                    ReadMedium(Post(str(number), f"https://t.me/channel/{number}", START, (media,)), media, one, "read")
                )
            figures |= {f"{name}_{key}": value for key, value in (await _once(url, comparer, source_id, read)).items()}
    return figures


async def _once(url: str, comparer: Comparer, source_id: str, read: list[ReadMedium]) -> dict[str, float]:
    async def nothing_more(_session: AsyncSession, _source: Source) -> None:
        """A crawl would move its cursor."""

    other, done = OtherWriter(url), asyncio.Event()
    looking = asyncio.create_task(longest_stall(done))
    other.start()
    began = time.perf_counter()
    await comparer.write(source_id, read, nothing_more)
    spent = time.perf_counter() - began
    done.set()
    other.done.set()
    await asyncio.to_thread(other.join)
    return {
        "seconds": round(spent, 2),
        "longest_wait_ms": round(1000 * other.longest, 1),
        "longest_stall_ms": round(1000 * await looking, 1),
        "writes_meanwhile": other.writes,
    }


def main() -> None:
    parser = reporting.parser(__doc__ or "")
    parser.add_argument("--fingerprints", type=int, default=3000, metavar="N", help="that watch (default 3000)")
    parser.add_argument("--media", type=int, default=50, metavar="N", help="that are shown (default 50)")
    parser.add_argument("--postgres", metavar="URL", help="postgresql+psycopg://... of an empty database")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        url = options.postgres or f"sqlite+aiosqlite:///{Path(name) / 'jikimi.sqlite'}"
        upgrade(url)
        figures = asyncio.run(measure(url, Path(name), options))
    reporting.finish(figures | {"fingerprints": options.fingerprints, "media": options.media})


if __name__ == "__main__":
    main()
