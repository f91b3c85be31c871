"""What a person is asked about their own address in one notice, as it is sealed."""

from typing import ClassVar

from monitor.model.records.record import Record


class AddressRecord(Record):
    """See monitor.notices.address."""

    PLACE: ClassVar[str] = "address:{}"

    recipient: str
    """Who would get it."""
    address: str
    """As it would stand in the notice."""
