"""A possible copy that was found, and what became of it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import Id, Sealed, UtcDateTime, new_id

MOST_HOW = 300
"""Characters of the reason why a picture counts as a copy."""


class Sighting(Base):
    """One medium of one post that looks like a picture of one case."""

    __tablename__ = "sightings"
    __table_args__ = (
        UniqueConstraint("case_id", "source_id", "post_id", "media_id"),
        # All that a line of the queue is made of: its rows are large, and are not read for it.
        Index(
            "ix_sightings_desk",
            *("case_id", "state", "alike_id", "source_id", "found_at", "verdict", "identical", "distance"),
            *("fingerprint_id", "age_group", "named", "posted_with", "decided_at", "id"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id"), index=True)
    post_id: Mapped[str] = mapped_column(String(64))
    media_id: Mapped[str] = mapped_column(String(64))
    """Under which the picture stands now: a confirmed one that is put there anew keeps its row."""
    fingerprint_id: Mapped[str | None] = mapped_column(Id)
    """What it matched; None for a link that the person entered."""
    kind: Mapped[str] = mapped_column(String(16))
    age_group: Mapped[str | None] = mapped_column(String(16))
    """The most protective of what was told of the pictures that it shows (monitor/sightings/age.py), else what was told
    of the one that it matched; None: the intake's answer for all pictures counts."""
    posted_with: Mapped[str] = mapped_column(String(64), default="", server_default="")
    """What an advocate saw beside the picture: values of monitor.model.facts.PostedWith, by a space."""
    verdict: Mapped[str] = mapped_column(String(16))
    distance: Mapped[int | None] = mapped_column(Integer)
    quality: Mapped[int | None] = mapped_column(Integer)
    identical: Mapped[bool] = mapped_column(default=False)
    """Identical to a copy that was confirmed before."""
    how: Mapped[str] = mapped_column(String(MOST_HOW))
    """The reason in words and numbers; nothing of the picture."""
    evidence: Mapped[bytes] = mapped_column(Sealed)
    """Sealed monitor.model.records.sighting.SightingRecord."""
    posted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    found_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)

    state: Mapped[str] = mapped_column(String(16), index=True)
    """monitor.model.states.SightingState."""
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str | None] = mapped_column(Id)
    basis: Mapped[str | None] = mapped_column(String(32))
    dismissal: Mapped[str | None] = mapped_column(String(32))
    released_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the advocate let the person see where it is."""

    presence: Mapped[str | None] = mapped_column(String(16))
    """monitor.platforms.base.Presence."""
    looks: Mapped[int] = mapped_column(Integer, default=0)
    looked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    gone_looks: Mapped[int] = mapped_column(Integer, default=0)
    gone_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_check: Mapped[bytes | None] = mapped_column(Sealed)
    """Sealed monitor.model.records.check.CheckRecord, of the last check that found it."""

    item_id: Mapped[str | None] = mapped_column(Id, index=True)
    """The first confirmed copy of the same picture, by the confirmed post's own hashes: its own id of a first one."""
    alike_id: Mapped[str | None] = mapped_column(Id, index=True)
    """The first sighting of its case that shows the same picture, decided or not: its own id of a first one. None: it
    was not compared yet, and is an item by itself."""
    named: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Two of the person's words stand together in the text of its post."""
    by_itself_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was confirmed with no other decision than those about its item; see monitor/actions/resend.py."""
    follow_due_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    """When it is to be checked whether or not a notice is out; None: no more."""
    follow_look: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    """Number of the last such check: part of its workflow's id."""
    came_back_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was last seen again after its receipt."""
    second_view: Mapped[str | None] = mapped_column(String(16))
    """monitor.platforms.second_view.Sight at the last check; None: it was not asked."""
