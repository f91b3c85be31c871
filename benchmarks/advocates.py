"""How many advocates hold on one server, each with a page every ten seconds? `advocates.py [--postgres URL]`

300 cases and 2,000 open copies of one centre; every advocate has a log-in of their own and goes from page to page as
one does at work: the queue, a page of it, the list of cases, a case, its copies, notices and clocks. The server runs in
a process of its own while another program writes as a crawler does. More and more advocates come until the slowest
twentieth of the pages takes 300 ms or more. The JSON line has how many held, and how busy the server's processor was.
"""

import argparse
import asyncio
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # started as a script, it finds the project all the same

from benchmarks import reporting  # first: it keeps libraries to one core

# isort: split
import aiohttp
from sqlalchemy import select

from api.app import create_app
from api.auth import start_login
from benchmarks.visits import P95_MS, Server, fresh_services, serving
from benchmarks.write_lock import OtherWriter
from db.models.people import Advocate
from db.queries.actors import AdvocateActor
from monitor.app.bootstrap import Services
from monitor.cases.advocates import add_advocate
from monitor.evidence.by import By
from tests.support.desk_seed import seed_desk
from tests.support.quick_hasher import QUICK

CASES, SIGHTINGS, EVERY_S = 300, 2000, 10.0
STEPS = (25, 50, 75, 100, 150, 200, 300, 400)
PAGES = (
    *("/advocate",) * 4,
    "/advocate?page=2",
    "/advocate?verdict=confident&age=7d",
    "/advocate/cases",
    *("/advocate/cases/{case}",) * 2,
    "/advocate/cases/{case}/copies",
    "/advocate/notices",
    "/advocate/clocks",
)
"""What is asked for, as often as it stands here."""


async def serve(folder: Path, advocates: int) -> None:
    """In a process of its own: print the address, the database, the cases and the log-ins; serve until told."""
    services = await fresh_services(folder)
    tokens, cases = await _people(services, advocates)
    async with serving(create_app(services)) as address:
        print(address, services.settings.database.url, ",".join(cases), ",".join(tokens), flush=True)
        await asyncio.to_thread(sys.stdin.read)
    await services.close()


async def _people(services: Services, advocates: int) -> tuple[list[str], list[str]]:
    tokens, now = list[str](), services.context.now()
    for number in range(advocates):
        async with services.database.begin() as session:
            await add_advocate(
                session,
                services.keys,
                login=f"advocate{number}",
                name=f"Advocate {number}",
                organisation="Example Centre",
                password="a long password of the benchmark",  # noqa: S106  # of made-up people
                by=By.operator("benchmark"),
                hasher=QUICK,
                now=now,
            )
    async with services.database.begin() as session:
        rows = (await session.scalars(select(Advocate).order_by(Advocate.login))).all()
        for row in rows:
            tokens.append((await start_login(session, AdvocateActor(row.id, row.organisation_id, row.name))).token)
    home = rows[0]
    cases = await seed_desk(services, home.id, home.organisation_id, cases=CASES, sightings=SIGHTINGS)
    return tokens, cases


async def hold(server: Server, tokens: list[str], cases: list[str], seconds: float) -> dict[str, float | int]:
    """So many advocates for so long: the 95th of a hundred pages, what failed, how busy the server was."""
    took, answers = list[float](), Counter[int]()

    async def advocate(http: aiohttp.ClientSession, number: int, until: float) -> None:
        chance = random.Random(number)
        await asyncio.sleep(chance.uniform(0, EVERY_S))
        while time.perf_counter() < until:
            began = time.perf_counter()
            path = chance.choice(PAGES).format(case=chance.choice(cases))
            headers = {"Cookie": f"jikimi_login={tokens[number]}", "Accept-Encoding": "gzip"}
            async with http.get(path, headers=headers, allow_redirects=False) as answer:
                await answer.read()
                answers[answer.status] += 1
            took.append((time.perf_counter() - began) * 1000)
            await asyncio.sleep(max(0.0, EVERY_S - (time.perf_counter() - began)))

    used, began = server.used, time.perf_counter()
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(server.address, auto_decompress=False, connector=connector) as http:
        await asyncio.gather(*(advocate(http, number, began + seconds) for number in range(len(tokens))))
    return {
        "advocates": len(tokens),
        "pages": len(took),
        "p50_ms": round(statistics.median(took)),
        "p95_ms": round(sorted(took)[int(len(took) * 0.95)]),
        "errors": len(took) - answers[200],
        "server_busy": round((server.used - used) / (time.perf_counter() - began), 2),
    }


async def open_each(server: Server, token: str, case: str) -> float:
    """Each kind of page once, for what a process opens once the first of the day waits for. The longest, in ms."""
    took = list[float]()
    async with aiohttp.ClientSession(server.address, headers={"Cookie": f"jikimi_login={token}"}) as http:
        for path in dict.fromkeys(PAGES):
            began = time.perf_counter()
            async with http.get(path.format(case=case), allow_redirects=False) as answer:
                await answer.read()
            took.append((time.perf_counter() - began) * 1000)
    return max(took)


async def measure(seconds: float, steps: tuple[int, ...]) -> dict[str, object]:
    """More and more of them until it does not hold."""
    held = list[dict[str, float | int]]()
    with tempfile.TemporaryDirectory() as name:
        command = [sys.executable, "-m", "benchmarks.advocates", "--serve", name, "--most", str(max(steps))]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)  # noqa: ASYNC220, S603
        assert process.stdout is not None and process.stdin is not None  # noqa: S101
        try:
            address, url, cases, tokens = (await asyncio.to_thread(process.stdout.readline)).split()
            server, writer = Server(address, process), OtherWriter(url)
            first = await open_each(server, tokens.split(",")[0], cases.split(",")[0])
            writer.start()
            for count in steps:
                held.append(await hold(server, tokens.split(",")[:count], cases.split(","), seconds))
                if held[-1]["p95_ms"] >= P95_MS or held[-1]["errors"]:
                    break
            writer.done.set()
            await asyncio.to_thread(writer.join)
        finally:
            process.stdin.close()
            await asyncio.to_thread(process.wait)
    good = [one for one in held if one["p95_ms"] < P95_MS and not one["errors"]]
    return {
        "cases": CASES,
        "sightings": SIGHTINGS,
        "database": url.partition(":")[0],
        "held": good[-1]["advocates"] if good else 0,
        "longest_first_ms": round(first),
        "steps": held,
        "crawler_writes": writer.writes,
        "crawler_longest_wait_s": round(writer.longest, 2),
    }


def main() -> None:
    """One JSON line."""
    options = reporting.parser((__doc__ or "").splitlines()[0])
    options.add_argument("--seconds", type=float, default=40.0, help="that each number of advocates stays (default 40)")
    options.add_argument("--steps", type=int, nargs="+", default=STEPS, help="advocates, more and more of them")
    options.add_argument("--postgres", metavar="URL", help="of an empty database, instead of an SQLite file")
    options.add_argument("--serve", metavar="FOLDER", help=argparse.SUPPRESS)
    options.add_argument("--most", type=int, default=1, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.serve:
        asyncio.run(serve(Path(given.serve), given.most))
        return
    if given.postgres:
        os.environ["DATABASE_URL"] = given.postgres
    reporting.finish(asyncio.run(measure(given.seconds, tuple(given.steps))))


if __name__ == "__main__":
    main()
