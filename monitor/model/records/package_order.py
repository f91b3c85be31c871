"""What a package of evidence was ordered for, as it is sealed."""

from typing import ClassVar

from pydantic import Field

from monitor.model.records.record import Record


class PackageOrderRecord(Record):
    """Whom it is for, and how it is closed."""

    PLACE: ClassVar[str] = "package:{}"

    recipient: str
    """As the advocate named them."""
    made_by: str
    """The advocate's name."""
    age_key: str
    """The recipient's public key; empty where a passphrase closes it."""
    passphrase: str = Field(repr=False)
    """Only until the package is made: it was shown once, and is told by phone."""
