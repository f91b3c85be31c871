"""Who may have looked at a copy, as the basis of what a notice says. Pure values."""

from enum import StrEnum


class Viewer(StrEnum):
    """Who looked."""

    POLICE = "police"
    CENTRE = "centre"
    """A support centre, or an authority, that may view such pictures."""
    PERSON = "person"
    """The person themselves, and told the centre so."""
