"""A centre seen from above: cases that go to another centre, passphrases drawn anew, pictures in two cases, rest."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import Id, UtcDateTime, new_id


class CaseTransfer(Base):
    """One centre asks that a case goes from one to the other; the person decides. Written only by whoever holds the
    case."""

    __tablename__ = "case_transfers"
    __table_args__ = (
        Index(
            "uq_case_transfers_asked",
            "case_id",
            unique=True,
            sqlite_where=text("state = 'asked'"),
            postgresql_where=text("state = 'asked'"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    from_organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"), index=True)
    to_organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"), index=True)
    asked_by: Mapped[str] = mapped_column(Id)
    """The advocate's id, of either centre."""
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """Until when the person can say yes."""
    state: Mapped[str] = mapped_column(String(16))
    """monitor.model.transfers.TransferState."""
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class PassphraseReissue(Base):
    """A lead asks that a case gets a new passphrase. Written only by whoever holds the case."""

    __tablename__ = "passphrase_reissues"
    __table_args__ = (
        Index(
            "uq_passphrase_reissues_waiting",
            "case_id",
            unique=True,
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"), index=True)
    """Whose lead asked: another centre that has the case later does not see it."""
    asked_by: Mapped[str] = mapped_column(Id)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """From when on it may be drawn."""
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """From when on it must be asked for again."""
    state: Mapped[str] = mapped_column(String(16))
    """monitor.model.transfers.ReissueState."""
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_by: Mapped[str | None] = mapped_column(Id)
    """The lead who drew it or called it off; None: the person called it off, or nobody yet."""


class SamePicture(Base):
    """Two vouched cases hold the same whole picture: said once. A keyed hash of the two, so it names neither."""

    __tablename__ = "same_pictures"

    pair: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Hex, under the key store's `system:same-pictures` key."""
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)


class ExposureDay(Base):
    """How many folded captions an advocate opened on one day. Counted without content, and seen by them alone."""

    __tablename__ = "exposure_days"

    advocate_id: Mapped[str] = mapped_column(ForeignKey("advocates.id"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True)
    """In Korean time."""
    opened: Mapped[int] = mapped_column(Integer)
