"""What is the person's own: pages that no notice may be about, and names that are watched with their pictures."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import Id, Sealed, UtcDateTime, new_id


class OwnPage(Base):
    """A channel or account of the person's own. The row goes when they take it back."""

    __tablename__ = "own_pages"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    payload: Mapped[bytes] = mapped_column(Sealed)
    """Sealed monitor.model.records.own_page.OwnPageRecord."""
    entered_by: Mapped[str | None] = mapped_column(Id)
    """The advocate who entered it for the person; None: the person."""
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)


class NameTerm(Base):
    """A word that names the person, watched only beside another one, and only once an advocate approved it."""

    __tablename__ = "name_terms"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    payload: Mapped[bytes] = mapped_column(Sealed)
    """Sealed monitor.model.records.name_term.NameTermRecord."""
    state: Mapped[str] = mapped_column(String(16))
    """monitor.model.names.TermState."""
    entered_by: Mapped[str | None] = mapped_column(Id)
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(Id)
    """The advocate who said that it is this person's, or is not."""
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
