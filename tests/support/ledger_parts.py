"""A ledger with its key store, database and heads file, and the hands of somebody who tampers with it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from db.base import Base
from db.models.ledger import LedgerEntry, LedgerSeal
from db.session import Database, is_sqlite, make_sync_engine
from monitor.evidence.by import By
from monitor.evidence.chain import GENESIS, Entry, Head, Seal, seal_message, sha256, timestamp
from monitor.evidence.entry_kinds import EntryKind
from monitor.evidence.faults import ChainFault, VerifyReport
from monitor.evidence.heads import read_heads, to_line
from monitor.evidence.ledger import Ledger
from monitor.evidence.seals import seal_heads
from monitor.evidence.verify import verify_ledger
from monitor.keys.envelope import Key
from monitor.keys.store import KeyStore, case_key

START = datetime(2026, 3, 1, 9, 30, 0, 123456, tzinfo=UTC)
BY = By.program("test")
MASTER = Key(b"a test's master key, 32 bytes...")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the tests work with."""

    url: str
    database: Database
    keys: KeyStore
    ledger: Ledger
    heads_file: Path

    async def fill(self, case_id: str, count: int) -> None:
        """Append `count` entries in one transaction."""
        self.keys.create(case_key(case_id))
        async with self.database.begin() as session:
            for number in range(count):
                at = START + timedelta(seconds=number, microseconds=number)
                await self.ledger.append(session, case_id, EntryKind.LOOKED, {"look": number}, by=BY, at=at)

    async def fill_old(self, case_id: str, count: int) -> None:
        """Append as versions before 0.3 did: entries of the first format, without tag."""
        key = self.keys.create(case_key(case_id))
        async with self.database.begin() as session:
            last = (await session.execute(text(_LAST), {"case": case_id})).first()
            seq, previous = (last.seq, last.entry_hash) if last else (0, GENESIS)
            for number in range(seq + 1, seq + count + 1):
                at = START + timedelta(seconds=number, microseconds=number)
                payload = key.seal_json({"look": number}, f"ledger:{case_id}:{number}")
                entry = Entry(case_id, number, timestamp(at), "looked", sha256(payload), previous)
                hashes = {"payload_sha256": entry.payload_sha256, "prev_hash": previous, "entry_hash": entry.hash()}
                session.add(LedgerEntry(case_id=case_id, seq=number, at=at, kind="looked", payload=payload, **hashes))
                previous = entry.hash()

    async def fill_old_tables(self, case_id: str, count: int) -> None:
        """The same into tables of an older version, which lack columns of today's model."""
        key, previous = self.keys.create(case_key(case_id)), GENESIS
        async with self.database.begin() as session:
            for number in range(1, count + 1):
                at = START + timedelta(seconds=number)
                payload = key.seal_json({"look": number}, f"ledger:{case_id}:{number}")
                entry = Entry(case_id, number, timestamp(at), "looked", sha256(payload), previous)
                stored = at.strftime("%Y-%m-%d %H:%M:%S.%f")
                values = (case_id, number, stored, "looked", payload, entry.payload_sha256, previous, entry.hash())
                await session.execute(text(_OLD_ROW), dict(zip("abcdefgh", values, strict=True)))
                previous = entry.hash()

    async def seal_old(self) -> None:
        """Sign every chain as versions before 0.3 did: file and table, nothing in the key store."""
        key = self.keys.signing_key()
        lines = read_heads(self.heads_file).lines
        previous = sha256(lines[-1]) if lines else GENESIS
        async with self.database.begin() as session:
            rows = (await session.execute(text(_NEWEST))).all()
            await session.execute(text("delete from ledger_seals"))
            for case_id, seq, entry_hash in rows:
                head = Head(case_id, seq, entry_hash, timestamp(START))
                seal = Seal(head, previous, key.sign(seal_message(head, previous)).hex())
                previous = sha256(to_line(seal))
                with self.heads_file.open("ab") as file:
                    file.write(to_line(seal) + b"\n")
                row = {"case_id": case_id, "count": seq, "head_hash": entry_hash, "at": START}
                session.add(LedgerSeal(**row, previous=seal.previous, signature=seal.signature))

    async def seal(self, *, at: datetime = START + timedelta(hours=1)) -> int:
        """Sign what moved."""
        async with self.database.begin() as session:
            return await seal_heads(session, self.keys, self.heads_file, now=at)

    async def verify(self, case_id: str | None = None, *, now: datetime = START, cases: bool = False) -> VerifyReport:
        """Verify all, or one case. By default so early that no entry is too old for having no seal."""
        async with self.database.read() as session:
            return await verify_ledger(
                session, heads_file=self.heads_file, keys=self.keys, now=now, case_id=case_id, cases=cases
            )

    async def fault(self, case_id: str | None = None) -> ChainFault:
        """The only fault that verification finds, of one case where it is named."""
        (fault,) = (one for one in (await self.verify()).faults if case_id in (None, one.case_id))
        return fault

    async def tamper(self, *statements: str, **values: Any) -> None:
        """Change the database behind the application's back."""
        async with self.database.begin() as session:
            for statement in statements:
                await session.execute(text(statement), values)

    async def change(self, assignment: str, case_id: str, seq: int) -> None:
        """Set columns of one entry."""
        where = f"where case_id = '{case_id}' and seq = {seq}"
        await self.tamper(f"update ledger_entries set {assignment} {where}")  # noqa: S608 - a test's own words

    async def rewrite(self, case_id: str, seq: int, *, kind: str) -> None:
        """Change one entry and recompute every hash after it, as somebody would who knows the format."""
        async with self.database.begin() as session:
            rows = (await session.execute(text(_ALL), {"case": case_id})).all()
            previous = GENESIS
            for row in rows:
                number = row.seq
                at = row.at if isinstance(row.at, str) else timestamp(row.at)
                at = at if at.endswith("Z") else at.replace(" ", "T") + "Z"
                hashes = (row.payload_sha256, previous, row.commitment)
                entry = Entry(case_id, number, at, kind if number == seq else row.kind, *hashes)
                previous = entry.hash()
                values = {"kind": entry.kind, "prev": entry.prev_hash, "hash": previous, "case": case_id, "seq": number}
                await session.execute(text(_REPLACE), values)


_OLD_ROW = (
    "insert into ledger_entries (case_id, seq, at, kind, payload, payload_sha256, prev_hash, entry_hash) "
    "values (:a, :b, :c, :d, :e, :f, :g, :h)"
)
_NEWEST = (
    "select e.case_id, e.seq, e.entry_hash from ledger_entries e where e.seq = "
    "(select max(seq) from ledger_entries where case_id = e.case_id) order by e.case_id"
)
_LAST = "select seq, entry_hash from ledger_entries where case_id = :case order by seq desc limit 1"
_ALL = "select seq, at, kind, payload_sha256, commitment from ledger_entries where case_id = :case order by seq"
_REPLACE = (
    "update ledger_entries set kind = :kind, prev_hash = :prev, entry_hash = :hash where case_id = :case and seq = :seq"
)


@asynccontextmanager
async def open_evidence(url: str, folder: Path, *, master: Key = MASTER, keys_url: str = "") -> AsyncIterator[Evidence]:
    """An empty ledger in the database at `url`; keys on the same kind of database."""
    await asyncio.to_thread(make_tables, url)
    async with opened(url, folder, master=master, keys_url=keys_url) as evidence:
        yield evidence


@asynccontextmanager
async def opened(url: str, folder: Path, *, master: Key = MASTER, keys_url: str = "") -> AsyncIterator[Evidence]:
    """The ledger that another process made."""
    beside = f"sqlite:///{folder / 'keys.sqlite'}" if is_sqlite(url) else url
    keys = KeyStore(keys_url or beside, master)
    keys.prepare()
    database = Database(url)
    try:
        yield Evidence(url, database, keys, Ledger(keys), folder / "heads.jsonl")
    finally:
        await database.close()
        keys.close()


def make_tables(url: str) -> None:
    """The ledger's own two tables; the whole schema is not needed here."""
    engine = make_sync_engine(url)
    Base.metadata.create_all(
        engine, tables=[LedgerEntry.metadata.tables[m.__tablename__] for m in (LedgerEntry, LedgerSeal)]
    )
    engine.dispose()
