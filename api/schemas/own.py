"""What is the person's own."""

from typing import Annotated

from pydantic import Field, StringConstraints

from api.schemas.common import Body, Line, Moment, View
from api.schemas.entered import EnteredBy
from monitor.platforms.base import PlatformName


class OwnPageBody(Body):
    """A public channel or account of the person's own."""

    platform: PlatformName
    source: Annotated[Line, StringConstraints(min_length=1, max_length=300, strip_whitespace=True)] = Field(
        description="@name or its link", repr=False
    )


class OwnPageView(View):
    """As it is kept."""

    own_page_id: str
    platform: str
    source: str = Field(repr=False)
    added_at: Moment
    entered_by: EnteredBy | None = Field(description="the advocate who entered it for the person; null: the person")


class OwnPageList(View):
    """All that were named."""

    own_pages: list[OwnPageView]


class OwnPageNamed(OwnPageList):
    """And what naming it did to notices that had not left, of those that the caller sees."""

    stopped_notices: int
