"""Other people's hours, loaded by an operator: each file once, kept as counts."""

import hashlib
from collections.abc import Iterator, Sequence
from io import BufferedReader, TextIOWrapper
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.inserting import insert_unless_there
from db.models.figures import PublishedFile, PublishedHours
from monitor.context.context import DomainContext
from monitor.core.errors import ConfigError
from monitor.evidence.entry_kinds import EntryKind
from monitor.exports.transparency_csv import LONGEST_LINE, StatementHours, count_statements

MOST_BYTES = 16 * 1024**3
"""Of one file. The database's days are handed out in parts far below it."""


def read_file(path: Path) -> tuple[str, StatementHours]:
    """SHA-256 (hex) and counts of one CSV. Raises ConfigError, StatementsUnreadable.

    It reads at length: call it in a thread, before any transaction.
    """
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise ConfigError(f"{path} has {size} bytes, at most {MOST_BYTES} are read: load it in parts")
        digest = hashlib.sha256()
        with path.open("rb") as file:
            reading: BufferedReader = _Hashing(file, digest)  # type: ignore[assignment]  # what TextIOWrapper asks of it
            counted = count_statements(_lines(TextIOWrapper(reading, encoding="utf-8", newline="")))
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is no UTF-8 text") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {type(error).__name__}") from None
    return digest.hexdigest(), counted


async def keep_file(session: AsyncSession, context: DomainContext, sha256: str, counted: StatementHours) -> bool:
    """Add the counts of a file; False when this very file was loaded before."""
    new = await insert_unless_there(
        session,
        PublishedFile,
        sha256=sha256,
        rows=counted.rows,
        decisions=counted.decisions,
        first_day=counted.first_day,
        last_day=counted.last_day,
        loaded_at=context.now(),
    )
    if not new:
        return False
    for (platform, noticed, hours), decisions in sorted(counted.hours.items()):
        key = {"platform": platform.value, "noticed": noticed, "hours": hours}
        row = await session.get(PublishedHours, tuple(key.values()))
        if row is None:
            session.add(PublishedHours(**key, decisions=decisions))
        else:
            row.decisions += decisions
    await session.flush()
    await context.record_installation(
        session, EntryKind.PUBLISHED_LOADED, sha256=sha256, rows=counted.rows, decisions=counted.decisions
    )
    return True


async def files_of(session: AsyncSession) -> Sequence[PublishedFile]:
    """What was loaded, in the order of its days."""
    query = select(PublishedFile).order_by(PublishedFile.first_day, PublishedFile.sha256)
    return (await session.scalars(query)).all()


async def forget_all(session: AsyncSession, context: DomainContext) -> int:
    """Drop everything that was loaded, so that it can be loaded anew. Returns how many files."""
    files = await files_of(session)
    for model in (PublishedHours, PublishedFile):
        await session.execute(delete(model))
    if files:
        await context.record_installation(session, EntryKind.PUBLISHED_FORGOTTEN, files=len(files))
    return len(files)


class _Hashing:
    """A file that is hashed while it is read."""

    def __init__(self, file: BufferedReader, digest: "hashlib._Hash") -> None:
        self._file, self._digest = file, digest
        self.closed = False

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return False

    def seekable(self) -> bool:
        return False

    def read1(self, size: int = -1) -> bytes:
        data = self._file.read1(size)
        self._digest.update(data)
        return data

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._digest.update(data)
        return data

    def flush(self) -> None:
        """Nothing is written."""

    def close(self) -> None:
        self.closed = True


def _lines(text: TextIOWrapper) -> Iterator[str]:
    """Lines of bounded length: one without an end must not fill the memory."""
    while line := text.readline(LONGEST_LINE + 1):
        yield line
