"""A browser without scripts, over HTTP and with an advocate's cookie."""

import httpx

from api.pages.forms import form_token
from tests.support.api_world import ApiWorld, Caller


class Browser:
    """An advocate's browser without scripts."""

    def __init__(self, world: ApiWorld, advocate: Caller) -> None:
        self._http, self._token = world.http, advocate.token or ""

    async def see(self, path: str, **headers: str) -> str:
        """The text of a page."""
        answer = await self._http.get(path, headers={"Cookie": self._cookie, **headers})
        assert answer.status_code == 200, answer.status_code
        return answer.text

    async def send(self, path: str, *, token: str | None = None, **values: str) -> httpx.Response:
        """Send a form as a browser does, to where it leads."""
        data = {"token": form_token(self._token) if token is None else token, **values}
        headers = {"Cookie": self._cookie, "Origin": "https://jikimi.example.org"}
        return await self._http.post(path, data=data, headers=headers)

    @property
    def _cookie(self) -> str:
        return f"__Host-jikimi_login={self._token}"
