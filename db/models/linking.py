"""What links sightings without being opened: keyed hashes. And reports about a whole channel or account."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import Id, Sealed, UtcDateTime, new_id


class SightingMark(Base):
    """One thing that a sighting has in common with others, as a keyed hash: equal or not, and nothing else is told."""

    __tablename__ = "sighting_marks"
    __table_args__ = (Index("ix_sighting_marks_kind_mark", "kind", "mark"),)

    sighting_id: Mapped[str] = mapped_column(ForeignKey("sightings.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    """monitor.model.linking.MarkKind. Every sighting that was marked has one of the kind `file`."""
    mark: Mapped[str] = mapped_column(String(64))
    """Hex, under the key store's `system:linking` key; empty where the sighting could not be opened."""


class PlaceReport(Base):
    """What a centre asks a platform about a whole channel or account. A person sends it, or has it sent."""

    __tablename__ = "place_reports"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"), index=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id"))
    route: Mapped[str] = mapped_column(String(32))
    """monitor.model.place_reports.PlaceRoute."""
    language: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(16))
    """monitor.model.place_reports.PlaceState."""
    reason: Mapped[str | None] = mapped_column(String(64))
    attempt: Mapped[int] = mapped_column(Integer, default=1)
    faults: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """In a row that were ours; see monitor.jobs.setbacks."""
    content: Mapped[bytes] = mapped_column(Sealed)
    """Sealed monitor.model.records.place_report.PlaceReportRecord, under the report's own key."""
    receipt: Mapped[bytes | None] = mapped_column(Sealed)
    """What the platform answered, sealed likewise."""
    created_by: Mapped[str] = mapped_column(Id)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_by: Mapped[str | None] = mapped_column(Id)
    """The advocate who sent it, or had it sent."""
    dated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the latest attempt to send it began."""
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ReportPart(Base):
    """One person's part of a joint report: asked, and agreed to and signed, by that person alone."""

    __tablename__ = "report_parts"
    __table_args__ = (UniqueConstraint("report_id", "case_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    report_id: Mapped[str] = mapped_column(ForeignKey("place_reports.id"))
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    state: Mapped[str] = mapped_column(String(16))
    """monitor.model.place_reports.PartState."""
    content: Mapped[bytes | None] = mapped_column(Sealed)
    """Sealed monitor.model.records.place_report.PartRecord, under the case's key; None before the person agreed, and
    after they took it back, unless an advocate was shown it."""
    asked_by: Mapped[str] = mapped_column(Id)
    """The advocate's id."""
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
