"""What the other side of a notice has: the link in the mail, what it answers, its token, the calls to its webhook."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import Id, Sealed, UtcDateTime, new_id


class PlatformLink(Base):
    """The link that the mail of a notice carries. What makes it valid is a keyed tag over its id, never stored.

    Written only by whoever holds the notice's row.
    """

    __tablename__ = "platform_links"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    """Stands in addresses and so in logs of proxies; without its tag it opens nothing."""
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    notice_id: Mapped[str] = mapped_column(ForeignKey("notices.id"), unique=True)
    recipient_tag: Mapped[str] = mapped_column(String(64), index=True)
    """A keyed hash of the address that the mail goes to: a token of the same address finds the notice by it."""
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    code_number: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """Of the last code that was asked for; the code itself follows from a key, this and `code_nonce`."""
    code_nonce: Mapped[str | None] = mapped_column(String(32))
    """None: no code is good now."""
    code_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was asked for, in real time."""
    code_tries: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """Wrong tries at it."""
    codes_today: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    codes_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when `codes_today` counts, in real time."""
    look_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The last look that an answer "removed" asked for: one an hour."""


class PlatformAnswer(Base):
    """What the recipient of a notice answered through the link or with a token."""

    __tablename__ = "platform_answers"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    notice_id: Mapped[str] = mapped_column(ForeignKey("notices.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    """monitor.model.platform_answers.AnswerKind."""
    reason: Mapped[str | None] = mapped_column(String(32))
    """monitor.model.platform_answers.WhyRefused, of a refusal."""
    by: Mapped[str] = mapped_column(String(48))
    """`link`, or `token:ID`."""
    content: Mapped[bytes | None] = mapped_column(Sealed)
    """Sealed monitor.model.records.platform.PlatformAnswerRecord; None where nothing was written."""
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class PlatformToken(Base):
    """A token by which a platform's own program reads and answers the notices that go to one address."""

    __tablename__ = "platform_tokens"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[str] = mapped_column(String(100))
    recipient_tag: Mapped[str] = mapped_column(String(64), index=True)
    """As in `PlatformLink`."""
    platform: Mapped[str | None] = mapped_column(String(16))
    """Only notices about this platform; None: whatever goes to the address."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    webhook: Mapped[bytes | None] = mapped_column(Sealed)
    """Sealed address and secret, under the key `system:platform-tokens`; None: it is not called."""


class PlatformCall(Base):
    """One call to a webhook: ids only. Its row is the truth, its workflow only moves it."""

    __tablename__ = "platform_calls"
    __table_args__ = (UniqueConstraint("token_id", "notice_id", "event"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    notice_id: Mapped[str] = mapped_column(ForeignKey("notices.id"))
    token_id: Mapped[str] = mapped_column(ForeignKey("platform_tokens.id"))
    event: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempt: Mapped[int] = mapped_column(Integer, default=1)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    """None: it was taken, or given up."""
    reason: Mapped[str | None] = mapped_column(String(64))
    """Why the last attempt failed, as a code; None once it was taken."""


class NoticeReply(Base):
    """What an advocate wrote back to an answer that came by mail. One to a mail."""

    __tablename__ = "notice_replies"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    notice_id: Mapped[str] = mapped_column(ForeignKey("notices.id"), index=True)
    mail_id: Mapped[str] = mapped_column(ForeignKey("notice_mails.id"), unique=True)
    state: Mapped[str] = mapped_column(String(16))
    """monitor.model.platform_answers.ReplyState."""
    reason: Mapped[str | None] = mapped_column(String(64))
    attempt: Mapped[int] = mapped_column(Integer, default=1)
    faults: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """As of a notice."""
    message_id: Mapped[str] = mapped_column(String(128))
    content: Mapped[bytes] = mapped_column(Sealed)
    """Sealed monitor.model.records.platform.ReplyRecord."""
    created_by: Mapped[str] = mapped_column(Id)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
