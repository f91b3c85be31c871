"""Public sources, who consents to which, what was inspected in them, and which account must wait."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import Id, UtcDateTime, new_id

INSPECTED = "inspected"
PARTIAL = "partial"
"""Of a video not everything was inspected: what was fits or not, and the rest is no clean bill."""
WITH_HASHES = (INSPECTED, PARTIAL)
"""Outcomes of which there are fingerprints."""


class Source(Base):
    """A public channel or account. Shared by every case that consents to it; holds nothing of any case.

    So nothing of it but platform and handle is shown to anybody: see db/queries/tenants.py.
    """

    __tablename__ = "sources"
    __table_args__ = (UniqueConstraint("platform", "handle"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    platform: Mapped[str] = mapped_column(String(16))
    handle: Mapped[str] = mapped_column(String(64))
    """Lower case, without @."""
    remote_id: Mapped[str | None] = mapped_column(String(32))
    access: Mapped[str | None] = mapped_column(String(32))
    """Telegram's access hash; belongs to `account`."""
    account: Mapped[str | None] = mapped_column(String(64))
    title: Mapped[str | None] = mapped_column(String(300))
    cursor: Mapped[str | None] = mapped_column(String(64))
    look_back_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when media of which nothing is kept wait to be read again, to be compared with what joined; None: none."""
    seen_epoch: Mapped[int] = mapped_column(Integer, default=0)
    """Raised whenever everything kept of it is destroyed: the keys of the next epoch have names never used before."""
    posts_seen: Mapped[int] = mapped_column(Integer, default=0)
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The last time it was read without an error: silence after that is a gap, not a clean bill."""
    unavailable: Mapped[str | None] = mapped_column(String(64))
    """Why it could not be read the last time; None when it could."""
    name_trouble: Mapped[str | None] = mapped_column(String(64))
    """Why its name led nowhere when it was last looked up; None when it did, or was not asked yet."""
    name_tries: Mapped[int] = mapped_column(Integer, default=0)
    """How often in a row: the pauses between two tries grow."""
    name_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SourceAccess(Base):
    """What an account knows a source by: one that comes back need not look the name up again."""

    __tablename__ = "source_accesses"

    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id"), primary_key=True)
    account: Mapped[str] = mapped_column(String(64), primary_key=True)
    remote_id: Mapped[str] = mapped_column(String(32))
    access: Mapped[str] = mapped_column(String(32))


class Consent(Base):
    """A person's yes to one purpose at one source, with an end."""

    __tablename__ = "consents"
    __table_args__ = (Index("ix_consents_live", "source_id", "purpose", "expires_at"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id"))
    purpose: Mapped[str] = mapped_column(String(16))
    """watch: read and compare. follow: check posts that were notified."""
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when the person lets it rest: it stands, and allows nothing to be read; None: it does not rest."""
    entered_by: Mapped[str | None] = mapped_column(Id)
    """The advocate who gave it for the person; None: the person, or nobody knows."""
    list_consent_id: Mapped[str | None] = mapped_column(Id, index=True)
    """The yes to a whole list that it follows from: then nobody but the centre is told which source it is."""


class Inspection(Base):
    """One medium of one post was inspected, or could not be. Ids only; nothing of the picture stays."""

    __tablename__ = "inspections"
    __table_args__ = (
        # What is new since a case was told last.
        Index("ix_inspections_looked", "source_id", "at"),
        Index("ix_inspections_gone", "source_id", "gone_at"),
    )

    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id"), primary_key=True)
    post_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    media_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    outcome: Mapped[str] = mapped_column(String(32))
    """`inspected`, `partial`, or why it was not: never a clean bill."""
    tries: Mapped[int] = mapped_column(Integer, default=1)
    gone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the platform said that the post, or this medium of it, was deleted."""
    gone_for: Mapped[str | None] = mapped_column(Id)
    """On behalf of which case that was found out, until the next deletion sync; None: in everybody's turn."""
    posted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Of the post; None for what was looked at before this was kept."""


class AccountStop(Base):
    """A platform does not let this account in any more, or its credit is used up. The row goes when it does again."""

    __tablename__ = "account_stops"

    account: Mapped[str] = mapped_column(String(64), primary_key=True)
    reason: Mapped[str] = mapped_column(String(64))
    probes: Mapped[int] = mapped_column(Integer)
    """Calls that were made since, to ask whether it still is so."""
    probe_at: Mapped[datetime] = mapped_column(UtcDateTime)
    """When the next one may be made; nothing else is asked."""


class Cooldown(Base):
    """A platform told this account to wait with a method."""

    __tablename__ = "cooldowns"

    account: Mapped[str] = mapped_column(String(64), primary_key=True)
    method: Mapped[str] = mapped_column(String(64), primary_key=True)
    until: Mapped[datetime] = mapped_column(UtcDateTime)


class Alert(Base):
    """Something that a person must look at. Codes and ids only."""

    __tablename__ = "alerts"
    __table_args__ = (UniqueConstraint("kind", "subject"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(32))
    subject: Mapped[str] = mapped_column(String(64))
    """The id of what it is about: a source, a notice, a case, an account."""
    organisation_id: Mapped[str | None] = mapped_column(Id)
    """None: for the operator."""
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    reason: Mapped[str] = mapped_column(String(64))
    resolved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    mailed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the operator was told by mail; None: not since it was raised."""
    caused_by: Mapped[str | None] = mapped_column(String(16))
    """monitor.evidence.by.Who: whose act it follows from; None where an older program raised it."""
    advocate_id: Mapped[str | None] = mapped_column(Id)
    """Who is in charge, of those who read it; None: whoever comes first."""
