"""Every file that pages load, made once a process: its text, packed, at an address that is its content's digest."""

import gzip
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from starlette.types import Receive, Scope, Send

from api.assets.bundling import bundled, bundled_later, needed_at_once
from api.assets.lexing import slim, tokens
from api.i18n import LANGUAGES, browser_texts

FOLDER = Path(__file__).resolve().parent.parent / "static"
PREFIX = "/a/"
OLDER = "older.mjs"
"""Before every script: what older engines lack."""
FOREVER = "public, max-age=31536000, immutable"
"""Another content has another address. The address tells neither what it is nor which page wants it."""

_ENTRIES: Mapping[str, tuple[str, ...]] = {
    "case": ("person/helpers.mjs", "person/main.mjs"),
    "login": ("puzzle/login.mjs",),
    "advocate": ("advocate.mjs", "desk/desk.mjs"),
    "passkeys": ("passkeys.mjs",),
    "door": ("platform/door.mjs",),
}
"""The scripts of pages by what templates call them, and the modules that each begins with."""
_SHEETS = {"sheet": "jikimi.css", "desk sheet": "desk/desk.css"}
"""Those of all pages, and what only the pages of those who advise have besides."""
_SCRIPT = "text/javascript; charset=utf-8"
_UNSCRIPTED = """#fallback.waits { visibility: visible; animation: none; }
.when-scripted { display: none; }
"""
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent."""

    address: str
    body: bytes
    packed: bytes
    media_type: str


class Assets:
    """All of them, by what templates call them and by address."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self._named: dict[str, Asset] = {}
        for name, path in _SHEETS.items():
            self._keep(name, _slim_sheet((folder / path).read_text(encoding="utf-8")), "text/css; charset=utf-8", "css")
        self._keep("unscripted", _UNSCRIPTED, "text/css", "css")
        self._keep("icon", (folder / "icon.svg").read_text(encoding="utf-8"), "image/svg+xml", "svg")
        early = slim(tokens((folder / "early.js").read_text(encoding="utf-8")))
        self._keep("early", "".join(token.text for token in early), _SCRIPT, "js")
        for name, entries in _ENTRIES.items():
            for language in LANGUAGES:
                self._script(f"{name} {language}", entries, language)
        self._by_address = {asset.address: asset for asset in self._named.values()}

    def __getitem__(self, name: str) -> Asset:
        return self._named[name]

    def at(self, address: str) -> Asset | None:
        """What is served there."""
        return self._by_address.get(address)

    def address(self, name: str, language: str = "en") -> str:
        """For a template. A script has one address for each language that it speaks."""
        return (self._named.get(name) or self._named[f"{name} {language}"]).address

    def _worker(self, path: str) -> str:
        name = f"worker {path}"
        if name not in self._named:
            self._script(name, (path,), "en")
        return self._named[name].address

    def _script(self, name: str, entries: tuple[str, ...], language: str) -> None:
        texts, every = browser_texts(language), (OLDER, *entries)
        there = needed_at_once(self._folder, every)

        def chunk(path: str) -> str:
            later = f"{path} {language}"
            if later not in self._named:
                self._keep(later, bundled_later(self._folder, path, there, self._worker, texts), _SCRIPT, "js")
            return self._named[later].address

        self._keep(name, bundled(self._folder, every, self._worker, texts, chunk=chunk), _SCRIPT, "js")

    def _keep(self, name: str, text: str, media_type: str, ending: str) -> None:
        body = text.encode()
        address = f"{PREFIX}{hashlib.sha256(body).hexdigest()[:20]}.{ending}"
        self._named[name] = Asset(address, body, gzip.compress(body, 9, mtime=0), media_type)


@cache
def assets() -> Assets:
    """Of this process: the same files for each application in it."""
    return Assets()


async def serve_asset(scope: Scope, receive: Receive, send: Send) -> None:
    """ASGI: a file at its address, or 404. Nothing of the request is in it, so packing it tells nothing."""
    asset = assets().at(PREFIX + scope["path"].rpartition("/")[2])
    method = scope["method"]
    if asset is None or method not in ("GET", "HEAD"):
        status = 404 if asset is None else 405
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]})
        await send({"type": "http.response.body", "body": b""})
        return
    accepted = next((value for name, value in scope["headers"] if name == b"accept-encoding"), b"").decode("latin-1")
    packed = unpacks(accepted)
    body = asset.packed if packed else asset.body
    headers = [
        (b"content-type", asset.media_type.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"vary", b"accept-encoding"),
        *([(b"content-encoding", b"gzip")] if packed else []),
    ]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body})


def unpacks(accepted: str) -> bool:
    """Whether a program that accepts these encodings unpacks gzip."""
    parts = [part.replace(" ", "") for part in accepted.lower().split(",")]
    return any(part.partition(";")[0] == "gzip" and not part.endswith((";q=0", ";q=0.0")) for part in parts)


def _slim_sheet(sheet: str) -> str:
    """Without comments and indentation."""
    lines = (line.strip() for line in _COMMENT.sub("", sheet).splitlines())
    return "\n".join(line for line in lines if line) + "\n"
