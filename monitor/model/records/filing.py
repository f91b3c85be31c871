"""A step that a person filed, as it is sealed: the text that was prepared for it, its reference, and the answer."""

from typing import ClassVar

from monitor.model.records.record import Record


class FilingRecord(Record):
    """What was filed, where, and what it answered at once."""

    PLACE: ClassVar[str] = "filing:{}"

    address: str
    subject: str
    body: str
    """As it was prepared; what the person typed over there is theirs."""
    reference: str
    """Empty where the recipient gave none."""
    note: str
    """The advocate's own words."""


class FilingAnswerRecord(Record):
    """What the recipient answered later, in the advocate's words."""

    PLACE: ClassVar[str] = "filing-answer:{}"

    text: str
