"""`python -m monitor advocate add|list|lead|unlead|alias|disable|reset|password`: who may do what, and lost phones."""

import argparse
import asyncio
import getpass
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from monitor.core.errors import ConfigError, RuleBroken
from monitor.core.refusals import Refusal

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from monitor.keys.store import KeyStore

Result = TypeVar("Result")


def add_parser(subparsers: Any) -> None:
    """Put the command on the command line."""
    parser = subparsers.add_parser(
        "advocate", help="add, list and disable advocates, say who leads, and give names for work"
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="make an advocate; asks for the password, shows the QR code for the app once")
    add.add_argument("--login", required=True, metavar="L", help="what they type to log in")
    add.add_argument("--name", required=True, metavar="N", help="the name that notices are signed with")
    add.add_argument("--organisation", required=True, metavar="O", help="made when it is new")
    add.add_argument("--password-file", type=Path, metavar="F", help="take the password from the file's first line")
    add.add_argument("--lead", action="store_true", help="the same as --role lead")
    add.add_argument(
        "--role",
        choices=["advocate", "lead", "operator"],
        help="a lead answers for the centre, and the first account of one is a lead; an operator keeps accounts, sees "
        "nothing of cases, and is in an organisation of its own. Whoever was disabled there is let in again",
    )
    listing = actions.add_parser("list", help="print every advocate, one a line")
    disable = actions.add_parser("disable", help="lock an advocate out at once")
    disable.add_argument("--login", required=True, metavar="L")
    lead = actions.add_parser("lead", help="make an advocate a lead of their organisation")
    unlead = actions.add_parser("unlead", help="a lead is one no more; an organisation keeps one")
    alias = actions.add_parser("alias", help='the name under which they write to others; "" for their own')
    alias.add_argument("alias", metavar="NAME")
    reset = actions.add_parser("reset", help="a lost phone: say so; with a second person's word it is replaced")
    reset.add_argument("--as", dest="who", required=True, metavar="NAME", help="who you are")
    password = actions.add_parser("password", help="give an advocate who forgot it a new password; they are told")
    password.add_argument("--password-file", type=Path, metavar="F", help="take it from the file's first line")
    for action in (lead, unlead, alias, reset, password):
        action.add_argument("--login", required=True, metavar="L")
    for action in (add, listing, lead, unlead, alias, disable, reset, password):
        action.add_argument("--config", type=Path, default=Path("config.toml"), metavar="FILE")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked; a broken rule is said in one sentence."""
    try:
        actions = {"add": _add, "list": _list, "lead": _lead, "unlead": _lead, "alias": _alias, "disable": _disable}
        actions |= {"reset": _reset, "password": _password}
        return actions[arguments.action](arguments)
    except RuleBroken as error:
        raise ConfigError(error.detail) from None


def _add(arguments: argparse.Namespace) -> int:
    from monitor.cases.advocates import add_advocate, check_advocate, totp_uri
    from monitor.evidence.by import By

    password = _password_from(arguments.password_file) if arguments.password_file else _ask_password()
    check_advocate(arguments.login, arguments.name, arguments.organisation, password)

    async def add(session: "AsyncSession", keys: "KeyStore") -> str:
        return await add_advocate(
            session,
            keys,
            login=arguments.login,
            name=arguments.name,
            organisation=arguments.organisation,
            password=password,
            by=By.operator("advocate add"),
            now=datetime.now(UTC),
            lead=arguments.lead or arguments.role == "lead",
            operator=arguments.role == "operator",
        )

    secret = with_database(arguments.config, add)
    _show(totp_uri(secret, arguments.login))
    return 0


def _show(uri: str) -> None:
    """The secret of the one-time codes, once."""
    import segno

    print("Scan this with an authenticator app. It is shown once:\n")
    segno.make(uri, error="l").terminal(compact=True)
    print(f"\n{uri}")


def _list(arguments: argparse.Namespace) -> int:
    from db.queries.people import advocates

    async def read(session: "AsyncSession", _: "KeyStore") -> list[str]:
        return [
            f"{one.login}\t{one.name}\t{organisation.name}\t{'active' if one.disabled_at is None else 'disabled'}"
            f"\t{'operator' if one.operator else 'lead' if one.lead else 'advocate'}"
            for one, organisation in await advocates(session)
        ]

    for line in with_database(arguments.config, read):
        print(line)
    return 0


def _lead(arguments: argparse.Namespace) -> int:
    from monitor.cases.advocates import set_lead
    from monitor.evidence.by import By

    lead = arguments.action == "lead"

    async def change(session: "AsyncSession", keys: "KeyStore") -> None:
        by = By.operator(f"advocate {arguments.action}")
        await set_lead(session, keys, login=arguments.login, lead=lead, by=by, now=datetime.now(UTC))

    with_database(arguments.config, change)
    print("leads the organisation" if lead else "is an advocate, and leads no more")
    return 0


def _alias(arguments: argparse.Namespace) -> int:
    from monitor.cases.correspondence import set_alias
    from monitor.evidence.by import By

    async def change(session: "AsyncSession", keys: "KeyStore") -> None:
        by, now = By.operator("advocate alias"), datetime.now(UTC)
        await set_alias(session, keys, login=arguments.login, alias=arguments.alias, by=by, now=now)

    with_database(arguments.config, change)
    print("writes to others under this name" if arguments.alias.strip() else "writes to others under their own name")
    return 0


def _disable(arguments: argparse.Namespace) -> int:
    from monitor.cases.advocates import disable_advocate
    from monitor.evidence.by import By

    async def disable(session: "AsyncSession", keys: "KeyStore") -> bool:
        by = By.operator("advocate disable")
        return await disable_advocate(session, keys, login=arguments.login, by=by, now=datetime.now(UTC))

    led = with_database(arguments.config, disable)
    print("disabled, and logged out everywhere; codes that they made open nothing any more")
    if not led:
        # Not refused: whoever must be kept out is kept out first.
        print(
            "The organisation has no lead now: nobody there can end a hold or a stop, or read reports. Make one with "
            "`python -m monitor advocate lead --login L`."
        )
    return 0


def _reset(arguments: argparse.Namespace) -> int:
    from db.queries.people import advocate_known
    from monitor.cases.accounts.desk import Desk
    from monitor.cases.accounts.resets import Reset, reset
    from monitor.cases.advocates import normal_login
    from monitor.core.errors import NotFound
    from monitor.evidence.by import By

    async def work(session: "AsyncSession", keys: "KeyStore") -> Reset:
        account = await advocate_known(session, normal_login(arguments.login))
        if account is None or account.disabled_at is not None:
            raise NotFound("there is no active advocate with this login")
        now = datetime.now(UTC)
        return await reset(session, Desk(keys, By.operator("advocate reset"), now, now, arguments.who), account)

    done = with_database(arguments.config, work)
    if not done.code:
        print("one person has said so; they are told. A second person must say so within a day: a lead, or an operator")
        return 3
    print("The phone is replaced. Give them this code; it works once, for three days, with their own password:\n")
    print(done.code)
    return 0


def _password(arguments: argparse.Namespace) -> int:
    from db.queries.people import advocate_known
    from monitor.cases.accounts.desk import Desk
    from monitor.cases.accounts.own import change_password, check_password
    from monitor.cases.advocates import normal_login
    from monitor.cases.passphrase import hash_secret
    from monitor.core.errors import NotFound
    from monitor.evidence.by import By
    from monitor.keys.envelope import HASHER

    fresh = _password_from(arguments.password_file) if arguments.password_file else _ask_password()
    check_password(fresh, fresh)

    async def work(session: "AsyncSession", keys: "KeyStore") -> None:
        account = await advocate_known(session, normal_login(arguments.login))
        if account is None or account.disabled_at is not None:
            raise NotFound("there is no active advocate with this login")
        hashed, now = await hash_secret(fresh, HASHER), datetime.now(UTC)
        desk = Desk(keys, By.operator("advocate password"), now, now, "at the command line")
        await change_password(session, desk, account, hashed=hashed, by_whom=desk.speaker)

    with_database(arguments.config, work)
    print("changed, and logged out everywhere; they are told")
    return 0


def _ask_password() -> str:
    """Twice, without echo."""
    try:
        first, second = getpass.getpass("Password (12 characters or more): "), getpass.getpass("Again: ")
    except EOFError:
        raise ConfigError("this asks for a password: run it in a terminal, or give --password-file") from None
    if second != first:
        raise RuleBroken(Refusal.PASSWORD_MISMATCH, "the two passwords differ")
    return first


def _password_from(path: Path) -> str:
    try:
        return (path.read_text(encoding="utf-8").splitlines() or [""])[0]
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"--password-file cannot be read: {type(error).__name__}") from None


def with_database(config: Path, work: Callable[["AsyncSession", "KeyStore"], Awaitable[Result]]) -> Result:
    """Run `work` in one transaction over the migrated database and the key store."""
    from db.session import Database
    from monitor.app.first_start import prepare_first_start
    from monitor.keys.envelope import load_master_key
    from monitor.keys.store import KeyStore
    from monitor.settings.loading import load_settings

    settings = load_settings(config)
    written = prepare_first_start(settings)
    if written is not None:
        print(f"A new master key was written to {written}. Keep a copy of it apart from the database's backups.")
    # Not the whole of build_services: an advocate can be added before any platform has a login.
    security, database = settings.security, Database(settings.database.url)
    keys = KeyStore(security.keys_url, load_master_key(security.master_key_file, os.environ))

    async def once() -> Result:
        try:
            async with database.begin() as session:
                return await work(session, keys)
        finally:
            await database.close()

    try:
        return asyncio.run(once())
    finally:
        keys.close()
