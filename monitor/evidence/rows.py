"""The ledger's tables as they are stored, read without the types of the models.

Verification must name what is wrong, not stumble over it: SQLite keeps any value in any column, and a time that
cannot be parsed, or text that is no text, would make the models raise.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from monitor.evidence.chain import Entry, Head, Seal, sha256


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """One row of `ledger_entries`. A value of the wrong type becomes one that no honest entry could hold."""

    entry: Entry
    entry_hash: str
    content_sha256: str | None
    """SHA-256 (hex) of the payload that is there; None once destroyed."""
    tag: str | None = None
    """See monitor.evidence.tags; None for an entry of the first format, and in an export."""


async def stored_entries(
    session: AsyncSession, case_id: str | None = None, *, after: int = 0
) -> AsyncIterator[StoredEntry]:
    """Every entry, or those of one case after an entry, ordered by case and number. Rows stream: memory stays flat."""
    sql = await _select(
        session,
        "ledger_entries",
        "case_id",
        "seq",
        "at",
        "kind",
        "payload_sha256",
        "prev_hash",
        "entry_hash",
        "commitment",
        "tag",
        "payload",
    )
    where = " where case_id = :case_id and seq > :after" if case_id is not None else ""
    values = {"case_id": case_id, "after": after} if case_id is not None else {}
    statement = text(f"{sql}{where} order by case_id, seq").execution_options(yield_per=500)
    result = await session.stream(statement, values)
    try:
        async for case, seq, at, kind, payload_sha256, prev_hash, entry_hash, committed, tag, payload in result:
            hashes = (_text(payload_sha256), _text(prev_hash), _maybe(committed))
            entry = Entry(_text(case), _number(seq), _time(at), _text(kind), *hashes)
            content = None if payload is None else sha256(bytes(payload))
            yield StoredEntry(entry, _text(entry_hash), content, _maybe(tag))
    finally:
        await result.close()


async def stored_seals(session: AsyncSession, case_id: str | None = None) -> list[Seal]:
    """Every row of `ledger_seals`, or the one of one case, ordered by case."""
    sql = await _select(session, "ledger_seals", "case_id", "count", "head_hash", "at", "previous", "signature")
    where = " where case_id = :case_id" if case_id is not None else ""
    values = {"case_id": case_id} if case_id is not None else {}
    rows = await session.execute(text(f"{sql}{where} order by case_id"), values)
    return [
        Seal(Head(_text(case), _number(count), _text(head), _time(at)), _text(previous), _text(signature))
        for case, count, head, at, previous, signature in rows
    ]


async def _select(session: AsyncSession, table: str, *columns: str) -> str:
    postgresql = (await session.connection()).dialect.name == "postgresql"
    read = _as_postgresql if postgresql else _as_sqlite
    return f"select {', '.join(read(column) for column in columns)} from {table}"  # noqa: S608 - names from this file


def _as_sqlite(column: str) -> str:
    return f'"{column}"' if column in ("seq", "count") else f'cast("{column}" as blob)'


def _as_postgresql(column: str) -> str:
    # With its era: the same date before Christ would look the same without.
    return "to_char(\"at\" at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS.USAD')" if column == "at" else f'"{column}"'


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _maybe(value: Any) -> str | None:
    return None if value is None else _text(value)


def _number(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _time(value: Any) -> str:
    """The stored form `2026-01-01 00:00:00.000000` as the chain's form; anything else stays a wrong one."""
    stored = _text(value).removesuffix("AD")
    return f"{stored[:10]}T{stored[11:]}Z" if len(stored) == 26 and stored[10] == " " else f"not a time: {stored}"
