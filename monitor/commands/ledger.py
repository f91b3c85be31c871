"""`python -m monitor ledger verify|export|restored|day`: prove that nobody changed the evidence, or hand it out."""

import argparse
import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.core.errors import ConfigError, LedgerBroken

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, timedelta

    from monitor.evidence.faults import VerifyReport


def add_parser(subparsers: Any) -> None:
    """Put the command on the command line."""
    parser = subparsers.add_parser("ledger", help="verify the evidence ledger, or export a case's chain")
    commands = parser.add_subparsers(dest="ledger_command", required=True, metavar="COMMAND")

    verify_ledger = commands.add_parser("verify", help="exit 1 and name the first bad entry when anything was changed")
    origin = verify_ledger.add_mutually_exclusive_group(required=True)
    origin.add_argument("--config", type=Path, metavar="FILE", help="verify the database that FILE names")
    origin.add_argument("--file", type=Path, metavar="EXPORT", help="verify an export, without database or keys")
    verify_ledger.add_argument("--case", metavar="CASE", help="with --config: only this case")
    verify_ledger.add_argument("--public-key", metavar="HEX", help="with --file: the key that must have signed it")
    verify_ledger.set_defaults(run=run_verify)

    export = commands.add_parser("export", help="write a case's chain to a file that outsiders can verify")
    export.add_argument("--config", type=Path, required=True, metavar="FILE")
    export.add_argument("--case", required=True, metavar="CASE")
    export.add_argument("--out", type=Path, required=True, metavar="FILE")
    export.add_argument("--without-payloads", action="store_true", help="leave out the sealed payloads")
    export.add_argument("--disclose", default="", metavar="N,N", help="add the plain text of these entries")
    export.set_defaults(run=run_export)

    restored = commands.add_parser("restored", help="declare that the database was restored from a backup")
    restored.add_argument("--config", type=Path, required=True, metavar="FILE")
    restored.add_argument("--reason", required=True, metavar="TEXT", help="why, and from which backup")
    restored.set_defaults(run=run_restored)

    day = commands.add_parser("day", help="print the one value of a day, which tells nothing of any case")
    day.add_argument("--config", type=Path, required=True, metavar="FILE")
    day.add_argument("--day", metavar="DATE", help="such as 2026-03-01 (default: yesterday)")
    day.add_argument("--case", metavar="CASE", help="print the proof of this case's chain instead")
    day.set_defaults(run=run_day)


def run_verify(arguments: argparse.Namespace) -> int:
    """Print one line when all is well (0), else one line a fault (1)."""
    try:
        if arguments.file is not None:
            return _tell(*_verify_file(arguments.file, arguments.public_key))
        return _tell(asyncio.run(_verify(arguments.config, arguments.case)), "")
    except LedgerBroken as error:
        print(f"ledger BROKEN: {error}")
        return 1


def run_export(arguments: argparse.Namespace) -> int:
    """Write the export and print the public key that outsiders need."""
    document = asyncio.run(
        _export(
            arguments.config,
            arguments.case,
            payloads=not arguments.without_payloads,
            disclosed=_numbers(arguments.disclose),
        )
    )
    from monitor.evidence.export import write_export

    try:
        write_export(document, arguments.out)
    except OSError as error:
        raise ConfigError(f"--out: cannot write {arguments.out}: {error.strerror}") from None
    print(f"wrote {arguments.out}: {document['count']} entries, public key {document['public_key']}")
    return 0


def _numbers(text: str) -> list[int]:
    try:
        return sorted({int(part) for part in text.split(",") if part})
    except ValueError:
        raise ConfigError("--disclose: numbers of entries are expected, such as 3,7") from None


def _tell(report: "VerifyReport", note: str) -> int:
    print(f"{report}{note}" if report.ok else report)
    return 0 if report.ok else 1


def _verify_file(file: Path, key_hex: str | None) -> tuple["VerifyReport", str]:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from monitor.evidence.verify_export import verify_export

    key = None
    if key_hex is not None:
        try:
            key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key_hex))
        except ValueError:
            raise ConfigError("--public-key: 64 hex digits are expected") from None
    own = "" if key else "; the signer is the file's own word, give --public-key to be sure"
    return verify_export(file, key), own


async def _verify(config: Path, case_id: str | None) -> "VerifyReport":
    from monitor.commands.ledger_session import open_ledger
    from monitor.evidence.verify import SEALED_WITHIN, verify_ledger

    async with open_ledger(config) as (settings, database, keys), database.read() as session:
        report = await verify_ledger(
            session,
            heads_file=settings.ledger.heads_file,
            keys=keys,
            now=settings.clock.clock().now(),
            sealed_within=SEALED_WITHIN * settings.clock.speed,
            case_id=case_id,
            cases=True,
        )
    if case_id is not None and not report.cases:
        raise LedgerBroken(f"there is no ledger entry of case {case_id}")
    return report


async def _export(config: Path, case_id: str, *, payloads: bool, disclosed: "Sequence[int]") -> dict[str, Any]:
    from sqlalchemy import select

    from db.models.ledger import LedgerEntry
    from monitor.commands.ledger_session import open_ledger
    from monitor.evidence.by import By
    from monitor.evidence.chain import INSTALLATION
    from monitor.evidence.entry_kinds import EntryKind
    from monitor.evidence.export import export
    from monitor.evidence.ledger import Ledger

    async with open_ledger(config) as (settings, database, keys):
        now, ledger = settings.clock.clock().now(), Ledger(keys)
        chosen = select(LedgerEntry).where(LedgerEntry.case_id == case_id, LedgerEntry.seq.in_(disclosed))
        async with database.read() as session:
            rows = list(await session.scalars(chosen)) if disclosed else []
            document = await export(
                session,
                case_id,
                keys=keys,
                heads_file=settings.ledger.heads_file,
                now=now,
                payloads=payloads,
                opened={row.seq: opened for row in rows if (opened := ledger.open(row))},
            )
        # Before anybody holds it; in the installation's chain, since an erased case has no key for another entry.
        facts = {"case": case_id, "count": document["count"], "payloads": payloads, "disclosed": list(disclosed)}
        async with database.begin() as session:
            by = By.operator("ledger export")
            await ledger.append(session, INSTALLATION, EntryKind.CHAIN_EXPORTED, facts, by=by, at=now)
        return document


def run_restored(arguments: argparse.Namespace) -> int:
    """Declare the restore, and print what it lost."""
    try:
        missing, chains = asyncio.run(_restored(arguments.config, arguments.reason))
    except LedgerBroken as error:
        print(f"ledger BROKEN: {error}")
        return 1
    for one in missing:
        print(f"lost: {one}")
    print(
        f"restore declared: {chains} chains count as they are from now on; it is an entry of the installation's chain"
    )
    return 0


async def _restored(config: Path, reason: str) -> tuple[list[str], int]:
    from monitor.commands.ledger_session import open_ledger
    from monitor.evidence.by import By
    from monitor.evidence.chain import INSTALLATION
    from monitor.evidence.entry_kinds import EntryKind
    from monitor.evidence.ledger import Ledger
    from monitor.evidence.restoring import accept_restored, what_is_missing

    async with open_ledger(config) as (settings, database, keys):
        heads_file, now = settings.ledger.heads_file, settings.clock.clock().now()
        async with database.read() as session:
            missing = await what_is_missing(session, keys, heads_file)
        facts = {
            "reason": reason,
            "lost": [{"chain": one.chain, "signed": one.signed, "here": one.here} for one in missing],
        }
        async with database.begin() as session:
            by = By.operator("ledger restored")
            await Ledger(keys).append(session, INSTALLATION, EntryKind.DATABASE_RESTORED, facts, by=by, at=now)
        async with database.begin() as session:
            chains = await accept_restored(session, keys, heads_file, now=now)
    return [str(one) for one in missing], chains


def run_day(arguments: argparse.Namespace) -> int:
    """Print the value of a day, or write one case's proof of it."""
    from datetime import date, timedelta

    try:
        day = date.fromisoformat(arguments.day) if arguments.day else None
    except ValueError:
        raise ConfigError("--day: a date such as 2026-03-01 is expected") from None
    document = asyncio.run(_day(arguments.config, day, arguments.case, timedelta(days=1)))
    print(json.dumps(document, sort_keys=True))
    return 0


async def _day(config: Path, day: "date | None", case_id: str | None, back: "timedelta") -> dict[str, Any]:
    from monitor.commands.ledger_session import open_ledger
    from monitor.evidence.days import day_proof, day_root

    async with open_ledger(config) as (settings, _, keys):
        wanted = day or (settings.clock.clock().now() - back).date()
        if case_id is not None:
            return day_proof(keys, settings.ledger.heads_file, wanted, case_id)
        return {"day": wanted.isoformat(), "root": day_root(keys, settings.ledger.heads_file, wanted)}
