"""The intake as it is sealed: monitor.model.facts.Intake, field by field."""

from dataclasses import asdict
from datetime import UTC, date
from typing import ClassVar, Self

from pydantic import AwareDatetime

from monitor.model.facts import AgeGroup, Intake, SenderRole, Timing
from monitor.model.records.record import Record


class IntakeRecord(Record):
    """One a case, so its place names no row."""

    PLACE: ClassVar[str] = "intake"

    age_group: AgeGroup
    country: str
    language: str
    sender_role: SenderRole
    signature: str
    mandate_reference: str
    good_faith_facts: str
    content_identification: str
    contact: str
    permission_to_send_at: AwareDatetime | None
    timing: Timing
    police_until: date | None

    @classmethod
    def of(cls, intake: Intake) -> Self:
        """The record of what the person told."""
        return cls(**asdict(intake))

    def intake(self) -> Intake:
        """What `of` was given."""
        at = self.permission_to_send_at
        values = {name: value for name, value in self if name != "record_version"}
        return Intake(**values | {"permission_to_send_at": at and at.astimezone(UTC)})
