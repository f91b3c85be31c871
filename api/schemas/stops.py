"""Stopping an organisation's work, and letting it go on."""

from typing import Annotated

from pydantic import Field, StringConstraints

from api.deps import ID_PATTERN
from api.schemas.common import Body, Line, Moment, View
from monitor.cases.stops import LONGEST_REASON

AdvocateId = Annotated[str, StringConstraints(pattern=ID_PATTERN)]


class WhatToResume(Body):
    """The organisation's own work, or that of one of its advocates."""

    advocate_id: AdvocateId | None = Field(description="null: the organisation's")


class WhatToStop(WhatToResume):
    """The same, with the reason."""

    reason: Annotated[Line, StringConstraints(max_length=LONGEST_REASON, strip_whitespace=True)] = Field("", repr=False)


class StopView(View):
    """Something that is stopped. It goes on when two people have said so."""

    scope: str = Field(description="all, organisation, advocate")
    advocate_id: str | None
    advocate: str
    reason: str = Field(repr=False)
    stopped_at: Moment
    by_operator: bool
    by: str = Field(description="the advocate who stopped it; empty for the operator")
    asked_at: Moment | None = Field(description="when the first of the two said so; null: nobody has")
    asked_by: str
    may_ask: bool = Field(description="you may be the first")
    may_approve: bool = Field(description="you may be the second")


class StopList(View):
    """What is stopped of the organisation, the oldest first."""

    stops: list[StopView]


class ResumedView(View):
    """What your word did."""

    done: bool = Field(description="it goes on; else a second person must say so too")
