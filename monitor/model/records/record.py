"""What every sealed record has in common: frozen, versioned, validated when it is opened, silent about its content.

A record's fields are what stands in the sealed JSON, key by key. `record_version` was not written at first: a value
without it is of version 1. A later version of a record raises `le`, takes both shapes (a validator of mode "before"
brings the old one into the new), and writes the new one.
"""

from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from monitor.core.errors import RecordInvalid, RecordTooNew


class RecordPart(BaseModel):
    """A record, or a value inside one."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, hide_input_in_errors=True)

    def __repr__(self) -> str:
        # What is sealed must never reach a log.
        return f"{type(self).__name__}(...)"

    __str__ = __repr__


class Record(RecordPart):
    """A value of a case as it is sealed. Build it by its fields or its `of`; get it back with `opened`."""

    PLACE: ClassVar[str]
    """What binds the sealed value to its row, with {} for the row's id. It is stored so and never changes."""

    record_version: int = Field(default=1, ge=1, le=1)

    @classmethod
    def place(cls, row_id: str) -> str:
        """Where the record of this row is at home, such as `notice:ID`."""
        return cls.PLACE.format(row_id)

    def as_json(self) -> dict[str, Any]:
        """What is sealed: plain values, times in ISO 8601."""
        return self.model_dump(mode="json")

    def content(self) -> dict[str, Any]:
        """What `as_json` gives, without the record's version: for the ledger and for whoever reads the answer."""
        return self.model_dump(mode="json", exclude={"record_version"})

    @classmethod
    def opened(cls, data: bytes) -> Self:
        """What `as_json` gave, as bytes of JSON.

        Raises RecordTooNew for a later version, RecordInvalid for anything else that is not of this record's shape.
        """
        try:
            return cls.model_validate_json(data)
        except ValidationError as error:
            faults = [
                (fault["loc"], fault["type"]) for fault in error.errors(include_input=False, include_context=False)
            ]
        # Outside the clause, so that the error raised does not carry the one that could quote values.
        if (("record_version",), "less_than_equal") in faults:
            raise RecordTooNew(cls.__name__)
        raise RecordInvalid(cls.__name__, tuple(dict.fromkeys(cls._named(place) for place, _ in faults)))

    @classmethod
    def _named(cls, place: tuple[int | str, ...]) -> str:
        """The record's own field where something is wrong. An unknown key may be content, so it has no name."""
        if not place:
            return "no object of JSON"
        return str(place[0]) if place[0] in cls.model_fields else "an unknown field"
