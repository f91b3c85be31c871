"""What does a visit of a person cost, and how many a second hold? `visits.py [--postgres URL] [--seconds N]`

A visit is what a browser asks for that comes the first time: the page "/case", its files, and whether something was
entered before. The server runs in a process of its own while another program writes as a crawler does. Beside it stands
a peer: a bare application of the same framework that answers with as many bytes and does nothing else. The rate is
raised until the slowest twentieth of the visits takes 300 ms or more.
"""

import argparse
import asyncio
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))  # started as a script, it finds the project all the same

from benchmarks import reporting  # first: it keeps libraries to one core

# isort: split
import aiohttp
import uvicorn
from fastapi import FastAPI, Response

from api.app import create_app
from api.serving import without_delay
from benchmarks.write_lock import OtherWriter
from db.migrate import upgrade
from monitor.app.bootstrap import Services, build_services
from monitor.app.first_start import ensure_master_key
from monitor.settings.loading import load_settings

P95_MS, STEPS = 300.0, (5, 10, 20, 30, 45, 60, 80, 110, 150, 200)
_FILES = re.compile(rb'(?:src|href)="(/a/[0-9a-f]+\.(?:js|css|svg))"')
_CALLS = ("/case/draft",)


@dataclass(frozen=True, slots=True)
class Server:
    """A program that serves, and what it has used of the processor."""

    address: str
    process: "subprocess.Popen[str]"

    @property
    def used(self) -> float:
        """Processor seconds so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def serve(folder: Path, sizes: str) -> None:
    """In a process of its own: print the address, serve until the input ends. `sizes`: of the peer's answers."""
    if sizes:
        async with bare_peer([int(one) for one in sizes.split(",")]) as address:
            print(address, flush=True)
            await asyncio.to_thread(sys.stdin.read)
        return
    services = await fresh_services(folder)
    async with serving(create_app(services)) as address:
        print(address, services.settings.database.url, flush=True)
        await asyncio.to_thread(sys.stdin.read)
    await services.close()


async def fresh_services(folder: Path) -> Services:
    """Everything that a server needs, over an empty database: `DATABASE_URL`, or a file in the folder."""
    config = folder / "config.toml"
    config.write_text("", encoding="utf-8")
    settings = load_settings(config, os.environ)
    await asyncio.to_thread(upgrade, settings.database.url)
    ensure_master_key(settings, {})
    services = build_services(settings, {})
    services.keys.prepare()
    return services


@asynccontextmanager
async def bare_peer(sizes: list[int]) -> AsyncIterator[str]:
    """The address of an application that answers /0, /1, ... with so many bytes and does nothing else."""
    app = FastAPI()

    @app.get("/{number}")
    async def answer(number: int) -> Response:
        return Response(b"x" * sizes[number], media_type="text/html")

    async with serving(app) as address:
        yield address


@asynccontextmanager
async def serving(app: Any) -> AsyncIterator[str]:
    """The address of an application while it serves on a free port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        without_delay(listener)
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, ws="none"))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            while not server.started:  # noqa: ASYNC110  # uvicorn offers a flag, no event
                await asyncio.sleep(0.01)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await serving


@asynccontextmanager
async def started(folder: Path, sizes: str = "") -> AsyncIterator[tuple[Server, str]]:
    """A server in a process of its own, and its database's URL."""
    command = [sys.executable, "-m", "benchmarks.visits", "--serve", str(folder), "--sizes", sizes]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: ASYNC220, S603
    assert process.stdout is not None and process.stdin is not None  # noqa: S101
    line = (await asyncio.to_thread(process.stdout.readline)).split()
    try:
        yield Server(line[0], process), line[1] if len(line) > 1 else ""
    finally:
        process.stdin.close()
        await asyncio.to_thread(process.wait)


async def visit(http: aiohttp.ClientSession, paths: tuple[str, ...]) -> float:
    """Ask for the first, then for the rest at once, as a browser does. Milliseconds."""
    began = time.perf_counter()
    await _get(http, paths[0])
    await asyncio.gather(*(_get(http, path) for path in paths[1:]))
    return (time.perf_counter() - began) * 1000


async def _get(http: aiohttp.ClientSession, path: str) -> int:
    async with http.get(path, headers={"Accept-Encoding": "gzip"}) as answer:
        return len(await answer.read())


async def cost(server: Server, paths: tuple[str, ...], visits: int) -> float:
    """Processor milliseconds of the server for one visit, one after the other."""
    async with aiohttp.ClientSession(server.address, auto_decompress=False) as http:
        for _ in range(20):
            await visit(http, paths)
        before = server.used
        for _ in range(visits):
            await visit(http, paths)
        return (server.used - before) / visits * 1000


async def most(server: Server, paths: tuple[str, ...], seconds: float) -> tuple[float, float]:
    """The highest rate a second at which the 95th percentile holds, and that percentile."""
    held = (0.0, 0.0)
    async with aiohttp.ClientSession(
        server.address, auto_decompress=False, connector=aiohttp.TCPConnector(limit=0)
    ) as http:
        for rate in STEPS:
            begun: list[asyncio.Task[float]] = []
            began = time.perf_counter()
            while (gone := time.perf_counter() - began) < seconds:
                begun += [
                    asyncio.create_task(visit(http, paths)) for _ in range(max(0, round(gone * rate) - len(begun)))
                ]
                await asyncio.sleep(0.005)
            p95 = statistics.quantiles(await asyncio.gather(*begun), n=20)[-1]
            if p95 >= P95_MS:
                break
            held = (float(rate), p95)
    return held


async def measure(seconds: float, visits: int) -> dict[str, object]:
    """Ours and the peer, one after the other."""
    with tempfile.TemporaryDirectory() as name:
        async with started(Path(name)) as (server, url):
            async with aiohttp.ClientSession(server.address, auto_decompress=False) as http, http.get("/case") as page:
                files = sorted({found.decode() for found in _FILES.findall(await _plain(http))})
                size = int(page.headers.get("content-length", "0"))
                sizes = [size, *[await _get(http, file) for file in files], *[await _get(http, one) for one in _CALLS]]
            paths = ("/case", *files, *_CALLS)
            ours = await cost(server, paths, visits)
            writer = OtherWriter(url)
            writer.start()
            rate, p95 = await most(server, paths, seconds)
            writer.done.set()
            await asyncio.to_thread(writer.join)
    async with started(Path(), ",".join(map(str, sizes))) as (peer, _):
        theirs = tuple(f"/{number}" for number in range(len(sizes)))
        bare, (peer_rate, _) = await cost(peer, theirs, visits), await most(peer, theirs, seconds)
    return {
        "requests": len(paths),
        "bytes": sum(sizes),
        "processor_ms": round(ours, 2),
        "ratio_bare_processor": round(ours / bare, 2),
        "visits_per_second": rate,
        "p95_ms": round(p95),
        "ratio_bare_rate": round(rate / peer_rate, 2) if peer_rate else None,
        "crawler_longest_wait": round(writer.longest, 2),
    }


async def _plain(http: aiohttp.ClientSession) -> bytes:
    async with http.get("/case", headers={"Accept-Encoding": "identity"}) as answer:
        return await answer.read()


def main() -> None:
    """One JSON line."""
    options = reporting.parser((__doc__ or "").splitlines()[0])
    options.add_argument("--seconds", type=float, default=10.0, help="that each rate is held (default 10)")
    options.add_argument("--visits", type=int, default=200, help="whose processor time is averaged (default 200)")
    options.add_argument("--postgres", metavar="URL", help="of an empty database, instead of an SQLite file")
    options.add_argument("--serve", metavar="FOLDER", help=argparse.SUPPRESS)
    options.add_argument("--sizes", default="", help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.serve:
        asyncio.run(serve(Path(given.serve), given.sizes))
        return
    if given.postgres:
        os.environ["DATABASE_URL"] = given.postgres
    reporting.finish(asyncio.run(measure(given.seconds, given.visits)))


if __name__ == "__main__":
    main()
