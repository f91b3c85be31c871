"""What is the person's own."""

from typing import Annotated

from pydantic import Field, StringConstraints

from api.schemas.common import Body, Line, Moment, View
from api.schemas.entered import EnteredBy
from monitor.model.names import TermKind
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


class NamesSwitch(Body):
    """Whether the person lets their names be looked for."""

    on: bool = Field(strict=True)


class TermBody(Body):
    """A word that names the person."""

    kind: TermKind
    text: Annotated[Line, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)] = Field(repr=False)


class TermDecision(Body):
    """Whether a word is this person's."""

    approved: bool = Field(strict=True)


class TermView(View):
    """A word as it is kept."""

    term_id: str
    kind: str
    term: str = Field(repr=False)
    state: str = Field(description="asked: not looked for before an advocate approved it; approved; declined")
    entered_at: Moment
    decided_at: Moment | None


class NamesView(View):
    """Names that are looked for in the text of posts: two together make a sighting for review."""

    offered: bool = Field(description="whether the operator switched it on")
    on: bool = Field(description="whether the person did")
    terms: list[TermView]
