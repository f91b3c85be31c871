"""Puts a package together: each case's folder, a page to read first, the verifier; then the bag around them."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.models.cases import Case
from db.session import Database
from monitor import __version__
from monitor.context.context import DomainContext
from monitor.evidence.chain import sha256
from monitor.evidence.entry_kinds import EntryKind
from monitor.exports.bag import bag, zipped
from monitor.exports.case_file import CaseFile
from monitor.exports.choosing import check_cases
from monitor.exports.custody.statement import HandedOut, StampedDay, custodian_statement
from monitor.exports.reading import read_case
from monitor.exports.records import FORMAT, copies_csv, custody_csv, json_file, notices_csv, records_json
from monitor.exports.report import ReportFrame, report_pdf
from monitor.keys.store import KeyStore
from monitor.notices.fields import KST, moment_in_both

VERIFIER = Path(__file__).parent / "verify.py"
_READ_ME = Path(__file__).parent / "templates" / "read_me.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What a package is to hold, in which language, and for whom."""

    export_id: str
    case_ids: tuple[str, ...]
    """In the order of the ids."""
    source_id: str | None
    """Only copies there; None: all."""
    language: str
    recipient: str = field(repr=False)
    made_by: str = field(repr=False)
    """Name of the advocate, or the operator."""
    made_at: datetime

    @property
    def name(self) -> str:
        """Of the folder and the ZIP: a date and letters, nothing about anybody."""
        return f"jikimi-evidence-{self.made_at.astimezone(KST):%Y%m%d}-{self.export_id[:8]}"


@dataclass(frozen=True, slots=True)
class Place:
    """Where things are on this installation."""

    heads_file: Path
    verifier_page: str
    """Address of the public page with the public key and the verifier's hash."""
    authority_file: Path | None = None
    """PEM of the authority whose time stamps are taken."""


@dataclass(frozen=True, slots=True)
class Package:
    """A whole package, in memory."""

    name: str
    files: Mapping[str, bytes] = field(repr=False)
    made_at: datetime

    def zip(self) -> bytes:
        """As one file."""
        return zipped(self.files, name=self.name, made_at=self.made_at)


async def record_export(
    session: AsyncSession, context: DomainContext, order: Order, cases: Sequence[Case], *, encrypted: str, agreed: bool
) -> None:
    """Write into each case's chain that a package is made and for whom, before anybody holds it.

    The cases are locked, in the order of their ids. `encrypted`: age-key, passphrase or no. `agreed`: whoever asked
    says that the person agreed. Raises RuleBroken where one of the cases may not leave.
    """
    await check_cases(session, cases, order.source_id)
    for case in cases:
        await context.record(
            session,
            case.id,
            EntryKind.EVIDENCE_EXPORTED,
            export=order.export_id,
            recipient=order.recipient,
            source=order.source_id,
            language=order.language,
            encrypted=encrypted,
            agreed=agreed,
        )


async def make_package(database: Database, context: DomainContext, order: Order, place: Place) -> Package:
    """Read every case in one transaction, then make the files in a thread.

    Raises RuleBroken where a case may not leave any more, KeyDestroyed, LedgerBroken.
    """
    held = await asyncio.to_thread(context.holding, order.case_ids)
    async with database.read() as session:
        query = select(Case).where(Case.id.in_(order.case_ids)).order_by(Case.id)
        rows = list(await session.scalars(query))
        await check_cases(session, rows, order.source_id)
        cases = [
            await read_case(
                session,
                held,
                case,
                heads_file=place.heads_file,
                export_id=order.export_id,
                source_id=order.source_id,
                language=order.language,
            )
            for case in rows
        ]
    return await asyncio.to_thread(_assemble, context.keys, order, place, cases)


def _assemble(keys: KeyStore, order: Order, place: Place, cases: Sequence[CaseFile]) -> Package:
    verifier = VERIFIER.read_bytes()
    frame = ReportFrame(
        language=order.language,
        package=order.name,
        made_at=order.made_at,
        made_by=order.made_by,
        recipient=order.recipient,
        public_key=keys.signing_key().public_key().public_bytes_raw().hex(),
        verifier_sha256=sha256(verifier),
        verifier_page=place.verifier_page,
    )
    payload: dict[str, bytes] = {"verify.py": verifier}
    authority = place.authority_file.read_bytes() if place.authority_file else b""
    for case in cases:
        made = files_of_case(case, frame, authority)
        payload |= {f"cases/{case.case_id}/{name}": content for name, content in made.items()}
    payload["package.json"] = json_file(
        {
            "format": FORMAT,
            "package": order.name,
            "language": order.language,
            "made_at": order.made_at.isoformat(),
            "cases": [case.case_id for case in cases],
            "public_key": frame.public_key,
            "program": f"Jikimi {__version__}",
        }
    )
    payload["README.txt"] = _read_me(order, frame, cases)

    def statements(manifest_sha256: str) -> dict[str, bytes]:
        return {f"statement-{one.case_id}.txt": _statement(one, order, manifest_sha256) for one in cases}

    files = bag(payload, keys=keys, name=order.name, made_at=order.made_at, beside=statements)
    return Package(order.name, files, order.made_at)


def files_of_case(case: CaseFile, frame: ReportFrame, authority: bytes = b"") -> dict[str, bytes]:
    """One case's folder: a person's own part, that can be handed on without the others.

    `authority`: the certificates (PEM) of who stamps times.
    """
    files = {
        "report.pdf": report_pdf(case, frame),
        "records.json": records_json(case),
        "copies.csv": copies_csv(case),
        "notices.csv": notices_csv(case),
        "custody.csv": custody_csv(case),
        "ledger.json": json_file(case.ledger),
    }
    if case.attestation is not None:
        files["attestation.json"] = json_file(case.attestation)
    for copy in case.copies:
        if copy.response:
            files[f"responses/copy-{copy.number}.json"] = copy.response
    if case.stamps and authority:
        files["time-stamps/authority.pem"] = authority
    for stamp in case.stamps:
        files[f"time-stamps/{stamp.day}.json"] = json_file(stamp.proof)
        files[f"time-stamps/{stamp.day}.tsr"] = stamp.response
    return {**files, **case.more}


def _statement(case: CaseFile, order: Order, manifest_sha256: str) -> bytes:
    """For whoever is responsible for the records to read, correct and sign. It names the list of files, so that it
    cannot be one of them."""
    handed_out = HandedOut(
        case_number=case.case_id,
        organisation=case.centre,
        entries=case.ledger["count"],
        head_hash=case.ledger["head_hash"],
        manifest_sha256=manifest_sha256,
        exported_at=order.made_at,
        tool=f"Jikimi {__version__}",
        stamps=tuple(StampedDay(one.day, one.authority, one.stamped_at) for one in case.stamps),
    )
    title, text = custodian_statement(handed_out, language=order.language)
    return f"{title}\n\n{text}\n".encode()


def _read_me(order: Order, frame: ReportFrame, cases: Sequence[CaseFile]) -> bytes:
    text = _READ_ME.read_text(encoding="utf-8").format(
        package=order.name,
        made_at=moment_in_both(order.made_at),
        cases="\n".join(f"  cases/{case.case_id}/" for case in cases),
        public_key=frame.public_key,
        verifier_sha256=frame.verifier_sha256,
        page=frame.verifier_page,
    )
    return text.encode()
