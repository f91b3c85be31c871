"""Many sources and a short slot, with the real Telethon over the Telegram double: does the queue stay bounded?

    python benchmarks/backlog.py [--minutes 10] [--sources 200] [--posts 100] [--database URL]

Every source is due once a minute, and `--posts` posts with a picture appear somewhere each minute. The JSON line has
the most tasks that waited or ran at once (`max_backlog`; that of a queue without a bound grows by `sources` a minute),
how long it took from post to inspection, and what was called.
"""

import argparse
import asyncio
import io
import json
import random
import statistics
import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # started as a script, it finds the project all the same

from PIL import Image
from sqlalchemy import select

from db.models.people import Advocate
from db.models.sources import Consent, Inspection, Source
from db.types import new_id
from monitor.app.bootstrap import Services, build_services, build_worker
from monitor.app.first_start import prepare_first_start
from monitor.cases.advocates import add_advocate
from monitor.cases.opening import open_case, vouch
from monitor.demo.telegram.double import TelegramDouble
from monitor.demo.telegram.key import TEST_PUBLIC_KEY_PEM
from monitor.demo.telegram.world import TelegramWorld
from monitor.evidence.by import By
from monitor.keys.envelope import create_master_key
from monitor.platforms.telegram.client import TelegramServer
from monitor.platforms.telegram.login import log_in_to_telegram
from monitor.platforms.telegram.session import save_session
from monitor.settings.loading import load_settings
from monitor.work.backlog import crawls_outstanding

_CONFIG = """
[telegram]
api_id = 1
api_hash = "hash"
server_host = "127.0.0.1"
server_port = {port}
server_public_key = "server.pem"
[database]
{database}
[crawl]
interval_minutes = 1
[security]
master_key_file = "master.key"
"""


async def configured(folder: Path, double: TelegramDouble, database: str | None) -> Services:
    """The parts of one process, logged in at the double."""
    key, world = create_master_key(folder / "master.key"), double.world
    server = TelegramServer(double.host, double.port, TEST_PUBLIC_KEY_PEM)
    session = await log_in_to_telegram(1, "hash", server, lambda: world.phone, lambda: world.code, lambda: "")
    save_session(folder / "telegram.session", key, session)
    (folder / "server.pem").write_text(TEST_PUBLIC_KEY_PEM, encoding="ascii")
    url = "" if database is None else f'url = "{database}"'
    config = folder / "config.toml"
    config.write_text(_CONFIG.format(port=double.port, database=url), encoding="utf-8")
    settings = load_settings(config)
    await asyncio.to_thread(prepare_first_start, settings)
    return build_services(settings)


async def watched(services: Services, channels: list[Any]) -> None:
    """A vouched case that watches all of them, and an account that has read them before: no name is looked up."""
    context, now = services.context.acting(By.program("benchmark")), datetime.now(UTC)
    account = services.accounts.names["telegram"]
    async with services.database.begin() as session:
        who = {"login": "one", "name": "One", "organisation": "Centre", "password": "x" * 20}
        await add_advocate(session, services.keys, **who, by=By.program("benchmark"), now=now)
        advocate = (await session.scalars(select(Advocate))).one()
        case, _ = await open_case(session, context, language="en")
        await vouch(session, context, case, advocate.id)
        for channel in channels:
            row = Source(id=new_id(), platform="telegram", handle=channel.username, posts_seen=0, added_at=now)
            row.remote_id, row.access, row.account = str(channel.id), str(channel.access_hash), account
            session.add(row)
            await session.flush()
            given = {"given_at": now, "expires_at": now.replace(year=now.year + 1)}
            session.add(Consent(id=new_id(), case_id=case.id, source_id=row.id, purpose="watch", **given))


def picture(chance: random.Random) -> bytes:
    """A small picture like no other."""
    small = Image.frombytes("RGB", (16, 12), chance.randbytes(16 * 12 * 3))
    data = io.BytesIO()
    small.resize((640, 480), Image.Resampling.BICUBIC).save(data, "JPEG")
    return data.getvalue()


async def measure(
    services: Services, world: TelegramWorld, channels: list[Any], minutes: float, posts: int
) -> dict[str, Any]:
    """Let it run, and post meanwhile."""
    chance, posted, most = random.Random(1), 0, 0
    worker, ticks = build_worker(services)
    await worker.start(ticks.schedule())
    world.calls.clear()
    loop = asyncio.get_running_loop()
    until = loop.time() + minutes * 60
    try:
        while loop.time() < until:
            # Nothing is posted at the end, so that what is not inspected yet is late, not new.
            if loop.time() < until - 30:
                world.post(chance.choice(channels), "", world.files.photo({"y": (640, 480, picture(chance))}))
                posted += 1
            async with services.database.read() as session:
                most = max(most, len(await crawls_outstanding(session)))
            await asyncio.sleep(60 / posts)
    finally:
        await worker.stop()
    async with services.database.read() as session:
        rows = (await session.execute(select(Inspection.at, Inspection.posted_at))).all()
    delays = sorted((at - posted_at).total_seconds() for at, posted_at in rows if posted_at is not None)
    calls = Counter(call.method for call in world.calls)
    return {
        "max_backlog": most,
        "posted": posted,
        "inspected": len(delays),
        "median_delay_s": round(statistics.median(delays), 1) if delays else None,
        "p95_delay_s": round(delays[int(len(delays) * 0.95)], 1) if delays else None,
        "crawls": calls["messages.getHistory"],
        "exports": calls["auth.exportAuthorization"],
    }


async def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """Everything in one process, the double too."""
    world = TelegramWorld()
    channels = [world.channel(f"channel_{number:04d}") for number in range(arguments.sources)]
    with tempfile.TemporaryDirectory() as folder:
        async with TelegramDouble(world) as double:
            services = await configured(Path(folder), double, arguments.database)
            try:
                await watched(services, channels)
                return await measure(services, world, channels, arguments.minutes, arguments.posts)
            finally:
                await services.close()


def main() -> None:
    """One JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--sources", type=int, default=200)
    parser.add_argument("--posts", type=int, default=100, help="each minute, in all sources together")
    parser.add_argument("--database", metavar="URL", help="an empty PostgreSQL database instead of SQLite")
    arguments = parser.parse_args()
    found = asyncio.run(run(arguments))
    print(json.dumps({"sources": arguments.sources, "minutes": arguments.minutes, **found}))


if __name__ == "__main__":
    main()
