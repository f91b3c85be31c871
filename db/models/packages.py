"""Packages of evidence that were made on the console: there until they are fetched, seven days at most."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import Id, Sealed, UtcDateTime, new_id


class EvidencePackage(Base):
    """One package, encrypted to its recipient, and sealed once more under a key of its own that goes with it."""

    __tablename__ = "evidence_packages"

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"), index=True)
    asked_by: Mapped[str] = mapped_column(Id)
    """The advocate."""
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    """When it is deleted."""
    state: Mapped[str] = mapped_column(String(16))
    """monitor.exports.orders.PackageState."""
    reason: Mapped[str | None] = mapped_column(String(64))
    """Why it could not be made, as a code."""
    source_id: Mapped[str | None] = mapped_column(Id)
    """Only copies at this source; None: all."""
    language: Mapped[str] = mapped_column(String(8))
    content: Mapped[bytes] = mapped_column(Sealed)
    """Sealed monitor.model.records.package_order.PackageOrderRecord."""
    file: Mapped[bytes | None] = mapped_column(Sealed)
    """The encrypted package; None until it is made."""
    size: Mapped[int | None] = mapped_column(Integer)
    """Bytes of what is fetched."""
    fetched_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When it was fetched first."""


class PackageCase(Base):
    """A case that a package tells of."""

    __tablename__ = "evidence_package_cases"

    package_id: Mapped[str] = mapped_column(ForeignKey("evidence_packages.id"), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True, index=True)
