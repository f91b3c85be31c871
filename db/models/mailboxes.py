"""The operator's mailbox: how far it was read, and the mails that are about notices."""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import Id, Sealed, UtcDateTime, new_id


class Mailbox(Base):
    """How far a mailbox was read. Moved once what a mail led to is committed: a death in between loses nothing."""

    __tablename__ = "mailboxes"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    """A hash of host, user and mailbox: another one is read from its beginning."""
    uidvalidity: Mapped[int] = mapped_column(BigInteger)
    """As the server told it; when it changes every mail has another number."""
    last_uid: Mapped[int] = mapped_column(BigInteger)
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)


class NoticeMail(Base):
    """A mail about a notice: a report that it came back, a claim, an answer."""

    __tablename__ = "notice_mails"
    __table_args__ = (UniqueConstraint("notice_id", "digest"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    notice_id: Mapped[str] = mapped_column(ForeignKey("notices.id"))
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the mail's Message-ID, or of its head where it has none: read again, it changes nothing."""
    kind: Mapped[str] = mapped_column(String(16))
    """monitor.mailbox.report.ReportKind."""
    reason: Mapped[str] = mapped_column(String(64))
    """A code."""
    proven: Mapped[bool] = mapped_column(Boolean)
    """Does the operator's mail server say that it comes from where it says?"""
    content: Mapped[bytes | None] = mapped_column(Sealed)
    """Sealed monitor.model.records.answer.AnswerRecord, of a reply."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it was read here."""
