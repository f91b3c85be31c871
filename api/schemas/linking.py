"""What cases have in common, in counts: of the own centre as they are, over several rounded and for leads only."""

from pydantic import Field

from api.schemas.common import Body, Moment, View


class CountedView(View):
    """Open and confirmed sightings of the centre's own vouched cases."""

    cases: int
    posts: int
    first_seen: Moment | None


class AcrossView(View):
    """At least so many, over the centres that share; rounded down to fives."""

    cases: int
    posts: int


class PlaceView(View):
    """A channel or account where something of the centre's was found."""

    source_id: str
    platform: str
    source: str
    counted: CountedView
    confirmed: int = Field(description="confirmed copies that stand there now")
    across: AcrossView | None = Field(
        description="for leads, where the centre shares: from 5 cases of 3 centres that share, else null"
    )


class PlaceList(View):
    """A page of them, most cases first."""

    places: list[PlaceView]
    total: int
    shares: bool = Field(description="whether the centre shares counts with others that do")


class LinkedView(View):
    """What one sighting has in common with others of the centre, itself included."""

    channel: CountedView
    channel_across: AcrossView | None
    account: CountedView | None = Field(description="who posted it, where that is not the channel itself")
    account_across: AcrossView | None
    origin: CountedView | None = Field(description="whence it was forwarded; null: it was not, or nobody can tell")
    origin_across: AcrossView | None
    file: CountedView | None = Field(description="the very same file; null for some seconds after it was found")
    file_across: AcrossView | None


class Sharing(Body):
    """Whether the centre's cases count, rounded, for leads of other centres that share too."""

    share: bool
