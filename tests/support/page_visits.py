"""Pages and forms as the browser of somebody who is logged in asks for them."""

from api.pages.forms import form_token
from tests.support.api_world import ApiWorld, Caller


async def page(world: ApiWorld, who: Caller, path: str, *, language: str = "en") -> str:
    """A page that must be there."""
    headers = {"Accept-Language": language, "Cookie": f"__Host-jikimi_login={who.token}"}
    answer = await world.http.get(path, headers=headers)
    assert answer.status_code == 200, (answer.status_code, answer.text)
    return answer.text


async def send(world: ApiWorld, who: Caller, path: str, **fields: str | list[str]) -> str:
    """A form; returns where it leads, with what was done or why not."""
    headers = {"Cookie": f"__Host-jikimi_login={who.token}", "Origin": "https://jikimi.example.org"}
    answer = await world.http.post(path, data={"token": form_token(who.token or ""), **fields}, headers=headers)
    assert answer.status_code == 303, (answer.status_code, answer.text)
    return answer.headers["location"]
