"""A case goes to another centre; a passphrase is drawn anew."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from api.deps import ID_PATTERN
from api.schemas.common import Body, Line, Moment, ShortLine, View
from monitor.model.transfers import MOST_DAYS, USUAL_DAYS, TransferState


class TransferWanted(Body):
    """Ask the person whether their case may go to another centre."""

    case_id: str = Field(
        pattern=ID_PATTERN, description="of the own centre's case; or of the one whose number was told"
    )
    to: ShortLine = Field(
        "", description="name of the centre that gets it; empty: the own one, which was told the number"
    )
    days: Annotated[int, Field(strict=True, ge=1, le=MOST_DAYS)] = Field(
        USUAL_DAYS, description="how long the person can say yes"
    )


class Comparing(Body):
    """Whether whole pictures are compared with those of other centres that compare, too."""

    on: bool = Field(strict=True)


class TransferView(View):
    """One transfer. Before the person's yes a centre that is to get the case learns nothing of it."""

    transfer_id: str
    from_centre: str
    to_centre: str
    asked_by_centre: str = Field(description="the one of the two whose advocate asked")
    state: TransferState
    asked_at: Moment
    expires_at: Moment
    answered_at: Moment | None
    ends_with: str = Field(description="the last signs of the case's number; empty where the centre was not told it")
    mine: bool = Field(description="the own centre asked, and can take it back")
    incoming: bool = Field(description="the own centre is the one that gets the case")


class TransferList(View):
    """The newest first; for the person the oldest first."""

    transfers: list[TransferView]
    total: int


class TransferDone(View):
    """What a yes did."""

    stopped_notices: int = Field(description="that had not left: they speak in the name of the centre before")


class NumberView(View):
    """Where a case with this number is: `here`, `waiting` for any centre, or `elsewhere`, with another centre."""

    where: Literal["here", "waiting", "elsewhere"]


class ReissueView(View):
    """A new passphrase that a lead asked for."""

    case_id: str
    asked_at: Moment
    due_at: Moment = Field(description="from when on a lead can draw it; until it is drawn it can be called off")
    ends_at: Moment = Field(description="from when on it must be asked for again")
    on_hold: bool = Field(description="the case is: nobody can draw it, and both times move on by as long as it lasts")
    centre: str


class ReissueState(View):
    """Whether one waits."""

    waiting: ReissueView | None


class ReissueList(View):
    """The first to be due first."""

    waiting: list[ReissueView]


class DrawnPassphrase(View):
    """Shown once, and kept nowhere."""

    passphrase: str = Field(repr=False)


class NewWords(DrawnPassphrase):
    """The person's own new words, which open nothing yet."""

    mark: str = Field(repr=False, description="with it the words are put in force, for half an hour")


class NewWordsBody(Body):
    """Words that were drawn, once the person has them."""

    passphrase: Annotated[Line, StringConstraints(max_length=1000)] = Field(repr=False)
    mark: Annotated[Line, StringConstraints(max_length=200)] = Field(repr=False)


class ChangedPassphrase(View):
    """The new words are in force. Every other log-in of the person ended; this one goes on with the token."""

    token: str = Field(repr=False)
