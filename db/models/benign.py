"""Hashes of pictures that are known to be harmless. They belong to nobody's case."""

from datetime import datetime

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import Id, UtcDateTime, new_id


class BenignHash(Base):
    """A default avatar, a template, a placeholder, a stock picture. Rows are added and deleted, never changed."""

    __tablename__ = "benign_hashes"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    code: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)
    """PDQ, 32 bytes, of fingerprint version `version`."""
    version: Mapped[str] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(String(100))
    """What it is, such as `x-default-avatar`: never anything about a person."""
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    added_by: Mapped[str] = mapped_column(String(64))
    """The operator's role or initials, as they gave it."""
