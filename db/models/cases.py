"""A person's case, its fingerprints and the links they entered."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, false
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import Id, Sealed, UtcDateTime, new_id


class Case(Base):
    """One person's case. What they typed is sealed under the case's own key."""

    __tablename__ = "cases"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    organisation_id: Mapped[str | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    """None: it waits in the pool for any. Before vouching: the one that has it in hand."""
    state: Mapped[str] = mapped_column(String(16), index=True)
    """monitor.model.states.CaseState."""
    language: Mapped[str] = mapped_column(String(8))
    passphrase_hash: Mapped[str] = mapped_column(String(200))
    intake: Mapped[bytes | None] = mapped_column(Sealed)
    """Sealed monitor.model.records.intake.IntakeRecord; None until it was filled in."""
    entered: Mapped[bytes | None] = mapped_column(Sealed)
    """Sealed monitor.model.records.entered.EnteredRecord; None: no advocate entered anything into the intake."""
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    vouch_due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    vouched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    vouched_by: Mapped[str | None] = mapped_column(Id)
    """The advocate's id, or None with a one-time code."""
    erase_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the key is destroyed, once erasure was asked for."""
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it ends like an erasure, unless somebody has vouched for it by then."""
    frozen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when a lead keeps it frozen, in doubt whether the pictures are the person's own; None: it is not."""
    freeze: Mapped[bytes | None] = mapped_column(Sealed)
    """Sealed monitor.model.records.freeze.FreezeRecord of the last freeze."""
    origin_tag: Mapped[str | None] = mapped_column(String(32))
    """Equal for cases that were opened from one place on one day; None once it is vouched for."""
    any_centre: Mapped[bool] = mapped_column(default=False, server_default=false())
    """The person lets any centre take it from the pool; else only one that is told its number."""
    in_hand_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Before vouching: since when an organisation has it in hand."""
    in_hand_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it goes back to the pool, unless that organisation does something."""
    watching_paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when the person lets nothing be read for it: no place, those that they add too; None: not all is paused."""
    visited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the person logged in, or looked at the case, last."""
    news_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When they were here before they logged in last: what came since is news. None: they never did."""
    resend_person_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when the person lets identical re-uploads be reported with no other decision; None: they do not."""
    resend_advocate_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """The same of an advocate; it takes both."""
    resend_advocate_by: Mapped[str | None] = mapped_column(Id)
    """The advocate who answers for what leaves so."""
    names_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when the person lets their names be looked for, too; None: they do not."""


class Fingerprint(Base):
    """A hash of a picture that the person registered, or of a post that was confirmed."""

    __tablename__ = "fingerprints"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    """intimate, faked or ordinary."""
    origin: Mapped[str] = mapped_column(String(16))
    """registered, confirmed or link."""
    version: Mapped[str] = mapped_column(String(16))
    set_name: Mapped[str] = mapped_column(String(16))
    """Which boxes were hashed: whole, slim or full."""
    cut_out: Mapped[str | None] = mapped_column(String(16))
    """Version of the codes around one face that are sealed with it; None: the person drew no box."""
    payload: Mapped[bytes] = mapped_column(Sealed)
    """Sealed monitor.model.records.fingerprint.FingerprintRecord; empty once it was removed."""
    age_group: Mapped[str | None] = mapped_column(String(16))
    """monitor.model.facts.AgeGroup: when this picture was taken; None: the intake's answer for all counts."""
    frames: Mapped[int | None] = mapped_column(Integer)
    """Of a video that the person registered: how many they gave, whatever is left out; None: as many as are kept."""
    sighting_id: Mapped[str | None] = mapped_column(Id)
    """The confirmed sighting it came from."""
    link_id: Mapped[str | None] = mapped_column(Id)
    """The link it came from, which the person may take out again; None also for what came before that was noted."""
    entered_by: Mapped[str | None] = mapped_column(Id)
    """The advocate who entered it for the person; None: the person, or nobody knows."""
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    quarantined_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since when it is not compared, because it fitted too much in an hour; None: it is compared."""
    wave_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Until when an advocate lets it fit more in an hour than others may."""


class KnownLink(Base):
    """A link that the person already knew. Public ones are read once the case is vouched for; others only routed."""

    __tablename__ = "known_links"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    platform: Mapped[str | None] = mapped_column(String(16))
    public: Mapped[bool] = mapped_column()
    state: Mapped[str] = mapped_column(String(16))
    """monitor.model.states.LinkState."""
    kind: Mapped[str] = mapped_column(String(16))
    """What the person says the picture there is: intimate, faked or ordinary."""
    payload: Mapped[bytes] = mapped_column(Sealed)
    """Sealed monitor.model.records.link.LinkRecord; empty once it was removed."""
    reason: Mapped[str | None] = mapped_column(String(64))
    entered_by: Mapped[str | None] = mapped_column(Id)
    """The advocate who entered it for the person; None: the person, or nobody knows."""
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    read_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
