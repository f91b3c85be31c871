"""What went wrong, as RFC 9457 says it: application/problem+json."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse

MEDIA = (
    "Pictures and videos are never sent here. Your device makes a fingerprint of the picture, and only that "
    "fingerprint (64 hexadecimal digits) is sent; the picture stays with you."
)


class ProblemResponse(JSONResponse):
    """JSON with its own content type."""

    media_type = "application/problem+json"


class Problem(Exception):
    """An answer that says no. `detail` is for people and never repeats what was sent."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str = "",
        more: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.detail = status, code, detail
        self.more, self.headers = more or {}, headers or {}

    def body(self) -> dict[str, Any]:
        """The members of the problem document."""
        title = HTTPStatus(self.status).phrase
        return {
            "type": f"urn:jikimi:problem:{self.code}",
            "title": title,
            "status": self.status,
            "detail": self.detail or title,
            "code": self.code,
            **self.more,
        }

    def response(self) -> ProblemResponse:
        """As an answer."""
        return ProblemResponse(self.body(), self.status, dict(self.headers))


def too_large(most: int) -> Problem:
    """The body is larger than any honest one."""
    return Problem(413, "too-large", f"A request holds at most {most} bytes. {MEDIA}")


def not_found() -> Problem:
    """The same answer for what does not exist and for what belongs to somebody else."""
    return Problem(404, "not-found", "There is no such thing here.")


def wait(seconds: int) -> Problem:
    """Too many failures."""
    return Problem(
        429, "too-many-tries", f"Too many tries. Wait {seconds} seconds.", headers={"Retry-After": str(seconds)}
    )
