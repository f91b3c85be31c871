"""150 strangers who open cases and 150 who guess at passphrases, against a server of its own: who still gets in?

    python benchmarks/flood.py [--seconds 60] [--origins 1|150] [--inside]

Twenty honest people open a case and log in meanwhile, from places of their own or (`--inside`) from the flooder's. They
do the work that they are asked for, as the pages do; the flood does none. Flood, honest people and server are a process
each, else the honest would wait for the flood's own client. All share this machine's processors, which in earnest the
server has for itself. The JSON line has the slowest answer of /healthz, the server's largest memory and how long the
honest took.
"""

import argparse
import asyncio
import json
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # started as a script, it finds the project all the same

from api.work import HEADER, solve  # noqa: E402

FLOODERS, HONEST = 150, 20
TLS = ssl.create_default_context()
"""One for all: each client would read every certificate of this machine anew, for addresses without TLS."""
CASE, GUESS = {"language": "en"}, {"case_id": "a" * 26, "passphrase": "wrong words"}


def start(folder: Path) -> tuple["subprocess.Popen[bytes]", str]:
    """A server with a fresh SQLite database."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    config = folder / "config.toml"
    config.write_text(f'[web]\nlisten = "{address}"\ntrusted_proxies = ["127.0.0.1"]\n', encoding="utf-8")
    with (folder / "log").open("wb") as log:
        command = [sys.executable, "-m", "monitor", "serve", "--config", str(config)]
        server = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log)  # noqa: S603  # our own
    return server, f"http://{address}"


def memory_mb(pid: int) -> float:
    """The largest that the server was."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


async def honest(http: httpx.AsyncClient, path: str, body: dict[str, Any], at: str) -> tuple[dict[str, Any], float]:
    """As a page does it: work where it is asked for, wait where the queue is full."""
    began, work = time.monotonic(), ""
    while True:
        answer = await http.post(path, json=body, headers={"X-Forwarded-For": at, HEADER: work})
        if answer.is_success:
            return answer.json(), time.monotonic() - began
        asked = answer.json().get("work")
        if asked:
            work = await asyncio.to_thread(solve, asked["challenge"])
        else:
            await asyncio.sleep(float(answer.headers.get("Retry-After", "2")))


async def flood(address: str, until: float, number: int, origins: int, counts: dict[int, int]) -> None:
    """One stranger, without a pause."""
    at = f"198.51.100.{number % origins}"
    async with httpx.AsyncClient(base_url=address, timeout=60, verify=TLS, trust_env=False) as http:
        while time.monotonic() < until:
            path, body = ("/api/cases", CASE) if number % 2 else ("/api/log-ins/person", GUESS)
            try:
                status = (await http.post(path, json=body, headers={"X-Forwarded-For": at})).status_code
            except httpx.HTTPError:
                status = 0
            counts[status] = counts.get(status, 0) + 1


async def whole_flood(address: str, seconds: float, origins: int) -> dict[int, int]:
    """All strangers at once; how often which status was answered, 0: none was."""
    until, counts = time.monotonic() + seconds, dict[int, int]()
    await asyncio.gather(*(flood(address, until, number, origins, counts) for number in range(2 * FLOODERS)))
    return dict(sorted(counts.items()))


async def watch(address: str, until: float) -> float:
    """Seconds of the slowest /healthz."""
    slowest = 0.0
    async with httpx.AsyncClient(base_url=address, timeout=60, verify=TLS, trust_env=False) as http:
        while time.monotonic() < until:
            began = time.monotonic()
            (await http.get("/healthz")).raise_for_status()
            slowest = max(slowest, time.monotonic() - began)
            await asyncio.sleep(0.1)
    return slowest


async def measure(address: str, seconds: float, origins: int, inside: bool) -> dict[str, Any]:
    """The flood and the honest together."""
    until, opened, returned = time.monotonic() + seconds, list[float](), list[float]()
    command = [sys.executable, __file__, "--seconds", str(seconds), "--origins", str(origins), "--only-flood", address]
    flooding = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    watching = asyncio.create_task(watch(address, until))

    async def person(number: int) -> None:
        at = "198.51.100.0" if inside else f"203.0.113.{number}"
        await asyncio.sleep(2 + number * max(0.0, seconds - 20) / HONEST)
        async with httpx.AsyncClient(
            base_url=address,
            timeout=120,
            verify=TLS,
            trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),
        ) as http:
            case, took = await honest(http, "/api/cases", CASE, at)
            opened.append(took)
            body = {"case_id": case["case_id"], "passphrase": case["passphrase"]}
            returned.append((await honest(http, "/api/log-ins/person", body, at))[1])

    await asyncio.gather(*(person(number) for number in range(HONEST)))
    told, _ = await flooding.communicate()
    return {
        "healthz_s": round(await watching, 2),
        "opened": len(opened),
        "slowest_opening_s": round(max(opened), 1),
        "logged_in": len(returned),
        "slowest_log_in_s": round(max(returned), 1),
        "answers_to_the_flood": json.loads(told),
    }


def main() -> None:
    """One JSON line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--origins", type=int, default=150, choices=range(1, 151), metavar="1..150")
    parser.add_argument("--inside", action="store_true")
    parser.add_argument("--only-flood", metavar="ADDRESS", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.only_flood:
        print(json.dumps(asyncio.run(whole_flood(arguments.only_flood, arguments.seconds, arguments.origins))))
        return
    with tempfile.TemporaryDirectory() as folder:
        server, address = start(Path(folder))
        try:
            for _ in range(600):
                try:
                    httpx.get(f"{address}/healthz").raise_for_status()
                    break
                except httpx.HTTPError:
                    time.sleep(0.2)
            found = asyncio.run(measure(address, arguments.seconds, arguments.origins, arguments.inside))
            found["memory_mb"] = round(memory_mb(server.pid))
            found["log_bytes"] = (Path(folder) / "log").stat().st_size
        finally:
            server.terminate()
            server.wait(60)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
