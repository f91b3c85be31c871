"""How a centre works on a case: the name and tags that it gives it, who is in charge, and notes of its advocates.

All of it is the centre's own: another one that has the case later sees none of it.
"""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import Id, Sealed, UtcDateTime, new_id


class CaseDesk(Base):
    """What one centre calls a case, and who there is in charge of it. Written only by whoever holds the case."""

    __tablename__ = "case_desks"

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"), primary_key=True, index=True)
    content: Mapped[bytes | None] = mapped_column(Sealed)
    """Sealed monitor.model.records.desk.CaseDeskRecord; None: it has neither name nor tags."""
    in_charge: Mapped[str | None] = mapped_column(Id)
    """The advocate's id; None: nobody, whoever comes first."""
    in_charge_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    handed_by: Mapped[str | None] = mapped_column(Id)
    """Who handed it over, where that was somebody else."""
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When whoever is in charge opened it first since then."""


class CaseNote(Base):
    """A note of an advocate for the colleagues; the person never sees it."""

    __tablename__ = "case_notes"
    __table_args__ = (Index("ix_case_notes_case_id_organisation_id", "case_id", "organisation_id"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    kind: Mapped[str] = mapped_column(String(16))
    """monitor.model.desk.NoteKind."""
    written_by: Mapped[str] = mapped_column(Id)
    """The advocate's id."""
    handed_to: Mapped[str | None] = mapped_column(Id)
    """Of a hand-over: the advocate who is in charge since; None: nobody."""
    content: Mapped[bytes | None] = mapped_column(Sealed)
    """Sealed monitor.model.records.desk.CaseNoteRecord; None once its writer took it back."""
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    taken_back_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
