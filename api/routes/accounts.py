"""One's own account, and those of colleagues: the same calls as the pages. Passkeys are made in a browser alone."""

from typing import Annotated

from fastapi import APIRouter, Depends

from api.account_proof import prove
from api.auth import note_proof, token_hash
from api.deps import (
    IdPath,
    Reading,
    RecentProof,
    ServicesDep,
    StaffDep,
    Token,
    VisitDep,
    Writing,
    by_of,
    needs,
)
from api.schemas.accounts import (
    AccountEventView,
    AccountView,
    AliasBody,
    ColleagueList,
    ColleagueView,
    LeadBody,
    LiveLoginView,
    PasswordBody,
    ProofBody,
    RecoveryCodes,
    ResetView,
)
from db.locking import lock_one
from db.models.people import Advocate
from monitor.cases.accounts.colleagues import colleagues_of, give_role
from monitor.cases.accounts.desk import Desk
from monitor.cases.accounts.own import (
    change_password,
    check_password,
    end_login,
    end_others,
    events_of,
    live_logins,
    mark_read,
)
from monitor.cases.accounts.passkeys import passkeys_of
from monitor.cases.accounts.recovery import count_left, make_recovery_codes
from monitor.cases.accounts.resets import account_for, asked, call_off, reset
from monitor.cases.correspondence import change_alias
from monitor.cases.passphrase import hash_secret
from monitor.cases.roles import Right, role_of
from monitor.evidence.by import Door

router = APIRouter(tags=["accounts"])
_OWN, _SEE = needs(Right.OWN_ACCOUNT), needs(Right.SEE_COLLEAGUES)
_MANAGE = needs(Right.MANAGE_COLLEAGUES, Right.MANAGE_ACCOUNTS)


async def _desk(services: ServicesDep, actor: StaffDep) -> Desk:
    return Desk.of(services.context.acting(by_of(actor, Door.API)))


DeskDep = Annotated[Desk, Depends(_desk)]


@router.get("/account", dependencies=[_OWN])
async def see_account(session: Reading, desk: DeskDep, actor: StaffDep, token: Token) -> AccountView:
    """Ways to log in, live log-ins, and what happened to the account."""
    mine = await session.get_one(Advocate, actor.id)
    return AccountView(
        account_id=mine.id,
        role=role_of(actor).value,
        login=mine.login,
        name=mine.name,
        work_alias=mine.work_alias or "",
        passkeys=[one.name for one in await passkeys_of(session, mine.id)],
        recovery_codes_left=await count_left(session, mine.id, desk.now),
        reset_asked=asked(mine, desk.now),
        log_ins=[
            LiveLoginView(
                log_in_id=one.id,
                browser=one.browser,
                created_at=one.created_at,
                expires_at=one.expires_at,
                here=one.here,
            )
            for one in await live_logins(session, mine.id, token_hash=token_hash(token), now=desk.now)
        ],
        events=[
            AccountEventView(kind=one.kind, at=one.at, seen=one.seen_at is not None)
            for one in await events_of(session, mine.id)
        ],
    )


@router.post("/account/proof", status_code=204, dependencies=[_OWN])
async def prove_it_is_me(
    services: ServicesDep, visit: VisitDep, actor: StaffDep, token: Token, body: ProofBody
) -> None:
    """Password and code once more: it holds for ten minutes, for what asks for it with `proof-needed`."""
    await prove(services, actor, password=body.password, code=body.totp, visit=visit)
    async with services.database.begin() as session:
        await note_proof(session, token)


@router.post("/account/news/read", status_code=204, dependencies=[_OWN])
async def read_news(session: Writing, desk: DeskDep, actor: StaffDep) -> None:
    """What happened to the account was read."""
    await mark_read(session, await lock_one(session, Advocate, actor.id), desk.now)


@router.put("/account/password", status_code=204, dependencies=[_OWN, RecentProof])
async def new_password(services: ServicesDep, desk: DeskDep, actor: StaffDep, token: Token, body: PasswordBody) -> None:
    """Every other log-in ends."""
    check_password(body.password, body.password)
    hashed = await hash_secret(body.password, services.context.hasher)
    async with services.database.begin() as session:
        mine = await lock_one(session, Advocate, actor.id)
        await change_password(session, desk, mine, hashed=hashed, token_hash=token_hash(token))


@router.post("/account/recovery-codes", status_code=201, dependencies=[_OWN, RecentProof])
async def make_codes(session: Writing, desk: DeskDep, actor: StaffDep) -> RecoveryCodes:
    """Ten codes for paper, shown this once; older ones open nothing any more."""
    codes = await make_recovery_codes(session, desk, await lock_one(session, Advocate, actor.id))
    return RecoveryCodes(codes=codes)


@router.put("/account/alias", status_code=204, dependencies=[_OWN])
async def name_for_work(session: Writing, desk: DeskDep, actor: StaffDep, body: AliasBody) -> None:
    """The name that persons and platforms see."""
    mine = await lock_one(session, Advocate, actor.id)
    await change_alias(session, desk.keys, mine, alias=body.alias, by=desk.by, now=desk.at)


@router.delete("/account/reset", status_code=204, dependencies=[_OWN])
async def phone_is_not_lost(session: Writing, desk: DeskDep, actor: StaffDep) -> None:
    """Somebody asked to replace one's own phone: call it off."""
    await call_off(session, desk, await lock_one(session, Advocate, actor.id))


@router.delete("/account/log-ins", status_code=204, dependencies=[_OWN])
async def end_all_others(session: Writing, desk: DeskDep, actor: StaffDep, token: Token) -> None:
    """Every log-in but this one."""
    await end_others(session, desk, await session.get_one(Advocate, actor.id), token_hash(token))


@router.delete("/account/log-ins/{log_in_id}", status_code=204, dependencies=[_OWN])
async def end_one(session: Writing, desk: DeskDep, actor: StaffDep, log_in_id: str) -> None:
    """One of one's own."""
    await end_login(session, desk, await session.get_one(Advocate, actor.id), log_in_id)


@router.get("/colleagues", dependencies=[_SEE])
async def see_colleagues(session: Reading, desk: DeskDep, actor: StaffDep) -> ColleagueList:
    """Who works here; for an operator everybody, and nothing of cases."""
    return ColleagueList(
        colleagues=[
            ColleagueView(
                account_id=one.id,
                name=one.name,
                login=one.login,
                work_alias=one.work_alias,
                organisation=one.organisation,
                role=one.role.value,
                disabled=one.disabled_at is not None,
                passkeys=one.passkeys,
                reset_asked=one.reset_asked,
            )
            for one in await colleagues_of(session, actor, desk)
        ]
    )


@router.put("/colleagues/{account_id}/lead", status_code=204, dependencies=[_MANAGE, RecentProof])
async def change_role(session: Writing, desk: DeskDep, actor: StaffDep, account_id: IdPath, body: LeadBody) -> None:
    """Make somebody a lead, or a lead no more."""
    await give_role(session, desk, await account_for(session, actor, account_id), lead=body.lead)


@router.post("/colleagues/{account_id}/reset", dependencies=[_MANAGE, RecentProof])
async def replace_phone(session: Writing, desk: DeskDep, actor: StaffDep, account_id: IdPath) -> ResetView:
    """The first word that a phone is lost, or the second."""
    done = await reset(session, desk, await account_for(session, actor, account_id))
    return ResetView(done=bool(done.code), code=done.code or None)


@router.delete("/colleagues/{account_id}/reset", status_code=204, dependencies=[_MANAGE])
async def call_reset_off(session: Writing, desk: DeskDep, actor: StaffDep, account_id: IdPath) -> None:
    """The phone is not lost after all."""
    await call_off(session, desk, await account_for(session, actor, account_id))
