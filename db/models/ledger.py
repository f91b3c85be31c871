"""The evidence ledger: a hash chain per case and one of the installation, with their latest signed heads.

See docs/ledger.md.
"""

from datetime import datetime

from sqlalchemy import Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import Id, Sealed, UtcDateTime


class LedgerEntry(Base):
    """One step of one case, or of the installation. No foreign key: the chain outlives the case that it tells of."""

    __tablename__ = "ledger_entries"

    case_id: Mapped[str] = mapped_column(Id, primary_key=True)
    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    """1, 2, 3, ... without gaps."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    kind: Mapped[str] = mapped_column(String(64))
    """monitor.evidence.entry_kinds.EntryKind."""
    payload: Mapped[bytes | None] = mapped_column(Sealed)
    """Sealed JSON of the facts; None once destroyed."""
    payload_sha256: Mapped[str] = mapped_column(String(64))
    """Hex, of the sealed bytes: the chain verifies without any key, and after the payload is gone."""
    prev_hash: Mapped[str] = mapped_column(String(64))
    entry_hash: Mapped[str] = mapped_column(String(64))
    commitment: Mapped[str | None] = mapped_column(String(64))
    """Hex, of salt and plain payload; None for an entry of the first format."""
    tag: Mapped[str | None] = mapped_column(String(64))
    """Hex: a keyed hash of `entry_hash`, under a key outside this database, so that only the program adds entries.

    None for an entry of the first format.
    """


class LedgerSeal(Base):
    """The latest signed head of a case's chain: a copy of a line of the heads file, which lives elsewhere."""

    __tablename__ = "ledger_seals"

    case_id: Mapped[str] = mapped_column(Id, primary_key=True)
    count: Mapped[int] = mapped_column(Integer)
    """How many entries the chain had."""
    head_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    previous: Mapped[str] = mapped_column(String(64))
    """SHA-256 (hex) of the line before this one in the heads file."""
    signature: Mapped[str] = mapped_column(String(128))
    """Ed25519, hex."""
