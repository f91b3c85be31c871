"""Items of the queue: the copies of one picture of one case, whatever the channel, and one decision for all of them."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, StringConstraints

from api.deps import ID_PATTERN
from api.schemas.common import Body, Moment, ShortLine, View
from api.schemas.sightings import OVER, DecisionNamed, RouteName
from monitor.model.facts import Basis, PersonsWord, PictureKind, PostedWith
from monitor.model.queue_filters import AGES, VERDICTS
from monitor.model.states import Dismissal, SightingState
from monitor.model.viewings import Viewer
from monitor.notices.letters import RetractReason

Id = Annotated[str, StringConstraints(pattern=ID_PATTERN)]
Copies = Annotated[int, Field(ge=1, le=100_000)]


class ItemsAsked(Body):
    """Which items. A name or a value that is not known is refused, never passed over."""

    state: SightingState = SightingState.OPEN
    case_id: Id | None = None
    source: Annotated[str, StringConstraints(max_length=100)] | None = Field(
        None, description="platform:name, or a name alone"
    )
    verdict: Literal[*VERDICTS] | None = None  # type: ignore[valid-type]  # the values are the rule's own
    age: Literal[*AGES] | None = Field(None, description="found within, or waiting for more than")  # type: ignore[valid-type]
    fingerprint_id: Id | None = None
    page: int = Field(1, ge=1, le=999_999)
    limit: int = Field(25, ge=1, le=100)


class ItemLine(View):
    """One item. What harms most comes first, then what waits longest."""

    item_id: str = Field(description="of the copy that was found first; any copy's id names the item")
    case_id: str
    copies: int = Field(description="in this state")
    places: int
    since: Moment
    decided_at: Moment | None
    confident: bool
    minor: bool
    named: bool = Field(description="the person's name, school or contact stands beside it")
    total_copies: int = Field(description="found so far, without those that were dismissed")
    total_places: int
    asked: bool
    person_says: PersonsWord | None
    platform: str
    source: str
    kind: str
    identical: bool


class ItemList(View):
    """A page; `total` counts all that fit."""

    items: list[ItemLine]
    total: int


class GroundView(View):
    """A way that is on record of how it is known."""

    basis: Basis
    ground: str = Field(description="answer, link, person, police, centre, caption or place")
    at: Moment | None = Field(description="when it was said; null: it is read from the post")


class SaidView(View):
    """What somebody said of it, or is asked."""

    who: str = Field(description="answer: the person, on their page; person, police, centre: whoever looked")
    said: PersonsWord | None
    at: Moment | None
    asked_at: Moment | None


class ItemCopy(View):
    """One copy, as it was found. Never a picture."""

    sighting_id: str
    state: str
    platform: str
    source: str
    title: str | None = Field(description="what the channel calls itself")
    url: str = Field(repr=False)
    caption: str | None = Field(repr=False)
    number: int | None = Field(description="which picture of its post, from 1")
    album: bool
    posted_at: Moment
    found_at: Moment
    own_page: bool


class ChannelBeforeView(View):
    """What became of what this centre found there so far."""

    cases: int
    confirmed: int
    dismissed: int
    removed: int
    came_back: int
    first_found: Moment | None


class DecisionView(View):
    """What was decided last, and its moment: give both back where it is undone, and no other decision is."""

    state: SightingState
    decided_at: Moment


class StillFiled(View):
    """What a person filed or submitted, and must tell its recipient of themselves."""

    step: str
    filed_at: Moment
    reference: str | None = Field(repr=False)


class ItemWhole(View):
    """One item with all that helps to decide."""

    item_id: str
    case_id: str
    state: str
    count: int
    minor: bool
    police_first: bool
    how: str
    copies: list[ItemCopy] = Field(description="the first ten")
    grounds: list[GroundView] = Field(description="what may be stated of how it is known: only what is on record")
    said: list[SaidView]
    person_says: PersonsWord | None = Field(description="their last word, asked or to the centre; of any copy")
    decision: DecisionView | None = Field(description="the last one about these copies; null: none of them is decided")
    still_filed: list[StillFiled] = Field(description="stands with its recipient although these are confirmed no more")
    before: ChannelBeforeView = Field(description="of the channel of the first copy")


class ItemConfirmation(Body):
    """It is the person's picture, in every open copy."""

    basis: Basis = Field(description="one of the item's grounds")
    kind: PictureKind | None = Field(None, description="corrects what the picture is")
    routes: list[RouteName] | None = Field(
        None,
        max_length=20,
        description="null: those that are ticked beforehand, for each copy; []: none now; "
        "else those of these that lead to the copy's platform",
    )
    posted_with: list[PostedWith] = Field(default_factory=list, max_length=len(PostedWith))
    release: bool = Field(True, strict=True, description="let the person see where it is")
    copies: Copies | None = Field(None, description="how many open copies you saw: refused where that changed")
    over: PersonsWord | None = Field(None, description=OVER)


class ItemDismissal(Body):
    """It is not, or nothing is to be done, in every open copy."""

    reason: Dismissal
    copies: Copies | None = Field(None, description="how many open copies you saw: refused where that changed")


class ItemReopening(DecisionNamed):
    """Undo the last decision, or the one that is named."""

    reason: RetractReason | None = Field(
        None,
        description="needed once a notice left, and its recipient is told; once something was filed; once it is gone",
    )


class ItemPick(DecisionNamed):
    """One of several; to be undone, with the decision that is meant."""

    item_id: Id
    copies: Copies | None = None


class SeveralBody(Body):
    """One decision about several items."""

    items: list[ItemPick] = Field(min_length=1, max_length=100)
    decision: Literal["confirm", "dismiss", "reopen"]
    basis: Basis | None = Field(None, description="with confirm")
    reason: Dismissal | None = Field(None, description="with dismiss")


class WrittenNotice(View):
    """A notice that was written; nothing left."""

    notice_id: str
    sighting_id: str
    route: str
    state: str


class ItemDecision(View):
    """What became of it."""

    item_id: str
    case_id: str
    sighting_ids: list[str]
    own_page_ids: list[str] = Field(description="copies on a page of the person's own: they stay open")
    left_open: int = Field(description="copies that were too many for one go")
    notices: list[WrittenNotice]
    decided_at: Moment | None = Field(description="names this decision; null: opened again, or asked about")
    still_filed: list[StillFiled] = Field(
        description="stands with its recipient although a confirmation was taken back"
    )


class RefusedItem(View):
    """One that was left as it was."""

    item_id: str
    code: str


class SeveralDecision(View):
    """Each item is decided by itself."""

    decided: list[ItemDecision]
    refused: list[RefusedItem]


class HandOverBody(Body):
    """To a body that may view."""

    viewer: Literal["police", "centre"]
    language: Literal["ko", "en"] = "ko"


class HandOverText(View):
    """What is taken there: addresses, times and numbers."""

    text: str = Field(repr=False)


class ViewingBody(Body):
    """Somebody looked, and said what it is."""

    viewer: Viewer
    said: PersonsWord
    at: AwareDatetime | None = Field(None, description="null: now")
    who: ShortLine = Field("", repr=False)
    reference: ShortLine = Field("", repr=False)
