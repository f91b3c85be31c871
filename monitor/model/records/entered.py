"""What advocates entered for a person, as it is sealed: monitor.model.entered, field by field."""

from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import ClassVar, Self

from pydantic import AwareDatetime, Field

from monitor.model.entered import Answer, EnteredForPerson, MandateKind, Mark, Matter, Unconfirmed
from monitor.model.records.record import Record, RecordPart


class MarkPart(RecordPart):
    """Who entered a field."""

    by: str
    at: AwareDatetime
    confirmed_at: AwareDatetime | None


class UnconfirmedPart(RecordPart):
    """A matter that waits for the person's word."""

    by: str
    at: AwareDatetime
    values: dict[str, str]
    before: dict[str, str]
    in_effect: bool
    mandate: str | None


class AnswerPart(RecordPart):
    """What the person said to an entry."""

    to: AwareDatetime
    yes: bool
    names: tuple[str, ...]


class EnteredRecord(Record):
    """One a case, so its place names no row."""

    PLACE: ClassVar[str] = "entered"

    marks: dict[str, MarkPart]
    unconfirmed: dict[Matter, UnconfirmedPart]
    said: dict[Matter, AwareDatetime] = Field(default_factory=dict)
    """Not written at first."""
    answers: dict[Matter, AnswerPart] = Field(default_factory=dict)
    """Not written at first: a word that was given before is not known again."""

    @classmethod
    def of(cls, entered: EnteredForPerson) -> Self:
        """The record of what stands open."""
        return cls(
            marks={name: MarkPart(**asdict(mark)) for name, mark in entered.marks.items()},
            unconfirmed={matter: UnconfirmedPart(**asdict(told)) for matter, told in entered.unconfirmed.items()},
            said=dict(entered.said),
            answers={matter: AnswerPart(**asdict(answer)) for matter, answer in entered.answers.items()},
        )

    def entered(self) -> EnteredForPerson:
        """What `of` was given."""
        marks = {
            name: Mark(by=mark.by, at=mark.at.astimezone(UTC), confirmed_at=_utc(mark.confirmed_at))
            for name, mark in self.marks.items()
        }
        open_matters = {
            matter: Unconfirmed(**{**dict(told), "at": told.at.astimezone(UTC)})
            for matter, told in self.unconfirmed.items()
        }
        said = {matter: at.astimezone(UTC) for matter, at in self.said.items()}
        answers = {
            matter: Answer(to=answer.to.astimezone(UTC), yes=answer.yes, names=answer.names)
            for matter, answer in self.answers.items()
        }
        return EnteredForPerson(marks=marks, unconfirmed=open_matters, said=said, answers=answers)


class MandateRecord(Record):
    """What lets an advocate speak for the person, as the advocate saw it."""

    PLACE: ClassVar[str] = "mandate:{}"

    kind: MandateKind
    dated: date
    reference: str


def _utc(at: datetime | None) -> datetime | None:
    return None if at is None else at.astimezone(UTC)
