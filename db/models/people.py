"""Who works here: organisations, their advocates, one-time codes, log-ins."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Integer, String, false
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.organisation_names import name_key
from db.types import Id, Sealed, UtcDateTime, new_id


def _key_of_name(context: Any) -> str:
    return name_key(context.get_current_parameters()["name"])


class Organisation(Base):
    """A support centre. Its advocates see its cases and nobody else's."""

    __tablename__ = "organisations"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(200), unique=True)
    name_key: Mapped[str | None] = mapped_column(String(250), index=True, unique=True, default=_key_of_name)
    """Of db.organisation_names: no two names are alike. Of two that were before it was looked at, the second has its id
    behind it."""
    sole_advocate: Mapped[bool] = mapped_column(default=False, server_default=false())
    """It has one advocate only, and says so. Without effect while two are active."""
    country: Mapped[str] = mapped_column(String(2), default="", server_default="")
    """Where it works, as an ISO code; empty: it did not say."""
    designated: Mapped[bool] = mapped_column(default=False, server_default=false())
    """A state named it for reporting such pictures."""
    registered_with: Mapped[str] = mapped_column(String(200), default="", server_default="")
    """The body that keeps it on a list of reporters, and its number there."""
    shares_links_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when its cases count, rounded, in what leads of other centres that share too see of a channel."""
    reply_to: Mapped[str | None] = mapped_column(String(254))
    """Where answers to its notices go; None: to the address that they come from."""
    compares_pictures_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when whole pictures of its cases are compared with those of other centres that compare, too."""


class Advocate(Base):
    """A person of the centre who vouches, reviews and signs."""

    __tablename__ = "advocates"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"), index=True)
    login: Mapped[str] = mapped_column(String(100), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    """The name that notices are signed with where a law asks for a signature."""
    work_alias: Mapped[str | None] = mapped_column(String(200))
    """The name in everything else that leaves; None: their own."""
    password_hash: Mapped[str] = mapped_column(String(200))
    totp_secret: Mapped[bytes] = mapped_column(Sealed)
    """Sealed under the key store's `system:advocates` key."""
    totp_last_step: Mapped[int] = mapped_column(Integer, default=0)
    """The last 30-second step that was used: a code works once. 0: none was, since the secret was made."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lead: Mapped[bool] = mapped_column(default=False)
    """May stop the organisation's work and freeze its cases."""
    operator: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Keeps accounts and sees nothing of cases. Never a lead; its organisation has no cases."""
    enrols: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Their phone was lost: before anything else they set up another way to log in."""
    has_news: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Something happened to the account that they have not read."""
    reset_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when somebody's word stands that their lost phone shall be replaced. Real time."""
    reset_asked_by: Mapped[str | None] = mapped_column(String(120))
    """`advocate:ID` or `operator:NAME`."""
    break_minutes: Mapped[int | None] = mapped_column(Integer)
    """After how many minutes at work they want to be reminded of a break; None: not at all."""
    next_break_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When they are reminded next. Real time, not domain."""


class VouchCode(Base):
    """A one-time code of a helpline: a case opened with it is vouched for."""

    __tablename__ = "vouch_codes"

    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    created_by: Mapped[str | None] = mapped_column(ForeignKey("advocates.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    used_by_case: Mapped[str | None] = mapped_column(Id)


class Login(Base):
    """A live log-in. The cookie or bearer token is random; only its SHA-256 is stored. Times are real, not domain."""

    __tablename__ = "logins"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    role: Mapped[str] = mapped_column(String(16))
    subject_id: Mapped[str] = mapped_column(Id, index=True)
    """The advocate's id or the case's id."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    proved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When an advocate last proved who they are; None: when they logged in."""
    browser: Mapped[str] = mapped_column(String(60), default="", server_default="")
    """What kind of browser and device, in a few words, for the list of one's own log-ins."""


class LoginThrottle(Base):
    """Failed log-ins of one name or address (as a keyed hash), and until when it must wait. Times are real."""

    __tablename__ = "login_throttles"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int] = mapped_column(Integer, default=0)
    locked_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
