"""The page "My account": ways to log in, live log-ins, what happened to the account, the name for work."""

import segno
from fastapi import APIRouter, Request
from fastapi.responses import Response
from markupsafe import Markup

from api.account_proof import prove
from api.auth import code_step, note_proof, token_hash
from api.deps import services_of, visit_of
from api.pages.account_page import AccountPage, reading_account, writing_account
from api.pages.advocate_page import ACCOUNT_PAGE, PageRoute, own_page
from api.pages.forms import cookie_name, go, read_form
from api.pages.signing_in import BROWSER_COOKIE
from monitor.cases.accounts.challenges import Purpose
from monitor.cases.accounts.own import (
    app_secret_of,
    change_password,
    check_password,
    end_login,
    end_others,
    events_of,
    has_app,
    live_logins,
    mark_read,
    new_app_secret,
    renew_app,
)
from monitor.cases.accounts.passkeys import (
    LONGEST_NAME,
    add_passkey,
    options_to_add,
    options_to_sign,
    party_of,
    passkeys_of,
    remove_passkey,
    rename_passkey,
)
from monitor.cases.accounts.recovery import count_left, make_recovery_codes
from monitor.cases.accounts.resets import asked, call_off
from monitor.cases.accounts.speakers import names_of_speakers
from monitor.cases.advocates import LONGEST_NAME as LONGEST_ALIAS
from monitor.cases.advocates import LONGEST_PASSWORD, SHORTEST_PASSWORD, totp_uri
from monitor.cases.correspondence import change_alias
from monitor.cases.passphrase import hash_secret
from monitor.cases.roles import role_of
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal

router = APIRouter(prefix="/advocate/account", route_class=PageRoute, include_in_schema=False)


@router.get("")
async def show_account(request: Request) -> Response:
    """Everything about one's own account."""
    async with reading_account(request) as page:
        return await _shown(page)


@router.post("/read")
async def read_news(request: Request) -> Response:
    """They have read what happened to their account."""
    async with writing_account(request, proof=False) as (page, _):
        await mark_read(page.session, await page.own(lock=True), page.desk.now)
    return go(ACCOUNT_PAGE)


@router.post("/not-me")
async def say_no(request: Request) -> Response:
    """Somebody asked to replace their phone, and it is not lost."""
    async with writing_account(request, proof=False) as (page, _):
        await call_off(page.session, page.desk, await page.own(lock=True))
    return go(ACCOUNT_PAGE, done="reset-called-off")


@router.post("/passkeys/add")
async def add_one(request: Request) -> Response:
    """What the browser made, checked against the challenge of this log-in."""
    async with writing_account(request, enrolling=True) as (page, form):
        party = party_of(services_of(request).settings.web.public_url)
        if party is None:
            raise RuleBroken(Refusal.PASSKEY_WRONG)
        told = {"answer": form.text("passkey"), "name": form.text("name"), "secret": page.token}
        await add_passkey(page.session, page.desk, party, await page.own(lock=True), **told)
    return go(ACCOUNT_PAGE, done="passkey-added")


@router.post("/passkeys/rename")
async def rename_one(request: Request) -> Response:
    """Call it otherwise."""
    async with writing_account(request, proof=False) as (page, form):
        await rename_passkey(page.session, page.actor.id, form.text("passkey"), form.text("name"))
    return go(ACCOUNT_PAGE, done="passkey-renamed")


@router.post("/passkeys/remove")
async def remove_one(request: Request) -> Response:
    """It logs nobody in any more."""
    async with writing_account(request) as (page, form):
        await remove_passkey(page.session, page.desk, await page.own(lock=True), form.text("passkey"))
    return go(ACCOUNT_PAGE, done="passkey-removed")


@router.get("/app")
async def show_new_app(request: Request) -> Response:
    """A picture for the new phone's app; nothing changes before its code is typed."""
    async with reading_account(request) as page:
        secret, sealed = new_app_secret(page.context.keys, page.actor.id)
        return await _app(page, secret, sealed)


@router.post("/app/confirm")
async def confirm_app(request: Request) -> Response:
    """The code of the new phone fits: from now on its codes count."""
    try:
        async with writing_account(request, enrolling=True) as (page, form):
            secret = app_secret_of(page.context.keys, page.actor.id, form.text("sealed"))
            step = code_step(secret, "".join(form.text("code").split()))
            if step is None:
                raise RuleBroken(Refusal.CODE_WRONG)
            await renew_app(page.session, page.desk, await page.own(lock=True), secret=secret, step=step)
    except RuleBroken as refused:
        if refused.reason is not Refusal.CODE_WRONG:
            raise
        async with reading_account(request) as page:
            return await _app(page, secret, form.text("sealed"), refused.reason)
    return go(ACCOUNT_PAGE, done="app-renewed")


@router.post("/recovery")
async def make_codes(request: Request) -> Response:
    """Ten codes for paper, shown this once."""
    async with writing_account(request) as (page, _):
        codes = await make_recovery_codes(page.session, page.desk, await page.own(lock=True))
        return await page.render("advocate/recovery.html", codes=codes)


@router.post("/password")
async def new_password(request: Request) -> Response:
    """Twice; every other log-in ends."""
    async with writing_account(request) as (page, form):
        fresh = form.secret("password")
        check_password(fresh, form.secret("again"))
    # Hashing takes a while, so it stands outside every transaction.
    hashed = await hash_secret(fresh, services_of(request).context.hasher)
    async with writing_account(request) as (page, _):
        mine = await page.own(lock=True)
        await change_password(page.session, page.desk, mine, hashed=hashed, token_hash=token_hash(page.token))
    return go(ACCOUNT_PAGE, done="password-changed")


@router.post("/alias")
async def name_for_work(request: Request) -> Response:
    """The name under which they write to persons and platforms."""
    async with writing_account(request, proof=False) as (page, form):
        desk = page.desk
        await change_alias(
            page.session, desk.keys, await page.own(lock=True), alias=form.text("alias"), by=desk.by, now=desk.at
        )
    return go(ACCOUNT_PAGE, done="alias-kept")


@router.post("/log-ins/end")
async def end_one(request: Request) -> Response:
    """That browser is logged out."""
    async with writing_account(request, proof=False) as (page, form):
        await end_login(page.session, page.desk, await page.own(), form.text("log-in"))
    return go(ACCOUNT_PAGE, done="log-in-ended")


@router.post("/log-ins/end-others")
async def end_all_others(request: Request) -> Response:
    """Every browser but this one is logged out."""
    async with writing_account(request, proof=False) as (page, _):
        await end_others(page.session, page.desk, await page.own(), token_hash(page.token))
    return go(ACCOUNT_PAGE, done="log-ins-ended")


@router.get("/prove")
async def ask_proof(request: Request) -> Response:
    """Is it still them? Then back to where they were."""
    async with reading_account(request) as page:
        return await _proof(page, request.query_params.get("next", ""))


@router.post("/prove")
async def take_proof(request: Request) -> Response:
    """Password with a code, or a passkey; it holds for ten minutes."""
    async with reading_account(request) as page:
        form = await read_form(request, page.token)
    back, refused = form.text("next"), None
    try:
        await prove(
            services_of(request),
            page.actor,
            password=form.secret("password"),
            code="".join(form.text("code").split()),
            passkey=form.text("passkey"),
            secret=page.token,
            visit=visit_of(request),
            browser=request.cookies.get(cookie_name(request, BROWSER_COOKIE), ""),
        )
    except RuleBroken as error:
        refused = error.reason
    if refused is not None:
        async with reading_account(request) as page:
            return await _proof(page, back, refused)
    async with services_of(request).database.begin() as session:
        await note_proof(session, page.token)
    return go(own_page(back, ACCOUNT_PAGE, done="proved"))


async def _proof(page: AccountPage, back: str, problem: Refusal | None = None) -> Response:
    party = party_of(services_of(page.request).settings.web.public_url)
    known = await passkeys_of(page.session, page.actor.id)
    asked_for = None
    if party is not None and known:
        asked_for = options_to_sign(
            page.context.keys, party, Purpose.PROVE, known=known, secret=page.token, now=page.desk.now
        )
    return await page.render(
        "advocate/prove.html", problem=problem, back=own_page(back, ACCOUNT_PAGE), passkey_options=asked_for
    )


async def _app(page: AccountPage, secret: str, sealed: str, problem: Refusal | None = None) -> Response:
    uri = totp_uri(secret, (await page.own()).login)
    # White under it: on a dark page no camera reads black on black.
    drawn = segno.make(uri, error="l", micro=False).svg_inline(scale=4, border=4, light="#fff", omitsize=False)
    square = Markup(drawn)  # noqa: S704  # made of squares alone
    typed = " ".join(secret[place : place + 4] for place in range(0, len(secret), 4))
    return await page.render("advocate/app.html", problem=problem, square=square, typed=typed, sealed=sealed)


async def _shown(page: AccountPage) -> Response:
    mine, desk = await page.own(), page.desk
    party = party_of(services_of(page.request).settings.web.public_url)
    keys = await passkeys_of(page.session, mine.id)
    events = await events_of(page.session, mine.id)
    options = None
    if party is not None:
        options = options_to_add(desk.keys, party, mine, keys, secret=page.token, now=desk.now)
    return await page.render(
        "advocate/account.html",
        account=mine,
        role=role_of(page.actor),
        passkeys=keys,
        passkey_options=options,
        codes_left=await count_left(page.session, mine.id, desk.now),
        log_ins=await live_logins(page.session, mine.id, token_hash=token_hash(page.token), now=desk.now),
        events=events,
        speakers=await names_of_speakers(page.session, [one.by_whom for one in events]),
        reset_asked=asked(mine, desk.now),
        enrols=page.visitor.enrols,
        has_app=has_app(mine),
        proved=page.visitor.proved_lately(desk.now),
        longest={"passkey": LONGEST_NAME, "alias": LONGEST_ALIAS, "password": LONGEST_PASSWORD},
        shortest_password=SHORTEST_PASSWORD,
    )
