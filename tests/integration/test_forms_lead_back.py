"""Whoever is refused stands again on the page where the form stood, with the reason in words on it."""

import re
from html import unescape
from urllib.parse import urlsplit

import httpx
import pytest

from api.pages.forms import form_token
from tests.integration.test_accounts import make_old
from tests.integration.test_page_budgets import PAGES, a_monday
from tests.support.api_world import PASSWORD, ApiWorld, Caller
from tests.support.page_forms import ORIGIN, form, see, send_form
from tests.support.page_routes import page_routes

IN_THE_FRAME = {"/advocate/log-out", "/advocate/rest/had", "/advocate/rest/later"}
"""They stand on every page."""
OWN = ("/advocate/items/", "/advocate/notices/")
"""Pages of one thing, whose forms stand in lists, too."""
_FORM = re.compile(r"<form method=\"post\" action=\"([^\"]+)\"[^>]*>(.*?)</form>", re.DOTALL)
_HIDDEN = re.compile(r"<input type=\"hidden\" name=\"([^\"]+)\" value=\"([^\"]*)\"")


async def refused(world: ApiWorld, who: Caller, path: str, values: dict[str, str]) -> httpx.Response:
    """A form whose token is an older page's."""
    headers = {"Cookie": f"__Host-jikimi_login={who.token}", "Origin": ORIGIN, "Accept-Language": "en"}
    return await world.http.post(path, headers=headers, data={**values, "token": "of an older page"})


async def test_every_refusal_leads_to_a_page_that_is_there(sqlite_world: ApiWorld) -> None:
    world, me = sqlite_world, await sqlite_world.advocate()
    routes = page_routes(world)
    there = [re.compile(re.sub(r"{\w+}", "[^/]+", path)) for method, path in routes if method == "GET"]
    forms = sorted(path for method, path in routes if method == "POST" and path.startswith("/advocate"))
    assert len(forms) > 90
    for path in forms:
        answer = await refused(world, me, re.sub(r"{\w+}", "a" * 26, path), {})
        assert answer.status_code == 303 and "problem=form-expired" in answer.headers["location"], path
        where = urlsplit(answer.headers["location"]).path
        assert any(page.fullmatch(where) for page in there), f"{path} leads to {where}, where nothing is"


async def test_every_form_of_a_page_leads_back_to_it(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    centre = await a_monday(world)
    seen, wrong = set[tuple[str, str]](), list[str]()
    for path in PAGES:
        here = path.format(**centre.ids)
        cookie = {"Cookie": f"__Host-jikimi_login={centre.advocate.token}"}
        page = (await world.http.get(here, headers=cookie)).text
        for action, inner in _FORM.findall(page):
            hidden = {name: unescape(value) for name, value in _HIDDEN.findall(inner)}
            kind = re.sub(r"\b[a-z0-9]{26}\b", "ID", action)
            if action in IN_THE_FRAME or (path, kind) in seen:
                continue
            seen.add((path, kind))
            answer = await refused(world, centre.advocate, unescape(action), hidden)
            where = urlsplit(answer.headers["location"]).path
            if where != here and not where.startswith(OWN):
                wrong.append(f"{kind} on {path} leads to {answer.headers['location']}")
            elif where != here:  # the thing's own page, where the same form stands with more beside it
                there = (await world.http.get(where, headers=cookie)).text
                assert f'action="{action}"' in there, f"{kind} on {path} leads to {where}, where it is not"
    assert len(seen) > 40
    assert not wrong, "\n".join(wrong)


async def test_account_forms_that_want_a_proof_lead_back_to_the_account(sqlite_world: ApiWorld) -> None:
    world, me = sqlite_world, await sqlite_world.advocate()
    await make_old(world)
    for act in ("add", "remove"):
        where = await send_form(world, me, f"/advocate/account/passkeys/{act}", {"passkey": "x", "name": "laptop"})
        assert where == "/advocate/account/prove?next=%2Fadvocate%2Faccount", act
    shown = await see(world, me, where)
    hidden = dict(_HIDDEN.findall(next(inner for path, inner in _FORM.findall(shown) if path.endswith("/prove"))))
    # An older page's form stays on this page, and does not forget whence they came.
    again = (await refused(world, me, "/advocate/account/prove", hidden)).headers["location"]
    assert again == "/advocate/account/prove?next=%2Fadvocate%2Faccount&problem=form-expired"
    assert 'name="next" value="/advocate/account"' in await see(world, me, again)
    proof = {"password": PASSWORD, "code": world.totp(), "next": hidden["next"]}
    proved = await send_form(world, me, "/advocate/account/prove", proof)
    assert proved == "/advocate/account?done=proved" and "Passkeys" in await see(world, me, f"{proved}&lang=en")
    # As a page of before would have asked it.
    older = proof | {"code": "000000", "next": "/advocate/account/passkeys"}
    answer = await form(world, me, "/advocate/account/prove", older)
    assert answer.status_code == 403 and 'name="next" value="/advocate/account"' in answer.text
    broken = {"passkey": "no passkey", "name": "laptop"}
    for act, values, why in (
        ("passkeys/add", broken, "passkey-wrong"),
        ("passkeys/rename", {"passkey": "x", "name": "laptop"}, "not-found"),
        ("passkeys/remove", {"passkey": "x"}, "not-found"),
        ("log-ins/end", {"log-in": "x"}, "not-found"),
    ):
        where = await send_form(world, me, f"/advocate/account/{act}", values)
        assert where == f"/advocate/account?problem={why}", act
        assert 'role="alert"' in await see(world, me, f"{where}&lang=en")


async def test_refused_waiting_case_is_still_found_by_its_number(sqlite_world: ApiWorld) -> None:
    world, me = sqlite_world, await sqlite_world.advocate()
    person = await world.person()
    shown = await see(world, me, f"/advocate/cases/waiting?number={person.case_id.upper()}&lang=en")
    cards = dict(_FORM.findall(shown))
    found = f"/advocate/cases/waiting?number={person.case_id}&problem="
    hidden = dict(_HIDDEN.findall(cards["/advocate/cases/vouch"]))
    refused_to = await send_form(world, me, "/advocate/cases/vouch", {**hidden, "token": form_token(me.token or "")})
    assert refused_to == f"{found}not-spoken"
    again = await see(world, me, f"{refused_to}&lang=en")
    assert f'value="{person.case_id}"' in again and "Vouch" in again and 'role="alert"' in again
    # Somebody else was quicker.
    other = await world.advocate("second", "Centre B")
    await other.post(f"/cases/{person.case_id}/in-hand")
    hidden = dict(_HIDDEN.findall(cards["/advocate/cases/in-hand"])) | {"token": form_token(me.token or "")}
    taken = await send_form(world, me, "/advocate/cases/in-hand", hidden)
    assert taken == f"{found}in-hand-elsewhere"
    assert "Another centre is in touch" in await see(world, me, f"{taken}&lang=en")


async def test_hold_that_is_refused_leads_to_the_page_where_it_was_asked(sqlite_world: ApiWorld) -> None:
    world, me = sqlite_world, await sqlite_world.advocate()
    case_id = (await world.vouched(me)).case_id
    for page in (f"/advocate/cases/{case_id}", f"/advocate/cases/waiting?number={case_id}"):
        cards = dict(_FORM.findall(await see(world, me, page)))
        hidden = dict(_HIDDEN.findall(cards["/advocate/cases/freeze"])) | {"token": form_token(me.token or "")}
        empty = {**hidden, "reason": " ", "speak_to": "the desk"}
        where = await send_form(world, me, "/advocate/cases/freeze", empty)
        assert where == f"{page}{'&' if '?' in page else '?'}problem=reason-needed"


@pytest.mark.parametrize(
    "told",
    ["https://elsewhere.example", "//elsewhere.example", "/case", "/advocate/../case", "/advocate\\x", "x" * 300],
)
async def test_no_form_leads_out_of_the_advocates_pages(sqlite_world: ApiWorld, told: str) -> None:
    world, me = sqlite_world, await sqlite_world.advocate()
    where = await send_form(world, me, "/advocate/cases/vouch", {"case": "x", "stands_on": told})
    assert where == "/advocate/cases/waiting?number=x&problem=not-spoken"
    proof = {"password": PASSWORD, "code": world.totp(), "next": told}
    assert await send_form(world, me, "/advocate/account/prove", proof) == "/advocate/account?done=proved"
