"""What went wrong, as RFC 9457 says it: application/problem+json."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from starlette.responses import JSONResponse

from api.refusals import STATUS, TEXTS
from monitor.core.refusals import Refusal

MEDIA = (
    "Pictures and videos are never sent here. Your device makes a fingerprint of the picture, and only that "
    "fingerprint (64 hexadecimal digits) is sent; the picture stays with you."
)


class Problem(Exception):
    """An answer that says no. `detail` is for people and never repeats what was sent."""

    def __init__(
        self,
        refusal: Refusal,
        detail: str = "",
        more: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        status: int | None = None,
    ) -> None:
        """`status`: only where it is not the refusal's own."""
        super().__init__(refusal)
        self.refusal, self.detail = refusal, detail
        self.status = status or STATUS[refusal]
        self.more, self.headers = more or {}, headers or {}

    def body(self) -> dict[str, Any]:
        """The members of the problem document."""
        return {
            "type": f"urn:jikimi:problem:{self.refusal}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail or TEXTS[self.refusal],
            "code": self.refusal.value,
            **self.more,
        }

    def response(self) -> JSONResponse:
        """As an answer."""
        return JSONResponse(self.body(), self.status, dict(self.headers), "application/problem+json")


def too_large(most: int) -> Problem:
    """The body is larger than any honest one."""
    return Problem(Refusal.TOO_LARGE, f"A request holds at most {most} bytes. {MEDIA}")


def not_found() -> Problem:
    """The same answer for what does not exist and for what belongs to somebody else."""
    return Problem(Refusal.NOT_FOUND, "There is no such thing here.")


def wait(seconds: int, work: Mapping[str, object] | None = None) -> Problem:
    """Too many failures. `work`: what a device may do in place of waiting."""
    return Problem(
        Refusal.TOO_MANY_TRIES,
        f"Too many tries. Wait {seconds} seconds.",
        {} if work is None else {"work": work},
        headers={"Retry-After": str(seconds)},
    )
