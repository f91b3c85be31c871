"""Possible copies, and what an advocate decides about them. Never a picture."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, AwareDatetime, Field, model_validator

from api.schemas.common import Body, Moment, View
from monitor.model.facts import Basis, PersonsWord, PictureKind, PostedWith
from monitor.model.states import Dismissal
from monitor.notices.letters import RetractReason
from monitor.notices.route_table import ROUTES


class ReleasedSighting(View):
    """A confirmed copy whose place the advocate released: what the person sees."""

    sighting_id: str
    case_id: str
    platform: str
    source: str
    post_id: str
    url: str = Field(repr=False)
    posted_at: Moment
    found_at: Moment
    kind: str
    state: str
    presence: str | None = Field(
        description="what the last check showed: live, edited, deleted, taken-out, replaced, "
        "restricted, blocked (in some countries), login, unknown"
    )
    looked_at: Moment | None
    removed_at: Moment | None = Field(description="set once two checks apart in time found it gone")
    gone: str | None = Field(description="of a removed copy: post, or picture where the post still stands")
    came_back_at: Moment | None = Field(None, description="when it was seen again after its receipt")
    own_page: bool = Field(False, description="it stands on a page that the person named as their own: never reported")


class SightingView(ReleasedSighting):
    """A possible copy as an advocate sees it."""

    media_id: str
    verdict: str
    distance: int | None = Field(description="PDQ distance in bits of 256; null for a link that the person entered")
    quality: int | None
    how: str
    identical: bool
    caption: str | None = Field(repr=False)
    decided_at: Moment | None
    basis: str | None
    dismissal: str | None
    released: bool
    item_id: str | None = Field(None, description="the first confirmed copy of the same picture")
    by_itself_at: Moment | None = Field(None, description="when it was reported with no other decision")
    second_view: str | None = Field(None, description="what its web page showed: post, no-picture, gone, cannot-see")
    asked_at: Moment | None = Field(None, description="when the person was asked whether it is theirs")
    person_says: PersonsWord | None = Field(None, description="what they answered")


class SightingList(View):
    """A page; `total` counts all that fit the question."""

    sightings: list[SightingView]
    total: int


class ReleasedList(View):
    """What the person sees."""

    sightings: list[ReleasedSighting]
    total: int


def _known(name: str) -> str:
    if name not in ROUTES:
        raise ValueError(f"routes are: {', '.join(ROUTES)}")
    return name


def _enumerate(schema: dict[str, Any]) -> None:
    """Read when the schema is: an operator may have added routes at start."""
    schema["enum"] = [name for name, route in ROUTES.items() if route.first]


RouteName = Annotated[str, AfterValidator(_known), Field(json_schema_extra=_enumerate)]


class RoutesWanted(Body):
    """By which routes."""

    routes: list[RouteName] = Field(min_length=1, max_length=20)


OVER = 'the person\'s word that you have read: where it is "no", nothing is confirmed without it'


class DecisionNamed(Body):
    """The decision that is undone, as you saw it: another one is refused. Without it, the last one is meant."""

    state: Literal["confirmed", "dismissed"] | None = Field(None, description="with `decided_at`: what was decided")
    decided_at: AwareDatetime | None = Field(None, description="with `state`: its moment")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.state is None) != (self.decided_at is None):
            raise ValueError("state and decided_at go together")
        return self


class Confirmation(Body):
    """This is the person's picture, and how that is known."""

    basis: Basis
    kind: PictureKind | None = Field(None, description="corrects what the picture is")
    routes: list[RouteName] | None = Field(
        None, max_length=20, description="null: the first route that may be taken; []: none now"
    )
    posted_with: list[PostedWith] = Field(
        default_factory=list, max_length=len(PostedWith), description="what stands beside the picture in the post"
    )
    release: bool = Field(True, strict=True, description="let the person see where it is")
    over: PersonsWord | None = Field(None, description=OVER)


class DismissalBody(Body):
    """Why nothing is done about it."""

    reason: Dismissal


class Reopening(DecisionNamed):
    """Why a confirmation is taken back; a dismissal needs no reason."""

    reason: RetractReason | None = None


class OfferView(View):
    """A route, and whether it may be taken now."""

    route: str
    channel: str
    allowed: bool
    reason: str
    explanation: str
    missing: list[str] = Field(description="names of required fields that are empty")
    law: str
    deadline_hours: int | None
    confirmed: bool = Field(description="false: no source confirms it yet, please check")
    title: str
    ticked: bool = Field(description="taken unless the advocate chooses otherwise")
    why: list[str] = Field(description="why it stands where it does; for one that may not be taken, why not")
    doubts: list[str] = Field(description="keys of its file that no source confirms")
    poster_learns: str = Field(description="what the poster or the public will learn; empty: no source tells")
    warning: str
    counsel: list[str] = Field(description="what a lawyer must settle")
    bring: list[str] = Field(description="what the person brings, or types there themselves")


class OfferList(View):
    """Every route, judged: the best first, those that may not be taken last."""

    offers: list[OfferView]
