"""A post's own page on t.me, read as a visitor without an account sees it: one page of HTML, no picture.

The page is the one that Telegram offers for embedding a post elsewhere. Only its own words "Post not found" mean that a
post is gone; a redirect, a page without a preview, an error, or another post than the one asked for mean nothing.
"""

import asyncio
import hashlib
import ipaddress
import socket
from html.parser import HTMLParser
from urllib.parse import quote

import aiohttp
from aiohttp.abc import ResolveResult
from aiohttp.resolver import ThreadedResolver

from monitor.core.endpoints import host_of, is_loopback
from monitor.platforms.base import PlatformName
from monitor.platforms.second_view import SecondLook, Sight

MAX_PAGE_BYTES = 512 * 1024
"""The page of one post has some 20 KB."""
_TIMEOUT_S = 15.0
_OK = 200
_ERROR, _MESSAGE = "tgme_widget_message_error", "tgme_widget_message"
_NOT_FOUND = "post not found"
_MAY_HOLD_A_PICTURE = frozenset(
    {
        "tgme_widget_message_photo_wrap",
        "tgme_widget_message_photo",
        "tgme_widget_message_video_player",
        "tgme_widget_message_video_wrap",
        "tgme_widget_message_roundvideo_player",
        "tgme_widget_message_grouped_wrap",
        "tgme_widget_message_document_wrap",
        "tgme_widget_message_link_preview",
        "tgme_widget_message_sticker_wrap",
        "message_media_not_supported",
        "message_media_not_supported_wrap",
    }
)
"""What of a post may show it, or may hide that it does: sensitive media and large ones are not shown on the web."""


class TelegramWebPage:
    """See SecondView. One connection a look, no cookie, no redirect, no proxy of the environment."""

    platforms = frozenset({PlatformName.TELEGRAM})
    """See SecondView."""

    def __init__(self, base: str, *, timeout: float = _TIMEOUT_S) -> None:
        """`base` like https://t.me; `timeout` in real seconds for the whole page."""
        self._base = base
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._here = is_loopback(host_of(base))

    async def look(self, handle: str, post_id: str) -> SecondLook:
        """See SecondView."""
        address = f"{self._base}/{quote(handle, safe='')}/{quote(post_id, safe='')}?embed=1&mode=tme&single=1"
        connector = aiohttp.TCPConnector(resolver=None if self._here else PublicOnly(), force_close=True)
        try:
            async with (
                aiohttp.ClientSession(connector=connector, timeout=self._timeout, trust_env=False) as session,
                session.get(address, allow_redirects=False) as response,
            ):
                if response.status != _OK:
                    redirect = 300 <= response.status < 400
                    return SecondLook(Sight.CANNOT_SEE, "redirect" if redirect else f"http-{response.status}")
                if response.content_type != "text/html":
                    return SecondLook(Sight.CANNOT_SEE, "not-html")
                body = await _read(response)
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
            return SecondLook(Sight.CANNOT_SEE, "no-answer")
        if body is None:
            return SecondLook(Sight.CANNOT_SEE, "too-large")
        digest = hashlib.sha256(body).hexdigest()
        sight, reason = await asyncio.to_thread(sight_of, body.decode("utf-8", "replace"), handle, post_id)
        return SecondLook(sight, reason, digest)


async def _read(response: aiohttp.ClientResponse) -> bytes | None:
    """The page, or None where it is larger than any page of a post."""
    body = bytearray()
    async for part in response.content.iter_chunked(64 * 1024):
        body += part
        if len(body) > MAX_PAGE_BYTES:
            return None
    return bytes(body)


class PublicOnly(ThreadedResolver):
    """Names that lead into a private network are not followed there."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """See AbstractResolver. Raises OSError where no public address is left."""
        found = await super().resolve(host, port, family)
        public = [one for one in found if ipaddress.ip_address(one["host"]).is_global]
        if not public:
            raise OSError("no public address")
        return public


def sight_of(page: str, handle: str, post_id: str) -> tuple[Sight, str]:
    """What the page of a post says of it. Pure."""
    told = _Page()
    told.feed(page)
    told.close()
    if told.error is not None:
        if told.error.strip().rstrip(".").lower() == _NOT_FOUND:
            return Sight.GONE, "post-not-found"
        return Sight.CANNOT_SEE, "no-preview"
    if told.post is None:
        return Sight.CANNOT_SEE, "no-preview"
    if told.post.lower() != f"{handle}/{post_id}".lower():
        return Sight.CANNOT_SEE, "another-post"
    return (Sight.POST, "seen") if told.classes & _MAY_HOLD_A_PICTURE else (Sight.NO_PICTURE, "seen-without-picture")


class _Page(HTMLParser):
    """The few things of the page that tell something. What people wrote stands in it as text, never as a tag."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.classes: set[str] = set()
        self.post: str | None = None
        self.error: str | None = None
        self._in_error = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag with its classes."""
        told = dict(attrs)
        classes = set((told.get("class") or "").split())
        self.classes |= classes
        if _MESSAGE in classes and self.post is None:
            self.post = told.get("data-post")
        self._in_error = _ERROR in classes
        if self._in_error and self.error is None:
            self.error = ""

    def handle_endtag(self, tag: str) -> None:
        """The error is one element with a text."""
        self._in_error = False

    def handle_data(self, data: str) -> None:
        """A text."""
        if self._in_error and self.error is not None:
            self.error += data
