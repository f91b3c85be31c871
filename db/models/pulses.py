"""Signs of life of the processes, so that somebody can ask whether there is any."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import UtcDateTime


class Pulse(Base):
    """A worker that lives, or the probe of whoever asked whether the database can be written. Times are real.

    The row `digest` holds when the operator's last mail was due, in the domain's time, and is its lock.
    """

    __tablename__ = "pulses"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
