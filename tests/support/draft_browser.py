"""A browser in which somebody fills in the person's page, without its script: over HTTP, with the draft's cookie."""

from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

import httpx

from db.types import new_id
from monitor.model.guardians import PRIVACY_VERSION
from tests.support.api_world import PDQ, ApiWorld, good, problem

COOKIE = "__Host-jikimi_draft"
AGREED: dict[str, Any] = {"version": PRIVACY_VERSION, "under_age": False, "guardian": "not-needed"}
ANSWERS: dict[str, Any] = {
    "agreement": AGREED,
    "language": "en",
    "step": "step-you",
    "age_group": "adult",
    "country": "KR",
    "signature": "Typed Signature",
    "contact": "person@example.org",
    "content_identification": "A mirror picture in a blue room.",
    "good_faith_facts": "I never agreed to this.",
    "permission_to_send": True,
}
PICTURE: dict[str, Any] = {"pdq": PDQ, "quality": 80, "kind": "intimate"}
PLACE: dict[str, Any] = {"platform": "telegram", "source": "@somechannel", "purposes": ["watch", "follow"], "days": 30}
LINK: dict[str, Any] = {"url": "https://t.me/somechannel/5", "kind": "intimate"}


@dataclass
class DraftBrowser:
    """One browser."""

    world: ApiWorld
    cookie: str = field(default="", repr=False)

    async def call(self, method: str, path: str = "", body: Any = None, **headers: str) -> httpx.Response:
        """One request below /case/draft; the cookie is kept as a browser does."""
        sent = {"Cookie": f"{COOKIE}={self.cookie}"} if self.cookie else {}
        address = f"/case/draft{path}"
        answer = await self.world.http.request(method, address, json=body, headers={**sent, **headers})
        self.world.http.cookies.clear()
        for morsel in SimpleCookie(answer.headers.get("set-cookie", "")).values():
            self.cookie = morsel.value
        return answer

    async def see(self) -> Any:
        """What the page is shown."""
        return good(await self.call("GET"))

    async def tell(self, **answers: Any) -> Any:
        """Keep the answers."""
        return good(await self.call("PUT", "", {**ANSWERS, **answers}))

    async def put(self, kind: str, body: Any, item_id: str | None = None) -> Any:
        """Keep a picture, place or link; what is there now."""
        return good(await self.call("PUT", f"/{kind}/{item_id or new_id()}", body))

    async def fill_in(self) -> None:
        """One of each."""
        await self.tell()
        await self.put("pictures", PICTURE)
        await self.put("places", PLACE)
        await self.put("links", LINK)

    async def open(self, **more: Any) -> Any:
        """Open what is there; the keys."""
        return good(await self.call("POST", "/open", {"key": (await self.see())["key"], **more}))

    async def refused(self, method: str, path: str = "", body: Any = None, **headers: str) -> tuple[int, str]:
        """Status and code of an answer that must be a problem."""
        return problem(await self.call(method, path, body, **headers))
