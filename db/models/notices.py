"""Notices, the steps prepared when a deadline lapsed, and removal receipts."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import Id, Sealed, UtcDateTime, new_id


class Notice(Base):
    """One notice about one sighting by one route. This row is the business truth; workflows only move it."""

    __tablename__ = "notices"
    __table_args__ = (UniqueConstraint("sighting_id", "route"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    sighting_id: Mapped[str] = mapped_column(ForeignKey("sightings.id"))
    platform: Mapped[str] = mapped_column(String(16))
    route: Mapped[str] = mapped_column(String(32))
    language: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(16), index=True)
    """monitor.model.notice_states.NoticeState."""
    reason: Mapped[str | None] = mapped_column(String(64))
    """Why it is in this state, as a code."""
    attempt: Mapped[int] = mapped_column(Integer, default=1)
    faults: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """Attempts in a row, since a person sent it, that failed for a fault of ours or of the network."""
    message_id: Mapped[str] = mapped_column(String(128), default="")
    content: Mapped[bytes] = mapped_column(Sealed)
    """Sealed monitor.model.records.notice.NoticeRecord."""
    receipt: Mapped[bytes | None] = mapped_column(Sealed)
    """Sealed monitor.model.records.receipts.DeliveryRecord."""
    created_by: Mapped[str] = mapped_column(Id)
    """The advocate who answers for its leaving: whoever wrote it, or had it sent again. The ledger names each."""
    one_hand: Mapped[bool] = mapped_column(default=False, server_default=false())
    """One advocate vouched, entered the permission and sent it: their organisation says that it has no other."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    dated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the latest attempt to send it began: the Date of its e-mail."""
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it left, whenever that became known."""
    deadline_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    """When the chain must touch it next; a sweeper picks up what is overdue."""
    look: Mapped[int] = mapped_column(Integer, default=0)
    """Number of the next check of the copy: part of its workflow's id."""
    together_id: Mapped[str | None] = mapped_column(Id, index=True)
    """The notice whose message carries this one too; None: its own does. States, clocks and checks stay each one's own.
    See monitor/notices/together.py."""


class AddressAgreement(Base):
    """The person is asked whether their own address may stand in one notice, whose route requires it.

    Written only by whoever holds the row of its notice.
    """

    __tablename__ = "address_agreements"

    notice_id: Mapped[str] = mapped_column(ForeignKey("notices.id"), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    content: Mapped[bytes] = mapped_column(Sealed)
    """Sealed monitor.model.records.address.AddressRecord: to whom, and the address as it would stand there."""
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    agreed: Mapped[bool | None] = mapped_column()
    """None: not answered yet."""
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Letter(Base):
    """What followed a notice by e-mail: a reminder, a correction, the request anew, or that it is taken back.

    Written only by whoever holds the row of its notice.
    """

    __tablename__ = "notice_letters"
    __table_args__ = (UniqueConstraint("notice_id", "number"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    notice_id: Mapped[str] = mapped_column(ForeignKey("notices.id"))
    number: Mapped[int] = mapped_column(Integer)
    """In its thread: the notice is 1."""
    purpose: Mapped[str] = mapped_column(String(16))
    """monitor.notices.letters.Purpose."""
    state: Mapped[str] = mapped_column(String(16), index=True)
    """monitor.model.notice_states.NoticeState."""
    reason: Mapped[str | None] = mapped_column(String(64))
    attempt: Mapped[int] = mapped_column(Integer)
    faults: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """As of a notice."""
    message_id: Mapped[str] = mapped_column(String(128))
    content: Mapped[bytes] = mapped_column(Sealed)
    """Sealed monitor.model.records.notice.NoticeRecord."""
    receipt: Mapped[bytes | None] = mapped_column(Sealed)
    """Sealed monitor.model.records.receipts.DeliveryRecord."""
    created_by: Mapped[str] = mapped_column(Id)
    """The advocate who wrote it, or sent it last."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    dated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)


class Escalation(Base):
    """A next step that was prepared because a deadline lapsed. A person decides whether it is taken."""

    __tablename__ = "escalations"
    __table_args__ = (UniqueConstraint("notice_id", "step"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    notice_id: Mapped[str] = mapped_column(ForeignKey("notices.id"))
    step: Mapped[str] = mapped_column(String(32))
    content: Mapped[bytes] = mapped_column(Sealed)
    """Sealed monitor.model.records.escalation.EscalationRecord."""
    prepared_at: Mapped[datetime] = mapped_column(UtcDateTime)


class RemovalReceipt(Base):
    """The copy is gone: two checks apart in time said so."""

    __tablename__ = "removal_receipts"

    sighting_id: Mapped[str] = mapped_column(ForeignKey("sightings.id"), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    content: Mapped[bytes] = mapped_column(Sealed)
    """Sealed monitor.model.records.receipts.RemovalRecord."""
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)


class PastReceipt(Base):
    """A removal receipt that ended: its copy came back, or should never have been confirmed. It stays as history."""

    __tablename__ = "past_receipts"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    sighting_id: Mapped[str] = mapped_column(ForeignKey("sightings.id"), index=True)
    content: Mapped[bytes] = mapped_column(Sealed)
    """Sealed monitor.model.records.receipts.RemovalRecord, for the place of the sighting's id."""
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    came_back_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When it ended."""
    taken_back_for: Mapped[str | None] = mapped_column(String(32))
    """monitor.notices.letters.RetractReason, where the confirmation was taken back; None: the copy came back."""
    was_shown: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The person had it, and is told that it was taken back."""


class NoticeClock(Base):
    """One clock of a notice that left: when it ends, and when whoever is in charge is reminded."""

    __tablename__ = "notice_clocks"

    notice_id: Mapped[str] = mapped_column(ForeignKey("notices.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    """monitor.notices.clocks.ClockKind."""
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    advocate_id: Mapped[str] = mapped_column(Id)
    """Who is in charge: whoever answers for the notice. Empty: its case moved, and nobody worked at its new centre."""
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    remind_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
