"""Who asks. Every query about a case takes one, so that the owner is inside the query."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class PersonActor:
    """The person with the passphrase of one case."""

    case_id: str


@dataclass(frozen=True, slots=True)
class AdvocateActor:
    """An advocate of an organisation. `name` is what notices are signed with."""

    id: str
    organisation_id: str
    name: str
    lead: bool = False
    """May stop the organisation's work and freeze its cases."""
    next_break_at: datetime | None = None
    """When they are reminded of a break, in real time; None: never."""


@dataclass(frozen=True, slots=True)
class OperatorActor:
    """Somebody who keeps the installation's accounts. No query about a case takes one, and it is no `Actor`: so no
    call about a case can be made for it."""

    id: str
    name: str


Actor = PersonActor | AdvocateActor


ORGANISATIONS_KEPT = 64
"""Statements that are made once for each organisation, where making one takes longer than answering it."""


def any_of(organisation_id: str) -> AdvocateActor:
    """Whom a statement is made for that asks what all advocates of an organisation see alike."""
    return AdvocateActor("", organisation_id, "")
