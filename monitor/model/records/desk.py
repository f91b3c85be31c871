"""A centre's own words about a case, as they are sealed under the case's key."""

from typing import ClassVar, Self

from monitor.model.desk import Called
from monitor.model.records.record import Record


class CaseDeskRecord(Record):
    """Its name and tags. One a case and centre; its row is the centre's."""

    PLACE: ClassVar[str] = "case-desk:{}"

    name: str
    tags: tuple[str, ...]

    @classmethod
    def of(cls, called: Called) -> Self:
        """The record of what an advocate wrote."""
        return cls(name=called.name, tags=called.tags)

    def called(self) -> Called:
        """What `of` was given."""
        return Called(self.name, self.tags)


class CaseNoteRecord(Record):
    """Plain text, and nothing else."""

    PLACE: ClassVar[str] = "case-note:{}"

    text: str
