"""Which part of a list an address asks for, and where somebody is taken who asks for one past the last.

A bookmark, or the way back once a list is shorter, names a part that is no more. The last one is shown then: a page
that has nothing to show would say so of the whole list.
"""

from urllib.parse import urlencode

from fastapi import Request

from api.pages.advocate_page import Elsewhere
from api.pages.forms import offset_of


def page_asked(request: Request) -> int:
    """The page's number, from 1."""
    return max(1, offset_of(request.query_params.get("page", "")))


def pages_of(request: Request, number: int, total: int, size: int) -> int:
    """How many pages of `size` there are. Raises Elsewhere: to the last one, where `number` is past it."""
    pages = max(1, -(-total // size))
    if number > pages:
        raise Elsewhere(_address(request, "page", pages if pages > 1 else None))
    return pages


def following(request: Request, offset: int, total: int, size: int, *, name: str = "from") -> int | None:
    """Where the next `size` lines begin; None: these were the last. `name`: of the offset in the address.

    Raises Elsewhere: to the last lines, where the offset is past them.
    """
    if offset and offset >= total:
        last = (total - 1) // size * size if total else 0
        raise Elsewhere(_address(request, name, last or None))
    return offset + size if offset + size < total else None


def _address(request: Request, name: str, value: int | None) -> str:
    """This address with another part of the list; None: the first."""
    kept = [(key, text) for key, text in request.query_params.multi_items() if key != name]
    asked = urlencode([*kept, *([] if value is None else [(name, str(value))])])
    return request.url.path + (f"?{asked}" if asked else "")
