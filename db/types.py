"""Column types that both databases treat alike."""

import secrets
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, LargeBinary, String
from sqlalchemy.types import TypeDecorator

Id = String(32)
Sealed = LargeBinary
"""A payload sealed under its case's key (monitor.keys.envelope). The database never sees the plain value."""


class UtcDateTime(TypeDecorator[datetime]):
    """An aware time in UTC. SQLite forgets the zone; here it comes back."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times; store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive time was about to be stored; times are aware and in UTC")
        return value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give an aware time in UTC."""
        if value is None:
            return None
        stored: datetime = value
        return stored.replace(tzinfo=UTC) if stored.tzinfo is None else stored.astimezone(UTC)


def new_id() -> str:
    """A random id of 128 bits, 26 characters a-z2-7: not guessable, easy to read out."""
    alphabet = "abcdefghijklmnopqrstuvwxyz234567"
    number = secrets.randbits(130)
    return "".join(alphabet[(number >> shift) & 31] for shift in range(0, 130, 5))
