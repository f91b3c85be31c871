"""Firefox, spoken to in WebDriver BiDi over its own socket: no driver of somebody else's is needed.

It is for whoever has one (Debian: apt-get install firefox-esr); tests that want it are skipped where it is not.
"""

import asyncio
import contextlib
import json
import os
import re
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.support.hands import SECONDS

NAMES = ("firefox-esr", "firefox")
WHERE = "no Firefox here: apt-get install firefox-esr (Debian), or set FIREFOX to the path of one"
_LISTENING = re.compile(r"WebDriver BiDi listening on (ws://[\w.:\[\]]+)")
_PREFERENCES: dict[str, object] = {
    # It reaches nothing but this machine: everything else goes to a proxy that is not there.
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.proxy.no_proxies_on": "127.0.0.1, localhost",
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.download.useDownloadDir": True,
    "browser.download.folderList": 2,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.enabled": False,
}


def find() -> str | None:
    """The path of a Firefox: FIREFOX's, or one on the PATH; else None."""
    given = os.environ.get("FIREFOX")
    if given:
        return shutil.which(given)
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class FirefoxHands:
    """Hands in Firefox; see tests.support.hands.Hands."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, base: str, downloads: Path) -> None:
        self._socket, self._base, self._downloads = socket, base, downloads
        self._number, self._context = 0, ""

    async def begin(self, viewport: dict[str, int]) -> None:
        """A session, and the page that is there."""
        await self._ask("session.new", {"capabilities": {}})
        tree = await self._ask("browsingContext.getTree", {})
        self._context = tree["contexts"][0]["context"]
        await self._ask("browsingContext.setViewport", {"context": self._context, "viewport": viewport})

    async def goto(self, address: str) -> None:
        """See Hands."""
        where = {"context": self._context, "url": f"{self._base}{address}", "wait": "complete"}
        await self._ask("browsingContext.navigate", where)

    async def click(self, place: str) -> None:
        """See Hands."""
        await self._until(f"(() => {{ const one = {_seen(place)}; return Boolean(one) && !one.disabled; }})()", place)
        await self._run(f"(() => {{ const one = {_seen(place)}; one.scrollIntoView(); one.focus(); one.click(); }})()")

    async def fill(self, place: str, text: str) -> None:
        """See Hands."""
        await self._until(f"Boolean({_seen(place)})", place)
        await self._run(
            f"(() => {{ const one = {_seen(place)}; one.focus(); one.value = {json.dumps(text)};"
            'for (const kind of ["input", "change"]) one.dispatchEvent(new Event(kind, { bubbles: true })); })()'
        )

    async def choose(self, place: str, file: Path) -> None:
        """See Hands."""
        found = await self._ask("script.evaluate", self._script(f"document.querySelector({json.dumps(place)})"))
        element = {"sharedId": found["result"]["sharedId"]}
        await self._ask("input.setFiles", {"context": self._context, "element": element, "files": [str(file)]})

    async def read(self, place: str) -> str:
        """See Hands."""
        await self.shown(place)
        return str(await self._run(f"{_seen(place)}.textContent"))

    async def shown(self, place: str, text: str = "") -> None:
        """See Hands."""
        await self._until(f"({_seen(place)}?.textContent ?? null)?.includes({json.dumps(text)}) === true", place)

    async def has(self, text: str) -> bool:
        """See Hands."""
        return bool(await self._run(f"document.documentElement.outerHTML.includes({json.dumps(text)})"))

    async def fits(self) -> bool:
        """See Hands."""
        return bool(await self._run("document.documentElement.scrollWidth <= innerWidth"))

    async def downloaded(self, place: str) -> str:
        """See Hands."""
        before = set(self._downloads.iterdir())
        await self.click(place)
        async with asyncio.timeout(SECONDS):
            while True:
                new = [one for one in set(self._downloads.iterdir()) - before if one.suffix != ".part"]
                if new and new[0].stat().st_size:
                    return new[0].name
                await asyncio.sleep(0.1)

    async def _until(self, expression: str, place: str) -> None:
        try:
            async with asyncio.timeout(SECONDS):
                while not await self._run(expression):  # noqa: ASYNC110 - what is asked is another program
                    await asyncio.sleep(0.1)
        except TimeoutError:
            said = await self._run("document.querySelector('main').innerText.slice(0, 2000)")
            raise AssertionError(f"{place} was not there in time; the page says: {said}") from None

    async def _run(self, expression: str) -> Any:
        told = await self._ask("script.evaluate", self._script(f"JSON.stringify({expression} ?? null)"))
        assert told["type"] == "success", told
        return json.loads(told["result"].get("value") or "null")

    def _script(self, expression: str) -> dict[str, Any]:
        return {"expression": expression, "target": {"context": self._context}, "awaitPromise": True}

    async def _ask(self, method: str, params: dict[str, Any]) -> Any:
        self._number += 1
        await self._socket.send_json({"id": self._number, "method": method, "params": params})
        while True:
            told = await self._socket.receive_json()
            if told.get("id") == self._number:
                assert told["type"] == "success", f"{method}: {told}"
                return told["result"]


def _seen(place: str) -> str:
    """The first element of a selector that can be seen, as an expression."""
    return f"[...document.querySelectorAll({json.dumps(place)})].find((one) => one.getClientRects().length > 0)"


@asynccontextmanager
async def firefox(path: str, folder: Path, base: str, viewport: dict[str, int]) -> AsyncIterator[FirefoxHands]:
    """A fresh headless Firefox with a profile of its own, on its first page; it ends with the block."""
    profile, downloads = folder / "profile", folder / "downloads"
    profile.mkdir(parents=True)
    downloads.mkdir()
    preferences = {**_PREFERENCES, "browser.download.dir": str(downloads)}
    lines = "".join(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in preferences.items())
    (profile / "user.js").write_text(lines, encoding="utf-8")
    process = await asyncio.create_subprocess_exec(
        path,
        "--headless",
        "--no-remote",
        "--profile",
        str(profile),
        "--remote-debugging-port=0",
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "HOME": str(folder), "MOZ_DISABLE_CONTENT_SANDBOX": "1"},
    )
    reading = None
    try:
        assert process.stderr is not None
        address = await _address(process.stderr)
        reading = asyncio.create_task(_drain(process.stderr))
        async with aiohttp.ClientSession() as http, http.ws_connect(f"{address}/session", max_msg_size=0) as socket:
            hands = FirefoxHands(socket, base, downloads)
            await hands.begin(viewport)
            yield hands
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
        if reading is not None:
            await reading


async def _address(stream: asyncio.StreamReader) -> str:
    async with asyncio.timeout(SECONDS):
        while line := await stream.readline():
            if found := _LISTENING.search(line.decode(errors="replace")):
                return found[1]
    raise AssertionError("Firefox ended before it could be spoken to")


async def _drain(stream: asyncio.StreamReader) -> None:
    """Nothing waits because nobody reads what it says."""
    while await stream.read(65_536):
        pass
