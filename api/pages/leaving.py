"""What a visit left with the browser is taken away: after the quick exit, and at a person's log-out."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

router = APIRouter(include_in_schema=False)

OURS = ("jikimi_", "__Host-jikimi_", "__Secure-jikimi_")
CLEARED = '"cache", "storage"'
"""Of our own origin alone. Cookies are ended one by one: the browser would clear those of a whole domain."""


@router.post("/leave")
async def leave(request: Request) -> Response:
    """No cookie of ours and nothing kept stays. Asked for by the page that is left, which waits for no answer."""
    response = Response(status_code=204, headers={"Clear-Site-Data": CLEARED})
    for name in request.cookies:
        if name.startswith(OURS):
            response.delete_cookie(name, secure=name.startswith("__"), httponly=True, samesite="strict")
    return response
