"""A second way to see whether a post stands: without the account, as anybody on the web sees it.

What the platform tells one account may be about that account. So what it says is gone must look gone from outside too,
wherever one can see from outside.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from monitor.platforms.base import PlatformName, Presence


class Sight(StrEnum):
    """What was seen. The values are stored with the copy and in the ledger."""

    POST = "post"
    """The post stands, with a picture or with something that may hold one."""
    NO_PICTURE = "no-picture"
    """The post stands, and there is no picture in it."""
    GONE = "gone"
    """It says that there is no such post."""
    CANNOT_SEE = "cannot-see"
    """A redirect, no preview, an error: nothing is known."""


@dataclass(frozen=True, slots=True)
class SecondLook:
    """One look, with why in a short code."""

    sight: Sight
    reason: str
    response_sha256: str = ""
    """Of the page as it came; empty where none did."""


class SecondView(Protocol):
    """Looks at one post without an account. Whatever goes wrong is CANNOT_SEE, never an error."""

    platforms: frozenset[PlatformName]
    """Whose posts it can look at."""

    async def look(self, handle: str, post_id: str) -> SecondLook:
        """Look once: one page, no picture."""


def contradicts(presence: Presence, sight: Sight) -> bool:
    """Does the second view still see what the account says is gone?

    Where another picture took the place of the reported one, the second view cannot tell them apart.
    """
    if presence is Presence.DELETED:
        return sight in (Sight.POST, Sight.NO_PICTURE)
    return presence is Presence.TAKEN_OUT and sight is Sight.POST
