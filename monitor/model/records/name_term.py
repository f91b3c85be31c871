"""A word that names the person, as it is sealed under the case's key."""

from typing import ClassVar

from monitor.model.records.record import Record


class NameTermRecord(Record):
    """What it is, and the word in one spelling."""

    PLACE: ClassVar[str] = "name-term:{}"

    kind: str
    """monitor.model.names.TermKind."""
    term: str
