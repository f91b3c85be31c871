"""A mailbox that a person chose, to hear that there is something to read."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import Sealed, UtcDateTime


class NewsMailbox(Base):
    """At most one a case; no row: off. Written only by whoever holds the row of its case."""

    __tablename__ = "news_mailboxes"

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    content: Mapped[bytes] = mapped_column(Sealed)
    """Sealed monitor.model.records.news.NewsMailRecord."""
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    """When the person asked for it, or changed it."""
    stopped: Mapped[str | None] = mapped_column(String(64))
    """Why no more mail goes there: a code; None: it does."""
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    """When the next mail may leave; None: none waits."""
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the last one was handed over."""
    attempt: Mapped[int] = mapped_column(Integer, default=1)
    """Of the next mail: part of its workflow's id."""
    message_id: Mapped[str | None] = mapped_column(String(128), index=True)
    """Of the last mail to this very address: random, so that a report that it came back is known."""
