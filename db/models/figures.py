"""What the EU's transparency database says of other people's hours: counts only, loaded by an operator."""

from datetime import datetime

from sqlalchemy import BigInteger, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import UtcDateTime


class PublishedHours(Base):
    """How many decisions of a platform about intimate pictures took so many hours from posting to restricting."""

    __tablename__ = "published_hours"

    platform: Mapped[str] = mapped_column(String(16), primary_key=True)
    noticed: Mapped[bool] = mapped_column(primary_key=True)
    """Somebody had given notice; else the platform found it itself."""
    hours: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    decisions: Mapped[int] = mapped_column(BigInteger)


class PublishedFile(Base):
    """A file that was loaded: once, whatever its name."""

    __tablename__ = "published_files"

    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    rows: Mapped[int] = mapped_column(BigInteger)
    decisions: Mapped[int] = mapped_column(BigInteger)
    """Of the rows, those that were counted."""
    first_day: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The earliest and the latest day on which one of these decisions was applied."""
    last_day: Mapped[datetime | None] = mapped_column(UtcDateTime)
    loaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
