"""What people did about a confirmed copy beside its notices: steps that they filed, and that they closed it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import Id, Sealed, UtcDateTime, new_id


class Filing(Base):
    """A step that a person took to a recipient themselves: the next one after a notice, or a route for minors."""

    __tablename__ = "filings"
    __table_args__ = (UniqueConstraint("sighting_id", "step", "number"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    sighting_id: Mapped[str] = mapped_column(ForeignKey("sightings.id"))
    notice_id: Mapped[str | None] = mapped_column(ForeignKey("notices.id"))
    """The notice that it follows; None where none had to be sent before."""
    step: Mapped[str] = mapped_column(String(32))
    """The name of a route or next step."""
    number: Mapped[int] = mapped_column(Integer)
    """1 for the first filing of this step about this copy."""
    filed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    filed_by: Mapped[str] = mapped_column(Id)
    """The advocate who recorded it."""
    deadline_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Its own clock."""
    content: Mapped[bytes] = mapped_column(Sealed)
    """Sealed monitor.model.records.filing.FilingRecord: what was filed, and its reference."""
    answer: Mapped[str | None] = mapped_column(String(16))
    """monitor.model.copies.FilingAnswer; the latest."""
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    answer_content: Mapped[bytes | None] = mapped_column(Sealed)
    """Sealed monitor.model.records.filing.FilingAnswerRecord."""


class CopyClosing(Base):
    """An advocate closed a confirmed copy: nothing more is done about it. Its row goes when it is opened again."""

    __tablename__ = "copy_closings"

    sighting_id: Mapped[str] = mapped_column(ForeignKey("sightings.id"), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    reason: Mapped[str] = mapped_column(String(32))
    """monitor.model.copies.Closing."""
    closed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_by: Mapped[str] = mapped_column(Id)
