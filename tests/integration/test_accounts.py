"""Accounts through the real application: recovery codes, log-ins, a recent proof, roles, and a lost phone."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from sqlalchemy import func, select, update

from api.pages.forms import form_token
from db.models.accounts import AccountEvent, RecoveryCode
from db.models.people import Advocate, Login, Organisation
from db.queries.people import alike_organisations, find_organisation
from monitor.cases.accounts.desk import Desk
from monitor.cases.accounts.resets import reset
from monitor.cases.advocates import add_advocate, disable_advocate
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal
from monitor.evidence.by import By
from monitor.evidence.chain import INSTALLATION
from tests.support.api_world import INTAKE, PASSWORD, ApiWorld, Caller, good
from tests.support.centre_profiles import PROFILE
from tests.support.page_forms import ORIGIN, see, send_form
from tests.support.quick_hasher import QUICK

NEW_PASSWORD = "another long password"


async def make(world: ApiWorld, login: str, organisation: str = "Centre A", **more: Any) -> Caller:
    """An account with a name of its own, logged in."""
    async with world.services.database.begin() as session:
        world.secrets[login] = await add_advocate(
            session,
            world.services.keys,
            login=login,
            name=f"Name of {login}",
            organisation=organisation,
            password=PASSWORD,
            by=By.operator("test"),
            hasher=QUICK,
            now=datetime.now(UTC),
            **more,
        )
    return await world.advocate(login)


async def account(world: ApiWorld, login: str) -> Advocate:
    return await world.advocate_row(login)


async def ledger_kinds(world: ApiWorld) -> list[str]:
    from db.models.ledger import LedgerEntry

    async with world.services.database.read() as session:
        query = select(LedgerEntry.kind).where(LedgerEntry.case_id == INSTALLATION).order_by(LedgerEntry.seq)
        return list(await session.scalars(query))


async def make_old(world: ApiWorld) -> None:
    """Every proof is eleven minutes old."""
    past = datetime.now(UTC) - timedelta(minutes=11)
    async with world.services.database.begin() as session:
        await session.execute(update(Login).values(proved_at=past))


async def post(world: ApiWorld, who: Caller, path: str, **values: str) -> str:
    """The page that a form itself answers."""
    headers = {"Cookie": f"__Host-jikimi_login={who.token}", "Origin": ORIGIN, "Accept-Language": "en"}
    answer = await world.http.post(path, headers=headers, data={"token": form_token(who.token or ""), **values})
    assert answer.status_code == 200, answer.headers.get("location")
    return answer.text


async def test_recovery_codes_stand_in_for_the_phone_once_each_and_are_kept_as_hashes(sqlite_world: ApiWorld) -> None:
    world, me = sqlite_world, await sqlite_world.advocate()
    older = (await me.post("/account/recovery-codes"))["codes"]
    codes = re.findall(r"<code>([\d-]+)</code>", await post(world, me, "/advocate/account/recovery"))
    assert len(codes) == 10 and all(re.fullmatch(r"\d{4}(-\d{4}){3}", one) for one in codes)
    async with world.services.database.read() as session:
        kept = list(await session.scalars(select(RecoveryCode.code_hash)))
    assert len(kept) == 10 and not any(one.replace("-", "") in "".join(kept) for one in codes)

    def body(code: str, password: str = PASSWORD) -> dict[str, str]:
        return {"login": "first", "password": password, "totp": code}

    nobody = world.nobody()
    assert await nobody.refused("POST", "/log-ins/advocate", body(older[0])) == (401, "log-in-wrong")
    assert await nobody.refused("POST", "/log-ins/advocate", body(codes[0], "wrong password")) == (401, "log-in-wrong")
    assert (await nobody.post("/log-ins/advocate", body(codes[0])))["token"]
    assert await nobody.refused("POST", "/log-ins/advocate", body(codes[0])) == (401, "log-in-wrong")
    seen = await me.get("/account")
    assert seen["recovery_codes_left"] == 9 and seen["role"] == "lead"
    assert [one["kind"] for one in seen["events"]].count("code-used") == 1
    assert "9 codes are left" in await see(world, me, "/advocate/account?lang=en")
    assert "A recovery code was used" in await see(world, me, "/advocate/account?lang=en")


async def test_codes_that_are_over_are_not_told_as_left(sqlite_world: ApiWorld) -> None:
    """Of a lost phone's replacement: such a code opens nothing three days later."""
    world, me = sqlite_world, await sqlite_world.advocate()
    codes = (await me.post("/account/recovery-codes"))["codes"]
    async with world.services.database.begin() as session:
        for code, left in zip(await session.scalars(select(RecoveryCode)), (-1, 1), strict=False):
            code.expires_at = datetime.now(UTC) + timedelta(minutes=left)
    assert (await me.get("/account"))["recovery_codes_left"] == len(codes) - 1 == 9
    assert "9 codes are left" in await see(world, me, "/advocate/account?lang=en")
    async with world.services.database.begin() as session:
        await session.execute(update(RecoveryCode).values(expires_at=datetime.now(UTC) - timedelta(minutes=1)))
    assert "0 codes are left" in await see(world, me, "/advocate/account?lang=en")
    body = {"login": "first", "password": PASSWORD, "totp": codes[-1]}
    assert await world.nobody().refused("POST", "/log-ins/advocate", body) == (401, "log-in-wrong")


async def test_what_a_stolen_log_in_must_not_do_waits_for_a_recent_proof(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    lead, second = await world.advocate(), await make(world, "second")
    person = await world.vouched(lead)
    other = (await account(world, "second")).id
    case, gated = f"/cases/{person.case_id}", {}
    gated = {
        ("PUT", "/centre/profile"): PROFILE,
        ("PUT", "/centre/settings"): {"country": "KR", "reply_to": "elsewhere@thief.example"},
        ("POST", f"{case}/erasure"): None,
        ("PUT", f"/colleagues/{other}/lead"): {"lead": True},
        ("POST", f"/colleagues/{other}/reset"): None,
        ("PUT", "/account/password"): {"password": NEW_PASSWORD},
        ("POST", "/account/recovery-codes"): None,
    }
    forms = {
        "/advocate/centre/profile": ("/advocate/centre", {}),
        "/advocate/centre/settings": ("/advocate/centre", {"reply_to": "elsewhere@thief.example"}),
        f"/advocate/cases/{person.case_id}/entered/erasure": (
            f"/advocate/cases/{person.case_id}/entered",
            {"sure": "on"},
        ),
        "/advocate/evidence/" + "a" * 26 + "/file": ("/advocate/evidence/" + "a" * 26, {}),
        "/advocate/colleagues/role": ("/advocate/colleagues", {"account": other, "lead": "on"}),
        "/advocate/colleagues/reset": ("/advocate/colleagues", {"account": other}),
        "/advocate/account/password": ("/advocate/account", {"password": NEW_PASSWORD, "again": NEW_PASSWORD}),
        "/advocate/account/recovery": ("/advocate/account", {}),
        "/advocate/account/passkeys/add": ("/advocate/account", {}),
        "/advocate/account/passkeys/remove": ("/advocate/account", {}),
        "/advocate/account/app/confirm": ("/advocate/account/app", {}),
    }
    await make_old(world)
    for (method, path), body in gated.items():
        assert await lead.refused(method, path, body) == (403, "proof-needed"), path
    for path, (back, values) in forms.items():
        where = await send_form(world, lead, path, values)
        assert where == "/advocate/account/prove?next=" + back.replace("/", "%2F"), path
    assert "show first that it is still you" in await see(world, lead, "/advocate/account?lang=en")
    assert "show first that it is still you" in await see(world, lead, "/advocate/centre?lang=en")
    # The person's own doors ask for their words instead.
    assert await person.refused("POST", f"{case}/erasure", {"passphrase": "wrong"}) == (403, "passphrase-needed")

    wrong = {"password": PASSWORD, "totp": "000000"}
    assert await lead.refused("POST", "/account/proof", wrong) == (403, "prove-again")
    await lead.post("/account/proof", {"password": PASSWORD, "totp": world.totp()})
    for (method, path), body in gated.items():
        if "erasure" not in path:
            good(await lead.call(method, path, body))
    # It is the log-in that was proved, not the account: another one of theirs waits for its own.
    await make_old(world)
    form = {"password": PASSWORD, "code": world.totp("second"), "next": "https://elsewhere.example"}
    assert await send_form(world, second, "/advocate/account/prove", form) == "/advocate/account?done=proved"
    assert await lead.refused("POST", "/account/recovery-codes") == (403, "proof-needed")


async def test_own_log_ins_are_listed_and_ended_and_a_new_password_ends_the_others(sqlite_world: ApiWorld) -> None:
    world, here = sqlite_world, await sqlite_world.advocate()
    there, foreign = await world.advocate(), await make(world, "second")
    seen = (await here.get("/account"))["log_ins"]
    assert [one["here"] for one in seen].count(True) == 1 and len(seen) == 2
    theirs = (await foreign.get("/account"))["log_ins"][0]["log_in_id"]
    assert await here.refused("DELETE", f"/account/log-ins/{theirs}") == (404, "not-found")
    gone = next(one["log_in_id"] for one in seen if not one["here"])
    await here.delete(f"/account/log-ins/{gone}")
    assert await there.refused("GET", "/account") == (401, "not-logged-in")
    async with world.services.database.begin() as session:  # a third code of this minute would be too many
        await session.execute(update(Advocate).values(totp_last_step=0))
    world.steps.clear()
    again = await world.advocate()
    assert await send_form(world, here, "/advocate/account/log-ins/end-others", {}) == (
        "/advocate/account?done=log-ins-ended"
    )
    assert await again.refused("GET", "/account") == (401, "not-logged-in")

    for values, why in (
        ({"password": "short", "again": "short"}, "password-too-short"),
        ({"password": NEW_PASSWORD, "again": NEW_PASSWORD + "x"}, "password-mismatch"),
    ):
        assert why in await send_form(world, here, "/advocate/account/password", values)
    done = await send_form(world, here, "/advocate/account/password", {"password": NEW_PASSWORD, "again": NEW_PASSWORD})
    assert done == "/advocate/account?done=password-changed"
    old = {"login": "first", "password": PASSWORD, "totp": "000000"}
    assert await world.nobody().refused("POST", "/log-ins/advocate", old) == (401, "log-in-wrong")
    assert "password-changed" in [one["kind"] for one in (await here.get("/account"))["events"]]
    kinds = await ledger_kinds(world)
    assert kinds.count("log-ins-ended") == 2 and kinds.count("password-changed") == 1
    assert "1" and (await here.get("/account"))["log_ins"][0]["here"] is True
    assert "new" in await see(world, here, "/advocate?lang=en")
    await send_form(world, here, "/advocate/account/read", {})
    assert all(one["seen"] for one in (await here.get("/account"))["events"])


async def test_new_phone_counts_once_its_code_was_typed(sqlite_world: ApiWorld) -> None:
    world, me = sqlite_world, await sqlite_world.advocate()
    page = await see(world, me, "/advocate/account/app?lang=en")
    sealed = re.search(r'name="sealed" value="([^"]+)"', page)
    typed = re.search(r"<code>([A-Z2-7 ]+)</code>", page)
    assert sealed is not None and typed is not None
    secret = typed[1].replace(" ", "")
    headers = {"Cookie": f"__Host-jikimi_login={me.token}", "Origin": ORIGIN, "Accept-Language": "en"}
    values = {"token": form_token(me.token or ""), "sealed": sealed[1]}
    wrong = await world.http.post("/advocate/account/app/confirm", headers=headers, data={**values, "code": "1"})
    assert wrong.status_code == 403 and sealed[1] in wrong.text, "the same secret stays, so nothing is scanned anew"
    # Sealed for this account alone.
    other = await make(world, "second")
    theirs = {"sealed": sealed[1], "code": pyotp.TOTP(secret).now()}
    assert "form-expired" in await send_form(world, other, "/advocate/account/app/confirm", theirs)
    now = datetime.now(UTC).timestamp()
    code = pyotp.TOTP(secret).generate_otp(int(now) // 30 - 1 if now % 30 < 15 else int(now) // 30)
    done = await send_form(world, me, "/advocate/account/app/confirm", {"sealed": sealed[1], "code": code})
    assert done == "/advocate/account?done=app-renewed"
    old = {"login": "first", "password": PASSWORD, "totp": world.totp()}
    assert await world.nobody().refused("POST", "/log-ins/advocate", old) == (401, "log-in-wrong")
    fresh = pyotp.TOTP(secret).generate_otp(int(datetime.now(UTC).timestamp()) // 30 + 1)
    assert (await world.nobody().post("/log-ins/advocate", {**old, "totp": fresh}))["token"]


async def test_lost_phone_is_replaced_by_two_people_and_the_one_concerned_is_told(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    lead, mina = await world.advocate(), await make(world, "mina")
    second = await make(world, "other-lead", lead=True)
    elsewhere, operator = await make(world, "b", "Centre B"), await make(world, "op", "The operators", operator=True)
    path = f"/colleagues/{(await account(world, 'mina')).id}/reset"
    own = f"/colleagues/{(await account(world, 'first')).id}/reset"
    assert await mina.refused("POST", path) == (403, "leads-only")
    assert await lead.refused("POST", own) == (403, "not-oneself")
    assert await elsewhere.refused("POST", path) == (404, "not-found")
    person = await world.vouched(lead)
    assert await person.refused("POST", path) == (403, "advocates-only")

    assert await lead.post(path) == {"done": False, "code": None}
    assert await lead.refused("POST", path) == (409, "same-person")
    seen = await see(world, mina, "/advocate/account?lang=en")
    assert "Somebody said that your phone is lost" in seen and "Signing Advocate" in seen
    assert "one person said so" in await see(world, second, "/advocate/colleagues?lang=en")
    # It is not lost: she says so, and the first word counts no more.
    assert "reset-called-off" in await send_form(world, mina, "/advocate/account/not-me", {})
    assert await second.post(path) == {"done": False, "code": None}
    # Whoever spoke first and leads no more has no word; a day later it is over as well.
    await lead.put(f"/colleagues/{(await account(world, 'other-lead')).id}/lead", {"lead": False})
    assert await lead.post(path) == {"done": False, "code": None}
    async with world.services.database.begin() as session:
        past = datetime.now(UTC) - timedelta(days=1, minutes=1)
        await session.execute(update(Advocate).values(reset_asked_at=past))
    assert await operator.post(path) == {"done": False, "code": None}
    await lead.delete(path)
    assert (await lead.post(path))["done"] is False

    shown = await post(world, operator, "/advocate/colleagues/reset", account=(await account(world, "mina")).id)
    found = re.search(r"<code>(\d{4}(?:-\d{4}){3})</code>", shown)
    assert found is not None and "Name of mina" in shown
    assert await mina.refused("GET", "/cases") == (401, "not-logged-in")
    old = {"login": "mina", "password": PASSWORD, "totp": world.totp("mina")}
    assert await world.nobody().refused("POST", "/log-ins/advocate", old) == (401, "log-in-wrong")
    code = {"login": "mina", "password": PASSWORD, "totp": found[1]}
    assert await world.nobody().refused("POST", "/log-ins/advocate", {**code, "password": "guessed password"}) == (
        401,
        "log-in-wrong",
    )
    back = Caller(world.http, (await world.nobody().post("/log-ins/advocate", code))["token"])
    assert await world.nobody().refused("POST", "/log-ins/advocate", code) == (401, "log-in-wrong")
    # Before anything else another way to log in is set up.
    assert await back.refused("GET", "/cases") == (403, "enrol-first")
    assert await back.refused("GET", "/account") == (403, "enrol-first")
    headers = {"Cookie": f"__Host-jikimi_login={back.token}"}
    for page in ("/advocate", "/advocate/cases", "/advocate/colleagues"):
        answer = await world.http.get(page, headers=headers)
        assert answer.headers["location"] == "/advocate/account?problem=enrol-first", page
    told = await see(world, back, "/advocate/account?lang=en")
    assert "Your lost phone was replaced by two people" in told and "whoever runs Jikimi" in told
    app = await see(world, back, "/advocate/account/app?lang=en")
    sealed, typed = re.search(r'name="sealed" value="([^"]+)"', app), re.search(r"<code>([A-Z2-7 ]+)</code>", app)
    assert sealed is not None and typed is not None
    fresh = {"sealed": sealed[1], "code": pyotp.TOTP(typed[1].replace(" ", "")).now()}
    # However long that takes: there is nothing yet to prove oneself with again.
    await make_old(world)
    assert "app-renewed" in await send_form(world, back, "/advocate/account/app/confirm", fresh)
    assert (await back.get("/account"))["role"] == "advocate"
    kinds = await ledger_kinds(world)
    assert kinds.count("reset-asked") == 5 and kinds.count("account-reset") == 1
    assert kinds.count("reset-called-off") == 2 and kinds.count("app-renewed") == 1
    async with world.services.database.read() as session:
        told_kinds = list(await session.scalars(select(AccountEvent.kind).order_by(AccountEvent.at)))
    assert told_kinds.count("reset-asked") == 5 and told_kinds.count("role-changed") == 1


async def test_operator_keeps_accounts_of_every_centre_and_sees_nothing_of_cases(sqlite_world: ApiWorld) -> None:
    world, lead = sqlite_world, await sqlite_world.advocate()
    operator = await make(world, "op", "The operators", operator=True)
    person = await world.vouched(lead)
    sighting = await world.sighting(person)
    ids = (person.case_id, sighting)
    for path in ("/cases", f"/cases/{ids[0]}", "/sightings", f"/sightings/{ids[1]}", "/pool", "/operations/alerts"):
        assert await operator.refused("GET", path) == (403, "no-case-content"), path
    assert (await operator.get("/account"))["role"] == "operator"
    everywhere = await operator.get("/colleagues")
    assert {one["organisation"] for one in everywhere["colleagues"]} == {"Centre A", "The operators"}
    text = await see(world, operator, "/advocate/colleagues?lang=en")
    assert not any(one in text for one in ids) and "/advocate/cases" not in text
    mine = await lead.get("/colleagues")
    assert {one["organisation"] for one in mine["colleagues"]} == {"Centre A"}
    headers = {"Cookie": f"__Host-jikimi_login={operator.token}"}
    assert (await world.http.get("/advocate", headers=headers)).headers["location"] == "/advocate/colleagues"
    # Persons are not told of the operators as of a centre, and nobody there can be made a lead.
    assert [one["organisation"] for one in (await world.nobody().get("/centres"))["centres"]] == ["Centre A"]
    lead_path = f"/colleagues/{(await account(world, 'op')).id}/lead"
    assert await operator.refused("PUT", lead_path, {"lead": True}) == (409, "operators-apart")
    for login, home, operates in (("x", "Centre A", True), ("y", " the OPERATORS", False)):
        with pytest.raises(RuleBroken) as refused:
            await make(world, login, home, operator=operates)
        assert refused.value.reason is Refusal.OPERATORS_APART


async def test_our_centre_with_a_space_is_no_second_organisation(world: ApiWorld) -> None:
    await make(world, "one", "our Centre")
    for number, spelling in enumerate(("our Centre ", "OUR  centre", "\uff4fur Centre")):
        await make(world, f"more-{number}", spelling)
    async with world.services.database.begin() as session:
        assert await session.scalar(select(func.count()).select_from(Organisation)) == 1
        home = await find_organisation(session, " Our centre")
        assert home is not None and home.name == "our Centre"
        # Two that were alike before: both are found by their exact names, any other spelling means the older one.
        session.add(Organisation(name="Our Centre", name_key="our centre|younger"))
        await session.flush()
        found = [await find_organisation(session, one) for one in ("our Centre", "Our Centre", "OUR CENTRE")]
        assert [one.name for one in found if one is not None] == ["our Centre", "Our Centre", "our Centre"]
        assert await alike_organisations(session) == ["Our Centre"]


async def test_who_was_disabled_is_let_in_again_and_a_login_moves_with_its_owner(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    lead, mina = await world.advocate(), await make(world, "mina")
    await mina.post("/account/recovery-codes")
    before = await account(world, "mina")

    async def disable() -> None:
        async with world.services.database.begin() as session:
            by, now = By.operator("test"), datetime.now(UTC)
            await disable_advocate(session, world.services.keys, login="mina", by=by, now=now)

    await disable()
    assert await mina.refused("GET", "/cases") == (401, "not-logged-in")
    world.steps.clear()
    again = await make(world, "mina", " centre a")
    after = await account(world, "mina")
    assert (after.id, after.organisation_id) == (before.id, before.organisation_id)
    seen = await again.get("/account")
    assert seen["recovery_codes_left"] == 0 and seen["role"] == "advocate"
    assert (await ledger_kinds(world)).count("advocate-enabled") == 1
    await disable()
    world.steps.clear()
    moved = await make(world, "mina", "Centre B")
    there = await account(world, "mina")
    assert there.id != before.id and (await moved.get("/account"))["role"] == "lead"
    listed = (await lead.get("/colleagues"))["colleagues"]
    left = next(one for one in listed if one["account_id"] == before.id)
    assert left["disabled"] and left["login"].startswith("mina (until ")


async def test_two_operators_replace_the_phone_of_a_centres_only_lead(sqlite_world: ApiWorld) -> None:
    world = sqlite_world
    await world.advocate()

    async def say(name: str) -> str:
        async with world.services.database.begin() as session:
            row = (await session.scalars(select(Advocate).where(Advocate.login == "first"))).one()
            now = datetime.now(UTC)
            return (await reset(session, Desk(world.services.keys, By.operator("x"), now, now, name), row)).code

    assert await say("First Operator") == ""
    with pytest.raises(RuleBroken) as refused:
        await say("first  operator")
    assert refused.value.reason is Refusal.SAME_PERSON
    # A button that is pressed twice shows the code of the second press: that one opens, for a new phone alone.
    first, code = await say("second"), await say("second")
    assert all(re.fullmatch(r"\d{4}(-\d{4}){3}", one) for one in (first, code)) and first != code
    body = {"login": "first", "password": PASSWORD, "totp": first}
    assert (await world.nobody().call("POST", "/log-ins/advocate", body)).status_code == 401
    assert (await world.nobody().call("POST", "/log-ins/advocate", body | {"totp": code})).status_code == 201
    assert await say("second") == "", "the code was used: this is a first word again"


async def test_persons_see_the_name_for_work_and_never_the_own_one_or_the_login(sqlite_world: ApiWorld) -> None:
    world, lead = sqlite_world, await sqlite_world.advocate("hidden-login")
    person = await world.vouched(lead)
    assert "alias-kept" in await send_form(world, lead, "/advocate/account/alias", {"alias": " Haneul "})
    await lead.post(f"/cases/{person.case_id}/own-pages", {"platform": "x", "source": "@somebody"})
    await lead.post(f"/cases/{person.case_id}/messages", {"text": "a word"})
    await lead.post(f"/cases/{person.case_id}/links", {"url": "https://t.me/somechannel/5", "kind": "intimate"})
    await lead.put(f"/cases/{person.case_id}/intake", {**INTAKE, "signature": "Another Signature"})
    told = [
        (await person.call("GET", f"/cases/{person.case_id}/{noun}")).text
        for noun in ("own-pages", "messages", "links", "entries", "standing", "notices", "sightings")
    ]
    assert sum("Haneul" in one for one in told) >= 4
    assert not any(name in one for one in told for name in ("Signing Advocate", "hidden-login"))
