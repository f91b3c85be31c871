"""What is stopped until two people let it go on: the emergency brake of the installation."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import Sealed, UtcDateTime


class Stop(Base):
    """Work that was stopped: all of it, one organisation's, or what one advocate does and did.

    One row for each of them, kept after it ended; the steps stand in the installation's chain.
    """

    __tablename__ = "stops"

    id: Mapped[str] = mapped_column(String(48), primary_key=True)
    """`all`, `organisation:ID` or `advocate:ID`: see monitor.cases.stops."""
    scope: Mapped[str] = mapped_column(String(16))
    """monitor.cases.stops.Scope."""
    subject: Mapped[str] = mapped_column(String(32))
    """The organisation's or the advocate's id; empty for everything."""
    reason: Mapped[bytes] = mapped_column(Sealed)
    """Text sealed under the key store's `system:stops` key."""
    stopped_at: Mapped[datetime] = mapped_column(UtcDateTime)
    stopped_by: Mapped[str] = mapped_column(String(120))
    """`operator:NAME` or `advocate:ID`."""
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the first of two people asked that work goes on; None: nobody has."""
    asked_by: Mapped[str | None] = mapped_column(String(120))
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the second one did, and work went on; None: it is stopped."""
    caught_up: Mapped[bool] = mapped_column(default=False)
    """Whether what was posted meanwhile is being compared, since it ended."""
