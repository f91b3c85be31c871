"""An advocate's pages and forms as a browser sends them, without a browser."""

from collections.abc import Mapping
from html import unescape

import httpx
from sqlalchemy import select

from api.pages.forms import form_token
from db.models.sightings import Sighting
from tests.support.api_world import ApiWorld, Caller

ORIGIN = "https://jikimi.example.org"


def _cookie(who: Caller) -> dict[str, str]:
    return {"Cookie": f"__Host-jikimi_login={who.token}", "Origin": ORIGIN}


async def see(world: ApiWorld, who: Caller, path: str) -> str:
    """The text of a page that must be there, with its entities resolved."""
    answer = await world.http.get(path, headers=_cookie(who))
    assert answer.status_code == 200, (answer.status_code, answer.headers.get("location"))
    return unescape(answer.text)


async def send_form(world: ApiWorld, who: Caller, path: str, values: Mapping[str, str]) -> str:
    """Where the form leads."""
    data = {"token": form_token(who.token or ""), **values}
    answer = await world.http.post(path, headers=_cookie(who), data=data)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def undo(world: ApiWorld, sighting_id: str, *, back: str = "") -> dict[str, str]:
    """What the form carries that undoes the last decision about a sighting's item, as a page made now shows it."""
    known = await world.row(sighting_id)
    item = known.alike_id or known.id
    query = select(Sighting).where(
        (Sighting.alike_id == item) | (Sighting.id == item), Sighting.decided_at.is_not(None)
    )
    async with world.services.database.read() as session:
        last = await session.scalar(query.order_by(Sighting.decided_at.desc()).limit(1))
    assert last is not None and last.decided_at is not None
    return {"back": back, "state": last.state, "decided_at": last.decided_at.isoformat()}


async def form(world: ApiWorld, who: Caller, path: str, values: Mapping[str, str]) -> httpx.Response:
    """A form's own answer, in English."""
    headers = {**_cookie(who), "Accept-Language": "en"}
    return await world.http.post(path, headers=headers, data={"token": form_token(who.token or ""), **values})
