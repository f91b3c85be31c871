"""How a reported post stood when a notice was about to leave: preserved before its poster can learn of it."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import Id, Sealed, UtcDateTime, new_id


class Observation(Base):
    """One try to observe a post again before a notice. One that brought nothing stands here too, with its reason."""

    __tablename__ = "observations"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    sighting_id: Mapped[str] = mapped_column(ForeignKey("sightings.id"), index=True)
    notice_id: Mapped[str | None] = mapped_column(ForeignKey("notices.id"))
    """The notice that was about to leave."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    outcome: Mapped[str] = mapped_column(String(64))
    """`observed`, or a code that says why not."""
    content: Mapped[bytes | None] = mapped_column(Sealed)
    """Sealed monitor.model.records.observation.ObservationRecord; None where nothing was observed."""
