"""`python -m monitor organisation NAME`: what an organisation says of itself."""

import argparse
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.core.errors import ConfigError, RuleBroken

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession

    from monitor.keys.store import KeyStore


def add_parser(subparsers: Any) -> None:
    """Put the command on the command line."""
    parser = subparsers.add_parser("organisation", help="see or change what an organisation says of itself")
    parser.add_argument("name", metavar="NAME")
    parser.add_argument(
        "--sole-advocate",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="it has one advocate only: they may vouch, enter a permission and send alone, and each such notice is "
        "marked. Without effect while two advocates are active",
    )
    parser.add_argument("--country", metavar="CODE", help="where it works, such as KR; an empty text: not said")
    parser.add_argument(
        "--designated",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="a state named it for reporting such pictures: it may use the routes for such bodies",
    )
    parser.add_argument(
        "--registered-with", metavar="TEXT", help="the body that keeps it on a list of reporters, and its number there"
    )
    parser.add_argument(
        "--reply-to",
        metavar="ADDRESS",
        help='where answers to its notices go, best a mailbox that [imap] reads; "" for the address they come from',
    )
    parser.add_argument("--config", type=Path, default=Path("config.toml"), metavar="FILE")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Change it, and say how it stands; a broken rule is said in one sentence."""
    from db.queries.people import count_active, find_organisation
    from monitor.cases.advocates import set_sole_advocate, set_standing
    from monitor.cases.correspondence import set_reply_to
    from monitor.commands.advocate import with_database
    from monitor.core.refusals import Refusal
    from monitor.evidence.by import By

    async def work(session: "AsyncSession", keys: "KeyStore") -> str:
        if arguments.sole_advocate is not None:
            by, now = By.operator("organisation"), datetime.now(UTC)
            sole = arguments.sole_advocate
            await set_sole_advocate(session, keys, organisation=arguments.name, sole=sole, by=by, now=now)
        if arguments.reply_to is not None:
            by, now, answers = By.operator("organisation"), datetime.now(UTC), arguments.reply_to
            await set_reply_to(session, keys, organisation=arguments.name, reply_to=answers, by=by, now=now)
        if (arguments.country, arguments.designated, arguments.registered_with) != (None, None, None):
            await set_standing(
                session,
                keys,
                organisation=arguments.name,
                country=arguments.country,
                designated=arguments.designated,
                registered_with=arguments.registered_with,
                by=By.operator("organisation"),
                now=datetime.now(UTC),
            )
        home = await find_organisation(session, arguments.name.strip())
        if home is None:
            raise RuleBroken(Refusal.ORGANISATION_UNKNOWN, "there is no organisation of this name")
        active = await count_active(session, home.id)
        said = "yes" if home.sole_advocate else "no"
        lapsed = ", without effect: it has two or more" if home.sole_advocate and active > 1 else ""
        standing = [
            *([f"country: {home.country}"] if home.country else []),
            *(["designated: yes"] if home.designated else []),
            *([f"registered with: {home.registered_with}"] if home.registered_with else []),
        ]
        lines = [home.name, *standing, f"active advocates: {active}", f"one advocate only: {said}{lapsed}"]
        lines += [f"answers go to: {home.reply_to}"] if home.reply_to else []
        return "\t".join(lines)

    try:
        print(with_database(arguments.config, work))
    except RuleBroken as error:
        raise ConfigError(error.detail) from None
    return 0
