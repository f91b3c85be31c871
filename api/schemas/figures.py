"""Figures of notices by platform and route, and how long copies stood."""

from pydantic import Field

from api.schemas.common import Moment, View


class RouteFiguresView(View):
    """The notices of one route to one platform. Each that left is one of those down to waiting."""

    platform: str
    route: str
    sent: int = Field(description="that left")
    acknowledged: int = Field(description="answered by the recipient in any way; overlaps with the others")
    removed: int = Field(description="about copies that two checks found gone; it counts for each notice about a copy")
    refused: int
    bounced: int
    silent: int = Field(description="whose time is over without an answer and without a removal")
    retracted: int = Field(description="taken back after they had left")
    waiting: int = Field(description="in time, or answered and not done")
    median_hours: int | None = Field(description="whole hours from leaving until the copy was first found gone")
    p90_hours: int | None
    removed_share: float | None = Field(description="of those that are not waiting, 0 to 1")
    reupload_rate: float | None = Field(description="of the removed copies, those that were found again, 0 to 1")
    retracted_per_100: float | None = Field(description="taken back after they had left, of a hundred that left")
    wrong_per_100: float | None = Field(description="about copies that are not confirmed any more, of a hundred")


class StandingView(View):
    """How long copies stood, from posting until they were gone."""

    platform: str
    whose: str = Field(
        description="ours; of the EU's transparency database: noticed (somebody had given notice), unasked"
    )
    copies: int
    median_hours: int | None
    p90_hours: int | None


class FiguresView(View):
    """The centre's own figures; a row only where something left."""

    since: Moment | None = Field(description="notices that left since then; null: ever")
    routes: list[RouteFiguresView]
    standing: list[StandingView]
    published_from: Moment | None = Field(description="days of the EU's database that were loaded; null: nothing was")
    published_until: Moment | None


class PublicRowView(View):
    """One route to one platform, over all centres. null: fewer than ten."""

    platform: str
    route: str
    sent: int = Field(description="rounded down to fives, as every count here")
    acknowledged: int | None
    removed: int | None
    refused: int | None
    silent: int | None
    median_hours: int | None
    p90_hours: int | None
    reupload_percent: int | None


class PublicFiguresView(View):
    """What everybody may see, where the operator switched it on."""

    made_at: Moment = Field(description="at most an hour ago")
    routes: list[PublicRowView]
