"""A double of t.me: the page of one post for embedding, over real HTTP on loopback. No picture is served."""

from html import escape
from typing import Any, Self

from aiohttp import web
from telethon.tl import types as t

from monitor.demo.telegram.world import TelegramWorld

_ERROR = '<div class="tgme_widget_message_error">{}</div>'
_POST = (
    '<div class="tgme_widget_message text_not_supported_wrap js-widget_message" data-post="{post}">'
    '{media}<div class="tgme_widget_message_text js-message_text" dir="auto">{text}</div></div>'
)
_PHOTO = '<a class="tgme_widget_message_photo_wrap" href="https://t.me/{post}"></a>'
_PAGE = '<!DOCTYPE html><html><head><meta charset="utf-8"></head><body class="widget_frame_base">{}</body></html>'


class TelegramWebDouble:
    """`async with TelegramWebDouble(world) as double:` shows the world's public channels at `double.base`."""

    def __init__(self, world: TelegramWorld) -> None:
        self.world = world
        self.paths: list[str] = []
        """What was asked for."""
        self.no_preview: set[int] = set()
        """Ids of channels that show nothing on the web."""
        self.still: dict[str, bool] = {}
        """`handle/number` of posts that this side shows, or hides, whatever the world says."""
        self._port = 0
        self._runner: web.AppRunner | None = None

    @property
    def base(self) -> str:
        """Stands for https://t.me."""
        return f"http://127.0.0.1:{self._port}"

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.add_routes([web.get("/{handle}/{number}", self._page)])
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _page(self, request: web.Request) -> web.StreamResponse:
        self.paths.append(request.path_qs)
        self.world.now()  # what time has brought is there before anybody looks
        handle, number = request.match_info["handle"], request.match_info["number"]
        channel = self.world.named(handle)
        if not isinstance(channel, t.Channel):
            raise web.HTTPFound("/")
        if channel.id in self.no_preview:
            return _html(_ERROR.format("Please open Telegram to view this post"))
        message = self.world.messages[channel.id].get(int(number)) if number.isdecimal() else None
        shown = self.still.get(f"{handle}/{number}", message is not None)
        if not shown:
            return _html(_ERROR.format("Post not found"))
        return _html(_post(f"{channel.username}/{number}", message))


def _post(post: str, message: Any) -> str:
    media = _PHOTO.format(post=post) if message is None or message.media is not None else ""
    return _POST.format(post=post, media=media, text=escape(getattr(message, "message", "") or ""))


def _html(body: str) -> web.Response:
    return web.Response(text=_PAGE.format(body), content_type="text/html")
