"""The HTTP JSON API as a program uses it: a token, a path, and problems as exceptions."""

from typing import Any

import httpx

from monitor.core.errors import JikimiError


class ApiProblem(JikimiError):
    """The API said no."""

    def __init__(self, method: str, route: str, status: int, code: str) -> None:
        """`code` as in the problem's JSON; the detail is left out, it may quote what was sent."""
        super().__init__(f"{method} {route}: {status} {code}")
        self.status, self.code = status, code


class ApiClient:
    """Speaks for one person or advocate once `token` is set. Connection errors are httpx.TransportError."""

    def __init__(self, http: httpx.AsyncClient, token: str | None = None) -> None:
        """`http` has the API's address as its base_url."""
        self._http = http
        self.token = token

    async def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """The JSON of the answer, None for an empty one. Raises ApiProblem."""
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        answer = await self._http.request(
            method, f"/api{path}", json=body, params={k: v for k, v in query.items() if v is not None}, headers=headers
        )
        if answer.is_success:
            return answer.json() if answer.content else None
        raise ApiProblem(method, path, answer.status_code, _code(answer))

    async def every(self, path: str, noun: str, **query: Any) -> list[dict[str, Any]]:
        """All pages of a list."""
        found: list[dict[str, Any]] = []
        while True:
            page = await self.call("GET", path, limit=100, offset=len(found) or None, **query)
            found += page[noun]
            if not page[noun] or len(found) >= page.get("total", len(found)):
                return found


def _code(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
    except ValueError:
        return "no-problem-json"
    return str(problem.get("code", "")) if isinstance(problem, dict) else ""
