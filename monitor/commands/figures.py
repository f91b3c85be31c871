"""`python -m monitor figures`: other people's hours, from the EU's transparency database."""

import argparse
import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.core.errors import ConfigError

if TYPE_CHECKING:
    from monitor.app.bootstrap import Services

_DESCRIPTION = """Loads the CSV files that https://transparency.dsa.ec.europa.eu hands out (unpack them first). Of the
decisions of Telegram and X about intimate pictures that were shared without consent, counts of days are kept; of
everything else, nothing. They stand beside a centre's own hours on its page of figures."""


def add_parser(subparsers: Any) -> None:
    """Put the command on the command line."""
    parser = subparsers.add_parser("figures", help="load the EU's published hours", description=_DESCRIPTION)
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    load = actions.add_parser("load", help="load CSV files; one that was loaded before is left out")
    load.add_argument("files", nargs="+", type=Path, metavar="FILE")
    show = actions.add_parser("list", help="print what was loaded: days, rows, decisions counted")
    forget = actions.add_parser("forget", help="drop everything that was loaded")
    for action in (load, show, forget):
        action.add_argument("--config", type=Path, default=Path("config.toml"), metavar="FILE")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked; 1 when a file was refused."""
    from monitor.settings.loading import load_settings

    return asyncio.run(_run(load_settings(arguments.config), arguments))


async def _run(settings: Any, arguments: argparse.Namespace) -> int:
    from db.migrate import upgrade
    from monitor.app.bootstrap import build_services

    await asyncio.to_thread(upgrade, settings.database.url)
    services = build_services(settings)
    try:
        if arguments.action == "load":
            return await _load(services, arguments.files)
        if arguments.action == "forget":
            return await _forget(services)
        return await _list(services)
    finally:
        await services.close()


async def _load(services: "Services", files: list[Path]) -> int:
    from monitor.evidence.by import By
    from monitor.exports.published import keep_file, read_file
    from monitor.exports.transparency_csv import StatementsUnreadable

    context, refused = services.context.acting(By.operator("figures")), 0
    for file in files:
        try:
            sha256, counted = await asyncio.to_thread(read_file, file)
        except (StatementsUnreadable, ConfigError) as error:
            print(f"refused: {file.name}: {error}")
            refused = 1
            continue
        async with services.database.begin() as session:
            new = await keep_file(session, context, sha256, counted)
        if not new:
            print(f"{file.name}: loaded before")
            continue
        odd = f", {counted.odd} with dates that make no sense" if counted.odd else ""
        print(f"{file.name}: {counted.rows} rows, {counted.decisions} decisions counted{odd}")
    return refused


async def _forget(services: "Services") -> int:
    from monitor.evidence.by import By
    from monitor.exports.published import forget_all

    async with services.database.begin() as session:
        files = await forget_all(session, services.context.acting(By.operator("figures")))
    print(f"dropped: {files} files")
    return 0


async def _list(services: "Services") -> int:
    from monitor.exports.published import files_of

    async with services.database.read() as session:
        for row in await files_of(session):
            first, last = (f"{day:%Y-%m-%d}" if day else "-" for day in (row.first_day, row.last_day))
            print(f"{row.sha256[:16]}  {first} to {last}  {row.rows} rows  {row.decisions} decisions")
    return 0
