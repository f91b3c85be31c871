"""An HTTP double of what Jikimi uses of X: four endpoints of the API v2, the photos, and the take-down form.

Real HTTP on 127.0.0.1. It offers only what the real one offers: no look-up of what was reported, no report by API.
"""

from typing import Self

from aiohttp import web
from aiohttp.typedefs import Handler

from monitor.demo.x import answers
from monitor.demo.x.form import XForm
from monitor.demo.x.timeline import FIELDS, BadQuery, Timeline, listed, reject_unknown
from monitor.demo.x.world import XCall, XWorld

FORM_PATH = "/forms/take-it-down"


class XDouble:
    """`async with XDouble(world) as double:` serves `world` on a free port of this machine."""

    def __init__(self, world: XWorld) -> None:
        self.world = world
        self._port = 0
        self._runner: web.AppRunner | None = None

    @property
    def media_host(self) -> str:
        """Where the photos are: host and port."""
        return f"127.0.0.1:{self._port}"

    @property
    def api_base(self) -> str:
        """Stands for https://api.x.com."""
        return f"http://{self.media_host}"

    @property
    def form_url(self) -> str:
        """Stands for X's Take It Down form."""
        return self.api_base + FORM_PATH

    async def __aenter__(self) -> Self:
        app = web.Application(middlewares=[self._guard])
        form = XForm(self.world)
        app.add_routes(
            [
                web.get("/2/users/by/username/{username}", self._user_by_name),
                web.get("/2/users/{id}", self._user_by_id),
                web.get("/2/users/{id}/tweets", self._timeline),
                web.get("/2/tweets", self._posts),
                web.get("/media/{name}.jpg", self._photo),
                web.get("/video/{name}/{size}/v.mp4", self._video),
                web.get(FORM_PATH, form.show),
                web.post(FORM_PATH, form.take),
            ]
        )
        # No access log: it would hold links.
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self._port)
        await site.start()
        self._port = self._runner.addresses[0][1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Counts every call."""
        self.world.calls.append(XCall(request.method, request.path, dict(request.query), self.world.now()))
        return await self.answer(request, handler)

    async def answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Asks the API's callers for their token."""
        if request.path.startswith("/2/") and request.headers.get("Authorization") != f"Bearer {self.world.bearer}":
            return web.json_response(answers.UNAUTHORIZED, status=401)
        try:
            return await handler(request)
        except BadQuery as bad:
            return web.json_response(answers.invalid(bad.parameter, bad.value, bad.message), status=400)

    async def _user_by_name(self, request: web.Request) -> web.Response:
        name = request.match_info["username"]
        if not (name.isascii() and name.replace("_", "a").isalnum() and len(name) <= 15):
            raise BadQuery(
                "username", name, f"The `username` query parameter value [{name}] does not match ^[A-Za-z0-9_]{{1,15}}$"
            )
        return self._user(request, "username", name)

    async def _user_by_id(self, request: web.Request) -> web.Response:
        return self._user(request, "id", request.match_info["id"])

    def _user(self, request: web.Request, parameter: str, value: str) -> web.Response:
        reject_unknown(request.query, {"user.fields", "expansions", "tweet.fields"})
        account = self.world.by_username(value) if parameter == "username" else self.world.accounts.get(value)
        if account is None:
            return web.json_response({"errors": [answers.not_found_error("user", parameter, value)]})
        if account.suspended:
            return web.json_response({"errors": [answers.suspended(parameter, value)]})
        return web.json_response({"data": answers.user_json(account, listed(request.query, "user.fields"))})

    async def _timeline(self, request: web.Request) -> web.Response:
        user_id = request.match_info["id"]
        timeline = Timeline.parse(request.query, now=self.world.now())
        account = self.world.accounts.get(user_id)
        if account is None:
            return web.json_response({"errors": [answers.not_found_error("user", "id", user_id)]})
        if account.suspended:
            return web.json_response({"errors": [answers.suspended("id", user_id)]})
        if account.protected:
            return web.json_response({"errors": [answers.not_authorized("user", "id", user_id)]})
        own = [post for post in self.world.posts.values() if post.account is account]
        return web.json_response(timeline.answer(own, base=self.api_base))

    async def _posts(self, request: web.Request) -> web.Response:
        reject_unknown(request.query, FIELDS | {"ids"})
        ids = listed(request.query, "ids")
        if not 1 <= len(ids) <= 100 or not all(post_id.isdigit() for post_id in ids):
            raise BadQuery("ids", ",".join(ids), "The number of values in the `ids` query parameter list must be 1-100")
        data, media, errors = [], [], []
        users: dict[str, answers.Json] = {}
        expansions = listed(request.query, "expansions")
        expanded = "attachments.media_keys" in expansions
        for post_id in ids:
            post = self.world.by_id(post_id)
            if post is None:
                errors.append(answers.not_found_error("tweet", "ids", post_id))
            elif post.account.suspended or post.account.protected:
                errors.append(answers.not_authorized("tweet", "ids", post_id))
            else:
                data.append(answers.post_json(post, listed(request.query, "tweet.fields"), expanded=expanded))
                fields = listed(request.query, "media.fields")
                shown = answers.media_along(post, expansions)
                media += [answers.media_json(medium, fields, base=self.api_base) for medium in shown]
                if "author_id" in expansions:
                    users[post.account.id] = answers.user_json(post.account, listed(request.query, "user.fields"))
        body: answers.Json = {"data": data} if data else {}
        includes: answers.Json = {"media": media} if media else {}
        if users:
            includes["users"] = list(users.values())
        if includes:
            body["includes"] = includes
        return web.json_response(body | ({"errors": errors} if errors else {}))

    async def _photo(self, request: web.Request) -> web.Response:
        medium = self.world.file(request.match_info["name"])
        if medium is None:
            return web.Response(status=404)
        small = request.query.get("name", "medium") != "orig" and medium.large is not None
        return web.Response(body=medium.large if small else medium.body, content_type="image/jpeg")

    async def _video(self, request: web.Request) -> web.Response:
        medium = self.world.file(request.match_info["name"])
        if medium is None:
            return web.Response(status=404)
        small = request.match_info["size"] == "320x568" and medium.large is not None
        return web.Response(body=medium.large if small else medium.body, content_type="video/mp4")
