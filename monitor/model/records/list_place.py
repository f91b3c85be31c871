"""A place on a centre's list, as it is sealed under the centre's own key."""

from typing import ClassVar

from monitor.model.records.record import Record


class ListPlaceRecord(Record):
    """A public channel or account, and what the centre wrote about it."""

    PLACE: ClassVar[str] = "list-place:{}"

    platform: str
    handle: str
    """Lower case, without @."""
    note: str = ""
