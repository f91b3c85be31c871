"""What is remembered of strangers who asked to be let in."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import UtcDateTime


class SpentWork(Base):
    """Work that was taken once and is taken no more. Forgotten when its challenge is over. Times are real."""

    __tablename__ = "spent_work"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    until: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
