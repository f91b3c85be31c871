"""The two ports through which a past day of the demo went: a platform that shows what it is told to, a way out that
ends as it is told to. Both stand in memory; the programs that follow talk to the doubles over the network."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from monitor.core.errors import DeliveryRefused, InDoubt
from monitor.delivery.base import Outgoing, Receipt
from monitor.platforms.base import Media, Page, PlatformName, Post, PostStatus, Presence, SourceRef


class Ending(StrEnum):
    """How an attempt to send ends."""

    ARRIVES = "arrives"
    REFUSED = "refused"
    DOUBTFUL = "doubtful"
    CUT_OFF = "cut-off"
    """The program dies before it hears how it ended."""


class CutOff(BaseException):
    """The program died here: nothing that catches errors catches this."""


class WayOut:
    """A Delivery. `ending` is for the next attempt."""

    def __init__(self) -> None:
        self.ending = Ending.ARRIVES

    async def send(self, outgoing: Outgoing) -> Receipt:
        """See Delivery."""
        match self.ending:
            case Ending.ARRIVES:
                return Receipt(None, {"smtp_reply": "250 2.0.0"} if outgoing.message_id else {})
            case Ending.REFUSED:
                raise DeliveryRefused("mailbox-unknown")
            case Ending.DOUBTFUL:
                raise InDoubt("connection-lost")
            case Ending.CUT_OFF:
                raise CutOff


class Eyes:
    """A Platform of which a post is asked for by itself: it is as `presence` says."""

    connected = False

    def __init__(self, name: PlatformName, account: str, known: Mapping[str, SourceRef]) -> None:
        """`account`: key of the login that the programs work with. `known`: the sources by handle."""
        self.name, self.account, self._known = name, account, known
        self.presence = Presence.LIVE

    async def check(self) -> str:
        """See Platform."""
        return "demo"

    async def resolve(self, handle: str) -> SourceRef:
        """See Platform."""
        return self._known[handle]

    async def page(self, source: SourceRef, cursor: str | None, *, since: datetime, limit: int = 100) -> Page:
        """See Platform: nothing is read here."""
        return Page((), cursor)

    async def read(self, media: Media, *, max_bytes: int) -> bytes:
        """See Platform: nothing is read here."""
        return b""

    async def post(self, source: SourceRef, post_id: str) -> Post | None:
        """See Platform: nothing is read here."""
        return None

    async def post_status(self, source: SourceRef, post_id: str, media_ids: tuple[str, ...]) -> PostStatus:
        """See Platform."""
        return PostStatus(self.presence, "demo")

    async def standing(self, source: SourceRef, post_ids: Sequence[str]) -> Mapping[str, tuple[str, ...] | None] | None:
        """See Platform: nothing is asked here."""
        return None

    async def close(self) -> None:
        """See Platform."""
