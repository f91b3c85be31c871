"""How long does a source full of media that take long hold up ten honest ones? `turns.py`

Eleven sources stand in one account's queue, as the engine runs it: one after the other, and who is not done goes to the
end. The first shows animations that each take many seconds, one of them of about 19 MB in three posts; the others one
photo each. Real decoders in their processes, the real crawler. The JSON line has how long the honest took beside it and
without it, both from the start of the queue, and how often the large animation was decoded.
"""

import argparse
import asyncio
import io
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # started as a script, it finds the project all the same

from benchmarks import reporting  # first: it keeps libraries to one core

# isort: split
import numpy as np
from PIL import Image
from sqlalchemy import select

from db.migrate import upgrade
from db.models.sources import Source
from monitor.demo.world.pictures import feed
from monitor.fingerprints.decoder.pool import DecoderPool
from monitor.fingerprints.hashes.values import HashedMedium
from monitor.jobs.crawl import Crawler
from monitor.platforms.base import Media, MediaKind, Page, Post, SourceRef
from tests.support.domain_world import START, DomainWorld, domain_world
from tests.support.seen_world import new_case

HONEST = 10
MOST_BYTES = 20_000_000


class Counted:
    """The real pool; counts what it is given."""

    def __init__(self, pool: DecoderPool) -> None:
        self._pool = pool
        self.decoded: list[bytes] = []

    async def inspect(self, data: bytes, **options: Any) -> HashedMedium:
        self.decoded.append(data)
        return await self._pool.inspect(data, **options)


def animation(pictures: int, side: int, seed: int) -> bytes:
    """A GIF of noise, which neither packs nor decodes quickly."""
    rng = np.random.default_rng(seed)
    frames = [Image.fromarray(rng.integers(0, 256, (side, side), dtype=np.uint8), "L") for _ in range(pictures)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=40)
    return buffer.getvalue()


def posts(media: Sequence[tuple[str, bytes]]) -> list[Post]:
    """One medium each, an hour old."""
    at = START - timedelta(hours=1)
    return [
        Post(str(number), f"https://t.me/channel/{number}", at, (Media(name, MediaKind.DOCUMENT, token=data),))
        for number, (name, data) in enumerate(media, 1)
    ]


async def honest_done(folder: Path, shown: dict[str, list[Post]]) -> tuple[float, float, Counted]:
    """Seconds until all honest sources were read, seconds until all were, and what was decoded."""
    url = f"sqlite+aiosqlite:///{folder / 'jikimi.sqlite'}"
    upgrade(url)
    pool = DecoderPool()
    async with domain_world(url, folder) as world:
        for name in shown:
            await new_case(world, picture=PHOTO, source=name)
        ids = await _ids(world)

        async def page(ref: SourceRef, cursor: str | None, *, since: object, limit: int = 100) -> Page:
            new = [one for one in shown[ref.handle] if cursor is None or int(one.id) > int(cursor)]
            return Page(tuple(new), new[-1].id if new else cursor)

        world.platform.page = page  # type: ignore[method-assign,assignment]  # what this platform shows
        counted = Counted(pool)
        crawler = Crawler(
            world.database,
            world.context,
            world.accounts,
            counted,  # type: ignore[arg-type]  # hands on to a pool
            first_look=timedelta(days=7),
            max_media_bytes=MOST_BYTES,
        )
        await pool.inspect(PHOTO, max_bytes=MOST_BYTES)  # a decoder is started
        world.tasks.clear()
        queue, waiting, began, honest = [ids[name] for name in shown], set(ids.values()), time.perf_counter(), 0.0
        waiting.discard(ids.get("hostile", ""))
        while queue and time.perf_counter() - began < 300:
            source_id = queue.pop(0)
            await crawler.crawl(source_id)
            again = [str(task.arguments[0]) for task in world.tasks if "-for-turn-" in task.id]
            world.tasks.clear()
            queue += again
            if source_id not in again:
                waiting.discard(source_id)
            honest = honest or (0.0 if waiting else time.perf_counter() - began)
        spent = time.perf_counter() - began
    await pool.close()
    return honest, spent, counted


async def _ids(world: DomainWorld) -> dict[str, str]:
    async with world.database.read() as session:
        return {row.handle: row.id for row in await session.scalars(select(Source))}


PHOTO = feed(0)[0].data


def main() -> None:
    options = _options()
    large = animation(options.pictures, 512, options.seed)
    hostile = [(f"document:{9000 + number}", large) for number in range(3)]
    hostile += [
        (f"document:{number}", animation(options.pictures, 512, options.seed + number))
        for number in range(1, options.others + 1)
    ]
    honest = {f"honest{number}": posts([(f"photo:{number}", PHOTO)]) for number in range(HONEST)}
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        alone, _, _ = asyncio.run(honest_done(Path(one), honest))
        beside, all_done, counted = asyncio.run(honest_done(Path(other), {"hostile": posts(hostile), **honest}))
    reporting.finish(
        {
            "honest_alone_s": round(alone, 2),
            "honest_beside_s": round(beside, 2),
            "delay_s": round(beside - alone, 2),
            "hostile_done_s": round(all_done, 2),
            "large_mb": round(len(large) / 1e6, 1),
            "large_decoded": counted.decoded.count(large),
            "decoded": len(counted.decoded),
        }
    )


def _options() -> argparse.Namespace:
    parser = reporting.parser(__doc__ or "")
    parser.add_argument("--pictures", type=int, default=54, metavar="N", help="of the large animation (default 54)")
    parser.add_argument("--others", type=int, default=24, metavar="N", help="further animations (default 24)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
