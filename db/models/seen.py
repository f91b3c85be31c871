"""What sources showed: sealed fingerprints of inspected media, and who waits to be compared with them."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import Sealed, UtcDateTime


class SeenMedium(Base):
    """The fingerprint of one inspected medium of a source. It belongs to the source: nothing of any case is in it."""

    __tablename__ = "seen_media"
    __table_args__ = (Index("ix_seen_media_unchecked", "source_id", "checked_at"),)

    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id"), primary_key=True)
    post_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    media_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    epoch: Mapped[int] = mapped_column(Integer)
    """The source's `seen_epoch` when it was seen: with `day` it names the key."""
    day: Mapped[date] = mapped_column(Date)
    """In UTC."""
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    checked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When the platform last said that the post exists."""
    version: Mapped[str] = mapped_column(String(16))
    """Of the fingerprint: others are not compared."""
    payload: Mapped[bytes] = mapped_column(Sealed)


class Backfill(Base):
    """A case whose watch grew waits to be compared with what a source showed. The row is the truth, not its task."""

    __tablename__ = "look_backs"

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id"), primary_key=True)
    attempt: Mapped[int] = mapped_column(Integer)
    """Counts every task, and never starts again: a spent task's id is not used twice."""
    tries: Mapped[int] = mapped_column(Integer)
    """How often it was put off since it was asked for."""
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    """None: done."""
