"""What a person and their centre write to each other, and what the person is asked about one possible copy."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import Id, Sealed, UtcDateTime, new_id


class Message(Base):
    """One message, plain text. Written only by whoever holds the row of its case."""

    __tablename__ = "messages"
    __table_args__ = (UniqueConstraint("case_id", "number"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    number: Mapped[int] = mapped_column(Integer)
    """1 for the first of the case."""
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"), index=True)
    """Between whom: the centre that had the case then. Another one that has it later does not see it."""
    written_by: Mapped[str | None] = mapped_column(Id)
    """The advocate's id; None: the person."""
    content: Mapped[bytes] = mapped_column(Sealed)
    """Sealed monitor.model.records.message.MessageRecord."""
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the other side opened it first."""


class SightingQuestion(Base):
    """An advocate asks the person whether a possible copy is theirs. Written only by whoever holds the sighting."""

    __tablename__ = "sighting_questions"

    sighting_id: Mapped[str] = mapped_column(ForeignKey("sightings.id"), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    asked_by: Mapped[str] = mapped_column(Id)
    """The advocate's id."""
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answer: Mapped[str | None] = mapped_column(String(16))
    """monitor.model.facts.PersonsWord; None: not answered yet."""
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
