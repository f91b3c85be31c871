"""What a visit left with the browser is taken away: after the quick exit, and at a person's log-out."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.routes.drafts import DRAFT_COOKIE

router = APIRouter(include_in_schema=False)

OURS = ("jikimi_", "__Host-jikimi_", "__Secure-jikimi_")
CLEARED = '"cache", "storage"'
"""Of our own origin alone. Cookies are ended one by one: the browser would clear those of a whole domain."""


@router.post("/leave")
async def leave(request: Request, draft: str = "") -> Response:
    """No cookie of ours and nothing kept stays. Asked for by the page that is left, which waits for no answer.

    `draft`: "stays" at a log-out. What was entered for another case belongs to no log-in, and the browser's half of
    its key is the only one.
    """
    response = Response(status_code=204, headers={"Clear-Site-Data": CLEARED})
    for name in request.cookies:
        if name.startswith(OURS) and not (draft == "stays" and name.endswith(DRAFT_COOKIE)):
            response.delete_cookie(name, secure=name.startswith("__"), httponly=True, samesite="strict")
    return response
