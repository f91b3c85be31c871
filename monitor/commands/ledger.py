"""`python -m monitor ledger verify|export`: prove that nobody changed the evidence, or hand out a chain."""

import argparse
import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

from monitor.core.errors import ConfigError, LedgerBroken

if TYPE_CHECKING:
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
    export.set_defaults(run=run_export)


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
    document = asyncio.run(_export(arguments.config, arguments.case, payloads=not arguments.without_payloads))
    from monitor.evidence.export import write_export

    try:
        write_export(document, arguments.out)
    except OSError as error:
        raise ConfigError(f"--out: cannot write {arguments.out}: {error.strerror}") from None
    print(f"wrote {arguments.out}: {document['count']} entries, public key {document['public_key']}")
    return 0


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

    async with open_ledger(config) as (settings, session, keys):
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


async def _export(config: Path, case_id: str, *, payloads: bool) -> dict[str, Any]:
    from monitor.commands.ledger_session import open_ledger
    from monitor.evidence.export import export

    async with open_ledger(config) as (settings, session, keys):
        return await export(
            session,
            case_id,
            keys=keys,
            heads_file=settings.ledger.heads_file,
            now=settings.clock.clock().now(),
            payloads=payloads,
        )
