"""What the last check that found a reported copy showed, as it is sealed: where it is now, and for whom."""

from typing import ClassVar

from pydantic import AwareDatetime

from monitor.model.records.record import Record


class CheckRecord(Record):
    """A name may change, and an edited post gets a new number: what follows must name the place as it is."""

    PLACE: ClassVar[str] = "check:{}"

    at: AwareDatetime
    url: str
    handle: str
    """Empty where the platform did not tell."""
    post_id: str
    restricted: bool
    """Withheld, not removed."""
    for_all: bool
    """Withheld from every viewer."""
    countries: tuple[str, ...] = ()
    """Where it is withheld, as far as the platform names countries. Older rows have none."""
