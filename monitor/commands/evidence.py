"""`python -m monitor evidence export`: a package for police or a court, readable and verifiable without Jikimi."""

import argparse
import asyncio
import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.core.errors import ConfigError, KeyDestroyed, RuleBroken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.ext.asyncio import AsyncSession

    from db.models.cases import Case
    from monitor.exports.package import Package

_PRIVATE = 0o600
_AGE_KEY, _PASSPHRASE, _PLAIN = "age-key", "passphrase", "no"


def add_parser(subparsers: Any) -> None:
    """Put the command on the command line."""
    parser = subparsers.add_parser("evidence", help="make a package of evidence for police or a court")
    commands = parser.add_subparsers(dest="evidence_command", required=True, metavar="COMMAND")
    export = commands.add_parser("export", help="write the package of one case, of several, or of one source")
    export.add_argument("--case", action="append", default=[], metavar="CASE", help="a case number; may be repeated")
    export.add_argument(
        "--source",
        default="",
        metavar="LINK",
        help="only copies there; without --case: everybody whose copies are there",
    )
    export.add_argument("--organisation", default="", metavar="NAME", help="with --source: only this one's cases")
    export.add_argument("--out", type=Path, required=True, metavar="DIR", help="where the package is written")
    export.add_argument("--language", choices=("ko", "en"), default="ko", help="of the report (default: ko)")
    export.add_argument("--to", default="", metavar="NAME", help="who gets it; it is recorded")
    export.add_argument("--recipient", default="", metavar="AGE_KEY", help="their age public key (age1...)")
    export.add_argument("--plain", action="store_true", help="not encrypted: a folder and a ZIP, for this machine only")
    export.add_argument("--config", type=Path, default=Path("config.toml"), metavar="FILE")
    export.set_defaults(run=run_export)


def run_export(arguments: argparse.Namespace) -> int:
    """Write the package and print where it is, and the passphrase where one was made."""
    if arguments.plain and arguments.recipient:
        raise ConfigError("--plain and --recipient: choose one")
    if not arguments.case and not arguments.source:
        raise ConfigError("--case or --source: say what the package is to tell of")
    try:
        package, public_key = asyncio.run(_export(arguments))
    except RuleBroken as error:
        raise ConfigError(error.detail or error.reason.value) from None
    except KeyDestroyed:
        raise ConfigError("--case: this case was erased; nothing of it can be opened any more") from None
    for line in _written(package, arguments):
        print(line)
    print(f"public key {public_key}")
    return 0


def _written(package: "Package", arguments: argparse.Namespace) -> list[str]:
    from monitor.cases.passphrase import new_passphrase
    from monitor.exports.bag import write_folder
    from monitor.exports.encryption import encrypted_to, encrypted_with

    zip_file = package.zip()
    if arguments.plain:
        write_folder(package.files, arguments.out / package.name)
        _write(arguments.out / f"{package.name}.zip", zip_file)
        return [
            f"wrote {arguments.out / package.name} and {package.name}.zip, NOT encrypted: keep them on this machine"
        ]
    file = arguments.out / f"{package.name}.zip.age"
    if arguments.recipient:
        _write(file, encrypted_to(zip_file, arguments.recipient))
        return [f"wrote {file}, encrypted to {arguments.recipient.strip()}: `age --decrypt -i KEYFILE`"]
    passphrase = new_passphrase("en")
    _write(file, encrypted_with(zip_file, passphrase))
    return [f"wrote {file}, encrypted: `age --decrypt`", f"passphrase, to be told by phone: {passphrase}"]


def _write(file: Path, content: bytes) -> None:
    """Never overwrites: an earlier package is evidence too."""
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE), "wb") as out:
            out.write(content)
    except OSError as error:
        raise ConfigError(f"--out: cannot write {file}: {error.strerror}") from None


async def _export(arguments: argparse.Namespace) -> tuple["Package", str]:
    from db.types import new_id
    from monitor.app.bootstrap import evidence_place
    from monitor.commands.ledger_session import open_ledger
    from monitor.context.context import DomainContext
    from monitor.evidence.by import By
    from monitor.evidence.ledger import Ledger
    from monitor.exports.encryption import check_key
    from monitor.exports.package import Order, make_package, record_export
    from monitor.exports.words import WHO, told

    recipient_key = check_key(arguments.recipient) if arguments.recipient else ""
    await asyncio.to_thread(_make_folder, arguments.out)
    async with open_ledger(arguments.config) as (settings, database, keys):
        clock = settings.clock.clock()
        context = DomainContext(
            by=By.operator("evidence export"),
            keys=keys,
            ledger=Ledger(keys),
            clock=clock,
            enqueue=_nothing_follows,
            accounts={},
        )
        async with database.begin() as session:
            cases, source_id = await _chosen(session, arguments)
            order = Order(
                export_id=new_id(),
                case_ids=tuple(case.id for case in cases),
                source_id=source_id,
                language=arguments.language,
                recipient=arguments.to.strip(),
                made_by=told(WHO, "operator", arguments.language),
                made_at=_to_the_second(clock.now()),
            )
            encrypted = _AGE_KEY if recipient_key else _PLAIN if arguments.plain else _PASSPHRASE
            await record_export(session, context, order, cases, encrypted=encrypted, agreed=False)
        package = await make_package(database, context, order, evidence_place(settings))
        return package, keys.signing_key().public_key().public_bytes_raw().hex()


async def _chosen(session: "AsyncSession", arguments: argparse.Namespace) -> tuple["Sequence[Case]", str | None]:
    """The cases, locked in the order of their ids, and the source."""
    from sqlalchemy import select

    from db.locking import lock_rows
    from db.models.cases import Case
    from db.queries.people import find_organisation
    from monitor.exports.choosing import find_ring

    home = None
    if arguments.organisation:
        home = await find_organisation(session, arguments.organisation.strip())
        if home is None:
            raise ConfigError("--organisation: there is no organisation of this name")
    wanted, source_id = set(arguments.case), None
    if arguments.source:
        ring = await find_ring(session, arguments.source, organisation_id=None if home is None else home.id)
        source_id = ring.source_id
        if not wanted and len(ring.organisations) > 1:
            names = ", ".join(ring.organisations)
            raise ConfigError(f"--source: several organisations have cases there; name one by --organisation: {names}")
        wanted = wanted or set(ring.case_ids)
    cases = await lock_rows(session, select(Case).where(Case.id.in_(wanted)))
    missing = wanted - {case.id for case in cases}
    if missing:
        raise ConfigError(f"--case: there is no case {min(missing)}")
    return cases, source_id


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"--out: cannot make {folder}: {error.strerror}") from None


def _to_the_second(at: datetime) -> datetime:
    return at.replace(microsecond=0)


async def _nothing_follows(_session: object, _task: object) -> None:
    """A package asks for no work."""
    raise AssertionError("a package asks for no work")
