"""`python -m monitor codes add`: one-time codes that a helpline hands out."""

import argparse
import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.core.errors import ConfigError, RuleBroken
from monitor.core.refusals import Refusal

if TYPE_CHECKING:
    from monitor.settings.model import Settings


def add_parser(subparsers: Any) -> None:
    """Put the command on the command line."""
    parser = subparsers.add_parser("codes", help="make one-time codes: a case opened with one is vouched for")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="make codes and print them, once")
    add.add_argument("--config", type=Path, default=Path("config.toml"), metavar="FILE")
    add.add_argument("--count", type=int, default=10, metavar="N", help="how many (default 10, at most 100)")
    add.add_argument("--days", type=int, default=14, metavar="D", help="good for so many days (default 14, at most 90)")
    add.add_argument("--organisation", metavar="O", help="which one vouches; needed where there are several")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print one code a line."""
    from monitor.settings.loading import load_settings

    try:
        codes = asyncio.run(_make(load_settings(arguments.config), arguments))
    except RuleBroken as error:
        raise ConfigError(error.detail) from None
    print("\n".join(codes))
    return 0


async def _make(settings: "Settings", arguments: argparse.Namespace) -> list[str]:
    from db.queries.people import find_organisation, organisations
    from db.session import Database
    from monitor.app.first_start import prepare_first_start
    from monitor.cases.codes import make_codes
    from monitor.evidence.by import By
    from monitor.evidence.ledger import Ledger
    from monitor.keys.envelope import load_master_key
    from monitor.keys.store import KeyStore

    written = await asyncio.to_thread(prepare_first_start, settings)
    if written is not None:
        print(f"A new master key was written to {written}. Keep a copy of it apart from the database's backups.")
    security, database = settings.security, Database(settings.database.url)
    keys = KeyStore(security.keys_url, load_master_key(security.master_key_file, os.environ))
    try:
        async with database.begin() as session:
            found = await organisations(session)
            named = found
            if arguments.organisation is not None:
                one = await find_organisation(session, arguments.organisation)
                named = [] if one is None else [one]
            if len(named) != 1:
                known = ", ".join(one.name for one in found) or "none yet; add an advocate first"
                raise RuleBroken(Refusal.ORGANISATION_UNKNOWN, f"name one organisation with --organisation: {known}")
            return await make_codes(
                session,
                Ledger(keys),
                organisation_id=named[0].id,
                by=By.operator("codes add"),
                count=arguments.count,
                days=arguments.days,
                now=settings.clock.clock().now(),
            )
    finally:
        await database.close()
        keys.close()
