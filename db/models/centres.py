"""What a centre tells persons of itself, the places that it keeps, and who agreed to all of them."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import Id, Sealed, UtcDateTime, new_id


class CentreProfile(Base):
    """How a person reaches a centre and what it will ask them. Everybody may read it."""

    __tablename__ = "centre_profiles"

    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    profile: Mapped[str] = mapped_column(Text)
    """JSON of monitor.model.centre_profile.CentreProfile."""
    version: Mapped[int] = mapped_column(Integer)
    """1 for the first; each is whole in the installation's ledger, with who wrote it."""
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by: Mapped[str] = mapped_column(Id)
    """The advocate's id."""


class ListPlace(Base):
    """A public channel or account on a centre's list. Its name is sealed under the centre's own key."""

    __tablename__ = "list_places"
    __table_args__ = (
        Index(
            "uq_list_places_standing",
            "organisation_id",
            "tag",
            unique=True,
            sqlite_where=text("removed_at IS NULL"),
            postgresql_where=text("removed_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"), index=True)
    tag: Mapped[str] = mapped_column(String(64))
    """Keyed hash of platform and name: no place stands on one list twice."""
    payload: Mapped[bytes] = mapped_column(Sealed)
    """Sealed monitor.model.records.list_place.ListPlaceRecord."""
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    added_by: Mapped[str] = mapped_column(Id)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    removed_by: Mapped[str | None] = mapped_column(Id)


class ListConsent(Base):
    """A person's yes to everything on their centre's list, to one purpose, as the list stood at that moment."""

    __tablename__ = "list_consents"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(16))
    places: Mapped[int] = mapped_column(Integer)
    """How many stood on the list: what the person was told."""
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def list_consent_id(self) -> str | None:
        """Of what follows from it, and so its own: the one rule of consent weighs it like any other."""
        return self.id

    @property
    def paused_at(self) -> datetime | None:
        """Never: a person lets the places rest that it covers."""
        return None
