"""What somebody outside says: "my picture was registered here". Never a picture."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import Id, Sealed, UtcDateTime, new_id


class Report(Base):
    """One report. What the reporter typed is sealed under a key of its own, which goes with it."""

    __tablename__ = "reports"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    organisation_id: Mapped[str | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    """Whom the reporter named; None: every organisation."""
    language: Mapped[str] = mapped_column(String(8))
    content: Mapped[bytes] = mapped_column(Sealed)
    """Sealed monitor.model.records.report.ReportRecord."""
    made_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class ReportClosed(Base):
    """An organisation has dealt with a report; it stays open for the others."""

    __tablename__ = "reports_closed"

    report_id: Mapped[str] = mapped_column(ForeignKey("reports.id"), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    closed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    closed_by: Mapped[str] = mapped_column(Id)
