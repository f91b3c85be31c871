"""What somebody entered before they opened a case: sealed, bound to one browser, gone after a day. Times are real."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import Id, Sealed, UtcDateTime, new_id


class Draft(Base):
    """One browser's draft: the answers, and once it was opened the keys of its case until they were typed back."""

    __tablename__ = "drafts"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """SHA-256 of the browser's cookie."""
    key_name: Mapped[str] = mapped_column(String(40))
    """Half of what it is sealed with: a key of the store that is destroyed with its hour. The cookie is the other."""
    content: Mapped[bytes] = mapped_column(Sealed)
    """Sealed monitor.model.records.draft.DraftRecord."""
    revision: Mapped[int] = mapped_column(Integer)
    """Grows with every change, so that what is opened is what was reviewed."""
    size: Mapped[int] = mapped_column(Integer)
    """Bytes that its items take."""
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class DraftItem(Base):
    """A picture, place or link of a draft."""

    __tablename__ = "draft_items"

    draft_id: Mapped[str] = mapped_column(ForeignKey("drafts.id"), primary_key=True)
    id: Mapped[str] = mapped_column(Id, primary_key=True)
    """Chosen by the browser: what is sent twice is there once."""
    kind: Mapped[str] = mapped_column(String(16))
    """monitor.model.records.draft.ItemKind."""
    mark: Mapped[str] = mapped_column(String(64))
    """A keyed hash of what it is: the same picture, place or link twice is one."""
    number: Mapped[int] = mapped_column(Integer)
    """In which order they came."""
    content: Mapped[bytes] = mapped_column(Sealed)
    """Sealed record of its kind."""
