"""Who may do what: one table of the roles and their rights. Every door asks it, and none holds a rule of its own.

A right says what kind of thing; whose cases it is about is said by the query (db/queries): an advocate's and a lead's
end at their own organisation, and an operator has none. See docs/decisions/0096-three-roles-and-one-table.md.
"""

from collections.abc import Mapping
from enum import StrEnum

from db.queries.actors import AdvocateActor, OperatorActor
from monitor.core.errors import RuleBroken
from monitor.core.refusals import Refusal


class Role(StrEnum):
    """What somebody with a log-in of their own is. The values go to the ledger: add, never rename."""

    ADVOCATE = "advocate"
    LEAD = "lead"
    """An advocate who answers for their centre, too."""
    OPERATOR = "operator"
    """Keeps the installation running: accounts of every centre, and no case's content, not even that there is one."""


class Right(StrEnum):
    """A kind of thing that can be done."""

    OWN_ACCOUNT = "own-account"
    """One's own ways to log in, sessions, and name for work."""
    CASES = "cases"
    """Everything about cases of the own centre: reading, deciding, notices, evidence, messages, the pool."""
    CENTRE = "centre"
    """What the own centre keeps for all of its advocates: codes to hand out, the list of places."""
    LEAD_CENTRE = "lead-centre"
    """What only somebody who answers for the centre decides: what it tells of itself, stops, holds, reports."""
    SEE_COLLEAGUES = "see-colleagues"
    """Who works here, in which role, and which ways to log in they have."""
    MANAGE_COLLEAGUES = "manage-colleagues"
    """Roles, and a lost phone, of the own centre's accounts; one of two words."""
    MANAGE_ACCOUNTS = "manage-accounts"
    """The same of every centre's accounts."""


_EVERYBODY = frozenset({Right.OWN_ACCOUNT})
_ADVOCATE = _EVERYBODY | {Right.CASES, Right.CENTRE, Right.SEE_COLLEAGUES}
RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.ADVOCATE: _ADVOCATE,
    Role.LEAD: _ADVOCATE | {Right.LEAD_CENTRE, Right.MANAGE_COLLEAGUES},
    Role.OPERATOR: _EVERYBODY | {Right.SEE_COLLEAGUES, Right.MANAGE_ACCOUNTS},
}
"""All of it: what is not here is not allowed."""


def role_of(actor: AdvocateActor | OperatorActor) -> Role:
    """The role of somebody who is logged in."""
    if isinstance(actor, OperatorActor):
        return Role.OPERATOR
    return Role.LEAD if actor.lead else Role.ADVOCATE


def may(role: Role, right: Right) -> bool:
    """Whether this role has this right."""
    return right in RIGHTS[role]


def require(role: Role, *rights: Right) -> None:
    """Pass whoever has one of these rights. Raises RuleBroken: NO_CASE_CONTENT for an operator, else LEADS_ONLY."""
    if any(may(role, right) for right in rights):
        return
    if role is Role.OPERATOR:
        raise RuleBroken(Refusal.NO_CASE_CONTENT, "an operator's account keeps accounts, and sees nothing of cases")
    if all(right is Right.MANAGE_ACCOUNTS for right in rights):
        raise RuleBroken(Refusal.OPERATORS_ONLY, "only an operator can do this")
    raise RuleBroken(Refusal.LEADS_ONLY, "only a lead of your organisation can do this")
