"""The newest signed head of every chain, kept in the key store: out of reach for who can write to the database.

What a head is, the ledger knows; here it is a line of the heads file with its place in that file.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Column, Engine, Integer, LargeBinary, MetaData, String, Table, delete, select
from sqlalchemy.dialects import postgresql, sqlite


@dataclass(frozen=True, slots=True)
class KeptHead:
    """The newest head of one chain."""

    chain: str
    """A case's id, or the installation's."""
    count: int
    """How many entries it covers."""
    line: bytes
    """As it stands in the heads file, without its newline."""
    end: int
    """How many bytes of the heads file end with this line and its newline."""


_AT_A_TIME = 200
_heads = Table(
    "ledger_heads",
    MetaData(),
    Column("chain", String(32), primary_key=True),
    Column("count", Integer, nullable=False),
    Column("line", LargeBinary, nullable=False),
    Column("end_at", BigInteger, nullable=False),
)
TABLE = _heads
"""For whoever makes the tables."""


class KeptHeads:
    """Like the rest of the key store: short, synchronous, and nothing is cached."""

    def __init__(self, engine: Engine, *, is_sqlite: bool) -> None:
        self._engine, self._sqlite = engine, is_sqlite

    def all(self) -> dict[str, KeptHead]:
        """By chain."""
        query = select(_heads.c.chain, _heads.c.count, _heads.c.line, _heads.c.end_at)
        with self._engine.connect() as connection:
            return {row[0]: KeptHead(row[0], row[1], bytes(row[2]), row[3]) for row in connection.execute(query)}

    def keep(self, heads: Iterable[KeptHead]) -> None:
        """Remember newer heads. One that stands earlier in the file than what is known is left: others were quicker."""
        self._put(heads, only_newer=True)

    def replace(self, heads: Iterable[KeptHead]) -> None:
        """Remember these and nothing else: somebody declared that the database was restored."""
        self._put(heads, only_newer=False)

    def _put(self, heads: Iterable[KeptHead], *, only_newer: bool) -> None:
        """All of them or none: a part would look like an attack on the rest."""
        values = [{"chain": one.chain, "count": one.count, "line": one.line, "end_at": one.end} for one in heads]
        whole = self._engine.execution_options(isolation_level="SERIALIZABLE")
        with whole.begin() as connection:
            if not only_newer:
                connection.execute(delete(_heads))
            for start in range(0, len(values), _AT_A_TIME):
                connection.execute(self._upsert(values[start : start + _AT_A_TIME], only_newer=only_newer))

    def _upsert(self, values: list[dict[str, Any]], *, only_newer: bool) -> sqlite.Insert | postgresql.Insert:
        if self._sqlite:
            fresh = sqlite.insert(_heads).values(values)
            newer = _heads.c.end_at < fresh.excluded.end_at if only_newer else None
            return fresh.on_conflict_do_update(index_elements=["chain"], set_=_new(fresh.excluded), where=newer)
        wanted = postgresql.insert(_heads).values(values)
        newer = _heads.c.end_at < wanted.excluded.end_at if only_newer else None
        return wanted.on_conflict_do_update(index_elements=["chain"], set_=_new(wanted.excluded), where=newer)


def _new(excluded: Any) -> dict[str, Any]:
    return {name: excluded[name] for name in ("count", "line", "end_at")}
