"""`python -m monitor platform add|list|revoke`: tokens by which a platform's own program reads and answers notices."""

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.core.errors import ConfigError, RuleBroken
from monitor.core.refusals import Refusal

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from monitor.keys.store import KeyStore
    from monitor.notices.platform_tokens import MadeToken


def add_parser(subparsers: Any) -> None:
    """Put the command on the command line."""
    parser = subparsers.add_parser("platform", help="make, list and revoke the tokens of platforms' own programs")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="make a token and print it, once")
    add.add_argument("--name", required=True, metavar="N", help="whose it is")
    add.add_argument("--address", required=True, metavar="A", help="the address whose notices it reads and answers")
    add.add_argument("--platform", choices=("telegram", "x"), help="only notices about this platform")
    add.add_argument("--webhook", metavar="URL", help="called when a notice leaves or is over; [platforms] webhooks")
    listing = actions.add_parser("list", help="print every token, one a line; never the token itself")
    revoke = actions.add_parser("revoke", help="a token opens nothing from now on")
    revoke.add_argument("--id", required=True, metavar="ID", help="as `list` names it")
    for action in (add, listing, revoke):
        action.add_argument("--config", type=Path, default=Path("config.toml"), metavar="FILE")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked; a broken rule is said in one sentence."""
    try:
        return {"add": _add, "list": _list, "revoke": _revoke}[arguments.action](arguments)
    except RuleBroken as error:
        raise ConfigError(error.detail) from None


def _add(arguments: argparse.Namespace) -> int:
    from monitor.app.adapters import webhooks_may_stay_here
    from monitor.commands.advocate import with_database
    from monitor.delivery.smtp_envelope import email_recipient
    from monitor.delivery.webhook import webhook_address
    from monitor.evidence.by import By
    from monitor.notices.platform_tokens import make_token
    from monitor.settings.loading import load_settings

    settings = load_settings(arguments.config)
    if email_recipient(arguments.address) is None:
        raise ConfigError("--address: give the e-mail address that the notices go to")
    if arguments.webhook:
        webhook_address(arguments.webhook, loopback=webhooks_may_stay_here(settings))
    if arguments.webhook and not settings.platforms.webhooks:
        raise RuleBroken(Refusal.WEBHOOK_ADDRESS, "webhooks are off: set `webhooks = true` under [platforms] first")

    async def add(session: "AsyncSession", keys: "KeyStore") -> "MadeToken":
        return await make_token(
            session,
            keys,
            name=arguments.name,
            address=arguments.address,
            platform=arguments.platform,
            webhook=arguments.webhook,
            by=By.operator("platform add"),
            now=datetime.now(UTC),
        )

    made = with_database(arguments.config, add)
    print(f"id\t{made.id}\ntoken\t{made.token}")
    if made.webhook_secret:
        print(f"webhook secret\t{made.webhook_secret}")
    print("Shown once. Hand it over by a way that nobody else reads.")
    return 0


def _list(arguments: argparse.Namespace) -> int:
    from db.queries.platform_side import tokens
    from monitor.commands.advocate import with_database

    async def read(session: "AsyncSession", _: "KeyStore") -> list[str]:
        return [
            f"{one.id}\t{one.name}\t{one.platform or 'any platform'}\t"
            f"{'webhook' if one.webhook else 'no webhook'}\t{'active' if one.revoked_at is None else 'revoked'}"
            for one in await tokens(session)
        ]

    for line in with_database(arguments.config, read):
        print(line)
    return 0


def _revoke(arguments: argparse.Namespace) -> int:
    from monitor.commands.advocate import with_database
    from monitor.evidence.by import By
    from monitor.notices.platform_tokens import revoke_token

    async def revoke(session: "AsyncSession", keys: "KeyStore") -> None:
        by, now = By.operator("platform revoke"), datetime.now(UTC)
        await revoke_token(session, keys, token_id=arguments.id, by=by, now=now)

    with_database(arguments.config, revoke)
    print("revoked: it opens nothing any more, and its webhook is called no more")
    return 0
