"""Ways of an advocate or an operator to log in beside the password, and what they are told of their account."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import Id, UtcDateTime, new_id


class Passkey(Base):
    """A key pair whose private half never leaves somebody's device. Nothing in this row opens anything. Times are
    real."""

    __tablename__ = "passkeys"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    advocate_id: Mapped[str] = mapped_column(ForeignKey("advocates.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    """As the device named it."""
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    """COSE."""
    sign_count: Mapped[int] = mapped_column(Integer)
    """How often it signed, as it said last; 0 for those that do not count."""
    name: Mapped[str] = mapped_column(String(60))
    """How its owner calls it."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class UsedChallenge(Base):
    """A challenge that a passkey answered: it is answered once. Kept until it would be over anyway. Times are real."""

    __tablename__ = "used_challenges"

    challenge_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class RecoveryCode(Base):
    """A code on paper in place of the phone: once, beside the password. Times are real."""

    __tablename__ = "recovery_codes"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Keyed, with the advocate's id."""
    advocate_id: Mapped[str] = mapped_column(ForeignKey("advocates.id"), index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Of one that was made because a phone was lost; None: never."""


class AccountEvent(Base):
    """What happened to somebody's account, told to them until they have read it. Times are real."""

    __tablename__ = "account_events"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    advocate_id: Mapped[str] = mapped_column(ForeignKey("advocates.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_whom: Mapped[str] = mapped_column(String(120))
    """`advocate:ID` or `operator:NAME`; empty: they themselves."""
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
