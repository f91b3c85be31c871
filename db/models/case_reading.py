"""What was read of a source for one case: all that is ever shown of a source, whoever else has it read."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import UtcDateTime


class CaseSource(Base):
    """A source as one case has it. Written only by reads that this case's own consent covers."""

    __tablename__ = "case_sources"

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id"), primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    """Posts from then on count for this case: as far back as the first read for it would go alone."""
    told_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """What was inspected since is still to be told to this case; None: nothing was told yet."""
    noted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """The last read that was made for it, whatever came of it."""
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The last one without an error: silence after that is a gap, not a clean bill."""
    unavailable: Mapped[str | None] = mapped_column(String(64))
    """Why the last one failed; None when it did not."""
    waits_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the platform told that read to wait: until then."""


class CaseMedium(Base):
    """One medium of one post as it was told to one case. Ids and an outcome only, as in `inspections`."""

    __tablename__ = "case_media"

    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id"), primary_key=True)
    post_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    media_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(32))
    """`inspected`, `partial`, or why it was not: never a clean bill."""
    gone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the platform said that the post, or this medium of it, was deleted."""
