"""What lets an advocate speak for a person: seen by an advocate, and revocable by the person."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import Id, Sealed, UtcDateTime, new_id


class Mandate(Base):
    """One mandate of one case. Written only by whoever holds the case's row."""

    __tablename__ = "mandates"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    content: Mapped[bytes] = mapped_column(Sealed)
    """Sealed monitor.model.records.entered.MandateRecord."""
    covers: Mapped[str] = mapped_column(String(100))
    """monitor.model.entered.Matter, joined by spaces."""
    seen_by: Mapped[str] = mapped_column(Id)
    """The advocate who saw it, and recorded it."""
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
