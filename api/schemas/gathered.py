"""The centre's own copies by channel, by who posted them, by whence they came, by file."""

from pydantic import Field

from api.schemas.common import Moment, View
from api.schemas.linking import CountedView


class AuthorView(View):
    """Who posted, or whence it was forwarded, as the platform names them; empty where it does not."""

    id: str = Field(repr=False)
    handle: str = Field(repr=False)
    name: str = Field(repr=False)


class RingView(View):
    """What several copies have in common; `sighting_id` is one that has it: the address of the others."""

    sighting_id: str
    platform: str
    author: AuthorView
    counted: CountedView


class RingsView(View):
    """A page, most cases first."""

    rings: list[RingView]
    total: int


class GatheredCopyView(View):
    """One copy, with its case."""

    sighting_id: str
    case_id: str
    case_name: str = Field(description="what the centre calls the case; may be empty", repr=False)
    platform: str
    source: str
    state: str
    posted_at: Moment
    found_at: Moment
    removed_at: Moment | None


class GatheredView(View):
    """A page of copies, and how many cases and posts there are in all."""

    copies: list[GatheredCopyView]
    counted: CountedView
    author: AuthorView | None = Field(description="where they are gathered by one")
