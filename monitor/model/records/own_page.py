"""A channel or account of the person's own, as it is sealed."""

from typing import ClassVar

from monitor.model.records.record import Record


class OwnPageRecord(Record):
    """What is found there is theirs: nobody is told to remove it."""

    PLACE: ClassVar[str] = "own-page:{}"

    platform: str
    handle: str
    """Lower case, without @."""
