"""The page "Colleagues": who works here; a lead gives roles and has one of two words over a lost phone."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from api.pages.account_page import AccountPage, reading_account, writing_account
from api.pages.advocate_page import COLLEAGUES_PAGE, PageRoute
from api.pages.forms import go
from monitor.cases.accounts.colleagues import colleagues_of, give_role
from monitor.cases.accounts.recovery import AFTER_RESET
from monitor.cases.accounts.resets import account_for, call_off, reset
from monitor.cases.roles import Right, may, role_of

router = APIRouter(prefix="/advocate/colleagues", route_class=PageRoute, include_in_schema=False)
_MANAGING = (Right.MANAGE_COLLEAGUES, Right.MANAGE_ACCOUNTS)


@router.get("")
async def show_colleagues(request: Request) -> Response:
    """Of one's own organisation; for an operator of every one."""
    async with reading_account(request, Right.SEE_COLLEAGUES) as page:
        return await _shown(page)


@router.post("/role")
async def change_role(request: Request) -> Response:
    """A lead makes somebody a lead, or a lead no more."""
    async with writing_account(request, *_MANAGING) as (page, form):
        account = await account_for(page.session, page.actor, form.text("account"))
        await give_role(page.session, page.desk, account, lead=form.ticked("lead"))
    return go(COLLEAGUES_PAGE, done="role-changed")


@router.post("/reset")
async def replace_phone(request: Request) -> Response:
    """The first word, or the second: then the code to hand over is shown, this once."""
    async with writing_account(request, *_MANAGING) as (page, form):
        account = await account_for(page.session, page.actor, form.text("account"))
        done = await reset(page.session, page.desk, account)
        if done.code:
            return await page.render("advocate/reset.html", name=account.name, code=done.code, days=AFTER_RESET.days)
    return go(COLLEAGUES_PAGE, done="reset-asked")


@router.post("/call-off")
async def call_reset_off(request: Request) -> Response:
    """The phone is not lost after all."""
    async with writing_account(request, *_MANAGING, proof=False) as (page, form):
        account = await account_for(page.session, page.actor, form.text("account"))
        await call_off(page.session, page.desk, account)
    return go(COLLEAGUES_PAGE, done="reset-called-off")


async def _shown(page: AccountPage) -> Response:
    return await page.render(
        "advocate/colleagues.html",
        colleagues=await colleagues_of(page.session, page.actor, page.desk),
        manages=any(may(role_of(page.actor), right) for right in _MANAGING),
        everywhere=may(role_of(page.actor), Right.MANAGE_ACCOUNTS),
        me=page.actor.id,
    )
