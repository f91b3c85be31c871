"""What the police ask platforms to keep."""

from typing import Annotated

from pydantic import AwareDatetime, Field

from api.schemas.common import Body, Moment, ShortLine, View
from monitor.exports.custody.events import CustodyAct
from monitor.platforms.base import PlatformName


class DraftView(View):
    """A text for the police to complete, sign and send."""

    platform: PlatformName
    language: str
    address: str = Field(description="where the police hand it in; empty where no source names a place")
    subject: str
    body: str = Field(repr=False)


class PreservationView(View):
    """A request that was sent, as the police told."""

    preservation_id: str
    platform: PlatformName
    reference: str
    sent_at: Moment
    renew_at: Moment = Field(description="from then on a renewal is due")
    ends_at: Moment
    latest: bool = Field(description="false: it was renewed or corrected since")
    needed: bool = Field(description="it counts; false: renewed, corrected, or not needed any more")
    dropped: bool = Field(description="somebody said, after it was recorded, that it is not needed any more")
    corrected: bool = Field(description="its day was wrong; another request names the right one")


class CustodyEventView(View):
    """Who did what with the evidence: by the ledger's entry of this number."""

    seq: int
    at: Moment
    act: CustodyAct
    kind: str
    who: str = Field(description="person, advocate, code, platform, operator or program; empty where it is not known")
    name: str = Field(description="of an advocate", repr=False)
    about: dict[str, str] = Field(description="ids and codes")


class PreservationsView(View):
    """Drafts in both languages, what was recorded, the newest first, and the chain of custody in its order."""

    drafts: list[DraftView]
    recorded: list[PreservationView]
    custody: list[CustodyEventView]


PreservationId = Annotated[str, Field(pattern="^[a-z2-7]{26}$")]


class PreservationBody(Body):
    """The police sent a request, or renewed it."""

    platform: PlatformName
    sent_at: AwareDatetime = Field(description="within the last 90 days")
    reference: ShortLine = Field("", description="the platform's or the police's number, where they told it")
    corrects: PreservationId | None = Field(
        None,
        description="the request that counts (`needed`) whose day was wrong: this one takes its place",
    )
