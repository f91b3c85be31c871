"""`python -m monitor benign`: the list of harmless pictures, which are matched against nobody."""

import argparse
import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.core.errors import ConfigError

if TYPE_CHECKING:
    from db.session import Database
    from monitor.settings.model import Settings

LONGEST_NOTE = 100
_DESCRIPTION = """Default avatars, templates, placeholders, stock pictures: what is listed leads to no sighting, and is
refused where somebody registers it. It never hides a post that surely fits a person's own picture. Of a file only its
hash is kept."""


def add_parser(subparsers: Any) -> None:
    """Put the command on the command line."""
    parser = subparsers.add_parser("benign", help="list pictures known to be harmless", description=_DESCRIPTION)
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    add = actions.add_parser("add", help="list pictures, by file or by PDQ hash")
    add.add_argument("pictures", nargs="+", metavar="FILE|HEX", help="a file, or the 64 hexadecimal digits of a hash")
    add.add_argument("--note", required=True, metavar="TEXT", help="what it is; never anything about a person")
    add.add_argument("--by", default="operator", metavar="WHO", help="your role or initials (default: operator)")
    add.add_argument(
        "--template",
        action="store_true",
        help="an app's screen, a poster's or a meme's frame without a person's picture: its parts may not count alone",
    )
    show = actions.add_parser("list", help="print what is listed: id, when, by whom, note")
    remove = actions.add_parser("remove", help="take a picture off the list")
    remove.add_argument("id", metavar="ID")
    for action in (add, show, remove):
        action.add_argument("--config", type=Path, default=Path("config.toml"), metavar="FILE")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked; 1 when a file was refused."""
    from monitor.core.logs import log_to_stderr
    from monitor.settings.loading import load_settings

    settings = load_settings(arguments.config)
    log_to_stderr(logging.WARNING)  # each change of the list leaves a line there, with its id
    return asyncio.run(_run(settings, arguments))


async def _run(settings: "Settings", arguments: argparse.Namespace) -> int:
    from db.migrate import upgrade
    from db.session import Database

    if arguments.action == "add" and not (
        0 < len(arguments.note.strip()) <= LONGEST_NOTE and 0 < len(arguments.by.strip()) <= 64
    ):
        raise ConfigError(f"--note takes 1 to {LONGEST_NOTE} characters, --by 1 to 64")
    if arguments.action == "add" and not (arguments.note.strip() + arguments.by.strip()).isprintable():
        raise ConfigError("--note and --by take printable characters of one line, no control characters")
    await asyncio.to_thread(upgrade, settings.database.url)
    database = Database(settings.database.url)
    try:
        if arguments.action == "add":
            return await _add(database, settings, arguments)
        if arguments.action == "remove":
            return await _remove(database, arguments.id)
        return await _list(database)
    finally:
        await database.close()


async def _add(database: "Database", settings: "Settings", arguments: argparse.Namespace) -> int:
    from monitor.watch.benign import add_benign

    if arguments.template:
        return await _add_templates(database, settings, arguments)
    codes, refused = await _codes(arguments.pictures)
    now = settings.clock.clock().now()
    for picture, code in codes:
        # One transaction a picture: two operators who list the same ones in another order never wait for each other.
        async with database.begin() as session:
            note = arguments.note.strip()
            row, new = await add_benign(session, code, note=note, by=arguments.by.strip(), now=now)
            kept = "" if new else f"  listed already, its note stays: {printable(row.note)}"
        print(f"{row.id}  {printable(picture)}{kept}")
    for line in refused:
        print(line)
    return 1 if refused else 0


async def _add_templates(database: "Database", settings: "Settings", arguments: argparse.Namespace) -> int:
    """List the tiles and points of template pictures: what is seen alike in everything that is made of one."""
    from monitor.commands.media_files import inspect_files
    from monitor.core.errors import NotInspected
    from monitor.fingerprints.decoder.protocol import Wish
    from monitor.fingerprints.regions.codes import REGIONS_VERSION
    from monitor.watch.benign import add_benign

    note, by, refused = arguments.note.strip(), arguments.by.strip(), False
    async for one in inspect_files(arguments.pictures, Wish("full")):
        regions = None if isinstance(one.outcome, NotInspected) else one.outcome.regions
        boxes = () if regions is None else regions.layout
        tiles = (
            []
            if regions is None
            else [
                bytes(code)
                for number, code in zip(regions.numbers, regions.table, strict=True)
                if boxes[number].family == "tile"
            ]
        )
        tiles += [] if regions is None else [bytes(code) for code in regions.points["code"]]
        if not tiles:
            reason = one.outcome.reason if isinstance(one.outcome, NotInspected) else "no part of it tells anything"
            print(f"refused: {printable(one.file)}: {reason}")
            refused = True
            continue
        now = settings.clock.clock().now()
        async with database.begin() as session:
            rows = [
                (await add_benign(session, code, note=note, by=by, now=now, version=REGIONS_VERSION))[0]
                for code in sorted(tiles)
            ]
        print(f"{rows[0].id}  {printable(one.file)}  template, {len(rows)} parts")
    return 1 if refused else 0


async def _codes(pictures: list[str]) -> tuple[list[tuple[str, bytes]], list[str]]:
    """Each picture's code, and a line for each that was refused."""
    from monitor.commands.media_files import inspect_files
    from monitor.core.errors import NotInspected
    from monitor.fingerprints.hashes.values import MIN_QUALITY, parse_code

    codes: list[tuple[str, bytes]] = []
    files, refused = [], []
    for picture in pictures:
        try:
            codes.append((picture, parse_code(picture)))
        except ValueError:
            files.append(picture)
    async for one in inspect_files(files):
        if isinstance(one.outcome, NotInspected):
            refused.append(f"refused: {printable(one.file)}: {one.outcome.reason}")
        elif one.outcome.kind == "video":
            refused.append(f"refused: {printable(one.file)}: a video; list pictures only")
        elif one.outcome.whole.quality < MIN_QUALITY:
            refused.append(
                f"refused: {printable(one.file)}: quality {one.outcome.whole.quality} is below {MIN_QUALITY}: too plain"
            )
        else:
            codes.append((one.file, one.outcome.whole.code))
    return codes, refused


async def _remove(database: "Database", benign_id: str) -> int:
    from monitor.watch.benign import remove_benign

    async with database.begin() as session:
        if not await remove_benign(session, benign_id):
            raise ConfigError(f"nothing is listed under {benign_id}; `benign list` prints the ids")
    print(f"removed: {benign_id}")
    return 0


async def _list(database: "Database") -> int:
    from db.models.benign import BenignHash
    from db.queries.benign import benign_hashes
    from monitor.fingerprints.regions.codes import REGIONS_VERSION

    async with database.read() as session:
        rows = await benign_hashes(session)
    templates: dict[object, list[BenignHash]] = {}
    for row in rows:
        template = (row.added_at, row.added_by, row.note) if row.version == REGIONS_VERSION else row.id
        templates.setdefault(template, []).append(row)
    for parts in templates.values():
        row = parts[0]
        kind = f"  (template, {len(parts)} parts)" if row.version == REGIONS_VERSION else ""
        print(f"{row.id}  {row.added_at:%Y-%m-%d}  {printable(row.added_by)}  {printable(row.note)}{kind}")
    return 0


def printable(text: str) -> str:
    """`text` for a terminal: what could move its cursor or hide other words becomes a question mark."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)
