"""Requests to keep data that the police sent to a platform, as somebody told us."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import Id, Sealed, UtcDateTime, new_id


class Preservation(Base):
    """One request that was sent, or renewed. Each renewal is a row of its own; the latest of a platform counts.

    A row without time (`ends_at` is `sent_at`) is no request: it ends what was recorded before it. With `renew_at` at
    `sent_at`, all of its platform, since nothing is needed any more. With an earlier `renew_at`, only the row that was
    recorded at its `sent_at`, since the day of that one was wrong; an older program wrote a later `renew_at`, which
    ends what names the same `sent_at`. See `db.queries.preservations`.
    """

    __tablename__ = "preservations"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    platform: Mapped[str] = mapped_column(String(16))
    sent_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When the police sent it: the clock runs from then."""
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When the platform need no longer keep the data."""
    renew_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    """From when on a renewal is asked for."""
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by: Mapped[str] = mapped_column(Id)
    """The advocate whom the police told."""
    content: Mapped[bytes] = mapped_column(Sealed)
    """Sealed monitor.model.records.preservation.PreservationRecord."""
