"""The optional mailbox that is told that there is something to read."""

from typing import Literal

from pydantic import Field

from api.schemas.common import Body, Moment, ShortLine, View


class NewsMailBody(Body):
    """Where, and as what. Whoever sees the mailbox sees sender, subject and `mailed_from`."""

    address: ShortLine = Field(repr=False)
    sender: ShortLine = Field(description="the name shown as the sender, at most 60 characters", repr=False)
    subject: ShortLine = Field(description="at most 100 characters, without links", repr=False)
    language: Literal["ko", "en"] = Field(description="of the one sentence in it")


class NewsMailView(View):
    """What the person chose. Null fields: it is off."""

    available: bool = Field(description="whether the operator set a neutral address")
    vouched: bool = Field(description="somebody has vouched: before that no mailbox can be named")
    mailed_from: str = Field(description="that address, which stands in every mail")
    on: bool
    address: str | None = Field(repr=False)
    sender: str | None = Field(repr=False)
    subject: str | None = Field(repr=False)
    since: Moment | None
    stopped: str | None = Field(description="why no more mail goes there: a code, such as bounced")
    told_at: Moment | None = Field(description="when the last mail was handed over")
