"""What an authority outside stamped: one time-stamp over the value of each day."""

from datetime import datetime

from sqlalchemy import Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import UtcDateTime


class TimeStamp(Base):
    """The value of a day, and the authority's answer once there is one. It tells nothing of any case."""

    __tablename__ = "time_stamps"

    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    """Such as 2026-03-01, in UTC."""
    root: Mapped[str] = mapped_column(String(64))
    """The value, in hex: see monitor.evidence.days."""
    authority: Mapped[str] = mapped_column(String(300))
    """The address that was asked."""
    response: Mapped[bytes | None] = mapped_column(LargeBinary)
    """The whole TimeStampResp in DER; None until one was given that verifies."""
    stamped_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The time in the token."""
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(Integer, default=0)
    reason: Mapped[str | None] = mapped_column(String(64))
    """Why the last try gave none, as a code."""
