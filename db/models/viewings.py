"""Who looked at a copy, or was asked to: the police, a centre that may view it, or the person. We never do."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import Id, Sealed, UtcDateTime, new_id


class Viewing(Base):
    """One body was given the address of a copy, and what it said. Written by whoever holds the sighting."""

    __tablename__ = "viewings"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    sighting_id: Mapped[str] = mapped_column(ForeignKey("sightings.id"), index=True)
    body: Mapped[str] = mapped_column(String(16))
    """monitor.model.viewings.Viewer."""
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When an advocate handed it over; None: it looked without that."""
    asked_by: Mapped[str | None] = mapped_column(Id)
    said: Mapped[str | None] = mapped_column(String(16))
    """monitor.model.facts.PersonsWord, of the body; None: no answer yet."""
    said_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    noted_by: Mapped[str | None] = mapped_column(Id)
    """The advocate who wrote the answer down."""
    content: Mapped[bytes] = mapped_column(Sealed)
    """Sealed monitor.model.records.viewing.ViewingRecord."""
